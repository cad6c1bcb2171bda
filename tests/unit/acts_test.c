/* journal/acts.h of an attached board: what waits to be told, and until when;
 * serve/act_judge.h: what is told late against what is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/acts.h"
#include "journal/db.h"
#include "journal/forget.h"
#include "journal/notes.h"
#include "journal/pins.h"
#include "serve/act_judge.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

static struct err err;

/* The rig's journal, once nobody else has it. */
static sqlite3 *own(struct rig *rig)
{
    sqlite3 *db;

    rig_close(rig);
    db = db_open(rig->path, &err);
    assert_non_null(db);
    return db;
}

static void give_back(struct rig *rig, sqlite3 *db)
{
    db_close(db);
    rig_open(rig);
}

static int64_t keep(sqlite3 *db, const char *subject, int64_t at)
{
    struct act_row row = {.subject = subject,
                          .verb = "note",
                          .who = "",
                          .at = at};
    bool full;

    assert_true(acts_keep(db, &row, 0, &full, &err));
    assert_false(full);
    return row.id;
}

static bool take_subject(void *ctx, const struct act_row *row)
{
    snprintf(ctx, 80, "%s", row->subject);
    return true;
}

/* "": nothing waits. */
static const char *first(sqlite3 *db)
{
    static char subject[80];

    *subject = '\0';
    assert_true(acts_first_untold(db, take_subject, subject, &err));
    return subject;
}

static size_t waiting(sqlite3 *db)
{
    size_t count;

    assert_true(acts_waiting(db, &count, &err));
    return count;
}

static bool told(sqlite3 *db, int64_t id, uint64_t upto)
{
    bool ended;

    assert_true(acts_told(db, id, upto, &ended, &err));
    return ended;
}

static void of_a_subject_the_newest_waits_and_all_in_order(void **state)
{
    sqlite3 *db = own(*state);
    int64_t one = keep(db, "about a", 1), two;

    keep(db, "about b", 2);
    two = keep(db, "about a", 3);
    assert_int_equal(waiting(db), 2);
    assert_string_equal(first(db), "about b");
    assert_false(told(db, one, INT64_MAX));
    assert_int_equal(waiting(db), 2);
    assert_true(told(db, two, INT64_MAX));
    assert_string_equal(first(db), "about b");
    assert_int_equal(waiting(db), 1);
    give_back(*state, db);
}

static void what_came_meanwhile_must_be_told_of_first(void **state)
{
    sqlite3 *db = own(*state);
    int64_t ours = keep(db, "about a", 7), id, at;

    assert_true(acts_meet(db, "about b", 9, &id, &at, &err));
    assert_int_equal(id, 0);
    assert_true(acts_meet(db, "about a", 9, &id, &at, &err));
    assert_int_equal(id, ours);
    assert_int_equal(at, 7);
    assert_true(acts_meet(db, "about a", 4, &id, &at, &err));
    assert_false(told(db, ours, 8));
    assert_true(told(db, ours, 9));
    assert_true(acts_meet(db, "about a", 10, &id, &at, &err));
    assert_int_equal(id, 0);
    give_back(*state, db);
}

static void too_much_is_not_kept_but_what_waits_may_be_another(void **state)
{
    sqlite3 *db = own(*state);
    struct act_row row = {.verb = "note", .who = ""};
    char subject[32];
    bool full;

    assert_true(db_exec(db, "BEGIN", &err));
    for (int i = 0; i < LIMIT_UNTOLD; i++) {
        snprintf(subject, sizeof subject, "about %d", i);
        keep(db, subject, i);
        if (i == LIMIT_UNTOLD / 2) {
            row.subject = "read x";
            assert_true(acts_keep(db, &row, 0, &full, &err));
            assert_true(full);
        }
    }
    row.subject = "about x";
    assert_true(acts_keep(db, &row, 0, &full, &err));
    assert_true(full);
    assert_int_equal(waiting(db), LIMIT_UNTOLD);
    keep(db, "about 7", 5000);
    assert_int_equal(waiting(db), LIMIT_UNTOLD);
    assert_true(db_exec(db, "COMMIT", &err));
    give_back(*state, db);
}

static void what_waits_outlives_what_is_remembered(void **state)
{
    sqlite3 *db = own(*state);
    struct act_row row = {.subject = "read b", .verb = "read", .who = ""};
    int64_t id, at;

    keep(db, "about a", 7);
    assert_true(db_exec(db,
                        "INSERT INTO acts (id, subject, verb, who, at) "
                        "VALUES (2, 'read c', 'read', '', 1), "
                        "(20000, 'read d', 'read', '', 1); "
                        "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT "
                        "i + 1 FROM n WHERE i < 10000) INSERT INTO acts (id, "
                        "subject, verb, who, at) SELECT i, 'read ' || i, "
                        "'read', '', 1 FROM n",
                        &err));
    assert_true(acts_add(db, &row, &err));
    assert_true(acts_find(db, "read c", &id, &at, &err));
    assert_int_equal(id, 0);
    assert_true(acts_find(db, "read d", &id, &at, &err));
    assert_int_equal(id, 20000);
    assert_string_equal(first(db), "about a");
    give_back(*state, db);
}

/* ---- forgotten ---- */

/* Ids have gaps where a damaged journal was salvaged. */
static void
the_newest_are_remembered_not_those_of_the_highest_ids(void **state)
{
    struct rig *rig = *state;
    sqlite3 *db = own(rig);
    struct act_row said = {.subject = "read a", .verb = "read", .who = ""};
    char subject[32];
    int64_t id, at;

    assert_true(acts_add(db, &said, &err));
    assert_true(acts_leave_gap(db, 7, &err));
    assert_true(db_exec(db, "BEGIN", &err));
    for (int i = 1; i < LIMIT_ACTS; i++) {
        snprintf(subject, sizeof subject, "read b%d", i);
        said.subject = subject;
        assert_true(acts_add(db, &said, &err));
    }
    assert_true(acts_find(db, "read a", &id, &at, &err));
    assert_int_equal(id, 1);
    assert_true(said.id > LIMIT_ACTS + 7);
    said.subject = "read c";
    assert_true(acts_add(db, &said, &err));
    assert_true(acts_find(db, "read a", &id, &at, &err));
    assert_int_equal(id, 0);
    assert_true(db_exec(db, "COMMIT", &err));
    give_back(rig, db);
}

static void note_forgot(void *ctx, bool ok, const struct forget_result *result,
                        const struct err *why)
{
    (void)result;
    (void)why;
    assert_true(ok);
    *(bool *)ctx = true;
}

static void forget(struct rig *rig, enum forget_kind kind, const char *text)
{
    bool done = false;

    journal_forget(rig->journal, kind, text, NOW, note_forgot, &done);
    rig_drain_until(rig, &done);
}

static void with_who_is_forgotten_goes_what_waits_of_them(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {with_uuid("a", 1), with_uuid("a", 2)};

    events[0].person.email = "jonas@alderfinch.example";
    events[1].account.id = "org-2";
    assert_int_equal(rig_append(rig, events, 2).fresh, 2);
    change(rig,
           "INSERT INTO acts (id, subject, verb, who, at) VALUES "
           "(1, 'pin x 1', 'unpin', '', 1), (2, 'pin x 2', 'pin', '', 1), "
           "(3, 'about org-2', 'note', '', 1), "
           "(4, 'read Org-2', 'read', '', 1), "
           "(5, 'about org-3', 'note', '', 1)");
    change(rig, "INSERT INTO acts_untold (act, event) VALUES (1, 1), (2, 2), "
                "(3, NULL), (4, NULL), (5, NULL)");
    forget(rig, FORGET_EMAIL, "jonas@alderfinch.example");
    assert_int_equal(ask(rig, "SELECT sum(act) FROM acts_untold"), 14);
    forget(rig, FORGET_ACCOUNT, "org-2");
    assert_int_equal(ask(rig, "SELECT sum(act) FROM acts_untold"), 5);
    assert_int_equal(ask(rig, "SELECT sum(id) FROM acts"), 5);
}

static void of_a_signal_that_is_gone_nothing_waits(void **state)
{
    struct rig *rig = *state;

    change(rig, "INSERT INTO signals VALUES (7, 'billing', 1, 0, -1, 1, 1, 1, "
                "'s', NULL, '[1]', 'done', NULL, NULL, NULL, 1)");
    change(rig, "INSERT INTO acts (id, subject, verb, who, at) VALUES (1, "
                "'state 7', 'done', '', 1), (2, 'note 7', 'note', '', 1)");
    change(rig, "INSERT INTO acts_untold (act) VALUES (1), (2)");
    change(rig, "DELETE FROM signals");
    assert_int_equal(ask(rig, "SELECT count(*) FROM acts_untold"), 0);
}

/* ---- told late ---- */

static const struct uuid ours = {{1}};

static struct act_verdict judged(sqlite3 *db, int64_t at, bool late,
                                 const char *by)
{
    struct act_when when = {at, late};
    struct act_verdict verdict = {.act = 0};

    assert_true(
        act_judge(db, &ours, "about org-1", &when, by, &verdict, &err));
    return verdict;
}

static bool is_older(sqlite3 *db, int64_t at, bool late)
{
    struct act_verdict verdict = judged(db, at, late, "ben");

    act_verdict_free(&verdict);
    return verdict.older;
}

static void of_two_that_say_something_the_newer_stands(void **state)
{
    sqlite3 *db = own(*state);
    struct act_row row = {.subject = "about org-1",
                          .verb = "note",
                          .who = "maya",
                          .at = NOW};
    struct act_verdict verdict;
    bool full;

    assert_false(is_older(db, NOW, true));
    assert_true(notes_set(db, "org-1", "call \"her\"", NOW, &full, &err));
    assert_true(acts_add(db, &row, &err));
    verdict = judged(db, NOW - 1, true, "ben");
    assert_true(verdict.older);
    assert_int_equal(verdict.act, row.id);
    assert_string_equal(
        verdict.stands.data,
        "{\"feed\":\"act\",\"act\":1,\"do\":\"note\",\"by\":\"maya\","
        "\"at\":\"2026-09-14T08:06:03.942Z\",\"account\":\"org-1\","
        "\"note\":\"call \\\"her\\\"\"}");
    act_verdict_free(&verdict);
    assert_true(is_older(db, NOW, true));
    assert_false(is_older(db, NOW + 1, true));
    assert_false(is_older(db, NOW - 1, false));
    row.at = clock_now_ms() + DAY_MS; /* the clock was set back */
    assert_true(acts_add(db, &row, &err));
    assert_false(is_older(db, NOW - 1, true));
    give_back(*state, db);
}

static void
what_took_longer_to_come_is_no_later_than_what_follows(void **state)
{
    sqlite3 *db = own(*state);
    struct act_row row = {.subject = "about org-1",
                          .verb = "note",
                          .who = "maya",
                          .at = NOW};
    struct act_verdict verdict;

    assert_true(acts_add(db, &row, &err));
    verdict = judged(db, NOW - ACT_SAME_MS, true, "maya");
    assert_false(verdict.older);
    act_verdict_free(&verdict);
    verdict = judged(db, NOW - ACT_SAME_MS - 1, true, "maya");
    assert_true(verdict.older); /* another board of hers */
    act_verdict_free(&verdict);
    give_back(*state, db);
}

static void who_was_forgotten_since_does_not_come_back(void **state)
{
    struct rig *rig = *state;
    struct act_when when = {NOW - 1, true};
    sqlite3 *db;
    bool gone;

    forget(rig, FORGET_ACCOUNT, "org-1");
    db = own(rig);
    assert_true(act_judge_account(db, "Org-1", &when, &gone, &err));
    assert_true(gone);
    when.at = NOW + 1;
    assert_true(act_judge_account(db, "org-1", &when, &gone, &err));
    assert_false(gone);
    when = (struct act_when){NOW - 1, false};
    assert_true(act_judge_account(db, "org-1", &when, &gone, &err));
    assert_false(gone);
    give_back(rig, db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(of_a_subject_the_newest_waits_and_all_in_order),
        RIG_CASE(what_came_meanwhile_must_be_told_of_first),
        RIG_CASE(too_much_is_not_kept_but_what_waits_may_be_another),
        RIG_CASE(what_waits_outlives_what_is_remembered),
        RIG_CASE(the_newest_are_remembered_not_those_of_the_highest_ids),
        RIG_CASE(with_who_is_forgotten_goes_what_waits_of_them),
        RIG_CASE(of_a_signal_that_is_gone_nothing_waits),
        RIG_CASE(of_two_that_say_something_the_newer_stands),
        RIG_CASE(what_took_longer_to_come_is_no_later_than_what_follows),
        RIG_CASE(who_was_forgotten_since_does_not_come_back),
    };

    return cmocka_run_group_tests_name("acts", tests, NULL, NULL);
}
