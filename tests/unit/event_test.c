/* event: names of numbers, the JSON form in both directions, the plain
 * line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "event/event.h"

#include "base/banned.h"

#define UUID "01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794"
#define ORIGIN "01a09ef3-0000-7bb2-a3ce-10cfe4a10794"

static const char line[] =
    "{\"seq\":7,\"uuid\":\"" UUID "\",\"event\":\"feature flag created\","
    "\"category\":\"flags\",\"tone\":\"good\","
    "\"sentence\":\"created a feature flag \xc2\xb7 3 \\\"variants\\\"\","
    "\"occurred_at\":\"2026-09-14T08:06:03.942Z\","
    "\"received_at\":\"2026-09-14T08:06:05.120Z\","
    "\"account\":{\"id\":\"becccfc8\",\"name\":\"Borealis Freight\","
    "\"listed\":true},\"person\":{\"id\":\"d1\","
    "\"email\":\"tomas@borealis.example\",\"name\":\"Tom\xc3\xa1s Herrera\"},"
    "\"hidden\":\"internal\",\"url\":\"https://us.posthog.com/x\","
    "\"session_id\":\"s-1\",\"links\":{"
    "\"replay\":\"https://us.posthog.com/project/2/replay/s-1?t=42\","
    "\"person\":null,\"event\":null},\"source\":\"webhook\","
    "\"origin\":{\"id\":\"" ORIGIN "\",\"seq\":18446744073709551615},"
    "\"properties\":{\"n\":9007199254740993,\"f\":1.50,\"s\":\"a\"}}";

static const char empty_line[] =
    "{\"seq\":0,\"uuid\":null,\"event\":\"\",\"category\":\"other\","
    "\"tone\":\"info\",\"sentence\":\"(no name)\","
    "\"occurred_at\":\"2026-09-14T08:06:03.942Z\","
    "\"received_at\":\"2026-09-14T08:06:03.942Z\","
    "\"account\":{\"id\":null,\"name\":null,\"listed\":false},"
    "\"person\":{\"id\":null,\"email\":null,\"name\":null},"
    "\"hidden\":null,\"url\":null,\"session_id\":null,"
    "\"links\":{\"replay\":null,\"person\":null,\"event\":null},"
    "\"source\":\"webhook\",\"origin\":null,\"properties\":{}}";

static void assert_comes_back(const char *json)
{
    struct arena arena = ARENA_INIT;
    struct event event;
    struct buf out;

    buf_init(&out, 4000);
    assert_true(event_from_json(json, strlen(json), &arena, &event));
    assert_true(event_to_json(&out, &event, NULL));
    assert_string_equal(out.data, json);
    buf_free(&out);
    arena_free(&arena);
}

static void the_json_form_comes_back_the_same(void **state)
{
    (void)state;
    assert_comes_back(line);
    assert_comes_back(empty_line);
}

static void an_event_of_this_journal_takes_its_id_and_seq(void **state)
{
    struct arena arena = ARENA_INIT;
    struct uuid journal;
    struct event event;
    struct buf out;

    (void)state;
    buf_init(&out, 4000);
    uuid_parse(ORIGIN, 36, &journal);
    event_from_json(empty_line, sizeof empty_line - 1, &arena, &event);
    event.seq = 12;
    event_to_json(&out, &event, &journal);
    assert_non_null(
        strstr(out.data, "\"origin\":{\"id\":\"" ORIGIN "\",\"seq\":12}"));
    buf_free(&out);
    arena_free(&arena);
}

static void what_is_no_event_is_not_read(void **state)
{
    static const char *const bad[] = {
        "",
        "7",
        "[]",
        "{}",
        "{\"event\":\"x\"}",
        "{\"event\":\"x\",\"sentence\":\"y\",\"occurred_at\":\"soon\"}",
        ("{\"event\":1,\"sentence\":\"y\","
         "\"occurred_at\":\"2026-09-14T08:06:03.942Z\"}"),
    };
    struct arena arena = ARENA_INIT;
    struct event event;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(event_from_json(bad[i], strlen(bad[i]), &arena, &event));
    arena_free(&arena);
}

static void foreign_lines_are_made_harmless(void **state)
{
    static const char hostile[] =
        "{\"event\":\"x\\u001b[2J\",\"sentence\":\"y\","
        "\"occurred_at\":\"2026-09-14T08:06:03.942Z\",\"tone\":\"shiny\","
        "\"links\":{\"replay\":\"javascript:alert(1)\"},\"new\":[1]}";
    struct arena arena = ARENA_INIT;
    struct event event;

    (void)state;
    assert_true(event_from_json(hostile, sizeof hostile - 1, &arena, &event));
    assert_null(strchr(event.name, '\x1b'));
    assert_null(event.links.replay);
    assert_int_equal(event.tone, TONE_INFO);
    assert_string_equal(event.fold, FOLD_SAME);
    arena_free(&arena);
}

static void properties_are_emitted_compact_and_verbatim(void **state)
{
    static const char raw[] = "{\"p\": { \"n\" : 1.500, \"c\":\"\xc2\x9b"
                              "2J\" } }";
    struct event event = {.raw = raw,
                          .raw_len = sizeof raw - 1,
                          .props_at = 6,
                          .props_len = sizeof raw - 1 - 6 - 2};
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    assert_true(event_properties(&out, &event));
    assert_string_equal(out.data, "{\"n\":1.500,\"c\":\"\\u009b2J\"}");
    buf_free(&out);
}

static void properties_sent_as_text_are_emitted_as_json(void **state)
{
    static const char raw[] = "\"{\\\"a\\\": 1}\"";
    struct event event = {.raw = raw,
                          .raw_len = sizeof raw - 1,
                          .props_len = sizeof raw - 1};
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    assert_true(event_properties(&out, &event));
    assert_string_equal(out.data, "{\"a\":1}");
    buf_free(&out);
}

static void the_plain_line_is_local_time_and_two_blanks(void **state)
{
    struct event event = {.occurred_at = 1789380474000,
                          .received_at = 1789380475000,
                          .category = CATEGORY_BILLING,
                          .tone = TONE_BAD,
                          .sentence = "had a payment fail",
                          .account = {.id = "b", .name = "Borealis Freight"},
                          .person = {.name = "Luc\xc3\xad"
                                             "a Mar\xc3\xadn"}};
    struct buf out;

    (void)state;
    buf_init(&out, 400);
    setenv("TZ", "CET-1", 1);
    tzset();
    event_to_line(&out, &event, false);
    assert_string_equal(out.data,
                        "2026-09-14 11:07:54  Borealis Freight  "
                        "Luc\xc3\xad"
                        "a Mar\xc3\xadn  BIL  had a payment fail  (bad)");
    buf_clear(&out);
    event = (struct event){.occurred_at = 1789380474000,
                           .received_at = 1789380475000,
                           .category = CATEGORY_AI,
                           .tone = TONE_WARN,
                           .sentence = "x",
                           .links = {.replay = "https://h/"}};
    event_to_line(&out, &event, false);
    assert_string_equal(out.data,
                        "2026-09-14 11:07:54  -  -  AI  x  (warn)  replay");
    buf_clear(&out);
    event.account.name = "Alder";
    event.person.name = "\u0639\u0645\u0631";
    event_to_line(&out, &event, true);
    assert_string_equal(out.data,
                        "2026-09-14 11:07:54  Alder  \u2068\u0639\u0645\u0631"
                        "\u2069  AI  x  (warn)  replay");
    setenv("TZ", "UTC0", 1);
    tzset();
    buf_free(&out);
}

static void a_person_is_called_by_name_address_or_id(void **state)
{
    struct arena arena = ARENA_INIT;
    struct event event = {
        .person = {.id = "d1", .email = "a.b@c", .name = "N"}};

    (void)state;
    assert_string_equal(event_person_label(&event, &arena), "N");
    event.person.name = NULL;
    assert_string_equal(event_person_label(&event, &arena), "a.b");
    event.person.email = NULL;
    assert_string_equal(event_person_label(&event, &arena), "d1");
    event.person.id = NULL;
    assert_string_equal(event_person_label(&event, &arena), "-");
    arena_free(&arena);
}

static void a_wrong_clock_does_not_count(void **state)
{
    const int64_t minute = 60000, day = 86400000, now = 1789380474000;
    struct event event = {.received_at = now};

    (void)state;
    event.occurred_at = now - 7 * day;
    assert_int_equal(event_time(&event), event.occurred_at);
    event.occurred_at = now - 7 * day - 1;
    assert_int_equal(event_time(&event), now);
    event.flags = EVENT_BACKFILLED;
    assert_int_equal(event_time(&event), event.occurred_at);
    event.occurred_at = now + 5 * minute;
    assert_int_equal(event_time(&event), event.occurred_at);
    event.occurred_at = now + 5 * minute + 1;
    assert_int_equal(event_time(&event), now);
}

static void every_number_has_a_name_that_parses_back(void **state)
{
    (void)state;
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        enum category category = CATEGORY_COUNT;

        assert_true(category_parse(category_name(i), &category));
        assert_int_equal(category, i);
        assert_int_equal(strlen(category_label(i)), 3);
        assert_non_null(category_title(i));
    }
    for (int i = 0; i < TONE_COUNT; i++) {
        enum tone tone = TONE_COUNT;

        assert_true(tone_parse(tone_name(i), &tone) && tone == (enum tone)i);
    }
    for (int i = 0; i < SOURCE_COUNT; i++) {
        enum source source = SOURCE_COUNT;

        assert_true(source_parse(source_name(i), &source) &&
                    source == (enum source)i);
    }
    for (int i = HIDDEN_NO + 1; i < HIDDEN_COUNT; i++) {
        enum hidden hidden = HIDDEN_NO;

        assert_true(hidden_parse(hidden_name(i), &hidden) &&
                    hidden == (enum hidden)i);
    }
    assert_null(hidden_name(HIDDEN_NO));
    assert_false(category_parse("Billing", &(enum category){0}));
    assert_false(tone_parse("", &(enum tone){0}));
}

static void fresh_events_come_first_in_their_order(void **state)
{
    static const unsigned flags[] = {EVENT_DUPLICATE, 0, EVENT_UNKNOWN,
                                     EVENT_DUPLICATE | EVENT_FORGOTTEN, 0};
    struct event_batch *batch = event_batch_new();
    uint64_t others = 0;

    (void)state;
    event_batch_fresh(batch);
    assert_int_equal(batch->fresh, 0);
    batch->count = 5;
    batch->events =
        arena_alloc(&batch->arena, batch->count * sizeof *batch->events);
    for (size_t i = 0; i < batch->count; i++)
        batch->events[i] = (struct event){.seq = i + 1, .flags = flags[i]};
    event_batch_fresh(batch);
    assert_int_equal(batch->fresh, 3);
    assert_int_equal(batch->count, 5);
    assert_int_equal(batch->events[0].seq, 2);
    assert_int_equal(batch->events[1].seq, 3);
    assert_int_equal(batch->events[2].seq, 5);
    for (size_t i = 3; i < 5; i++) {
        assert_true(batch->events[i].flags & EVENT_DUPLICATE);
        others += batch->events[i].seq;
    }
    assert_int_equal(others, 1 + 4);
    event_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_events_come_first_in_their_order),
        cmocka_unit_test(the_json_form_comes_back_the_same),
        cmocka_unit_test(an_event_of_this_journal_takes_its_id_and_seq),
        cmocka_unit_test(what_is_no_event_is_not_read),
        cmocka_unit_test(foreign_lines_are_made_harmless),
        cmocka_unit_test(properties_are_emitted_compact_and_verbatim),
        cmocka_unit_test(properties_sent_as_text_are_emitted_as_json),
        cmocka_unit_test(the_plain_line_is_local_time_and_two_blanks),
        cmocka_unit_test(a_person_is_called_by_name_address_or_id),
        cmocka_unit_test(a_wrong_clock_does_not_count),
        cmocka_unit_test(every_number_has_a_name_that_parses_back),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
