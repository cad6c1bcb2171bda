/* "--since 09:00": what a user means by a time, in the zone of the machine.
 * ISO times are base/clock's. */
#include "command/since.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/banned.h"

/* Reads fields by format, which must take all of text; how many, or -1. */
static bool whole(const char *text, int used)
{
    return used > 0 && !text[used];
}

static bool clock_today(const char *text, int64_t now_ms, int64_t *ms)
{
    time_t now = (time_t)(now_ms / 1000);
    int hour, minute, used = 0;
    struct tm tm;

    if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 ||
        !whole(text, used) || hour > 23 || minute > 59 || hour < 0 ||
        minute < 0 || !localtime_r(&now, &tm))
        return false;
    tm.tm_hour = hour;
    tm.tm_min = minute;
    tm.tm_sec = 0;
    tm.tm_isdst = -1;
    *ms = (int64_t)mktime(&tm) * 1000;
    if (*ms > now_ms) {
        tm.tm_mday--;
        tm.tm_isdst = -1;
        *ms = (int64_t)mktime(&tm) * 1000;
    }
    return true;
}

static bool local_date(const char *text, int64_t *ms)
{
    struct tm tm = {.tm_isdst = -1};
    int used = 0;

    if (sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &used) != 3)
        return false;
    if (!whole(text, used)) {
        used = 0;
        if (sscanf(text, "%*4d-%*2d-%*2d%*1[ T]%2d:%2d%n", &tm.tm_hour,
                   &tm.tm_min, &used) != 2)
            return false;
        if (text[used] == ':') {
            int more = 0;

            if (sscanf(text + used, ":%2d%n", &tm.tm_sec, &more) != 1)
                return false;
            used += more;
        }
        if (!whole(text, used))
            return false;
    }
    if (clock_parse(text, 10) == CLOCK_NONE)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    *ms = (int64_t)mktime(&tm) * 1000;
    return true;
}

bool since_parse(const char *text, int64_t now_ms, int64_t *ms)
{
    int64_t length, instant;

    if (clock_parse_length(text, &length)) {
        *ms = now_ms - length;
        return true;
    }
    if (clock_today(text, now_ms, ms) || local_date(text, ms))
        return true;
    instant = clock_parse(text, strlen(text));
    if (instant == CLOCK_NONE)
        return false;
    *ms = instant;
    return true;
}
