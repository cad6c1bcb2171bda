/* What the formats say alike: names, changes, periods, what all did. */
#include "report/report.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#include "base/banned.h"

bool report_is_quiet(const struct report_account *account)
{
    return !account->now.events && !account->signals;
}

const char *report_name(const struct report_account *account)
{
    return account->name ? account->name : account->id;
}

static void add_title(struct buf *out, size_t *count, int category)
{
    buf_addf(out, "%s%s", (*count)++ ? ", " : "",
             category_title((enum category)category));
}

void report_new(struct buf *out, const struct report_account *account)
{
    size_t count = 0;

    /* Of an account without a past everything would be. */
    for (int i = 1; account->had && i < CATEGORY_COUNT; i++)
        if (account->now.categories[i] && !(account->had & (1U << i)))
            add_title(out, &count, i);
}

void report_fell(struct buf *out, const struct report_account *account)
{
    size_t count = 0;

    for (int i = 1; i < CATEGORY_COUNT; i++)
        if (account->before.categories[i] && !account->now.categories[i]) {
            add_title(out, &count, i);
            buf_addf(out, " (%" PRIu64 " before)",
                     account->before.categories[i]);
        }
}

void report_change(struct buf *out, uint64_t now, uint64_t before)
{
    uint64_t by = now > before ? now - before : before - now;

    if (!before) {
        if (now)
            buf_adds(out, "new");
    } else if (by * 100 < before) {
        buf_adds(out, "=");
    } else {
        buf_addf(out, "%s %" PRIu64 " %%", now > before ? "▲" : "▼",
                 (by * 100 + before / 2) / before);
    }
}

unsigned report_share(const struct report_account *account,
                      const struct report_person *person)
{
    uint64_t all = account->now.events;

    return all ? (unsigned)((person->events * 100 + all / 2) / all) : 0;
}

void report_time(struct buf *out, int64_t ms)
{
    struct tm local;
    char text[64] = "";

    if (clock_local(ms, &local))
        strftime(text, sizeof text, "%a %d %b %H:%M", &local);
    buf_adds(out, text);
}

static void put_day(struct buf *out, int32_t day)
{
    time_t seconds = (time_t)day * 86400;
    struct tm date;
    char text[64];

    gmtime_r(&seconds, &date);
    strftime(text, sizeof text, "%d %b %Y", &date);
    buf_adds(out, text);
}

void report_period(struct buf *out, const struct report *report)
{
    if (report->to_ms) {
        report_time(out, report->from_ms);
        buf_adds(out, " to ");
        report_time(out, report->to_ms);
        return;
    }
    put_day(out, report->first_day);
    if (report->day_count > 1) {
        buf_adds(out, " to ");
        put_day(out, report->last_day);
    }
}

static void put_before(struct buf *out, const struct report *report)
{
    if (!report->weeks_before)
        buf_addf(out, "in the %u days before", report->day_count);
    else if (report->weeks_before == 1)
        buf_adds(out, "a week before");
    else
        buf_addf(out, "%u weeks before", report->weeks_before);
}

void report_summary(struct buf *out, const struct report *report)
{
    size_t active = 0;
    struct buf change;

    for (size_t i = 0; i < report->count; i++)
        active += report->accounts[i].now.events > 0;
    if (!report->alone)
        buf_addf(out, "%zu of %zu %s active: ", active, report->count,
                 report->count == 1 ? "account" : "accounts");
    buf_addf(out, "%" PRIu64 " %s by %u %s", report->now.events,
             report->now.events == 1 ? "event" : "events", report->now.people,
             report->now.people == 1 ? "person" : "people");
    buf_init(&change, 64);
    report_change(&change, report->now.events, report->before.events);
    if (report->before.events) {
        buf_addf(out, " (%s; %" PRIu64 " ", change.data,
                 report->before.events);
        put_before(out, report);
        buf_addc(out, ')');
    }
    buf_free(&change);
}
