/* Forgetting, as a chain of writer jobs: mark who it is, go through the
 * events slice by slice, then the small tables, then the file. */
#include "journal/forget.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "journal/db.h"
#include "journal/forgotten.h"

#include "base/banned.h"

#define SLICE 5000 /* seqs gone through in one transaction */
/* Shorter texts occur in other people's events by chance. */
#define MENTION_MIN 6

static const char *const kind_names[] = {"email", "person", "account"};

struct forgetting {
    struct journal *journal;
    enum forget_kind kind;
    char *text, *blot; /* blot: as many asterisks */
    int64_t at;
    int64_t cursor, last; /* seqs done, seqs to do */
    struct forget_result result;
    forget_done *done;
    void *ctx;
};

/* Runs one statement with the parameters it may have: ?1 the text, ?2 the
 * blot, ?3 and ?4 the slice. Adds the changed rows to *changed, if given. */
static bool run(const struct forgetting *job, sqlite3 *db, const char *sql,
                uint64_t *changed, struct err *err)
{
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    int64_t to = job->cursor + SLICE;
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, job->text);
    db_bind_text(statement, 2, job->blot);
    sqlite3_bind_int64(statement, 3, job->cursor);
    sqlite3_bind_int64(statement, 4, to < job->last ? to : job->last);
    ok = db_run(statement, err);
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

static bool mentions_count(const struct forgetting *job)
{
    return job->kind != FORGET_ACCOUNT && strlen(job->text) >= MENTION_MIN;
}

/* ---- who it is ---- */

static bool add_hashes(sqlite3 *db, struct forgotten *forgotten,
                       const char *sql, const char *kind, int64_t at,
                       struct err *err)
{
    sqlite3_stmt *rows = db_prepare(db, sql, false, err);
    bool ok = rows != NULL;

    while (ok && sqlite3_step(rows) == SQLITE_ROW)
        ok =
            forgotten_add(forgotten, kind,
                          (const char *)sqlite3_column_text(rows, 0), at, err);
    sqlite3_finalize(rows);
    return ok;
}

/* An import may name the same person by another of their names. */
static bool remember(const struct forgetting *job, sqlite3 *db,
                     struct err *err)
{
    struct forgotten *forgotten = forgotten_new(db, err);
    bool ok = forgotten && forgotten_add(forgotten, kind_names[job->kind],
                                         job->text, job->at, err);

    if (ok && job->kind != FORGET_ACCOUNT)
        ok = add_hashes(db, forgotten,
                        "SELECT DISTINCT person_id FROM identities JOIN "
                        "forget_who USING (id) WHERE person_id IS NOT NULL",
                        "person", job->at, err);
    if (ok && job->kind == FORGET_EMAIL)
        ok = add_hashes(db, forgotten,
                        "SELECT DISTINCT email FROM identities JOIN "
                        "forget_who USING (id) WHERE email IS NOT NULL",
                        "email", job->at, err);
    forgotten_free(forgotten);
    return ok;
}

static bool find_last(struct forgetting *job, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *find =
        db_prepare(db, "SELECT max(seq) FROM events", false, err);

    if (!find)
        return false;
    if (sqlite3_step(find) == SQLITE_ROW)
        job->last = sqlite3_column_int64(find, 0);
    sqlite3_finalize(find);
    return true;
}

static bool mark(void *ctx, sqlite3 *db, struct err *err)
{
    static const char *const find[] = {
        [FORGET_EMAIL] = "INSERT INTO forget_who SELECT id FROM identities "
                         "WHERE lower(email) = lower(?1)",
        [FORGET_PERSON] = "INSERT INTO forget_who SELECT id FROM identities "
                          "WHERE person_id = ?1",
        [FORGET_ACCOUNT] = "INSERT INTO forget_who SELECT id FROM identities "
                           "WHERE account_key = lower(?1)",
    };
    static const char same_person[] =
        "INSERT OR IGNORE INTO forget_who SELECT id FROM identities WHERE "
        "person_id IN (SELECT person_id FROM identities JOIN forget_who "
        "USING (id))";
    struct forgetting *job = ctx;

    return db_exec(db,
                   "CREATE TEMP TABLE IF NOT EXISTS forget_who "
                   "(id INTEGER PRIMARY KEY); DELETE FROM forget_who;",
                   err) &&
           run(job, db, find[job->kind], NULL, err) &&
           (job->kind != FORGET_EMAIL ||
            run(job, db, same_person, NULL, err)) &&
           remember(job, db, err) && find_last(job, db, err);
}

/* ---- the events ---- */

#define THEIRS                                                                \
    " WHERE seq IN (SELECT seq FROM events WHERE seq > ?3 AND seq <= ?4 AND " \
    "who IN (SELECT id FROM forget_who))"

static bool clear_slice(void *ctx, sqlite3 *db, struct err *err)
{
    static const char *const before[] = {"DELETE FROM pins" THEIRS,
                                         "DELETE FROM replays" THEIRS};
    static const char in_bodies[] =
        "UPDATE bodies SET encoding = 1, dict = 1, raw = body_pack(replace("
        "body_text(encoding, size, raw), ?1, ?2)) WHERE seq > ?3 AND seq <= "
        "?4 AND instr(body_text(encoding, size, raw), ?1)";
    static const char in_words[] =
        "UPDATE events SET sentence = replace(sentence, ?1, ?2), "
        "url = replace(url, ?1, ?2) WHERE seq > ?3 AND seq <= ?4 AND "
        "(instr(sentence, ?1) OR instr(url, ?1))";
    struct forgetting *job = ctx;

    if (!RUN_ALL(job, db, before, err) ||
        !run(job, db, "DELETE FROM events" THEIRS, &job->result.events, err))
        return false;
    return !mentions_count(job) ||
           (run(job, db, in_bodies, &job->result.mentions, err) &&
            run(job, db, in_words, NULL, err));
}

/* ---- the small tables ---- */

/* Persons that are only in the identities that go. */
#define NOBODY_ELSE                                                           \
    "(SELECT person FROM identities JOIN forget_who USING (id) WHERE person " \
    "> 0)"

static bool clear_rest(void *ctx, sqlite3 *db, struct err *err)
{
    static const char *const person[] = {
        "DELETE FROM daily WHERE person IN " NOBODY_ELSE,
        "DELETE FROM signals WHERE person IN " NOBODY_ELSE,
        "DELETE FROM notes WHERE subject IN (SELECT key FROM persons WHERE "
        "id IN " NOBODY_ELSE ") OR lower(subject) = lower(?1)",
    };
    static const char *const account[] = {
        "DELETE FROM daily WHERE account IN (SELECT id FROM accounts WHERE "
        "key = lower(?1))",
        "DELETE FROM signals WHERE account IN (SELECT id FROM accounts WHERE "
        "key = lower(?1))",
        "DELETE FROM notes WHERE lower(subject) = lower(?1)",
    };
    static const char *const both[] = {
        "DELETE FROM views WHERE instr(lower(query), lower(?1))",
        "UPDATE exports SET query = NULL WHERE instr(lower(query), "
        "lower(?1))",
        /* What came in since stays, and so do its names. */
        "DELETE FROM forget_who WHERE id IN (SELECT who FROM events WHERE "
        "seq > ?3)",
        "DELETE FROM persons WHERE id IN " NOBODY_ELSE
        " AND id NOT IN (SELECT person FROM identities WHERE id NOT IN "
        "(SELECT id FROM forget_who))",
        "DELETE FROM identities WHERE id IN (SELECT id FROM forget_who)",
        "DELETE FROM accounts WHERE key = lower(?1) AND id NOT IN (SELECT "
        "account FROM identities)",
        "DELETE FROM forget_who",
    };
    struct forgetting *job = ctx;

    job->cursor = job->last;
    return (job->kind == FORGET_ACCOUNT ? RUN_ALL(job, db, account, err)
                                        : RUN_ALL(job, db, person, err)) &&
           run(job, db,
               "DELETE FROM rejects WHERE instr(lower(CAST(body AS TEXT)), "
               "lower(?1))",
               &job->result.rejects, err) &&
           run(job, db,
               "DELETE FROM outbox WHERE instr(lower(message), lower(?1))",
               &job->result.messages, err) &&
           RUN_ALL(job, db, both, err);
}

/* ---- the chain ---- */

static void drop(void *ctx)
{
    struct forgetting *job = ctx;

    free(job->text);
    free(job->blot);
    free(job);
}

static void finish(struct forgetting *job, bool ok, const struct err *err)
{
    job->done(job->ctx, ok, &job->result, err);
    drop(job);
}

static void truncated(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    job->result.unreadable = ok;
    finish(job, true, err);
}

static void rest_cleared(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (ok)
        journal_truncate(job->journal, truncated, job);
    else
        finish(job, false, err);
}

static void go_on(void *ctx, bool ok, const struct err *err);

static void slice_cleared(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (ok)
        job->cursor += SLICE;
    go_on(job, ok, err);
}

static void go_on(void *ctx, bool ok, const struct err *err)
{
    struct forgetting *job = ctx;

    if (!ok)
        finish(job, false, err);
    else if (job->cursor < job->last)
        journal_write_owned(job->journal, clear_slice, slice_cleared, job,
                            drop);
    else
        journal_write_owned(job->journal, clear_rest, rest_cleared, job, drop);
}

void journal_forget(struct journal *journal, enum forget_kind kind,
                    const char *text, int64_t at, forget_done *done, void *ctx)
{
    struct forgetting *job = xcalloc(1, sizeof *job);

    job->journal = journal;
    job->kind = kind;
    job->text = xstrdup(text);
    job->blot = xstrdup(text);
    memset(job->blot, '*', strlen(job->blot));
    job->at = at;
    job->done = done;
    job->ctx = ctx;
    journal_write_owned(journal, mark, go_on, job, drop);
}
