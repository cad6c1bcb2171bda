/* What doc/mirrors.md shows of messages is made here, of bodies in
 * tests/fixtures, by the code that sends them; its table of keys of the rows
 * of mirrors.def. TELLTALE_UPDATE=1 writes both anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "event/decode.h"
#include "mirror/batch.h"
#include "mirror/outbox.h"
#include "mirror/slack.h"

#include "base/banned.h"

#define BEGINS                                                                \
    "<!-- made by tests/unit/mirror_doc_test: TELLTALE_UPDATE=1 writes it "   \
    "anew -->\n"
#define KEYS_BEGIN                                                            \
    "<!-- made by tests/unit/mirror_doc_test of src/mirror/mirrors.def -->\n"
#define ENDS "<!-- end of what is made -->"
#define NOW INT64_C(1789383000000) /* Mon 14 Sep 2026 10:50 UTC */

static char *read_file(const char *name)
{
    char path[1024];
    struct err err = {{0}};
    size_t len;
    char *text;

    snprintf(path, sizeof path, "%s/%s", getenv("TESTS_SRC"), name);
    text = file_slurp(path, LIMIT_CSV_FILE, &len, &err);
    if (!text)
        fail_msg("%s", err.text);
    return text;
}

/* Adds the events of one body to the message. */
static void add_body(struct message *message, const char *name,
                     const struct message_redaction *redaction)
{
    static const struct link_policy links = {NULL, NULL};
    struct arrival arrival = {.received_at = NOW, .follow_clock = true};
    struct decoder decoder = {.catalog = catalog_new(), .links = &links};
    struct event_batch *batch = event_batch_new();
    struct decoded decoded;
    struct err err = {{0}};
    char path[200], *body;

    snprintf(path, sizeof path, "tests/fixtures/%s", name);
    body = read_file(path);
    if (!decode_body(&decoder, &arrival, body, strlen(body), batch, &decoded,
                     &err))
        fail_msg("%s: %s", name, err.text);
    for (size_t i = 0; i < batch->count; i++)
        message_add(message, &batch->events[i], redaction);
    event_batch_free(batch);
    catalog_free((struct catalog *)decoder.catalog);
    free(body);
}

static bool replace(struct buf *out, const char **at, const char *what,
                    const char *by)
{
    if (strncmp(*at, what, strlen(what)) != 0)
        return false;
    buf_adds(out, by);
    *at += strlen(what);
    return true;
}

/* What Slack makes of its markup, as text. */
static void as_shown(struct buf *out, const char *text)
{
    while (*text) {
        size_t url = strcspn(text, "|>");

        if (replace(out, &text, "&lt;", "<") ||
            replace(out, &text, "&gt;", ">") ||
            replace(out, &text, "&amp;", "&") ||
            replace(out, &text, ":red_circle:", "🔴") ||
            replace(out, &text, ":large_yellow_circle:", "🟡") ||
            replace(out, &text, "\xe2\x81\xa0", "") ||
            replace(out, &text, "*", "") || replace(out, &text, "`", "") ||
            replace(out, &text, "_and ", "and ") ||
            replace(out, &text, "more_", "more") ||
            replace(out, &text, "accounts_", "accounts"))
            continue;
        if (*text == '<' && text[url] == '|') {
            const char *end = strchr(text, '>');

            buf_addc(out, '[');
            buf_add(out, text + url + 1, (size_t)(end - text) - url - 1);
            buf_addc(out, ']');
            text = end + 1;
            continue;
        }
        buf_addc(out, *text++);
    }
    buf_addc(out, '\n');
}

static void show_block(struct buf *page, const cJSON *block)
{
    const cJSON *element, *text = cJSON_GetObjectItem(block, "text");

    if (text) {
        as_shown(page,
                 cJSON_GetStringValue(cJSON_GetObjectItem(text, "text")));
        return;
    }
    cJSON_ArrayForEach(element, cJSON_GetObjectItem(block, "elements"))
    {
        const cJSON *title = cJSON_GetObjectItem(element, "text");

        buf_addf(page, "%s[ %s ]", element->prev->next ? "  " : "",
                 cJSON_GetStringValue(cJSON_GetObjectItem(title, "text")));
    }
    buf_addc(page, '\n');
}

static void show(struct buf *page, const char *title, struct message *message,
                 const struct slack_style *style)
{
    struct buf json;
    cJSON *object;
    const cJSON *block;
    bool first = true;

    buf_init(&json, MIB);
    assert_true(slack_render(&json, message, style));
    object = cJSON_Parse(json.data);
    buf_addf(page, "%s\n\n```text\n", title);
    cJSON_ArrayForEach(block, cJSON_GetObjectItem(object, "blocks"))
    {
        if (!first && cJSON_GetObjectItem(block, "text"))
            buf_addc(page, '\n');
        first = false;
        show_block(page, block);
    }
    buf_adds(page, "```\n\nA notification or a screen reader says: ");
    as_shown(page, cJSON_GetStringValue(cJSON_GetObjectItem(object, "text")));
    buf_addc(page, '\n');
    cJSON_Delete(object);
    buf_free(&json);
    message_free(message);
}

static void show_lone(struct buf *page)
{
    struct slack_style style = {.channel = NULL};
    struct message *message = message_new();

    add_body(message, "49_flags_experiments_wave_flag_2.json", NULL);
    show(page,
         "One event, as soon as it comes; buttons where they lead "
         "somewhere:",
         message, &style);
}

static void show_window(struct buf *page)
{
    static const char *const names[] = {
        "49_flags_experiments_wave_flag_2.json",
        "50_flags_experiments_wave_flag_3.json",
        "37_billing_invoice_payment_failed.json",
        "08_flags_experiments_feature_flag_created.json",
        "32_billing_org_quota_limited_until.json",
        "09_flags_experiments_experiment_created.json"};
    struct slack_style style = {.channel = NULL};
    struct message *message = message_new();

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add_body(message, names[i], NULL);
    show(page, "What comes within a window, by account:", message, &style);
}

static void show_digest(struct buf *page)
{
    struct message_redaction redaction = {.mask_emails = true};
    struct slack_style style = {
        .chat = {.digest = true, .line = "{mark} {sentence} ({person})"}};
    struct message *message = message_new();

    add_body(message, "more_events.ndjson", &redaction);
    show(page,
         "What quiet hours held, with `redact = emails` and `line = {mark} "
         "{sentence} "
         "({person})`:",
         message, &style);
}

/* What stands behind begins in doc/mirrors.md has to be made; with
 * TELLTALE_UPDATE it is put there. */
static void is_in_the_tree(const struct buf *made, const char *begins)
{
    char *text = read_file("doc/mirrors.md"), *begin, *end, path[1024];
    struct buf page;
    FILE *file;

    buf_init(&page, MIB);
    begin = strstr(text, begins);
    assert_non_null(begin);
    begin += strlen(begins);
    end = strstr(begin, ENDS);
    assert_non_null(end);
    buf_add(&page, text, (size_t)(begin - text));
    buf_addc(&page, '\n');
    buf_add(&page, made->data, made->len);
    buf_adds(&page, end);
    if (getenv("TELLTALE_UPDATE")) {
        snprintf(path, sizeof path, "%s/doc/mirrors.md", getenv("TESTS_SRC"));
        file = fopen(path, "w");
        assert_non_null(file);
        fwrite(page.data, 1, page.len, file);
        assert_int_equal(fclose(file), 0);
    } else if (strcmp(text, page.data) != 0) {
        fail_msg("doc/mirrors.md is old: run this test with "
                 "TELLTALE_UPDATE=1");
    }
    buf_free(&page);
    free(text);
}

/* help with | and { as Markdown wants them in a table. */
static void add_cell(struct buf *page, const char *text)
{
    for (; *text; text++)
        buf_addf(page, "%s%c", *text == '|' ? "\\" : "", *text);
}

/* "`3s`", and what it may be: "`3s`, `0s..1h`". */
static void add_standard(struct buf *page, const char *range,
                         const char *standard)
{
    if (standard)
        buf_addf(page, "`%s`", standard);
    if (range && strstr(range, ".."))
        buf_addf(page, ", `%s`", range);
}

static void add_keys(struct buf *page)
{
    buf_adds(page, "| key | default, range | |\n|---|---|---|\n");
#define MIRROR(key, kind, field, range, standard, help)                       \
    buf_adds(page, "| `" #key "` | ");                                        \
    add_standard(page, range, standard);                                      \
    buf_adds(page, " | ");                                                    \
    add_cell(page, help);                                                     \
    buf_adds(page, " |\n");
#include "mirror/mirrors.def"
#undef MIRROR
    buf_addc(page, '\n');
}

static void the_keys_are_those_in_the_tree(void **state)
{
    struct buf page;

    (void)state;
    buf_init(&page, MIB);
    add_keys(&page);
    is_in_the_tree(&page, KEYS_BEGIN);
    buf_free(&page);
}

static void the_messages_are_those_in_the_tree(void **state)
{
    struct buf page;

    (void)state;
    buf_init(&page, MIB);
    show_lone(&page);
    show_window(&page);
    show_digest(&page);
    is_in_the_tree(&page, BEGINS);
    buf_free(&page);
}

static int in_utc(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_messages_are_those_in_the_tree),
        cmocka_unit_test(the_keys_are_those_in_the_tree),
    };

    return cmocka_run_group_tests_name("mirror_doc", tests, in_utc, NULL);
}
