/* Every body of tests/cases that INDEX.tsv lists, as senders and exports
 * really write them, and what must come of it. A row more is a line in
 * INDEX.tsv and one in the table below; what stands there is looked up in the
 * event's JSON form. */
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
#include "event/slice.h"

#include "base/banned.h"

#define NOW INT64_C(1795990000000) /* 2026-11-29 22:06:40 */
#define ORG "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8"
#define SESSION "01a09ee6-3f2f-7354-86ee-5c1ce7331933"
#define MAX_CHECKS 6

/* How a row is tried. */
enum trial {
    ONCE,
    TWICE,  /* the second time, it is known as the same */
    SECRET, /* and SECRETPROMPT is nowhere */
};

static const struct expectation {
    const char *file;
    enum trial trial;
    const char *checks[MAX_CHECKS][2]; /* path, JSON; NULL: no such value */
} expectations[] = {
    {"A01-ai-error-prompt.json", SECRET, {{"event", "\"$ai_generation\""}}},
    {"A01-dotted-key.json", SECRET, {{"event", "\"$ai_generation\""}}},
    {"P01-replay-home.json",
     ONCE,
     {{"session_id", "\"" SESSION "\""},
      {"account.id", "\"" ORG "\""},
      {"links.replay", "\"https://us.posthog.com/project/2/replay/home"
                       "?sessionRecordingId=" SESSION "\""}}},
    {"P01-replay-recent-hash.json", ONCE, {{"session_id", "\"" SESSION "\""}}},
    {"P02-null-words.json",
     ONCE,
     {{"account.id", "null"},
      {"account.name", "null"},
      {"person.name", "null"},
      {"person.email", "null"},
      {"person.id", "\"d-3\""},
      {"url", "null"}}},
    {"P02-replay-null.json",
     ONCE,
     {{"session_id", "null"}, {"links.replay", "null"}}},
    {"P02-slack-null-name.json",
     ONCE,
     {{"person.name", "null"}, {"event", "\"insight created\""}}},
    {"P03-nested-properties-as-text.json",
     ONCE,
     {{"account.id", "\"" ORG "\""}, {"session_id", "\"" SESSION "\""}}},
    {"P03-properties-as-text.json",
     ONCE,
     {{"account.id", "\"" ORG "\""},
      {"session_id", "\"" SESSION "\""},
      {"url", "\"https://app.alder.example/x\""},
      {"person.email", "\"ann@alder.example\""}}},
    {"P04-batch-export-row.json",
     ONCE,
     {{"person.id", "\"d-9\""},
      {"person.email", "\"ann@alder.example\""},
      {"person.name", "\"Ann Bee\""}}},
    {"P05-events-api-twice.json",
     TWICE,
     {{"uuid", "\"01a09f5c-bc50-7c2c-b1f2-000000000014\""}}},
    {"P05-log-alert-twice.json", TWICE, {{"person.email", "null"}}},
    {"P06-adaptive-card.json",
     ONCE,
     {{"event", "\"insight created\""},
      {"person.name", "\"Ann Bee\""},
      {"url", "null"}}},
    {"P07-discord-bot-name.json",
     ONCE,
     {{"event", "\"insight created\""},
      {"person.name", "\"Ann Bee\""},
      {"url", "null"}}},
    {"P08-groupidentify.json", ONCE, {{"account.id", "\"" ORG "\""}}},
    {"P09-default-body-set-name.json",
     ONCE,
     {{"person.email", "\"ann@alder.example\""}, {"person.name", "\"Ann\""}}},
    {"P09-set-at-top.json",
     ONCE,
     {{"person.email", "\"ann@alder.example\""}, {"person.name", "\"Ann\""}}},
    {"P10-time-blank-offset.json",
     ONCE,
     {{"occurred_at", "\"2026-11-29T19:00:00.000Z\""}}},
    {"P10-time-utc-word.json",
     ONCE,
     {{"occurred_at", "\"2026-11-29T19:00:00.123Z\""}}},
    {"P11-placeholder-unknown-root.json",
     ONCE,
     {{"person.id", "null"},
      {"person.name", "null"},
      {"sentence", "\"sent a template that PostHog did not fill in\""}}},
    {"T02-unicode16-emoji.json",
     ONCE,
     {{"person.name", "\"\xf0\x9f\xab\xa9 Joe\""}}},
};

static struct catalog *catalog;
static struct redaction *redaction;
static unsigned right, tried;

static char *slurp(const char *name, size_t *len)
{
    char path[1024];
    const char *src = getenv("TESTS_SRC");
    struct err err;
    char *text;

    snprintf(path, sizeof path, "%s/tests/cases/%s", src ? src : ".", name);
    text = file_slurp(path, LIMIT_BODY, len, &err);
    if (!text)
        fail_msg("%s", err.text);
    return text;
}

static struct event *decode(const char *body, size_t len,
                            struct event_batch *batch)
{
    const struct decoder decoder = {.catalog = catalog,
                                    .redaction = redaction};
    const struct arrival arrival = {.received_at = NOW};
    struct decoded decoded;
    struct err err = {{0}};

    if (!decode_body(&decoder, &arrival, body, len, batch, &decoded, &err))
        fail_msg("%s", err.text);
    assert_int_equal(batch->count, 1);
    return &batch->events[0];
}

static void assert_at(struct slice json, const char *path, const char *want)
{
    struct slice value;
    char *have;

    if (!slice_path(json, path, &value))
        fail_msg("no %s", path);
    have = strndup(value.at, value.len);
    if (strcmp(have, want) != 0)
        fail_msg("%s is %s, not %s", path, have, want);
    free(have);
}

static void assert_nowhere(const char *word, const struct event *event,
                           const char *json)
{
    assert_null(strstr(json, word));
    assert_null(strstr(event->raw, word));
    assert_null(strstr(event->sentence, word));
}

static void assert_same(const struct event *a, const struct event *b)
{
    assert_true(a->has_uuid || a->key);
    assert_int_equal(a->has_uuid, b->has_uuid);
    if (a->has_uuid)
        assert_true(uuid_equal(&a->uuid, &b->uuid));
    else
        assert_string_equal(a->key, b->key);
}

static void a_case_comes_out_as_its_row_says(void **state)
{
    const struct expectation *want = *state;
    struct event_batch *first = event_batch_new(), *second = event_batch_new();
    size_t len;
    char *body = slurp(want->file, &len);
    struct event *event = decode(body, len, first);
    struct buf json;

    tried++;
    buf_init(&json, LIMIT_BODY);
    assert_true(event_to_json(&json, event, NULL));
    for (size_t i = 0; i < MAX_CHECKS && want->checks[i][0]; i++)
        assert_at((struct slice){json.data, json.len}, want->checks[i][0],
                  want->checks[i][1]);
    if (want->trial == SECRET)
        assert_nowhere("SECRETPROMPT", event, json.data);
    if (want->trial == TWICE)
        assert_same(event, decode(body, len, second));
    buf_free(&json);
    free(body);
    event_batch_free(first);
    event_batch_free(second);
    right++;
}

/* The table and INDEX.tsv name the same files. */
static void no_row_is_left_out(void **state)
{
    size_t len, rows = 0;
    char *index = slurp("INDEX.tsv", &len);

    (void)state;
    for (char *at = index; *at; at += strcspn(at, "\n") + 1) {
        rows += *at != '#';
        if (!strchr(at, '\n'))
            break;
    }
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (!strstr(index, expectations[i].file))
            fail_msg("%s is not in INDEX.tsv", expectations[i].file);
    assert_int_equal(rows, sizeof expectations / sizeof *expectations);
    free(index);
}

static int setup(void **state)
{
    (void)state;
    catalog = catalog_new();
    redaction = redaction_new_prompts("");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    printf("# cases: %u of %u\n", right, tried);
    catalog_free(catalog);
    redaction_free(redaction);
    return 0;
}

int main(void)
{
    enum { COUNT = sizeof expectations / sizeof *expectations };
    struct CMUnitTest tests[COUNT + 1];

    for (size_t i = 0; i < COUNT; i++)
        tests[i] =
            (struct CMUnitTest){.name = expectations[i].file,
                                .test_func = a_case_comes_out_as_its_row_says,
                                .initial_state =
                                    (void *)(uintptr_t)&expectations[i]};
    tests[COUNT] = (struct CMUnitTest){.name = "no_row_is_left_out",
                                       .test_func = no_row_is_left_out};
    return cmocka_run_group_tests_name("cases", tests, setup, teardown);
}
