/* The rig of the journal's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "app/rooms.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

static void wake(void *ctx)
{
    struct rig *rig = ctx;

    pthread_mutex_lock(&rig->mutex);
    rig->wakes++;
    pthread_cond_signal(&rig->woken);
    pthread_mutex_unlock(&rig->mutex);
}

void rig_open(struct rig *rig)
{
    struct journal_options options = {.path = rig->path,
                                      .rooms = app_rooms,
                                      .wake = wake,
                                      .wake_ctx = rig};
    struct err err = {""};

    rig->journal = journal_open(&options, NULL, &err);
    assert_string_equal(err.text, "");
    assert_non_null(rig->journal);
}

void rig_close(struct rig *rig)
{
    journal_close(rig->journal);
    rig->journal = NULL;
}

int rig_setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    snprintf(rig->dir, sizeof rig->dir, "/tmp/telltale-test-XXXXXX");
    if (!rig || !mkdtemp(rig->dir))
        return -1;
    snprintf(rig->path, sizeof rig->path, "%s/state/journal.db", rig->dir);
    pthread_mutex_init(&rig->mutex, NULL);
    pthread_cond_init(&rig->woken, NULL);
    rig_open(rig);
    *state = rig;
    return 0;
}

int rig_teardown(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    struct rig *rig = *state;
    char path[160];

    journal_close(rig->journal);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", rig->path, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/state", rig->dir);
    rmdir(path);
    rmdir(rig->dir);
    pthread_cond_destroy(&rig->woken);
    pthread_mutex_destroy(&rig->mutex);
    free(rig);
    return 0;
}

/* Waits for the threads until *flag is true; a hang is stopped by whoever
 * runs the tests. */
void rig_drain_until(struct rig *rig, const bool *flag)
{
    while (!*flag) {
        pthread_mutex_lock(&rig->mutex);
        while (!rig->wakes)
            pthread_cond_wait(&rig->woken, &rig->mutex);
        rig->wakes = 0;
        pthread_mutex_unlock(&rig->mutex);
        journal_drain(rig->journal);
    }
}

/* ---- events to append ---- */

struct event sample(const char *name)
{
    static const char raw[] =
        "{\"event\":\"x\",\"properties\":{\"amount\":12345678901234567890}}";

    return (struct event){.name = name,
                          .category = CATEGORY_FLAGS,
                          .sentence = "created a feature flag",
                          .occurred_at = NOW - 2000,
                          .received_at = NOW,
                          .account = {.id = "01abc",
                                      .name = "Alder & Finch Labs",
                                      .listed = true},
                          .person = {.id = "p1", .email = "a@example.com"},
                          .raw = raw,
                          .raw_len = sizeof raw - 1,
                          .props_at = 26,
                          .props_len = 31};
}

struct uuid numbered(uint32_t number)
{
    struct uuid uuid = {{1, 0xa0}};

    for (int i = 0; i < 4; i++)
        uuid.bytes[12 + i] = (uint8_t)(number >> (24 - 8 * i));
    return uuid;
}

struct event with_uuid(const char *name, uint32_t number)
{
    struct event event = sample(name);

    event.has_uuid = true;
    event.uuid = numbered(number);
    return event;
}

struct event_batch *batch_of(const struct event *events, size_t count)
{
    struct event_batch *batch = event_batch_new();

    batch->events = arena_alloc(&batch->arena, count * sizeof *batch->events);
    memcpy(batch->events, events, count * sizeof *events);
    batch->count = count;
    for (size_t i = 0; i < count; i++)
        batch->bytes += events[i].raw_len;
    return batch;
}

void note_outcome(void *ctx, uint64_t token, struct append_result *result)
{
    struct outcome *outcome = ctx;

    outcome->ok = result->ok;
    outcome->token = token;
    outcome->fresh = result->fresh;
    outcome->duplicates = result->duplicates;
    outcome->forgotten = result->forgotten;
    for (size_t i = 0; i < result->batch->count && i < 16; i++) {
        outcome->seqs[i] = result->batch->events[i].seq;
        outcome->uuids[i] = result->batch->events[i].uuid;
        outcome->flags[i] = result->batch->events[i].flags;
    }
    event_batch_free(result->batch);
    outcome->done = true;
}

struct outcome rig_append(struct rig *rig, const struct event *events,
                          size_t count)
{
    struct outcome outcome = {.done = false};

    journal_append(rig->journal, batch_of(events, count), note_outcome,
                   &outcome, 7);
    rig_drain_until(rig, &outcome.done);
    return outcome;
}

uint64_t append_one(struct rig *rig, struct event event)
{
    struct outcome outcome = rig_append(rig, &event, 1);

    assert_true(outcome.ok);
    return outcome.seqs[0];
}

/* ---- asking the file itself ---- */

struct journal_reader *rig_reader(struct rig *rig)
{
    struct err err = {""};
    struct journal_reader *reader = reader_open(rig->path, &err);

    assert_string_equal(err.text, "");
    assert_non_null(reader);
    return reader;
}

int64_t ask(struct rig *rig, const char *sql)
{
    struct journal_reader *reader = rig_reader(rig);
    sqlite3_stmt *statement = NULL;
    int64_t value;

    assert_int_equal(sqlite3_prepare_v2(reader_db(reader), sql, -1, &statement,
                                        NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    reader_close(reader);
    return value;
}

bool run_sql(void *ctx, sqlite3 *db, struct err *err)
{
    struct sql_job *job = ctx;

    if (sqlite3_exec(db, job->sql, NULL, NULL, NULL))
        return err_set(err, "%s", sqlite3_errmsg(db));
    return !job->fail || err_set(err, "meant to fail");
}

void note_job(void *ctx, bool ok, const struct err *err)
{
    struct sql_job *job = ctx;

    job->ok = ok;
    job->err = *err;
    job->done = true;
}

void change(struct rig *rig, const char *sql)
{
    struct sql_job job = {.sql = sql};

    journal_write(rig->journal, run_sql, note_job, &job);
    rig_drain_until(rig, &job.done);
    assert_string_equal(job.err.text, "");
    assert_true(job.ok);
}

void note_forgotten(void *ctx, bool ok, const struct forget_result *result,
                    const struct err *err)
{
    (void)result;
    assert_string_equal(err->text, "");
    assert_true(ok);
    *(bool *)ctx = true;
}

void rig_fill(struct rig *rig, uint32_t count)
{
    struct event *events = calloc(count, sizeof *events);

    for (uint32_t i = 0; i < count; i++) {
        events[i] = with_uuid("a", i);
        events[i].received_at = NOW + (int64_t)i * 60000;
    }
    assert_int_equal(rig_append(rig, events, count).fresh, count);
    free(events);
}
