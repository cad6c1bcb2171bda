/* Time. Wall times are milliseconds since 1970 UTC in an int64_t, monotonic
 * ones microseconds. A test can pin the wall clock: TELLTALE_CLOCK holds an
 * ISO time; it then stands still but for clock_advance(). */
#ifndef TELLTALE_CLOCK_H
#define TELLTALE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_MINUTE_MS INT64_C(60000)
#define CLOCK_HOUR_MS (60 * CLOCK_MINUTE_MS)
#define CLOCK_DAY_MS (24 * CLOCK_HOUR_MS)
/* When summer time ends. */
#define CLOCK_LONGEST_DAY_MS (25 * CLOCK_HOUR_MS)
#define CLOCK_WEEK_MS (7 * CLOCK_DAY_MS)

/* A wall time that is not known. */
#define CLOCK_NONE INT64_MIN
/* 2026-01-01T00:00:00Z. Telltale is younger: a clock that is behind this was
 * never set. */
#define CLOCK_EARLIEST_MS INT64_C(1767225600000)

int64_t clock_now_ms(void);
int64_t clock_mono_us(void);
/* Pins the wall clock; CLOCK_NONE lets it run again. */
void clock_pin(int64_t ms);
void clock_advance(int64_t ms);
bool clock_is_pinned(void);
/* True if the system says that something keeps its clock right (NTP), or
 * cannot say. */
bool clock_is_kept(void);

/* Reads ISO 8601: date and time with `T` or a blank, optional fraction,
 * `Z`, an offset, or nothing (then UTC). A bare run of digits counts as
 * seconds (10 digits), milliseconds (13) or microseconds (16) since 1970, as
 * senders mean it. Returns CLOCK_NONE for what it cannot read and for years
 * outside 1970 to 9999. */
int64_t clock_parse(const char *text, size_t len);

/* "2026-09-14T08:06:03.942Z"; out holds 25 bytes or more. Times outside the
 * years 1970 to 9999 are written as the nearest end of that range. */
#define CLOCK_ISO_SIZE 25
void clock_format_iso(int64_t ms, char out[CLOCK_ISO_SIZE]);

/* Reads "90d", "12h", "45m", "30s", "250ms": a length in milliseconds, or
 * false. */
bool clock_parse_length(const char *text, int64_t *ms);

/* What a person means by a time, in the process's zone: "2026-06-01" is that
 * day's beginning, "2026-06-01T10:30", with a blank or T and perhaps seconds,
 * that minute, and of an hour that clocks repeat the first. With a zone or a
 * fraction it is clock_parse()'s. False: it is none of them. */
bool clock_parse_local(const char *text, int64_t *ms);
/* "9:00", "09:00" or "09:00:30" as milliseconds after midnight. */
bool clock_parse_time(const char *text, int64_t *ms);
/* The latest such local time that is not after now. */
int64_t clock_last_time(int64_t now_ms, int64_t time_ms);
/* Until when something may wait: "tomorrow" (or nothing) and "week" are
 * beginnings of days, "3d" and other lengths count from now, dates are
 * clock_parse_local()'s. False: it is none of them, or not after now. */
bool clock_parse_until(const char *text, int64_t now_ms, int64_t *ms);

/* Local calendar day of a wall time in the process's zone, as days since
 * 1970-01-01, and the time a day begins. The journal counts by these. */
int32_t clock_day(int64_t ms);
int64_t clock_day_start(int32_t day);
/* A wall time as the local clock shows it; false: the system cannot say. */
struct tm;
bool clock_local(int64_t ms, struct tm *out);
/* "10:45" of it, or "". */
#define CLOCK_MINUTES_SIZE 6
void clock_minutes(int64_t ms, char out[CLOCK_MINUTES_SIZE]);
/* Its day, "2026-09-14", or "". */
#define CLOCK_DATE_SIZE 16
void clock_date(int64_t ms, char out[CLOCK_DATE_SIZE]);

#endif
