/* A time of the day, as settings have it. */
#ifndef TELLTALE_DAY_MINUTE_H
#define TELLTALE_DAY_MINUTE_H

#include <stdbool.h>

/* Reads "17:30" as the minute of the day; *text goes behind it. False: there
 * is none. */
bool day_minute(const char **text, int *minute);

#endif
