/* migrate: journals of every version that there ever was are opened, read and
 * written as if they were of today. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "journal/db.h"
#include "journal/migrate.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

/* Puts the kept journal into the rig's place; it is closed then. */
static void take(struct rig *rig, const char *name)
{
    const char *source = getenv("TESTS_SRC");
    char path[512], block[4096];
    FILE *in, *out;
    size_t got;

    rig_close(rig);
    unlink(rig->path);
    snprintf(path, sizeof path, "%s/tests/fixtures/journals/%s",
             source ? source : ".", name);
    in = fopen(path, "rb");
    out = fopen(rig->path, "wb");
    assert_non_null(in);
    assert_non_null(out);
    while ((got = fread(block, 1, sizeof block, in)))
        assert_int_equal(fwrite(block, 1, got, out), got);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* Answers of the schema of a journal that is new today. */
static char *schema(struct rig *rig, const char *table)
{
    struct journal_reader *reader = rig_reader(rig);
    sqlite3_stmt *rows = NULL;
    char *text;

    sqlite3_prepare_v2(reader_db(reader),
                       "SELECT group_concat(name || ' ' || type || ' ' || "
                       "\"notnull\" || ' ' || pk, ', ') FROM "
                       "pragma_table_info(?)",
                       -1, &rows, NULL);
    sqlite3_bind_text(rows, 1, table, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    text = strdup((const char *)sqlite3_column_text(rows, 0));
    sqlite3_finalize(rows);
    reader_close(reader);
    return text;
}

static const char *const tables[] = {
    "meta",    "counters",   "texts",     "origins", "accounts", "persons",
    "events",  "identities", "bodies",    "ticks",   "daily",    "hours",
    "rejects", "cursors",    "mirrors",   "outbox",  "pins",     "notes",
    "signals", "replays",    "forgotten", "exports",
};
#define TABLES (sizeof tables / sizeof *tables)
#define HAS_VIEWS "SELECT count(*) FROM sqlite_schema WHERE name = 'views'"

static void becomes_one_of_today(struct rig *rig, const char *name)
{
    char *today[TABLES];
    int64_t events, daily, seq;

    for (size_t i = 0; i < TABLES; i++)
        today[i] = schema(rig, tables[i]);
    take(rig, name);
    events = ask(rig, "SELECT count(*) FROM events");
    daily = ask(rig, "SELECT sum(count * 7 + hidden + day * 3 + category) "
                     "FROM daily");
    seq = ask(rig, "SELECT value FROM meta WHERE key = 'seq'");
    assert_true(events > 50);
    rig_open(rig);
    assert_null(journal_notice(rig->journal));
    assert_int_equal(ask(rig, "PRAGMA user_version"), SCHEMA_VERSION);
    for (size_t i = 0; i < TABLES; i++) {
        char *there = schema(rig, tables[i]);

        assert_string_equal(there, today[i]);
        free(there);
        free(today[i]);
    }
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), events);
    assert_int_equal(ask(rig, "SELECT sum(count * 7 + hidden + day * 3 + "
                              "category) FROM daily"),
                     daily);
    assert_int_equal(ask(rig, "PRAGMA auto_vacuum"), 2);
    assert_true(append_one(rig, with_uuid("after", 1)) > (uint64_t)seq);
    assert_int_equal(
        ask(rig, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
        1);
}

static void read_all(struct rig *rig)
{
    struct journal_reader *reader = rig_reader(rig);
    struct event_batch *batch = event_batch_new();
    struct reader_range range = {.limit = 0};
    struct err err = {""};
    bool more;

    assert_true(reader_page(reader, &range, batch, &more, &err));
    for (size_t i = 0; i < batch->count; i++) {
        assert_non_null(batch->events[i].name);
        assert_non_null(batch->events[i].raw);
    }
    event_batch_free(batch);
    reader_close(reader);
}

static void the_first_journal_becomes_one_of_today(void **state)
{
    struct rig *rig = *state;

    becomes_one_of_today(rig, "1-first.db");
    assert_int_equal(ask(rig, "SELECT bucket = 'live' AND message = "
                              "'{\"text\":\"kept\"}' AND created = 0 FROM "
                              "outbox"),
                     1);
    rig_close(rig);
    rig_open(rig);
    assert_int_equal(ask(rig, "SELECT count(*) FROM outbox"), 1);
}

static void the_last_of_version_1_becomes_one_of_today(void **state)
{
    becomes_one_of_today(*state, "1-last.db");
    read_all(*state);
}

/* It has a table that nothing was ever written to. */
static void one_of_version_2_becomes_one_of_today(void **state)
{
    struct rig *rig = *state;

    take(rig, "2.db");
    assert_int_equal(ask(rig, HAS_VIEWS), 1);
    becomes_one_of_today(rig, "2.db");
    assert_int_equal(ask(rig, HAS_VIEWS), 0);
    read_all(rig);
}

static void one_of_today_stays_as_it_is(void **state)
{
    becomes_one_of_today(*state, "3.db");
    read_all(*state);
}

static void an_old_journal_is_read_without_an_owner(void **state)
{
    struct rig *rig = *state;

    take(rig, "1-first.db");
    read_all(rig);
    assert_int_equal(ask(rig, "PRAGMA user_version"), 1);
}

static void a_migration_that_fails_leaves_all_as_it_was(void **state)
{
    struct rig *rig = *state;
    struct journal_options options = {.path = rig->path};
    struct err err = {""};
    sqlite3 *db = NULL;

    take(rig, "1-first.db");
    sqlite3_open(rig->path, &db);
    sqlite3_exec(db, "CREATE TABLE daily_1 (x)", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_null(journal_open(&options, NULL, &err));
    assert_non_null(strstr(err.text, "daily_1"));
    assert_int_equal(ask(rig, "PRAGMA user_version"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM pragma_table_info("
                              "'outbox') WHERE name = 'bucket'"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(the_first_journal_becomes_one_of_today),
        RIG_CASE(the_last_of_version_1_becomes_one_of_today),
        RIG_CASE(one_of_version_2_becomes_one_of_today),
        RIG_CASE(one_of_today_stays_as_it_is),
        RIG_CASE(an_old_journal_is_read_without_an_owner),
        RIG_CASE(a_migration_that_fails_leaves_all_as_it_was),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
