/* Opening the database file: pragmas in the order SQLite needs them,
 * permissions, and whether a file is a journal at all. */
#include "journal/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/path.h"
#include "journal/body.h"
#include "journal/id_set.h"
#include "journal/migrate.h"
#include "journal/zone.h"

#include "base/banned.h"

#define APPLICATION_ID 1414288468 /* 'TLTT', as in 001.sql */

extern const struct embedded schema_files[];
enum { SCHEMA_TABLES, SCHEMA_ADDED }; /* in the order of Makefile.am */

/* An empty file for the user alone, unless there is one already. */
static bool make_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    close(fd);
    return true;
}

/* SQLite gives -wal and -shm the mode of the database; what was left open
 * to others is closed. */
static bool make_private(const char *path, struct err *err)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    size_t size = strlen(path) + sizeof "-wal";
    char *name = xmalloc(size);
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, size, "%s%s", path, suffixes[i]);
        if (chmod(name, 0600) && errno != ENOENT)
            ok = err_errno(err, "cannot make %s private", name);
    }
    free(name);
    return ok;
}

static sqlite3 *connect_to(const char *path, int flags, struct err *err)
{
    sqlite3 *db = NULL;

    if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL)) {
        err_set(err, "cannot open %s: %s", path,
                db ? sqlite3_errmsg(db) : "out of memory");
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_busy_timeout(db, DB_BUSY_MS);
    return db;
}

static bool read_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    bool ok = !sqlite3_prepare_v2(db, sql, -1, &statement, NULL) &&
              sqlite3_step(statement) == SQLITE_ROW;

    if (ok)
        *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return ok;
}

enum db_kind db_kind(sqlite3 *db, const char *path, struct err *err)
{
    int64_t tables, application, version;

    if (!read_number(db, "SELECT count(*) FROM sqlite_schema", &tables)) {
        if (sqlite3_errcode(db) == SQLITE_NOTADB)
            err_set(err, "%s is not a telltale journal", path);
        else
            err_set(err, "cannot read %s: %s", path, sqlite3_errmsg(db));
        return DB_OTHER;
    }
    if (!tables)
        return DB_EMPTY;
    if (!read_number(db, "PRAGMA application_id", &application) ||
        !read_number(db, "PRAGMA user_version", &version)) {
        err_set(err, "cannot read %s: %s", path, sqlite3_errmsg(db));
        return DB_OTHER;
    }
    if (application == APPLICATION_ID && version <= SCHEMA_VERSION)
        return DB_JOURNAL;
    if (application != APPLICATION_ID)
        err_set(err, "%s is not a telltale journal", path);
    else
        err_set(err,
                "%s was written by a newer telltale (schema %lld, "
                "this one knows %d): use that one",
                path, (long long)version, SCHEMA_VERSION);
    return DB_OTHER;
}

static bool write_meta(sqlite3 *db, struct err *err)
{
    sqlite3_stmt *insert =
        db_prepare(db,
                   "INSERT INTO meta (key, value) VALUES ('id', ?), "
                   "('salt', ?), ('zone', ?), ('created', ?), ('seq', 0)",
                   false, err);
    struct uuid id = uuid_random(), salt = uuid_random();
    char *zone;
    bool ok;

    if (!insert)
        return false;
    zone = zone_name();
    if (!zone_is_known(zone)) { /* which the C library takes for UTC */
        free(zone);
        zone = xstrdup("UTC");
    }
    sqlite3_bind_blob(insert, 1, id.bytes, sizeof id.bytes, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 2, salt.bytes, sizeof salt.bytes, SQLITE_STATIC);
    db_bind_text(insert, 3, zone);
    sqlite3_bind_int64(insert, 4, clock_now_ms());
    ok = db_run(insert, err);
    sqlite3_finalize(insert);
    free(zone);
    return ok;
}

static bool make_tables(sqlite3 *db, struct err *err)
{
    /* auto_vacuum is silently ignored once the journal mode is WAL. */
    static const char pragmas[] = "PRAGMA page_size = 4096;"
                                  "PRAGMA auto_vacuum = INCREMENTAL;"
                                  "PRAGMA journal_mode = WAL;"
                                  "BEGIN IMMEDIATE;";

    _Static_assert(DB_PAGE_SIZE == 4096, "as in the pragma");
    if (!db_exec(db, pragmas, err))
        return false;
    if (db_exec(db, schema_files[SCHEMA_TABLES].text, err) &&
        write_meta(db, err) && db_exec(db, "COMMIT", err))
        return true;
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

static bool set_pragmas(sqlite3 *db, struct err *err)
{
    char limit[64];

    snprintf(limit, sizeof limit, "PRAGMA journal_size_limit = %zu",
             (size_t)LIMIT_WAL_FILE);
    return db_exec(db,
                   "PRAGMA journal_mode = WAL;"
                   "PRAGMA synchronous = FULL;"
                   "PRAGMA wal_autocheckpoint = 0;"
                   "PRAGMA cache_size = -16384;"
                   "PRAGMA secure_delete = ON;"
                   "PRAGMA temp_store = MEMORY;",
                   err) &&
           db_exec(db, limit, err);
}

/* What a journal of this version may lack, and its readers do without: where
 * the disk has no room for it now, that is no reason not to open. */
static void add_missing(sqlite3 *db)
{
    struct err err = {""};

    if (!db_exec(db, schema_files[SCHEMA_ADDED].text, &err))
        log_line(LOG_WARN, "reading will be slow, an index is missing: %s",
                 err.text);
}

sqlite3 *db_open(const char *path, struct err *err)
{
    enum db_kind kind;
    sqlite3 *db;

    if (!path_make_parents(path, err) || !make_file(path, err))
        return NULL;
    db = connect_to(path, SQLITE_OPEN_READWRITE, err);
    if (!db)
        return NULL;
    kind = db_kind(db, path, err);
    if (kind != DB_OTHER && make_private(path, err) &&
        (kind != DB_EMPTY || make_tables(db, err)) && set_pragmas(db, err) &&
        migrate(db, err) && body_register(db, err) &&
        id_set_register(db, err)) {
        add_missing(db);
        return db;
    }
    sqlite3_close(db);
    return NULL;
}

sqlite3 *db_open_reader(const char *path, struct err *err)
{
    enum db_kind kind;
    sqlite3 *db;

    if (access(path, F_OK)) {
        err_set(
            err,
            "there is no journal at %s: the first start of telltale makes it",
            path);
        return NULL;
    }
    db = connect_to(path, SQLITE_OPEN_READONLY, err);
    if (!db)
        return NULL;
    kind = db_kind(db, path, err);
    if (kind == DB_EMPTY)
        err_set(err, "%s is not a telltale journal", path);
    if (kind == DB_JOURNAL &&
        db_exec(db, "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;",
                err) &&
        body_register(db, err) && id_set_register(db, err))
        return db;
    sqlite3_close(db);
    return NULL;
}

size_t db_page_size(sqlite3 *db)
{
    int64_t size;

    if (!read_number(db, "PRAGMA page_size", &size) || size < 512)
        return DB_PAGE_SIZE;
    return (size_t)size;
}
