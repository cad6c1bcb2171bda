/* Times of the local day: quiet hours and the daily digest. A day has an hour
 * that does not exist, or one that comes twice, and what is due "at 02:30"
 * is due once: at the first moment that the clock shows 02:30 or more. */
#include "base/clock.h"
#include "mirror/settings.h"

#include <time.h>

#include "base/banned.h"

/* No clock is set back or forward by more in one go. */
#define SHIFT_MINUTES 180

/* The local day as one number that grows, and the minute of it. */
static int64_t day_number(const struct tm *tm)
{
    return ((int64_t)tm->tm_year * 12 + tm->tm_mon) * 31 + tm->tm_mday;
}

static bool has_come(int64_t at_ms, int64_t day, int minute)
{
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm tm = {0};
    int64_t now;

    localtime_r(&seconds, &tm);
    now = day_number(&tm);
    return now > day || (now == day && tm.tm_hour * 60 + tm.tm_min >= minute);
}

/* The first moment of the day, `days` after that of now, at which the clock
 * shows the minute or more. */
static int64_t day_moment(int64_t now_ms, int days, int minute)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm tm = {0}, day;
    int64_t at;

    localtime_r(&seconds, &tm);
    tm.tm_mday += days;
    tm.tm_hour = 12;
    tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    mktime(&tm); /* noon of that day: the date is right now */
    day = tm;
    tm.tm_hour = minute / 60;
    tm.tm_min = minute % 60;
    tm.tm_isdst = -1;
    at = ((int64_t)mktime(&tm) / 60 - SHIFT_MINUTES) * CLOCK_MINUTE_MS;
    while (!has_come(at, day_number(&day), minute))
        at += 15 * CLOCK_MINUTE_MS;
    while (has_come(at - CLOCK_MINUTE_MS, day_number(&day), minute))
        at -= CLOCK_MINUTE_MS;
    return at;
}

bool mirror_quiet(const struct mirror_settings *settings, int64_t now_ms,
                  int64_t *until)
{
    int from = settings->quiet.from, to = settings->quiet.to;

    if (from < 0)
        return false;
    /* What began yesterday may last until today. */
    for (int day = -1; day <= 0; day++) {
        int64_t begin = day_moment(now_ms, day, from);
        int64_t end = day_moment(now_ms, day + (from > to), to);

        if (begin <= now_ms && now_ms < end) {
            if (until)
                *until = end;
            return true;
        }
    }
    return false;
}

int64_t mirror_digest_time(const struct mirror_settings *settings,
                           int64_t now_ms)
{
    int day = 0;
    int64_t at = day_moment(now_ms, day, settings->digest_at);

    while (at <= now_ms)
        at = day_moment(now_ms, ++day, settings->digest_at);
    return at;
}
