/* What is said of an account, and in which order. */
#include "report/lines.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

#define SPARK_DAYS 62

struct writing {
    struct buf *out;
    const struct report *report;
    const struct report_markup *markup;
};

static void put(const struct writing *writing, const char *text)
{
    struct buf apart;

    buf_init(&apart, 64 * KIB);
    text_add_isolated(&apart, text);
    writing->markup->escape(writing->out, apart.data);
    buf_free(&apart);
}

static void begin_item(const struct writing *writing, const char *label)
{
    const struct report_markup *markup = writing->markup;

    buf_addf(writing->out, "%s%s%-*s%s ", markup->item[0], markup->label[0],
             markup->label_width, label, markup->label[1]);
}

static void end_item(const struct writing *writing)
{
    buf_adds(writing->out, writing->markup->item[1]);
}

/* A line of a label and text of ours, unless there is none. */
static void put_item(const struct writing *writing, const char *label,
                     const struct buf *text)
{
    if (!text->len)
        return;
    begin_item(writing, label);
    put(writing, text->data);
    end_item(writing);
}

void report_spark(struct buf *out, const struct report *report,
                  const struct report_account *account)
{
    static const char *const bars[] = {" ", "▁", "▂", "▃", "▄",
                                       "▅", "▆", "▇", "█"};
    uint64_t most = 1;

    if (report->day_count < 2 || report->day_count > SPARK_DAYS)
        return;
    for (unsigned i = 0; i < report->day_count; i++)
        if (account->days[i] > most)
            most = account->days[i];
    for (unsigned i = 0; i < report->day_count; i++)
        buf_adds(out, bars[(account->days[i] * 8 + most - 1) / most]);
}

static void put_people(const struct writing *writing,
                       const struct report_account *account)
{
    if (!account->person_count)
        return;
    begin_item(writing, "who");
    for (size_t i = 0; i < account->person_count; i++) {
        const struct report_person *person = &account->people[i];

        buf_adds(writing->out, i ? ", " : "");
        put(writing, person->name);
        buf_addf(writing->out, " %u %% on %u %s",
                 report_share(account, person), person->days,
                 person->days == 1 ? "day" : "days");
    }
    end_item(writing);
}

static const char *mark_of(enum tone tone)
{
    return tone == TONE_BAD ? "! " : tone == TONE_WARN ? "~ " : "";
}

static void put_event(const struct writing *writing, const char *label,
                      const struct report_event *event, bool link)
{
    struct buf when;

    buf_init(&when, 64);
    report_time(&when, event->at);
    begin_item(writing, label);
    buf_adds(writing->out, when.data);
    buf_adds(writing->out, " · ");
    buf_adds(writing->out, mark_of(event->tone));
    put(writing, event->person ? event->person : "-");
    buf_adds(writing->out, " ");
    put(writing, event->sentence);
    if (link) {
        buf_adds(writing->out, " ");
        writing->markup->link(writing->out, event->replay, "replay");
    }
    end_item(writing);
    buf_free(&when);
}

static void put_signals(const struct writing *writing,
                        const struct report_account *account)
{
    const struct report_signal *signal = account->signals;

    for (; signal; signal = signal->next) {
        begin_item(writing, "call");
        buf_adds(writing->out, mark_of(signal->tone));
        put(writing, signal->title);
        if (signal->person) {
            buf_adds(writing->out, " · ");
            put(writing, signal->person);
        }
        buf_adds(writing->out, ": ");
        put(writing, signal->sentence);
        end_item(writing);
        if (!signal->opener)
            continue;
        begin_item(writing, "ask");
        put(writing, signal->opener);
        end_item(writing);
    }
}

static void put_counts(const struct writing *writing,
                       const struct report_account *account)
{
    struct buf text, change;

    buf_init(&text, KIB);
    buf_init(&change, 64);
    report_change(&change, account->now.person_days,
                  account->before.person_days);
    buf_addf(&text, "%" PRIu64 " %s by %u %s, %u %s", account->now.events,
             account->now.events == 1 ? "event" : "events",
             account->now.people,
             account->now.people == 1 ? "person" : "people",
             account->now.person_days,
             account->now.person_days == 1 ? "person-day" : "person-days");
    if (account->before.events)
        buf_addf(&text, " (%s from %u)", change.data,
                 account->before.person_days);
    put_item(writing, "did", &text);
    buf_free(&change);
    buf_free(&text);
}

static void put_changes(const struct writing *writing,
                        const struct report_account *account)
{
    struct buf text;

    buf_init(&text, KIB);
    report_new(&text, account);
    put_item(writing, "new", &text);
    buf_clear(&text);
    report_fell(&text, account);
    put_item(writing, "fell", &text);
    buf_free(&text);
}

static void put_account(const struct writing *writing,
                        const struct report_account *account)
{
    const struct report_markup *markup = writing->markup;

    buf_adds(writing->out, markup->account[0]);
    put(writing, report_name(account));
    buf_adds(writing->out, markup->account[1]);
    if (markup->bars)
        markup->bars(writing->out, writing->report, account);
    buf_adds(writing->out, markup->account[2]);
    put_signals(writing, account);
    put_counts(writing, account);
    put_changes(writing, account);
    put_people(writing, account);
    for (size_t i = 0; i < account->event_count; i++)
        put_event(writing, "what", &account->events[i], false);
    for (size_t i = 0; i < account->replay_count; i++)
        put_event(writing, "watch", &account->replays[i], true);
    buf_adds(writing->out, markup->account[3]);
}

static void put_last(struct buf *out, int64_t at)
{
    char day[CLOCK_DATE_SIZE];

    if (!at)
        return;
    clock_date(at, day);
    if (*day)
        buf_addf(out, ", last on %s", day);
}

/* Accounts of which there is nothing to say, in one line. */
static void put_quiet(const struct writing *writing)
{
    const struct report *report = writing->report;
    const struct report_markup *markup = writing->markup;
    size_t count = 0;

    for (size_t i = 0; i < report->count; i++) {
        const struct report_account *account = &report->accounts[i];

        if (!report_is_quiet(account))
            continue;
        if (!count++)
            buf_addf(writing->out, "%sNobody came%s%s", markup->account[0],
                     markup->account[1], markup->account[2]);
        buf_adds(writing->out, markup->item[0]);
        put(writing, report_name(account));
        put_last(writing->out, account->last_at);
        end_item(writing);
    }
    if (count)
        buf_adds(writing->out, markup->account[3]);
}

bool report_lines(struct buf *out, const struct report *report,
                  const struct report_markup *markup)
{
    const struct writing writing = {out, report, markup};
    struct buf text;

    buf_init(&text, KIB);
    report_period(&text, report);
    buf_addf(out, "%s%s%s", markup->title[0], text.data, markup->title[1]);
    buf_clear(&text);
    report_summary(&text, report);
    buf_addf(out, "%s%s%s", markup->summary[0], text.data, markup->summary[1]);
    buf_free(&text);
    for (size_t i = 0; i < report->count; i++)
        if (!report_is_quiet(&report->accounts[i]))
            put_account(&writing, &report->accounts[i]);
    put_quiet(&writing);
    return buf_ok(out);
}
