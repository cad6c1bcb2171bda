/* What is published, and how far it has come. A page of the journal becomes a
 * batch on the reader's thread, the publisher has it until all of it is
 * acknowledged, and only then the cursor moves: whatever dies when, what was
 * not acknowledged is published again, under the ids it had. */
#include "mirror/nats.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "event/archive.h"
#include "event/slice.h"
#include "journal/db.h"
#include "journal/follower.h"
#include "journal/forgotten.h"

#include "base/banned.h"

#define GATHER_US 5000 /* a lone event waits so long for company */
#define EVERY_US 50000 /* and the cursor is written no more often */
#define CUT_LEAST 2048 /* shorter ones fit */

/* Of whom a page tells that they are forgotten. */
struct told {
    unsigned char hash[FORGOTTEN_HASH];
    int64_t at;
};

struct nats_mirror {
    struct nats_mirror_options options;
    struct nats_publisher *publisher;
    struct follower *follower;
    struct loop_timer *timer;
    char name[96];      /* of the cursor */
    struct err trouble; /* of the journal, "" */
    bool opened, settling, stopped;
    enum nats_state told_state;
    struct err told_why;
    atomic_bool tell_forgotten;

    /* The page's; the threads' while it is under way, the publisher's while it
     * is settled. */
    struct nats_batch batch;
    char *told_subject, *forgotten_subject;
    bool known;
    uint64_t last, page_last; /* the newest that was published */
    struct told *told;
    size_t told_count, told_room;
};

/* ---- on the reader's thread ---- */

static char *subject(const struct nats_mirror *mirror, const char *last)
{
    char journal[UUID_TEXT_SIZE];
    struct buf out;

    uuid_format(&mirror->batch.journal, journal);
    buf_init(&out, LIMIT_TEXT);
    buf_addf(&out, "%s.%s.%s", mirror->options.settings->subjects, journal,
             last);
    return buf_take(&out);
}

/* The event before that was published: what came from a stream was not. */
static bool find_last(struct nats_mirror *mirror, sqlite3 *db, uint64_t before,
                      struct err *err)
{
    static const char sql[] = "SELECT seq FROM events WHERE seq < ?1 AND "
                              "source != ?2 ORDER BY seq DESC LIMIT 1";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, (sqlite3_int64)before);
    sqlite3_bind_int(row, 2, SOURCE_NATS);
    code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        mirror->last = (uint64_t)sqlite3_column_int64(row, 0);
    return db_end(row, code, err);
}

/* What the journal knows of before. */
static bool learn(struct nats_mirror *mirror, struct journal_reader *reader,
                  const struct follower_page *page, struct err *err)
{
    mirror->batch.journal = *reader_journal_id(reader);
    if (!mirror->told_subject) {
        mirror->told_subject = subject(mirror, "place");
        mirror->forgotten_subject = subject(mirror, "forgotten");
    }
    mirror->batch.told_subject = mirror->told_subject;
    if (!page->count)
        return true; /* last is learnt with the first event */
    mirror->known = true;
    return find_last(mirror, reader_db(reader), page->events[0].seq, err);
}

static char *id_of(const struct nats_mirror *mirror, const struct event *event)
{
    const struct uuid *origin =
        event->has_origin ? &event->origin_id : &mirror->batch.journal;
    char uuid[UUID_TEXT_SIZE];
    struct buf out;

    buf_init(&out, KIB);
    uuid_format(event->has_uuid ? &event->uuid : origin, uuid);
    buf_adds(&out, uuid);
    /* A journal that was restored gives its seqs out again. */
    if (!event->has_uuid)
        buf_addf(&out, ":%" PRIu64 ":%" PRId64,
                 event->has_origin ? event->origin_seq : event->seq,
                 event->received_at);
    return buf_take(&out);
}

/* The line; false: it is too long for one. */
static bool render(const struct nats_mirror *mirror, const struct event *event,
                   struct nats_item *item)
{
    struct arena arena = ARENA_INIT;
    struct event shown = *event;
    struct slice properties;
    struct buf json;
    bool ok;

    buf_init(&json, LIMIT_ANSWER);
    redaction_conceal(mirror->options.conceal, &shown, &arena);
    ok = archive_event(&json, &shown, &mirror->batch.journal);
    arena_free(&arena);
    item->len = ok ? json.len : 0;
    item->data = ok ? buf_take(&json) : NULL;
    buf_free(&json);
    if (item->len > CUT_LEAST &&
        slice_member((struct slice){item->data, item->len}, "properties",
                     &properties)) {
        item->cut_at = (size_t)(properties.at - item->data);
        item->cut_len = properties.len;
    }
    return ok;
}

static void add_event(struct nats_mirror *mirror, const struct event *event)
{
    struct nats_item *item = nats_batch_add(&mirror->batch);

    item->seq = event->seq;
    item->after = mirror->page_last;
    item->id = id_of(mirror, event);
    item->subject = subject(mirror, category_name(event->category));
    item->told = !render(mirror, event, item);
    mirror->page_last = event->seq;
}

static void note_told(struct nats_mirror *mirror, const unsigned char *hash,
                      int64_t at)
{
    struct told *told;

    if (mirror->told_count == mirror->told_room) {
        mirror->told_room = mirror->told_room * 2 + 16;
        mirror->told = xreallocarray(mirror->told, mirror->told_room,
                                     sizeof *mirror->told);
    }
    told = &mirror->told[mirror->told_count++];
    memcpy(told->hash, hash, FORGOTTEN_HASH);
    told->at = at;
}

/* As a feed tells it, doc/feed.md. */
static bool add_forgotten(void *ctx, const struct uuid *salt, const char *kind,
                          const unsigned char *hash, int64_t at)
{
    struct nats_mirror *mirror = ctx;
    struct nats_item *item = nats_batch_add(&mirror->batch);
    char iso[CLOCK_ISO_SIZE];
    struct buf line, id;

    note_told(mirror, hash, at);
    clock_format_iso(at, iso);
    buf_init(&line, KIB);
    buf_addf(&line,
             "{\"feed\":\"forgotten\",\"kind\":\"%s\",\"at\":\"%s\",\"salt\":"
             "\"",
             kind, iso);
    buf_add_hex(&line, salt->bytes, sizeof salt->bytes);
    buf_adds(&line, "\",\"hash\":\"");
    buf_add_hex(&line, hash, FORGOTTEN_HASH);
    buf_adds(&line, "\"}");
    buf_init(&id, KIB);
    buf_adds(&id, "forgotten:");
    buf_add_hex(&id, hash, FORGOTTEN_HASH);
    buf_addf(&id, ":%" PRId64, at);
    item->subject = xstrdup(mirror->forgotten_subject);
    item->id = buf_take(&id);
    item->len = line.len;
    item->data = buf_take(&line);
    return true;
}

static bool read_page(void *ctx, struct journal_reader *reader,
                      const struct follower_page *page, struct err *err)
{
    struct nats_mirror *mirror = ctx;

    nats_batch_clear(&mirror->batch);
    if (!mirror->known && !learn(mirror, reader, page, err))
        return false;
    mirror->page_last = mirror->last;
    mirror->told_count = 0;
    for (size_t i = 0; i < page->count; i++)
        if (page->events[i].source != SOURCE_NATS)
            add_event(mirror, &page->events[i]);
    return !atomic_exchange(&mirror->tell_forgotten, false) ||
           forgotten_each_untold(reader_db(reader), mirror->name,
                                 add_forgotten, mirror, err);
}

/* ---- on the writer's thread ---- */

static bool write_page(void *ctx, sqlite3 *db, struct err *err)
{
    const struct nats_mirror *mirror = ctx;

    for (size_t i = 0; i < mirror->told_count; i++)
        if (!forgotten_set_told(db, mirror->name, mirror->told[i].hash,
                                mirror->told[i].at, err))
            return false;
    return true;
}

/* ---- the loop ---- */

static void arm(void *ctx, int64_t us)
{
    struct nats_mirror *mirror = ctx;

    if (us < 0)
        loop_timer_cancel(mirror->timer);
    else
        loop_timer_set(mirror->timer, us);
}

static void on_timer(void *ctx)
{
    struct nats_mirror *mirror = ctx;

    follower_wake(mirror->follower);
}

static void settle(void *ctx)
{
    struct nats_mirror *mirror = ctx;

    if (mirror->batch.count) {
        mirror->settling = true;
        nats_publisher_send(mirror->publisher, &mirror->batch);
    } else {
        follower_settled(mirror->follower, true, NULL);
    }
}

static void on_done(void *ctx, bool ok, const struct err *err)
{
    struct nats_mirror *mirror = ctx;

    if (ok) {
        mirror->last = mirror->page_last;
        mirror->trouble.text[0] = '\0';
        return;
    }
    atomic_store(&mirror->tell_forgotten, true);
    if (err) {
        mirror->trouble = *err;
        log_limited(LOG_WARN, "NATS: %s", err->text);
        mirror->options.on_change(mirror->options.ctx);
    }
}

/* It begins with who was forgotten before. */
static void on_opened(void *ctx)
{
    struct nats_mirror *mirror = ctx;

    mirror->opened = true;
    follower_nudge(mirror->follower);
}

static void follow(struct nats_mirror *mirror)
{
    struct follower_options options = {.journal = mirror->options.journal,
                                       .name = mirror->name,
                                       .at_newest = true,
                                       .bodies = true,
                                       .bytes = LIMIT_NATS_PAGE,
                                       .gather_us = GATHER_US,
                                       .every_us = EVERY_US,
                                       .arm = arm,
                                       .read = read_page,
                                       .settle = settle,
                                       .write = write_page,
                                       .on_done = on_done,
                                       .on_open = on_opened,
                                       .ctx = mirror};

    mirror->follower = follower_new(&options);
}

struct nats_mirror *nats_mirror_new(const struct nats_mirror_options *options)
{
    struct nats_mirror *mirror = xcalloc(1, sizeof *mirror);

    mirror->options = *options;
    snprintf(mirror->name, sizeof mirror->name, "publish/%s",
             options->settings->url.stream);
    atomic_init(&mirror->tell_forgotten, true);
    mirror->timer = loop_timer_new(options->loop, on_timer, mirror);
    mirror->publisher =
        nats_publisher_new(options->settings, loop_wake, options->loop);
    follow(mirror);
    return mirror;
}

void nats_mirror_committed(struct nats_mirror *mirror, uint64_t last_seq)
{
    follower_committed(mirror->follower, last_seq);
}

static void log_state(struct nats_mirror *mirror,
                      const struct nats_status *status)
{
    const char *where = mirror->options.settings->url.shown;

    if (status->state == NATS_UP)
        log_line(LOG_NOTE, "publishing to %s", where);
    else if (status->state == NATS_DOWN)
        log_line(LOG_WARN, "not published to %s: %s", where, status->why.text);
}

void nats_mirror_woken(struct nats_mirror *mirror)
{
    struct nats_published status;

    if (mirror->settling && nats_publisher_done(mirror->publisher)) {
        mirror->settling = false;
        follower_settled(mirror->follower, true, NULL);
    }
    nats_publisher_status(mirror->publisher, &status);
    if (mirror->stopped ||
        (status.link.state == mirror->told_state &&
         !strcmp(status.link.why.text, mirror->told_why.text)))
        return;
    log_state(mirror, &status.link);
    mirror->told_state = status.link.state;
    mirror->told_why = status.link.why;
    mirror->options.on_change(mirror->options.ctx);
}

void nats_mirror_forgotten(struct nats_mirror *mirror)
{
    atomic_store(&mirror->tell_forgotten, true);
    follower_nudge(mirror->follower);
}

void nats_mirror_stop(struct nats_mirror *mirror)
{
    if (mirror->stopped)
        return;
    mirror->stopped = true;
    follower_stop(mirror->follower);
    nats_publisher_stop(mirror->publisher);
    if (mirror->settling)
        follower_settled(mirror->follower, false, NULL);
    mirror->settling = false;
}

bool nats_mirror_busy(const struct nats_mirror *mirror)
{
    return follower_busy(mirror->follower) ||
           nats_publisher_busy(mirror->publisher);
}

void nats_mirror_free(struct nats_mirror *mirror)
{
    if (!mirror)
        return;
    nats_publisher_free(mirror->publisher);
    follower_free(mirror->follower);
    nats_batch_clear(&mirror->batch);
    loop_timer_free(mirror->timer);
    free(mirror->told);
    free(mirror->told_subject);
    free(mirror->forgotten_subject);
    free(mirror);
}

/* ---- what is said of it ---- */

void nats_mirror_status(struct nats_mirror *mirror, struct nats_published *out,
                        uint64_t *waiting)
{
    uint64_t last = journal_stats(mirror->options.journal).last_seq;
    uint64_t seq = follower_seq(mirror->follower);

    nats_publisher_status(mirror->publisher, out);
    *waiting = mirror->opened && last > seq ? last - seq : 0;
}

bool nats_mirror_problem(struct nats_mirror *mirror, struct buf *out,
                         bool *refused)
{
    struct nats_published status;
    uint64_t waiting;
    char since[CLOCK_MINUTES_SIZE];

    nats_mirror_status(mirror, &status, &waiting);
    *refused = status.link.refused;
    if (*mirror->trouble.text) {
        buf_addf(out, "Not published: %s", mirror->trouble.text);
        return true;
    }
    if (status.link.state != NATS_DOWN)
        return false;
    clock_minutes(status.link.since_ms, since);
    buf_addf(out, "Not published to %s since %s, %" PRIu64 " wait: %s.",
             mirror->options.settings->url.shown, since, waiting,
             status.link.why.text);
    return true;
}
