/* journal/cursor.h: places and texts, and that a database which cannot be
 * read is not one that has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/uuid.h"
#include "journal/cursor.h"
#include "journal/db.h"

#include "base/banned.h"

static const struct uuid there = {{7}}, elsewhere = {{8}};

static int set_up(void **state)
{
    sqlite3 *db;
    struct err err;

    if (sqlite3_open(":memory:", &db))
        return -1;
    *state = db;
    return !db_exec(db,
                    "CREATE TABLE cursors (reader TEXT, origin BLOB NOT NULL "
                    "DEFAULT x'', seq INTEGER NOT NULL, state TEXT, updated "
                    "INTEGER NOT NULL, PRIMARY KEY (reader, origin))",
                    &err);
}

static int tear_down(void **state)
{
    return sqlite3_close(*state);
}

/* Stops whatever SQLite does. */
static int interrupt(void *ctx)
{
    (void)ctx;
    return 1;
}

static void break_it(sqlite3 *db)
{
    sqlite3_progress_handler(db, 1, interrupt, NULL);
}

static void mend_it(sqlite3 *db)
{
    sqlite3_progress_handler(db, 0, NULL, NULL);
}

static void a_place_that_there_is_none_of_is_0(void **state)
{
    struct uuid origin = there;
    uint64_t seq = 5;
    struct err err;

    assert_true(cursor_find_there(*state, "feed", &origin, &seq, &err));
    assert_int_equal(seq, 0);
    assert_true(uuid_equal(&origin, &there));
}

static void a_place_is_moved_forward_and_put_anywhere(void **state)
{
    struct uuid origin;
    uint64_t seq;
    struct err err;

    assert_true(cursor_move_there(*state, "feed", &there, 30, &err));
    assert_true(cursor_move_there(*state, "feed", &there, 20, &err));
    assert_true(cursor_find_there(*state, "feed", &origin, &seq, &err));
    assert_int_equal(seq, 30);
    assert_true(uuid_equal(&origin, &there));
    assert_true(cursor_put_there(*state, "feed", &there, 10, &err));
    assert_true(cursor_find_there(*state, "feed", &origin, &seq, &err));
    assert_int_equal(seq, 10);
}

static void each_journal_has_a_place_of_its_own(void **state)
{
    uint64_t seq = 5;
    struct err err;

    assert_true(cursor_find_in(*state, "feed", &there, &seq, &err));
    assert_int_equal(seq, 0);
    assert_true(cursor_move_there(*state, "feed", &there, 30, &err));
    assert_true(cursor_move_there(*state, "feed", &elsewhere, 20, &err));
    assert_true(cursor_find_in(*state, "feed", &there, &seq, &err));
    assert_int_equal(seq, 30);
    assert_true(cursor_find_in(*state, "feed", &elsewhere, &seq, &err));
    assert_int_equal(seq, 20);
    assert_true(cursor_find_in(*state, "nats", &there, &seq, &err));
    assert_int_equal(seq, 0);
    break_it(*state);
    assert_false(cursor_find_in(*state, "feed", &there, &seq, &err));
    mend_it(*state);
}

static void a_place_that_cannot_be_read_is_not_none(void **state)
{
    struct uuid origin = elsewhere;
    uint64_t seq;
    struct err err = {.text = ""};

    assert_true(cursor_move_there(*state, "feed", &there, 30, &err));
    break_it(*state);
    assert_false(cursor_find_there(*state, "feed", &origin, &seq, &err));
    assert_non_null(strstr(err.text, "interrupted"));
    mend_it(*state);
    assert_true(cursor_find_there(*state, "feed", &origin, &seq, &err));
    assert_int_equal(seq, 30);
}

static void a_text_that_cannot_be_read_is_not_none(void **state)
{
    char *text;
    struct err err = {.text = ""};

    assert_true(cursor_read_text(*state, "nats", &text, &err));
    assert_null(text);
    assert_true(cursor_write_text(*state, "nats", "17", &err));
    break_it(*state);
    assert_false(cursor_read_text(*state, "nats", &text, &err));
    assert_null(text);
    assert_non_null(strstr(err.text, "interrupted"));
    mend_it(*state);
    assert_true(cursor_read_text(*state, "nats", &text, &err));
    assert_string_equal(text, "17");
    free(text);
}

static void count_place(void *ctx, const struct uuid *origin, uint64_t seq)
{
    uint64_t *sum = ctx;

    *sum += seq + origin->bytes[0];
}

static void each_place_is_told_or_an_error(void **state)
{
    uint64_t sum = 0;
    struct err err = {.text = ""};

    assert_true(cursor_move_there(*state, "nats", &there, 100, &err));
    assert_true(cursor_move_there(*state, "nats", &elsewhere, 1000, &err));
    assert_true(cursor_each_there(*state, "nats", count_place, &sum, &err));
    assert_int_equal(sum, 1115);
    break_it(*state);
    assert_false(cursor_each_there(*state, "nats", count_place, &sum, &err));
    mend_it(*state);
    assert_non_null(strstr(err.text, "interrupted"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_place_that_there_is_none_of_is_0),
        CASE(a_place_is_moved_forward_and_put_anywhere),
        CASE(each_journal_has_a_place_of_its_own),
        CASE(a_place_that_cannot_be_read_is_not_none),
        CASE(a_text_that_cannot_be_read_is_not_none),
        CASE(each_place_is_told_or_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
