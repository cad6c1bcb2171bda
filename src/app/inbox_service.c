/* The service "inbox": the journal's signals in memory, for the screen. They
 * are read whole whenever some were concluded or changed: there are few. What
 * the user says is shown before it is written, so a reading that began before
 * the writing ended is thrown away and done again. */
#include "app/inbox_service.h"

#include <stdlib.h>

#include "app/service.h"
#include "app/untold.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "signal/table.h"

#include "base/banned.h"

/* Done ones are shown for so long. */
#define DONE_MS (2 * CLOCK_WEEK_MS)

struct inbox_service {
    const struct service_host *host;
    struct inbox *inbox;
    bool reading;
    bool again;     /* others came while it read */
    size_t writing; /* changes that are not yet in the journal */
};

struct reading {
    struct inbox_service *service;
    struct inbox *inbox;
    int64_t now;
};

/* ---- on the reader's thread ---- */

static enum inbox_state state_of(enum signal_state state)
{
    return state == STATE_SEEN      ? INBOX_SEEN
           : state == STATE_SNOOZED ? INBOX_SNOOZED
           : state == STATE_DONE    ? INBOX_DONE
                                    : INBOX_NEW;
}

/* "[790,801]" */
static size_t take_evidence(const char *json, uint64_t seqs[INBOX_EVIDENCE])
{
    size_t count = 0;

    while (json && *json && count < INBOX_EVIDENCE) {
        char *end;
        unsigned long long seq = strtoull(json, &end, 10);

        if (end == json) {
            json++;
            continue;
        }
        seqs[count++] = seq;
        json = end;
    }
    return count;
}

static bool is_shown(const struct signal_row *row, int64_t now)
{
    return row->state != STATE_WITHDRAWN &&
           (row->state != STATE_DONE || row->updated > now - DONE_MS);
}

static void fill(struct inbox_signal *signal, const struct signal_row *row,
                 struct buf openers[INBOX_OPENERS])
{
    *signal =
        (struct inbox_signal){.id = row->id,
                              .state = state_of(row->state),
                              .until = row->until,
                              .fired_at = row->fired_at,
                              .title = signal_title(row->kind),
                              .working = row->kind == SIGNAL_working_now,
                              .tone = row->tone,
                              .category = row->category,
                              .account_id = row->account_id,
                              .account = row->account_name ? row->account_name
                                                           : row->account_id,
                              .person_id = row->person_id,
                              .person = row->person_name    ? row->person_name
                                        : row->person_email ? row->person_email
                                                            : row->person_id,
                              .sentence = row->sentence,
                              .note = row->note};
    signal->evidence_count = take_evidence(row->evidence, signal->evidence);
    for (unsigned i = 0; i < INBOX_OPENERS; i++) {
        buf_clear(&openers[i]);
        signal_opener(&openers[i], row->kind, i, row->category);
        signal->openers[i] = openers[i].data;
    }
}

static bool take_row(void *ctx, const struct signal_row *row)
{
    struct reading *reading = ctx;
    struct buf openers[INBOX_OPENERS];
    struct inbox_signal signal;
    bool more = true;

    if (!is_shown(row, reading->now))
        return true;
    for (int i = 0; i < INBOX_OPENERS; i++)
        buf_init(&openers[i], KIB);
    fill(&signal, row, openers);
    more = inbox_add(reading->inbox, &signal);
    for (int i = 0; i < INBOX_OPENERS; i++)
        buf_free(&openers[i]);
    return more;
}

static enum reader_step read_all(void *ctx, struct journal_reader *reader,
                                 struct err *err)
{
    struct reading *reading = ctx;
    struct signal_filter filter = {.all = true, .now = reading->now};

    return table_each(reader_db(reader), &filter, take_row, reading, err)
               ? READER_DONE
               : READER_FAILED;
}

/* ---- on the loop ---- */

static void drop_reading(void *ctx)
{
    struct reading *reading = ctx;

    inbox_free(reading->inbox);
    free(reading);
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct reading *reading = ctx;
    struct inbox_service *service = reading->service;
    bool again = service->again;

    service->reading = service->again = false;
    if (!ok)
        log_line(LOG_WARN, "signals cannot be read: %s", err->text);
    if (ok && !again && !service->writing) {
        inbox_take(service->inbox, reading->inbox);
        reading->inbox = NULL;
        service->host->changed(service->host->app);
    }
    drop_reading(reading);
    if (again)
        inbox_service_reread(service);
}

void inbox_service_reread(void *self)
{
    struct inbox_service *service = self;
    struct reading *reading;

    if (!service || service->host->stopping)
        return;
    service->again = service->reading;
    if (service->reading || service->writing)
        return;
    service->reading = true;
    reading = xcalloc(1, sizeof *reading);
    reading->service = service;
    reading->inbox = inbox_new();
    reading->now = clock_now_ms();
    journal_read_owned(service->host->journal, read_all, on_read, reading,
                       drop_reading);
}

/* ---- what the user says ---- */

struct saying {
    struct inbox_service *service;
    struct signal_change change;
    char *note;
    bool unheard; /* the writer's: too much waits to be told */
};

static bool write_saying(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct saying *saying = ctx;

    saying->unheard = false;
    return table_change(db, &saying->change, err) &&
           (!saying->service->host->attach ||
            untold_signal(db, &saying->change, &saying->unheard, err));
}

static void drop_saying(void *ctx)
{
    struct saying *saying = ctx;

    free(saying->note);
    free(saying);
}

static void on_written(void *ctx, bool ok, const struct err *err)
{
    struct saying *saying = ctx;
    struct inbox_service *service = saying->service;

    service->writing--;
    if (!ok)
        log_line(LOG_WARN, "the signal is as it was: %s", err->text);
    else if (service->host->attach)
        service->host->to_tell(service->host->app, saying->unheard);
    drop_saying(saying);
    inbox_service_reread(service);
}

static void say(struct inbox_service *service,
                const struct signal_change *change)
{
    struct saying *saying = xcalloc(1, sizeof *saying);

    saying->service = service;
    saying->change = *change;
    saying->note = change->note ? xstrdup(change->note) : NULL;
    saying->change.note = saying->note;
    saying->change.at = clock_now_ms();
    service->writing++;
    service->again = service->reading;
    journal_write_owned(service->host->journal, write_saying, on_written,
                        saying, drop_saying);
    if (!service->host->attach)
        service->host->acted(service->host->app, &saying->change);
}

void inbox_service_state(void *self, int64_t id, enum inbox_state state,
                         int64_t until)
{
    static const enum signal_state states[] = {[INBOX_NEW] = STATE_NEW,
                                               [INBOX_SEEN] = STATE_SEEN,
                                               [INBOX_SNOOZED] = STATE_SNOOZED,
                                               [INBOX_DONE] = STATE_DONE};
    struct inbox_service *service = self;
    struct signal_change change = {.id = id,
                                   .state = states[state],
                                   .until = until};

    inbox_set_state(service->inbox, id, state, until);
    say(service, &change);
}

void inbox_service_note(void *self, int64_t id, const char *note)
{
    struct inbox_service *service = self;
    struct signal_change change = {.id = id, .noted = true, .note = note};

    inbox_set_note(service->inbox, id, note);
    say(service, &change);
}

const struct inbox *inbox_service_inbox(const void *self)
{
    return self ? ((const struct inbox_service *)self)->inbox : NULL;
}

/* ---- the service ---- */

static void *inbox_service_new(const struct service_host *host,
                               struct err *err)
{
    struct inbox_service *service;

    (void)err;
    if (!host->screen)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->inbox = inbox_new();
    return service;
}

static bool inbox_service_open(void *self, struct err *err)
{
    (void)err;
    inbox_service_reread(self);
    return true;
}

static void inbox_service_past_complete(void *self, uint64_t last_seq,
                                        size_t events)
{
    (void)last_seq;
    (void)events;
    inbox_service_reread(self);
}

static void inbox_service_free(void *self)
{
    struct inbox_service *service = self;

    inbox_free(service->inbox);
    free(service);
}

const struct service service_inbox = {.new = inbox_service_new,
                                      .open = inbox_service_open,
                                      .past_complete =
                                          inbox_service_past_complete,
                                      .free = inbox_service_free};
