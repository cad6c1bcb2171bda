/* Looking at a journal's files. What is done about a doubt is mend.c's. */
#include "journal/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "journal/db.h"
#include "journal/wal.h"

#include "base/banned.h"

#define LOOKS_A_ROUND 64 /* commits from one reading back to the next */

enum { THE_FILE, THE_LOG, THE_INDEX, FILES };

struct guard {
    sqlite3 *witness; /* reads from the file: it has next to no cache */
    sqlite3_stmt *read_back[2];
    sqlite3_int64 place[2]; /* read back up to this seq */
    unsigned looks;
    struct wal wal;
    char *names[FILES];
    struct stat seen[FILES];
};

bool guard_is_damage(int result)
{
    return (result & 0xff) == SQLITE_CORRUPT ||
           (result & 0xff) == SQLITE_NOTADB ||
           result == SQLITE_IOERR_SHORT_READ;
}

/* ---- the names ---- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    struct timespec one = file_changed(a), other = file_changed(b);

    return a->st_size == b->st_size && one.tv_sec == other.tv_sec &&
           one.tv_nsec == other.tv_nsec;
}

static enum guard_state look_at_name(const struct guard *guard, int which,
                                     struct stat *now, struct err *err)
{
    const char *name = guard->names[which];
    bool there = !stat(name, now);

    if (there && is_same_file(now, &guard->seen[which]))
        return GUARD_OURS;
    if (!there && errno != ENOENT && errno != ENOTDIR) {
        err_errno(err, "cannot look at %s", name);
        return GUARD_UNSURE;
    }
    err_set(err, "%s was %s", name, there ? "replaced" : "deleted");
    return which == THE_FILE ? GUARD_MOVED : GUARD_LOG_GONE;
}

static enum guard_state look_at_names(const struct guard *guard,
                                      struct stat now[FILES], struct err *err)
{
    enum guard_state state = GUARD_OURS;

    for (int i = 0; i < FILES && state == GUARD_OURS; i++)
        state = look_at_name(guard, i, &now[i], err);
    return state;
}

void guard_note(struct guard *guard)
{
    for (int i = 0; i < FILES; i++) {
        struct stat now;

        if (!stat(guard->names[i], &now) &&
            is_same_file(&now, &guard->seen[i]))
            guard->seen[i] = now;
    }
}

void guard_doubt(struct guard *guard)
{
    guard->seen[THE_FILE].st_size = -1;
}

/* ---- the database ---- */

bool guard_is_whole(sqlite3 *db, struct err *err)
{
    sqlite3_stmt *check = db_prepare(db, "PRAGMA quick_check(1)", false, err);
    const char *text = NULL;
    bool whole;

    if (!check)
        return false;
    if (sqlite3_step(check) == SQLITE_ROW)
        text = (const char *)sqlite3_column_text(check, 0);
    whole = text && !strcmp(text, "ok");
    if (!whole && text)
        err_set(err, "%s", text);
    else if (!whole)
        db_fail(db, err, "the journal");
    sqlite3_finalize(check);
    return whole;
}

enum guard_state guard_judge(sqlite3 *db, struct err *err)
{
    int result;

    if (guard_is_whole(db, err))
        return GUARD_OURS;
    result = sqlite3_extended_errcode(db);
    return result == SQLITE_OK || result == SQLITE_DONE ||
                   result == SQLITE_ROW || guard_is_damage(result)
               ? GUARD_DAMAGED
               : GUARD_UNSURE;
}

static enum guard_state judge_file(struct guard *guard, struct err *err)
{
    const char *name = guard->names[THE_FILE];
    struct err why = {""};
    enum guard_state state;

    sqlite3_db_release_memory(guard->witness);
    state = guard_judge(guard->witness, &why);
    if (state == GUARD_UNSURE)
        err_set(err, "cannot read %s: %s", name, why.text);
    else if (state == GUARD_DAMAGED)
        err_set(err, "%s is damaged: %s", name, why.text);
    return state;
}

/* What was there is, or other programs went on with it. */
static enum guard_state judge_log(struct guard *guard, struct guard_log *log,
                                  struct err *err)
{
    if (!log->frames || wal_is_whole(&guard->wal, log->frames))
        return GUARD_OURS;
    if (wal_is_as_indexed(&guard->wal, &log->frames)) {
        log->copied = false;
        return GUARD_OURS;
    }
    err_set(err, "%s was overwritten or cut", guard->names[THE_LOG]);
    return log->copied ? GUARD_LOG_GONE : GUARD_DAMAGED;
}

/* A few rows further on, from the file; at the end from the start again. */
static enum guard_state read_back(struct guard *guard, struct err *err)
{
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *rows = guard->read_back[i];
        int result;

        sqlite3_bind_int64(rows, 1, guard->place[i]);
        result = sqlite3_step(rows);
        if (result == SQLITE_ROW)
            guard->place[i] = sqlite3_column_int64(rows, 0);
        result = sqlite3_reset(rows);
        if (guard_is_damage(result)) {
            guard->place[i] = 0;
            return judge_file(guard, err);
        }
    }
    return GUARD_OURS;
}

/* ---- a look ---- */

enum guard_state guard_before(struct guard *guard, struct guard_log *log,
                              struct err *err)
{
    struct stat now[FILES];
    enum guard_state state = look_at_names(guard, now, err);

    if (state == GUARD_OURS &&
        !is_unchanged(&now[THE_LOG], &guard->seen[THE_LOG]))
        state = judge_log(guard, log, err);
    if (state == GUARD_OURS &&
        !is_unchanged(&now[THE_FILE], &guard->seen[THE_FILE]))
        state = judge_file(guard, err);
    if (state == GUARD_OURS && !(++guard->looks % LOOKS_A_ROUND))
        state = read_back(guard, err);
    if (state == GUARD_OURS)
        memcpy(guard->seen, now, sizeof now);
    return state;
}

enum guard_state guard_after(struct guard *guard, struct guard_log *log,
                             struct err *err)
{
    struct stat now[FILES];
    enum guard_state state = look_at_names(guard, now, err);

    if (state != GUARD_OURS)
        return state;
    if (log->frames && !wal_has_ends(&guard->wal, log->frames) &&
        !wal_is_as_indexed(&guard->wal, &log->frames)) {
        err_set(err, "%s was overwritten or cut", guard->names[THE_LOG]);
        return GUARD_DAMAGED;
    }
    guard->seen[THE_LOG] = now[THE_LOG];
    return GUARD_OURS;
}

/* ---- making one ---- */

static bool open_witness(struct guard *guard, const char *path,
                         struct err *err)
{
    /* The sums make it read every byte of a row. */
    static const char *const sql[2] = {
        "SELECT max(seq), sum(length(sentence) + length(url)) FROM (SELECT "
        "* FROM events WHERE seq > ?1 ORDER BY seq LIMIT 100)",
        "SELECT max(seq), sum(length(body_text(encoding, size, raw))) FROM "
        "(SELECT * FROM bodies WHERE seq > ?1 ORDER BY seq LIMIT 100)",
    };

    guard->witness = db_open_reader(path, err);
    if (!guard->witness ||
        !db_exec(guard->witness, "PRAGMA cache_size = 10", err))
        return false;
    for (int i = 0; i < 2; i++) {
        guard->read_back[i] = db_prepare(guard->witness, sql[i], true, err);
        if (!guard->read_back[i])
            return false;
    }
    return true;
}

struct guard *guard_new(sqlite3 *db, const char *path, struct err *err)
{
    static const char *const suffixes[FILES] = {"", "-wal", "-shm"};
    struct guard *guard = xcalloc(1, sizeof *guard);
    bool ok = true;

    guard->wal = (struct wal){.db = db, .page_size = db_page_size(db)};
    for (int i = 0; i < FILES; i++) {
        guard->names[i] = file_name_with(path, suffixes[i]);
        if (ok && stat(guard->names[i], &guard->seen[i]))
            ok = err_errno(err, "cannot look at %s", guard->names[i]);
    }
    if (ok && open_witness(guard, path, err))
        return guard;
    guard_free(guard);
    return NULL;
}

void guard_free(struct guard *guard)
{
    if (!guard)
        return;
    for (int i = 0; i < 2; i++)
        sqlite3_finalize(guard->read_back[i]);
    db_close(guard->witness);
    for (int i = 0; i < FILES; i++)
        free(guard->names[i]);
    free(guard);
}
