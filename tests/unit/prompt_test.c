/* prompt: what people ask an AI is dropped, kept or shown, as they decided. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "event/decode.h"
#include "event/prompt.h"

#include "base/banned.h"

static struct catalog *catalog;

static struct event *decode(const char *body, bool show,
                            struct event_batch *batch)
{
    const struct decoder decoder = {.catalog = catalog, .quote_prompts = show};
    const struct arrival arrival = {.received_at = INT64_C(1795990000000)};
    struct decoded decoded;
    struct err err = {{0}};

    if (!decode_body(&decoder, &arrival, body, strlen(body), batch, &decoded,
                     &err))
        fail_msg("%s", err.text);
    assert_int_equal(batch->count, 1);
    return &batch->events[0];
}

/* Every way of sending it is told by its first line. */
static void a_row_quotes_what_was_asked_in_every_shape(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"chat with ai\",\"properties\":{\"prompt\":"
        "\"how do I make a funnel\\nand more\"}}",
        "{\"event\":\"chat with ai\",\"prompt\":\"how do I make a funnel\"}",
        "{\"event\":\"chat with ai\",\"properties.prompt\":"
        "\"how do I make a funnel\"}",
        "{\"event\":\"chat with ai\",\"properties\":"
        "\"{\\\"prompt\\\":\\\"how do I make a funnel\\\"}\"}",
        "{\"event\":{\"event\":\"chat with ai\",\"properties\":{"
        "\"$ai_input\":[{\"role\":\"system\",\"content\":\"be kind\"},"
        "{\"role\":\"user\",\"content\":\"hello\"},"
        "{\"role\":\"assistant\",\"content\":\"hi\"},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
        "\"how do I make a funnel\"}]}]}}}",
        "{\"event\":\"chat with ai\",\"properties__$ai_input\":"
        "\"[{\\\"role\\\":\\\"user\\\",\\\"content\\\":"
        "\\\"how do I make a funnel\\\"}]\"}",
        "{\"event\":\"chat with ai\",\"properties\":{\"$ai_input_state\":"
        "{\"messages\":[{\"type\":\"human\",\"content\":"
        "\"how do I make a funnel\"}]}}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct event_batch *batch = event_batch_new();
        struct event *event = decode(bodies[i], true, batch);

        assert_string_equal(
            event->sentence,
            "asked the AI a question “how do I make a funnel”");
        assert_true(event->flags & EVENT_QUOTED);
        assert_string_equal(prompt_unquoted(event, &batch->arena),
                            "asked the AI a question");
        event_batch_free(batch);
    }
}

static void nothing_is_quoted_unless_told(void **state)
{
    struct event_batch *batch = event_batch_new();
    struct event *event =
        decode("{\"event\":\"chat with ai\",\"prompt\":\"how\"}", false,
               batch);

    (void)state;
    assert_string_equal(event->sentence, "asked the AI a question");
    assert_false(event->flags & EVENT_QUOTED);
    event_batch_free(batch);
}

static void
what_is_concealed_is_neither_in_the_row_nor_in_the_text(void **state)
{
    struct redaction *redaction = redaction_new_prompts("");
    struct event_batch *batch = event_batch_new();
    struct event *event =
        decode("{\"event\":\"chat with ai\",\"properties\":{\"a\":1.0,"
               "\"prompt\":\"SECRET\"}}",
               true, batch);
    struct buf json;

    (void)state;
    assert_non_null(strstr(event->raw, "SECRET"));
    redaction_conceal(redaction, event, &batch->arena);
    assert_string_equal(event->sentence, "asked the AI a question");
    assert_null(strstr(event->raw, "SECRET"));
    buf_init(&json, LIMIT_BODY);
    event_properties(&json, event);
    assert_string_equal(json.data, "{\"a\":1.0,\"prompt\":null}");
    buf_free(&json);
    event_batch_free(batch);
    redaction_free(redaction);
}

static int setup(void **state)
{
    (void)state;
    catalog = catalog_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    catalog_free(catalog);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_quotes_what_was_asked_in_every_shape),
        cmocka_unit_test(nothing_is_quoted_unless_told),
        cmocka_unit_test(
            what_is_concealed_is_neither_in_the_row_nor_in_the_text),
    };

    return cmocka_run_group_tests_name("prompt", tests, setup, teardown);
}
