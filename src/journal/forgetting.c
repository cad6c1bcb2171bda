/* The walk of forgetting: how it asks, how it looks, and how long a slice is.
 * What goes, the stages know (forget_*.c). */
#include "journal/forgetting.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

/* Others wait for the reader, too, but none of them is a sender. */
#define LOOK_US 100000
#define WRITE_US 10000

enum column { COLUMN_ROW, COLUMN_BYTES, COLUMN_LOOK, COLUMN_BODY, COLUMNS };

/* ---- statements ---- */

sqlite3_stmt *forgetting_prepare(const struct forgetting *job, sqlite3 *db,
                                 const char *sql, struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);

    if (!statement)
        return NULL;
    db_bind_text(statement, 1, job->text);
    id_set_bind(statement, 2, whom_identities(job->whom));
    sqlite3_bind_int64(statement, 3, job->row);
    sqlite3_bind_int64(statement, 4, job->to);
    sqlite3_bind_int64(statement, 5, job->noted);
    sqlite3_bind_int64(statement, 6, job->at);
    db_bind_text(statement, 7, whom_persons(job->whom));
    sqlite3_bind_int(statement, 8, !job->ops.only_before);
    id_set_bind(statement, 9, whom_person_ids(job->whom));
    return statement;
}

/* statement is finalised; NULL stays an error. */
static bool finish(sqlite3_stmt *statement, sqlite3 *db, uint64_t *changed,
                   struct err *err)
{
    bool ok = statement && db_run(statement, err);

    sqlite3_finalize(statement);
    if (ok && changed)
        *changed += (uint64_t)sqlite3_changes(db);
    return ok;
}

bool forgetting_run(const struct forgetting *job, sqlite3 *db, const char *sql,
                    uint64_t *changed, struct err *err)
{
    return finish(forgetting_prepare(job, db, sql, err), db, changed, err);
}

bool forgetting_run_rooms(const struct forgetting *job, sqlite3 *db,
                          enum room_part part, uint64_t *changed,
                          struct err *err)
{
    for (const struct journal_room *const *room = journal_rooms(job->journal);
         *room; room++)
        for (const char *const *sql = (*room)->parts[part]; sql && *sql; sql++)
            if (!forgetting_run(job, db, *sql, changed, err))
                return false;
    return true;
}

bool forgetting_find(const struct forgetting *job, sqlite3 *db,
                     const char *sql, int64_t *out, struct err *err)
{
    return db_number_of(forgetting_prepare(job, db, sql, err), out, err);
}

bool forgetting_run_row(struct forgetting *job, sqlite3 *db, const char *sql,
                        int64_t row, uint64_t *changed, struct err *err)
{
    sqlite3_stmt *statement = forgetting_prepare(job, db, sql, err);

    if (statement) {
        sqlite3_bind_int64(statement, 3, row - 1);
        sqlite3_bind_int64(statement, 4, row);
    }
    return finish(statement, db, changed, err);
}

/* ---- looking ---- */

static void add_found(struct forgetting *job, const struct forget_found *found)
{
    job->found =
        xreallocarray(job->found, job->found_count + 1, sizeof *job->found);
    job->found[job->found_count++] = *found;
}

static bool texts_name_them(const struct forgetting *job, sqlite3_stmt *rows,
                            bool hints)
{
    for (int i = COLUMNS; i < sqlite3_column_count(rows); i++) {
        const char *text = sqlite3_column_blob(rows, i);

        if (text && traces_find(job->traces, text,
                                (size_t)sqlite3_column_bytes(rows, i), hints))
            return true;
    }
    return false;
}

static void look_at_body(const struct forgetting *job, sqlite3_stmt *rows,
                         struct forget_found *found)
{
    const void *body = sqlite3_column_blob(rows, COLUMN_BODY);

    if (!body)
        return;
    found->len = (size_t)sqlite3_column_bytes(rows, COLUMN_BODY);
    found->body = xstrndup(body, found->len);
    if (!traces_blot(job->traces, found->body, found->len)) {
        free(found->body);
        found->body = NULL;
    }
}

static void look_at_row(struct forgetting *job, sqlite3_stmt *rows, bool hints)
{
    struct forget_found found = {.row = job->to};

    if (!sqlite3_column_int(rows, COLUMN_LOOK))
        return;
    look_at_body(job, rows, &found);
    found.words = texts_name_them(job, rows, hints);
    if (found.words || found.body)
        add_found(job, &found);
}

bool forgetting_look(struct forgetting *job, sqlite3 *db, const char *sql,
                     bool hints, struct err *err)
{
    int64_t until = clock_mono_us() + LOOK_US, bytes = 0;
    sqlite3_stmt *rows = forgetting_prepare(job, db, sql, err);
    int result;

    job->to = 0;
    if (!rows)
        return false;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        if (job->to && bytes > (int64_t)LIMIT_FORGET_BYTES)
            break;
        job->to = sqlite3_column_int64(rows, COLUMN_ROW);
        bytes += sqlite3_column_int64(rows, COLUMN_BYTES);
        look_at_row(job, rows, hints);
        if (clock_mono_us() > until)
            break;
    }
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        db_fail(db, err, "the journal");
    sqlite3_finalize(rows);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

/* ---- writing ---- */

bool forgetting_write(struct forgetting *job, sqlite3 *db,
                      forgetting_write_row *row, bool *all, struct err *err)
{
    int64_t until = clock_mono_us() + WRITE_US;

    while (job->written < job->found_count) {
        if (!row(job, db, &job->found[job->written], err))
            return false;
        job->written++;
        if (clock_mono_us() > until)
            break;
    }
    *all = job->written == job->found_count;
    return true;
}

void forgetting_drop_found(struct forgetting *job)
{
    for (size_t i = 0; i < job->found_count; i++)
        free(job->found[i].body);
    free(job->found);
    job->found = NULL;
    job->found_count = job->written = 0;
    job->looked = false;
}
