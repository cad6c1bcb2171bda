/* The service "pins": events that somebody marked, with a note perhaps. They
 * are rows of the journal, and outlive the ring. The list is read whole, with
 * its events, at the start and behind every change: there are few. */
#include "app/pin_service.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "app/service.h"
#include "app/snapshot.h"
#include "app/untold.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "event/event.h"
#include "journal/db.h"
#include "journal/pins.h"
#include "journal/reader.h"
#include "live/display.h"

#include "base/banned.h"

struct list {
    struct display_pin pins[LIMIT_PINS];
    size_t count;
    struct event_batch *batch; /* their events */
    struct arena notes;
};

struct pin_service {
    const struct service_host *host;
    struct snapshot *lists; /* of struct list */
};

static void *list_new(void)
{
    struct list *list = xcalloc(1, sizeof *list);

    list->batch = event_batch_new();
    return list;
}

static void list_free(void *ctx)
{
    struct list *list = ctx;

    event_batch_free(list->batch);
    arena_free(&list->notes);
    free(list);
}

/* ---- on the reader's thread ---- */

static bool read_pins(struct list *list, struct journal_reader *reader,
                      struct err *err)
{
    sqlite3_stmt *rows = db_prepare(
        reader_db(reader),
        "SELECT seq, at, note FROM pins ORDER BY at DESC, seq DESC LIMIT ?1",
        false, err);
    int result;

    if (!rows)
        return false;
    sqlite3_bind_int(rows, 1, LIMIT_PINS);
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *note = (const char *)sqlite3_column_text(rows, 2);

        list->pins[list->count++] = (struct display_pin){
            .seq = (uint64_t)sqlite3_column_int64(rows, 0),
            .at = sqlite3_column_int64(rows, 1),
            .note = note ? arena_strdup(&list->notes, note) : NULL};
    }
    if (result != SQLITE_DONE)
        db_fail(reader_db(reader), err, "the journal");
    sqlite3_finalize(rows);
    return result == SQLITE_DONE;
}

/* The event's place in the batch is known only when all are there: a batch
 * may move them. */
static bool read_events(struct list *list, struct journal_reader *reader,
                        size_t places[LIMIT_PINS], struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        uint64_t seq = list->pins[i].seq;
        struct reader_range range = {.after = seq - 1,
                                     .before = seq + 1,
                                     .no_bodies = true,
                                     .limit = 1};
        bool more;

        places[i] = list->batch->count;
        if (!reader_page(reader, &range, list->batch, &more, err))
            return false;
    }
    return true;
}

static void take_events(struct list *list, const size_t places[LIMIT_PINS])
{
    for (size_t i = 0; i < list->count; i++) {
        size_t end = i + 1 < list->count ? places[i + 1] : list->batch->count;

        if (places[i] < end)
            list->pins[i].event = &list->batch->events[places[i]];
    }
}

static bool read_all(void *ctx, struct journal_reader *reader, struct err *err)
{
    struct list *list = ctx;
    size_t places[LIMIT_PINS];

    if (!read_pins(list, reader, err) ||
        !read_events(list, reader, places, err))
        return false;
    take_events(list, places);
    return true;
}

/* ---- on the loop ---- */

static const struct snapshot_ops lists = {.what = "pins",
                                          .new = list_new,
                                          .free = list_free,
                                          .read = read_all};

static const struct list *list_of(const struct pin_service *service)
{
    return snapshot_list(service->lists);
}

size_t pin_service_count(const void *self)
{
    const struct list *list = list_of(self);

    return list ? list->count : 0;
}

bool pin_service_at(const void *self, size_t index, struct display_pin *out)
{
    const struct pin_service *service = self;

    if (index >= pin_service_count(self))
        return false;
    *out = list_of(service)->pins[index];
    return true;
}

/* ---- changes ---- */

struct change {
    struct pin_service *service;
    uint64_t seq;
    int64_t at; /* CLOCK_NONE: it goes */
    char *note;
    struct pin_place place; /* of the event, if it is there */
    bool there;
    bool unheard; /* the writer's: too much waits to be told */
};

/* Others of the team hear of it behind that. */
static bool keep_untold(struct change *change, struct sqlite3 *db,
                        struct err *err)
{
    return !change->there || !change->service->host->attach ||
           untold_pin(db, &change->place, change->seq,
                      change->at != CLOCK_NONE, clock_now_ms(),
                      &change->unheard, err);
}

static bool write_change(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct change *change = ctx;
    const struct uuid *ours = journal_id(change->service->host->journal);
    bool full = false, ok;

    change->unheard = false;
    if (!pins_place(db, change->seq, ours, &change->place, &change->there,
                    err))
        return false;
    ok = change->at == CLOCK_NONE
             ? pins_remove(db, change->seq, err)
             : pins_set(db, change->seq, change->at, change->note, &full, err);
    change->there &= !full;
    return ok && keep_untold(change, db, err);
}

static void drop_change(void *ctx)
{
    free(((struct change *)ctx)->note);
    free(ctx);
}

/* Others of the team are told. */
static void on_written(void *ctx, bool ok, const struct err *err)
{
    struct change *change = ctx;
    struct pin_service *service = change->service;

    if (!ok)
        log_line(LOG_WARN, "the pin is as it was: %s", err->text);
    else if (change->there && service->host->attach)
        service->host->to_tell(service->host->app, change->unheard);
    else if (change->there)
        service->host->pinned(service->host->app, &change->place, change->note,
                              change->at != CLOCK_NONE);
    drop_change(ctx);
    snapshot_reread(service->lists);
}

void pin_service_reread(void *self)
{
    if (self)
        snapshot_reread(((struct pin_service *)self)->lists);
}

static void write_pin(struct pin_service *service, uint64_t seq, int64_t at,
                      const char *note)
{
    struct change *change = xcalloc(1, sizeof *change);

    change->service = service;
    change->seq = seq;
    change->at = at;
    change->note = note && *note ? xstrdup(note) : NULL;
    journal_write_owned(service->host->journal, write_change, on_written,
                        change, drop_change);
}

static bool is_pinned(const struct pin_service *service, uint64_t seq)
{
    for (size_t i = 0; i < pin_service_count(service); i++)
        if (list_of(service)->pins[i].seq == seq)
            return true;
    return false;
}

bool pin_service_set(void *self, uint64_t seq, const char *note)
{
    if (pin_service_count(self) >= LIMIT_PINS && !is_pinned(self, seq))
        return false;
    write_pin(self, seq, clock_now_ms(), note);
    return true;
}

void pin_service_remove(void *self, uint64_t seq)
{
    write_pin(self, seq, CLOCK_NONE, NULL);
}

/* ---- the service ---- */

static void *pin_service_new(const struct service_host *host, struct err *err)
{
    struct pin_service *service;

    (void)err;
    if (!host->screen)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->lists = snapshot_new(host, &lists);
    return service;
}

static bool pin_service_open(void *self, struct err *err)
{
    (void)err;
    snapshot_reread(((struct pin_service *)self)->lists);
    return true;
}

/* What is pinned may be among it. */
static void pin_service_past_complete(void *self, uint64_t last_seq,
                                      size_t events)
{
    (void)last_seq;
    (void)events;
    snapshot_reread(((struct pin_service *)self)->lists);
}

static void pin_service_free(void *self)
{
    snapshot_free(((struct pin_service *)self)->lists);
    free(self);
}

const struct service service_pins = {.new = pin_service_new,
                                     .open = pin_service_open,
                                     .past_complete =
                                         pin_service_past_complete,
                                     .free = pin_service_free};
