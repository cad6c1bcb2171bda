/* The feed's viewers, and who gets what next.
 *
 * A viewer that has everything up to `head` follows: what is committed in a
 * turn is made into lines once, gathered for each viewer, and sent at the
 * turn's end. One that has not is behind: pieces of the journal are read for
 * it, the next one when its socket has taken the last. While a piece is read
 * that ends at the head, what is committed meanwhile is gathered behind it, so
 * that a viewer catches up however fast events come. A turn of which
 * feed_kept() did not hear everything (ticks, the past) puts all behind, for a
 * moment.
 *
 * So nothing is pushed that could not be read again, and what waits in memory
 * for a slow viewer is a piece, not a backlog. */
#include "serve/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "serve/access.h"
#include "serve/asked.h"
#include "serve/feed_page.h"
#include "serve/params.h"

#include "base/banned.h"

/* One piece of a search in which nothing matches: then others have a turn. */
#define PIECE_US INT64_C(250000)

struct viewer {
    struct viewer *next;
    struct feed *feed;
    struct request_id id;
    struct viewer_token token;
    uint64_t cursor; /* has all up to there */
    bool follows;    /* `live` holds what comes behind cursor, or behind what
                        is being read */
    bool reading;    /* page is the reader's */
    bool forgets;    /* is to be told who is forgotten */
    bool forgets_on; /* from where the last piece ended */
    bool by_acts;    /* is told what was said from the journal, in order */
    bool acts;       /* something was */
    bool gone;
    bool ends;           /* when it has all up to `last` */
    uint64_t last;       /* the newest when it came */
    struct query *query; /* for what is live; the page has its own */
    struct buf live;
    struct feed_page page;
};

struct feed {
    struct journal *journal;
    const struct viewers *viewers;
    const struct redaction *conceal; /* NULL: nothing */
    struct server *server;
    struct viewer *first; /* the newest */
    unsigned count;       /* not gone */
    unsigned reading;
    uint64_t head;     /* what viewers that follow have been told up to */
    uint64_t newest;   /* of the turn, seq */
    uint64_t gathered; /* events of the turn */
    uint64_t left;     /* feeds that have ended */
    bool stopped;
    void (*greet)(void *ctx, struct buf *out, enum feed_form form);
    void *greet_ctx;
    struct buf json[2]; /* of one event; with what is kept besides */
};

struct feed *feed_new(struct journal *journal, const struct viewers *viewers,
                      const struct redaction *conceal)
{
    struct feed *feed = xcalloc(1, sizeof *feed);

    feed->journal = journal;
    feed->viewers = viewers;
    feed->conceal = conceal;
    feed->head = journal_stats(journal).last_seq;
    buf_init(&feed->json[false], LIMIT_ANSWER);
    buf_init(&feed->json[true], LIMIT_ANSWER);
    return feed;
}

static void viewer_free(struct viewer *viewer)
{
    query_free(viewer->query);
    feed_page_free(&viewer->page);
    buf_free(&viewer->live);
    free(viewer);
}

void feed_free(struct feed *feed)
{
    while (feed->first) {
        struct viewer *viewer = feed->first;

        feed->first = viewer->next;
        viewer_free(viewer);
    }
    buf_free(&feed->json[false]);
    buf_free(&feed->json[true]);
    free(feed);
}

static const char *name_of(const struct viewer *viewer)
{
    return *viewer->token.name ? viewer->token.name : "a viewer";
}

/* Frees those that are gone, unless the reader has something of theirs. Never
 * from inside a call about one. */
static void bury(struct feed *feed)
{
    struct viewer **at = &feed->first;

    while (*at) {
        struct viewer *viewer = *at;

        if (viewer->gone && !viewer->reading) {
            *at = viewer->next;
            viewer_free(viewer);
        } else {
            at = &viewer->next;
        }
    }
}

/* ---- sending ---- */

static void send_buf(struct viewer *viewer, struct buf *out)
{
    if (!viewer->gone)
        server_stream_send(viewer->feed->server, viewer->id, out->data,
                           out->len);
    buf_clear(out);
    if (out->cap > LIMIT_FEED_PIECE)
        buf_free(out);
}

static void say(struct viewer *viewer, const char *kind, uint64_t seq,
                const char *rest)
{
    struct buf out;

    buf_init(&out, MIB);
    feed_line_say(&out, viewer->page.form, kind, seq, rest);
    send_buf(viewer, &out);
    buf_free(&out);
}

/* The last word; all: there is nothing more, and that was wanted. */
static void say_bye(struct viewer *viewer, const char *why, bool all)
{
    cJSON *word = cJSON_CreateString(why);
    char *quoted = cJSON_PrintUnformatted(word);
    struct buf rest;

    buf_init(&rest, 16 * KIB);
    buf_addf(&rest, ",\"why\":%s%s", quoted, all ? ",\"all\":true" : "");
    say(viewer, "bye", 0, rest.data);
    buf_free(&rest);
    cJSON_free(quoted);
    cJSON_Delete(word);
    if (viewer->gone)
        return;
    viewer->gone = true;
    viewer->feed->count--;
    viewer->feed->left++;
    server_stream_end(viewer->feed->server, viewer->id);
}

static void let_go(struct viewer *viewer, const char *why)
{
    say_bye(viewer, why, false);
}

/* It wanted what was there, and has it. */
static void end_if_whole(struct viewer *viewer)
{
    if (viewer->ends && !viewer->gone && !viewer->forgets && !viewer->acts &&
        viewer->cursor >= viewer->last)
        say_bye(viewer, "that is all", true);
}

/* ---- reading ---- */

static void read_more(struct feed *feed);

static void fall_behind(struct viewer *viewer)
{
    viewer->follows = false;
    buf_free(&viewer->live);
}

/* A filter that cannot be judged would leave gaps that nobody sees. */
static bool is_judged(struct viewer *viewer, const struct query *query)
{
    struct err err;

    if (query_explain_unjudged(query, &err))
        return true;
    let_go(viewer, err.text);
    return false;
}

/* On the reader's thread. */
static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct viewer *viewer = ctx;

    return feed_page_read(&viewer->page, reader, err);
}

static void take_page(struct viewer *viewer)
{
    /* More of them than one piece holds; somebody new: from the beginning. */
    if (viewer->page.tell_forgotten && !viewer->forgets)
        viewer->forgets = viewer->forgets_on = true;
    viewer->acts |= viewer->page.tell_acts;
    viewer->cursor = viewer->page.after;
    if (viewer->cursor < viewer->page.upto)
        fall_behind(viewer);
    send_buf(viewer, &viewer->page.out);
    end_if_whole(viewer);
    /* In a turn that has kept something, its end sends it. */
    if (!viewer->follows || viewer->feed->gathered)
        return;
    send_buf(viewer, &viewer->live);
    viewer->cursor = viewer->feed->head;
}

static void on_page(void *ctx, bool ok, const struct err *err)
{
    struct viewer *viewer = ctx;
    struct feed *feed = viewer->feed;

    viewer->reading = false;
    feed->reading--;
    if (!ok && !feed->stopped) {
        log_limited(LOG_WARN, "the journal cannot be read for %s: %s",
                    name_of(viewer), err->text);
        let_go(viewer, "the journal cannot be read");
    } else if (!viewer->gone && is_judged(viewer, viewer->page.query)) {
        take_page(viewer);
    }
    bury(feed);
    read_more(feed);
}

static bool is_due(const struct viewer *viewer)
{
    return !viewer->gone &&
           (!viewer->follows || viewer->forgets || viewer->acts) &&
           !viewer->reading &&
           !server_stream_waiting(viewer->feed->server, viewer->id);
}

static void start_page(struct viewer *viewer)
{
    struct feed *feed = viewer->feed;

    fall_behind(viewer);
    viewer->page.tell_forgotten = viewer->forgets;
    viewer->page.goes_on = viewer->forgets_on;
    viewer->forgets = viewer->forgets_on = false;
    viewer->page.tell_acts = viewer->acts;
    viewer->acts = false;
    viewer->page.after = viewer->cursor;
    viewer->page.upto = feed->head;
    viewer->page.now_ms = clock_now_ms();
    viewer->page.deadline_us = clock_mono_us() + PIECE_US;
    /* What was kept in this turn already, it has not heard. */
    viewer->follows = !feed->gathered;
    viewer->reading = true;
    feed->reading++;
    journal_read(feed->journal, read_page, on_page, viewer);
}

/* Those that wait for their turn, the one with the least first: nobody is
 * read for twice while another waits. */
static struct viewer *next_due(const struct feed *feed)
{
    struct viewer *found = NULL;

    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (is_due(viewer) && (!found || viewer->cursor < found->cursor))
            found = viewer;
    return found;
}

static void read_more(struct feed *feed)
{
    struct viewer *viewer;

    while (!feed->stopped && feed->reading < LIMIT_SEARCHES &&
           (viewer = next_due(feed)))
        start_page(viewer);
}

/* ---- what comes ---- */

static void gather(struct viewer *viewer, const struct event *event,
                   int64_t now_ms)
{
    struct feed *feed = viewer->feed;
    struct buf *json = &feed->json[viewer->page.kept];

    if (viewer->gone || !viewer->follows ||
        !query_match(viewer->query, event, now_ms))
        return;
    if (!json->len)
        feed_page_json(json, viewer->page.kept, event, feed->conceal,
                       journal_id(feed->journal));
    if (viewer->live.len && viewer->live.len + json->len > LIMIT_FEED_PIECE)
        fall_behind(viewer);
    else
        feed_page_add(&viewer->live, viewer->page.form, event, json->data,
                      json->len);
}

/* Its JSON is made once for all who want the same. */
static void tell_event(struct feed *feed, const struct event *event)
{
    int64_t now_ms = clock_now_ms();

    for (int kept = 0; kept < 2; kept++) {
        buf_clear(&feed->json[kept]);
        if (feed->json[kept].cap > MIB)
            buf_free(&feed->json[kept]);
    }
    for (struct viewer *at = feed->first; at; at = at->next)
        gather(at, event, now_ms);
}

void feed_kept(struct feed *feed, const struct event_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        if (event->flags & EVENT_DUPLICATE || event->seq <= feed->newest)
            continue;
        feed->newest = event->seq;
        feed->gathered++;
        if (feed->count)
            tell_event(feed, event);
    }
}

/* The turn was heard whole. */
static void follow(struct viewer *viewer, uint64_t last_seq)
{
    const struct feed *feed = viewer->feed;

    if (viewer->gone || !viewer->follows || viewer->reading)
        return;
    if (server_stream_waiting(feed->server, viewer->id) > LIMIT_FEED_WAITING) {
        fall_behind(viewer);
        return;
    }
    if (!is_judged(viewer, viewer->query))
        return;
    send_buf(viewer, &viewer->live);
    viewer->cursor = last_seq;
    end_if_whole(viewer);
}

void feed_committed(struct feed *feed, uint64_t last_seq)
{
    bool whole =
        last_seq - feed->head == feed->gathered && feed->newest == last_seq;

    if (last_seq <= feed->head)
        return;
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (whole)
            follow(viewer, last_seq);
        else
            fall_behind(viewer);
    feed->head = last_seq;
    feed->newest = last_seq;
    feed->gathered = 0;
    bury(feed);
    read_more(feed);
}

void feed_say(struct feed *feed, const char *kind, const char *rest)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (!viewer->gone)
            say(viewer, kind, 0, rest);
}

void feed_say_act(struct feed *feed, const char *rest)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (viewer->by_acts)
            viewer->acts = true;
        else if (!viewer->gone)
            say(viewer, "act", 0, rest);
    read_more(feed);
}

/* ---- the stream's calls ---- */

static void on_drained(void *ctx)
{
    struct viewer *viewer = ctx;

    read_more(viewer->feed);
}

static void on_quiet(void *ctx)
{
    struct viewer *viewer = ctx;
    char iso[CLOCK_ISO_SIZE], rest[64];

    clock_format_iso(clock_now_ms(), iso);
    snprintf(rest, sizeof rest, ",\"at\":\"%s\"", iso);
    say(viewer, "alive", viewer->cursor, rest);
}

static void on_gone(void *ctx, const char *why)
{
    struct viewer *viewer = ctx;

    if (why)
        log_limited(LOG_NOTE, "%s was let go at seq %llu: %s", name_of(viewer),
                    (unsigned long long)viewer->cursor, why);
    viewer->gone = true;
    viewer->feed->count--;
    viewer->feed->left++;
}

/* ---- who comes ---- */

static struct viewer *viewer_new(struct feed *feed,
                                 const struct asked_feed *asked)
{
    struct viewer *viewer = xcalloc(1, sizeof *viewer);

    viewer->feed = feed;
    viewer->cursor = asked->after;
    viewer->ends = asked->ends;
    viewer->forgets = asked->kept;
    viewer->by_acts = viewer->acts = asked->by_acts;
    viewer->query = asked->query[0];
    feed_page_init(&viewer->page);
    viewer->page.conceal = feed->conceal;
    viewer->page.kept = asked->kept;
    viewer->page.acts = asked->acts;
    viewer->page.form = asked->form;
    viewer->page.look_for_gap = asked->after != UINT64_MAX;
    viewer->page.query = asked->query[1];
    buf_init(&viewer->live, LIMIT_ANSWER - KIB);
    return viewer;
}

static enum admission feed_admit(void *ctx, const struct request *request,
                                 struct answer *answer, void **note)
{
    struct feed *feed = ctx;
    struct viewer_token token;
    struct asked_feed asked;
    struct viewer *viewer;
    struct err err = {""};

    if (!access_granted(feed->viewers, request, &token)) {
        access_refuse(feed->viewers, answer);
        return ADMIT_ANSWER;
    }
    if (feed->stopped || feed->count >= LIMIT_FEEDS) {
        params_answer(answer, 503, "too many look already, try again later");
        answer->headers = "Retry-After: 30\r\n";
        return ADMIT_ANSWER;
    }
    if (!asked_feed_read(request, &asked, &err)) {
        params_refuse(answer, err.text);
        return ADMIT_ANSWER;
    }
    viewer = viewer_new(feed, &asked);
    viewer->token = token;
    *note = viewer;
    return ADMIT;
}

static void feed_gone(void *ctx, void *note)
{
    (void)ctx;
    viewer_free(note);
}

static void say_hello(struct viewer *viewer)
{
    const struct feed *feed = viewer->feed;
    cJSON *zone = cJSON_CreateString(journal_zone(feed->journal));
    char *quoted = cJSON_PrintUnformatted(zone), id[UUID_TEXT_SIZE];
    struct buf rest;

    uuid_format(journal_id(feed->journal), id);
    buf_init(&rest, 16 * KIB);
    buf_addf(&rest,
             ",\"version\":%d,\"journal\":\"%s\",\"after\":%llu,"
             "\"last\":%llu,\"viewer\":\"%s\",\"quiet_ms\":%d,"
             "\"zone\":%s",
             FEED_VERSION, id, (unsigned long long)viewer->cursor,
             (unsigned long long)viewer->last, viewer->token.name,
             LIMIT_STREAM_QUIET_MS, quoted);
    say(viewer, "hello", 0, rest.data);
    buf_free(&rest);
    cJSON_free(quoted);
    cJSON_Delete(zone);
}

static void say_who_looks(struct viewer *viewer)
{
    const struct feed *feed = viewer->feed;
    struct buf out;

    if (!feed->greet)
        return;
    buf_init(&out, MIB);
    feed->greet(feed->greet_ctx, &out, viewer->page.form);
    send_buf(viewer, &out);
    buf_free(&out);
}

static void feed_complete(void *ctx, struct request_id id, const char *peer,
                          void *note, char *body, size_t len)
{
    struct feed *feed = ctx;
    struct viewer *viewer = note;
    struct stream stream = {
        .content_type = viewer->page.form == FEED_EVENTS
                            ? "text/event-stream"
                            : "application/x-ndjson",
        .headers = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n",
        .drained = on_drained,
        .quiet = on_quiet,
        .gone = on_gone,
        .ctx = viewer};

    (void)peer;
    (void)body;
    (void)len;
    viewer->id = id;
    if (viewer->cursor > feed->head)
        viewer->cursor = feed->head;
    viewer->last = feed->head;
    feed->count++;
    if (!server_stream(feed->server, id, &stream)) {
        feed->count--;
        viewer_free(viewer);
        return;
    }
    viewer->next = feed->first;
    feed->first = viewer;
    say_hello(viewer);
    say_who_looks(viewer);
    read_more(feed);
}

void feed_serve(struct feed *feed, struct server *server)
{
    static const struct route_ops ops = {.admit = feed_admit,
                                         .complete = feed_complete,
                                         .gone = feed_gone};
    struct route route = {.methods = "GET",
                          .path = "/feed",
                          .ops = &ops,
                          .ctx = feed};

    feed->server = server;
    server_route(server, &route);
}

void feed_greet(struct feed *feed,
                void (*greet)(void *ctx, struct buf *out, enum feed_form form),
                void *ctx)
{
    feed->greet = greet;
    feed->greet_ctx = ctx;
}

/* ---- who goes ---- */

bool feed_has(const struct feed *feed, const char *name)
{
    for (const struct viewer *at = feed->first; at; at = at->next)
        if (!at->gone && !strcmp(at->token.name, name))
            return true;
    return false;
}

uint64_t feed_left(const struct feed *feed)
{
    return feed->left;
}

void feed_forgotten(struct feed *feed)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next) {
        viewer->forgets = viewer->page.kept;
        viewer->forgets_on = false;
    }
    read_more(feed);
}

void feed_recheck(struct feed *feed)
{
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (!viewer->gone && !viewers_hold(feed->viewers, &viewer->token)) {
            log_line(LOG_NOTE, "%s may look no longer", name_of(viewer));
            let_go(viewer, "the token holds no longer");
        }
}

void feed_stop(struct feed *feed)
{
    feed->stopped = true;
    for (struct viewer *viewer = feed->first; viewer; viewer = viewer->next)
        if (!viewer->gone)
            let_go(viewer, "the server stops");
}
