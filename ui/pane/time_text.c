/* Ages, local times and numbers as text. */
#include "ui/pane/time_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/banned.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Length of the step that an age of ms is shown in. */
static int64_t step_of(int64_t ms)
{
    if (ms < MINUTE)
        return 10 * SECOND;
    if (ms < HOUR)
        return MINUTE;
    return ms < DAY ? HOUR : DAY;
}

void age_text(int64_t ms, char out[AGE_SIZE])
{
    long long count;

    if (ms < 10 * SECOND) {
        snprintf(out, AGE_SIZE, "now");
        return;
    }
    count = (long long)(ms / step_of(ms));
    if (ms < MINUTE)
        snprintf(out, AGE_SIZE, "%lld s", count * 10);
    else
        snprintf(out, AGE_SIZE, "%lld %s", count,
                 ms < HOUR  ? "min"
                 : ms < DAY ? "h"
                            : "d");
}

int64_t age_next(int64_t ms)
{
    int64_t step;

    if (ms < 0)
        return 10 * SECOND - ms;
    step = step_of(ms);
    return step - ms % step;
}

void time_minutes(int64_t ms, char out[AGE_SIZE])
{
    clock_minutes(ms, out);
}

void time_seconds(int64_t ms, char out[AGE_SIZE])
{
    struct tm local;

    if (!clock_local(ms, &local) ||
        !strftime(out, AGE_SIZE, "%H:%M:%S", &local))
        out[0] = '\0';
}

void time_day(int64_t ms, char out[AGE_SIZE])
{
    struct tm local;

    if (!clock_local(ms, &local) ||
        !strftime(out, AGE_SIZE, "%a %e %b", &local))
        out[0] = '\0';
    else if (out[4] == ' ') /* "Mon  4 Sep" */
        memmove(out + 4, out + 5, strlen(out + 5) + 1);
}

static bool same_year(int64_t ms, int64_t now)
{
    struct tm local, today;

    return !clock_local(ms, &local) || !clock_local(now, &today) ||
           local.tm_year == today.tm_year;
}

void time_day_whole(int64_t ms, int64_t now, char out[AGE_SIZE])
{
    struct tm local;
    size_t len;

    time_day(ms, out);
    len = strlen(out);
    if (!same_year(ms, now) && clock_local(ms, &local) &&
        !strftime(out + len, AGE_SIZE - len, " %Y", &local))
        out[len] = '\0';
}

static void add_minutes(int64_t ms, char out[AGE_SIZE])
{
    char minutes[CLOCK_MINUTES_SIZE];
    size_t len = strlen(out);

    clock_minutes(ms, minutes);
    snprintf(out + len, AGE_SIZE - len, " %s", minutes);
}

void time_point(int64_t ms, int64_t now, char out[AGE_SIZE])
{
    if (clock_day(ms) == clock_day(now)) {
        time_minutes(ms, out);
        return;
    }
    time_day_whole(ms, now, out);
    add_minutes(ms, out);
}

void time_when(int64_t ms, int64_t now, int cells, char out[AGE_SIZE])
{
    if (cells >= TIME_WHEN_CELLS) {
        time_day_whole(ms, now, out);
        if (same_year(ms, now))
            add_minutes(ms, out);
    } else if (now - ms < DAY) {
        time_minutes(ms, out);
    } else {
        age_text(now - ms, out);
    }
}

static void put_date(const struct tm *date, char out[AGE_SIZE])
{
    if (!strftime(out, AGE_SIZE, "%e %b %Y", date))
        out[0] = '\0';
    else if (out[0] == ' ')
        memmove(out, out + 1, strlen(out));
}

void time_date(int64_t ms, char out[AGE_SIZE])
{
    struct tm local;

    out[0] = '\0';
    if (clock_local(ms, &local))
        put_date(&local, out);
}

void time_day_number(int32_t day, char out[AGE_SIZE])
{
    time_t seconds = (time_t)day * 86400;
    struct tm date;

    out[0] = '\0';
    if (gmtime_r(&seconds, &date))
        put_date(&date, out);
}

void number_text(uint64_t number, char out[NUMBER_SIZE])
{
    char digits[24];
    int len =
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    int put = 0;

    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[put++] = ',';
        out[put++] = digits[i];
    }
    out[put] = '\0';
}

void counted_text(size_t count, bool more, char out[NUMBER_SIZE])
{
    size_t len;

    number_text(count, out);
    len = strlen(out);
    if (more)
        out[len++] = '+';
    out[len] = '\0';
}

const char *plural_text(uint64_t number)
{
    return number == 1 ? "" : "s";
}
