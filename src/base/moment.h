/* A moment that is over, as people write it. */
#ifndef TELLTALE_MOMENT_H
#define TELLTALE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* What moment_parse() takes, for messages. */
#define MOMENT_WORDS                                                          \
    "14:30, yesterday 9:00, mon 9:00, 2h ago, 14 sep, 2026-09-14"

/* In the zone of the process, in any case of letters: "5m", "-2h" and "2h ago"
 * are so long before now; "09:00" is today, or yesterday while it is not nine
 * yet; "today", "yesterday", a weekday ("mon", "Monday": the last one before
 * today) and a date ("14 sep", "14 sep 2025": the last such; "2026-09-14") are
 * the beginning of that day, or a time of it: "yesterday 9:00"; ISO 8601 with
 * Z or an offset. False for anything else. */
bool moment_parse(const char *text, int64_t now_ms, int64_t *ms);
/* The first of these alone: "5m", "-2h" and "2h ago". */
bool moment_parse_length(const char *text, int64_t *length);

#endif
