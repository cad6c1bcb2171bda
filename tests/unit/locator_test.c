/* journal/locator.h: what is sent of what was kept, what becomes of it in
 * the journal that it is of, and how both are found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "journal/locator.h"
#include "journal/db.h"

#include "base/banned.h"

static const struct uuid there = {{7}};

static void run(sqlite3 *db, const char *sql)
{
    struct err err = {""};

    if (!db_exec(db, sql, &err))
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    sqlite3 *db;

    if (sqlite3_open(":memory:", &db))
        return -1;
    run(db, "CREATE TABLE origins (id INTEGER PRIMARY KEY, journal BLOB)");
    run(db, "CREATE TABLE ticks (seq INTEGER PRIMARY KEY, at INTEGER)");
    run(db, "CREATE TABLE events (seq INTEGER PRIMARY KEY, uuid BLOB, origin "
            "INTEGER, origin_seq INTEGER, received_at INTEGER NOT NULL)");
    run(db, "CREATE UNIQUE INDEX events_origin ON events (origin, origin_seq) "
            "WHERE origin IS NOT NULL");
    run(db, "INSERT INTO origins VALUES (1, zeroblob(16)), (2, "
            "x'07000000000000000000000000000000')");
    *state = db;
    return 0;
}

static int tear_down(void **state)
{
    return sqlite3_close(*state);
}

static void uuid_of(sqlite3_context *context, int count, sqlite3_value **value)
{
    const int *salt = sqlite3_user_data(context);
    unsigned char bytes[16] = {(unsigned char)*salt};
    sqlite3_int64 number = sqlite3_value_int64(*value);

    (void)count;
    memcpy(bytes + 8, &number, sizeof number);
    sqlite3_result_blob(context, bytes, sizeof bytes, SQLITE_TRANSIENT);
}

/* From `first` to `last`, at seqs of their own or of the other journal; salt
 * makes them others. Every tenth has no uuid. */
static void fill(sqlite3 *db, bool is_theirs, int first, int last, int salt)
{
    struct buf sql;

    sqlite3_create_function(db, "uuid_of", 1, SQLITE_UTF8, &salt, uuid_of,
                            NULL, NULL);
    buf_init(&sql, 64 * KIB);
    buf_addf(&sql,
             "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n "
             "WHERE i < %d) INSERT INTO events SELECT %s, iif(i %% 10, "
             "uuid_of(i), NULL), %s, i * 1000 + %d FROM n",
             first, last, is_theirs ? "i" : "i + 5000000",
             is_theirs ? "NULL, NULL" : "2, i", salt);
    run(db, sql.data);
    buf_free(&sql);
}

static struct locator found(sqlite3 *db, uint64_t above, uint64_t below,
                            bool *all)
{
    struct locator points;
    struct err err = {""};

    if (!locator_find(db, &there, above, below, &points, all, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < points.count; i++) {
        assert_true(points.list[i].seq > above && points.list[i].seq < below);
        assert_true(!i || points.list[i].seq < points.list[i - 1].seq);
    }
    return points;
}

static struct locator_fork judged(sqlite3 *db, const struct locator *points)
{
    struct locator_fork fork;
    struct err err = {""};

    if (!locator_judge(db, points, &fork, &err))
        fail_msg("%s", err.text);
    return fork;
}

static const struct locator_point *at(const struct locator *points,
                                      uint64_t seq)
{
    for (size_t i = 0; i < points->count; i++)
        if (points->list[i].seq == seq)
            return &points->list[i];
    fail_msg("%d was not sent", (int)seq);
    return NULL;
}

/* As the source "feed" does: until nothing lies between the two, or it comes
 * no closer. */
static struct locator_fork settled(sqlite3 *ours, sqlite3 *theirs)
{
    struct locator_point same = {0}, other = {.seq = 1000000000};
    struct locator_fork fork = {0};
    bool all = false;

    for (int rounds = 0; !all; rounds++) {
        struct locator points = found(ours, same.seq, other.seq, &all);

        memmove(points.list + 1, points.list,
                points.count++ * sizeof *points.list);
        points.list[0] = other;
        if (same.seq)
            points.list[points.count++] = same;
        fork = judged(theirs, &points);
        if (!fork.from || (fork.from == other.seq && fork.upto == same.seq))
            break;
        other = *at(&points, fork.from);
        if (fork.upto)
            same = *at(&points, fork.upto);
        assert_true(rounds < 12);
    }
    return fork;
}

static sqlite3 *another(void)
{
    void *db;

    assert_int_equal(set_up(&db), 0);
    return db;
}

static void the_last_ones_are_sent_and_some_of_all(void **state)
{
    struct locator points;
    bool all;

    fill(*state, false, 1, 100000, 1);
    points = found(*state, 0, 1000000000, &all);
    assert_false(all);
    assert_true(points.count > 16 && points.count <= LIMIT_LOCATOR - 2);
    assert_int_equal(points.list[0].seq, 100000);
    assert_false(points.list[0].has_uuid);
    assert_int_equal(points.list[0].received_at, 100000001);
    assert_int_equal(points.list[1].seq, 99999);
    assert_true(points.list[1].has_uuid);
    assert_int_equal(points.list[2].seq, 99998);
    assert_int_equal(points.list[3].seq, 99996);
    assert_true(points.list[points.count - 1].seq < 10000);
}

static void few_are_all_sent(void **state)
{
    struct locator points;
    bool all;

    points = found(*state, 0, 1000000000, &all);
    assert_int_equal(points.count, 0);
    assert_true(all);
    fill(*state, false, 5, 7, 1);
    fill(*state, true, 50, 70, 1);
    points = found(*state, 0, 1000000000, &all);
    assert_int_equal(points.count, 3);
    assert_true(all);
    points = found(*state, 5, 7, &all);
    assert_int_equal(points.count, 1);
    assert_int_equal(points.list[0].seq, 6);
    assert_true(all);
    points = found(*state, 6, 7, &all);
    assert_int_equal(points.count, 0);
    assert_true(all);
}

static void one_far_beyond_does_not_hide_the_others(void **state)
{
    struct locator points;
    bool all;

    fill(*state, false, 1, 500, 1);
    run(*state, "INSERT INTO events VALUES (9000000, NULL, 2, "
                "900000000000000, 1)");
    points = found(*state, 0, 1000000000000000, &all);
    assert_false(all);
    assert_int_equal(points.list[1].seq, 500);
}

static void what_is_the_same_is_no_fork(void **state)
{
    sqlite3 *theirs = another();
    struct locator points;
    bool all;

    fill(*state, false, 1, 3000, 1);
    fill(theirs, true, 1, 5000, 1);
    points = found(*state, 0, 1000000000, &all);
    assert_int_equal(judged(theirs, &points).from, 0);
    assert_int_equal(judged(theirs, &points).upto, 0);
    sqlite3_close(theirs);
}

static void what_is_gone_there_tells_nothing(void **state)
{
    sqlite3 *theirs = another();
    struct locator points;
    bool all;

    fill(*state, false, 1, 3000, 1);
    fill(theirs, true, 1, 5000, 1);
    points = found(*state, 0, 1000000000, &all);
    run(theirs, "DELETE FROM events WHERE seq < 2999 OR seq % 3 = 0");
    assert_int_equal(judged(theirs, &points).from, 0);
    run(theirs, "DELETE FROM events");
    assert_int_equal(judged(theirs, &points).from, 0);
    sqlite3_close(theirs);
}

static void a_fork_is_found_wherever_it_is(void **state)
{
    static const int forks[] = {0,    1,    2,     9,     10,    11,
                                4711, 9998, 59990, 59998, 59999, 60000};

    fill(*state, false, 1, 60000, 1);
    for (size_t i = 0; i < sizeof forks / sizeof *forks; i++) {
        sqlite3 *theirs = another();
        struct locator_fork fork;

        if (forks[i])
            fill(theirs, true, 1, forks[i], 1);
        fill(theirs, true, forks[i] + 1, 61000, 2);
        fork = settled(*state, theirs);
        assert_int_equal(fork.upto, forks[i] < 60000 ? forks[i] : 0);
        assert_int_equal(fork.from, forks[i] < 60000 ? forks[i] + 1 : 0);
        sqlite3_close(theirs);
    }
}

static void one_behind_what_is_pruned_or_forgotten_is_found(void **state)
{
    sqlite3 *theirs = another();
    struct locator_fork fork;

    fill(*state, false, 1, 60000, 1);
    fill(theirs, true, 1, 50500, 1);
    fill(theirs, true, 50501, 70000, 2);
    run(theirs, "DELETE FROM events WHERE seq < 50000 OR seq % 7 = 0");
    fork = settled(*state, theirs);
    assert_int_equal(fork.from, 50501);
    assert_int_equal(fork.upto, 50500);
    run(theirs, "DELETE FROM events WHERE seq <= 50500");
    fork = settled(*state, theirs);
    assert_int_equal(fork.from, 50501);
    assert_int_equal(fork.upto, 0);
    sqlite3_close(theirs);
}

static void a_tick_is_no_event(void **state)
{
    sqlite3 *theirs = another();
    struct locator points;
    bool all;

    fill(*state, false, 1, 10, 1);
    fill(theirs, true, 1, 10, 1);
    run(theirs, "DELETE FROM events WHERE seq = 9");
    run(theirs, "INSERT INTO ticks VALUES (9, 1)");
    points = found(*state, 0, 1000000000, &all);
    assert_int_equal(judged(theirs, &points).from, 9);
    assert_int_equal(judged(theirs, &points).upto, 8);
    sqlite3_close(theirs);
}

static void what_is_written_is_read(void **state)
{
    struct locator points, again;
    struct err err;
    struct buf text;
    bool all;

    fill(*state, false, 1, 100000, 1);
    points = found(*state, 0, 1000000000, &all);
    buf_init(&text, 4 * KIB);
    locator_write(&points, &text);
    assert_true(text.len < 2000);
    assert_true(locator_read(text.data, &again, &err));
    assert_int_equal(again.count, points.count);
    for (size_t i = 0; i < again.count; i++) {
        const struct locator_point *one = &points.list[i];

        assert_int_equal(again.list[i].seq, one->seq);
        assert_int_equal(again.list[i].has_uuid, one->has_uuid);
        if (one->has_uuid)
            assert_true(uuid_equal(&again.list[i].uuid, &one->uuid));
        else
            assert_int_equal(again.list[i].received_at, one->received_at);
    }
    buf_free(&text);
}

static void what_is_none_is_refused_with_why(void **state)
{
    static const char *const bad[] = {
        "",
        "1",
        "1:",
        ":1",
        "0:1",
        "-1:1",
        "1:-1",
        "1:x",
        "1:1,",
        "1:1 ",
        "1:1;",
        ",1:1",
        "1:1,2:1",
        "2:1,2:1",
        "1:1234567890123456789",
        "1234567890123456789:1",
        "2:0198c1f0-0000-7000-8000-00000000000",
        "2:0198c1f0-0000-7000-8000-0000000000001",
        "2:0198c1f0-0000-7000-8000-00000000000x",
        "2:0198c1f000007000800000000000000001",
    };
    struct locator points;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_set(&err, "%s", "");
        if (locator_read(bad[i], &points, &err))
            fail_msg("\"%s\" is taken", bad[i]);
        assert_true(strlen(err.text) > 10 && !strchr(err.text, '\n'));
    }
    assert_true(locator_read("2:0198C1F0-0000-7000-8000-00000000000a,1:0",
                             &points, &err));
    assert_int_equal(points.count, 2);
}

static void too_many_are_refused(void **state)
{
    struct locator points;
    struct buf text;
    struct err err;

    (void)state;
    buf_init(&text, 4 * KIB);
    for (int i = LIMIT_LOCATOR; i > 0; i--)
        buf_addf(&text, "%d:7%s", i, i > 1 ? "," : "");
    assert_true(locator_read(text.data, &points, &err));
    assert_int_equal(points.count, LIMIT_LOCATOR);
    buf_clear(&text);
    for (int i = LIMIT_LOCATOR + 1; i > 0; i--)
        buf_addf(&text, "%d:7%s", i, i > 1 ? "," : "");
    assert_false(locator_read(text.data, &points, &err));
    assert_non_null(strstr(err.text, "more than"));
    buf_free(&text);
}

/* Stops whatever SQLite does. */
static int interrupt(void *ctx)
{
    (void)ctx;
    return 1;
}

static void a_database_that_cannot_be_read_is_an_error(void **state)
{
    struct locator points;
    struct locator_fork fork;
    struct err err = {""};
    bool all;

    fill(*state, false, 1, 100, 1);
    points = found(*state, 0, 1000000000, &all);
    sqlite3_progress_handler(*state, 1, interrupt, NULL);
    assert_false(locator_judge(*state, &points, &fork, &err));
    assert_true(err.text[0]);
    assert_false(locator_find(*state, &there, 0, 1000, &points, &all, &err));
    sqlite3_progress_handler(*state, 0, NULL, NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_last_ones_are_sent_and_some_of_all),
        CASE(few_are_all_sent),
        CASE(one_far_beyond_does_not_hide_the_others),
        CASE(what_is_the_same_is_no_fork),
        CASE(what_is_gone_there_tells_nothing),
        CASE(a_fork_is_found_wherever_it_is),
        CASE(one_behind_what_is_pruned_or_forgotten_is_found),
        CASE(a_tick_is_no_event),
        CASE(what_is_written_is_read),
        CASE(what_is_none_is_refused_with_why),
        CASE(too_many_are_refused),
        CASE(a_database_that_cannot_be_read_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
