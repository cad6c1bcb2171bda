/* The rig of the outbox's tests. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "journal/db.h"
#include "tests/unit/outbox_rig.h"

#include "base/banned.h"

struct query *parse_query(const char *text)
{
    struct query_error error;
    struct query *query = query_parse(text, &error);

    assert_non_null(query);
    return query;
}

struct mirror_settings settings_of(const struct mirror_type *type,
                                   const char *query)
{
    return (struct mirror_settings){.name = (char *)"team",
                                    .type = type,
                                    .query = parse_query(query),
                                    .quiet = {-1, -1},
                                    .digest_at = -1};
}

void settings_end(struct mirror_settings *settings)
{
    query_free(settings->query);
    query_free(settings->bypass);
}

sqlite3 *open_db(char *path)
{
    struct err err;
    sqlite3 *db;
    int fd;

    memcpy(path, "/tmp/telltale-batch-XXXXXX", 27);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    db = db_open(path, &err);
    assert_non_null(db);
    return db;
}

void close_db(sqlite3 *db, const char *path)
{
    char side[80];

    db_close(db);
    unlink(path);
    snprintf(side, sizeof side, "%s-wal", path);
    unlink(side);
    snprintf(side, sizeof side, "%s-shm", path);
    unlink(side);
}

int64_t ask_db(sqlite3 *db, const char *sql)
{
    struct err err;
    sqlite3_stmt *row = db_prepare(db, sql, false, &err);
    int64_t answer;

    assert_non_null(row);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    answer = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return answer;
}

struct outbox_open open_mirror(sqlite3 *db, int64_t now)
{
    struct mirror_settings settings = settings_of(&mirror_slack, "");
    struct outbox_open open = {.mirror = &settings, .now = now};
    struct err err = {""};

    if (!outbox_open(&open, db, &err))
        fail_msg("%s", err.text);
    settings_end(&settings);
    return open;
}

struct outbox_take take_at(sqlite3 *db, int64_t now)
{
    struct outbox_take take = {.mirror = "team", .now = now};
    struct err err = {""};

    if (!outbox_take(&take, db, &err))
        fail_msg("%s", err.text);
    free(take.bucket);
    free(take.message);
    return take;
}
