/* Time zones. All times are shown in the process's own; the days of `daily`
 * are those of the journal's, which is the zone of the process that made it
 * until somebody moves it (recount.h). */
#ifndef TELLTALE_ZONE_H
#define TELLTALE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* The name of the process's zone, as TZ takes it; the caller frees it. */
char *zone_name(void);
/* The C library takes what it does not know for UTC, without a word. */
bool zone_is_known(const char *zone);

/* The days of a zone that is not the process's. */
struct zone_days;
/* NULL when days are the process's own, or zone is not known. Sets TZ for a
 * moment: call while there is one thread. */
struct zone_days *zone_days_new(const char *zone);
void zone_days_free(struct zone_days *days); /* NULL is allowed */
/* As clock_day() and clock_day_start(); NULL: of the process's zone. From any
 * thread. */
int32_t zone_day(const struct zone_days *days, int64_t ms);
int64_t zone_day_start(const struct zone_days *days, int32_t day);

#endif
