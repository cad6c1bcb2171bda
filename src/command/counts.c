/* Counting what was printed. Accounts and people are counted exactly up to
 * a limit, so that a receiver that runs for a year stays as small as it
 * began. */
#include "command/counts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/intern.h"
#include "base/limits.h"
#include "base/banned.h"

void counts_init(struct counts *counts)
{
    memset(counts, 0, sizeof *counts);
    counts->first_ms = counts->last_ms = CLOCK_NONE;
    counts->accounts = intern_new();
    counts->people = intern_new();
}

void counts_free(struct counts *counts)
{
    intern_free(counts->accounts);
    intern_free(counts->people);
}

static size_t distinct(const struct intern *pool)
{
    return intern_limit(pool) ? intern_limit(pool) - 1 : 0;
}

static bool is_full(const struct intern *pool)
{
    return distinct(pool) >= LIMIT_COUNTED ||
           intern_bytes(pool) >= LIMIT_DISTINCT_BYTES;
}

static void note(struct intern *pool, const char *text)
{
    if (text && !is_full(pool) && !intern_find(pool, text))
        intern_take(pool, text);
}

void counts_add(struct counts *counts, const struct event *event)
{
    const char *person =
        event->person.email ? event->person.email : event->person.id;
    int64_t when = event_time(event);

    counts->events++;
    if (counts->first_ms == CLOCK_NONE || when < counts->first_ms)
        counts->first_ms = when;
    if (counts->last_ms == CLOCK_NONE || when > counts->last_ms)
        counts->last_ms = when;
    note(counts->accounts, event->account.id);
    note(counts->people, person);
}

static void add_count(struct buf *out, uint64_t n, const char *one,
                      const char *many)
{
    buf_addf(out, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

static void add_distinct(struct buf *out, const struct intern *pool,
                         const char *one, const char *many)
{
    size_t n = distinct(pool);

    buf_addf(out, ", %zu%s %s", n, is_full(pool) ? "+" : "",
             n == 1 ? one : many);
}

/* "08:06", with the day where the events are of several. */
static void add_time(struct buf *out, int64_t ms, bool day)
{
    char text[32] = "";
    struct tm tm;

    if (clock_local(ms, &tm))
        strftime(text, sizeof text, day ? "%Y-%m-%d %H:%M" : "%H:%M", &tm);
    buf_adds(out, text);
}

void counts_line(const struct counts *counts, struct buf *out)
{
    bool days = counts->events &&
                clock_day(counts->first_ms) != clock_day(counts->last_ms);

    add_count(out, counts->events, "event", "events");
    add_distinct(out, counts->accounts, "account", "accounts");
    add_distinct(out, counts->people, "person", "people");
    if (counts->events) {
        buf_adds(out, ", ");
        add_time(out, counts->first_ms, days);
        buf_adds(out, " to ");
        add_time(out, counts->last_ms, days);
    }
    buf_addf(out, "; %llu hidden, ", (unsigned long long)counts->hidden);
    add_count(out, counts->duplicates, "duplicate", "duplicates");
    if (counts->forgotten)
        buf_addf(out, ", %llu forgotten",
                 (unsigned long long)counts->forgotten);
    buf_addf(out, ", %llu refused", (unsigned long long)counts->refused);
    if (counts->rejects)
        buf_addf(out, " (%llu kept: telltale tail --rejects)",
                 (unsigned long long)counts->rejects);
}
