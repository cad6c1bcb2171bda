/* Jobs for the journal's writer; the table is explained in its schema. */
#include "posthog/place.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

/* The writer's until done, and known to nobody else. */
struct job {
    char *name, *text;
    place_done *done;
    void *ctx;
};

static void job_free(void *ctx)
{
    struct job *job = ctx;

    free(job->name);
    free(job->text);
    free(job);
}

static void on_done(void *ctx, bool ok, const struct err *err)
{
    struct job *job = ctx;

    job->done(job->ctx, job->text, ok ? NULL : err);
    job_free(job);
}

static void start(struct journal *journal, writer_job *work, const char *name,
                  const char *text, place_done *done, void *ctx)
{
    struct job *job = xcalloc(1, sizeof *job);

    job->name = xstrdup(name);
    job->text = text ? xstrdup(text) : NULL;
    job->done = done;
    job->ctx = ctx;
    journal_write_owned(journal, work, on_done, job, job_free);
}

/* On the writer's thread, as write_text(). */
static bool read_text(void *ctx, sqlite3 *db, struct err *err)
{
    struct job *job = ctx;
    sqlite3_stmt *find =
        db_prepare(db, "SELECT state FROM cursors WHERE reader = ?1", false,
                   err);

    if (!find)
        return false;
    db_bind_text(find, 1, job->name);
    if (sqlite3_step(find) == SQLITE_ROW && sqlite3_column_text(find, 0))
        job->text = xstrdup((const char *)sqlite3_column_text(find, 0));
    sqlite3_finalize(find);
    return true;
}

static bool write_text(void *ctx, sqlite3 *db, struct err *err)
{
    struct job *job = ctx;
    sqlite3_stmt *write =
        db_prepare(db,
                   "INSERT INTO cursors (reader, seq, state, updated) VALUES "
                   "(?1, 0, ?2, ?3) ON CONFLICT DO UPDATE SET state = ?2, "
                   "updated = ?3",
                   false, err);
    bool written;

    if (!write)
        return false;
    db_bind_text(write, 1, job->name);
    db_bind_text(write, 2, job->text);
    sqlite3_bind_int64(write, 3, clock_now_ms());
    written = db_run(write, err);
    sqlite3_finalize(write);
    return written;
}

void place_read(struct journal *journal, const char *name, place_done *done,
                void *ctx)
{
    start(journal, read_text, name, NULL, done, ctx);
}

void place_write(struct journal *journal, const char *name, const char *text,
                 place_done *done, void *ctx)
{
    start(journal, write_text, name, text, done, ctx);
}
