/* Times of the past as people write them: words become a day, a day and a time
 * what base/clock.h reads. */
#include "base/moment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/banned.h"

#define WORDS_MAX 4
#define WORD_SIZE 40

struct words {
    char list[WORDS_MAX][WORD_SIZE]; /* in lower case */
    int count;
};

/* False: too many, or too long. */
static bool split(const char *text, struct words *words)
{
    *words = (struct words){.count = 0};
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t len = strcspn(text, " ");

        if (words->count == WORDS_MAX || len >= WORD_SIZE)
            return false;
        for (size_t i = 0; i < len; i++)
            words->list[words->count][i] =
                (char)tolower((unsigned char)text[i]);
        words->count++;
        text += len;
    }
    return words->count > 0;
}

/* Three letters or more of a name; -1: of none. */
static int name_index(const char *word, const char *const *names, int count)
{
    size_t len = strlen(word);

    for (int i = 0; len >= 3 && i < count; i++)
        if (!strncmp(names[i], word, len))
            return i;
    return -1;
}

static int weekday_index(const char *word)
{
    static const char *const names[] = {"sunday",    "monday",   "tuesday",
                                        "wednesday", "thursday", "friday",
                                        "saturday"};

    return name_index(word, names, 7);
}

static int month_index(const char *word)
{
    static const char *const names[] = {"january", "february", "march",
                                        "april",   "may",      "june",
                                        "july",    "august",   "september",
                                        "october", "november", "december"};

    return name_index(word, names, 12);
}

/* "4", "14": a day of a month; 0: none. */
static int day_number(const char *word)
{
    int day = 0;

    for (; isdigit((unsigned char)*word) && day < 100; word++)
        day = day * 10 + *word - '0';
    return *word || day > 31 ? 0 : day;
}

/* "2025"; 0: none. */
static int year_number(const char *word)
{
    int year = 0;

    if (strlen(word) != 4 || strspn(word, "0123456789") != 4)
        return 0;
    for (; *word; word++)
        year = year * 10 + *word - '0';
    return year;
}

static void date_of(int32_t day, struct tm *tm)
{
    time_t noon = (time_t)day * 86400 + 43200;

    gmtime_r(&noon, tm);
}

/* Days since 1970 of a date that there is. */
static bool find_day(int year, int month, int number, int32_t *day)
{
    char text[48];
    int64_t ms;

    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month + 1, number);
    ms = clock_parse(text, strlen(text));
    *day = (int32_t)(ms / CLOCK_DAY_MS);
    return ms != CLOCK_NONE;
}

/* "14 sep", "sep 14", "14 sep 2025": how many words that took; 0: none. A date
 * without a year is the last such, and may be years ago: 29 feb. */
static int take_date(const struct words *words, int32_t today, int32_t *day)
{
    int number, month, year;
    struct tm tm;

    if (words->count < 2)
        return 0;
    number = day_number(words->list[0]);
    month = month_index(words->list[number ? 1 : 0]);
    if (!number)
        number = day_number(words->list[1]);
    if (!number || month < 0)
        return 0;
    year = words->count > 2 ? year_number(words->list[2]) : 0;
    if (year)
        return find_day(year, month, number, day) ? 3 : 0;
    date_of(today, &tm);
    for (year = tm.tm_year + 1900; year > tm.tm_year + 1900 - 9; year--)
        if (find_day(year, month, number, day) && *day <= today)
            return 2;
    return 0;
}

/* How many words name a day; 0: none does. */
static int take_day(const struct words *words, int32_t today, int32_t *day)
{
    const char *word = words->list[0];
    struct tm tm;
    int weekday;

    *day = today;
    if (!strcmp(word, "today"))
        return 1;
    if (!strcmp(word, "yesterday")) {
        *day = today - 1;
        return 1;
    }
    weekday = weekday_index(word);
    if (weekday < 0)
        return take_date(words, today, day);
    date_of(today, &tm);
    *day = today - (tm.tm_wday - weekday + 6) % 7 - 1;
    return 1;
}

/* "yesterday", "14 sep 9:00". */
static bool parse_day(const struct words *words, int64_t now_ms, int64_t *ms)
{
    int32_t day;
    int taken = take_day(words, clock_day(now_ms), &day);
    int64_t time, seconds;
    char text[80];
    struct tm tm;

    if (!taken || words->count > taken + 1)
        return false;
    if (words->count == taken) {
        *ms = clock_day_start(day);
        return true;
    }
    if (!clock_parse_time(words->list[taken], &time))
        return false;
    date_of(day, &tm);
    seconds = time / 1000;
    snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d",
             tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
             (int)(seconds / 3600), (int)(seconds / 60 % 60),
             (int)(seconds % 60));
    return clock_parse_local(text, ms);
}

/* "2h", "-2h", "2h ago". */
static bool take_length(const struct words *words, int64_t *length)
{
    const char *word = words->list[0];

    if (words->count > 2 ||
        (words->count == 2 && strcmp(words->list[1], "ago")))
        return false;
    return clock_parse_length(word + (*word == '-'), length);
}

bool moment_parse_length(const char *text, int64_t *length)
{
    struct words words;

    return split(text, &words) && take_length(&words, length);
}

bool moment_parse(const char *text, int64_t now_ms, int64_t *ms)
{
    struct words words;
    int64_t length;

    if (!split(text, &words))
        return false;
    if (take_length(&words, &length)) {
        *ms = now_ms - length;
        return true;
    }
    if (words.count == 1 && clock_parse_time(words.list[0], &length)) {
        *ms = clock_last_time(now_ms, length);
        return true;
    }
    if (parse_day(&words, now_ms, ms))
        return true;
    text += strspn(text, " ");
    if (clock_parse_local(text, ms))
        return true;
    *ms = clock_parse(text, strlen(text));
    return *ms != CLOCK_NONE;
}
