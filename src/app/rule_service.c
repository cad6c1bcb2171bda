/* The service "rules": a follower of the journal that tells at once what a
 * rule asks for. The cursor moves before anything is told, and with it go the
 * messages through mirrors: after a restart nothing is told twice, and what
 * came meanwhile is told then. What rests is
 * no state of its own: the journal is gone over again, as far back as an
 * account may rest.
 *
 * A rule that asks for signals goes behind them: up to where they have
 * concluded, so that each is there when its place in the journal is gone
 * over. */
#include "app/rule_service.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/rule.h"
#include "app/rule_sending.h"
#include "app/service.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/follower.h"
#include "journal/reader.h"
#include "live/display.h"
#include "signal/table.h"

#include "base/banned.h"

#define GATHER_US 20000 /* a lone event waits so long for company */
#define PAGES_BACK 20   /* gone over at the start, for what rests */

struct rule_service {
    const struct service_host *host;
    struct rule_list list;
    bool wants_signals, wants_bodies;
    int64_t rest_ms; /* the longest */
    struct follower *follower;
    struct loop_timer *timer;
    char *trouble;

    /* While a page is under way: the reader's. */
    struct rule_memory memory;
    bool began;
    uint64_t upto; /* gone over up to and with this one; once begun */
    struct rule_firing firings[LIMIT_RULES];
    size_t fired;
    struct rule_sending sending;
};

/* ---- on the reader's thread ---- */

/* What is judged: events, and signals told as such. */
struct page {
    struct arena arena;
    struct event *events;
    int64_t *signals; /* of each its id; 0: it is an event */
    size_t count, cap;
    uint64_t after, upto;
};

static void add(struct page *page, const struct event *event, int64_t signal)
{
    if (page->count == page->cap) {
        page->cap = page->cap ? 2 * page->cap : 64;
        page->events =
            xreallocarray(page->events, page->cap, sizeof *page->events);
        page->signals =
            xreallocarray(page->signals, page->cap, sizeof *page->signals);
    }
    page->signals[page->count] = signal;
    page->events[page->count++] = *event;
}

/* A rule wants the signal itself, and not once more what it rests on. */
static void add_event(struct page *page, const struct event *event)
{
    add(page, event, 0);
    page->events[page->count - 1].signals = 0;
}

static const char *copy(struct page *page, const char *text)
{
    return text ? arena_strdup(&page->arena, text) : NULL;
}

static bool add_signal(void *ctx, const struct signal_row *row)
{
    struct page *page = ctx;
    struct event event = {.seq = row->seq, .name = "signal"};
    struct buf sentence;

    if (row->state == STATE_WITHDRAWN)
        return true;
    buf_init(&sentence, LIMIT_TEXT);
    buf_addf(&sentence, "%s: %s", signal_title(row->kind), row->sentence);
    event.sentence = copy(page, sentence.data);
    buf_free(&sentence);
    event.category = row->category == SIGNAL_NO_CATEGORY
                         ? CATEGORY_OTHER
                         : (enum category)row->category;
    event.tone = row->tone;
    event.occurred_at = event.received_at = row->fired_at;
    event.account.id = copy(page, row->account_id);
    event.account.name = copy(page, row->account_name);
    event.person.id = copy(page, row->person_id);
    event.person.email = copy(page, row->person_email);
    event.person.name = copy(page, row->person_name);
    event.signals = 1u << row->kind;
    add(page, &event, row->id);
    return true;
}

static void take(struct page *page, const struct follower_page *from)
{
    for (size_t i = 0; i < from->count; i++) {
        add_event(page, &from->events[i]);
        if (from->events[i].seq > page->upto)
            page->upto = from->events[i].seq;
    }
    for (size_t i = 0; i < from->tick_count; i++)
        if (from->ticks[i].seq > page->upto)
            page->upto = from->ticks[i].seq;
}

static uint64_t first_seq(const struct follower_page *page)
{
    uint64_t first = page->count ? page->events[0].seq : UINT64_MAX;

    return page->tick_count && page->ticks[0].seq < first ? page->ticks[0].seq
                                                          : first;
}

/* Where the rest before that seq begins. */
static bool find_rest(struct rule_service *service,
                      struct journal_reader *reader, uint64_t before,
                      uint64_t *after, struct err *err)
{
    struct reader_range range = {.before = before,
                                 .newest_first = true,
                                 .no_bodies = true};
    int64_t newest = 0;
    bool more = before > 1, ok = true;

    for (int pages = 0; ok && more && pages < PAGES_BACK; pages++) {
        struct event_batch *batch = event_batch_new();

        ok = reader_page(reader, &range, batch, &more, err);
        for (size_t i = 0; ok && i < batch->count; i++) {
            const struct event *event = &batch->events[i];

            range.before = event->seq;
            newest = newest ? newest : event->received_at;
            more = more && newest - event->received_at < service->rest_ms;
        }
        event_batch_free(batch);
    }
    *after = range.before ? range.before - 1 : 0;
    return ok;
}

/* Goes over again what may rest, and tells nothing. */
static bool remember_rest(struct rule_service *service,
                          struct journal_reader *reader, uint64_t before,
                          struct err *err)
{
    struct reader_range range = {.before = before,
                                 .no_bodies = !service->wants_bodies};
    struct rule_firing ignored[LIMIT_RULES];
    size_t fired;
    bool more = true, ok = true;

    rule_memory_free(&service->memory);
    if (!service->rest_ms ||
        !find_rest(service, reader, before, &range.after, err))
        return !service->rest_ms;
    while (ok && more) {
        struct event_batch *batch = event_batch_new();

        ok = reader_page(reader, &range, batch, &more, err);
        for (size_t i = 0; ok && i < batch->count; i++) {
            batch->events[i].signals = 0;
            range.after = batch->events[i].seq;
        }
        fired = ok ? rule_judge(&service->list, &service->memory,
                                batch->events, batch->count, ignored)
                   : 0;
        rule_firings_free(ignored, fired);
        more = more && batch->count;
        event_batch_free(batch);
    }
    return ok;
}

static bool judge(struct rule_service *service, struct journal_reader *reader,
                  struct page *page, struct err *err)
{
    if (service->wants_signals &&
        !table_each_within(reader_db(reader), page->after, page->upto,
                           add_signal, page, err))
        return false;
    service->fired = rule_judge(&service->list, &service->memory, page->events,
                                page->count, service->firings);
    service->upto = page->upto;
    return rule_sending_plan(&service->sending, reader, service->firings,
                             service->fired, page->events, page->signals, err);
}

static void drop_firings(struct rule_service *service)
{
    rule_firings_free(service->firings, service->fired);
    service->fired = 0;
    rule_sending_drop(&service->sending);
}

/* Called again with the same page when it could not be written: what rests is
 * then gone over anew. */
static bool read_page(void *ctx, struct journal_reader *reader,
                      const struct follower_page *from, struct err *err)
{
    struct rule_service *service = ctx;
    uint64_t first = first_seq(from);
    struct page page = {.arena = ARENA_INIT, .after = first - 1};
    bool ok = true;

    drop_firings(service);
    if (!from->count && !from->tick_count)
        return true;
    if (!service->began || first <= service->upto)
        ok = remember_rest(service, reader, first, err);
    else
        page.after = service->upto;
    service->began = ok;
    take(&page, from);
    ok = ok && judge(service, reader, &page, err);
    free(page.events);
    free(page.signals);
    arena_free(&page.arena);
    return ok;
}

/* ---- on the writer's thread ---- */

static bool write_page(void *ctx, struct sqlite3 *db, struct err *err)
{
    return rule_sending_write(&((struct rule_service *)ctx)->sending, db, err);
}

/* ---- on the loop ---- */

static void tell(struct rule_service *service,
                 const struct rule_firing *firing)
{
    const struct service_host *host = service->host;
    const struct rule *rule = &service->list.rules[firing->rule];
    char text[RULE_TEXT + 32];

    if (firing->events > 1)
        snprintf(text, sizeof text, "%s (and %zu more)", firing->text,
                 firing->events - 1);
    else
        snprintf(text, sizeof text, "%s", firing->text);
    if (rule->how & ~(unsigned)ALERT_HIGHLIGHT)
        host->alert(host->app, rule->how, rule->name, text);
}

static void set_trouble(struct rule_service *service, const struct err *err)
{
    if (err && !service->trouble)
        log_line(LOG_WARN, "no rules at present: %s", err->text);
    free(service->trouble);
    service->trouble = err ? xstrdup(err->text) : NULL;
}

static void on_page(void *ctx, bool ok, const struct err *err)
{
    struct rule_service *service = ctx;

    if (!ok && !err)
        return;
    set_trouble(service, ok ? NULL : err);
    for (size_t i = 0; ok && i < service->fired; i++)
        tell(service, &service->firings[i]);
    if (ok)
        rule_sending_written(&service->sending);
    drop_firings(service);
}

static void on_timer(void *ctx)
{
    follower_wake(((struct rule_service *)ctx)->follower);
}

static void arm(void *ctx, int64_t us)
{
    struct rule_service *service = ctx;

    if (us < 0)
        loop_timer_cancel(service->timer);
    else
        loop_timer_set(service->timer, us);
}

/* The demo has a book of its own, and nobody wants to be called for that. */
static void *rule_service_new(const struct service_host *host, struct err *err)
{
    struct rule_service *service;
    struct rule_list list;

    if (host->demo || !rule_list_load(&list, host->config, err) || !list.count)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->list = list;
    for (size_t i = 0; i < list.count; i++) {
        const struct rule *rule = &list.rules[i];

        service->wants_signals |= query_asks_signals(rule->query);
        service->wants_bodies |= query_deep(rule->query) > 0;
        if (rule->cooldown_ms > service->rest_ms)
            service->rest_ms = rule->cooldown_ms;
    }
    return service;
}

static bool rule_service_open(void *self, struct err *err)
{
    struct rule_service *service = self;
    bool bodies =
        rule_sending_open(&service->sending, &service->list,
                          service->host->mirrors(service->host->app));
    struct follower_options options = {.journal = service->host->journal,
                                       .name = "rules",
                                       .at_newest = true,
                                       .bodies =
                                           service->wants_bodies || bodies,
                                       .ticks = service->wants_signals,
                                       .not_beyond = service->wants_signals,
                                       .gather_us = GATHER_US,
                                       .arm = arm,
                                       .read = read_page,
                                       .write = write_page,
                                       .on_done = on_page,
                                       .ctx = service};

    (void)err;
    service->timer = loop_timer_new(service->host->loop, on_timer, service);
    service->follower = follower_new(&options);
    return true;
}

static void rule_service_committed(void *self, uint64_t last_seq)
{
    struct rule_service *service = self;

    if (!service->wants_signals)
        follower_committed(service->follower, last_seq);
}

void rule_service_concluded(void *self, uint64_t seq)
{
    struct rule_service *service = self;

    if (service && service->wants_signals && service->follower)
        follower_committed(service->follower, seq);
}

const char *rule_service_highlight(const void *self, size_t index)
{
    const struct rule_service *service = self;

    for (size_t i = 0; service && i < service->list.count; i++)
        if (service->list.rules[i].how & ALERT_HIGHLIGHT && !index--)
            return query_text(service->list.rules[i].query);
    return NULL;
}

static void rule_service_stop(void *self)
{
    struct rule_service *service = self;

    if (service->follower)
        follower_stop(service->follower);
}

static bool rule_service_busy(const void *self)
{
    const struct rule_service *service = self;

    return service->follower && follower_busy(service->follower);
}

static void rule_service_free(void *self)
{
    struct rule_service *service = self;

    follower_free(service->follower);
    if (service->timer)
        loop_timer_free(service->timer);
    drop_firings(service);
    rule_memory_free(&service->memory);
    rule_list_free(&service->list);
    free(service->trouble);
    free(service);
}

const struct service service_rules = {.new = rule_service_new,
                                      .open = rule_service_open,
                                      .committed = rule_service_committed,
                                      .stop = rule_service_stop,
                                      .busy = rule_service_busy,
                                      .free = rule_service_free};
