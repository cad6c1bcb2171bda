/* forget: nothing of the person is left, nothing of the others is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/forget_rig.h"

#include "base/banned.h"

static const struct reject_from nobody;

/* The packed body of an event as the file has it. */
static size_t packed_body(struct rig *rig, uint64_t seq, char *out,
                          size_t room)
{
    struct journal_reader *reader = rig_reader(rig);
    sqlite3_stmt *find;
    size_t len;

    assert_int_equal(sqlite3_prepare_v2(reader_db(reader),
                                        "SELECT raw FROM bodies WHERE "
                                        "seq = ? AND encoding = 1",
                                        -1, &find, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(find, 1, (int64_t)seq);
    assert_int_equal(sqlite3_step(find), SQLITE_ROW);
    len = (size_t)sqlite3_column_bytes(find, 0);
    assert_in_range(len, 8, room);
    memcpy(out, sqlite3_column_blob(find, 0), len);
    sqlite3_finalize(find);
    reader_close(reader);
    return len;
}

static void nothing_of_the_person_is_left(void **state)
{
    struct rig *rig = *state;
    char packed[256];
    size_t len;
    struct event events[] = {by("p1", EMAIL, 1), by("p2", "b@b.example", 2),
                             by("p1", NULL, 3)};
    struct forget_result result;

    events[0].raw = "{\"email\":\"" EMAIL "\"}";
    events[0].raw_len = strlen(events[0].raw);
    events[0].props_at = events[0].props_len = 0;
    assert_int_equal(rig_append(rig, events, 3).fresh, 3);
    journal_reject(rig->journal, 400, "not JSON", &nobody, EMAIL,
                   strlen(EMAIL));
    journal_reject(rig->journal, 400, "not JSON",
                   &(struct reject_from){.webhook_id = EMAIL}, "{", 1);
    change(rig, "INSERT INTO pins (seq, at) VALUES (1, 1), (2, 2)");
    change(rig, "INSERT INTO notes (about, subject, text, at) VALUES "
                "('person', 'p1', 'likes tea', 1)");
    assert_true(file_holds(rig, EMAIL));
    len = packed_body(rig, 1, packed, sizeof packed);
    assert_true(file_holds_bytes(rig, packed, len));
    result = forget(rig, FORGET_EMAIL, "Jonas@AlderFinch.example");
    assert_int_equal(result.events, 2);
    assert_int_equal(result.rejects, 2);
    assert_true(result.unreadable);
    assert_false(file_holds(rig, EMAIL));
    assert_false(file_holds_bytes(rig, packed, len));
    assert_false(file_holds(rig, "likes tea"));
    assert_int_equal(ask(rig, "SELECT sum(seq) FROM events"), 2);
    assert_int_equal(ask(rig, "SELECT sum(seq) FROM bodies"), 2);
    assert_int_equal(ask(rig, "SELECT sum(seq) FROM pins"), 2);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities"), 1);
    assert_int_equal(ask(rig, "SELECT sum(count) FROM daily"), 1);
    assert_int_equal(ask(rig, "SELECT sum(events) FROM hours"), 1);
}

/* Of somebody who came by 300 devices. */
static void however_many_names_all_of_them_are_remembered(void **state)
{
    struct rig *rig = *state;
    struct forget_result result;
    struct event event;
    char id[32];

    for (uint32_t i = 0; i < 300; i++) {
        snprintf(id, sizeof id, "device-%u", i);
        event = by(id, EMAIL, i + 1);
        assert_true(rig_append(rig, &event, 1).ok);
    }
    result = forget(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(result.events, 300);
    assert_int_equal(result.unsearched, 300 + 1 - LIMIT_TRACES);
    assert_false(file_holds(rig, "device-299"));
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities"), 0);
    event = by("device-299", NULL, 1000);
    assert_int_equal(rig_append(rig, &event, 1).forgotten, 1);
}

/* What is left of two of them is the same. */
static void keys_that_differ_only_in_a_name_stop_nothing(void **state)
{
    struct rig *rig = *state;
    struct event anna = by("p2", NULL, 1), bert = by("p3", NULL, 2);

    anna.has_uuid = bert.has_uuid = false;
    anna.key = "ticket:" EMAIL;
    bert.key = "ticket:jonas@elsewhere.example";
    append_one(rig, anna);
    append_one(rig, bert);
    forget(rig, FORGET_EMAIL, EMAIL);
    forget(rig, FORGET_EMAIL, "jonas@elsewhere.example");
    assert_false(file_holds(rig, EMAIL));
    assert_false(file_holds(rig, "elsewhere"));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
}

/* By a clock that had not been set yet. */
static void what_came_on_the_first_day_of_all_hides_no_other(void **state)
{
    struct rig *rig = *state;
    struct event first = by("p2", NULL, 1), theirs = by("p1", EMAIL, 2);

    first.occurred_at = first.received_at = 1000;
    append_one(rig, first);
    append_one(rig, theirs);
    forget(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(ask(rig, "SELECT count(*) FROM daily"), 1);
}

static int setup_west_of_greenwich(void **state)
{
    setenv("TZ", "EST5", 1);
    tzset();
    return rig_setup(state);
}

static int teardown_west_of_greenwich(void **state)
{
    int result = rig_teardown(state);

    setenv("TZ", "UTC", 1);
    tzset();
    return result;
}

/* Where the same moment is of the day before. */
static void a_day_before_all_days_is_one_like_others(void **state)
{
    struct rig *rig = *state;
    struct event theirs[] = {by("p1", EMAIL, 1), by("p1", EMAIL, 2)};

    theirs[0].occurred_at = theirs[0].received_at = 0;
    assert_int_equal(rig_append(rig, theirs, 2).fresh, 2);
    assert_int_equal(ask(rig, "SELECT min(day) FROM daily"), -1);
    forget(rig, FORGET_EMAIL, EMAIL);
    assert_int_equal(ask(rig, "SELECT count(*) FROM daily"), 0);
}

static void what_others_did_keeps_its_shape(void **state)
{
    struct rig *rig = *state;
    struct event event = by("p2", "b@b.example", 1);
    struct journal_reader *reader;
    struct event_batch *batch = event_batch_new();
    char packed[256];
    size_t len;
    struct err err;

    event.sentence = "invited " EMAIL;
    event.raw = "{\"properties\":{\"invited\":\"" EMAIL "\"},\"n\":1}";
    event.raw_len = strlen(event.raw);
    event.props_at = 14;
    event.props_len = 14 + strlen(EMAIL);
    append_one(rig, event);
    len = packed_body(rig, 1, packed, sizeof packed);
    assert_int_equal(forget(rig, FORGET_EMAIL, EMAIL).mentions, 1);
    assert_false(file_holds_bytes(rig, packed, len));
    reader = rig_reader(rig);
    assert_true(reader_event(reader, 1, batch, &err));
    assert_int_equal(batch->events[0].raw_len, event.raw_len);
    assert_null(strstr(batch->events[0].raw, EMAIL));
    assert_non_null(strstr(batch->events[0].raw, "\"n\":1"));
    assert_int_equal(batch->events[0].props_len, event.props_len);
    assert_string_equal(batch->events[0].sentence,
                        "invited ************************");
    event_batch_free(batch);
    reader_close(reader);
    assert_false(file_holds(rig, EMAIL));
}

static void an_import_does_not_bring_it_back(void **state)
{
    struct rig *rig = *state;
    struct event old = by("p1", EMAIL, 1), other = by("p2", NULL, 2);
    struct event unnamed = by("p1", NULL, 3), later = by("p1", EMAIL, 4);
    struct outcome outcome;

    append_one(rig, old);
    forget(rig, FORGET_EMAIL, EMAIL);
    old.flags = unnamed.flags = EVENT_BACKFILLED;
    outcome = rig_append(rig, &old, 1);
    assert_true(outcome.ok);
    assert_int_equal(outcome.duplicates, 0);
    assert_int_equal(outcome.forgotten, 1);
    assert_int_equal(ask(rig, "SELECT value FROM counters WHERE name = "
                              "'forgotten'"),
                     1);
    assert_int_equal(outcome.seqs[0], 0);
    assert_int_equal(append_one(rig, unnamed), 0);
    assert_int_not_equal(append_one(rig, other), 0);
    later.occurred_at = later.received_at = NOW + 1;
    assert_int_not_equal(append_one(rig, later), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
}

static void an_account_goes_whole(void **state)
{
    struct rig *rig = *state;
    struct event ours = by("p1", EMAIL, 1), theirs = by("p2", NULL, 2);

    theirs.account = (struct event_account){.id = "02def", .name = "Another"};
    append_one(rig, ours);
    append_one(rig, theirs);
    assert_int_equal(forget(rig, FORGET_ACCOUNT, "01ABC").events, 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM accounts"), 1);
    assert_int_equal(ask(rig, "SELECT key = '02def' FROM accounts"), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons"), 1);
    assert_int_equal(append_one(rig, ours), 0);
}

static void many_slices_and_events_in_between(void **state)
{
    struct rig *rig = *state;
    struct event *events = calloc(12000, sizeof *events);

    for (uint32_t i = 0; i < 12000; i++)
        events[i] = by(i % 3 ? "p2" : "p1", i % 3 ? NULL : EMAIL, i);
    assert_int_equal(rig_append(rig, events, 12000).fresh, 12000);
    free(events);
    assert_int_equal(forget(rig, FORGET_PERSON, "p1").events, 4000);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 8000);
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies"), 8000);
    assert_int_equal(ask(rig, "SELECT count(*) FROM pragma_integrity_check "
                              "WHERE integrity_check = 'ok'"),
                     1);
}

/* What the event got; the fresh ones come back first. */
static uint64_t seq_of(const struct outcome *outcome,
                       const struct event *event)
{
    for (size_t i = 0; i < 16; i++)
        if (!memcmp(&outcome->uuids[i], &event->uuid, sizeof event->uuid))
            return outcome->seqs[i];
    fail_msg("it did not come back");
    return 0;
}

/* Three people behind a server's id, and one with an id of their own. */
/* Whether an event, queued when looking began, was kept before the first
 * slice was written. */
struct race {
    struct rig *rig;
    struct outcome event;
    bool slice_written, event_first, done;
};

static bool do_nothing(void *ctx, struct sqlite3 *db, struct err *err)
{
    (void)ctx;
    (void)db;
    (void)err;
    return true;
}

/* By now the writer has whatever the forgetting wants of it next. */
static void race_begins(void *ctx, bool ok, const struct err *err)
{
    struct race *race = ctx;
    const struct event event = with_uuid("meanwhile", 500);

    (void)err;
    assert_true(ok);
    journal_append(race->rig->journal, batch_of(&event, 1), note_outcome,
                   &race->event, 0);
}

static void on_known(void *ctx, const struct forget_goes *goes)
{
    struct race *race = ctx;

    (void)goes;
    journal_write(race->rig->journal, do_nothing, race_begins, race);
}

static void note_slice(void *ctx, const struct forget_result *result)
{
    struct race *race = ctx;

    (void)result;
    if (!race->slice_written)
        race->event_first = race->event.done;
    race->slice_written = true;
}

static void end_of_race(void *ctx, bool ok, const struct forget_result *result,
                        const struct err *err)
{
    struct race *race = ctx;

    assert_string_equal(err->text, "");
    assert_true(ok);
    assert_int_equal(result->mentions, 1);
    race->done = true;
}

/* Percent signs upon percent signs are what is hardest to look through. */
static void what_comes_meanwhile_waits_for_no_search(void **state)
{
    enum { HARD = 1 << 20 };
    static const char mention[] = " " EMAIL;
    static const struct forget_ops ops = {.known = on_known,
                                          .progress = note_slice,
                                          .done = end_of_race};
    struct race race = {.rig = *state};
    struct event event = by("p2", "b@b.example", 1);
    char *body = malloc(HARD + sizeof mention);

    assert_non_null(body);
    memset(body, '%', HARD);
    memcpy(body + HARD, mention, sizeof mention);
    event.raw = body;
    event.raw_len = HARD + sizeof mention - 1;
    event.props_at = event.props_len = 0;
    append_one(race.rig, event);
    append_one(race.rig, by("p1", EMAIL, 2));
    journal_forget_by(race.rig->journal, FORGET_EMAIL, EMAIL, NOW, &ops,
                      &race);
    rig_drain_until(race.rig, &race.done);
    assert_true(race.event.ok);
    assert_true(race.event_first);
    assert_int_equal(ask(race.rig, "SELECT count(*) FROM events"), 2);
    free(body);
}

static void others_behind_the_same_id_stay(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {by("server", EMAIL, 1),
                             by("server", "b@b.example", 2),
                             by("server", "c@c.example", 3),
                             by("server", NULL, 4),
                             by("own", EMAIL, 5),
                             by("own", NULL, 6)};
    struct event late[] = {by("server", "b@b.example", 7),
                           by("server", NULL, 8), by("own", NULL, 9),
                           by("server", EMAIL, 10),
                           by("own", "d@d.example", 11)};
    struct outcome outcome;

    assert_int_equal(rig_append(rig, events, 6).fresh, 6);
    assert_int_equal(forget(rig, FORGET_EMAIL, EMAIL).events, 3);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 3);
    assert_int_equal(ask(rig, "SELECT count(*) FROM identities WHERE "
                              "person_id = 'server'"),
                     3);
    assert_int_equal(ask(rig, "SELECT count(*) FROM persons WHERE email IS "
                              "NOT NULL"),
                     0);
    outcome = rig_append(rig, late, 5);
    assert_int_equal(outcome.fresh, 3);
    assert_int_equal(outcome.duplicates, 0);
    assert_int_equal(outcome.forgotten, 2);
    assert_int_equal(journal_stats(rig->journal).forgotten, 2);
    assert_int_equal(seq_of(&outcome, &late[2]), 0);
    assert_int_equal(seq_of(&outcome, &late[3]), 0);
    assert_int_equal(outcome.seqs[2], seq_of(&outcome, &late[4]));
}

static void an_id_takes_its_one_address_along(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {by("p1", EMAIL, 1), by(NULL, EMAIL, 2),
                             by("p2", "two@b.example", 3),
                             by("p3", "two@b.example", 4)};

    assert_int_equal(rig_append(rig, events, 4).fresh, 4);
    assert_int_equal(forget(rig, FORGET_PERSON, "p1").events, 2);
    assert_int_equal(forget(rig, FORGET_PERSON, "p2").events, 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
}

/* An id asked for goes whole, its people are not forgotten elsewhere. */
static void an_id_asked_for_is_not_its_people(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {by("server", EMAIL, 1),
                             by("server", "b@b.example", 2),
                             by("other", EMAIL, 3)};
    struct event late[] = {by("third", "b@b.example", 4),
                           by("server", "c@c.example", 5),
                           by("SERVER", NULL, 6)};
    struct outcome outcome;

    assert_int_equal(rig_append(rig, events, 3).fresh, 3);
    assert_int_equal(forget(rig, FORGET_PERSON, "server").events, 2);
    assert_true(file_holds(rig, EMAIL));
    outcome = rig_append(rig, late, 3);
    assert_int_equal(outcome.fresh, 2);
    assert_int_equal(outcome.forgotten, 1);
}

/* In every notation in which somebody else's event may name them. */
static void mentions_go_in_every_notation(void **state)
{
    static const char *const mentions[] = {
        "JONAS@AlderFinch.Example",
        "jonas%40alderfinch.example",
        "jonas%2540alderfinch%252Eexample",
        "jonas\\u0040alderfinch.example",
        "\\u006aonas\\u0040alderfinch.example",
        "{\\\"to\\\":\\\"jonas\\\\u0040alderfinch.example\\\"}",
        "jonas&#64;alderfinch.example",
        "jonas&#x40;alderfinch&period;example",
        "=6Aonas=40alderfinch.example",
        "jonas=40alder=\\r\\nfinch.example",
        "jonas=\\n@alderfinch.example",
        "mailto:jonas@alderfinch.example?x",
        "%3Cjonas%40alderfinch.example%3E",
        "\\njonas@alderfinch.example\\n",
        "am9uYXNAYWxkZXJmaW5jaC5leGFtcGxl",
        "Sm9uYXMgRmluY2ggPGpvbmFzQGFsZGVyZmluY2guZXhhbXBsZT4=",
        "Jonas Finch",
        "jonas+finch",
        "JONAS%20FINCH",
        "7b1f4c9a-0000-4000-8000-00000000d00d",
    };
    static const char *const others[] = {
        "bigjonas@alderfinch.example",
        "big.jonas@alderfinch.example",
        "jonas@alderfinch.example.org",
        "\\njonas@alderfinch.examples",
        "jonas finchley",
    };
    struct rig *rig = *state;
    enum {
        MENTIONS = sizeof mentions / sizeof *mentions,
        OTHERS = sizeof others / sizeof *others
    };
    struct event events[MENTIONS + OTHERS + 1];
    char bodies[MENTIONS + OTHERS][256];
    struct journal_reader *reader;

    for (size_t i = 0; i < MENTIONS + OTHERS; i++) {
        snprintf(bodies[i], sizeof bodies[i], "{\"n\":%zu,\"p\":\"%s\"}", i,
                 i < MENTIONS ? mentions[i] : others[i - MENTIONS]);
        events[i] = by("p2", "b@b.example", (uint32_t)i + 1);
        events[i].raw = bodies[i];
        events[i].raw_len = strlen(bodies[i]);
        events[i].props_at = events[i].props_len = 0;
    }
    events[MENTIONS + OTHERS] =
        by("7b1f4c9a-0000-4000-8000-00000000d00d", EMAIL, 1000);
    events[MENTIONS + OTHERS].person.name = "Jonas Finch";
    assert_int_equal(rig_append(rig, events, 14).fresh, 14);
    assert_int_equal(
        rig_append(rig, events + 14, MENTIONS + OTHERS + 1 - 14).fresh,
        MENTIONS + OTHERS + 1 - 14);
    assert_int_equal(forget(rig, FORGET_EMAIL, EMAIL).mentions, MENTIONS);
    reader = rig_reader(rig);
    for (size_t i = 0; i < MENTIONS + OTHERS; i++) {
        struct event_batch *batch = event_batch_new();
        struct err err;
        bool same;

        assert_true(reader_event(reader, i + 1, batch, &err));
        same = !strcmp(batch->events[0].raw, bodies[i]);
        if (same != (i >= MENTIONS))
            fail_msg("%s became %s", bodies[i], batch->events[0].raw);
        assert_int_equal(batch->events[0].raw_len, strlen(bodies[i]));
        event_batch_free(batch);
    }
    reader_close(reader);
}

static void dictionaries_lose_what_nobody_uses(void **state)
{
    struct rig *rig = *state;
    struct event theirs = by("p1", EMAIL, 1), other = by("p2", NULL, 2);

    theirs.name = "jonas clicked";
    theirs.fold = "jonas folds";
    append_one(rig, theirs);
    other.account.name = "House of " EMAIL;
    append_one(rig, other);
    forget(rig, FORGET_EMAIL, EMAIL);
    assert_false(file_holds(rig, "jonas clicked"));
    assert_false(file_holds(rig, "jonas folds"));
    assert_false(file_holds(rig, EMAIL));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
    other.uuid = numbered(3);
    assert_int_not_equal(append_one(rig, other), 0);
}

static void refused_bodies_go_by_any_name(void **state)
{
    static const char *const theirs[] = {
        "{\"distinct_id\":\"p1\",",
        "name=Jonas+Finch&x=",
        "{\"u\":\"jonas\\u0040alderfinch.example\"",
        "a=jonas%40alderfinch.example",
        "To: jonas=\n=40alderfinch.example",
        "To: jonas@alder=\r\nfinch.example"};
    static const char *const others[] = {"{\"distinct_id\":\"p12\",",
                                         "step p1 of 3", "x=1"};
    struct rig *rig = *state;
    struct event event = by("p1", EMAIL, 1);

    event.person.name = "Jonas Finch";
    append_one(rig, event);
    for (size_t i = 0; i < 6; i++)
        journal_reject(rig->journal, 400, "not JSON", &nobody, theirs[i],
                       strlen(theirs[i]));
    for (size_t i = 0; i < 3; i++)
        journal_reject(rig->journal, 400, "not JSON", &nobody, others[i],
                       strlen(others[i]));
    assert_int_equal(forget(rig, FORGET_EMAIL, EMAIL).rejects, 6);
    assert_int_equal(ask(rig, "SELECT count(*) FROM rejects"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(nothing_of_the_person_is_left),
        RIG_CASE(however_many_names_all_of_them_are_remembered),
        RIG_CASE(keys_that_differ_only_in_a_name_stop_nothing),
        RIG_CASE(what_came_on_the_first_day_of_all_hides_no_other),
        cmocka_unit_test_setup_teardown(
            a_day_before_all_days_is_one_like_others, setup_west_of_greenwich,
            teardown_west_of_greenwich),
        RIG_CASE(what_others_did_keeps_its_shape),
        RIG_CASE(an_import_does_not_bring_it_back),
        RIG_CASE(an_account_goes_whole),
        RIG_CASE(many_slices_and_events_in_between),
        RIG_CASE(what_comes_meanwhile_waits_for_no_search),
        RIG_CASE(others_behind_the_same_id_stay),
        RIG_CASE(an_id_takes_its_one_address_along),
        RIG_CASE(an_id_asked_for_is_not_its_people),
        RIG_CASE(mentions_go_in_every_notation),
        RIG_CASE(dictionaries_lose_what_nobody_uses),
        RIG_CASE(refused_bodies_go_by_any_name),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("forget", tests, NULL, NULL);
}
