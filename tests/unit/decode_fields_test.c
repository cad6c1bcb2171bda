/* decode: what is found in a body: who, which account, when, the key, the text
 * itself; and the paths that a user names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/decode_rig.h"

#include "base/banned.h"

/* ---- who, which account, when ---- */

static void accounts_are_found_in_their_order(void **state)
{
    static const struct {
        const char *body, *id;
        bool listed;
    } cases[] = {
        {"{\"event\":\"x\",\"org_id\":\"" BOREALIS
         "\",\"properties\":{\"$groups\":{\"organization\":\"" DUNES "\"}}}",
         BOREALIS, true},
        {"{\"event\":\"x\",\"org_id\":\"\",\"person_org_id\":\"" DUNES
         "\",\"properties\":{\"$groups\":{\"organization\":\"" BOREALIS
         "\"}}}",
         BOREALIS, true},
        {"{\"event\":\"x\",\"org_id\":\" BECCCFC8-9252-4F2F-983E-4EEAAAC45350"
         "\\n\"}",
         BOREALIS, true},
        {"{\"event\":\"x\",\"org_id\":\"\",\"person_org_id\":\"" DUNES
         "\",\"email\":\"a@borealis.example\"}",
         DUNES, true},
        {"{\"event\":\"x\",\"org_id\":null,"
         "\"email\":\"a@borealis.example\"}",
         BOREALIS, true},
        {"{\"event\":\"x\",\"organization\":\"dunes health, inc.\"}", DUNES,
         true},
        {"{\"event\":\"x\",\"org_id\":\"other\","
         "\"email\":\"a@borealis.example\"}",
         "other", false},
        {"{\"event\":\"x\",\"properties\":{\"$group_0\":"
         "12345678901234567890}}",
         "12345678901234567890", false},
        {"{\"event\":\"x\"}", NULL, false},
    };
    struct decode_rig *rig = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct event *event = decode_one(rig, cases[i].body);

        assert_text(event->account.id, cases[i].id);
        assert_int_equal(event->account.listed, cases[i].listed);
        assert_int_equal(rig->decoded.unlisted,
                         cases[i].id && !cases[i].listed);
    }
}

static void a_new_book_labels_events_again(void **state)
{
    struct decode_rig *rig = *state;
    struct event event =
        *decode_one(rig, "{\"event\":\"x\",\"org_id\":\"" DUNES "\"}");

    decode_relabel(NULL, &event, &rig->batch->arena);
    assert_false(event.account.listed);
    assert_text(event.account.name, "Dunes Health, Inc.");
    decode_relabel(rig->book, &event, &rig->batch->arena);
    assert_true(event.account.listed);
}

static void names_that_are_addresses_or_ids_are_no_names(void **state)
{
    struct decode_rig *rig = *state;
    const struct event *event =
        decode_one(rig, "{\"event\":{\"event\":\"x\",\"distinct_id\":\"d\"},"
                        "\"person\":{\"name\":\"a@borealis.example\"}}");

    assert_null(event->person.name);
    assert_text(event->person.email, "a@borealis.example");
    event =
        decode_one(rig, "{\"event\":{\"event\":\"x\",\"distinct_id\":\"d\"},"
                        "\"person\":{\"name\":\"d\"}}");
    assert_null(event->person.name);
    event =
        decode_one(rig,
                   "{\"event\":\"x\",\"distinct_id\":\"a@dunes.example\"}");
    assert_text(event->person.email, "a@dunes.example");
}

static void servers_without_a_person_are_nobody(void **state)
{
    struct decode_rig *rig = *state;

    assert_null(decode_one(rig, "{\"event\":\"x\",\"distinct_id\":\"team_7\"}")
                    ->person.id);
    assert_null(
        decode_one(rig, "{\"event\":\"x\",\"distinct_id\":\"" UUID "\"}")
            ->person.id);
    assert_null(
        decode_one(rig, "{\"event\":\"x\",\"distinct_id\":\"d\","
                        "\"properties\":{\"$process_person_profile\":false}}")
            ->person.id);
    assert_text(decode_one(rig,
                           "{\"event\":\"x\",\"distinct_id\":\"" UUID "\","
                           "\"session_id\":\"s\"}")
                    ->person.id,
                UUID);
    assert_text(decode_one(rig,
                           "{\"event\":\"x\",\"distinct_id\":\"invite_1\"}")
                    ->person.id,
                "invite_1");
}

static void clocks_are_believed_only_when_near(void **state)
{
    static const struct {
        const char *time;
        int64_t occurred;
        unsigned flags;
    } cases[] = {
        {"\"2026-09-14T08:06:03.942Z\"", 1789373163942, 0},
        {"1789373163", 1789373163000, 0},
        {"1789373163.942", 1789373163942, 0},
        {"\"1789373163942\"", 1789373163942, 0},
        {"null", NOW, 0},
        {"\"\"", NOW, 0},
        {"\"14/09/2026 10h\"", NOW, EVENT_CLOCK_OFF},
        {"1e12", NOW, EVENT_CLOCK_OFF},
        {"-5", NOW, EVENT_CLOCK_OFF},
        {"\"1970-01-01T00:00:00Z\"", 0, EVENT_CLOCK_OFF},
        {"\"2031-01-01T00:00:00Z\"", 1924992000000, EVENT_CLOCK_OFF},
    };
    struct decode_rig *rig = *state;
    char body[200];

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct event *event;

        snprintf(body, sizeof body,
                 "{\"event\":\"cohort created\",\"timestamp\":%s}",
                 cases[i].time);
        event = decode_one(rig, body);
        assert_int_equal(event->occurred_at, cases[i].occurred);
        assert_int_equal(event->received_at, NOW);
        assert_int_equal(event->flags, cases[i].flags);
    }
}

static void told_history_arrives_when_it_happened(void **state)
{
    struct decode_rig *rig = *state;
    const struct event *event;

    rig->arrival.follow_clock = true;
    event = decode_one(rig, "{\"event\":\"cohort created\","
                            "\"timestamp\":\"2026-06-01T00:00:00Z\"}");
    assert_int_equal(event->received_at, event->occurred_at);
    assert_int_equal(event->flags, 0);
}

/* ---- keys ---- */

static void keys_are_a_uuid_else_the_message_else_none(void **state)
{
    struct decode_rig *rig = *state;

    assert_null(decode_one(rig, "{\"event\":\"x\"}")->key);
    rig->arrival.webhook_id = "msg_1";
    assert_text(decode_one(rig, "{\"event\":\"x\"}")->key, "msg_1");
    assert_null(
        decode_one(rig, "{\"event\":\"x\",\"uuid\":\"" UUID "\"}")->key);
    assert_text(decode_one(rig, "{\"event\":\"x\",\"uuid\":\"\"}")->key,
                "msg_1");
    assert_text(
        decode_one(rig, "{\"event\":\"x\",\"uuid\":\"event-id\"}")->key,
        "msg_1");
    assert_text(decode_one(rig, "{\"event\":\"x\",\"uuid\":"
                                "\"00000000-0000-0000-0000-000000000000\"}")
                    ->key,
                "msg_1");
    assert_true(decode_text(rig, "[{\"event\":\"x\"},{\"event\":\"y\"}]"));
    assert_text(rig->batch->events[0].key, "msg_1/0");
    assert_text(rig->batch->events[1].key, "msg_1/1");
    rig->arrival.webhook_id = "";
    assert_null(decode_one(rig, "{\"event\":\"x\"}")->key);
}

/* ---- raw and properties ---- */

static const char *props(const struct event *event, struct buf *out)
{
    buf_clear(out);
    event_properties(out, event);
    return out->data;
}

static void raw_text_stays_as_it_came(void **state)
{
    static const char body[] =
        " {\"event\":\"x\" , \"properties\":{ \"n\":9007199254740993,"
        "\"f\":1.50,\"u\":\"\\ud83d \\u0000\"}} ";
    struct decode_rig *rig = *state;
    const struct event *event = decode_one(rig, body);
    struct buf out;

    buf_init(&out, 1000);
    assert_int_equal(event->raw_len, sizeof body - 3);
    assert_memory_equal(event->raw, body + 1, event->raw_len);
    assert_int_equal(event->raw[event->raw_len], 0);
    assert_string_equal(props(event, &out),
                        "{\"n\":9007199254740993,\"f\":1.50,"
                        "\"u\":\"\\ud83d \\u0000\"}");
    event = decode_one(rig, "{\"event\":\"x\",\"a\":1}");
    assert_string_equal(props(event, &out), "{\"event\":\"x\",\"a\":1}");
    event = decode_one(rig, "{\"event\":\"x\",\"properties\":null}");
    assert_string_equal(props(event, &out), "{}");
    event = decode_one(rig, "{\"event\":\"x\",\"properties\":[1,\"two\"]}");
    assert_string_equal(props(event, &out), "[1,\"two\"]");
    event = decode_one(rig, "{\"event\":\"dashboard created\",\"properties\":"
                            "\"{\\\"name\\\": \\\"Weekly\\\"}\"}");
    assert_string_equal(props(event, &out), "{\"name\":\"Weekly\"}");
    assert_string_equal(event->sentence,
                        "created a dashboard \xe2\x80\x9cWeekly\xe2\x80\x9d");
    buf_free(&out);
}

static void dropped_properties_are_nowhere(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"chat with ai\",\"properties\":{\"prompt\":\"SECRET\"}}",
        "{\"event\":\"chat with ai\",\"prompt\":\"SECRET\"}",
        "[{\"event\":{\"event\":\"$ai_generation\",\"properties\":{"
        "\"$ai_input\":[{\"content\":\"SECRET\"}]}}}]",
        "\"{\\\"event\\\":\\\"x\\\",\\\"prompt\\\":\\\"SECRET\\\"}\"",
        "{\"event\":\"x\",\"properties\":\"{\\\"prompt\\\":\\\"SECRET\\\"}\"}",
        "{\"body\":\"{\\\"event\\\":\\\"x\\\",\\\"prompt\\\":"
        "\\\"SECRET\\\"}\"}",
    };
    struct decode_rig *rig = *state;
    struct buf out;

    buf_init(&out, 4000);
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const struct event *event = decode_one(rig, bodies[i]);

        buf_clear(&out);
        event_to_json(&out, event, NULL);
        assert_null(strstr(event->raw, "SECRET"));
        assert_null(strstr(out.data, "SECRET"));
    }
    buf_free(&out);
}

static void a_property_named_event_is_not_the_event(void **state)
{
    struct decode_rig *rig = *state;
    const struct event *event = decode_one(
        rig, "{\"properties\":{\"event\":\"already limited\",\"resource\":"
             "\"recordings\"},\"event\":\"org_quota_limited_until\"}");

    assert_string_equal(event->name, "org_quota_limited_until");
    assert_int_equal(event->tone, TONE_BAD);
    assert_string_equal(event->fold, FOLD_DAY);
}

/* ---- [payload] ---- */

static void configured_paths_come_first(void **state)
{
    struct decode_rig *rig = *state;
    struct payload_paths *paths = payload_paths_new();
    const struct event *event;

    assert_true(
        payload_paths_add(paths, "event", "what.happened x", &rig->err));
    assert_true(
        payload_paths_add(paths, "person_email", "a.0.mail", &rig->err));
    assert_true(
        payload_paths_add(paths, "account_id", "key.with.dots", &rig->err));
    rig->decoder.paths = paths;
    event =
        decode_one(rig,
                   "{\"event\":\"no\",\"what\":{\"happened\":"
                   "\"cohort created\"},\"a\":[{\"mail\":\"x@y.example\"}],"
                   "\"key.with\":{\"dots\":\"" DUNES "\"}}");
    assert_string_equal(event->name, "cohort created");
    assert_text(event->person.email, "x@y.example");
    assert_text(event->account.id, DUNES);
    assert_string_equal(decode_one(rig, "{\"event\":\"x\"}")->name, "x");
    payload_paths_free(paths);
}

static void wrong_paths_are_told(void **state)
{
    struct decode_rig *rig = *state;
    struct payload_paths *paths = payload_paths_new();

    assert_false(payload_paths_add(paths, "colour", "a", &rig->err));
    assert_non_null(strstr(rig->err.text,
                           "unknown field \"colour\"; there are "
                           "event, uuid,"));
    assert_false(payload_paths_add(paths, "event", "a..b", &rig->err));
    assert_false(payload_paths_add(paths, "event", ".a", &rig->err));
    assert_false(payload_paths_add(paths, "event", "a.", &rig->err));
    payload_paths_free(paths);
}

static void the_manual_names_every_field(void **state)
{
    struct decode_rig *rig = *state;
    struct payload_paths *paths = payload_paths_new();
    const char *src = getenv("TESTS_SRC"), *at;
    char path[1024], word[80];
    size_t len;
    char *manual;

    snprintf(path, sizeof path, "%s/doc/telltale.1.in", src ? src : ".");
    manual = file_slurp(path, LIMIT_CONFIG_FILE, &len, &rig->err);
    assert_non_null(manual);
    assert_false(payload_paths_add(paths, "colour", "a", &rig->err));
    at = strstr(rig->err.text, "there are ") + strlen("there are ");
    while (*at) {
        len = strcspn(at, ",");
        snprintf(word, sizeof word, " %.*s ", (int)len, at);
        if (!strstr(manual, word))
            fail_msg("the manual does not name%s", word);
        at += len + strspn(at + len, ", ");
    }
    free(manual);
    payload_paths_free(paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DECODE_CASE(accounts_are_found_in_their_order),
        DECODE_CASE(a_new_book_labels_events_again),
        DECODE_CASE(names_that_are_addresses_or_ids_are_no_names),
        DECODE_CASE(servers_without_a_person_are_nobody),
        DECODE_CASE(clocks_are_believed_only_when_near),
        DECODE_CASE(told_history_arrives_when_it_happened),
        DECODE_CASE(keys_are_a_uuid_else_the_message_else_none),
        DECODE_CASE(raw_text_stays_as_it_came),
        DECODE_CASE(dropped_properties_are_nowhere),
        DECODE_CASE(a_property_named_event_is_not_the_event),
        DECODE_CASE(configured_paths_come_first),
        DECODE_CASE(wrong_paths_are_told),
        DECODE_CASE(the_manual_names_every_field),
    };

    return cmocka_run_group_tests_name("decode fields", tests, NULL, NULL);
}
