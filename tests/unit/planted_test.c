/* A secret is planted wherever a path can reach, in every notation that
 * senders use, and may be in nothing that is kept: not in an event, nor in
 * what is kept of a body that was refused. TELLTALE_PLANT=SECONDS plants for
 * so long, from TELLTALE_SEED on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/limits.h"
#include "event/decode.h"

#include "base/banned.h"

#define SECRET "SECRETPROMPT"
#define ROUNDS 20000
#define COUNT(a) (sizeof(a) / sizeof *(a))

static uint64_t state_of_chance;
static struct decoder decoder;

static unsigned chance(unsigned below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (unsigned)((state_of_chance >> 11) % below);
}

static const char *one_of(const char *const *words, size_t count)
{
    return words[chance((unsigned)count)];
}

static const char *const names[] = {"prompt",           "$ai_input",
                                    "$ai_output",       "$ai_tools",
                                    "$ai_input_state",  "$ai_output_state",
                                    "$ai_error",        "$ai_output_choices",
                                    "$ai_user_message", "$ai_prompt",
                                    "user_prompt",      "Prompt"};
static const char *const containers[] = {"properties", "event",   "person",
                                         "$set",       "props",   "data",
                                         "payload",    "body",    "$groups",
                                         "traits",     "context", "message"};

/* ---- a value that holds the secret ---- */

static void put_text(struct buf *out, const char *text)
{
    buf_addc(out, '"');
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            buf_addf(out, "\\%c", *text);
        else if (chance(40) == 0 && *text > ' ')
            buf_addf(out, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            buf_addc(out, *text);
    buf_addc(out, '"');
}

/* Not escaped, so that it can be found. */
static void put_plain(struct buf *out, const char *text)
{
    buf_addc(out, '"');
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            buf_addf(out, "\\%c", *text);
        else
            buf_addc(out, *text);
    buf_addc(out, '"');
}

static void put_secret(struct buf *out)
{
    static const char *const values[] = {
        "\"" SECRET "\"",
        "[{\"role\":\"user\",\"content\":\"" SECRET "\"}]",
        "{\"messages\":[{\"content\":[{\"text\":\"" SECRET "\"}]}]}",
        "\"[{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"" SECRET "\\\"}]\"",
        "[[\"" SECRET "\"]]",
        "\"how\\n" SECRET "\"",
    };

    buf_adds(out, one_of(values, COUNT(values)));
}

/* ---- a key that is found as a covered one ---- */

static void put_key(struct buf *out)
{
    static const char *const forms[] = {"%s",
                                        "properties.%s",
                                        "event.properties.%s",
                                        "properties[%s]",
                                        "properties__%s",
                                        "data__properties__%s",
                                        "%s.0.content",
                                        "properties__%s__0__content",
                                        "properties/%s",
                                        "properties_%s",
                                        "%s[]",
                                        "properties['%s']"};
    const char *form = one_of(forms, COUNT(forms));
    const char *mark = strstr(form, "%s");
    struct buf key;

    buf_init(&key, 1000);
    buf_add(&key, form, (size_t)(mark - form));
    buf_adds(&key, one_of(names, COUNT(names)));
    buf_adds(&key, mark + 2);
    put_text(out, key.data);
    buf_free(&key);
}

/* {"$ai_new": "…200 bytes and the secret…"} counts, too. */
static void put_pair(struct buf *out)
{
    if (chance(5) == 0) {
        buf_addf(out, "\"$ai_new\":\"%0*d " SECRET "\"", 200, 0);
        return;
    }
    put_key(out);
    buf_adds(out, chance(2) ? ":" : " : ");
    put_secret(out);
}

/* Wraps what is in out once more. */
static void wrap(struct buf *out)
{
    const char *container = one_of(containers, COUNT(containers));
    struct buf inner;

    buf_init(&inner, LIMIT_BODY);
    buf_add(&inner, out->data, out->len);
    buf_clear(out);
    switch (chance(5)) {
    case 0:
        buf_addf(out, "{\"%s\":", container);
        put_plain(out, inner.data);
        buf_adds(out, "}");
        break;
    case 1:
        buf_addf(out, "[%s,{\"a\":1}]", inner.data);
        break;
    case 2:
        buf_addf(out, "{\"results\":[%s]}", inner.data);
        break;
    default:
        buf_addf(out, "{\"event\":\"x\",\"n\":1.50,\"%s\":%s}", container,
                 inner.data);
        break;
    }
    buf_free(&inner);
}

static void put_form(struct buf *out)
{
    buf_adds(out, "event=chat+with+ai&");
    switch (chance(4)) {
    case 0:
        buf_addf(out, "properties[%s]=" SECRET, one_of(names, COUNT(names)));
        break;
    case 1:
        buf_addf(out, "properties%%5B%s%%5D%%5B0%%5D=" SECRET,
                 one_of(names, COUNT(names)));
        break;
    case 2:
        buf_addf(out, "%%70rompt=" SECRET "&a=b");
        break;
    default:
        buf_addf(out, "payload={\"properties\":{\"%s\":\"" SECRET "\"}}",
                 one_of(names, COUNT(names)));
        break;
    }
}

static void put_body(struct buf *out, bool *form)
{
    unsigned wraps = chance(6);

    *form = chance(6) == 0;
    if (*form) {
        put_form(out);
        return;
    }
    buf_adds(out, "{\"event\":\"$ai_generation\",\"distinct_id\":\"d\",");
    put_pair(out);
    buf_adds(out, "}");
    while (wraps--)
        wrap(out);
    if (chance(8) == 0)
        buf_adds(out, "\n{\"event\":\"x\"}\n");
}

/* ---- is it kept? ---- */

static void assert_clean(const char *text, const char *body)
{
    if (text && strstr(text, SECRET))
        fail_msg("kept: %s\nof: %s", text, body);
}

static void assert_event_clean(const struct event *event, const char *body)
{
    struct buf json;

    buf_init(&json, LIMIT_BODY);
    event_to_json(&json, event, NULL);
    assert_clean(json.data, body);
    assert_clean(event->raw, body);
    assert_clean(event->sentence, body);
    assert_clean(event->name, body);
    assert_clean(event->key, body);
    assert_clean(event->url, body);
    buf_free(&json);
}

static void plant(void)
{
    struct arrival arrival = {.received_at = INT64_C(1795990000000)};
    struct event_batch *batch = event_batch_new();
    struct decoded decoded;
    struct buf body;
    struct err err;
    bool form;

    buf_init(&body, LIMIT_BODY);
    put_body(&body, &form);
    if (form)
        arrival.content_type = "application/x-www-form-urlencoded";
    if (chance(10) == 0) /* a sender that was cut off */
        buf_truncate(&body, body.len - 1 - chance(10) % body.len);
    if (decode_body(&decoder, &arrival, body.data, body.len, batch, &decoded,
                    &err)) {
        for (size_t i = 0; i < batch->count; i++)
            assert_event_clean(&batch->events[i], body.data);
    } else {
        size_t kept = redaction_cut(decoder.redaction, body.data, body.len);
        char *text = strndup(body.data, kept);

        assert_clean(text, body.data);
        free(text);
    }
    buf_free(&body);
    event_batch_free(batch);
}

static void a_planted_secret_is_kept_nowhere(void **state)
{
    const char *seconds = getenv("TELLTALE_PLANT");
    const char *seed = getenv("TELLTALE_SEED");
    time_t end = time(NULL) + (seconds ? strtol(seconds, NULL, 10) : 0);
    unsigned long rounds = 0;

    (void)state;
    state_of_chance = seed ? strtoull(seed, NULL, 10) : 88172645463325252u;
    while (rounds < ROUNDS || (seconds && time(NULL) < end)) {
        plant();
        rounds++;
    }
    printf("# planted: %lu\n", rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_secret_is_kept_nowhere),
    };
    struct catalog *catalog = catalog_new();
    struct redaction *redaction = redaction_new_prompts("");
    int failed;

    decoder.catalog = catalog;
    decoder.redaction = redaction;
    failed = cmocka_run_group_tests_name("planted", tests, NULL, NULL);
    redaction_free(redaction);
    catalog_free(catalog);
    return failed;
}
