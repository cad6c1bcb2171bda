/* redact: what is dropped at the border, and who is hidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "event/cover.h"
#include "event/json_tree.h"
#include "event/redact.h"

#include "base/banned.h"

static bool concerns(const struct redaction *redaction, struct slice text)
{
    struct arena arena = ARENA_INIT;
    const cJSON *root = json_tree(text, &arena, NULL);
    bool result = redaction_concerns(redaction, root);

    assert_non_null(root);
    arena_free(&arena);
    return result;
}

static void assert_kept(const char *list, const char *json, const char *kept)
{
    struct redaction *redaction = redaction_new(list);
    struct slice text = {json, strlen(json)};
    struct buf out;

    buf_init(&out, 1000);
    assert_int_equal(redaction_apply(redaction, text, &out),
                     strcmp(json, kept) != 0);
    assert_string_equal(out.len ? out.data : json, kept);
    assert_true(!out.len || concerns(redaction, text));
    buf_free(&out);
    redaction_free(redaction);
}

static void a_quick_look_passes_what_most_events_are(void **state)
{
    static const char json[] = "{\"prompted\":1,\"p\":{\"$lib\":\"prompt\"},"
                               "\"$ai_inputs\":[\"x\",null],\"\":\"\"}";
    struct redaction *redaction = redaction_new(REDACT_DEFAULT);

    (void)state;
    assert_false(concerns(redaction, (struct slice){json, strlen(json)}));
    redaction_free(redaction);
}

static void covered_values_become_null_and_all_else_stays(void **state)
{
    (void)state;
    assert_kept(REDACT_DEFAULT,
                "{ \"a\" : 1.50, \"prompt\" : \"why \\\" is\" ,\r\n"
                " \"$ai_input\":[{\"role\":\"user\"}], \"z\":\"\\u00e9\"}",
                "{ \"a\" : 1.50, \"prompt\" : null ,\r\n"
                " \"$ai_input\":null, \"z\":\"\\u00e9\"}");
    assert_kept(REDACT_DEFAULT, "{\"prompted\":1,\"a\":\"prompt\"}",
                "{\"prompted\":1,\"a\":\"prompt\"}");
    assert_kept(REDACT_DEFAULT, "[{\"prompt\":null}]", "[{\"prompt\":null}]");
}

static void depth_is_no_hiding_place(void **state)
{
    (void)state;
    assert_kept("secret",
                "[[{\"event\":{\"properties\":{\"x\":{\"secret\":{}}}}}]]",
                "[[{\"event\":{\"properties\":{\"x\":{\"secret\":null}}}}]]");
    assert_kept("secret", "{\"\\u0073ecret\":1}", "{\"\\u0073ecret\":null}");
}

static void json_in_a_string_is_no_hiding_place(void **state)
{
    (void)state;
    assert_kept("secret",
                "{\"p\":\"{\\\"secret\\\":\\\"x\\\",\\\"n\\\":1.0}\","
                "\"q\":\"{secret}\"}",
                "{\"p\":\"{\\\"secret\\\":null,\\\"n\\\":1.0}\","
                "\"q\":\"{secret}\"}");
}

static void nor_is_what_stands_around_it(void **state)
{
    (void)state;
    assert_kept("secret", "{\"p\":\" \\n{\\\"secret\\\": 1}\"}",
                "{\"p\":\" \\u000a{\\\"secret\\\": null}\"}");
    assert_kept("secret", "{\"p\":\"\\ufeff {\\\"secret\\\": 1}\"}",
                "{\"p\":\"\xef\xbb\xbf {\\\"secret\\\": null}\"}");
    assert_kept("secret", "\"\\u007b\\\"secret\\\":1}\"",
                "\"{\\\"secret\\\":null}\"");
    assert_kept("secret", "[\"\\\"{\\\\\\\"secret\\\\\\\":1}\\\"\"]",
                "[\"\\\"{\\\\\\\"secret\\\\\\\":null}\\\"\"]");
}

static void names_take_stars_commas_and_blanks(void **state)
{
    (void)state;
    assert_kept("  $ai_*,b  c ", "{\"$ai_x\":1,\"b\":2,\"c\":3,\"ai_x\":4}",
                "{\"$ai_x\":null,\"b\":null,\"c\":null,\"ai_x\":4}");
    assert_kept("", "{\"prompt\":1}", "{\"prompt\":1}");
}

static void kept_without_prompts(const char *json, const char *kept)
{
    struct redaction *redaction = redaction_new_prompts("");
    struct slice text = {json, strlen(json)};
    struct buf out;
    bool dropped;

    buf_init(&out, 4000);
    dropped = redaction_apply(redaction, text, &out);
    assert_string_equal(dropped ? out.data : json, kept);
    assert_true(!dropped || concerns(redaction, text));
    buf_free(&out);
    redaction_free(redaction);
}

static void a_name_is_found_however_its_place_is_written(void **state)
{
    static const char *const keys[] = {
        "properties.$ai_input",
        "event.properties.$ai_input",
        "properties[$ai_input]",
        "properties['$ai_input']",
        "properties__$ai_input",
        "properties_$ai_input",
        "properties__$ai_input__0__content",
        "$ai_input.0.content",
        "properties/$ai_input",
        "properties:prompt",
        "properties_prompt",
        "event_properties_prompt",
        "person.prompt",
        "Prompt",
        "PROMPT",
        "prompt[]",
        "prompt[0]",
        "prompt_1",
        "prompts",
        "user_prompt",
        "systemPrompt",
        "properties.prompt ",
        "aiInput",
        "$aiInput",
        "properties.ai_input",
        "$ai_input_0_content",
        "$ai_output_choices_0_message_content",
        "$ai_user_message",
        "properties.\\u0024ai_input",
        "p\\u0072ompt",
    };
    char json[200], kept[200];

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        snprintf(json, sizeof json, "{\"%s\":\"SECRET\",\"a\":[1.0]}",
                 keys[i]);
        snprintf(kept, sizeof kept, "{\"%s\":null,\"a\":[1.0]}", keys[i]);
        kept_without_prompts(json, kept);
    }
}

static void names_that_only_look_alike_stay(void **state)
{
    static const char json[] =
        "{\"prompted\":\"a\",\"$prompter\":\"b\",\"promptly_sent\":\"c\","
        "\"$ai_input_tokens\":12,\"$ai_output_tokens\":\"3\","
        "\"$ai_model\":\"gpt\",\"$ai_trace_id\":\"t\",\"$ai_is_error\":true,"
        "\"air_input\":\"d\",\"paid_input\":\"e\",\"tools\":\"f\","
        "\"$current_url\":\"https://a.example/?prompter=1&x=prompt\"}";

    (void)state;
    kept_without_prompts(json, json);
}

static void of_other_ai_properties_only_short_words_stay(void **state)
{
    char long_text[COVER_TEXT_MAX + 2] = "", json[600];

    (void)state;
    memset(long_text, 'x', COVER_TEXT_MAX + 1);
    snprintf(json, sizeof json, "{\"p\":{\"$ai_new\":\"%s\"}}", long_text);
    kept_without_prompts(json, "{\"p\":{\"$ai_new\":null}}");
    snprintf(json, sizeof json, "{\"properties.ai_new\":\"%s\"}", long_text);
    kept_without_prompts(json, "{\"properties.ai_new\":null}");
    kept_without_prompts("{\"$ai_new\":{\"a\":\"b\"},\"$ai_x\":[1]}",
                         "{\"$ai_new\":null,\"$ai_x\":null}");
    kept_without_prompts("{\"$ai_new\":\"{\\\"a\\\":1}\"}",
                         "{\"$ai_new\":null}");
    kept_without_prompts("{\"$ai_error\":\"429\"}", "{\"$ai_error\":null}");
}

static void text_that_is_almost_json_ends_before_the_name(void **state)
{
    (void)state;
    kept_without_prompts("{\"e\":\"{'a': 1, 'prompt': 'SECRET'}\"}",
                         "{\"e\":\"{'a': 1, '\"}");
    kept_without_prompts("{\"e\":\"{\\\"a\\\":1,\\\"prompt\\\":\\\"SEC\"}",
                         "{\"e\":\"{\\\"a\\\":1,\\\"\"}");
}

static void addresses_and_forms_end_before_the_value(void **state)
{
    (void)state;
    kept_without_prompts("{\"u\":\"https://a.example/ai?x=1&prompt=SECRET\"}",
                         "{\"u\":\"https://a.example/ai?x=1&prompt=\"}");
    kept_without_prompts("{\"body\":\"a=1&properties[$ai_input]=SECRET\"}",
                         "{\"body\":\"a=1&properties[$ai_input]=\"}");
}

static size_t cut(const char *list, const char *text)
{
    struct redaction *redaction = redaction_new(list);
    size_t kept = redaction_cut(redaction, text, strlen(text));

    redaction_free(redaction);
    return kept;
}

static void a_refused_body_is_kept_up_to_what_is_dropped(void **state)
{
    (void)state;
    assert_int_equal(cut(REDACT_DEFAULT, "{\"a\":1,\"prompt\":\"wh"), 8);
    assert_int_equal(cut(REDACT_DEFAULT, "a=1&%24ai_input=x&prompt=y"), 7);
    assert_int_equal(cut("x* prompt", "{\"prompt\":1,\"a\":\"x"), 2);
    assert_int_equal(cut(REDACT_DEFAULT, "<html>"), 6);
    assert_int_equal(cut(REDACT_DEFAULT, "a=1&pr%6fmpt=x"), 6);
    assert_int_equal(cut(REDACT_DEFAULT, "{\"PR\\u004fMPT\":\"x"), 4);
    assert_int_equal(cut("*", "<html>"), 0);
    assert_int_equal(cut("", "<html>"), 6);
    assert_int_equal(cut("prompt", ""), 0);
    assert_int_equal(redaction_cut(NULL, "prompt", 6), 6);
}

static enum hidden judge(const char *email, const char *json)
{
    static const char *const domains[] = {"hedgehog-staff.example", NULL};
    static const char *const machines[] = {"cache_warming", "alert", NULL};
    const struct hide_rules rules = {domains, machines, true};
    cJSON *props = cJSON_Parse(json);
    enum hidden hidden = hide_judge(&rules, email, props);

    cJSON_Delete(props);
    return hidden;
}

static void staff_and_machines_are_hidden(void **state)
{
    (void)state;
    assert_int_equal(judge("a@hedgehog-staff.example", "{}"), HIDDEN_INTERNAL);
    assert_int_equal(judge("a@eu.Hedgehog-Staff.example", "{}"),
                     HIDDEN_INTERNAL);
    assert_int_equal(judge(NULL, "{\"was_impersonated\":true}"),
                     HIDDEN_IMPERSONATED);
    assert_int_equal(judge(NULL, "{\"source\":\"cache_warming\"}"),
                     HIDDEN_MACHINE);
}

static void customers_are_not(void **state)
{
    const struct hide_rules none = {NULL, NULL, false};
    cJSON *props = cJSON_Parse("{\"was_impersonated\":true}");

    (void)state;
    assert_int_equal(judge("maya@alderfinch.example", "{\"source\":\"web\"}"),
                     HIDDEN_NO);
    assert_int_equal(judge("x@nothedgehog-staff.example", "{}"), HIDDEN_NO);
    assert_int_equal(judge("hedgehog-staff.example", "{}"), HIDDEN_NO);
    assert_int_equal(judge(NULL, "{\"was_impersonated\":false}"), HIDDEN_NO);
    assert_int_equal(judge(NULL, "[1]"), HIDDEN_NO);
    assert_int_equal(hide_judge(&none, NULL, props), HIDDEN_NO);
    assert_int_equal(hide_judge(NULL, "a@b", NULL), HIDDEN_NO);
    cJSON_Delete(props);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quick_look_passes_what_most_events_are),
        cmocka_unit_test(covered_values_become_null_and_all_else_stays),
        cmocka_unit_test(depth_is_no_hiding_place),
        cmocka_unit_test(json_in_a_string_is_no_hiding_place),
        cmocka_unit_test(nor_is_what_stands_around_it),
        cmocka_unit_test(names_take_stars_commas_and_blanks),
        cmocka_unit_test(a_name_is_found_however_its_place_is_written),
        cmocka_unit_test(names_that_only_look_alike_stay),
        cmocka_unit_test(of_other_ai_properties_only_short_words_stay),
        cmocka_unit_test(text_that_is_almost_json_ends_before_the_name),
        cmocka_unit_test(addresses_and_forms_end_before_the_value),
        cmocka_unit_test(a_refused_body_is_kept_up_to_what_is_dropped),
        cmocka_unit_test(staff_and_machines_are_hidden),
        cmocka_unit_test(customers_are_not),
    };

    return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
