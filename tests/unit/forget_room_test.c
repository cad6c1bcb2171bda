/* forget, told by another telltale: what the rooms keep of who did something
 * since, and what goes. */
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

#define EMAIL "jonas@alderfinch.example"
#define OTHER "b@b.example"
#define HOUR_MS INT64_C(3600000)

static void forget_before(struct rig *rig, enum forget_kind kind,
                          const char *text)
{
    struct forget_ops ops = {.done = note_forgotten, .only_before = true};
    bool done = false;

    journal_forget_by(rig->journal, kind, text, NOW, &ops, &done);
    rig_drain_until(rig, &done);
}

static struct event by(const char *email, uint32_t number, int64_t when)
{
    struct event event = with_uuid("a", number);

    event.person.id = email;
    event.person.email = email;
    event.occurred_at = event.received_at = when;
    return event;
}

/* 1 and 2 before they were forgotten, 3 since, 4 of another since. */
static void append_around_now(struct rig *rig)
{
    const struct event events[] = {by(EMAIL, 1, NOW - 2 * HOUR_MS),
                                   by(EMAIL, 2, NOW - HOUR_MS),
                                   by(EMAIL, 3, NOW + HOUR_MS),
                                   by(OTHER, 4, NOW + HOUR_MS)};

    assert_int_equal(rig_append(rig, events, 4).fresh, 4);
}

/* ---- mirrors ---- */

static void waits(struct rig *rig, const char *mirror, const char *message,
                  int events, int first, int last)
{
    char sql[1024];

    snprintf(sql, sizeof sql,
             "INSERT INTO outbox (mirror, state, bucket, message, events, "
             "first_seq, last_seq, next_try, created) VALUES ('%s', "
             "'waiting', 'live', '%s', %d, %d, %d, 0, %lld)",
             mirror, message, events, first, last,
             (long long)(NOW + 2 * HOUR_MS));
    change(rig, sql);
}

static int64_t waiting(struct rig *rig, const char *mirror, const char *with)
{
    char sql[256];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM outbox WHERE mirror = '%s' AND "
             "message LIKE '%%%s%%'",
             mirror, with);
    return ask(rig, sql);
}

#define LINE(seq, who) "{\"seq\":" seq ",\"person\":\"" who "\"}"
#define LINES(lines) "{\"first_seq\":1,\"groups\":[{\"lines\":[" lines "]}]}"

static void a_message_of_before_goes(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    waits(rig, "team", LINES(LINE("1", EMAIL) "," LINE("2", EMAIL)), 2, 1, 2);
    forget_before(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(waiting(rig, "team", ""), 0);
}

static void what_they_did_since_is_sent_on(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    waits(rig, "both", LINES(LINE("2", EMAIL) "," LINE("3", EMAIL)), 2, 2, 3);
    forget_before(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(waiting(rig, "both", "\"seq\":3"), 1);
    assert_int_equal(waiting(rig, "both", EMAIL), 0);
}

/* Of an event that is not spelled out nobody can tell when it was. */
static void it_is_sent_by_name_where_nothing_is_of_before(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    change(rig, "INSERT INTO ticks VALUES (5, 1789380363942)");
    waits(rig, "since", LINES(LINE("3", EMAIL) "," LINE("4", OTHER)), 2, 3, 4);
    waits(rig, "tick", LINES(LINE("5", EMAIL)), 1, 5, 5);
    waits(rig, "uncounted", LINES(LINE("3", EMAIL)), 2, 2, 3);
    waits(rig, "none", "{\"report\":\"" EMAIL "\"}", 0, 0, 0);
    waits(rig, "damaged", "{" EMAIL, 1, 3, 3);
    forget_before(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(waiting(rig, "since", EMAIL), 1);
    assert_int_equal(waiting(rig, "tick", EMAIL), 1);
    assert_int_equal(waiting(rig, "uncounted", EMAIL), 0);
    assert_int_equal(waiting(rig, "none", EMAIL), 0);
    assert_int_equal(waiting(rig, "damaged", EMAIL), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM outbox"), 5);
}

/* Which number it has elsewhere, or what its sender calls so, says nothing
 * about what it has here. */
static void only_its_own_number_says_which_event_it_is(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    waits(rig, "before",
          "[{\"seq\":1,\"person\":{\"email\":\"" EMAIL
          "\"},\"origin\":{\"seq\":4},\"properties\":{\"seq\":4}}]",
          1, 1, 1);
    waits(rig, "since",
          "[{\"seq\":3,\"person\":{\"email\":\"" EMAIL
          "\"},\"origin\":{\"seq\":1},\"properties\":{\"seq\":1}}]",
          1, 3, 3);
    forget_before(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(waiting(rig, "before", ""), 0);
    assert_int_equal(waiting(rig, "since", EMAIL), 1);
}

/* ---- signals ---- */

static int64_t signals_by(struct rig *rig, const char *evidence)
{
    char sql[128];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM signals WHERE evidence = '%s'", evidence);
    return ask(rig, sql);
}

/* Concluded of them since, by these events. */
static void concludes(struct rig *rig, const char *evidence)
{
    char sql[512];

    snprintf(sql, sizeof sql,
             "INSERT INTO signals (kind, account, person, category, seq, "
             "fired_at, tone, sentence, evidence, state, updated) SELECT "
             "'champion-away', account, id, -1, 0, %lld, 1, 'x', '%s', "
             "'new', 1 FROM persons WHERE key = '" EMAIL "'",
             (long long)(NOW + HOUR_MS), evidence);
    change(rig, sql);
    assert_int_equal(signals_by(rig, evidence), 1);
}

static void what_rests_on_before_goes_whenever_it_was_concluded(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    concludes(rig, "[2]");
    concludes(rig, "[2,3]");
    concludes(rig, "[2,4]");
    concludes(rig, "[]");
    concludes(rig, "[*]");
    forget_before(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(signals_by(rig, "[2,3]"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM signals"), 1);
}

static void of_an_account_too(void **state)
{
    struct rig *rig = *state;

    append_around_now(rig);
    concludes(rig, "[1,2]");
    concludes(rig, "[2,4]");
    forget_before(rig, FORGET_ACCOUNT, "01ABC");
    assert_int_equal(signals_by(rig, "[2,4]"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM signals"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(a_message_of_before_goes),
        RIG_CASE(what_they_did_since_is_sent_on),
        RIG_CASE(it_is_sent_by_name_where_nothing_is_of_before),
        RIG_CASE(only_its_own_number_says_which_event_it_is),
        RIG_CASE(what_rests_on_before_goes_whenever_it_was_concluded),
        RIG_CASE(of_an_account_too),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("forget_room", tests, NULL, NULL);
}
