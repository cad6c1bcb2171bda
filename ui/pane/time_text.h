/* Times as the screen says them: local clock, English words in every locale
 * (main() sees to that), ages that step slowly. */
#ifndef TELLTALE_TIME_TEXT_H
#define TELLTALE_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGE_SIZE 24
/* "now", "10 s" … "50 s", "3 min", "2 h", "5 d": rounded down. */
void age_text(int64_t ms, char out[AGE_SIZE]);
/* How long until that text changes. */
int64_t age_next(int64_t ms);

/* Local "10:45", "10:45:40", "Mon 14 Sep". */
void time_minutes(int64_t ms, char out[AGE_SIZE]);
void time_seconds(int64_t ms, char out[AGE_SIZE]);
void time_day(int64_t ms, char out[AGE_SIZE]);
/* The same, and "Mon 14 Sep 2026" where that is another year than now's. */
void time_day_whole(int64_t ms, int64_t now, char out[AGE_SIZE]);
/* "10:45" of today, else with the day before it. */
void time_point(int64_t ms, int64_t now, char out[AGE_SIZE]);
/* The same of a column, always with the day: "Mon 14 Sep 10:45", of another
 * year "Mon 14 Sep 2025"; where it has fewer cells than TIME_WHEN_CELLS
 * "10:45", from a day on how long ago that was: "2 d". */
#define TIME_WHEN_CELLS 16
void time_when(int64_t ms, int64_t now, int cells, char out[AGE_SIZE]);
void time_date(int64_t ms, char out[AGE_SIZE]); /* "3 Mar 2026" */
/* The same of a day since 1970, which is the same day in every zone. */
void time_day_number(int32_t day, char out[AGE_SIZE]);
/* 15001 → "15,001". */
#define NUMBER_SIZE 32
void number_text(uint64_t number, char out[NUMBER_SIZE]);
/* "500+" where there are more than were counted. */
void counted_text(size_t count, bool more, char out[NUMBER_SIZE]);
/* What a word ends in behind that number: "s", or "" behind 1. */
const char *plural_text(uint64_t number);

#endif
