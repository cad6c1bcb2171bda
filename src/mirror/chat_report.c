/* A report as the text of a chat. What matters most comes first and is told
 * whole; what then has no room is told in fewer words, at last as a count. */
#include "mirror/chat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* From all that is known to what must be said. */
enum detail { DETAIL_ALL, DETAIL_SHORT, DETAIL_SIGNALS, DETAIL_NAME };

struct telling {
    struct buf *out;
    const struct chat_markup *markup;
    const struct report *report;
};

static void put_text(const struct telling *telling, const char *text,
                     int cells)
{
    chat_escape_cut(telling->out, telling->markup, text, cells);
}

static void put_mark(const struct telling *telling, enum tone tone)
{
    if (tone == TONE_BAD)
        buf_addf(telling->out, "%s ", telling->markup->bad);
    else if (tone == TONE_WARN)
        buf_addf(telling->out, "%s ", telling->markup->warn);
}

static void put_counts(const struct telling *telling,
                       const struct report_account *account)
{
    struct buf *out = telling->out;

    if (!account->now.events) {
        buf_adds(out, " · no events");
        return;
    }
    buf_addf(out, " · %" PRIu64 " event%s", account->now.events,
             account->now.events == 1 ? "" : "s");
    if (account->now.people > 1)
        buf_addf(out, " by %u people", account->now.people);
    /* A percentage of a small number says nothing. */
    if (account->before.events >= 10) {
        buf_adds(out, ", ");
        report_change(out, account->now.events, account->before.events);
    }
}

static void put_signals(const struct telling *telling,
                        const struct report_account *account, bool openers)
{
    const struct report_signal *signal = account->signals;
    struct buf *out = telling->out;

    for (; signal; signal = signal->next) {
        buf_addc(out, '\n');
        put_mark(telling, signal->tone);
        buf_adds(out, signal->title);
        if (signal->person) {
            buf_adds(out, " · ");
            put_text(telling, signal->person, 60);
        }
        buf_adds(out, ": ");
        put_text(telling, signal->sentence, 160);
        if (!openers || !signal->opener)
            continue;
        buf_addf(out, "\n%sTo say:%s ", telling->markup->faint,
                 telling->markup->faint);
        put_text(telling, signal->opener, 160);
    }
}

static void put_signal_count(const struct telling *telling,
                             const struct report_account *account)
{
    const struct report_signal *signal = account->signals;
    unsigned count = 0;

    for (; signal; signal = signal->next)
        count++;
    if (count)
        buf_addf(telling->out, ", %u signal%s", count, count == 1 ? "" : "s");
}

static void put_words(const struct telling *telling, const char *label,
                      const struct report_account *account,
                      void (*words)(struct buf *out,
                                    const struct report_account *account))
{
    struct buf text;

    buf_init(&text, KIB);
    words(&text, account);
    if (text.len)
        buf_addf(telling->out, "\n%s: %s", label, text.data);
    buf_free(&text);
}

static void put_people(const struct telling *telling,
                       const struct report_account *account)
{
    for (size_t i = 0; i < account->person_count; i++) {
        buf_adds(telling->out, i ? ", " : "\nwho: ");
        put_text(telling, account->people[i].name, 40);
        buf_addf(telling->out, " %u %%",
                 report_share(account, &account->people[i]));
    }
}

static void put_time(const struct telling *telling, int64_t ms)
{
    char text[CLOCK_MINUTES_SIZE];

    clock_minutes(ms, text);
    buf_addf(telling->out, "`%s` ", text);
}

static void put_event(const struct telling *telling,
                      const struct report_event *event)
{
    const char *url = event->replay;

    buf_addc(telling->out, '\n');
    put_mark(telling, event->tone);
    put_time(telling, event->at);
    if (event->person) {
        put_text(telling, event->person, 40);
        buf_addc(telling->out, ' ');
    }
    put_text(telling, event->sentence, 120);
    if (url && strlen(url) <= CHAT_LINK && !strpbrk(url, "<>| \t\n")) {
        buf_addc(telling->out, ' ');
        telling->markup->link(telling->out, url, "Replay");
    }
}

/* A replay of what has a line already is behind that line. */
static bool has_line(const struct report_account *account,
                     const struct report_event *event, size_t lines)
{
    for (size_t i = 0; i < lines; i++)
        if (account->events[i].at == event->at &&
            !strcmp(account->events[i].sentence, event->sentence))
            return true;
    return false;
}

static void put_events(const struct telling *telling,
                       const struct report_account *account, bool all)
{
    size_t lines = account->event_count;

    if (!all && lines > 2)
        lines = 2;
    for (size_t i = 0; i < lines; i++)
        put_event(telling, &account->events[i]);
    for (size_t i = 0; all && i < account->replay_count; i++)
        if (!has_line(account, &account->replays[i], lines))
            put_event(telling, &account->replays[i]);
}

static void put_account(const struct telling *telling,
                        const struct report_account *account,
                        enum detail detail)
{
    buf_adds(telling->out, telling->markup->bold);
    put_text(telling, report_name(account), 80);
    buf_adds(telling->out, telling->markup->bold);
    put_counts(telling, account);
    if (detail == DETAIL_NAME) {
        put_signal_count(telling, account);
        return;
    }
    put_signals(telling, account, detail != DETAIL_SIGNALS);
    if (detail == DETAIL_SIGNALS)
        return;
    put_words(telling, "new", account, report_new);
    if (detail == DETAIL_ALL) {
        put_words(telling, "not this time", account, report_fell);
        put_people(telling, account);
    }
    put_events(telling, account, detail == DETAIL_ALL);
}

static void put_heading(const struct telling *telling)
{
    const struct chat_markup *markup = telling->markup;

    buf_adds(telling->out, markup->bold);
    report_period(telling->out, telling->report);
    buf_addf(telling->out, "%s\n", markup->bold);
    report_summary(telling->out, telling->report);
}

static void put_rest(const struct telling *telling, unsigned accounts,
                     uint64_t events)
{
    const struct chat_markup *markup = telling->markup;

    buf_addf(telling->out, "%sand %u more account%s: %" PRIu64 " event%s%s",
             markup->faint, accounts, accounts == 1 ? "" : "s", events,
             events == 1 ? "" : "s", markup->faint);
}

/* Those that came as long before, and not this time, in one paragraph. */
static void put_quiet(const struct telling *telling, size_t most)
{
    const struct report *report = telling->report;
    struct buf *out = telling->out;
    unsigned count = 0, unnamed = 0;

    for (size_t i = 0; i < report->count; i++) {
        if (!report_is_quiet(&report->accounts[i]))
            continue;
        /* The longest name there can be, and the count. */
        if (out->len + 460 > most) {
            unnamed++;
            continue;
        }
        buf_adds(out, count++ ? ", " : "No events: ");
        put_text(telling, report_name(&report->accounts[i]), 80);
    }
    if (unnamed)
        buf_addf(out, " and %u more", unnamed);
}

static size_t length_of(struct telling telling,
                        const struct report_account *account,
                        enum detail detail)
{
    struct buf text;
    size_t len;

    buf_init(&text, 64 * KIB);
    telling.out = &text;
    put_account(&telling, account, detail);
    len = text.len;
    buf_free(&text);
    return len;
}

/* As much of an account as fits into `room`; false: not even its name. */
static bool put_as_fits(const struct telling *telling,
                        const struct report_account *account, size_t room)
{
    for (int detail = DETAIL_ALL; detail <= DETAIL_NAME; detail++) {
        buf_clear(telling->out);
        put_account(telling, account, (enum detail)detail);
        if (telling->out->len <= room)
            return true;
    }
    return false;
}

/* What must be said of an account, in bytes with what stands between parts;
 * 0: nothing. */
static size_t least_of(const struct telling *telling,
                       const struct report_account *account,
                       const struct chat_room *room)
{
    if (report_is_quiet(account))
        return 0;
    return room->between +
           length_of(*telling, account,
                     account->signals ? DETAIL_SIGNALS : DETAIL_NAME);
}

struct filling {
    struct telling telling;
    const struct chat_room *room;
    void (*put)(void *ctx, const char *text);
    void *ctx;
    size_t left, needed; /* bytes; what the accounts to come must have */
    size_t parts;
    unsigned more; /* accounts without a part, and their events */
    uint64_t events;
};

static void fill_account(struct filling *filling,
                         const struct report_account *account, size_t least)
{
    const struct chat_room *room = filling->room;
    size_t here = filling->left;

    if (!least)
        return;
    filling->needed -= least;
    if (here >= filling->needed + least)
        here -= filling->needed;
    else if (here > least)
        here = least;
    here -= room->between < here ? room->between : here;
    if (here > room->part)
        here = room->part;
    /* One is the count of those without, one who did not come. */
    if (filling->parts + 3 > room->parts ||
        !put_as_fits(&filling->telling, account, here)) {
        filling->more++;
        filling->events += account->now.events;
        return;
    }
    filling->put(filling->ctx, filling->telling.out->data);
    filling->left -= filling->telling.out->len + room->between;
    filling->parts++;
}

static void fill_accounts(struct filling *filling)
{
    const struct report *report = filling->telling.report;
    size_t *least = xreallocarray(NULL, report->count + 1, sizeof *least);

    for (size_t i = 0; i < report->count; i++) {
        least[i] =
            least_of(&filling->telling, &report->accounts[i], filling->room);
        filling->needed += least[i];
    }
    for (size_t i = 0; i < report->count; i++)
        fill_account(filling, &report->accounts[i], least[i]);
    free(least);
}

void chat_report(const struct chat_markup *markup, const struct report *report,
                 const struct chat_room *room,
                 void (*put)(void *ctx, const char *text), void *ctx)
{
    struct buf text, quiet;
    struct filling filling = {.telling = {&text, markup, report},
                              .room = room,
                              .put = put,
                              .ctx = ctx,
                              .parts = 1};
    struct telling last = {&quiet, markup, report};

    buf_init(&text, 64 * KIB);
    buf_init(&quiet, 64 * KIB);
    put_heading(&filling.telling);
    put_quiet(&last, room->all / 10);
    put(ctx, text.data);
    /* The end, as well: who did not come, and how many had no room. */
    filling.left = room->all - text.len;
    filling.left -= quiet.len + CHAT_REST < filling.left
                        ? quiet.len + CHAT_REST
                        : filling.left;
    fill_accounts(&filling);
    if (filling.more) {
        buf_clear(&text);
        put_rest(&filling.telling, filling.more, filling.events);
        put(ctx, text.data);
    }
    if (quiet.len)
        put(ctx, quiet.data);
    buf_free(&text);
    buf_free(&quiet);
}

void chat_report_summary(struct buf *out, const struct chat_markup *markup,
                         const struct report *report, size_t most)
{
    struct telling telling = {out, markup, report};

    report_summary(out, report);
    for (size_t i = 0; i < report->count; i++) {
        const struct report_account *account = &report->accounts[i];

        /* The longest there can be. */
        if (!account->signals || out->len + 600 > most)
            return;
        buf_adds(out, "; ");
        put_text(&telling, report_name(account), 80);
        buf_addf(out, ": %s", account->signals->title);
    }
}
