/* Statistics: what is usual, and how surprising a day was. Pure. */
#ifndef TELLTALE_SIGNAL_BASELINE_H
#define TELLTALE_SIGNAL_BASELINE_H

#include <stdint.h>

#include "signal/people.h"

/* The past that is compared with: the 49 days that ended two weeks ago, so
 * that an account that halved two weeks ago is not its own measure yet. */
#define BASE_GAP 14
#define BASE_DAYS (DAYS - BASE_GAP - 1)

#define BASELINE_LN2 0.69314718055994531

struct day_counts {
    uint16_t counts[DAYS]; /* by day modulo DAYS */
};

/* Weekdays (bit 0 Sunday) on which an account rests, by its own habit in the
 * past before day; what it has too little past for is taken from the book's
 * habit, which is Saturday and Sunday. */
unsigned baseline_rest_days(const struct day_counts *active, int32_t day,
                            int32_t first);
/* The day, and those before it that are of its kind, workdays or days of
 * rest: bit i is day - i. rest: baseline_rest_days(). */
uint64_t baseline_kind(unsigned rest, int32_t day, int32_t first);
int baseline_weekday(int32_t day); /* 0 Sunday */

/* How much more likely the last days are when something happened on one of
 * them than when all is as usual, in natural logarithms: the most of all days
 * that it may have been; *since is that day, as days back, and 1 is today. 0
 * when too little of the past is known, or the day is no workday. workdays:
 * bit i is day - i; ratios: of the book's people, without this account's, to
 * what is usual, by day modulo LEFT_DAYS. */

#define HALVED_DAYS 14
#define LEFT_DAYS 21
/* Everybody comes half as often. champion: whose absence alone is not the
 * account's news; 0: nobody's. */
double baseline_halved(const struct people *people, int32_t day,
                       uint64_t workdays, const float ratios[LEFT_DAYS],
                       uint64_t champion, int *since);
/* Half of the people came no more. */
double baseline_left(const struct people *people, int32_t day,
                     uint64_t workdays, const float ratios[LEFT_DAYS],
                     int *since);

#endif
