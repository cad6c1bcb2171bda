/* Times as a user writes them on the command line. */
#ifndef TELLTALE_SINCE_H
#define TELLTALE_SINCE_H

#include <stdbool.h>
#include <stdint.h>

/* As moment_parse(): "2h" ago, "09:00", "yesterday 9:00", "2026-09-14 08:30",
 * ISO 8601. False for anything else. */
bool since_parse(const char *text, int64_t now_ms, int64_t *ms);

#endif
