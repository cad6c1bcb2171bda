/* What is done about a damaged journal; guard.c finds it while one is open. */
#include "journal/mend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/acts.h"
#include "journal/body.h"
#include "journal/db.h"
#include "journal/guard.h"
#include "journal/pages.h"

#include "base/banned.h"

#define DAMAGED "damaged"
#define SALVAGED "salvaged"
#define REPLACED "replaced"
/* Behind the journal's path: the new one while it is made, and whole. */
#define MAKING ".making"
#define READY ".new"
/* Where the last seq is not known: as many as can have been given out since
 * the newest one that can be read. */
#define SEQ_GAP 1000000

/* ---- looking ---- */

static int64_t size_of(const char *path, const char *suffix)
{
    char *name = file_name_with(path, suffix);
    struct stat info;
    int64_t size = stat(name, &info) ? -1 : (int64_t)info.st_size;

    free(name);
    return size;
}

/* Both ends of the two large tables, and what must be there at all. */
static bool has_ends(sqlite3 *db, struct err *err)
{
    static const char *const asks[] = {
        "SELECT count(*) = 4 FROM meta WHERE key IN ('id', 'salt', 'zone', "
        "'seq')",
        "SELECT coalesce(max(seq), 0) <= (SELECT value FROM meta WHERE key = "
        "'seq') FROM events",
        "SELECT 1 + 0 * count(sentence) FROM (SELECT * FROM events ORDER BY "
        "seq LIMIT 20)",
        "SELECT 1 + 0 * count(sentence) FROM (SELECT * FROM events ORDER BY "
        "seq DESC LIMIT 200)",
        "SELECT 1 + 0 * count(length(raw)) FROM (SELECT * FROM bodies ORDER "
        "BY seq DESC LIMIT 200)",
        "SELECT 1 + 0 * count(hidden) FROM (SELECT * FROM daily ORDER BY day "
        "DESC LIMIT 200)",
    };

    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        sqlite3_stmt *ask = db_prepare(db, asks[i], false, err);
        int result = ask ? sqlite3_step(ask) : SQLITE_ERROR;
        bool yes = result == SQLITE_ROW && sqlite3_column_int(ask, 0);

        if (result != SQLITE_ROW)
            db_fail(db, err, "it cannot be read");
        else if (!yes)
            err_set(err, "what it says of itself is not so");
        sqlite3_finalize(ask);
        if (!yes)
            return false;
    }
    return true;
}

static bool is_sound(sqlite3 *db, int64_t size, struct err *err)
{
    return has_ends(db, err) &&
           (size > (int64_t)LIMIT_CHECK_AT_START || guard_is_whole(db, err));
}

/* SQLite cannot read it: is it one of ours? */
static enum mend_state look_inside(const char *path, struct err *err)
{
    struct salvage_facts facts;
    struct err why = {""};

    if (!salvage_facts(path, &facts, &why) || !facts.is_journal)
        return MEND_UNKNOWN;
    if (!*err->text)
        err_set(err, "it cannot be read");
    return MEND_DAMAGED;
}

static enum mend_state examine_with(sqlite3 *db, const char *path,
                                    struct err *err)
{
    struct err why = {""};
    enum db_kind kind = db_kind(db, path, &why);
    int result = sqlite3_extended_errcode(db);

    if (kind == DB_EMPTY)
        return MEND_SOUND;
    if (kind == DB_JOURNAL && is_sound(db, size_of(path, ""), err))
        return MEND_SOUND;
    if (kind == DB_JOURNAL) {
        result = sqlite3_extended_errcode(db);
        return !result || result >= SQLITE_ROW || guard_is_damage(result) ||
                       (result & 0xff) == SQLITE_ERROR
                   ? MEND_DAMAGED
                   : MEND_UNKNOWN;
    }
    if (!guard_is_damage(result))
        return MEND_UNKNOWN;
    err_set(err, "%s", sqlite3_errmsg(db));
    return look_inside(path, err);
}

enum mend_state mend_examine(const char *path, struct err *err)
{
    enum mend_state state;
    sqlite3 *db = NULL;

    err_set(err, "%s", "");
    /* SQLite would delete the log of a database without a page. */
    if (size_of(path, "") <= 0 && size_of(path, "-wal") > 0) {
        err_set(err, "its file is %s", size_of(path, "") ? "gone" : "empty");
        return MEND_DAMAGED;
    }
    if (size_of(path, "") <= 0)
        return MEND_SOUND;
    if (size_of(path, "-wal") > 0 && pages_log_is_torn(path)) {
        err_set(err, "its log was overwritten");
        return MEND_DAMAGED;
    }
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) ||
        !body_register(db, NULL)) {
        sqlite3_close(db);
        return MEND_UNKNOWN;
    }
    /* What is damaged is to be kept as it is. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(db, 1000);
    state = examine_with(db, path, err);
    sqlite3_close(db);
    return state;
}

/* ---- aside ---- */

static void now_text(char out[32])
{
    time_t now = (time_t)(clock_now_ms() / 1000);
    struct tm tm = {0};

    gmtime_r(&now, &tm);
    strftime(out, 32, "%Y%m%dT%H%M%SZ", &tm);
}

static char *free_name(const char *path, const char *word)
{
    char when[32], name[96];

    now_text(when);
    for (int i = 1;; i++) {
        char *aside;

        snprintf(name, sizeof name, i > 1 ? ".%s-%s-%d" : ".%s-%s", word, when,
                 i);
        aside = file_name_with(path, name);
        if (access(aside, F_OK))
            return aside;
        free(aside);
    }
}

/* What is not there need not be moved. */
static bool move(const char *from, const char *to, const char *suffix,
                 struct err *err)
{
    char *a = file_name_with(from, suffix), *b = file_name_with(to, suffix);
    bool ok = !rename(a, b) || errno == ENOENT ||
              err_errno(err, "cannot rename %s", a);

    free(a);
    free(b);
    return ok;
}

/* A log that was left alone is found by the name of its database. */
static bool make_there(const char *path, struct err *err)
{
    int fd;

    if (!access(path, F_OK)) /* whatever it is, we may not open it */
        return true;
    fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    close(fd);
    return true;
}

/* The database first: one that is left without its log would be taken for
 * sound, a log that is left alone is not. */
char *mend_set_aside(const char *path, const char *word, struct err *err)
{
    char *aside = free_name(path, word), *index = file_name_with(path, "-shm");
    bool ok = move(path, aside, "", err) && move(path, aside, "-wal", err);

    if (ok && unlink(index) && errno != ENOENT)
        ok = err_errno(err, "cannot remove %s", index);
    free(index);
    if (ok && make_there(aside, err))
        return aside;
    free(aside);
    return NULL;
}

/* ---- a new one ---- */

static bool set_meta(sqlite3 *db, const struct salvage_facts *facts,
                     struct err *err)
{
    sqlite3_stmt *set =
        db_prepare(db, "UPDATE meta SET value = ?2 WHERE key = ?1", false,
                   err);
    bool ok = set != NULL;

    if (ok && facts->has_id) {
        db_bind_text(set, 1, "id");
        sqlite3_bind_blob(set, 2, facts->id.bytes, sizeof facts->id.bytes,
                          SQLITE_STATIC);
        ok = db_run(set, err);
    }
    if (ok && facts->has_salt) {
        db_bind_text(set, 1, "salt");
        sqlite3_bind_blob(set, 2, facts->salt.bytes, sizeof facts->salt.bytes,
                          SQLITE_STATIC);
        ok = db_run(set, err);
    }
    if (ok && *facts->zone) {
        db_bind_text(set, 1, "zone");
        db_bind_text(set, 2, facts->zone);
        ok = db_run(set, err);
    }
    if (ok) {
        db_bind_text(set, 1, "seq");
        sqlite3_bind_int64(set, 2, (sqlite3_int64)facts->seq);
        ok = db_run(set, err);
    }
    sqlite3_finalize(set);
    return ok;
}

void mend_remove(const char *path)
{
    static const char *const files[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *name = file_name_with(path, files[i]);

        unlink(name);
        free(name);
    }
}

bool mend_begin(const char *path, const char *damaged,
                const struct salvage_facts *known, struct err *err)
{
    struct salvage_report report = {0};
    struct salvage_facts facts;
    sqlite3 *db;
    bool ok;

    if (known) {
        facts = *known;
    } else {
        if (!salvage_facts(damaged, &facts, err))
            return false;
        facts.seq += SEQ_GAP;
    }
    db = db_open(path, err);
    ok = db && set_meta(db, &facts, err) &&
         salvage_rest(db, damaged, &report, err) &&
         acts_leave_gap(db, report.acts, err) && db_empty_log(db, err);
    db_close(db);
    if (!ok)
        mend_remove(path);
    return ok;
}

/* In two steps, so that what is called READY is whole. */
static bool make_ready(const char *path, const struct salvage_facts *known,
                       struct err *err)
{
    char *making = file_name_with(path, MAKING),
         *ready = file_name_with(path, READY);
    bool ok;

    mend_remove(making);
    ok =
        make_there(path, err) && mend_begin(making, path, known, err) &&
        (!rename(making, ready) || err_errno(err, "cannot rename %s", making));
    mend_remove(making);
    free(making);
    free(ready);
    return ok;
}

char *mend_replace(const char *path, const struct salvage_facts *known,
                   struct err *err)
{
    char *aside = NULL, *ready = file_name_with(path, READY);

    if (make_ready(path, known, err))
        aside = mend_set_aside(path, DAMAGED, err);
    if (aside && rename(ready, path)) {
        err_errno(err, "cannot rename %s", ready);
        free(aside);
        aside = NULL;
    }
    free(ready);
    return aside;
}

bool mend_finish(const char *path, struct err *err)
{
    char *making = file_name_with(path, MAKING),
         *ready = file_name_with(path, READY);
    bool there = !access(ready, F_OK), ok = true;
    char *aside = NULL;

    mend_remove(making);
    if (there && !access(path, F_OK)) {
        mend_remove(ready); /* that comes again, if it is still damaged */
    } else if (there) {
        if (size_of(path, "-wal") > 0)
            ok = (aside = mend_set_aside(path, DAMAGED, err)) != NULL;
        ok = ok && (!rename(ready, path) ||
                    err_errno(err, "cannot rename %s", ready));
    }
    free(aside);
    free(making);
    free(ready);
    return ok;
}

/* ---- those that are there ---- */

static bool has_end(const char *name, const char *end)
{
    size_t len = strlen(name), size = strlen(end);

    return len >= size && !strcmp(name + len - size, end);
}

/* Of a database: "NAME.WORD-…"; not what belongs to one. */
static bool is_aside(const char *entry, const char *name, const char *word)
{
    size_t len = strlen(name);

    return !strncmp(entry, name, len) && entry[len] == '.' &&
           !strncmp(entry + len + 1, word, strlen(word)) &&
           entry[len + 1 + strlen(word)] == '-' && !has_end(entry, "-wal") &&
           !has_end(entry, "-shm") && !has_end(entry, ".lock");
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup("./");
}

char *mend_find_damaged(const char *path)
{
    char *folder = folder_of(path), *found = NULL;
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    while (dir && !found && (entry = readdir(dir)))
        if (is_aside(entry->d_name, file_base(path), DAMAGED))
            found = file_name_with(folder, entry->d_name);
    if (dir)
        closedir(dir);
    free(folder);
    return found;
}

char **mend_list_aside(const char *path)
{
    char *folder = folder_of(path), **list = xcalloc(1, sizeof *list);
    const char *name = file_base(path);
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    while (dir && (entry = readdir(dir))) {
        if (!is_aside(entry->d_name, name, DAMAGED) &&
            !is_aside(entry->d_name, name, SALVAGED) &&
            !is_aside(entry->d_name, name, REPLACED))
            continue;
        list = xreallocarray(list, count + 2, sizeof *list);
        list[count++] = file_name_with(folder, entry->d_name);
        list[count] = NULL;
    }
    if (dir)
        closedir(dir);
    free(folder);
    return list;
}

void mend_free_list(char **list)
{
    for (size_t i = 0; list[i]; i++)
        free(list[i]);
    free(list);
}

bool mend_set_salvaged(const char *aside, struct err *err)
{
    static const char word[] = "." DAMAGED "-";
    const char *at = strstr(aside, word), *next;
    char *front, *middle, *name;
    bool ok;

    while (at && (next = strstr(at + 1, word)))
        at = next;
    if (!at)
        return err_set(err, "%s is not a damaged journal's name", aside);
    front = xstrndup(aside, (size_t)(at - aside));
    middle = file_name_with(front, "." SALVAGED "-");
    name = file_name_with(middle, at + sizeof word - 1);
    ok = move(aside, name, "-wal", err) && move(aside, name, "", err);
    free(front);
    free(middle);
    free(name);
    return ok;
}
