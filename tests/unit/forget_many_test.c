/* forget, of an account of very many names: however many they are, a slice
 * takes no longer. Counted are SQLite's steps, which no machine makes more or
 * less of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define NAMES 100000
#define EVENTS 1200 /* three slices */

/* Of one connection, while it is watched. */
struct watch {
    int most; /* steps of a statement of a slice */
    char sql[160];
};

/* Those have what the slice begins behind as ?3, or where it ends as ?4. */
static int note_steps(unsigned what, void *ctx, void *statement, void *unused)
{
    struct watch *watch = ctx;
    int steps = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    const char *sql = sqlite3_sql(statement);

    (void)what;
    (void)unused;
    if ((!strstr(sql, "?3") && !strstr(sql, "?4")) || steps <= watch->most)
        return 0;
    watch->most = steps;
    snprintf(watch->sql, sizeof watch->sql, "%s", sql);
    return 0;
}

static bool watch_writer(void *ctx, struct sqlite3 *db, struct err *err)
{
    (void)err;
    return !sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, note_steps, ctx);
}

static enum reader_step watch_reader(void *ctx, struct journal_reader *reader,
                                     struct err *err)
{
    return watch_writer(ctx, reader_db(reader), err) ? READER_DONE
                                                     : READER_FAILED;
}

static void watched(void *ctx, bool ok, const struct err *err)
{
    (void)ctx;
    (void)err;
    assert_true(ok);
}

/* Each of a person of its own, and too short to be looked for elsewhere. */
static void add_names(struct rig *rig)
{
    change(
        rig,
        "WITH RECURSIVE n(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM n "
        "WHERE n < 101000) INSERT INTO persons (id, account, key) SELECT "
        "n, a.id, printf('%05x', n) FROM n, accounts a WHERE a.key = '01abc'; "
        "INSERT INTO identities (id, digest, account, person, account_key, "
        "listed, person_id, email) SELECT p.id, randomblob(16), p.account, "
        "p.id, '01abc', 1, p.key, 'a@example.com' FROM persons p WHERE p.id "
        ">= 1000");
    assert_in_range(ask(rig, "SELECT count(*) FROM identities"), NAMES,
                    2 * NAMES);
}

/* Of another account, and called by what is looked for. */
static void append_namesake(struct rig *rig)
{
    struct event event = with_uuid("a", 5000);

    event.account = (struct event_account){.id = "02def", .name = "Another"};
    event.person = (struct event_person){.id = "who was a@example.com",
                                         .name = "a@example.com"};
    append_one(rig, event);
}

static void no_slice_goes_through_all_names(struct rig *rig,
                                            enum forget_kind kind,
                                            const char *text)
{
    /* They are watched until they are closed. */
    static struct watch writer, reader;
    const struct forget_ops ops = {.done = note_forgotten,
                                   .only_before = true};
    bool done = false;

    writer.most = reader.most = 0;
    journal_write(rig->journal, watch_writer, watched, &writer);
    journal_read(rig->journal, watch_reader, watched, &reader);
    journal_forget_by(rig->journal, kind, text, NOW, &ops, &done);
    rig_drain_until(rig, &done);
    if (writer.most >= NAMES || reader.most >= NAMES)
        fail_msg("%d steps of %s; %d of %s", writer.most, writer.sql,
                 reader.most, reader.sql);
    assert_true(writer.most && reader.most);
}

static void of_an_account(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    append_namesake(rig);
    add_names(rig);
    no_slice_goes_through_all_names(rig, FORGET_ACCOUNT, "01abc");
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE key NOT "
                              "LIKE '%example%' AND name IS NULL"),
                     1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons"), 1);
}

static void of_a_person(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig, EVENTS);
    add_names(rig);
    no_slice_goes_through_all_names(rig, FORGET_EMAIL, "a@example.com");
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM daily"), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities"), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(of_an_account),
        RIG_CASE(of_a_person),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("forget_many", tests, NULL, NULL);
}
