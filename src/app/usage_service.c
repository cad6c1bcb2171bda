/* The service "usage": who did how much in the last weeks, for the screen. It
 * is read from the journal's sums on the reader's thread, a day at a time,
 * when the screen opens, when a day has ended and when another past came;
 * between those, events are added as they are kept.
 *
 * A day is one statement, so it holds the events up to one seq, which is read
 * with it: an event counts again only if its seq is higher. What is kept while
 * the sums are read waits for them; who comes meanwhile is looked up before
 * the next day, in one transaction with it. */
#include "app/usage_service.h"

#include <stdlib.h>

#include <sqlite3.h>

#include "app/service.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/zone.h"

#include "base/banned.h"

#define PEOPLE_SLICE 5000
#define FIRST_SLICE 7 /* days */

/* A row of the journal and its number here. */
struct ref {
    int64_t id;
    uint32_t number;
};
struct refs { /* by id */
    struct ref *list;
    size_t count, room;
};

enum step { STEP_BEGIN, STEP_PEOPLE, STEP_DAYS, STEP_FIRST, STEP_END };

struct reading {
    struct usage_service *service;
    struct usage *usage;
    enum step step;
    struct refs accounts, people;
    int64_t last_account, last_person;
    bool crowded_accounts, crowded_people; /* more than there is room for */
    int64_t from; /* wall ms: whoever was seen last before may stay out */
    int32_t today, day, oldest;
    uint64_t upto[USAGE_DAYS]; /* by days before today */
};

struct usage_service {
    const struct service_host *host;
    struct usage *usage;
    uint64_t upto[USAGE_DAYS];
    bool reading, again;
    struct event *waiting; /* kept meanwhile; texts in the arena */
    size_t waiting_count;
    struct arena arena;
    int32_t day; /* of the times in [day_from, day_to) */
    int64_t day_from, day_to;
};

/* ---- on the reader's thread ---- */

static void put_ref(struct refs *refs, int64_t id, uint32_t number)
{
    if (number == USAGE_NOBODY)
        return;
    if (refs->count == refs->room) {
        refs->room = refs->room ? refs->room * 2 : 256;
        refs->list = xreallocarray(refs->list, refs->room, sizeof *refs->list);
    }
    refs->list[refs->count++] = (struct ref){id, number};
}

static int by_id(const void *a, const void *b)
{
    const struct ref *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static uint32_t number_of(const struct refs *refs, int64_t id)
{
    struct ref key = {.id = id};
    const struct ref *found =
        refs->count
            ? bsearch(&key, refs->list, refs->count, sizeof *refs->list, by_id)
            : NULL;

    return found ? found->number : USAGE_NOBODY;
}

static const char *text(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

static bool finish(sqlite3_stmt *rows, int code, struct journal_reader *reader,
                   struct err *err)
{
    sqlite3_finalize(rows);
    return code == SQLITE_DONE || db_fail(reader_db(reader), err, "usage");
}

static bool read_oldest(struct reading *reading, struct journal_reader *reader,
                        struct err *err)
{
    sqlite3_stmt *row = db_prepare(reader_db(reader),
                                   "SELECT min(day) FROM daily", false, err);

    if (!row)
        return false;
    reading->oldest = reading->today;
    if (sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_type(row, 0) != SQLITE_NULL)
        reading->oldest = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    return true;
}

/* Whether there is room for all that the journal ever saw. */
static bool read_room(struct reading *reading, struct journal_reader *reader,
                      struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(reader_db(reader),
                   "SELECT (SELECT count(*) FROM accounts) >= ?1, "
                   "(SELECT count(*) FROM persons) > ?2",
                   false, err);
    int code;

    if (!row)
        return false;
    sqlite3_bind_int(row, 1, LIMIT_USAGE_ACCOUNTS); /* and "no account" */
    sqlite3_bind_int(row, 2, LIMIT_USAGE_PEOPLE);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        reading->crowded_accounts = sqlite3_column_int(row, 0);
        reading->crowded_people = sqlite3_column_int(row, 1);
    }
    if (reading->crowded_accounts)
        usage_set_partial(reading->usage);
    return finish(row, code, reader, err);
}

static bool read_accounts(struct reading *reading,
                          struct journal_reader *reader, struct err *err)
{
    sqlite3_stmt *rows =
        db_prepare(reader_db(reader),
                   "SELECT id, key, name FROM accounts WHERE id > ?1 AND (NOT "
                   "?2 OR listed OR last_at >= ?3) ORDER BY id",
                   false, err);
    int code;

    if (!rows)
        return false;
    sqlite3_bind_int64(rows, 1, reading->last_account);
    sqlite3_bind_int(rows, 2, reading->crowded_accounts);
    sqlite3_bind_int64(rows, 3, reading->from);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        reading->last_account = sqlite3_column_int64(rows, 0);
        put_ref(&reading->accounts, reading->last_account,
                usage_add_account(reading->usage, text(rows, 1),
                                  text(rows, 2)));
    }
    return finish(rows, code, reader, err);
}

/* Id 0 is no account, and comes first. */
static bool read_begin(struct reading *reading, struct journal_reader *reader,
                       struct err *err)
{
    reading->step = STEP_PEOPLE;
    put_ref(&reading->accounts, 0,
            usage_add_account(reading->usage, NULL, NULL));
    return read_oldest(reading, reader, err) &&
           read_room(reading, reader, err);
}

static void take_person(struct reading *reading, sqlite3_stmt *row)
{
    uint32_t account =
        number_of(&reading->accounts, sqlite3_column_int64(row, 1));
    uint32_t person = usage_add_person(reading->usage, account, text(row, 2),
                                       text(row, 3), text(row, 4));

    reading->last_person = sqlite3_column_int64(row, 0);
    put_ref(&reading->people, reading->last_person, person);
    if (sqlite3_column_type(row, 5) != SQLITE_NULL)
        usage_saw(reading->usage, person, sqlite3_column_int64(row, 5));
}

/* *all: nobody is left for another slice. */
static bool read_people(struct reading *reading, struct journal_reader *reader,
                        bool *all, struct err *err)
{
    sqlite3_stmt *rows = db_prepare(
        reader_db(reader),
        "SELECT id, account, key, name, email, last_at FROM persons "
        "WHERE id > ?1 AND (NOT ?3 OR last_at >= ?4) ORDER BY id LIMIT ?2",
        false, err);
    int code, count = 0;

    if (!rows)
        return false;
    sqlite3_bind_int64(rows, 1, reading->last_person);
    sqlite3_bind_int(rows, 2, PEOPLE_SLICE);
    sqlite3_bind_int(rows, 3, reading->crowded_people);
    sqlite3_bind_int64(rows, 4, reading->from);
    for (; (code = sqlite3_step(rows)) == SQLITE_ROW; count++)
        take_person(reading, rows);
    *all = count < PEOPLE_SLICE;
    return finish(rows, code, reader, err);
}

/* The seq of the statement comes in a row of its own, first. */
static bool read_day(struct reading *reading, struct journal_reader *reader,
                     struct err *err)
{
    sqlite3_stmt *rows = db_prepare(
        reader_db(reader),
        "SELECT value, 0, 0, 0, 1 FROM meta WHERE key = 'seq' UNION ALL "
        "SELECT account, person, category, count, 0 FROM daily "
        "WHERE day = ?1 AND count > 0",
        false, err);
    int back = reading->today - reading->day, code;

    if (!rows)
        return false;
    sqlite3_bind_int(rows, 1, reading->day);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        struct usage_count count = {
            .day = reading->day,
            .account =
                number_of(&reading->accounts, sqlite3_column_int64(rows, 0)),
            .person =
                number_of(&reading->people, sqlite3_column_int64(rows, 1)),
            .category = (enum category)sqlite3_column_int(rows, 2),
            .events = (uint32_t)sqlite3_column_int64(rows, 3)};

        if (sqlite3_column_int(rows, 4))
            reading->upto[back] = (uint64_t)sqlite3_column_int64(rows, 0);
        else if (count.category < CATEGORY_COUNT)
            usage_add(reading->usage, &count);
    }
    if (back + 1 == USAGE_DAYS)
        reading->step = STEP_FIRST;
    reading->day--;
    return finish(rows, code, reader, err);
}

/* Before that, only when something was first. */
static bool read_first(struct reading *reading, struct journal_reader *reader,
                       struct err *err)
{
    sqlite3_stmt *rows = db_prepare(
        reader_db(reader),
        "SELECT account, category, person, min(day) FROM daily WHERE day "
        "BETWEEN ?1 AND ?2 AND count > 0 GROUP BY account, category",
        false, err);
    int code;

    if (!rows)
        return false;
    sqlite3_bind_int(rows, 1, reading->day - FIRST_SLICE + 1);
    sqlite3_bind_int(rows, 2, reading->day);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        uint32_t account =
            number_of(&reading->accounts, sqlite3_column_int64(rows, 0));
        int category = sqlite3_column_int(rows, 1);
        struct usage_moment moment = {
            .day = sqlite3_column_int(rows, 3),
            .person =
                number_of(&reading->people, sqlite3_column_int64(rows, 2))};

        if (account != USAGE_NOBODY && category >= 0 &&
            category < CATEGORY_COUNT)
            usage_first(reading->usage, account, (enum category)category,
                        moment);
    }
    reading->day -= FIRST_SLICE;
    if (reading->day < reading->oldest)
        reading->step = STEP_END;
    return finish(rows, code, reader, err);
}

/* A day is read when there is nobody left whom it may name. */
static bool read_next(struct reading *reading, struct journal_reader *reader,
                      struct err *err)
{
    bool all;

    if (!read_accounts(reading, reader, err) ||
        !read_people(reading, reader, &all, err))
        return false;
    if (!all)
        return true;
    reading->step = STEP_DAYS;
    return read_day(reading, reader, err);
}

static bool read_step(struct reading *reading, struct journal_reader *reader,
                      struct err *err)
{
    switch (reading->step) {
    case STEP_BEGIN:
        return read_begin(reading, reader, err);
    case STEP_PEOPLE:
    case STEP_DAYS:
        return read_next(reading, reader, err);
    default:
        return read_first(reading, reader, err);
    }
}

/* All of a step is of one moment. */
static bool read_at_once(struct reading *reading,
                         struct journal_reader *reader, struct err *err)
{
    sqlite3 *db = reader_db(reader);
    struct err ignored;

    if (!db_exec(db, "BEGIN", err))
        return false;
    if (read_step(reading, reader, err))
        return db_exec(db, "COMMIT", err);
    db_exec(db, "ROLLBACK", &ignored);
    return false;
}

static enum reader_step read_slice(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct reading *reading = ctx;

    if (!read_at_once(reading, reader, err))
        return READER_FAILED;
    if (reading->step != STEP_END)
        return READER_AGAIN;
    usage_set_complete(reading->usage);
    return READER_DONE;
}

/* ---- on the loop ---- */

static int32_t day_of(struct usage_service *service, int64_t at)
{
    const struct zone_days *zone = journal_days(service->host->journal);

    if (at < service->day_from || at >= service->day_to) {
        service->day = zone_day(zone, at);
        service->day_from = zone_day_start(zone, service->day);
        service->day_to = zone_day_start(zone, service->day + 1);
    }
    return service->day;
}

static void drop_reading(void *ctx)
{
    struct reading *reading = ctx;

    usage_free(reading->usage);
    free(reading->accounts.list);
    free(reading->people.list);
    free(reading);
}

/* What the sums that were read have already is not added again. */
static void add_event(struct usage_service *service, const struct event *event)
{
    int32_t day = day_of(service, event_time(event));
    int32_t back = usage_today(service->usage) - day;

    if (back >= USAGE_DAYS ? event->seq > service->upto[0]
                           : back >= 0 && event->seq > service->upto[back])
        usage_event(service->usage, event, day);
}

static void drop_waiting(struct usage_service *service)
{
    service->waiting_count = 0;
    arena_free(&service->arena);
}

static void take_over(struct usage_service *service, struct reading *reading)
{
    usage_take(service->usage, reading->usage);
    reading->usage = NULL;
    if (usage_partial(service->usage))
        log_line(LOG_WARN,
                 "the screens Accounts, People and Coverage count the first "
                 "%d accounts and %d people of the last %d days; there are "
                 "more",
                 LIMIT_USAGE_ACCOUNTS, LIMIT_USAGE_PEOPLE, USAGE_DAYS);
    for (int i = 0; i < USAGE_DAYS; i++)
        service->upto[i] = reading->upto[i];
    for (size_t i = 0; i < service->waiting_count; i++)
        add_event(service, &service->waiting[i]);
    service->host->changed(service->host->app);
}

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct reading *reading = ctx;
    struct usage_service *service = reading->service;
    bool again = service->again;

    service->reading = service->again = false;
    if (!ok)
        log_line(LOG_WARN, "the sums by day cannot be read: %s", err->text);
    else if (!again)
        take_over(service, reading);
    drop_waiting(service);
    drop_reading(reading);
    if (again)
        usage_service_reread(service);
}

void usage_service_reread(void *self)
{
    struct usage_service *service = self;
    struct reading *reading;

    if (!service || service->host->stopping)
        return;
    service->again = service->reading;
    if (service->reading)
        return;
    service->reading = true;
    reading = xcalloc(1, sizeof *reading);
    reading->service = service;
    reading->today = reading->day = day_of(service, clock_now_ms());
    reading->from = zone_day_start(journal_days(service->host->journal),
                                   reading->today - USAGE_DAYS);
    reading->usage = usage_new(reading->today);
    journal_read_owned(service->host->journal, read_slice, on_read, reading,
                       drop_reading);
}

static void wait_with(struct usage_service *service, const struct event *event)
{
    struct event *copy;

    if (service->waiting_count == LIMIT_USAGE_WAITING) {
        service->again = true;
        return;
    }
    copy = &service->waiting[service->waiting_count++];
    *copy = (struct event){.seq = event->seq,
                           .category = event->category,
                           .hidden = event->hidden,
                           .occurred_at = event->occurred_at,
                           .received_at = event->received_at,
                           .flags = event->flags};
    copy->account.id = arena_strdup(&service->arena, event->account.id);
    copy->account.name = arena_strdup(&service->arena, event->account.name);
    copy->person.id = arena_strdup(&service->arena, event->person.id);
    copy->person.email = arena_strdup(&service->arena, event->person.email);
    copy->person.name = arena_strdup(&service->arena, event->person.name);
}

static void usage_service_kept(void *self, const struct event_batch *batch)
{
    struct usage_service *service = self;

    for (size_t i = 0; i < batch->fresh; i++) {
        add_event(service, &batch->events[i]);
        if (service->reading)
            wait_with(service, &batch->events[i]);
    }
}

/* A tick of the journal tells that a day has ended. */
static void usage_service_committed(void *self, uint64_t last_seq)
{
    struct usage_service *service = self;

    (void)last_seq;
    if (!service->reading &&
        day_of(service, clock_now_ms()) != usage_today(service->usage))
        usage_service_reread(service);
}

static void usage_service_past_complete(void *self, uint64_t last_seq,
                                        size_t events)
{
    (void)last_seq;
    (void)events;
    usage_service_reread(self);
}

const struct usage *usage_service_usage(const void *self)
{
    return self ? ((const struct usage_service *)self)->usage : NULL;
}

static void *usage_service_new(const struct service_host *host,
                               struct err *err)
{
    struct usage_service *service;

    (void)err;
    if (!host->screen)
        return NULL;
    service = xcalloc(1, sizeof *service);
    service->host = host;
    service->waiting = xcalloc(LIMIT_USAGE_WAITING, sizeof *service->waiting);
    return service;
}

static bool usage_service_open(void *self, struct err *err)
{
    struct usage_service *service = self;

    (void)err;
    service->usage = usage_new(day_of(service, clock_now_ms()));
    /* Until it is read, everything is in the journal's sums. */
    for (int i = 0; i < USAGE_DAYS; i++)
        service->upto[i] = UINT64_MAX;
    usage_service_reread(service);
    return true;
}

static void usage_service_free(void *self)
{
    struct usage_service *service = self;

    usage_free(service->usage);
    free(service->waiting);
    arena_free(&service->arena);
    free(service);
}

const struct service service_usage = {.new = usage_service_new,
                                      .open = usage_service_open,
                                      .kept = usage_service_kept,
                                      .past_complete =
                                          usage_service_past_complete,
                                      .committed = usage_service_committed,
                                      .free = usage_service_free};
