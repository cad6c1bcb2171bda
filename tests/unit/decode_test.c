/* decode: bodies of every shape, and those that are none. What is found in
 * them is decode_fields_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/decode_rig.h"

#include "base/banned.h"

static void the_same_event_is_found_in_every_shape(void **state)
{
    static const char *const bodies[] = {
        /* ours */
        "{\"v\":1,\"uuid\":\"" UUID "\",\"event\":\"cohort created\","
        "\"timestamp\":\"2026-09-14T08:06:03.942Z\",\"distinct_id\":\"d\","
        "\"user_email\":\"tomas@borealis.example\","
        "\"org_id\":\"" BOREALIS "\",\"properties\":{\"a\":1}}",
        /* PostHog's default body */
        "{\"event\":{\"uuid\":\"" UUID "\",\"event\":\"cohort created\","
        "\"distinct_id\":\"d\",\"timestamp\":\"2026-09-14T08:06:03.942Z\","
        "\"properties\":{\"$groups\":{\"organization\":\"" BOREALIS
        "\"}}},\"person\":{\"properties\":{\"email\":"
        "\"tomas@borealis.example\"}}}",
        /* whole globals */
        "{\"project\":{\"id\":2,\"url\":\"https://us.posthog.com/project/2\"},"
        "\"source\":{\"name\":\"s\",\"url\":\"x\"},\"event\":{\"uuid\":\"" UUID
        "\",\"event\":\"cohort created\",\"distinct_id\":\"d\","
        "\"timestamp\":\"2026-09-14T08:06:03.942Z\",\"properties\":{}},"
        "\"person\":{\"id\":\"p\",\"properties\":{\"email\":"
        "\"tomas@borealis.example\"}},\"groups\":{\"organization\":{\"id\":"
        "\"" BOREALIS "\",\"properties\":{\"name\":\"Borealis\"}}}}",
        /* made by hand */
        "{\"event_name\":\"cohort created\",\"uuid\":\"" UUID "\","
        "\"time\":1789373163942,\"user_id\":\"d\","
        "\"email\":\"tomas@borealis.example\","
        "\"organization\":\"" BOREALIS "\"}",
        /* Zapier */
        "{\"hook\":{\"id\":\"x\",\"event\":{\"event\":\"cohort created\"}},"
        "\"data\":{\"eventUuid\":\"" UUID "\",\"event\":\"cohort created\","
        "\"distinctId\":\"d\",\"timestamp\":\"2026-09-14T08:06:03.942Z\","
        "\"properties\":{\"$group_0\":\"" BOREALIS "\"},\"person\":{"
        "\"properties\":{\"email\":\"tomas@borealis.example\"}}}}",
        /* Segment */
        "{\"type\":\"track\",\"event\":\"cohort created\",\"userId\":\"d\","
        "\"uuid\":\"" UUID "\",\"timestamp\":\"2026-09-14T08:06:03.942Z\","
        "\"properties\":{},\"context\":{\"groupId\":\"" BOREALIS
        "\",\"traits\":{\"email\":\"tomas@borealis.example\"}}}",
        /* another telltale */
        "{\"seq\":9,\"uuid\":\"" UUID "\",\"event\":\"cohort created\","
        "\"occurred_at\":\"2026-09-14T08:06:03.942Z\",\"account\":{\"id\":"
        "\"" BOREALIS "\"},\"person\":{\"id\":\"d\",\"email\":"
        "\"tomas@borealis.example\",\"name\":null},\"properties\":{}}",
        /* a gateway's envelope */
        "{\"requestId\":\"r\",\"body\":{\"event\":\"cohort created\","
        "\"uuid\":\"" UUID "\",\"timestamp\":\"2026-09-14T08:06:03.942Z\","
        "\"distinct_id\":\"d\",\"email\":\"tomas@borealis.example\","
        "\"org_id\":\" " BOREALIS " \"}}",
        /* the same as text */
        "{\"requestId\":\"r\",\"body\":\"{\\\"event\\\":\\\"cohort created"
        "\\\",\\\"uuid\\\":\\\"" UUID "\\\",\\\"timestamp\\\":"
        "\\\"2026-09-14T08:06:03.942Z\\\",\\\"distinct_id\\\":\\\"d\\\","
        "\\\"email\\\":\\\"tomas@borealis.example\\\"}\"}",
        /* JSON in a string */
        "\"{\\\"event\\\":\\\"cohort created\\\",\\\"uuid\\\":\\\"" UUID
        "\\\",\\\"timestamp\\\":\\\"2026-09-14T08:06:03.942Z\\\","
        "\\\"distinct_id\\\":\\\"d\\\",\\\"email\\\":"
        "\\\"tomas@borealis.example\\\"}\"",
        /* a batch of one */
        "{\"batch\":[{\"event\":\"cohort created\",\"uuid\":\"" UUID "\","
        "\"timestamp\":\"2026-09-14T08:06:03.942Z\",\"properties\":{"
        "\"distinct_id\":\"d\",\"$set\":{\"email\":"
        "\"tomas@borealis.example\"}}}]}",
    };
    struct decode_rig *rig = *state;

    for (size_t i = 0; i < COUNT(bodies); i++) {
        const struct event *event = decode_one(rig, bodies[i]);
        char uuid[UUID_TEXT_SIZE];

        uuid_format(&event->uuid, uuid);
        assert_true(event->has_uuid);
        assert_string_equal(uuid, UUID);
        assert_string_equal(event->name, "cohort created");
        assert_int_equal(event->category, CATEGORY_ANALYTICS);
        assert_int_equal(event->occurred_at, 1789373163942);
        assert_int_equal(event->received_at, NOW);
        assert_text(event->person.id, "d");
        assert_text(event->person.email, "tomas@borealis.example");
        assert_text(event->account.id, BOREALIS);
        assert_text(event->account.name, "Borealis Freight");
        assert_true(event->account.listed);
        assert_int_equal(event->flags, 0);
    }
}

static void lists_give_their_events_in_order(void **state)
{
    struct decode_rig *rig = *state;

    assert_true(decode_text(rig, "[{\"event\":\"a\"},[{\"event\":\"b\"}],3]"));
    assert_int_equal(rig->batch->count, 3);
    assert_string_equal(rig->batch->events[0].name, "a");
    assert_string_equal(rig->batch->events[1].name, "b");
    assert_string_equal(rig->batch->events[2].raw, "3");
    assert_int_equal(rig->decoded.shapeless, 1);
    assert_true(decode_text(rig, "[]"));
    assert_int_equal(rig->batch->count, 0);
}

static void lines_of_json_are_events(void **state)
{
    struct decode_rig *rig = *state;

    assert_true(
        decode_text(rig, "{\"event\":\"a\"}\r\n\n{\"event\":\"b\"}\n"));
    assert_int_equal(rig->batch->count, 2);
    assert_string_equal(rig->batch->events[1].raw, "{\"event\":\"b\"}");
    assert_false(decode_text(rig, "{\"event\":\"a\"}\n{\"event\":}\n"));
    assert_string_equal(rig->err.text,
                        "line 2: not JSON: an unexpected character at byte 9");
    assert_int_equal(rig->batch->count, 0);
    assert_int_equal(rig->decoded.events, 0);
}

static void forms_are_read_as_what_they_hold(void **state)
{
    static const char *const holders[] = {"payload", "data", "body", "json"};
    struct decode_rig *rig = *state;
    const struct event *event;

    rig->arrival.content_type =
        "application/x-www-form-urlencoded; charset=utf-8";
    event =
        decode_one(rig,
                   "email=ben%40cobaltkitchen.example&event=insight+created");
    assert_string_equal(event->name, "insight created");
    assert_text(event->person.email, "ben@cobaltkitchen.example");
    assert_string_equal(event->raw, "{\"email\":\"ben@cobaltkitchen.example\","
                                    "\"event\":\"insight created\"}");
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++) {
        char form[80];

        snprintf(form, sizeof form,
                 "event=b&%s=%%7B%%22event%%22%%3A%%22a%%22%%7D&x=1",
                 holders[i]);
        event = decode_one(rig, form);
        assert_string_equal(event->raw, "{\"event\":\"a\"}");
    }
    event = decode_one(rig, "event=b&json=none");
    assert_string_equal(event->raw, "{\"event\":\"b\",\"json\":\"none\"}");
    event =
        decode_one(rig,
                   "event=x&person%5Bemail%5D=a%40b.example&p[]=1&c[d][e]=2");
    assert_text(event->person.email, "a@b.example");
    assert_string_equal(event->raw,
                        "{\"event\":\"x\",\"person.email\":\"a@b.example\","
                        "\"p\":\"1\",\"c.d.e\":\"2\"}");
    /* curl -d says "form" of anything */
    event = decode_one(rig, "{\"event\":\"insight created\"}");
    assert_string_equal(event->name, "insight created");
    assert_false(decode_text(rig, "a=%ff"));
    assert_string_equal(rig->err.text, "in the form: invalid UTF-8 at byte 6");
    rig->arrival.content_type = "text/plain";
    assert_false(decode_text(rig, "event=insight+created"));
    rig->arrival.content_type = NULL;
    assert_int_equal(decode_one(rig, "payload=[{\"event\":\"a\"}]")->flags &
                         EVENT_SHAPELESS,
                     0);
}

static void messages_become_sentences(void **state)
{
    static const struct {
        const char *body, *sentence, *name, *person;
    } cases[] = {
        {"{\"text\":\"[Maya Okafor](https://us.posthog.com/project/2/person/x)"
         " triggered action [Signed up](https://us.posthog.com/project/2/"
         "action/7)\"}",
         "triggered action Signed up", "", "Maya Okafor"},
        {"{\"text\":\"plain\",\"blocks\":[{\"type\":\"section\",\"text\":{"
         "\"type\":\"mrkdwn\",\"text\":\"*Maya Okafor* triggered event: "
         "'insight created'\"}}]}",
         "created an insight", "insight created", "Maya Okafor"},
        {"{\"title\":\"Alert firing\",\"summary\":\"down 31%\","
         "\"kind\":\"alert\",\"severity\":\"critical\"}",
         "Alert firing \xc2\xb7 down 31%", "alert", NULL},
        {"{\"message\":\"a\\nb\\u001b[2J\"}", "a b\xef\xbf\xbd[2J", "", NULL},
        {"{\"type\":\"page\"}", "page", "page", NULL},
        {"\"hello\"", "hello", "", NULL},
    };
    struct decode_rig *rig = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct event *event = decode_one(rig, cases[i].body);

        assert_string_equal(event->sentence, cases[i].sentence);
        assert_string_equal(event->name, cases[i].name);
        assert_text(event->person.name, cases[i].person);
    }
    assert_int_equal(decode_one(rig, cases[2].body)->tone, TONE_BAD);
    assert_text(decode_one(rig, cases[0].body)->links.person,
                "https://us.posthog.com/project/2/person/x");
}

static void what_fits_no_shape_is_kept_with_what_can_be_found(void **state)
{
    struct decode_rig *rig = *state;
    const struct event *event =
        decode_one(rig,
                   "{\"who\":{\"mail\":\"omar@dunes.example\"},\"w\":[\"" DUNES
                   "\"],\"see\":\"https://x.example/y\"}");

    assert_int_equal(event->flags, EVENT_SHAPELESS);
    assert_int_equal(event->category, CATEGORY_OTHER);
    assert_text(event->person.email, "omar@dunes.example");
    assert_text(event->account.name, "Dunes Health, Inc.");
    assert_text(event->url, "https://x.example/y");
    assert_int_equal(rig->decoded.shapeless, 1);
    assert_int_equal(rig->decoded.unknown, 0);
    assert_int_equal(decode_one(rig, "{}")->flags, EVENT_SHAPELESS);
    assert_int_equal(decode_one(rig, "42")->flags, EVENT_SHAPELESS);
    assert_int_equal(decode_one(rig, "null")->flags, EVENT_SHAPELESS);
}

static void a_template_never_filled_in_is_said_so(void **state)
{
    static const char *const bodies[] = {
        ("{\"uuid\":\"{event.uuid}\",\"event\":\"{event.event}\","
         "\"user_email\":\"{person.properties.email}\"}"),
        "{\"event\":\"{event}\",\"person\":\"{person}\"}",
        "{\"event\":\"{{ event.event }}\"}",
    };
    struct decode_rig *rig = *state;

    rig->arrival.webhook_id = "msg_1";
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const struct event *event = decode_one(rig, bodies[i]);

        assert_int_equal(event->flags, EVENT_UNRENDERED);
        assert_int_equal(event->category, CATEGORY_OTHER);
        assert_string_equal(event->sentence,
                            "sent a template that PostHog did not fill in");
        assert_false(event->has_uuid);
        assert_null(event->key);
        assert_null(event->person.email);
        assert_int_equal(rig->decoded.unrendered, 1);
    }
    /* half of it, the name typed by hand */
    assert_int_equal(decode_one(rig, "{\"event\":\"cohort created\",\"email\":"
                                     "\"{person.properties.email}\"}")
                         ->flags,
                     EVENT_UNRENDERED);
    assert_int_equal(decode_one(rig, "{\"event\":\"{curly}\"}")->flags,
                     EVENT_UNKNOWN);
}

static void bodies_that_are_none_are_refused_and_leave_nothing(void **state)
{
    static const char *const bad[] = {"",     " ",     "hello",
                                      "{",    "[1,2",  "{\"a\":NaN}",
                                      "\xff", "<html>"};
    struct decode_rig *rig = *state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(decode_text(rig, bad[i]));
        assert_int_equal(rig->batch->count, 0);
        assert_int_equal(rig->batch->arena.used, 0);
        assert_true(*rig->err.text);
    }
    assert_false(decode_bytes(rig, "{\"a\":\"\0\"}", 9));
}

static void a_body_holds_so_many_events_and_no_more(void **state)
{
    struct decode_rig *rig = *state;
    size_t len = 2 * (LIMIT_EVENTS_PER_BODY + 1) + 1;
    char *body = malloc(len);

    for (size_t i = 0; i < len; i++)
        body[i] = i % 2 ? '7' : ',';
    body[0] = '[';
    body[len - 1] = ']';
    assert_false(decode_bytes(rig, body, len));
    assert_string_equal(rig->err.text, "more than 10000 events in one body");
    body[len - 3] = ']';
    assert_true(decode_bytes(rig, body, len - 2));
    assert_int_equal(rig->batch->count, LIMIT_EVENTS_PER_BODY);
    free(body);
}

static void lists_in_lists_end_somewhere(void **state)
{
    static const char open[] = "{\"batch\":[{\"event\":\"x\"},";
    struct decode_rig *rig = *state;
    struct buf body;

    buf_init(&body, LIMIT_BODY);
    for (int i = 0; i < 300; i++)
        buf_adds(&body, open);
    buf_adds(&body, "1");
    for (int i = 0; i < 300; i++)
        buf_adds(&body, "]}");
    assert_true(decode_bytes(rig, body.data, body.len));
    assert_true(rig->batch->count > 2 && rig->batch->count < 10);
    assert_true(rig->batch->bytes < 2 * body.len);
    buf_free(&body);
}

static void an_object_of_very_many_keys_is_an_event(void **state)
{
    struct decode_rig *rig = *state;
    struct buf body;

    buf_init(&body, LIMIT_BODY);
    buf_adds(&body, "{\"event\":\"x\"");
    for (int i = 0; i < 50000; i++)
        buf_addf(&body, ",\"key%d\":%d", i, i);
    buf_addc(&body, '}');
    assert_string_equal(decode_one(rig, body.data)->name, "x");
    buf_free(&body);
}

static void deep_bodies_are_taken_up_to_the_parsers_limit(void **state)
{
    struct decode_rig *rig = *state;
    char *body = malloc(2 * LIMIT_JSON_DEPTH + 2);

    memset(body, '[', LIMIT_JSON_DEPTH + 1);
    memset(body + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    assert_true(decode_bytes(rig, body, 2 * LIMIT_JSON_DEPTH));
    memset(body, '[', LIMIT_JSON_DEPTH + 1);
    memset(body + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    assert_false(decode_bytes(rig, body, 2 * LIMIT_JSON_DEPTH + 2));
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DECODE_CASE(the_same_event_is_found_in_every_shape),
        DECODE_CASE(lists_give_their_events_in_order),
        DECODE_CASE(lines_of_json_are_events),
        DECODE_CASE(forms_are_read_as_what_they_hold),
        DECODE_CASE(messages_become_sentences),
        DECODE_CASE(what_fits_no_shape_is_kept_with_what_can_be_found),
        DECODE_CASE(a_template_never_filled_in_is_said_so),
        DECODE_CASE(bodies_that_are_none_are_refused_and_leave_nothing),
        DECODE_CASE(a_body_holds_so_many_events_and_no_more),
        DECODE_CASE(lists_in_lists_end_somewhere),
        DECODE_CASE(an_object_of_very_many_keys_is_an_event),
        DECODE_CASE(deep_bodies_are_taken_up_to_the_parsers_limit),
    };

    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
