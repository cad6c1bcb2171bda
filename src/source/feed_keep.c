/* What a feed brought goes to the journal like anything that arrives, and only
 * then is our place in the other journal moved on: whatever dies when, every
 * event is asked for again until it is kept, and is known by its origin if it
 * was. */
#include "source/feed_state.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/cursor.h"
#include "journal/db.h"
#include "journal/reader.h"

#include "base/banned.h"

#define READER "feed"

/* What is being kept: of the past, and up to where theirs. */
struct keeping {
    struct feed_source *source;
    struct uuid there;
    uint64_t upto;
    unsigned era;
    bool past;
};

static bool move_cursor(void *ctx, struct sqlite3 *db, struct err *err)
{
    const struct keeping *keeping = ctx;

    return cursor_move_there(db, READER, &keeping->there, keeping->upto, err);
}

static void tell_kept(struct feed_source *source,
                      const struct keeping *keeping,
                      const struct event_batch *batch)
{
    const struct feed_source_options *options = &source->options;

    if (!batch->fresh)
        return;
    if (!keeping->past) {
        options->kept(options->ctx, batch);
        return;
    }
    options->past(options->ctx, batch);
    source->past += batch->fresh;
    source->past_seq = batch->events[batch->fresh - 1].seq;
}

/* All of the past is there: from now on it is news. */
void feed_tell_past(struct feed_source *source)
{
    size_t events = source->past;

    if (source->catches_up && source->kept < source->last)
        return;
    source->past = 0;
    if (events)
        source->options.past_complete(source->options.ctx, source->past_seq,
                                      events);
    if (source->catches_up) {
        source->catches_up = false;
        feed_changed(source);
    }
}

/* It was told again, or will be, where something before it is missing. */
static bool counts(const struct keeping *keeping)
{
    return keeping->era == keeping->source->era && !keeping->source->broken;
}

void feed_not_kept(struct feed_source *source, const char *why)
{
    source->broken = true;
    if (source->stopped || source->link == LINK_DOWN)
        return;
    feed_give_up(source, false, why);
    feed_link_lost(source);
}

static void keeping_done(struct keeping *keeping)
{
    keeping->source->keeping--;
    free(keeping);
}

static void on_moved(void *ctx, bool ok, const struct err *err)
{
    struct keeping *keeping = ctx;
    struct feed_source *source = keeping->source;

    if (!ok)
        feed_not_kept(source, err->text);
    else if (counts(keeping) && keeping->upto > source->kept)
        source->kept = keeping->upto;
    feed_tell_past(source);
    keeping_done(keeping);
    if (!source->stopped && !source->broken)
        feed_flush(source);
}

static void keep_place(struct keeping *keeping)
{
    if (counts(keeping))
        journal_write_owned(keeping->source->options.journal, move_cursor,
                            on_moved, keeping, free);
    else
        keeping_done(keeping);
}

/* More than an nth of what may wait for the journal; of hashes half of that:
 * a piece that has come is taken whole. */
bool feed_is_ahead(const struct feed_source *source, unsigned n)
{
    return journal_stats(source->options.journal).waiting_bytes >
               LIMIT_FEED_AHEAD / n ||
           source->acts.waiting > LIMIT_FEED_ACTS / n ||
           feed_forgets_waiting(source->forgets) >
               LIMIT_FORGOTTEN_THERE / 2 / n;
}

void feed_go_on(void *ctx)
{
    struct feed_source *source = ctx;

    if (!source->paused || feed_is_ahead(source, 2))
        return;
    source->paused = false;
    client_resume(source->options.client, source->request);
}

static void on_committed(void *ctx, uint64_t token,
                         struct append_result *result)
{
    struct keeping *keeping = ctx;
    struct feed_source *source = keeping->source;

    (void)token;
    if (result->ok) {
        tell_kept(source, keeping, result->batch);
        keep_place(keeping);
    } else {
        feed_not_kept(source, "the journal here cannot be written");
        keeping_done(keeping);
    }
    event_batch_free(result->batch);
    feed_go_on(source);
}

/* Our place alone waits for what is on its way: it may not be kept, and is
 * then asked for again. */
void feed_flush(void *ctx)
{
    struct feed_source *source = ctx;
    struct keeping *keeping;

    if (!source->batch && (source->keeping || source->cursor <= source->kept))
        return;
    source->keeping++;
    keeping = xcalloc(1, sizeof *keeping);
    *keeping = (struct keeping){.source = source,
                                .there = source->there,
                                .upto = source->cursor,
                                .era = source->era,
                                .past = source->catches_up};
    if (source->batch)
        journal_append(source->options.journal, source->batch, on_committed,
                       keeping, 0);
    else
        keep_place(keeping);
    source->batch = NULL;
}

/* ---- our place ---- */

/* The loop's until journal_write_owned(), then the writer's, then the loop's
 * again. */
struct finding_place {
    struct feed_source *source;
    feed_then *then;
    bool last; /* in the journal that was followed last: */
    struct uuid there;
    uint64_t kept, acts;
};

static bool find_place(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct finding_place *finding = ctx;
    struct uuid *there = &finding->there;

    return (finding->last
                ? cursor_find_there(db, READER, there, &finding->kept, err)
                : cursor_find_in(db, READER, there, &finding->kept, err)) &&
           feed_acts_place(db, there, &finding->acts, err);
}

static void on_place(void *ctx, bool ok, const struct err *err)
{
    struct finding_place *finding = ctx;
    struct feed_source *source = finding->source;

    if (!source->stopped) {
        source->there = finding->there;
        source->kept = finding->kept;
        source->acts_asked = source->acts.done = finding->acts;
        finding->then(source, ok, err);
    }
    free(finding);
}

void feed_find_place(struct feed_source *source, bool last, feed_then *then)
{
    struct finding_place *finding = xcalloc(1, sizeof *finding);

    *finding = (struct finding_place){.source = source,
                                      .then = then,
                                      .last = last,
                                      .there = source->there,
                                      .kept = source->kept,
                                      .acts = source->acts_asked};
    journal_write_owned(source->options.journal, find_place, on_place, finding,
                        free);
}

#define ASIDE 1000 /* events set aside in one transaction */
#define BACKS 5    /* in an hour: a journal is restored less often */
#define HOUR_US (3600 * INT64_C(1000000))

struct going_back {
    struct feed_source *source;
    struct uuid there;
    uint64_t last, upto;
    int64_t origin; /* of that journal, in ours; 0: none */
    int64_t to;     /* the last event from there, up to and with upto */
    int64_t aside;  /* the origin of those that it does not have; 0: none */
    uint64_t count; /* of those */
    bool again;     /* there are more of them */
};

/* What we have from there. Those far beyond are lies: it will never come to
 * them. */
static bool look_at_ours(struct going_back *back, struct sqlite3 *db,
                         bool *beyond, struct err *err)
{
    static const char sql[] =
        "SELECT o.id, EXISTS (SELECT 1 FROM events WHERE origin = o.id AND "
        "origin_seq > ?2 AND origin_seq <= ?2 + ?3), coalesce((SELECT "
        "max(origin_seq) FROM events WHERE origin = o.id AND origin_seq <= "
        "?4), 0) FROM origins o WHERE o.journal = ?1";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    if (!row)
        return false;
    sqlite3_bind_blob(row, 1, back->there.bytes, sizeof back->there.bytes,
                      SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, (int64_t)back->last);
    sqlite3_bind_int64(row, 3, (int64_t)FEED_LEAP);
    sqlite3_bind_int64(row, 4, (int64_t)back->upto);
    back->origin = back->to = 0;
    *beyond = false;
    code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        back->origin = sqlite3_column_int64(row, 0);
        *beyond = sqlite3_column_int(row, 1);
        back->to = sqlite3_column_int64(row, 2);
    }
    return db_end(row, code, err);
}

static bool add_aside(struct going_back *back, struct sqlite3 *db,
                      struct err *err)
{
    struct uuid nowhere = uuid_random();
    sqlite3_stmt *add =
        db_prepare(db, "INSERT INTO origins (journal) VALUES (?1)", false,
                   err);
    bool ok;

    if (!add)
        return false;
    sqlite3_bind_blob(add, 1, nowhere.bytes, sizeof nowhere.bytes,
                      SQLITE_STATIC);
    ok = db_run(add, err);
    sqlite3_finalize(add);
    back->aside = ok ? sqlite3_last_insert_rowid(db) : 0;
    return ok;
}

/* It will give their numbers to others, which are not to be taken for them:
 * from now on these are of a journal that is no more. */
static bool set_aside(struct going_back *back, struct sqlite3 *db,
                      struct err *err)
{
    static const char sql[] =
        "UPDATE events SET origin = ?1 WHERE seq IN (SELECT seq FROM events "
        "WHERE origin = ?2 AND origin_seq > ?3 ORDER BY origin_seq DESC LIMIT "
        "?4)";
    sqlite3_stmt *update;
    bool ok;

    if (!back->aside && !add_aside(back, db, err))
        return false;
    update = db_prepare(db, sql, false, err);
    if (!update)
        return false;
    sqlite3_bind_int64(update, 1, back->aside);
    sqlite3_bind_int64(update, 2, back->origin);
    sqlite3_bind_int64(update, 3, (int64_t)back->last);
    sqlite3_bind_int(update, 4, ASIDE);
    ok = db_run(update, err);
    sqlite3_finalize(update);
    back->count += ok ? (uint64_t)sqlite3_changes(db) : 0;
    back->again = true;
    return ok;
}

static bool go_back(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct going_back *back = ctx;
    bool beyond;

    back->again = false;
    if (!look_at_ours(back, db, &beyond, err))
        return false;
    if (beyond)
        return set_aside(back, db, err);
    return cursor_put_there(db, READER, &back->there, (uint64_t)back->to,
                            err) &&
           feed_acts_anew(db, &back->there, err);
}

static void tell_back(const struct going_back *back)
{
    const char *host = back->source->host;

    if (back->count)
        log_line(LOG_WARN,
                 "%s has none of what we have seen behind seq %llu, as if "
                 "restored from an older copy: %llu events that it has lost "
                 "stay here, from %lld on it is asked again",
                 host, (unsigned long long)back->last,
                 (unsigned long long)back->count, (long long)back->to);
    else
        log_line(LOG_WARN,
                 "%s ends at seq %llu and we were told more: from %lld on it "
                 "is asked again",
                 host, (unsigned long long)back->last, (long long)back->to);
}

static void on_went_back(void *ctx, bool ok, const struct err *err)
{
    struct going_back *back = ctx;
    struct feed_source *source = back->source;

    (void)err;
    if (ok && back->again && !source->stopped) {
        journal_write_owned(source->options.journal, go_back, on_went_back,
                            back, free);
        return;
    }
    if (ok && !back->again && uuid_equal(&back->there, &source->there)) {
        tell_back(back);
        source->kept = source->cursor = (uint64_t)back->to;
        source->acts_asked = source->acts.done = 0;
        feed_retry(source);
    }
    free(back);
}

static bool may_go_back(struct feed_source *source)
{
    int64_t now = clock_mono_us();

    if (!source->backs || now - source->backs_us > HOUR_US) {
        source->backs = 0;
        source->backs_us = now;
    }
    return source->backs < BACKS;
}

void feed_go_back(struct feed_source *source, uint64_t last, uint64_t upto)
{
    struct going_back *back;

    if (!may_go_back(source)) {
        feed_give_up(source, true,
                     "its journal is another than before, again and again");
        return;
    }
    source->backs++;
    back = xcalloc(1, sizeof *back);
    *back = (struct going_back){.source = source,
                                .there = source->there,
                                .last = last,
                                .upto = upto};
    source->era++; /* what is under way moves our place no more */
    journal_write_owned(source->options.journal, go_back, on_went_back, back,
                        free);
}
