/* GET /events. With `after` the events that follow, oldest first; without
 * it the newest, or the newest below `before`; always printed in order. One
 * answer is bounded in lines, bytes and time: the header X-Telltale-Next
 * says where the next one starts ("after=SEQ" or "before=SEQ") when there is
 * more to look at. The journal is read on its reader's thread. */
#include "serve/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "query/query.h"
#include "event/archive.h"
#include "serve/access.h"
#include "serve/asked.h"
#include "serve/concealed.h"
#include "serve/params.h"
#include "serve/searches.h"
#include "base/banned.h"

struct events {
    struct journal *journal;
    const struct viewers *viewers;
    const struct redaction *conceal; /* NULL: nothing */
    struct server *server;
    struct searches *searches;
};

/* One request: the loop's until it has its turn, then the reader's, then the
 * loop's again. */
struct search {
    struct events *events;
    struct reader_range range;
    bool walks, kept;
    struct reader_walk walk;   /* walks: of the next page */
    struct reader_place place; /* of the last event that was looked at */
    struct query *query;
    size_t wanted, found;
    int64_t deadline_us, now_ms;
    bool more;
    struct buf text; /* lines, in the order they were found */
    size_t *ends;    /* where each of them ends */
};

struct events *events_new(struct journal *journal,
                          const struct viewers *viewers,
                          const struct redaction *conceal)
{
    struct events *events = xcalloc(1, sizeof *events);

    events->journal = journal;
    events->viewers = viewers;
    events->conceal = conceal;
    events->searches = searches_new(journal, LIMIT_SEARCHES);
    return events;
}

static void search_free(void *ctx)
{
    struct search *search = ctx;

    query_free(search->query);
    buf_free(&search->text);
    free(search->ends);
    free(search);
}

void events_free(struct events *events)
{
    searches_free(events->searches);
    free(events);
}

/* Admission: everything about the request but its answer. */

static enum admission events_admit(void *ctx, const struct request *request,
                                   struct answer *answer, void **note)
{
    struct events *events = ctx;
    struct asked_events asked;
    struct search *search;
    struct err err = {""};

    if (!access_granted(events->viewers, request, NULL)) {
        access_refuse(events->viewers, answer);
        return ADMIT_ANSWER;
    }
    if (!asked_events_read(request, &asked, &err)) {
        params_refuse(answer, err.text);
        return ADMIT_ANSWER;
    }
    search = xcalloc(1, sizeof *search);
    search->events = events;
    buf_init(&search->text, LIMIT_EVENTS_ANSWER);
    search->range.after = asked.after;
    search->range.before = asked.before;
    search->range.newest_first = asked.newest_first;
    search->wanted = asked.limit;
    search->query = asked.query;
    search->kept = asked.kept;
    search->walks = asked.walks;
    search->place = search->walk.from = asked.from;
    search->walk.newest_first = asked.newest_first;
    /* Without a filter all of a page are wanted; no more are read. */
    if (query_is_empty(search->query) && search->wanted < LIMIT_PAGE_ROWS)
        search->range.limit = search->walk.limit = search->wanted;
    *note = search;
    return ADMIT;
}

static void events_gone(void *ctx, void *note)
{
    (void)ctx;
    search_free(note);
}

/* The search, on the reader's thread. */

static bool add_line(struct search *search, const struct event *event,
                     const struct uuid *journal)
{
    size_t start = search->text.len;
    struct arena arena = ARENA_INIT;
    struct event shown = *event;
    bool ok;

    redaction_conceal(search->events->conceal, &shown, &arena);
    ok = (search->kept ? archive_event : event_to_json)(&search->text, &shown,
                                                        journal) &&
         buf_addc(&search->text, '\n');
    arena_free(&arena);
    if (ok) {
        search->ends[search->found++] = search->text.len;
        return true;
    }
    search->text.overflow = false;
    buf_truncate(&search->text, start);
    return false;
}

static bool matches(const struct search *search, const struct event *event)
{
    struct concealed concealed;
    bool found;

    concealed_begin(&concealed, search->events->conceal, event);
    found = concealed_match(&concealed, search->query, search->now_ms);
    concealed_end(&concealed);
    return found;
}

/* Takes what matches of a page, and moves the range behind what was seen. */
static void take_page(struct search *search, const struct event_batch *batch,
                      const struct uuid *journal)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        if (search->found == search->wanted ||
            (matches(search, event) && !add_line(search, event, journal))) {
            search->more = true;
            return;
        }
        search->place = (struct reader_place){.seq = event->seq,
                                              .ms = event->received_at,
                                              .past = (event->flags &
                                                       EVENT_BACKFILLED) != 0};
        if (search->range.newest_first)
            search->range.before = event->seq;
        else
            search->range.after = event->seq;
    }
}

static enum reader_step search_step(void *ctx, struct journal_reader *reader,
                                    struct err *err)
{
    struct search *search = ctx;
    struct event_batch *batch = event_batch_new();
    bool more = false, stopped;

    if (!(search->walks
              ? reader_walk(reader, &search->walk, batch, &more, err)
              : reader_page(reader, &search->range, batch, &more, err))) {
        event_batch_free(batch);
        return READER_FAILED;
    }
    search->more = false;
    take_page(search, batch, reader_journal_id(reader));
    if (query_unjudged(search->query))
        more = false; /* whatever follows, the answer is no */
    stopped = search->more;
    search->more = stopped || more;
    more = more && (batch->count || search->walks);
    event_batch_free(batch);
    return more && !stopped && search->found < search->wanted &&
                   clock_mono_us() < search->deadline_us
               ? READER_AGAIN
               : READER_DONE;
}

/* The answer, on the loop again. */

/* Newest first was found; oldest first is told, but where somebody walks. */
static char *in_order(const struct search *search)
{
    char *out = xmalloc(search->text.len + 1), *at = out;

    for (size_t i = search->found; i > 0; i--) {
        size_t start = i > 1 ? search->ends[i - 2] : 0;
        size_t len = search->ends[i - 1] - start;

        memcpy(at, search->text.data + start, len);
        at += len;
    }
    *at = '\0';
    return out;
}

static void send_lines(struct search *search, struct request_id id)
{
    struct answer answer = {.status = 200,
                            .content_type = "application/x-ndjson"};
    bool newest = search->range.newest_first && !search->walks;
    char *ordered = newest ? in_order(search) : NULL;
    struct buf headers;

    buf_init(&headers, 256);
    if (search->more && search->walks)
        buf_addf(&headers, "X-Telltale-Next: place=%llu.%lld.%d\r\n",
                 (unsigned long long)search->place.seq,
                 (long long)search->place.ms, search->place.past);
    else if (search->more)
        buf_addf(&headers, "X-Telltale-Next: %s=%llu\r\n",
                 newest ? "before" : "after",
                 (unsigned long long)(newest ? search->range.before
                                             : search->range.after));
    answer.body = ordered ? ordered : search->text.data;
    answer.len = search->text.len;
    answer.headers = headers.len ? headers.data : NULL;
    server_answer(search->events->server, id, &answer);
    buf_free(&headers);
    free(ordered);
}

/* A list with gaps that cannot be seen is no answer. */
static void send_too_costly(struct search *search, struct request_id id)
{
    struct answer answer = {.status = 0};
    struct err why, err;

    query_explain_unjudged(search->query, &why);
    err_set(&err, "q: %s", why.text);
    params_refuse(&answer, err.text);
    server_answer(search->events->server, id, &answer);
    answer_free(&answer);
}

static void send_unread(struct search *search, struct request_id id)
{
    struct answer answer = {.status = 0};

    params_answer(&answer, 500, "the journal cannot be read");
    server_answer(search->events->server, id, &answer);
    answer_free(&answer);
}

static void search_begin(void *ctx)
{
    struct search *search = ctx;

    search->ends = xcalloc(search->wanted, sizeof *search->ends);
}

static void search_answer(void *ctx, struct request_id id, bool ok,
                          const struct err *err)
{
    struct search *search = ctx;

    (void)err;
    if (ok && query_unjudged(search->query))
        send_too_costly(search, id);
    else if (ok)
        send_lines(search, id);
    else
        send_unread(search, id);
}

static void events_complete(void *ctx, struct request_id id, const char *peer,
                            void *note, char *body, size_t len)
{
    static const struct search_ops ops = {.begin = search_begin,
                                          .step = search_step,
                                          .answer = search_answer,
                                          .free = search_free};
    struct events *events = ctx;
    struct search *search = note;

    (void)peer;
    (void)body;
    (void)len;
    search->now_ms = clock_now_ms();
    search->deadline_us = clock_mono_us() + SEARCH_US;
    searches_ask(events->searches, events->server, id, &ops, search);
}

void events_serve(struct events *events, struct server *server)
{
    static const struct route_ops ops = {.admit = events_admit,
                                         .on_complete = events_complete,
                                         .on_gone = events_gone};
    struct route route = {.methods = "GET",
                          .path = "/events",
                          .ops = &ops,
                          .ctx = events};

    events->server = server;
    server_route(server, &route);
}
