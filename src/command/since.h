/* Times as a user writes them on the command line. */
#ifndef TELLTALE_SINCE_H
#define TELLTALE_SINCE_H

#include <stdbool.h>
#include <stdint.h>

/* "5m", "2h", "7d" ago; "09:00" today, or yesterday while it is not nine
 * yet; "2026-09-14" and "2026-09-14 08:30" local time; ISO 8601 with Z or an
 * offset. False for anything else. */
bool since_parse(const char *text, int64_t now_ms, int64_t *ms);

#endif
