/* Forgetting, as a chain of jobs: note whom, find by what other names they go
 * (on the reader's thread), then stage after stage, slice after slice, through
 * all tables; at last the dictionaries, the free pages and the log. Each slice
 * is a small transaction, and events are taken in between two of them. */
#include "journal/forget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/forget_views.h"
#include "journal/forgotten.h"
#include "journal/room.h"
#include "journal/sweep.h"
#include "journal/trace.h"

#include "base/banned.h"

/* Shorter ids and single names occur in other people's texts by chance. */
#define NAME_MIN 6
#define DICTIONARY_ROWS 1000
#define REJECT_ROWS 8
#define FREE_PAGES 200 /* given back in one transaction */
/* Readers hold the log for a moment; a slow one for longer. */
#define TRUNCATE_TRIES 100

struct forgetting {
    struct journal *journal;
    enum forget_kind kind;
    char *text;
    int64_t at;
    int64_t noted; /* what has a seq up to this came before it was asked */
    int64_t last;  /* the last seq to do */
    struct whom *whom;
    struct traces *traces;
    struct sweep sweep;
    size_t stage, part;
    int64_t row,
        to;     /* of the stage: the slice is what is after row, up to to */
    bool again; /* the stage wants another slice */
    unsigned tries;
    struct forget_result result, slice;
    struct forget_ops ops;
    void *ctx;
};

/* ---- statements ---- */

/* ?1 the text, ?2 the identities, ?3 and ?4 the slice, ?5 and ?6 what came
 * before it was asked, ?7 the persons. Adds the changed rows to *changed. */
static sqlite3_stmt *prepare(const struct forgetting *job, sqlite3 *db,
                             const char *sql, struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);

    if (!statement)
        return NULL;
    db_bind_text(statement, 1, job->text);
    db_bind_text(statement, 2, whom_identities(job->whom));
    sqlite3_bind_int64(statement, 3, job->row);
    sqlite3_bind_int64(statement, 4, job->to);
    sqlite3_bind_int64(statement, 5, job->noted);
    sqlite3_bind_int64(statement, 6, job->at);
    db_bind_text(statement, 7, whom_persons(job->whom));
    return statement;
}

static bool run(const struct forgetting *job, sqlite3 *db, const char *sql,
                uint64_t *changed, struct err *err)
{
    sqlite3_stmt *statement = prepare(job, db, sql, err);
    bool ok = statement && db_run(statement, err);

    sqlite3_finalize(statement);
    if (ok && changed)
        *changed += (uint64_t)sqlite3_changes(db);
    return ok;
}

static bool run_all(const struct forgetting *job, sqlite3 *db,
                    const char *const *list, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!run(job, db, list[i], NULL, err))
            return false;
    return true;
}
#define RUN_ALL(job, db, list, err)                                           \
    run_all(job, db, list, sizeof(list) / sizeof *(list), err)

/* What the other rooms keep. */
static bool run_rooms(const struct forgetting *job, sqlite3 *db,
                      enum room_part part, uint64_t *changed, struct err *err)
{
    for (const struct journal_room *const *room = journal_rooms(job->journal);
         *room; room++)
        for (const char *const *sql = (*room)->parts[part]; sql && *sql; sql++)
            if (!run(job, db, *sql, changed, err))
                return false;
    return true;
}

/* One number; 0 for none. */
static bool find(const struct forgetting *job, sqlite3 *db, const char *sql,
                 int64_t *out, struct err *err)
{
    sqlite3_stmt *statement = prepare(job, db, sql, err);
    int result;

    if (!statement)
        return false;
    result = sqlite3_step(statement);
    *out = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        db_fail(db, err, "the journal");
    sqlite3_finalize(statement);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

/* ---- who it is ---- */

static bool remember_names(const struct forgetting *job,
                           struct forgotten *forgotten, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < whom_names(job->whom); i++) {
        enum whom_name kind;
        const char *name = whom_name(job->whom, i, &kind);

        if (kind == WHOM_NAME_EMAIL)
            ok = forgotten_add(forgotten, FORGOTTEN_EMAIL, name, job->at, err);
        else if (kind == WHOM_NAME_ID && job->kind == FORGET_EMAIL)
            ok = forgotten_add(forgotten, FORGOTTEN_ALONE, name, job->at, err);
    }
    return ok;
}

/* An import may name the same person by another of their names. */
static bool remember(const struct forgetting *job, sqlite3 *db,
                     struct err *err)
{
    static const char *const asked[] = {[FORGET_EMAIL] = FORGOTTEN_EMAIL,
                                        [FORGET_PERSON] = FORGOTTEN_ID,
                                        [FORGET_ACCOUNT] = FORGOTTEN_ACCOUNT};
    struct forgotten *forgotten = forgotten_new(db, err);
    bool ok = forgotten && forgotten_add(forgotten, asked[job->kind],
                                         job->text, job->at, err);

    if (ok && job->whom && job->kind != FORGET_ACCOUNT)
        ok = remember_names(job, forgotten, err);
    forgotten_free(forgotten);
    return ok;
}

static bool find_last(sqlite3 *db, int64_t *last, struct err *err)
{
    return db_number(db, "SELECT max(seq) FROM events", last, err);
}

/* From now on nothing of them is taken in. */
static bool note(void *ctx, sqlite3 *db, struct err *err)
{
    struct forgetting *job = ctx;

    return remember(job, db, err) &&
           (job->ops.only_before || find_last(db, &job->noted, err));
}

static enum reader_step look_up(void *ctx, struct journal_reader *reader,
                                struct err *err)
{
    struct forgetting *job = ctx;

    job->whom = whom_find(reader_db(reader), (enum whom_kind)job->kind,
                          job->text, err);
    return job->whom ? READER_DONE : READER_FAILED;
}

static bool is_distinctive(enum whom_name kind, const char *name)
{
    if (kind == WHOM_NAME_EMAIL)
        return true;
    if (strlen(name) < NAME_MIN)
        return false;
    return kind == WHOM_NAME_ID || strchr(name, ' ');
}

static void gather_traces(struct forgetting *job)
{
    job->traces = traces_new();
    job->result.unsearched = 0;
    for (size_t i = 0; i < whom_names(job->whom); i++) {
        enum whom_name kind;
        const char *name = whom_name(job->whom, i, &kind);

        if (kind != WHOM_NAME_SHARED && kind != WHOM_NAME_OTHER &&
            !traces_add(job->traces,
                        is_distinctive(kind, name) ? TRACE_NAME : TRACE_HINT,
                        name))
            job->result.unsearched++;
    }
}

static bool mark(void *ctx, sqlite3 *db, struct err *err)
{
    struct forgetting *job = ctx;

    job->sweep.tables = "forget";
    job->sweep.persons = whom_persons(job->whom);
    job->sweep.account = job->kind == FORGET_ACCOUNT ? job->text : NULL;
    return remember(job, db, err) && find_last(db, &job->last, err);
}

/* ---- the events ---- */

#define OF_OTHERS                                                             \
    "(SELECT seq FROM events WHERE " ROOM_SLICE " AND " ROOM_BEFORE ")"

/* As many as one transaction looks over. */
static bool find_slice(struct forgetting *job, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *rows = prepare(
        job, db,
        "SELECT e.seq, coalesce(b.size, 0) FROM events e LEFT JOIN bodies b "
        "ON b.seq = e.seq WHERE e.seq > ?3 ORDER BY e.seq LIMIT 500",
        err);
    int64_t bytes = 0, to = job->row;
    int result;

    _Static_assert(LIMIT_FORGET_ROWS == 500, "as the statement says");
    if (!rows)
        return false;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        if (to > job->row && bytes > (int64_t)LIMIT_FORGET_BYTES)
            break;
        to = sqlite3_column_int64(rows, 0);
        bytes += sqlite3_column_int64(rows, 1);
    }
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        db_fail(db, err, "the journal");
    sqlite3_finalize(rows);
    job->to = result == SQLITE_DONE && to == job->row ? job->last : to;
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

static bool blot_events(struct forgetting *job, sqlite3 *db, struct err *err)
{
    static const char in_bodies[] =
        "UPDATE bodies SET encoding = 1, dict = 1, raw = body_pack("
        "trace_blot(body_text(encoding, size, raw))) WHERE seq IN " OF_OTHERS
        " AND trace_in(body_text(encoding, size, raw))";
    static const char in_words[] =
        "UPDATE events SET sentence = trace_blot(sentence), url = "
        "trace_blot(url), key = trace_blot(key) || CASE WHEN trace_in(key) "
        "AND EXISTS (SELECT 1 FROM events o WHERE o.key = "
        "trace_blot(events.key)) THEN ' ' || seq ELSE '' END, session = "
        "trace_blot(session), replay_link = trace_blot(replay_link), "
        "event_link = trace_blot(event_link) WHERE " ROOM_SLICE
        " AND " ROOM_BEFORE
        " AND (trace_in(sentence) OR trace_in(url) OR trace_in(key) OR "
        "trace_in(session) OR trace_in(replay_link) OR "
        "trace_in(event_link))";

    return run(job, db, in_bodies, &job->slice.mentions, err) &&
           run(job, db, in_words, NULL, err);
}

static bool clear_events(struct forgetting *job, sqlite3 *db, struct err *err)
{
    static const char *const before[] = {
        "DELETE FROM acts WHERE id IN (SELECT act FROM acts_untold WHERE "
        "event IN " ROOM_THEIRS ")",
        "DELETE FROM pins WHERE seq IN " ROOM_THEIRS,
        "DELETE FROM replays WHERE seq IN " ROOM_THEIRS};

    if (!find_slice(job, db, err) ||
        !run_rooms(job, db, ROOM_EVENTS, &job->slice.messages, err) ||
        !RUN_ALL(job, db, before, err) ||
        !run(job, db, "DELETE FROM events WHERE seq IN " ROOM_THEIRS,
             &job->slice.events, err) ||
        !blot_events(job, db, err))
        return false;
    job->row = job->to;
    job->again = job->row < job->last;
    return true;
}

/* ---- counts by day ---- */

static bool clear_days(struct forgetting *job, sqlite3 *db, struct err *err)
{
    static const char persons[] =
        "DELETE FROM daily WHERE day = ?4 AND person IN (SELECT value FROM "
        "json_each(?7))";
    static const char account[] =
        "DELETE FROM daily WHERE day = ?4 AND account IN (SELECT id FROM "
        "accounts WHERE key = lower(?1))";

    if (!job->part &&
        !find(job, db, "SELECT min(day) - 1 FROM daily", &job->row, err))
        return false;
    job->part = 1;
    if (!find(job, db,
              "SELECT coalesce(min(day), -1) FROM daily WHERE day > ?3",
              &job->to, err))
        return false;
    if (job->to < 0)
        return true;
    job->row = job->to;
    job->again = true;
    return run(job, db, job->kind == FORGET_ACCOUNT ? account : persons, NULL,
               err);
}

/* ---- mentions in the dictionaries ---- */

#define BY_ID "id > ?3 AND id <= ?4 AND "
/* Another row may have the text already that is left. */
#define APART(column, table)                                                  \
    "trace_blot(" column ") || CASE WHEN EXISTS (SELECT 1 FROM " table        \
    " o WHERE o." column " = trace_blot(" table "." column                    \
    ")) THEN ' ' || id ELSE '' END"

static const struct {
    const char *table, *sql;
} dictionaries[] = {
    {"texts",
     "UPDATE texts SET text = " APART("text", "texts") " WHERE " BY_ID
                                                       "trace_in(text)"},
    {"identities",
     "UPDATE identities SET digest = randomblob(16), account_key = "
     "trace_blot(account_key), account_name = trace_blot(account_name), "
     "person_name = trace_blot(person_name), person_link = "
     "trace_blot(person_link), person_id = trace_blot(person_id) WHERE " BY_ID
     "id NOT IN " ROOM_IDENTITIES
     " AND (trace_in(account_key) OR trace_in(account_name) OR "
     "trace_in(person_name) OR trace_in(person_link) OR "
     "trace_in(person_id))"},
    {"accounts", "UPDATE accounts SET name = trace_blot(name) WHERE " BY_ID
                 "trace_in(name)"},
    {"accounts", "UPDATE accounts SET key = " APART(
                     "key", "accounts") " WHERE " BY_ID
                                        "key <> lower(?1) AND trace_in(key)"},
    {"persons", "UPDATE persons SET email = NULL, name = NULL WHERE " BY_ID
                "(trace_in(email) OR trace_in(name))"},
    /* Who goes by their name, but is not known to be them. */
    {"persons",
     "UPDATE persons SET key = trace_blot(key) || ' ' || id WHERE " BY_ID
     "id NOT IN (SELECT value FROM json_each(?7)) AND trace_in(key)"},
};
#define DICTIONARIES (sizeof dictionaries / sizeof *dictionaries)

static bool blot_names(struct forgetting *job, sqlite3 *db, struct err *err)
{
    char sql[128];

    snprintf(sql, sizeof sql,
             "SELECT max(id) FROM (SELECT id FROM %s WHERE id > ?3 ORDER BY "
             "id LIMIT %d)",
             dictionaries[job->part].table, DICTIONARY_ROWS);
    if (!find(job, db, sql, &job->to, err) ||
        (job->to && !run(job, db, dictionaries[job->part].sql, NULL, err)))
        return false;
    job->row = job->to;
    job->part += !job->to;
    job->again = job->part < DICTIONARIES;
    return true;
}

/* ---- what was refused ---- */

static bool clear_rejects(struct forgetting *job, sqlite3 *db, struct err *err)
{
    char next[128];

    snprintf(next, sizeof next,
             "SELECT max(id) FROM (SELECT id FROM rejects WHERE id > ?3 "
             "ORDER BY id LIMIT %d)",
             REJECT_ROWS);
    if (!find(job, db, next, &job->to, err) || !job->to)
        return !job->to;
    if (!run(job, db,
             "DELETE FROM rejects WHERE " BY_ID
             "(trace_hint(body) OR trace_hint(why) OR EXISTS (SELECT 1 FROM "
             "reject_headers h WHERE h.reject = rejects.id AND "
             "(trace_hint(content_type) OR trace_hint(webhook_id))))",
             &job->slice.rejects, err))
        return false;
    job->row = job->to;
    job->again = true;
    return true;
}

/* ---- the small tables ---- */

static bool clear_small(struct forgetting *job, sqlite3 *db, struct err *err)
{
    static const char *const person[] = {
        "DELETE FROM notes WHERE subject IN (SELECT key FROM persons WHERE "
        "id IN (SELECT value FROM json_each(?7)))",
    };
    static const char *const both[] = {
        "DELETE FROM notes WHERE lower(subject) = lower(?1)",
        "UPDATE notes SET subject = trace_blot(subject), text = "
        "trace_blot(text) WHERE trace_in(subject) OR trace_in(text)",
        "UPDATE pins SET note = trace_blot(note) WHERE trace_in(note)",
        "UPDATE exports SET query = NULL WHERE trace_in(query)",
        "UPDATE exports SET target = trace_blot(target) WHERE "
        "trace_in(target)",
        "DELETE FROM replays WHERE trace_in(link) OR trace_in(session)",
        "UPDATE cursors SET state = NULL WHERE trace_in(state)",
        "DELETE FROM acts WHERE lower(subject) IN ('read ' || lower(?1), "
        "'about ' || lower(?1)) OR trace_in(subject)",
    };
    bool account = job->kind == FORGET_ACCOUNT;

    return run_rooms(job, db, account ? ROOM_ACCOUNT : ROOM_PERSON, NULL,
                     err) &&
           (account || RUN_ALL(job, db, person, err)) &&
           RUN_ALL(job, db, both, err) &&
           run_rooms(job, db, ROOM_MENTIONS, NULL, err) &&
           run_rooms(job, db, ROOM_TEXTS, &job->slice.messages, err);
}

/* ---- the dictionaries, the pages ---- */

static bool sweep(struct forgetting *job, sqlite3 *db, struct err *err)
{
    return sweep_slice(&job->sweep, db, &job->again, err);
}

static bool give_back(struct forgetting *job, sqlite3 *db, struct err *err)
{
    static const char left[] = "SELECT freelist_count FROM "
                               "pragma_freelist_count";
    int64_t before, after;
    char vacuum[64];

    snprintf(vacuum, sizeof vacuum, "PRAGMA incremental_vacuum(%d)",
             FREE_PAGES);
    if (!find(job, db, left, &before, err) ||
        (before && !db_exec(db, vacuum, err)) ||
        !find(job, db, left, &after, err))
        return false;
    job->again = after && after < before;
    return true;
}

/* ---- the chain ---- */

static bool (*const stages[])(struct forgetting *, sqlite3 *, struct err *) = {
    clear_events, clear_days, blot_names, clear_rejects,
    clear_small,  sweep,      give_back,
};
#define STAGES (sizeof stages / sizeof *stages)

static void drop(void *ctx)
{
    struct forgetting *job = ctx;

    whom_free(job->whom);
    traces_free(job->traces);
    free(job->text);
    free(job);
}

static void finish(struct forgetting *job, bool ok, const struct err *err)
{
    job->ops.done(job->ctx, ok, &job->result, err);
    drop(job);
}

static void truncated(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    job->result.unreadable = ok;
    if (!ok && ++job->tries < TRUNCATE_TRIES)
        journal_truncate_owned(job->journal, truncated, job, drop);
    else
        finish(job, true, err);
}

static bool run_stage(void *ctx, sqlite3 *db, struct err *err)
{
    struct forgetting *job = ctx;
    bool ok;

    job->again = false;
    job->slice = (struct forget_result){0};
    ok =
        traces_teach(job->traces, db, err) && stages[job->stage](job, db, err);
    traces_teach(NULL, db, NULL);
    return ok;
}

static void tell(struct forgetting *job)
{
    struct forget_result *result = &job->result;

    result->events += job->slice.events;
    result->mentions += job->slice.mentions;
    result->messages += job->slice.messages;
    result->rejects += job->slice.rejects;
    if (!job->stage)
        result->done = (uint64_t)job->row;
    result->of = (uint64_t)job->last;
    if (job->ops.progress)
        job->ops.progress(job->ctx, result);
}

static void on_stage(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (!ok) {
        finish(job, false, err);
        return;
    }
    tell(job);
    if (!job->again) {
        job->stage++;
        job->part = 0;
        job->row = job->to = 0;
    }
    if (job->stage == STAGES)
        journal_truncate_owned(job->journal, truncated, job, drop);
    else
        journal_write_owned(job->journal, run_stage, on_stage, job, drop);
}

static void on_marked(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;
    struct err why;

    if (!ok) {
        finish(job, false, err);
        return;
    }
    gather_traces(job);
    if (!forget_views(journal_path(job->journal), job->traces,
                      &job->result.views, &why)) {
        finish(job, false, &why);
        return;
    }
    if (job->ops.known)
        job->ops.known(job->ctx, job->whom);
    journal_write_owned(job->journal, run_stage, on_stage, job, drop);
}

static void on_looked_up(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (ok)
        journal_write_owned(job->journal, mark, on_marked, job, drop);
    else
        finish(job, false, err);
}

static void on_noted(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (ok)
        journal_read_owned(job->journal, look_up, on_looked_up, job, drop);
    else
        finish(job, false, err);
}

void journal_forget_by(struct journal *journal, enum forget_kind kind,
                       const char *text, int64_t at,
                       const struct forget_ops *ops, void *ctx)
{
    struct forgetting *job = xcalloc(1, sizeof *job);

    job->journal = journal;
    job->kind = kind;
    job->text = xstrdup(text);
    job->at = at;
    job->ops = *ops;
    job->ctx = ctx;
    journal_write_owned(journal, note, on_noted, job, drop);
}

void journal_forget(struct journal *journal, enum forget_kind kind,
                    const char *text, int64_t at, forget_done *done, void *ctx)
{
    const struct forget_ops ops = {.done = done};

    journal_forget_by(journal, kind, text, at, &ops, ctx);
}
