/* The table exports. What is exported, and how, is command/export.c's. */
#include "journal/exports.h"

#include <stdlib.h>

#include "base/mem.h"
#include "journal/db.h"
#include "journal/journal.h"

#include "base/banned.h"

bool exports_note(sqlite3 *db, const struct export_note *note, struct err *err)
{
    static const char sql[] =
        "INSERT INTO exports (id, at, query, target, events) VALUES "
        "(?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET events = "
        "excluded.events";
    sqlite3_stmt *add = db_prepare(db, sql, false, err);
    bool ok;

    if (!add)
        return false;
    sqlite3_bind_int64(add, 1, note->id);
    sqlite3_bind_int64(add, 2, note->at);
    db_bind_text(add, 3, note->query);
    db_bind_text(add, 4, note->target);
    sqlite3_bind_int64(add, 5, (int64_t)note->events);
    ok = db_run(add, err);
    sqlite3_finalize(add);
    return ok;
}

/* On its way to the writer's thread and back. */
struct note_job {
    struct export_note note;
    char *query, *target; /* the note's */
    void (*on_done)(void *ctx, uint64_t token, bool ok, const struct err *err);
    void *ctx;
    uint64_t token;
};

static bool write_note(void *ctx, sqlite3 *db, struct err *err)
{
    return exports_note(db, &((struct note_job *)ctx)->note, err);
}

static void drop_note(void *ctx)
{
    struct note_job *job = ctx;

    free(job->query);
    free(job->target);
    free(job);
}

static void note_written(void *ctx, bool ok, const struct err *err)
{
    struct note_job *job = ctx;

    job->on_done(job->ctx, job->token, ok, err);
    drop_note(job);
}

void exports_write(struct journal *journal, const struct export_note *note,
                   void (*on_done)(void *ctx, uint64_t token, bool ok,
                                   const struct err *err),
                   void *ctx, uint64_t token)
{
    struct note_job *job = xcalloc(1, sizeof *job);

    *job = (struct note_job){.note = *note,
                             .on_done = on_done,
                             .ctx = ctx,
                             .token = token};
    job->note.query = job->query = note->query ? xstrdup(note->query) : NULL;
    job->note.target = job->target = xstrdup(note->target);
    journal_write_owned(journal, write_note, note_written, job, drop_note);
}

bool exports_each(sqlite3 *db,
                  bool (*each)(void *ctx, const struct export_note *note),
                  void *ctx, struct err *err)
{
    static const char sql[] =
        "SELECT id, at, query, target, events FROM exports ORDER BY at, id";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int result = row ? SQLITE_ROW : SQLITE_ERROR;

    while (row && (result = sqlite3_step(row)) == SQLITE_ROW) {
        struct export_note note = {
            .id = sqlite3_column_int64(row, 0),
            .at = sqlite3_column_int64(row, 1),
            .query = (const char *)sqlite3_column_text(row, 2),
            .target = (const char *)sqlite3_column_text(row, 3),
            .events = (uint64_t)sqlite3_column_int64(row, 4)};

        if (!each(ctx, &note)) {
            result = SQLITE_DONE;
            break;
        }
    }
    if (row && result != SQLITE_DONE)
        db_fail(db, err, "the exports");
    sqlite3_finalize(row);
    return result == SQLITE_DONE;
}
