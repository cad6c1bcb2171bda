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

#include "base/banned.h"

#define LOOKS_A_ROUND 64 /* commits from one reading back to the next */
#define LOG_HEADER 32
#define FRAME_HEADER 24
#define PAGE_SIZE_MAX 65536

enum { THE_FILE, THE_LOG, THE_INDEX, FILES };

struct guard {
    sqlite3 *db;
    sqlite3 *witness; /* reads from the file: it has next to no cache */
    sqlite3_stmt *read_back[2];
    sqlite3_int64 place[2]; /* read back up to this seq */
    unsigned looks;
    unsigned char salt[8]; /* of the log, at the last commit */
    size_t page_size;
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

/* ---- the log ---- */

/* SQLite's own descriptor of the log: a file that was removed is read all
 * the same. */
static bool read_log(struct guard *guard, void *out, int len, sqlite3_int64 at)
{
    sqlite3_file *log = NULL;

    return !sqlite3_file_control(guard->db, "main",
                                 SQLITE_FCNTL_JOURNAL_POINTER, &log) &&
           log && log->pMethods && !log->pMethods->xRead(log, out, len, at);
}

static uint32_t number_at(const unsigned char *bytes, bool big)
{
    return big ? (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                     (uint32_t)bytes[2] << 8 | bytes[3]
               : (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
                     (uint32_t)bytes[1] << 8 | bytes[0];
}

/* The sum of https://www.sqlite.org/walformat.html#checksum_algorithm */
static void add_up(const unsigned char *bytes, size_t len, bool big,
                   uint32_t sum[2])
{
    for (size_t i = 0; i < len; i += 8) {
        sum[0] += number_at(bytes + i, big) + sum[1];
        sum[1] += number_at(bytes + i + 4, big) + sum[0];
    }
}

static bool sums_to(const unsigned char *stored, const uint32_t sum[2])
{
    return number_at(stored, true) == sum[0] &&
           number_at(stored + 4, true) == sum[1];
}

static bool read_log_header(struct guard *guard,
                            unsigned char header[LOG_HEADER], bool *big,
                            uint32_t sum[2])
{
    uint32_t magic;

    if (!read_log(guard, header, LOG_HEADER, 0))
        return false;
    magic = number_at(header, true);
    *big = magic & 1;
    sum[0] = sum[1] = 0;
    add_up(header, 24, *big, sum);
    return (magic | 1) == 0x377f0683 &&
           number_at(header + 8, true) == guard->page_size &&
           sums_to(header + 24, sum);
}

/* Every frame of the log, by its sums: what a start after a crash would
 * believe. */
static bool log_is_whole(struct guard *guard, size_t frames)
{
    unsigned char header[LOG_HEADER], frame[FRAME_HEADER + PAGE_SIZE_MAX];
    size_t len = FRAME_HEADER + guard->page_size;
    uint32_t sum[2];
    bool big;

    if (!read_log_header(guard, header, &big, sum))
        return false;
    for (size_t i = 0; i < frames; i++) {
        if (!read_log(guard, frame, (int)len,
                      LOG_HEADER + (sqlite3_int64)(i * len)))
            return false;
        add_up(frame, 8, big, sum);
        add_up(frame + FRAME_HEADER, guard->page_size, big, sum);
        if (memcmp(frame + 8, header + 16, 8) || !sums_to(frame + 16, sum))
            return false;
    }
    return true;
}

/* Its two ends: that the last commit is there, and its beginning, whose salt
 * is noted. */
static bool log_has_ends(struct guard *guard, size_t frames)
{
    unsigned char header[LOG_HEADER], frame[FRAME_HEADER];
    uint32_t sum[2];
    bool big;

    if (!read_log_header(guard, header, &big, sum))
        return false;
    memcpy(guard->salt, header + 16, sizeof guard->salt);
    return read_log(guard, frame, sizeof frame,
                    LOG_HEADER +
                        (sqlite3_int64)((frames - 1) *
                                        (FRAME_HEADER + guard->page_size))) &&
           !memcmp(frame + 8, header + 16, 8) && number_at(frame + 4, true);
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

static enum guard_state judge_file(struct guard *guard, struct err *err)
{
    struct err why = {""};
    int result;

    sqlite3_db_release_memory(guard->witness);
    if (guard_is_whole(guard->witness, &why))
        return GUARD_OURS;
    result = sqlite3_extended_errcode(guard->witness);
    if (result != SQLITE_OK && result != SQLITE_DONE && result != SQLITE_ROW &&
        !guard_is_damage(result)) {
        err_set(err, "cannot read %s: %s", guard->names[THE_FILE], why.text);
        return GUARD_UNSURE;
    }
    err_set(err, "%s is damaged: %s", guard->names[THE_FILE], why.text);
    return GUARD_DAMAGED;
}

/* Another program copied all of the log into the database and began it anew,
 * as SQLite does: the header is another one, or there is none. */
static bool log_was_begun_anew(struct guard *guard, const struct stat *now)
{
    unsigned char header[LOG_HEADER];
    uint32_t sum[2];
    bool big;

    return !now->st_size || (read_log_header(guard, header, &big, sum) &&
                             memcmp(header + 16, guard->salt, 8));
}

static enum guard_state judge_log(struct guard *guard, struct guard_log log,
                                  const struct stat *now, struct err *err)
{
    if (!log.frames || log_is_whole(guard, log.frames))
        return GUARD_OURS;
    if (log_was_begun_anew(guard, now) && judge_file(guard, err) == GUARD_OURS)
        return GUARD_OURS;
    err_set(err, "%s was overwritten or cut", guard->names[THE_LOG]);
    return log.copied ? GUARD_LOG_GONE : GUARD_DAMAGED;
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

enum guard_state guard_before(struct guard *guard, struct guard_log log,
                              struct err *err)
{
    struct stat now[FILES];
    enum guard_state state = look_at_names(guard, now, err);

    if (state == GUARD_OURS &&
        !is_unchanged(&now[THE_LOG], &guard->seen[THE_LOG]))
        state = judge_log(guard, log, &now[THE_LOG], err);
    if (state == GUARD_OURS &&
        !is_unchanged(&now[THE_FILE], &guard->seen[THE_FILE]))
        state = judge_file(guard, err);
    if (state == GUARD_OURS && !(++guard->looks % LOOKS_A_ROUND))
        state = read_back(guard, err);
    if (state == GUARD_OURS)
        memcpy(guard->seen, now, sizeof now);
    return state;
}

enum guard_state guard_after(struct guard *guard, struct guard_log log,
                             struct err *err)
{
    struct stat now[FILES];
    enum guard_state state = look_at_names(guard, now, err);

    if (state != GUARD_OURS)
        return state;
    if (log.frames && !log_has_ends(guard, log.frames)) {
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

static char *name_with(const char *path, const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *name = xmalloc(size);

    snprintf(name, size, "%s%s", path, suffix);
    return name;
}

struct guard *guard_new(sqlite3 *db, const char *path, struct err *err)
{
    static const char *const suffixes[FILES] = {"", "-wal", "-shm"};
    struct guard *guard = xcalloc(1, sizeof *guard);
    bool ok = true;

    guard->db = db;
    guard->page_size = db_page_size(db);
    for (int i = 0; i < FILES; i++) {
        guard->names[i] = name_with(path, suffixes[i]);
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
