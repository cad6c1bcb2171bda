/* decode: bodies of every shape, and what is found in them. */
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
#include "event/decode.h"

#include "base/banned.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define NOW INT64_C(1789373165000) /* 2026-09-14 08:06:05 */
#define UUID "01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794"
#define BOREALIS "becccfc8-9252-4f2f-983e-4eeaaac45350"
#define DUNES "49b0761a-a1aa-4a9b-bd41-4344bf0cdf4a"

static const char book_text[] =
    "organization_id,organization_name,domains\n" BOREALIS
    ",Borealis Freight,borealis.example\n" DUNES ",\"Dunes Health, Inc.\",\n";

/* One body decoded; free with done(). */
struct fixture {
    struct decoder decoder;
    struct arrival arrival;
    struct catalog *catalog;
    struct book *book;
    struct redaction *redaction;
    struct event_batch *batch;
    struct decoded decoded;
    struct err err;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->catalog = catalog_new();
    f->book = book_read("accounts.csv", book_text, sizeof book_text - 1, NULL,
                        &f->err);
    f->redaction = redaction_new_prompts("");
    f->decoder = (struct decoder){.catalog = f->catalog,
                                  .book = f->book,
                                  .redaction = f->redaction};
    f->arrival = (struct arrival){.received_at = NOW};
    f->batch = event_batch_new();
    *state = f;
    return f->book ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    event_batch_free(f->batch);
    redaction_free(f->redaction);
    book_free(f->book);
    catalog_free(f->catalog);
    free(f);
    return 0;
}

static bool decode_bytes(struct fixture *f, const char *body, size_t len)
{
    event_batch_free(f->batch);
    f->batch = event_batch_new();
    return decode_body(&f->decoder, &f->arrival, body, len, f->batch,
                       &f->decoded, &f->err);
}

static bool decode(struct fixture *f, const char *body)
{
    return decode_bytes(f, body, strlen(body));
}

/* The only event of body. */
static const struct event *one(struct fixture *f, const char *body)
{
    if (!decode(f, body))
        fail_msg("%s: %s", f->err.text, body);
    assert_int_equal(f->batch->count, 1);
    assert_int_equal(f->decoded.events, 1);
    return &f->batch->events[0];
}

static void assert_text(const char *have, const char *want)
{
    if (want)
        assert_string_equal(have ? have : "(null)", want);
    else
        assert_null(have);
}

/* ---- shapes ---- */

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
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(bodies); i++) {
        const struct event *event = one(f, bodies[i]);
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
    struct fixture *f = *state;

    assert_true(decode(f, "[{\"event\":\"a\"},[{\"event\":\"b\"}],3]"));
    assert_int_equal(f->batch->count, 3);
    assert_string_equal(f->batch->events[0].name, "a");
    assert_string_equal(f->batch->events[1].name, "b");
    assert_string_equal(f->batch->events[2].raw, "3");
    assert_int_equal(f->decoded.shapeless, 1);
    assert_true(decode(f, "[]"));
    assert_int_equal(f->batch->count, 0);
}

static void lines_of_json_are_events(void **state)
{
    struct fixture *f = *state;

    assert_true(decode(f, "{\"event\":\"a\"}\r\n\n{\"event\":\"b\"}\n"));
    assert_int_equal(f->batch->count, 2);
    assert_string_equal(f->batch->events[1].raw, "{\"event\":\"b\"}");
    assert_false(decode(f, "{\"event\":\"a\"}\n{\"event\":}\n"));
    assert_string_equal(f->err.text,
                        "line 2: not JSON: an unexpected character at byte 9");
    assert_int_equal(f->batch->count, 0);
    assert_int_equal(f->decoded.events, 0);
}

static void forms_are_read_as_what_they_hold(void **state)
{
    struct fixture *f = *state;
    const struct event *event;

    f->arrival.content_type =
        "application/x-www-form-urlencoded; charset=utf-8";
    event = one(f, "email=ben%40cobaltkitchen.example&event=insight+created");
    assert_string_equal(event->name, "insight created");
    assert_text(event->person.email, "ben@cobaltkitchen.example");
    assert_string_equal(event->raw, "{\"email\":\"ben@cobaltkitchen.example\","
                                    "\"event\":\"insight created\"}");
    event = one(f, "payload=%7B%22event%22%3A%22a%22%7D&x=1");
    assert_string_equal(event->raw, "{\"event\":\"a\"}");
    event = one(f, "event=x&person%5Bemail%5D=a%40b.example&p[]=1&c[d][e]=2");
    assert_text(event->person.email, "a@b.example");
    assert_string_equal(event->raw,
                        "{\"event\":\"x\",\"person.email\":\"a@b.example\","
                        "\"p\":\"1\",\"c.d.e\":\"2\"}");
    /* curl -d says "form" of anything */
    event = one(f, "{\"event\":\"insight created\"}");
    assert_string_equal(event->name, "insight created");
    assert_false(decode(f, "a=%ff"));
    assert_string_equal(f->err.text, "in the form: invalid UTF-8 at byte 6");
    f->arrival.content_type = "text/plain";
    assert_false(decode(f, "event=insight+created"));
    f->arrival.content_type = NULL;
    assert_int_equal(one(f, "payload=[{\"event\":\"a\"}]")->flags &
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
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct event *event = one(f, cases[i].body);

        assert_string_equal(event->sentence, cases[i].sentence);
        assert_string_equal(event->name, cases[i].name);
        assert_text(event->person.name, cases[i].person);
    }
    assert_int_equal(one(f, cases[2].body)->tone, TONE_BAD);
    assert_text(one(f, cases[0].body)->links.person,
                "https://us.posthog.com/project/2/person/x");
}

static void what_fits_no_shape_is_kept_with_what_can_be_found(void **state)
{
    struct fixture *f = *state;
    const struct event *event =
        one(f, "{\"who\":{\"mail\":\"omar@dunes.example\"},\"w\":[\"" DUNES
               "\"],\"see\":\"https://x.example/y\"}");

    assert_int_equal(event->flags, EVENT_SHAPELESS);
    assert_int_equal(event->category, CATEGORY_OTHER);
    assert_text(event->person.email, "omar@dunes.example");
    assert_text(event->account.name, "Dunes Health, Inc.");
    assert_text(event->url, "https://x.example/y");
    assert_int_equal(f->decoded.shapeless, 1);
    assert_int_equal(f->decoded.unknown, 0);
    assert_int_equal(one(f, "{}")->flags, EVENT_SHAPELESS);
    assert_int_equal(one(f, "42")->flags, EVENT_SHAPELESS);
    assert_int_equal(one(f, "null")->flags, EVENT_SHAPELESS);
}

static void a_template_never_filled_in_is_said_so(void **state)
{
    static const char *const bodies[] = {
        ("{\"uuid\":\"{event.uuid}\",\"event\":\"{event.event}\","
         "\"user_email\":\"{person.properties.email}\"}"),
        "{\"event\":\"{event}\",\"person\":\"{person}\"}",
        "{\"event\":\"{{ event.event }}\"}",
    };
    struct fixture *f = *state;

    f->arrival.webhook_id = "msg_1";
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const struct event *event = one(f, bodies[i]);

        assert_int_equal(event->flags, EVENT_UNRENDERED);
        assert_int_equal(event->category, CATEGORY_OTHER);
        assert_string_equal(event->sentence,
                            "sent a template that PostHog did not fill in");
        assert_false(event->has_uuid);
        assert_null(event->key);
        assert_null(event->person.email);
        assert_int_equal(f->decoded.unrendered, 1);
    }
    /* half of it, the name typed by hand */
    assert_int_equal(one(f, "{\"event\":\"cohort created\",\"email\":"
                            "\"{person.properties.email}\"}")
                         ->flags,
                     EVENT_UNRENDERED);
    assert_int_equal(one(f, "{\"event\":\"{curly}\"}")->flags, EVENT_UNKNOWN);
}

static void bodies_that_are_none_are_refused_and_leave_nothing(void **state)
{
    static const char *const bad[] = {"",     " ",     "hello",
                                      "{",    "[1,2",  "{\"a\":NaN}",
                                      "\xff", "<html>"};
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(decode(f, bad[i]));
        assert_int_equal(f->batch->count, 0);
        assert_int_equal(f->batch->arena.used, 0);
        assert_true(*f->err.text);
    }
    assert_false(decode_bytes(f, "{\"a\":\"\0\"}", 9));
}

static void a_body_holds_so_many_events_and_no_more(void **state)
{
    struct fixture *f = *state;
    size_t len = 2 * (LIMIT_EVENTS_PER_BODY + 1) + 1;
    char *body = malloc(len);

    for (size_t i = 0; i < len; i++)
        body[i] = i % 2 ? '7' : ',';
    body[0] = '[';
    body[len - 1] = ']';
    assert_false(decode_bytes(f, body, len));
    assert_string_equal(f->err.text, "more than 10000 events in one body");
    body[len - 3] = ']';
    assert_true(decode_bytes(f, body, len - 2));
    assert_int_equal(f->batch->count, LIMIT_EVENTS_PER_BODY);
    free(body);
}

static void lists_in_lists_end_somewhere(void **state)
{
    static const char open[] = "{\"batch\":[{\"event\":\"x\"},";
    struct fixture *f = *state;
    struct buf body;

    buf_init(&body, LIMIT_BODY);
    for (int i = 0; i < 300; i++)
        buf_adds(&body, open);
    buf_adds(&body, "1");
    for (int i = 0; i < 300; i++)
        buf_adds(&body, "]}");
    assert_true(decode_bytes(f, body.data, body.len));
    assert_true(f->batch->count > 2 && f->batch->count < 10);
    assert_true(f->batch->bytes < 2 * body.len);
    buf_free(&body);
}

static void an_object_of_very_many_keys_is_an_event(void **state)
{
    struct fixture *f = *state;
    struct buf body;

    buf_init(&body, LIMIT_BODY);
    buf_adds(&body, "{\"event\":\"x\"");
    for (int i = 0; i < 50000; i++)
        buf_addf(&body, ",\"key%d\":%d", i, i);
    buf_addc(&body, '}');
    assert_string_equal(one(f, body.data)->name, "x");
    buf_free(&body);
}

static void deep_bodies_are_taken_up_to_the_parsers_limit(void **state)
{
    struct fixture *f = *state;
    char *body = malloc(2 * LIMIT_JSON_DEPTH + 2);

    memset(body, '[', LIMIT_JSON_DEPTH + 1);
    memset(body + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    assert_true(decode_bytes(f, body, 2 * LIMIT_JSON_DEPTH));
    memset(body, '[', LIMIT_JSON_DEPTH + 1);
    memset(body + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    assert_false(decode_bytes(f, body, 2 * LIMIT_JSON_DEPTH + 2));
    free(body);
}

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
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct event *event = one(f, cases[i].body);

        assert_text(event->account.id, cases[i].id);
        assert_int_equal(event->account.listed, cases[i].listed);
        assert_int_equal(f->decoded.unlisted, cases[i].id && !cases[i].listed);
    }
}

static void a_new_book_labels_events_again(void **state)
{
    struct fixture *f = *state;
    struct event event = *one(f, "{\"event\":\"x\",\"org_id\":\"" DUNES "\"}");

    decode_relabel(NULL, &event, &f->batch->arena);
    assert_false(event.account.listed);
    assert_text(event.account.name, "Dunes Health, Inc.");
    decode_relabel(f->book, &event, &f->batch->arena);
    assert_true(event.account.listed);
}

static void names_that_are_addresses_or_ids_are_no_names(void **state)
{
    struct fixture *f = *state;
    const struct event *event =
        one(f, "{\"event\":{\"event\":\"x\",\"distinct_id\":\"d\"},"
               "\"person\":{\"name\":\"a@borealis.example\"}}");

    assert_null(event->person.name);
    assert_text(event->person.email, "a@borealis.example");
    event = one(f, "{\"event\":{\"event\":\"x\",\"distinct_id\":\"d\"},"
                   "\"person\":{\"name\":\"d\"}}");
    assert_null(event->person.name);
    event = one(f, "{\"event\":\"x\",\"distinct_id\":\"a@dunes.example\"}");
    assert_text(event->person.email, "a@dunes.example");
}

static void servers_without_a_person_are_nobody(void **state)
{
    struct fixture *f = *state;

    assert_null(
        one(f, "{\"event\":\"x\",\"distinct_id\":\"team_7\"}")->person.id);
    assert_null(
        one(f, "{\"event\":\"x\",\"distinct_id\":\"" UUID "\"}")->person.id);
    assert_null(one(f, "{\"event\":\"x\",\"distinct_id\":\"d\","
                       "\"properties\":{\"$process_person_profile\":false}}")
                    ->person.id);
    assert_text(one(f, "{\"event\":\"x\",\"distinct_id\":\"" UUID "\","
                       "\"session_id\":\"s\"}")
                    ->person.id,
                UUID);
    assert_text(
        one(f, "{\"event\":\"x\",\"distinct_id\":\"invite_1\"}")->person.id,
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
    struct fixture *f = *state;
    char body[200];

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct event *event;

        snprintf(body, sizeof body,
                 "{\"event\":\"cohort created\",\"timestamp\":%s}",
                 cases[i].time);
        event = one(f, body);
        assert_int_equal(event->occurred_at, cases[i].occurred);
        assert_int_equal(event->received_at, NOW);
        assert_int_equal(event->flags, cases[i].flags);
    }
}

static void told_history_arrives_when_it_happened(void **state)
{
    struct fixture *f = *state;
    const struct event *event;

    f->arrival.follow_clock = true;
    event = one(f, "{\"event\":\"cohort created\","
                   "\"timestamp\":\"2026-06-01T00:00:00Z\"}");
    assert_int_equal(event->received_at, event->occurred_at);
    assert_int_equal(event->flags, 0);
}

/* ---- keys ---- */

static void keys_are_a_uuid_else_the_message_else_none(void **state)
{
    struct fixture *f = *state;

    assert_null(one(f, "{\"event\":\"x\"}")->key);
    f->arrival.webhook_id = "msg_1";
    assert_text(one(f, "{\"event\":\"x\"}")->key, "msg_1");
    assert_null(one(f, "{\"event\":\"x\",\"uuid\":\"" UUID "\"}")->key);
    assert_text(one(f, "{\"event\":\"x\",\"uuid\":\"\"}")->key, "msg_1");
    assert_text(one(f, "{\"event\":\"x\",\"uuid\":\"event-id\"}")->key,
                "msg_1");
    assert_text(one(f, "{\"event\":\"x\",\"uuid\":"
                       "\"00000000-0000-0000-0000-000000000000\"}")
                    ->key,
                "msg_1");
    assert_true(decode(f, "[{\"event\":\"x\"},{\"event\":\"y\"}]"));
    assert_text(f->batch->events[0].key, "msg_1/0");
    assert_text(f->batch->events[1].key, "msg_1/1");
    f->arrival.webhook_id = "";
    assert_null(one(f, "{\"event\":\"x\"}")->key);
}

/* ---- raw and properties ---- */

static const char *props(struct fixture *f, const struct event *event,
                         struct buf *out)
{
    (void)f;
    buf_clear(out);
    event_properties(out, event);
    return out->data;
}

static void raw_text_stays_as_it_came(void **state)
{
    static const char body[] =
        " {\"event\":\"x\" , \"properties\":{ \"n\":9007199254740993,"
        "\"f\":1.50,\"u\":\"\\ud83d \\u0000\"}} ";
    struct fixture *f = *state;
    const struct event *event = one(f, body);
    struct buf out;

    buf_init(&out, 1000);
    assert_int_equal(event->raw_len, sizeof body - 3);
    assert_memory_equal(event->raw, body + 1, event->raw_len);
    assert_int_equal(event->raw[event->raw_len], 0);
    assert_string_equal(props(f, event, &out),
                        "{\"n\":9007199254740993,\"f\":1.50,"
                        "\"u\":\"\\ud83d \\u0000\"}");
    event = one(f, "{\"event\":\"x\",\"a\":1}");
    assert_string_equal(props(f, event, &out), "{\"event\":\"x\",\"a\":1}");
    event = one(f, "{\"event\":\"x\",\"properties\":null}");
    assert_string_equal(props(f, event, &out), "{}");
    event = one(f, "{\"event\":\"x\",\"properties\":[1,\"two\"]}");
    assert_string_equal(props(f, event, &out), "[1,\"two\"]");
    event = one(f, "{\"event\":\"dashboard created\",\"properties\":"
                   "\"{\\\"name\\\": \\\"Weekly\\\"}\"}");
    assert_string_equal(props(f, event, &out), "{\"name\":\"Weekly\"}");
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
    struct fixture *f = *state;
    struct buf out;

    buf_init(&out, 4000);
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const struct event *event = one(f, bodies[i]);

        buf_clear(&out);
        event_to_json(&out, event, NULL);
        assert_null(strstr(event->raw, "SECRET"));
        assert_null(strstr(out.data, "SECRET"));
    }
    buf_free(&out);
}

static void a_property_named_event_is_not_the_event(void **state)
{
    struct fixture *f = *state;
    const struct event *event =
        one(f, "{\"properties\":{\"event\":\"already limited\",\"resource\":"
               "\"recordings\"},\"event\":\"org_quota_limited_until\"}");

    assert_string_equal(event->name, "org_quota_limited_until");
    assert_int_equal(event->tone, TONE_BAD);
    assert_string_equal(event->fold, FOLD_DAY);
}

/* ---- [payload] ---- */

static void configured_paths_come_first(void **state)
{
    struct fixture *f = *state;
    struct payload_paths *paths = payload_paths_new();
    const struct event *event;

    assert_true(payload_paths_add(paths, "event", "what.happened x", &f->err));
    assert_true(payload_paths_add(paths, "person_email", "a.0.mail", &f->err));
    assert_true(
        payload_paths_add(paths, "account_id", "key.with.dots", &f->err));
    f->decoder.paths = paths;
    event = one(f, "{\"event\":\"no\",\"what\":{\"happened\":"
                   "\"cohort created\"},\"a\":[{\"mail\":\"x@y.example\"}],"
                   "\"key.with\":{\"dots\":\"" DUNES "\"}}");
    assert_string_equal(event->name, "cohort created");
    assert_text(event->person.email, "x@y.example");
    assert_text(event->account.id, DUNES);
    assert_string_equal(one(f, "{\"event\":\"x\"}")->name, "x");
    payload_paths_free(paths);
}

static void wrong_paths_are_told(void **state)
{
    struct fixture *f = *state;
    struct payload_paths *paths = payload_paths_new();

    assert_false(payload_paths_add(paths, "colour", "a", &f->err));
    assert_non_null(strstr(f->err.text, "unknown field \"colour\"; there are "
                                        "event, uuid,"));
    assert_false(payload_paths_add(paths, "event", "a..b", &f->err));
    assert_false(payload_paths_add(paths, "event", ".a", &f->err));
    assert_false(payload_paths_add(paths, "event", "a.", &f->err));
    payload_paths_free(paths);
}

static void the_manual_names_every_field(void **state)
{
    struct fixture *f = *state;
    struct payload_paths *paths = payload_paths_new();
    const char *src = getenv("TESTS_SRC"), *at;
    char path[1024], word[80];
    size_t len;
    char *manual;

    snprintf(path, sizeof path, "%s/doc/telltale.1.in", src ? src : ".");
    manual = file_slurp(path, LIMIT_CONFIG_FILE, &len, &f->err);
    assert_non_null(manual);
    assert_false(payload_paths_add(paths, "colour", "a", &f->err));
    at = strstr(f->err.text, "there are ") + strlen("there are ");
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_same_event_is_found_in_every_shape),
        CASE(lists_give_their_events_in_order),
        CASE(lines_of_json_are_events),
        CASE(forms_are_read_as_what_they_hold),
        CASE(messages_become_sentences),
        CASE(what_fits_no_shape_is_kept_with_what_can_be_found),
        CASE(a_template_never_filled_in_is_said_so),
        CASE(bodies_that_are_none_are_refused_and_leave_nothing),
        CASE(a_body_holds_so_many_events_and_no_more),
        CASE(lists_in_lists_end_somewhere),
        CASE(an_object_of_very_many_keys_is_an_event),
        CASE(deep_bodies_are_taken_up_to_the_parsers_limit),
        CASE(accounts_are_found_in_their_order),
        CASE(a_new_book_labels_events_again),
        CASE(names_that_are_addresses_or_ids_are_no_names),
        CASE(servers_without_a_person_are_nobody),
        CASE(clocks_are_believed_only_when_near),
        CASE(told_history_arrives_when_it_happened),
        CASE(keys_are_a_uuid_else_the_message_else_none),
        CASE(raw_text_stays_as_it_came),
        CASE(dropped_properties_are_nowhere),
        CASE(a_property_named_event_is_not_the_event),
        CASE(configured_paths_come_first),
        CASE(wrong_paths_are_told),
        CASE(the_manual_names_every_field),
    };

    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
