/* Reading and writing times. No time zone database of our own: local days
 * are the C library's. */
#include "base/clock.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/banned.h"

/* 9999-12-31T23:59:59.999Z */
#define LAST_MS INT64_C(253402300799999)

static _Atomic int64_t pinned = CLOCK_NONE; /* journal threads read it too */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_environment(void)
{
    const char *text = getenv("TELLTALE_CLOCK");

    if (text && pinned == CLOCK_NONE)
        pinned = clock_parse(text, strlen(text));
}

int64_t clock_now_ms(void)
{
    struct timespec now;

    pthread_once(&once, read_environment);
    if (pinned != CLOCK_NONE)
        return pinned;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_pin(int64_t ms)
{
    pthread_once(&once, read_environment);
    pinned = ms;
}

void clock_advance(int64_t ms)
{
    if (pinned != CLOCK_NONE)
        pinned += ms;
}

/* Reading it needs no right; TIME_ERROR is what the kernel calls a clock that
 * nobody has set for a while. */
bool clock_is_kept(void)
{
    struct timex state = {0};

    return clock_is_pinned() || ntp_adjtime(&state) != TIME_ERROR;
}

bool clock_is_pinned(void)
{
    pthread_once(&once, read_environment);
    return pinned != CLOCK_NONE;
}

/* Days since 1970 of a date in the Gregorian calendar; the arithmetic is
 * Howard Hinnant's days_from_civil. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

/* Reads exactly digits decimal digits at *text; -1 when they are not. */
static int take_number(const char **text, const char *end, int digits)
{
    int value = 0;

    for (; digits > 0; digits--, (*text)++) {
        if (*text == end || !isdigit((unsigned char)**text))
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool take_char(const char **text, const char *end, const char *any)
{
    if (*text == end || !**text || !strchr(any, **text))
        return false;
    (*text)++;
    return true;
}

static int take_fraction_ms(const char **text, const char *end)
{
    int ms = 0, scale = 100;

    for (; *text < end && isdigit((unsigned char)**text); (*text)++) {
        ms += (**text - '0') * scale;
        scale /= 10;
    }
    return ms;
}

/* "Z", "+02:00", "-0800", "+02", or nothing; in minutes east of UTC. */
static bool take_offset(const char **text, const char *end, int *minutes)
{
    int sign, hours, rest = 0;

    *minutes = 0;
    if (*text == end || take_char(text, end, "Zz"))
        return *text == end;
    sign = **text == '-' ? -1 : 1;
    if (!take_char(text, end, "+-"))
        return false;
    hours = take_number(text, end, 2);
    take_char(text, end, ":");
    if (*text < end)
        rest = take_number(text, end, 2);
    if (hours < 0 || hours > 14 || rest < 0 || rest > 59)
        return false;
    *minutes = sign * (hours * 60 + rest);
    return *text == end;
}

static bool all_digits(const char *text, size_t len)
{
    while (len && isdigit((unsigned char)text[len - 1]))
        len--;
    return len == 0;
}

static int64_t parse_digits(const char *text, size_t len)
{
    int64_t value = 0;

    for (size_t i = 0; i < len; i++)
        value = value * 10 + (text[i] - '0');
    if (len <= 10)
        value *= 1000;
    else if (len >= 16)
        value /= 1000;
    return value <= LAST_MS ? value : CLOCK_NONE;
}

static bool date_exists(int year, int month, int day)
{
    static const int length[] = {31, 28, 31, 30, 31, 30,
                                 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 &&
           day <= length[month - 1] + (month == 2 && leap);
}

int64_t clock_parse(const char *text, size_t len)
{
    const char *end;
    int year, month, day, hour = 0, minute = 0, second = 0, ms = 0, east = 0;
    int64_t result;

    while (len && isspace((unsigned char)*text))
        text++, len--;
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    end = text + len;
    if ((len == 10 || len == 13 || len == 16) && all_digits(text, len))
        return parse_digits(text, len);
    year = take_number(&text, end, 4);
    if (year < 0 || !take_char(&text, end, "-"))
        return CLOCK_NONE;
    month = take_number(&text, end, 2);
    if (!take_char(&text, end, "-"))
        return CLOCK_NONE;
    day = take_number(&text, end, 2);
    if (!date_exists(year, month, day))
        return CLOCK_NONE;
    if (text < end) {
        if (!take_char(&text, end, "Tt "))
            return CLOCK_NONE;
        hour = take_number(&text, end, 2);
        if (!take_char(&text, end, ":"))
            return CLOCK_NONE;
        minute = take_number(&text, end, 2);
        if (take_char(&text, end, ":"))
            second = take_number(&text, end, 2);
        if (take_char(&text, end, ".,"))
            ms = take_fraction_ms(&text, end);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
            second > 60 || !take_offset(&text, end, &east))
            return CLOCK_NONE;
    }
    result = days_of(year, month, day) * CLOCK_DAY_MS +
             (((int64_t)hour * 60 + minute - east) * 60 + second) * 1000 + ms;
    return result >= 0 && result <= LAST_MS ? result : CLOCK_NONE;
}

/* Writes value as exactly digits digits and the character after them. */
static char *put_number(char *to, int value, int digits, char after)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    to[digits] = after;
    return to + digits + 1;
}

void clock_format_iso(int64_t ms, char out[CLOCK_ISO_SIZE])
{
    struct tm tm;
    time_t seconds;

    if (ms < 0)
        ms = 0;
    if (ms > LAST_MS)
        ms = LAST_MS;
    seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, &tm);
    out = put_number(out, tm.tm_year + 1900, 4, '-');
    out = put_number(out, tm.tm_mon + 1, 2, '-');
    out = put_number(out, tm.tm_mday, 2, 'T');
    out = put_number(out, tm.tm_hour, 2, ':');
    out = put_number(out, tm.tm_min, 2, ':');
    out = put_number(out, tm.tm_sec, 2, '.');
    out = put_number(out, (int)(ms % 1000), 3, 'Z');
    *out = '\0';
}

bool clock_parse_length(const char *text, int64_t *ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1},       {"s", 1000},    {"m", 60000},
                 {"min", 60000},  {"h", 3600000}, {"d", 86400000},
                 {"w", 604800000}};
    char *end;
    long value;

    if (!isdigit((unsigned char)*text))
        return false;
    value = strtol(text, &end, 10);
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit) && value <= 1000000) {
            *ms = value * units[i].ms;
            return true;
        }
    return false;
}

bool clock_local(int64_t ms, struct tm *out)
{
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));

    return localtime_r(&seconds, out);
}

void clock_minutes(int64_t ms, char out[CLOCK_MINUTES_SIZE])
{
    struct tm tm;

    if (!clock_local(ms, &tm) ||
        !strftime(out, CLOCK_MINUTES_SIZE, "%H:%M", &tm))
        out[0] = '\0';
}

void clock_date(int64_t ms, char out[CLOCK_DATE_SIZE])
{
    struct tm tm;

    if (!clock_local(ms, &tm) ||
        !strftime(out, CLOCK_DATE_SIZE, "%Y-%m-%d", &tm))
        out[0] = '\0';
}

int32_t clock_day(int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (!localtime_r(&seconds, &tm))
        return 0;
    return (int32_t)days_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

int64_t clock_day_start(int32_t day)
{
    time_t noon = (time_t)day * 86400 + 43200;
    struct tm tm;

    gmtime_r(&noon, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000;
}

/* --- as a person means it ---------------------------------------------- */

static bool is_same_minute(const struct tm *a, const struct tm *b)
{
    return a->tm_mday == b->tm_mday && a->tm_hour == b->tm_hour &&
           a->tm_min == b->tm_min;
}

/* With clocks put forward or not; false: it is not so then. */
static bool try_time(const struct tm *wanted, int forward, time_t *out)
{
    struct tm tm = *wanted, got;

    tm.tm_isdst = forward;
    *out = mktime(&tm);
    return *out != (time_t)-1 && localtime_r(out, &got) &&
           is_same_minute(&got, wanted);
}

/* Of an hour that is there twice the first one; of one that is not there,
 * what the C library takes for it. */
static int64_t local_time(const struct tm *wanted)
{
    struct tm tm = *wanted;
    time_t on, off;
    bool is_on = try_time(wanted, 1, &on), is_off = try_time(wanted, 0, &off);

    if (is_on && is_off)
        return (int64_t)(on < off ? on : off) * 1000;
    if (is_on || is_off)
        return (int64_t)(is_on ? on : off) * 1000;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000;
}

static bool two_digits(const char **text, int *out)
{
    const char *at = *text;

    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *out = (at[0] - '0') * 10 + at[1] - '0';
    *text += 2;
    return true;
}

bool clock_parse_time(const char *text, int64_t *ms)
{
    int hour = 0, minute = 0, second = 0;

    if (text[0] >= '0' && text[0] <= '9' && text[1] == ':') {
        hour = text[0] - '0';
        text++;
    } else if (!two_digits(&text, &hour)) {
        return false;
    }
    if (*text++ != ':' || !two_digits(&text, &minute) ||
        (*text == ':' && (text++, !two_digits(&text, &second))))
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000);
    return !*text && hour < 24 && minute < 60 && second < 60;
}

static void set_time(struct tm *tm, int64_t ms)
{
    tm->tm_hour = (int)(ms / CLOCK_HOUR_MS);
    tm->tm_min = (int)(ms / 60000 % 60);
    tm->tm_sec = (int)(ms / 1000 % 60);
}

bool clock_parse_local(const char *text, int64_t *ms)
{
    int64_t day = clock_parse(text, strlen(text) < 10 ? 0 : 10), time = 0;
    struct tm tm;
    time_t noon;

    if (strlen(text) < 10 || text[4] != '-' || day == CLOCK_NONE)
        return false;
    if (text[10] && ((text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
                     text[12] == ':' || !clock_parse_time(text + 11, &time))) {
        *ms = clock_parse(text, strlen(text));
        return *ms != CLOCK_NONE;
    }
    if (!text[10]) {
        *ms = clock_day_start((int32_t)(day / CLOCK_DAY_MS));
        return true;
    }
    noon = (time_t)(day / 1000) + 43200;
    gmtime_r(&noon, &tm);
    set_time(&tm, time);
    *ms = local_time(&tm);
    return true;
}

bool clock_parse_until(const char *text, int64_t now_ms, int64_t *ms)
{
    int32_t today = clock_day(now_ms);
    int64_t length;

    if (!*text || !strcmp(text, "tomorrow"))
        *ms = clock_day_start(today + 1);
    else if (!strcmp(text, "week"))
        *ms = clock_day_start(today + 7);
    else if (clock_parse_length(text, &length))
        *ms = now_ms + length;
    else if (!clock_parse_local(text, ms))
        return false;
    return *ms > now_ms;
}

int64_t clock_last_time(int64_t now_ms, int64_t time_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm, day;
    int64_t at;

    localtime_r(&now, &tm);
    day = tm;
    set_time(&tm, time_ms);
    at = local_time(&tm);
    if (at <= now_ms)
        return at;
    set_time(&day, 12 * CLOCK_HOUR_MS);
    day.tm_mday--;
    day.tm_isdst = -1;
    mktime(&day);
    set_time(&day, time_ms);
    return local_time(&day);
}
