/* The lines of an export: they come back as they were, and what comes from
 * elsewhere is held against what is allowed here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "event/archive.h"
#include "event/redact.h"

#include "base/banned.h"

#define UUID "01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794"
#define PROJECT "https://us.posthog.com/project/2"
#define WHEN "\"occurred_at\":\"2026-09-14T08:06:03.942Z\""

static const char line[] =
    "{\"seq\":7,\"uuid\":\"" UUID "\",\"event\":\"feature flag created\","
    "\"category\":\"flags\",\"tone\":\"good\","
    "\"sentence\":\"created a feature flag \xc2\xb7 3 \\\"variants\\\"\"," WHEN
    ",\"received_at\":\"2026-09-14T08:06:05.120Z\","
    "\"account\":{\"id\":\"becccfc8\",\"name\":\"Borealis Freight\","
    "\"listed\":true},\"person\":{\"id\":\"d1\","
    "\"email\":\"tomas@borealis.example\",\"name\":\"Tom\xc3\xa1s Herrera\"},"
    "\"hidden\":\"internal\",\"url\":\"https://us.posthog.com/x\","
    "\"session_id\":\"s-1\",\"links\":{"
    "\"replay\":\"" PROJECT "/replay/s-1?t=42\",\"person\":null,"
    "\"event\":null},\"source\":\"file\","
    "\"origin\":{\"id\":\"" UUID "\",\"seq\":7},"
    "\"properties\":{\"n\":9007199254740993,\"f\":1.50},"
    "\"kept\":{\"flags\":[\"backfilled\",\"unknown\"],"
    "\"fold\":\"=trace/0f3a9\",\"project\":\"" PROJECT "\"}}";

static struct link_policy links;
static struct decoder decoder = {.links = &links};

static bool read_line(const char *text, struct arena *arena,
                      struct archived *out, struct err *err)
{
    *err = (struct err){""};
    return archive_read(&decoder, text, strlen(text), arena, out, err);
}

static void a_line_comes_back_as_it_was(void **state)
{
    struct arena arena = ARENA_INIT;
    struct archived archived;
    struct err err;
    struct buf out;

    (void)state;
    assert_true(read_line(line, &arena, &archived, &err));
    assert_false(archived.is_tick);
    assert_int_equal(archived.event.flags, EVENT_BACKFILLED | EVENT_UNKNOWN);
    assert_int_equal(archived.event.seq, 0);
    archived.event.seq = 7;
    buf_init(&out, 4000);
    assert_true(archive_event(&out, &archived.event, NULL));
    assert_string_equal(out.data, line);
    buf_free(&out);
    arena_free(&arena);
}

static void a_tick_comes_back_as_it_was(void **state)
{
    struct arena arena = ARENA_INIT;
    struct archived archived;
    struct err err;
    struct buf out;

    (void)state;
    buf_init(&out, 400);
    archive_tick(&out, 8, INT64_C(1789423200000), "Europe/Zurich");
    assert_string_equal(out.data,
                        "{\"seq\":8,\"tick\":\"2026-09-14T22:00:00.000Z\","
                        "\"zone\":\"Europe/Zurich\"}");
    assert_true(read_line(out.data, &arena, &archived, &err));
    assert_true(archived.is_tick);
    assert_int_equal(archived.at, INT64_C(1789423200000));
    assert_string_equal(archived.zone, "Europe/Zurich");
    buf_free(&out);
    arena_free(&arena);
}

static void what_names_no_event_gets_a_key_of_its_line(void **state)
{
    static const char a[] = "{\"event\":\"x\",\"sentence\":\"y\"," WHEN "}";
    static const char b[] = "{\"event\":\"x\",\"sentence\":\"z\"," WHEN "}";
    struct arena arena = ARENA_INIT;
    struct archived first, again, other;
    struct err err;

    (void)state;
    assert_true(read_line(a, &arena, &first, &err));
    assert_true(read_line(a, &arena, &again, &err));
    assert_true(read_line(b, &arena, &other, &err));
    assert_non_null(first.event.key);
    assert_string_equal(first.event.key, again.event.key);
    assert_string_not_equal(first.event.key, other.event.key);
    assert_string_equal(first.event.raw, "{}");
    arena_free(&arena);
}

static void hostile_lines_are_made_harmless(void **state)
{
    static const char hostile[] =
        "{\"event\":\"x\\u001b[2J\",\"sentence\":\"a\\u202eb\"," WHEN
        ",\"account\":{\"id\":\"ABC\"},\"session_id\":\"../../etc\","
        "\"url\":\"javascript:alert(1)\",\"source\":\"webhook\",\"links\":{"
        "\"replay\":\"https://evil.example/replay/1\","
        "\"person\":\"javascript:alert(1)\"},"
        "\"properties\":{\"$ai_input\":\"my secret\",\"n\":1},"
        "\"kept\":{\"project\":\"https://evil.example/project/1\","
        "\"flags\":[\"quoted\",7,\"owner\"],\"fold\":\"\\u0007\"}}";
    struct redaction *drops = redaction_new(REDACT_DEFAULT);
    struct arena arena = ARENA_INIT;
    struct archived archived;
    struct event *event = &archived.event;
    struct err err;

    (void)state;
    decoder.redaction = drops;
    assert_true(read_line(hostile, &arena, &archived, &err));
    decoder.redaction = NULL;
    assert_null(strchr(event->name, '\x1b'));
    assert_null(strstr(event->sentence, "\xe2\x80\xae"));
    assert_string_equal(event->account.id, "abc");
    assert_null(event->session_id);
    assert_null(event->links.replay);
    assert_null(event->links.person);
    assert_null(event->project_url);
    assert_int_equal(event->source, SOURCE_FILE);
    assert_null(strstr(event->raw, "secret"));
    assert_non_null(strstr(event->raw, "\"n\":1"));
    assert_int_equal(event->flags, EVENT_QUOTED);
    arena_free(&arena);
    redaction_free(drops);
}

static void a_clock_that_is_off_is_not_denied(void **state)
{
    static const char ahead[] =
        "{\"event\":\"x\",\"sentence\":\"y\",\"occurred_at\":"
        "\"9999-01-01T00:00:00.000Z\",\"received_at\":"
        "\"2026-09-14T08:06:05.120Z\",\"kept\":{\"flags\":[]}}";
    struct arena arena = ARENA_INIT;
    struct archived archived;
    struct err err;

    (void)state;
    assert_true(read_line(ahead, &arena, &archived, &err));
    assert_int_equal(archived.event.flags, EVENT_CLOCK_OFF);
    arena_free(&arena);
}

static void a_long_sentence_is_cut(void **state)
{
    struct arena arena = ARENA_INIT;
    struct archived archived;
    struct err err;
    struct buf text;

    (void)state;
    buf_init(&text, 4000);
    buf_adds(&text, "{\"event\":\"x\"," WHEN ",\"sentence\":\"");
    for (int i = 0; i < 1000; i++)
        buf_addc(&text, 'y');
    buf_adds(&text, "\"}");
    assert_true(read_line(text.data, &arena, &archived, &err));
    assert_int_equal(strlen(archived.event.sentence), 512);
    buf_free(&text);
    arena_free(&arena);
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"{\"event\":", "JSON"},
        {"[]", "no JSON object"},
        {"{\"event\":\"x\"," WHEN "}", "\"sentence\""},
        {"{\"tick\":\"soon\"}", "no time"},
        {"{\"tick\":7}", "no time"},
        {"{\"tick\":\"9999-01-01T00:00:00.000Z\"}", "future"},
        {"{\"event\":\"x\",\"sentence\":\"y\",\"occurred_at\":"
         "\"1969-01-01T00:00:00.000Z\"}",
         "a time"},
        {"{\"event\":\"x\",\"sentence\":\"y\",\"received_at\":"
         "\"2999-01-01T00:00:00.000Z\"}",
         "future"},
    };
    struct arena arena = ARENA_INIT;
    struct archived archived;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(read_line(bad[i].text, &arena, &archived, &err));
        if (!strstr(err.text, bad[i].part))
            fail_msg("%s: %s", bad[i].text, err.text);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_comes_back_as_it_was),
        cmocka_unit_test(a_tick_comes_back_as_it_was),
        cmocka_unit_test(what_names_no_event_gets_a_key_of_its_line),
        cmocka_unit_test(hostile_lines_are_made_harmless),
        cmocka_unit_test(a_clock_that_is_off_is_not_denied),
        cmocka_unit_test(a_long_sentence_is_cut),
        cmocka_unit_test(what_is_wrong_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
