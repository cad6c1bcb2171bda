/* Forgetting, as a chain of jobs: note whom, find by what other names they go
 * (on the reader's thread), then stage after stage, slice after slice, through
 * all tables; at last the dictionaries, the free pages and the log. Each slice
 * is looked through on the reader's thread and written in one small
 * transaction or several; events are taken in meanwhile. */
#include "journal/forget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/forget_views.h"
#include "journal/forgetting.h"
#include "journal/forgotten.h"

#include "base/banned.h"

/* Shorter ids and single names occur in other people's texts by chance. */
#define NAME_MIN 6
#define FREE_PAGES 200 /* given back in one transaction */
/* Readers hold the log for a moment; a slow one for longer. */
#define TRUNCATE_TRIES 100

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

const char *forget_called(enum forget_kind kind)
{
    static const char *const called[] = {
        [FORGET_EMAIL] = FORGOTTEN_EMAIL,
        [FORGET_PERSON] = FORGOTTEN_ID,
        [FORGET_ACCOUNT] = FORGOTTEN_ACCOUNT,
    };

    return called[kind];
}

/* An import may name the same person by another of their names. */
static bool remember(const struct forgetting *job, sqlite3 *db,
                     struct err *err)
{
    struct forgotten *forgotten = forgotten_new(db, err);
    bool ok = forgotten && forgotten_add(forgotten, forget_called(job->kind),
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

/* From now on nothing of them is taken in, and who tells of them again knows
 * whether it came to its end. */
static bool note(void *ctx, sqlite3 *db, struct err *err)
{
    struct forgetting *job = ctx;

    return remember(job, db, err) &&
           forgotten_begin(db, forget_called(job->kind), job->text, job->at,
                           err) &&
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
    job->sweep.persons = whom_person_ids(job->whom);
    job->sweep.account = job->kind == FORGET_ACCOUNT ? job->text : NULL;
    return remember(job, db, err) && find_last(db, &job->last, err);
}

/* ---- the small tables ---- */

static bool run_all(const struct forgetting *job, sqlite3 *db,
                    const char *const *list, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!forgetting_run(job, db, list[i], NULL, err))
            return false;
    return true;
}
#define RUN_ALL(job, db, list, err)                                           \
    run_all(job, db, list, sizeof(list) / sizeof *(list), err)

/* A transaction each. */

static bool clear_small(struct forgetting *job, sqlite3 *db, struct err *err)
{
    static const char *const person[] = {
        "DELETE FROM notes WHERE subject IN (SELECT key FROM persons WHERE "
        "id IN (SELECT value FROM json_each(?7))) AND " ROOM_UNTIL("at"),
    };
    static const char *const both[] = {
        "DELETE FROM notes WHERE lower(subject) = lower(?1) AND " ROOM_UNTIL(
            "at"),
        "UPDATE notes SET subject = trace_blot(subject), text = "
        "trace_blot(text) WHERE (trace_in(subject) OR trace_in(text)) "
        "AND " ROOM_UNTIL("at"),
        "UPDATE pins SET note = trace_blot(note) WHERE trace_in(note) "
        "AND " ROOM_UNTIL("at"),
        "UPDATE exports SET query = NULL WHERE trace_in(query) "
        "AND " ROOM_UNTIL("at"),
        "UPDATE exports SET target = trace_blot(target) WHERE "
        "trace_in(target) AND " ROOM_UNTIL("at"),
        "DELETE FROM replays WHERE trace_in(link) OR trace_in(session)",
        "UPDATE cursors SET state = NULL WHERE trace_in(state)",
        "DELETE FROM acts WHERE (lower(subject) IN ('read ' || lower(?1), "
        "'about ' || lower(?1)) OR trace_in(subject)) AND " ROOM_UNTIL("at"),
    };
    bool account = job->kind == FORGET_ACCOUNT;

    job->again = job->part < 3;
    switch (job->part++) {
    case 0:
        return forgetting_run_rooms(job, db,
                                    account ? ROOM_ACCOUNT : ROOM_PERSON, NULL,
                                    err) &&
               (account || RUN_ALL(job, db, person, err));
    case 1:
        return RUN_ALL(job, db, both, err);
    case 2:
        return forgetting_run_rooms(job, db, ROOM_MENTIONS, NULL, err);
    default:
        return forgetting_run_rooms(job, db, ROOM_TEXTS, &job->slice.messages,
                                    err);
    }
}

/* ---- the dictionaries, the pages ---- */

/* Who did something since is called as that says. */
static bool clear_own_names(struct forgetting *job, sqlite3 *db,
                            struct err *err)
{
#define THEIRS "(SELECT value FROM json_each(?7))"
#define CLEAR(name, column)                                                   \
    "UPDATE persons SET " name " = NULL WHERE id IN " THEIRS " AND " name     \
    " IS NOT NULL AND (id, " name ") NOT IN (SELECT person, " column          \
    " FROM identities WHERE person IN " THEIRS " AND " column " IS NOT NULL)"
    static const char *const clear[] = {CLEAR("email", "email"),
                                        CLEAR("name", "person_name")};

    return RUN_ALL(job, db, clear, err);
}

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
    if (!forgetting_find(job, db, left, &before, err) ||
        (before && !db_exec(db, vacuum, err)) ||
        !forgetting_find(job, db, left, &after, err))
        return false;
    job->again = after && after < before;
    return true;
}

static bool note_end(struct forgetting *job, sqlite3 *db, struct err *err)
{
    return forgotten_end(db, forget_called(job->kind), job->text, job->at,
                         err);
}

/* ---- the chain ---- */

typedef bool stage_step(struct forgetting *job, sqlite3 *db, struct err *err);

static const struct {
    stage_step *look; /* on the reader's thread; NULL: there is no need */
    stage_step *write;
} stages[] = {
    {forget_look_at_events, forget_events},
    {NULL, forget_days},
    {forget_look_at_names, forget_names},
    {forget_look_at_rejects, forget_rejects},
    {NULL, clear_small},
    {NULL, sweep},
    {NULL, clear_own_names},
    {NULL, give_back},
    {NULL, note_end},
};
#define STAGES (sizeof stages / sizeof *stages)

static void drop(void *ctx)
{
    struct forgetting *job = ctx;

    forgetting_drop_found(job);
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
    ok = traces_teach(job->traces, db, err) &&
         stages[job->stage].write(job, db, err);
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

static void go_on(struct forgetting *job);

static void on_stage(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (!ok) {
        finish(job, false, err);
        return;
    }
    tell(job);
    if (!job->looked)
        forgetting_drop_found(job);
    if (!job->again) {
        job->stage++;
        job->part = 0;
        job->row = job->to = 0;
    }
    if (job->stage == STAGES)
        journal_truncate_owned(job->journal, truncated, job, drop);
    else
        go_on(job);
}

static enum reader_step run_look(void *ctx, struct journal_reader *reader,
                                 struct err *err)
{
    struct forgetting *job = ctx;

    job->looked = true;
    return stages[job->stage].look(job, reader_db(reader), err)
               ? READER_DONE
               : READER_FAILED;
}

static void on_look(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (ok)
        journal_write_owned(job->journal, run_stage, on_stage, job, drop);
    else
        finish(job, false, err);
}

static void go_on(struct forgetting *job)
{
    if (stages[job->stage].look && !job->looked)
        journal_read_owned(job->journal, run_look, on_look, job, drop);
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
    job->goes = (struct forget_goes){job->whom, job->at, (uint64_t)job->noted};
    if (job->ops.known)
        job->ops.known(job->ctx, &job->goes);
    go_on(job);
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

bool forget_takes(const struct forget_goes *goes, const struct event *event)
{
    int64_t first = event->occurred_at < event->received_at
                        ? event->occurred_at
                        : event->received_at;

    return (event->seq <= goes->noted || first <= goes->at) &&
           whom_has(goes->whom, event);
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
