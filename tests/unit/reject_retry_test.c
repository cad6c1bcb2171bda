/* reject_retry: what can be decoded now becomes events, once; what cannot
 * stays as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "journal/reject_retry.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define GOOD "{\"event\":\"insight created\",\"distinct_id\":\"d1\"}"
#define WITH_UUID                                                             \
    "{\"event\":\"insight created\",\"distinct_id\":\"d1\",\"uuid\":"         \
    "\"0198f1a0-0000-7000-8000-000000000001\"}"

struct asked {
    bool done, ok;
    struct reject_retry_result result;
    struct err err;
    size_t kept; /* events, duplicates left out */
    int64_t received_at;
};

static struct decoder decoder;
static const struct reject_from nobody, somebody = {.peer = "192.0.2.7"};

static void note_kept(void *ctx, const struct event_batch *batch)
{
    struct asked *asked = ctx;

    for (size_t i = 0; i < batch->count; i++) {
        asked->kept += !(batch->events[i].flags & EVENT_DUPLICATE);
        asked->received_at = batch->events[i].received_at;
    }
}

static void note_done(void *ctx, bool ok,
                      const struct reject_retry_result *result,
                      const struct err *err)
{
    struct asked *asked = ctx;

    asked->ok = ok;
    asked->result = *result;
    asked->err = *err;
    asked->done = true;
}

static struct asked retry(struct rig *rig)
{
    static const struct reject_retry_ops ops = {note_kept, note_done};
    struct asked asked = {.done = false};
    struct reject_retry *retry =
        reject_retry_new(rig->journal, &decoder, &ops, &asked);

    change(rig, "SELECT 1"); /* what was refused is written */
    assert_true(reject_retry_begin(retry, &asked.err));
    assert_false(reject_retry_begin(retry, &asked.err));
    rig_drain_until(rig, &asked.done);
    assert_false(reject_retry_runs(retry));
    reject_retry_free(retry);
    return asked;
}

static void refuse(struct rig *rig, const char *body)
{
    journal_reject(rig->journal, 400, "not JSON", &somebody, body,
                   strlen(body));
}

static int64_t events(struct rig *rig)
{
    return ask(rig, "SELECT count(*) FROM events");
}

static int64_t rejects(struct rig *rig)
{
    return ask(rig, "SELECT count(*) FROM rejects");
}

static void what_can_be_decoded_becomes_an_event(void **state)
{
    struct rig *rig = *state;
    struct asked asked;

    refuse(rig, GOOD);
    asked = retry(rig);
    assert_true(asked.ok);
    assert_int_equal(asked.result.tried, 1);
    assert_int_equal(asked.result.decoded, 1);
    assert_int_equal(asked.result.events, 1);
    assert_int_equal(asked.kept, 1);
    assert_int_equal(events(rig), 1);
    assert_int_equal(rejects(rig), 0);
}

static void it_is_received_when_it_came(void **state)
{
    struct rig *rig = *state;

    refuse(rig, GOOD);
    change(rig, "UPDATE rejects SET at = 1789373100000");
    assert_int_equal(retry(rig).received_at, INT64_C(1789373100000));
}

static void what_cannot_stays_with_its_reason(void **state)
{
    struct rig *rig = *state;
    struct asked asked;

    refuse(rig, "{\"event\": ");
    refuse(rig, GOOD);
    asked = retry(rig);
    assert_int_equal(asked.result.tried, 2);
    assert_int_equal(asked.result.decoded, 1);
    assert_int_equal(rejects(rig), 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM rejects WHERE why = "
                              "'not JSON' AND body = CAST('{\"event\": ' AS "
                              "BLOB)"),
                     1);
    asked = retry(rig);
    assert_true(asked.ok);
    assert_int_equal(asked.result.decoded, 0);
    assert_int_equal(events(rig), 1);
}

/* As if the program had ended between the commit and the deletion. */
static void one_that_is_decoded_twice_is_one_event(void **state)
{
    struct rig *rig = *state;
    struct asked asked;

    refuse(rig, GOOD);
    refuse(rig, WITH_UUID);
    change(rig, "CREATE TABLE held AS SELECT * FROM rejects");
    assert_int_equal(retry(rig).result.events, 2);
    change(rig, "INSERT INTO rejects SELECT * FROM held");
    asked = retry(rig);
    assert_int_equal(asked.result.decoded, 2);
    assert_int_equal(asked.result.events, 0);
    assert_int_equal(asked.kept, 0);
    assert_int_equal(events(rig), 2);
    assert_int_equal(rejects(rig), 0);
}

/* Which is what is asked for again by whoever sent it. */
static void a_webhook_id_is_kept_and_makes_it_the_same(void **state)
{
    static const struct reject_from sender = {.peer = "192.0.2.7",
                                              .webhook_id = "msg_1"};
    struct rig *rig = *state;
    struct asked asked;

    journal_reject(rig->journal, 400, "not JSON", &sender, GOOD, strlen(GOOD));
    journal_reject(rig->journal, 400, "not JSON", &sender, GOOD, strlen(GOOD));
    asked = retry(rig);
    assert_int_equal(asked.result.decoded, 2);
    assert_int_equal(asked.result.events, 1);
    assert_int_equal(ask(rig, "SELECT count(*) FROM reject_headers"), 0);
}

static void a_content_type_is_kept_and_says_how_to_read_it(void **state)
{
    static const struct reject_from sender = {
        .content_type = "application/x-www-form-urlencoded"};
    static const char form[] =
        "x=1&payload=%7B%22event%22%3A%22insight+created"
        "%22%2C%22distinct_id%22%3A%22d1%22%7D";
    struct rig *rig = *state;

    refuse(rig, form);
    assert_int_equal(retry(rig).result.decoded, 0);
    journal_reject(rig->journal, 400, "not JSON", &sender, form, strlen(form));
    assert_int_equal(retry(rig).result.decoded, 1);
    assert_int_equal(rejects(rig), 1);
}

/* The id of a row that left the list is given out again. */
static void another_body_with_the_same_id_is_another_event(void **state)
{
    struct rig *rig = *state;

    refuse(rig, GOOD);
    assert_int_equal(retry(rig).result.events, 1);
    refuse(rig, GOOD);
    change(rig, "UPDATE rejects SET at = at + 1");
    assert_int_equal(retry(rig).result.events, 1);
    assert_int_equal(events(rig), 2);
}

static void what_is_kept_in_part_or_not_at_all_is_not_tried(void **state)
{
    struct rig *rig = *state;
    size_t len = LIMIT_REJECT_BODY + 10;
    char *large = calloc(1, len + 1);

    memset(large, ' ', len);
    memcpy(large, GOOD, strlen(GOOD));
    refuse(rig, large);
    free(large);
    journal_reject(rig->journal, 401, "no token", &nobody, NULL, 0);
    assert_int_equal(retry(rig).result.tried, 0);
    assert_int_equal(rejects(rig), 2);
}

static void many_go_page_by_page(void **state)
{
    struct rig *rig = *state;
    struct asked asked;

    for (int i = 0; i < 100; i++)
        refuse(rig, i % 3 ? GOOD : "[");
    asked = retry(rig);
    assert_int_equal(asked.result.tried, 100);
    assert_int_equal(asked.result.decoded, 66);
    assert_int_equal(events(rig), 66);
    assert_int_equal(rejects(rig), 34);
}

static void a_journal_that_closes_meanwhile_loses_nothing(void **state)
{
    static const struct reject_retry_ops ops = {note_kept, note_done};
    struct asked asked = {.done = false};
    struct rig *rig = *state;
    struct reject_retry *retry;

    for (int i = 0; i < 20; i++)
        refuse(rig, GOOD);
    change(rig, "SELECT 1");
    retry = reject_retry_new(rig->journal, &decoder, &ops, &asked);
    assert_true(reject_retry_begin(retry, &asked.err));
    rig_close(rig);
    reject_retry_free(retry);
    rig_open(rig);
    assert_false(asked.done);
    assert_int_equal(events(rig) + rejects(rig), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_can_be_decoded_becomes_an_event),
        RIG_CASE(it_is_received_when_it_came),
        RIG_CASE(what_cannot_stays_with_its_reason),
        RIG_CASE(one_that_is_decoded_twice_is_one_event),
        RIG_CASE(a_webhook_id_is_kept_and_makes_it_the_same),
        RIG_CASE(a_content_type_is_kept_and_says_how_to_read_it),
        RIG_CASE(another_body_with_the_same_id_is_another_event),
        RIG_CASE(what_is_kept_in_part_or_not_at_all_is_not_tried),
        RIG_CASE(many_go_page_by_page),
        RIG_CASE(a_journal_that_closes_meanwhile_loses_nothing),
    };
    struct catalog *catalog = catalog_new();
    int failed;

    decoder.catalog = catalog;
    failed = cmocka_run_group_tests_name("reject_retry", tests, NULL, NULL);
    catalog_free(catalog);
    return failed;
}
