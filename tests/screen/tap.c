/* TAP, for the screen tests. It judges nothing. */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

static int cases, failures;

void ok(bool good, const char *sentence)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++cases, sentence);
    failures += !good;
    fflush(stdout);
}

void note(const char *format, ...)
{
    va_list args;

    fputs("# ", stdout);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    fputc('\n', stdout);
}

int done(void)
{
    printf("1..%d\n", cases);
    return failures > 0;
}
