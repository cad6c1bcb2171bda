/* What is wrong with lines of an import, on standard error. */
#include "command/import.h"

#include <inttypes.h>
#include <stdio.h>

#include "command/command.h"

#include "base/banned.h"

#define SAID_MAX 20

void import_clear_line(const struct import *import)
{
    if (import->terminal)
        fputs("\r\033[K", stderr);
}

void import_wrong(struct import *import, const char *file, uint64_t line,
                  const char *why)
{
    import->counts.skipped++;
    if (import->told == SAID_MAX)
        return;
    import_clear_line(import);
    command_fail(EXIT_FAILED, "%s:%" PRIu64 ": %s", file, line, why);
    if (++import->told == SAID_MAX)
        fputs("telltale: what else is wrong is counted and not said\n",
              stderr);
}
