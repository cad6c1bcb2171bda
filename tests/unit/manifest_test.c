/* Every body of tests/fixtures that manifest.tsv lists is decoded with the
 * real catalogue and book; a second table says what a person would read. */
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
#include "base/mem.h"
#include "event/decode.h"

#include "base/banned.h"

#define NOW INT64_C(1789383000000) /* 2026-09-14 10:50 */
#define MAX_ROWS 300
#define MAX_CELLS 10
#define FIRST 5 /* of the tests that are rows of the manifest */

enum cell {
    FILE_NAME,
    KIND,
    EXPECT,
    EVENT,
    CATEGORY,
    ORG,
    EMAIL,
    REPLAY,
    BYTES,
    NOTE
};

static char *cells[MAX_ROWS][MAX_CELLS];
static size_t row_count;

static struct decoder decoder;
static struct catalog *catalog;
static struct book *book;
static struct redaction *redaction;
static unsigned right, tried;

static const char *fixture_path(const char *name)
{
    static char path[1024];
    const char *src = getenv("TESTS_SRC");

    snprintf(path, sizeof path, "%s/tests/fixtures/%s", src ? src : ".", name);
    return path;
}

static char *slurp(const char *name, size_t *len)
{
    struct err err;
    char *text = file_slurp(fixture_path(name), LIMIT_CSV_FILE, len, &err);

    if (!text)
        fail_msg("%s", err.text);
    return text;
}

/* Cuts one line of the manifest; true if it is a body to decode. */
static bool read_row(char *line, char **row)
{
    static const char kinds[] = " event default hard shape bad ";
    char kind[20];

    for (size_t i = 0; i < MAX_CELLS; i++) {
        char *tab = line ? strchr(line, '\t') : NULL;

        row[i] = line;
        if (tab)
            *tab = '\0';
        line = tab ? tab + 1 : NULL;
    }
    if (!row[REPLAY])
        return false;
    snprintf(kind, sizeof kind, " %s ", row[KIND]);
    return strstr(kinds, kind);
}

static void read_manifest(void)
{
    size_t len;
    char *line = slurp("manifest.tsv", &len);

    while (line && row_count < MAX_ROWS) {
        char *end = strchr(line, '\n');

        if (end)
            *end = '\0';
        row_count += read_row(line, cells[row_count]);
        line = end ? end + 1 : NULL;
    }
}

static int setup(void **state)
{
    static const char *const domains[] = {"hedgehog-staff.example", NULL};
    static const char *const machines[] = {"cache_warming", "self_driving",
                                           "posthog_code", "wizard", NULL};
    static const struct hide_rules hide = {domains, machines, true};
    struct err err;

    (void)state;
    catalog = catalog_new();
    redaction = redaction_new_prompts("");
    book = book_load(fixture_path("accounts.csv"), NULL, &err);
    decoder = (struct decoder){.catalog = catalog,
                               .book = book,
                               .redaction = redaction,
                               .hide = &hide};
    return book ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    printf("# manifest: %u of %u\n", right, tried);
    book_free(book);
    redaction_free(redaction);
    catalog_free(catalog);
    return 0;
}

static bool decode(const char *file, struct event_batch *batch,
                   struct decoded *decoded)
{
    const struct arrival arrival = {.received_at = NOW};
    struct err err = {{0}};
    size_t len;
    char *body = slurp(file, &len);
    bool taken =
        decode_body(&decoder, &arrival, body, len, batch, decoded, &err);

    free(body);
    assert_true(taken || *err.text);
    return taken;
}

/* ---- the manifest ---- */

static const char *shown(const char *text)
{
    return text ? text : "";
}

/* An empty cell of the manifest leaves it open. */
static void assert_cell(const char *want, const char *have)
{
    if (*want)
        assert_string_equal(shown(have), want);
}

/* "replay" in the manifest says that a session id is in the payload; one
 * that is none gives no replay all the same. */
static void assert_replay(const char *want, const char *file,
                          const struct event *event)
{
    bool valid = strcmp(file, "hard_session_shell.json") != 0;

    if (strcmp(want, "yes") == 0)
        assert_true((event->session_id && event->links.replay) == valid);
    if (strcmp(want, "no") == 0)
        assert_true(!event->session_id && !event->links.replay);
}

static void assert_events_whole(const struct event_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        assert_true(*event->sentence);
        assert_int_equal(strlen(event->raw), event->raw_len);
        assert_true(event->props_at + event->props_len <= event->raw_len);
    }
}

static void row_is_as_the_manifest_says(void **state)
{
    char **row = *state;
    struct event_batch *batch = event_batch_new();
    struct decoded decoded;
    bool taken;

    tried++;
    taken = decode(row[FILE_NAME], batch, &decoded);
    assert_true(strstr(row[EXPECT], taken ? "200" : "400"));
    assert_int_equal(batch->count, decoded.events);
    assert_events_whole(batch);
    if (batch->count == 1) {
        const struct event *event = &batch->events[0];

        assert_cell(row[EVENT], event->name);
        assert_cell(row[CATEGORY], category_name(event->category));
        assert_cell(row[ORG], event->account.id);
        assert_cell(row[EMAIL], event->person.email);
        if (*row[EVENT]) /* else the manifest's maker could not read it */
            assert_replay(row[REPLAY], row[FILE_NAME], event);
    }
    event_batch_free(batch);
    right++;
}

/* ---- what is read on the screen ---- */

#define ALDER "Alder & Finch Labs"
#define BOREALIS "Borealis Freight"
#define COBALT "Cobalt Kitchen"
#define DUNES "Dunes Health, Inc."
#define EMERAUDE "Émeraude Études"
#define HIBARI "株式会社ひばり不動産"

static const struct {
    const char *file, *account, *person, *sentence;
    enum tone tone;
} lines[] = {
    {"01_product_analytics_insight_created", ALDER, "Maya Okafor",
     "created an insight · trends", TONE_GOOD},
    {"02_product_analytics_cohort_created", BOREALIS, "Tomás Herrera",
     "created a cohort · 1 match group", TONE_GOOD},
    {"03_product_analytics_action_created", ALDER, "Jonas Lindqvist",
     "created an action · 2 steps", TONE_GOOD},
    {"05_product_analytics_dashboard_created", DUNES, "Omar Haddad",
     "created a dashboard · from the default app template", TONE_GOOD},
    {"06_session_replay_recording_analyzed", ALDER, "Priya Raman",
     "watched a replay · 5 min 18 s long", TONE_INFO},
    {"08_flags_experiments_feature_flag_created", ALDER, "Maya Okafor",
     "created a feature flag, rolled out gradually", TONE_GOOD},
    {"09_flags_experiments_experiment_created", BOREALIS, "Ingrid Solheim",
     "created an experiment “Checkout button copy” · 2 variants", TONE_GOOD},
    {"10_flags_experiments_experiment_launched", BOREALIS, "Ingrid Solheim",
     "launched an experiment “Checkout button copy”", TONE_GOOD},
    {"13_surveys_survey_launched", EMERAUDE, "Aurélie Fontaine",
     "launched a survey “NPS – printemps” · popover, 2 questions", TONE_GOOD},
    {"14_ai_chat_with_ai", ALDER, "Jonas Lindqvist", "asked the AI a question",
     TONE_INFO},
    {"15_ai_ai_generation", ALDER, "Jonas Lindqvist",
     "got an AI answer · gpt-5-mini, 188 tokens, 2.8 s", TONE_INFO},
    {"16_ai_hog_function_prompted", COBALT, "Wanjiru Kamau",
     "asked the AI for a function · destination", TONE_INFO},
    {"18_ai_sql_editor_accepted_suggestion", DUNES, "Ruth Feldman",
     "accepted an SQL suggestion · from max", TONE_GOOD},
    {"20_data_pipelines_batch_export_enabled", DUNES, "Caleb Whitlock",
     "started a batch export · to S3, every hour", TONE_GOOD},
    {"22_data_pipelines_batch_import_created", NULL, "-",
     "started a batch import · mixpanel from s3", TONE_GOOD},
    {"24_error_tracking_error_tracking_issue_created", NULL, "-",
     "has a new error · TypeError: Cannot read properties of undefined (re…",
     TONE_WARN},
    {"25_engagement_person_viewed", ALDER, "Sinéad O'Dowd",
     "opened a person profile", TONE_INFO},
    {"26_engagement_product_intent", HIBARI, "佐藤 健",
     "showed interest in feature flags · first time", TONE_GOOD},
    {"27_engagement_docs_pageview", BOREALIS, "Tomás Herrera",
     "read docs/feature-flags/creating-feature-flags", TONE_INFO},
    {"29_billing_billing_product_activated", DUNES, "Omar Haddad",
     "activated session replay", TONE_GOOD},
    {"30_billing_billing_limits_updated", DUNES, "Ruth Feldman",
     "changed billing limits · analytics $500 · replay $0 · warehouse $250.50",
     TONE_INFO},
    {"31_billing_hit_billing_limit", DUNES, "Ruth Feldman",
     "hit the recordings limit · 15,001 used of 15,000", TONE_BAD},
    {"32_billing_org_quota_limited_until", DUNES, "Ruth Feldman",
     "is losing recordings · over the limit, 15,001 used", TONE_BAD},
    {"34_billing_product_unsubscribed", EMERAUDE, "Beatriz Sá",
     "removed group analytics", TONE_WARN},
    {"35_billing_subscription_paid", ALDER, "Jonas Lindqvist",
     "paid $1,284.50 for the subscription", TONE_GOOD},
    {"37_billing_invoice_payment_failed", BOREALIS, "Lucía Marín",
     "had a payment fail · $742.13, attempt 2", TONE_BAD},
    {"38_billing_annual_plan_credit_purchase", DUNES, "Omar Haddad",
     "bought $24,000 of annual credit, 15 % off", TONE_GOOD},
    {"40_billing_autocapture_opt_out", COBALT, "Zoë van Dijk",
     "turned off autocapture", TONE_WARN},
    {"41_billing_session_recording_opt_in", COBALT, "Zoë van Dijk",
     "turned off session recording", TONE_WARN},
    {"42_billing_autocapture_exceptions_opt_in", COBALT, "Zoë van Dijk",
     "turned on exception capture", TONE_INFO},
    {"44_team_growth_team_member_invited", COBALT, "Ben Achterberg",
     "invited a team member · 7 members so far", TONE_GOOD},
    {"45_team_growth_team_invite_executed", COBALT, "Ben Achterberg",
     "invited a team member · 7 members so far", TONE_GOOD},
    {"47_team_growth_user_invited", COBALT,
     "invite_29d46d48-5344-4a76-a312-7e93dd963d8e", "was invited to the team",
     TONE_GOOD},
    {"48_engagement_wave_docs_2", BOREALIS, "Tomás Herrera",
     "read docs/feature-flags/adding-feature-flag-code", TONE_INFO},
    {"49_flags_experiments_wave_flag_2", BOREALIS, "Tomás Herrera",
     "created a feature flag · 3 variants", TONE_GOOD},
    {"50_flags_experiments_wave_flag_3", BOREALIS, "Tomás Herrera",
     "created a feature flag", TONE_GOOD},
    {"default_billing_limits_updated", DUNES, "Ruth Feldman",
     "changed billing limits · analytics $500 · replay $0 · warehouse $250.50",
     TONE_INFO},
    {"default_chat_with_ai", ALDER, "Jonas Lindqvist",
     "asked the AI a question", TONE_INFO},
    {"default_docs_snapshot", NULL, "person-name", "event-name", TONE_INFO},
    {"default_error_tracking_issue_created", NULL, "-",
     "has a new error · TypeError: Cannot read properties of undefined (re…",
     TONE_WARN},
    {"default_experiment_launched", BOREALIS, "Ingrid Solheim",
     "launched an experiment “Checkout button copy”", TONE_GOOD},
    {"default_feature_flag_created", ALDER, "Maya Okafor",
     "created a feature flag, rolled out gradually", TONE_GOOD},
    {"default_insight_created", ALDER, "Maya Okafor",
     "created an insight · trends", TONE_GOOD},
    {"default_invoice_payment_failed", BOREALIS, "Lucía Marín",
     "had a payment fail · $742.13, attempt 2", TONE_BAD},
    {"default_recording_analyzed", ALDER, "Priya Raman",
     "watched a replay · 5 min 18 s long", TONE_INFO},
    {"hard_ai_generation_200kb", HIBARI, "Kim Min-jun (김민준)",
     "got an AI answer · claude-sonnet-4, 3 tokens, 18 s", TONE_INFO},
    {"hard_all_null", NULL, "-", "opened an experiment", TONE_INFO},
    {"hard_ansi_controls", BOREALIS, "Dev�[5m Patel  Fake: row",
     "asked the AI a question", TONE_INFO},
    {"hard_bom_pretty", BOREALIS, "Ingrid Solheim", "created an insight",
     TONE_GOOD},
    {"hard_cjk_wide", HIBARI, "山田 花子",
     "created a dashboard “売上ダッシュボード(週次)全角ABC　スペー…”",
     TONE_GOOD},
    {"hard_deep_300", HIBARI, "佐藤 健", "created an insight", TONE_GOOD},
    {"hard_dup_uuid_a", ALDER, "Maya Okafor", "created a feature flag",
     TONE_GOOD},
    {"hard_dup_uuid_b", ALDER, "Maya Okafor", "created a feature flag",
     TONE_GOOD},
    {"hard_emoji_zwj", COBALT, "Zoë 👩 van Dijk", "added an annotation",
     TONE_INFO},
    {"hard_empty_strings", DUNES, "Caleb Whitlock", "created an insight",
     TONE_GOOD},
    {"hard_event_empty", ALDER, "Maya Okafor", "(no name)", TONE_INFO},
    {"hard_event_unknown", ALDER, "Maya Okafor", "quokka petted", TONE_INFO},
    {"hard_foreign_org", "Not My Account", "Ben Achterberg",
     "created an insight", TONE_GOOD},
    {"hard_impersonated", ALDER, "Sinéad O'Dowd", "created an insight",
     TONE_GOOD},
    {"hard_internal_user", ALDER, "Sinéad O'Dowd", "created an insight",
     TONE_GOOD},
    {"hard_link_host", COBALT, "Wanjiru Kamau", "created an insight",
     TONE_GOOD},
    {"hard_lone_surrogate", COBALT, "Zoë van Dijk", "added an annotation",
     TONE_INFO},
    {"hard_long_url", ALDER, "Maya Okafor", "read project/2041/docs",
     TONE_INFO},
    {"hard_markup", EMERAUDE, "<!here> <@U000> Bea",
     "launched a survey “<!channel> <https://evil.example|click>…”",
     TONE_GOOD},
    {"hard_missing_groups", DUNES, "Caleb Whitlock", "created an insight",
     TONE_GOOD},
    {"hard_missing_person", DUNES,
     "yXJgU6QV2ElEOi2GBN0gn1eWQUwARyHUMLGoUl5IzVR", "created an insight",
     TONE_GOOD},
    {"hard_properties_array", EMERAUDE, "Noé Gauthier", "exported a file",
     TONE_INFO},
    {"hard_rtl_bidi", DUNES, "عمر حدّاد", "created an insight", TONE_GOOD},
    {"hard_session_shell", COBALT, "Wanjiru Kamau", "created an insight",
     TONE_GOOD},
    {"hard_time_bad", COBALT, "Ben Achterberg", "created an insight",
     TONE_GOOD},
    {"hard_time_epoch", COBALT, "Ben Achterberg", "created an insight",
     TONE_GOOD},
    {"hard_time_future", COBALT, "Ben Achterberg", "created an insight",
     TONE_GOOD},
    {"hard_uuid_null", BOREALIS, "Ingrid Solheim", "created an insight",
     TONE_GOOD},
    {"shape_alert", NULL, "-",
     "Alert firing · Weekly active users dropped 31%", TONE_WARN},
    {"shape_empty_object", NULL, "-", "sent something of no known form",
     TONE_INFO},
    {"shape_flat_user_made", COBALT, "ben", "created an insight", TONE_GOOD},
    {"shape_legacy_slack", NULL, "Maya Okafor",
     "triggered action Created insight", TONE_INFO},
    {"shape_legacy_text", NULL, "Maya Okafor",
     "triggered action Created insight", TONE_INFO},
    {"shape_number", NULL, "-", "sent something of no known form", TONE_INFO},
    {"shape_segment_track", ALDER, "maya", "created an insight", TONE_GOOD},
    {"shape_string", NULL, "-", "hello", TONE_INFO},
    {"shape_unrendered_template", NULL, "-",
     "sent a template that PostHog did not fill in", TONE_INFO},
    {"shape_zapier_template", BOREALIS, "Tomás Herrera", "created a cohort",
     TONE_GOOD},
};

static void fixtures_read_as_the_screens_show_them(void **state)
{
    struct arena arena = ARENA_INIT;
    char file[80];

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct event_batch *batch = event_batch_new();
        struct decoded decoded;
        const struct event *event;

        tried++;
        snprintf(file, sizeof file, "%s.json", lines[i].file);
        assert_true(decode(file, batch, &decoded));
        assert_int_equal(batch->count, 1);
        event = &batch->events[0];
        assert_string_equal(shown(event->account.name),
                            shown(lines[i].account));
        assert_string_equal(event_person_label(event, &arena),
                            lines[i].person);
        assert_string_equal(event->sentence, lines[i].sentence);
        assert_int_equal(event->tone, lines[i].tone);
        event_batch_free(batch);
        right++;
    }
    arena_free(&arena);
}

/* "sentence: …" or "hidden: …" in the manifest. */
static void assert_note(const char *note, const struct event *event)
{
    if (strncmp(note, "hidden: ", 8) == 0)
        assert_string_equal(note + 8, hidden_name(event->hidden));
    else if (strncmp(note, "sentence: ", 10) == 0)
        assert_string_equal(note + 10, event->sentence);
    else
        fail_msg("a note says nothing: %s", note);
    if (*note == 's')
        assert_int_equal(event->hidden, HIDDEN_NO);
}

static void bodies_that_posthog_rendered_read_as_their_notes_say(void **state)
{
    unsigned bodies = 0, read = 0;

    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        struct event_batch *batch;
        struct decoded decoded;

        if (strncmp(cells[i][FILE_NAME], "vm_", 3) != 0)
            continue;
        bodies++;
        batch = event_batch_new();
        assert_true(decode(cells[i][FILE_NAME], batch, &decoded));
        assert_int_equal(batch->count, 1);
        assert_note(cells[i][NOTE], &batch->events[0]);
        event_batch_free(batch);
        read++;
    }
    printf("# rendered by PostHog: %u of %u\n", read, bodies);
    assert_int_equal(bodies, 50);
}

static void staff_is_hidden_and_strangers_are_unlisted(void **state)
{
    static const struct {
        const char *file;
        unsigned unlisted, hidden, unknown;
    } counts[] = {
        {"01_product_analytics_insight_created.json", 0, 0, 0},
        {"hard_impersonated.json", 0, 1, 0},
        {"hard_internal_user.json", 0, 1, 0},
        {"hard_foreign_org.json", 1, 0, 0},
        {"hard_event_unknown.json", 0, 0, 1},
        {"shape_array_batch.json", 0, 0, 1},
        {"shape_array_onboarding_burst.json", 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct event_batch *batch = event_batch_new();
        struct decoded decoded;

        assert_true(decode(counts[i].file, batch, &decoded));
        assert_int_equal(decoded.unlisted, counts[i].unlisted);
        assert_int_equal(decoded.hidden, counts[i].hidden);
        assert_int_equal(decoded.unknown, counts[i].unknown);
        event_batch_free(batch);
    }
}

/* Their text without what stands outside strings; none of them has control
 * characters in it. */
static void clean_properties_come_out_byte_for_byte(void **state)
{
    static const char lead[] = "\"properties\":";
    struct buf out;

    (void)state;
    buf_init(&out, LIMIT_BODY);
    for (size_t i = 0; i < row_count; i++) {
        struct event_batch *batch = event_batch_new();
        struct decoded decoded;
        char *body, *props;
        size_t len;

        if (strcmp(cells[i][KIND], "event") != 0 ||
            strcmp(cells[i][EVENT], "chat with ai") == 0 ||
            strcmp(cells[i][EVENT], "$ai_generation") == 0) {
            event_batch_free(batch);
            continue;
        }
        body = slurp(cells[i][FILE_NAME], &len);
        props = strstr(body, lead) + sizeof lead - 1;
        assert_true(decode(cells[i][FILE_NAME], batch, &decoded));
        buf_clear(&out);
        event_properties(&out, &batch->events[0]);
        assert_int_equal(strlen(props), out.len + 1);
        assert_memory_equal(props, out.data, out.len);
        free(body);
        event_batch_free(batch);
    }
    buf_free(&out);
}

static void every_decoded_event_survives_its_json_form(void **state)
{
    struct buf first, second;

    (void)state;
    buf_init(&first, 4 * LIMIT_BODY);
    buf_init(&second, 4 * LIMIT_BODY);
    for (size_t i = 0; i < row_count; i++) {
        struct event_batch *batch = event_batch_new();
        struct decoded decoded;

        decode(cells[i][FILE_NAME], batch, &decoded);
        for (size_t k = 0; k < batch->count; k++) {
            struct event back;

            buf_clear(&first);
            buf_clear(&second);
            event_to_json(&first, &batch->events[k], NULL);
            assert_true(
                event_from_json(first.data, first.len, &batch->arena, &back));
            event_to_json(&second, &back, NULL);
            assert_string_equal(first.data, second.data);
        }
        event_batch_free(batch);
    }
    buf_free(&first);
    buf_free(&second);
}

int main(void)
{
    static struct CMUnitTest tests[MAX_ROWS + FIRST] = {
        cmocka_unit_test(fixtures_read_as_the_screens_show_them),
        cmocka_unit_test(bodies_that_posthog_rendered_read_as_their_notes_say),
        cmocka_unit_test(staff_is_hidden_and_strangers_are_unlisted),
        cmocka_unit_test(clean_properties_come_out_byte_for_byte),
        cmocka_unit_test(every_decoded_event_survives_its_json_form),
    };

    read_manifest();
    for (size_t i = 0; i < row_count; i++) {
        tests[i + FIRST].name = cells[i][FILE_NAME];
        tests[i + FIRST].test_func = row_is_as_the_manifest_says;
        tests[i + FIRST].initial_state = cells[i];
    }
    return _cmocka_run_group_tests("manifest", tests, row_count + FIRST, setup,
                                   teardown);
}
