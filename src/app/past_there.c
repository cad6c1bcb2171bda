/* Pieces of the past that our journal has not, on a board that is attached to
 * another telltale: they are asked of it, by GET /events, in the order of
 * time. Nothing of it is kept. Where the journal here begins is looked up
 * first, so that both are one list. */
#include "app/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "app/link_service.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/db.h"
#include "live/past_piece.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define MOST 1000 /* events of an answer */

/* The loop's until journal_read_owned(), then the reader's, then the loop's
 * again, and the client's. */
struct there_reading {
    struct there_reading *next; /* of those that the client has */
    struct app *app;
    struct past_piece *piece;
    struct uuid there;
    struct reader_place edge; /* of the oldest event here, there */
    bool edge_found;
    bool whole; /* nothing older was told than what is here */
    void (*came)(void *screen, struct past_piece *piece);
    void *screen;
};

static void give(struct there_reading *reading, bool ok)
{
    reading->piece->ok = ok;
    reading->came(reading->screen, reading->piece);
    free(reading);
}

static struct reader_place place_there(const struct event *event,
                                       const struct uuid *there)
{
    bool known = event->has_origin && uuid_equal(&event->origin_id, there);

    return (struct reader_place){.seq = known ? event->origin_seq : 0,
                                 .ms = event->received_at,
                                 .past =
                                     (event->flags & EVENT_BACKFILLED) != 0};
}

bool past_there_edge(struct journal_reader *reader, const struct uuid *there,
                     struct reader_place *edge, bool *found, struct err *err)
{
    struct reader_walk walk = {.no_bodies = true, .limit = 1};
    struct event_batch *batch = event_batch_new();
    bool more = true, ok = true;

    while (ok && more && !batch->count)
        ok = reader_walk(reader, &walk, batch, &more, err);
    *found = ok && batch->count;
    *edge = *found ? place_there(batch->events, there)
                   : (struct reader_place){.seq = 0};
    event_batch_free(batch);
    return ok;
}

/* Its first event is here, and of those that came none was pruned. */
static bool is_whole(sqlite3 *db, const struct uuid *there, bool *whole,
                     struct err *err)
{
    static const char sql[] =
        "SELECT EXISTS (SELECT 1 FROM events WHERE origin = (SELECT id FROM "
        "origins WHERE journal = ?1) AND origin_seq = 1) AND NOT EXISTS "
        "(SELECT 1 FROM counters WHERE name = 'pruned events' AND value > 0)";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    if (!row)
        return false;
    sqlite3_bind_blob(row, 1, there->bytes, sizeof there->bytes,
                      SQLITE_STATIC);
    code = sqlite3_step(row);
    *whole = code == SQLITE_ROW && sqlite3_column_int(row, 0);
    return db_end(row, code, err);
}

/* ---- what it answers ---- */

/* The journal here goes on from its beginning. */
static bool is_here(const struct there_reading *reading,
                    const struct event *event, uint64_t seq)
{
    const struct reader_place *edge = &reading->edge;

    return !reading->piece->walk.newest_first && reading->edge_found &&
           ((edge->seq && seq == edge->seq) || event->received_at > edge->ms);
}

static void go_on_here(struct past_piece *piece)
{
    piece->there.on = false;
    piece->walk = (struct reader_walk){.no_bodies = true};
    piece->more = true;
}

static void take_event(struct there_reading *reading,
                       const struct feed_word *word)
{
    struct past_piece *piece = reading->piece;
    struct event event = word->event;

    piece->there.from =
        (struct reader_place){.seq = word->seq,
                              .ms = event.received_at,
                              .past = (event.flags & EVENT_BACKFILLED) != 0};
    if (!event.has_origin) {
        event.has_origin = true;
        event.origin_id = reading->there;
        event.origin_seq = word->seq;
    }
    event.seq = word->seq | PAST_THERE;
    decode_relabel(reading->app->decode.book, &event, &piece->batch->arena);
    event_batch_add(piece->batch, &event);
}

/* A line that is none is left out. Oldest first is told; a walk to older ones
 * wants the newest first. */
static void take_lines(struct there_reading *reading, const char *at,
                       size_t len)
{
    struct past_piece *piece = reading->piece;
    const char *end = at + len;

    piece->more = false;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop ? stop : end) - at);
        const char *line = arena_strndup(&piece->batch->arena, at, size);
        struct feed_word word;
        struct err err;

        at += size + 1;
        if (!feed_word_read(&reading->app->decode.decoder, line, size,
                            &piece->batch->arena, &word, &err) ||
            word.kind != FEED_WORD_EVENT || word.seq >= PAST_THERE)
            continue;
        if (is_here(reading, &word.event, word.seq)) {
            go_on_here(piece);
            return;
        }
        piece->more = true;
        take_event(reading, &word);
    }
    if (!piece->more && !piece->walk.newest_first)
        go_on_here(piece);
}

static void unlink_reading(struct there_reading *reading)
{
    struct there_reading **at = &reading->app->there;

    while (*at != reading)
        at = &(*at)->next;
    *at = reading->next;
}

static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct there_reading *reading = ctx;
    struct app *app = reading->app;
    bool ok = answer->outcome == CLIENT_ANSWERED && answer->status == 200;

    unlink_reading(reading);
    if (ok)
        take_lines(reading, answer->body, answer->len);
    else
        log_limited(LOG_WARN, "the past of %s cannot be read: %s",
                    link_service_host(app->services[SERVICE_link]),
                    answer->outcome == CLIENT_ANSWERED ? "it refuses"
                                                       : answer->error);
    reading->piece->away = !ok;
    give(reading, ok);
    app_changed(app);
}

/* ---- asking ---- */

/* Without a link there is only what is here, which may be known to be all. */
static void do_without(struct there_reading *reading)
{
    struct past_piece *piece = reading->piece;

    if (reading->whole && piece->walk.newest_first)
        piece->more = false;
    else if (reading->whole)
        go_on_here(piece);
    else
        piece->away = true;
    give(reading, reading->whole);
}

static void on_dropped(void *ctx)
{
    give(ctx, false);
}

static void begin(void *ctx);

static void ask(struct there_reading *reading)
{
    struct app *app = reading->app;
    const struct past_piece *piece = reading->piece;
    const struct reader_place *from = &piece->there.from;
    char target[160];

    snprintf(target, sizeof target,
             "/events?kept=1&order=%s&place=%" PRIu64 ".%" PRId64
             ".%d&limit=%zu",
             piece->walk.newest_first ? "older" : "newer", from->seq, from->ms,
             from->past, piece->want < MOST ? piece->want : (size_t)MOST);
    reading->next = app->there;
    app->there = reading;
    if (link_service_get(app->services[SERVICE_link], target, on_answer,
                         reading))
        return;
    unlink_reading(reading);
    if (link_service_begins(app->services[SERVICE_link]))
        past_wait(app, begin, on_dropped, reading);
    else
        do_without(reading);
}

static enum reader_step find_edge(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct there_reading *reading = ctx;

    return past_there_edge(reader, &reading->there, &reading->edge,
                           &reading->edge_found, err) &&
                   is_whole(reader_db(reader), &reading->there,
                            &reading->whole, err)
               ? READER_DONE
               : READER_FAILED;
}

static void on_edge(void *ctx, bool ok, const struct err *err)
{
    struct there_reading *reading = ctx;
    struct app *app = reading->app;

    if (ok && !app->stopping) {
        ask(reading);
        app_changed(app);
        return;
    }
    if (!ok)
        log_line(LOG_WARN, "the past cannot be read: %s", err->text);
    give(reading, false);
}

/* What is here may be pruned while it waits. */
static void begin(void *ctx)
{
    struct there_reading *reading = ctx;

    journal_read_owned(reading->app->journal, find_edge, on_edge, reading,
                       on_dropped);
}

void past_there_read(struct app *app, struct past_piece *piece,
                     void (*came)(void *screen, struct past_piece *piece),
                     void *screen)
{
    struct there_reading *reading = xcalloc(1, sizeof *reading);

    *reading = (struct there_reading){.app = app,
                                      .piece = piece,
                                      .came = came,
                                      .screen = screen};
    link_service_there(app->services[SERVICE_link], &reading->there);
    begin(reading);
}

/* ---- one event ---- */

struct there_fetch {
    struct there_fetch *next;
    struct app *app;
    void (*found)(void *screen, const struct event *event);
    void *screen;
};

static void unlink_fetch(struct there_fetch *fetch)
{
    struct there_fetch **at = &fetch->app->there_fetches;

    while (*at != fetch)
        at = &(*at)->next;
    *at = fetch->next;
}

bool past_there_event(struct app *app, const struct client_answer *answer,
                      struct arena *arena, struct event *out)
{
    struct feed_word word;
    struct err err;

    if (answer->outcome != CLIENT_ANSWERED || answer->status != 200 ||
        !feed_word_read(&app->decode.decoder, answer->body, answer->len, arena,
                        &word, &err) ||
        word.kind != FEED_WORD_EVENT)
        return false;
    *out = word.event;
    out->seq = word.seq | PAST_THERE;
    decode_relabel(app->decode.book, out, arena);
    redaction_conceal(app->decode.conceal, out, arena);
    return true;
}

static void on_event(void *ctx, const struct client_answer *answer)
{
    struct there_fetch *fetch = ctx;
    struct app *app = fetch->app;
    struct arena arena = ARENA_INIT;
    struct event event;
    bool ok = past_there_event(app, answer, &arena, &event);

    unlink_fetch(fetch);
    fetch->found(fetch->screen, ok ? &event : NULL);
    arena_free(&arena);
    free(fetch);
    app_changed(app);
}

bool past_there_ask(struct app *app, uint64_t seq, client_done *done,
                    void *ctx)
{
    uint64_t there = seq & ~PAST_THERE;
    char target[120];

    snprintf(target, sizeof target,
             "/events?kept=1&after=%" PRIu64 "&before=%" PRIu64 "&limit=1",
             there - 1, there + 1);
    return link_service_get(app->services[SERVICE_link], target, done, ctx);
}

void past_there_fetch(struct app *app, uint64_t seq,
                      void (*found)(void *screen, const struct event *event),
                      void *screen)
{
    struct there_fetch *fetch = xcalloc(1, sizeof *fetch);

    *fetch = (struct there_fetch){app->there_fetches, app, found, screen};
    app->there_fetches = fetch;
    if (past_there_ask(app, seq, on_event, fetch))
        return;
    unlink_fetch(fetch);
    free(fetch);
    found(screen, NULL);
}

/* ---- the end ---- */

void past_there_drop(struct app *app)
{
    while (app->there) {
        struct there_reading *reading = app->there;

        app->there = reading->next;
        give(reading, false);
    }
    while (app->there_fetches) {
        struct there_fetch *fetch = app->there_fetches;

        app->there_fetches = fetch->next;
        fetch->found(fetch->screen, NULL);
        free(fetch);
    }
}
