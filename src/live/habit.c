/* The longest silences of each hour of the week, and what is usual of them.
 *
 * A gap between two events counts for every hour it touches, with its whole
 * length: the hours of a night all know how long the night is. What is usual
 * is the longest but one of the weeks, since one week may have seen a fault.
 * While it is silent, each hour adds the time that went by as a part of what
 * is usual in it; at PATIENCE of them it is no longer usual. */
#include "live/habit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#include "base/banned.h"

/* All zones change their hour at one of these. */
#define STEP_MS INT64_C(900000)
#define AHEAD_MS (2 * CLOCK_WEEK_MS)
/* Silences as long as the longest usual one. */
#define PATIENCE 4

static int slot_of(int64_t ms, struct tm *tm)
{
    if (!clock_local(ms, tm))
        return -1;
    return tm->tm_wday * 24 + tm->tm_hour;
}

static int64_t step_end(int64_t ms)
{
    return (ms / STEP_MS + 1) * STEP_MS;
}

void habit_begin(struct habit *habit, int64_t now_ms, int64_t least_ms)
{
    memset(habit, 0, sizeof *habit);
    habit->now_ms = now_ms;
    habit->from_ms = now_ms - HABIT_WEEKS * CLOCK_WEEK_MS;
    habit->least_ms = least_ms;
    habit->last_ms = CLOCK_NONE;
}

/* Weeks of the local calendar, from Sunday, so that no hour is cut in two. */
static int32_t calendar_week(int64_t ms)
{
    return (clock_day(ms) + 4) / 7;
}

/* The week that a time is in, 0 the newest; -1: none of them. */
static int week_of(const struct habit *habit, int64_t ms)
{
    int32_t back;

    if (ms < habit->from_ms || ms >= habit->now_ms)
        return -1;
    back = calendar_week(habit->now_ms) - calendar_week(ms);
    return back >= 0 && back <= HABIT_WEEKS ? back : -1;
}

static void note_silence(struct habit *habit, int64_t at, int64_t length)
{
    struct tm tm;
    int slot = slot_of(at, &tm), week = week_of(habit, at);

    if (slot >= 0 && week >= 0 && habit->longest[slot][week] < length)
        habit->longest[slot][week] = length;
}

void habit_add(struct habit *habit, int64_t at_ms)
{
    int64_t last = habit->last_ms, length;

    if (at_ms < habit->from_ms || at_ms >= habit->now_ms ||
        (last != CLOCK_NONE && at_ms < last))
        return;
    habit->last_ms = at_ms;
    if (last == CLOCK_NONE)
        return;
    length = at_ms > last ? at_ms - last : 1;
    for (int64_t at = last; at <= at_ms; at = step_end(at))
        note_silence(habit, at, length);
}

void habit_count(struct habit *habit, int64_t hour_ms, uint64_t events)
{
    struct tm tm;
    int slot = slot_of(hour_ms, &tm), week = week_of(habit, hour_ms);

    if (slot >= 0 && week >= 0)
        habit->events[slot][week] += events;
}

static int by_length(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The longest but one, of the weeks that are known; of the fewest that will
 * do, the longest. */
static int64_t usual_silence(const int64_t longest[HABIT_WEEKS + 1])
{
    int64_t known[HABIT_WEEKS + 1];
    size_t count = 0;

    for (size_t week = 0; week <= HABIT_WEEKS; week++)
        if (longest[week])
            known[count++] = longest[week];
    if (count < HABIT_LEAST)
        return 0;
    qsort(known, count, sizeof *known, by_length);
    return known[count > HABIT_LEAST ? count - 2 : count - 1];
}

bool habit_end(struct habit *habit)
{
    int64_t least = habit->least_ms / PATIENCE;
    bool any = false;

    for (size_t slot = 0; slot < HABIT_SLOTS; slot++) {
        int64_t usual = usual_silence(habit->longest[slot]);

        habit->usual[slot] = usual && usual < least ? least : usual;
        any = any || usual;
    }
    return any;
}

int64_t habit_due(const struct habit *habit, int64_t since_ms)
{
    double left = PATIENCE;
    struct tm tm;

    for (int64_t at = since_ms; at < since_ms + AHEAD_MS; at = step_end(at)) {
        int slot = slot_of(at, &tm);
        int64_t usual = slot < 0 ? 0 : habit->usual[slot];
        double part;

        if (!usual)
            continue;
        part = (double)(step_end(at) - at) / (double)usual;
        if (part >= left)
            return at + (int64_t)(left * (double)usual);
        left -= part;
    }
    return CLOCK_NONE;
}

/* Milliseconds between events in that slot: the median of the weeks that had
 * any; 0: not known. */
static int64_t usual_interval(const struct habit *habit, int slot)
{
    int64_t known[HABIT_WEEKS + 1];
    size_t count = 0;

    for (size_t week = 0; week <= HABIT_WEEKS; week++)
        if (habit->events[slot][week])
            known[count++] =
                CLOCK_HOUR_MS / (int64_t)habit->events[slot][week];
    if (!count)
        return 0;
    qsort(known, count, sizeof *known, by_length);
    return known[count / 2];
}

static void add_length(struct buf *out, int64_t ms)
{
    int64_t seconds = (ms + 500) / 1000;

    if (seconds < 1)
        seconds = 1;
    if (seconds < 100)
        buf_addf(out, "%lld s", (long long)seconds);
    else if (seconds < 100 * 60)
        buf_addf(out, "%lld min", (long long)((seconds + 30) / 60));
    else
        buf_addf(out, "%lld h", (long long)((seconds + 1800) / 3600));
}

void habit_describe(const struct habit *habit, int64_t since_ms,
                    int64_t now_ms, struct buf *out)
{
    char day[32] = "";
    struct tm tm;
    int slot = slot_of(now_ms, &tm);
    int64_t interval = slot < 0 ? 0 : usual_interval(habit, slot);

    buf_adds(out, "No event for ");
    add_length(out, now_ms - since_ms);
    if (interval && strftime(day, sizeof day, "%A", &tm)) {
        buf_adds(out, "; every ");
        add_length(out, interval);
        buf_addf(out, " is usual at this hour of a %s", day);
    }
    buf_addc(out, '.');
}

int64_t silence_since(const struct silence_watch *watch, int64_t wall_ms,
                      int64_t mono_us)
{
    return wall_ms - (mono_us - watch->heard_us) / 1000;
}
