/* What every row of the built-in catalogue says, by a table of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/catalog_rig.h"

#include "base/banned.h"

/* One line a row of the table, most with the properties of a fixture. */
static const struct {
    const char *name, *json;
    enum category category;
    enum tone tone;
    const char *fold, *sentence;
} rows[] = {
    {"insight created", "{\"insight\":\"TRENDS\"}", CATEGORY_ANALYTICS,
     TONE_GOOD, "=", "created an insight · trends"},
    {"cohort created", "{\"filters\":{},\"name_length\":21}",
     CATEGORY_ANALYTICS, TONE_GOOD, "=", "created a cohort"},
    {"cohort created", "{\"groups_count\":2}", CATEGORY_ANALYTICS, TONE_GOOD,
     "=", "created a cohort · 2 match groups"},
    {"action created", "{\"step_count\":2}", CATEGORY_ANALYTICS, TONE_GOOD,
     "=", "created an action · 2 steps"},
    {"annotation created", "{\"scope\":\"project\"}", CATEGORY_ANALYTICS,
     TONE_INFO, "=", "added an annotation to the project"},
    {"dashboard created",
     "{\"item_count\":0,\"from_template\":true,"
     "\"template_key\":\"DEFAULT_APP\",\"duplicated\":false}",
     CATEGORY_ANALYTICS, TONE_GOOD, "=",
     "created a dashboard · from the default app template"},
    {"dashboard created",
     "{\"name\":\"KPI_2026\",\"item_count\":7,\"duplicated\":true}",
     CATEGORY_ANALYTICS, TONE_GOOD, "=",
     "created a dashboard “KPI_2026” · 7 tiles, a copy"},
    {"recording analyzed", "{\"duration\":318442}", CATEGORY_REPLAY, TONE_INFO,
     "replay", "watched a replay · 5 min 18 s long"},
    {"recording viewed summary", "{\"play_time_ms\":42500}", CATEGORY_REPLAY,
     TONE_INFO, "replay", "watched a replay · for 42 s"},
    {"viewed recordings from experiment", "{\"variant\":\"test\"}",
     CATEGORY_REPLAY, TONE_INFO, "replay",
     "watched replays of an experiment · variant test"},
    {"feature flag created",
     "{\"variants_count\":0,\"has_rollout_percentage\":true}", CATEGORY_FLAGS,
     TONE_GOOD, "=", "created a feature flag, rolled out gradually"},
    {"feature flag created", "{\"has_variants\":true,\"variants_count\":3}",
     CATEGORY_FLAGS, TONE_GOOD, "=", "created a feature flag · 3 variants"},
    {"experiment created",
     "{\"experiment_name\":\"Checkout button copy\",\"variant_count\":2}",
     CATEGORY_FLAGS, TONE_GOOD, "=",
     "created an experiment “Checkout button copy” · 2 variants"},
    {"experiment created",
     "{\"name\":\"B\",\"parameters\":{\"feature_flag_variants\":[{},{},{}]}}",
     CATEGORY_FLAGS, TONE_GOOD, "=", "created an experiment “B” · 3 variants"},
    {"experiment launched", "{\"name\":\"Checkout button copy\"}",
     CATEGORY_FLAGS, TONE_GOOD, NULL,
     "launched an experiment “Checkout button copy”"},
    {"experiment completed",
     "{\"name\":\"B\",\"significant\":true,\"duration\":1140000}",
     CATEGORY_FLAGS, TONE_GOOD, NULL,
     "completed an experiment “B” · significant, ran 13 d 4 h"},
    {"experiment completed", "{\"significant\":false}", CATEGORY_FLAGS,
     TONE_GOOD, NULL, "completed an experiment · not significant"},
    {"experiment viewed", "{\"name\":\"B\"}", CATEGORY_FLAGS, TONE_INFO, "=",
     "opened an experiment “B”"},
    {"survey launched",
     "{\"name\":\"NPS – printemps\",\"survey_type\":\"popover\","
     "\"question_types\":[\"rating\",\"open\"]}",
     CATEGORY_SURVEYS, TONE_GOOD, NULL,
     "launched a survey “NPS – printemps” · popover, 2 questions"},
    {"chat with ai", "{\"prompt\":\"Which pages?\"}", CATEGORY_AI, TONE_INFO,
     "=", "asked the AI a question"},
    {"$ai_generation",
     "{\"$ai_model\":\"gpt-5-mini\",\"$ai_output_tokens\":188,"
     "\"$ai_latency\":2.841}",
     CATEGORY_AI, TONE_INFO, "trace",
     "got an AI answer · gpt-5-mini, 188 tokens, 2.8 s"},
    {"ai_hog_function_prompted", "{\"type\":\"destination\"}", CATEGORY_AI,
     TONE_INFO, "=", "asked the AI for a function · destination"},
    {"ai_hog_function_accepted", "{\"type\":\"site_app\"}", CATEGORY_AI,
     TONE_GOOD, "=", "kept a function the AI wrote · site app"},
    {"sql-editor-accepted-suggestion", "{\"source\":\"max\"}", CATEGORY_AI,
     TONE_GOOD, "=", "accepted an SQL suggestion · from max"},
    {"$ai_trace", "{\"$ai_trace_name\":\"support_bot\"}", CATEGORY_AI,
     TONE_INFO, "trace", "used the AI assistant"},
    {"$ai_span", "{}", CATEGORY_AI, TONE_INFO, "trace",
     "used the AI assistant"},
    {"LLMA trace opened", "{}", CATEGORY_AI, TONE_INFO, "llma",
     "used LLM analytics"},
    {"batch export enabled",
     "{\"destination_type\":\"S3\",\"interval\":\"hour\"}", CATEGORY_PIPELINES,
     TONE_GOOD, "=", "started a batch export · to S3, every hour"},
    {"batch import created",
     "{\"source_type\":\"s3\",\"content_type\":\"mixpanel\"}",
     CATEGORY_PIPELINES, TONE_GOOD, "=",
     "started a batch import · mixpanel from s3"},
    {"batch export enabled",
     "{\"destination_type\":\"BigQuery\",\"interval\":\"every 5 minutes\"}",
     CATEGORY_PIPELINES, TONE_GOOD, "=",
     "started a batch export · to BigQuery, every 5 minutes"},
    {"export succeeded",
     "{\"export_format\":\"application/vnd.openxmlformats-officedocument."
     "spreadsheetml.sheet\"}",
     CATEGORY_PIPELINES, TONE_INFO, "=", "exported a file · Excel"},
    {"export succeeded",
     "{\"export_format\":\"image/png\",\"total_time_ms\":2310}",
     CATEGORY_PIPELINES, TONE_INFO, "=",
     "exported a file · image/png, in 2.3 s"},
    {"error_tracking_issue_created",
     "{\"name\":\"TypeError\",\"description\":"
     "\"Cannot read properties of undefined (reading 'map')\"}",
     CATEGORY_ERRORS, TONE_WARN, "=",
     "has a new error · TypeError: Cannot read properties of undefined "
     "(re…"},
    {"person viewed", "{\"properties_count\":41}", CATEGORY_ENGAGEMENT,
     TONE_INFO, "=", "opened a person profile"},
    {"user showed product intent",
     "{\"product_key\":\"feature_flags\","
     "\"is_first_intent_for_product\":true}",
     CATEGORY_ENGAGEMENT, TONE_GOOD, "=",
     "showed interest in feature flags · first time"},
    {"$pageview",
     "{\"$current_url\":\"https://posthog.com/docs/feature-flags/"
     "creating-feature-flags?utm=x#top\"}",
     CATEGORY_ENGAGEMENT, TONE_INFO, "=",
     "read docs/feature-flags/creating-feature-flags"},
    {"toolbar mode triggered", "{\"mode\":\"heatmap\"}", CATEGORY_ENGAGEMENT,
     TONE_INFO, "=", "used the toolbar · heatmap"},
    {"billing product activated", "{\"product_key\":\"session_replay\"}",
     CATEGORY_BILLING, TONE_GOOD, NULL, "activated session replay"},
    {"billing limits updated",
     "{\"product_analytics\":500,\"session_replay\":0,"
     "\"feature_flags\":null,\"data_warehouse\":250.5}",
     CATEGORY_BILLING, TONE_INFO, "=",
     "changed billing limits · analytics $500 · replay $0 · warehouse "
     "$250.50"},
    {"Hit billing limit",
     "{\"resource\":\"recordings\",\"current_usage\":15001,"
     "\"limit\":15000}",
     CATEGORY_BILLING, TONE_BAD, NULL,
     "hit the recordings limit · 15,001 used of 15,000"},
    {"org_quota_limited_until",
     "{\"resource\":\"recordings\",\"event\":\"already limited\","
     "\"current_usage\":15001}",
     CATEGORY_BILLING, TONE_BAD, "=day",
     "is losing recordings · over the limit, 15,001 used"},
    {"org_quota_limited_until",
     "{\"resource\":\"events\",\"event\":\"suspended\"}", CATEGORY_BILLING,
     TONE_WARN, "=day", "is over the events limit, in grace"},
    {"org_quota_limited_until",
     "{\"resource\":\"events\",\"event\":\"suspension removed\"}",
     CATEGORY_BILLING, TONE_INFO, "=day",
     "is no longer over the events limit"},
    {"org_quota_limited_until",
     "{\"resource\":\"events\",\"event\":\"limit_removed\"}", CATEGORY_BILLING,
     TONE_INFO, "=day", "had the events limit checked · limit removed"},
    {"product unsubscribed", "{\"product\":\"group_analytics\"}",
     CATEGORY_BILLING, TONE_WARN, NULL, "removed group analytics"},
    {"billing subscription paid", "{\"total_usd\":\"1284.50\"}",
     CATEGORY_BILLING, TONE_GOOD, NULL, "paid $1,284.50 for the subscription"},
    {"billing subscription cancelled", "{}", CATEGORY_BILLING, TONE_BAD, NULL,
     "cancelled the subscription"},
    {"billing invoice payment failed",
     "{\"total_usd\":742.13,\"attempt_count\":2}", CATEGORY_BILLING, TONE_BAD,
     NULL, "had a payment fail · $742.13, attempt 2"},
    {"annual plan credit purchase",
     "{\"amount_usd\":24000,\"discount_pct\":15}", CATEGORY_BILLING, TONE_GOOD,
     NULL, "bought $24,000 of annual credit, 15 % off"},
    {"billing trial activated", "{\"plan_key\":\"boost\"}", CATEGORY_BILLING,
     TONE_GOOD, NULL, "started a trial · boost"},
    {"autocapture_opt_out team setting updated", "{\"value\":true}",
     CATEGORY_BILLING, TONE_WARN, "settings", "turned off autocapture"},
    {"autocapture toggled", "{\"autocapture_opt_out\":false}",
     CATEGORY_BILLING, TONE_INFO, "settings", "turned on autocapture"},
    {"session_recording_opt_in team setting updated", "{\"value\":false}",
     CATEGORY_BILLING, TONE_WARN, "settings", "turned off session recording"},
    {"session_recording_opt_in team setting updated", "{\"value\":true}",
     CATEGORY_BILLING, TONE_INFO, "settings", "turned on session recording"},
    {"autocapture_exceptions_opt_in team setting updated", "{\"value\":true}",
     CATEGORY_BILLING, TONE_INFO, "settings", "turned on exception capture"},
    {"autocapture_exceptions_opt_in team setting updated", "{\"value\":1}",
     CATEGORY_BILLING, TONE_INFO, "settings",
     "autocapture_exceptions_opt_in team setting updated"},
    {"surveys_opt_in team setting updated", "{\"setting\":\"surveys_opt_in\"}",
     CATEGORY_BILLING, TONE_INFO, "settings",
     "changed the setting surveys opt in"},
    {"user invited", "{}", CATEGORY_TEAM, TONE_GOOD, "=",
     "was invited to the team"},
    {"bulk invite executed", "{\"invitee_count\":4}", CATEGORY_TEAM, TONE_GOOD,
     "invite", "invited 4 people"},
    {"team member invited", "{\"current_member_count\":7}", CATEGORY_TEAM,
     TONE_GOOD, "invite", "invited a team member · 7 members so far"},
    {"experiment stopped", "{\"experiment_name\":\"E\",\"name\":\"F\"}",
     CATEGORY_FLAGS, TONE_INFO, NULL, "stopped an experiment “E”"},
    {"experiment paused", "{\"experiment_name\":\"E\",\"name\":\"F\"}",
     CATEGORY_FLAGS, TONE_INFO, NULL, "paused an experiment “E”"},
    {"experiment resumed", "{\"experiment_name\":\"E\",\"name\":\"F\"}",
     CATEGORY_FLAGS, TONE_INFO, NULL, "resumed an experiment “E”"},
    {"experiment reset", "{\"experiment_name\":\"E\",\"name\":\"F\"}",
     CATEGORY_FLAGS, TONE_INFO, NULL, "reset an experiment “E”"},
    {"experiment archived", "{\"experiment_name\":\"E\",\"name\":\"F\"}",
     CATEGORY_FLAGS, TONE_INFO, NULL, "archived an experiment “E”"},
    {"feature flag updated", "{\"key\":\"new_nav\"}", CATEGORY_FLAGS,
     TONE_GOOD, "=", "changed a feature flag “new_nav”"},
    {"toolbar feature flag overridden", "{}", CATEGORY_FLAGS, TONE_INFO, "=",
     "tried a feature flag in the toolbar"},
    {"survey created", "{\"name\":\"NPS\",\"survey_type\":\"popover\"}",
     CATEGORY_SURVEYS, TONE_GOOD, "=", "created a survey “NPS” · popover"},
    {"Task created", "{}", CATEGORY_AI, TONE_GOOD, "=", "gave the AI a task"},
    {"data warehouse source created", "{\"source_type\":\"Stripe\"}",
     CATEGORY_PIPELINES, TONE_GOOD, "=", "connected a data source · Stripe"},
    {"hog_flow_created", "{}", CATEGORY_PIPELINES, TONE_GOOD, "=",
     "created a workflow"},
    {"endpoint created", "{}", CATEGORY_PIPELINES, TONE_GOOD, "=",
     "created an endpoint"},
    {"error_tracking_issue_viewed", "{}", CATEGORY_ERRORS, TONE_INFO, "=",
     "opened an error"},
    {"onboarding started", "{}", CATEGORY_ENGAGEMENT, TONE_GOOD, "=",
     "started the onboarding"},
    {"onboarding completed", "{}", CATEGORY_ENGAGEMENT, TONE_GOOD, "=",
     "finished the onboarding"},
    {"sdk selected", "{\"sdk\":\"python\"}", CATEGORY_ENGAGEMENT, TONE_INFO,
     "=", "chose an SDK · python"},
    {"setup wizard finished", "{}", CATEGORY_ENGAGEMENT, TONE_GOOD, "=",
     "finished the setup wizard"},
    {"Inbox report opened", "{}", CATEGORY_ENGAGEMENT, TONE_INFO, "=",
     "opened an inbox report"},
    {"alert created", "{}", CATEGORY_ANALYTICS, TONE_GOOD, "=",
     "created an alert"},
    {"viewed dashboard", "{}", CATEGORY_ANALYTICS, TONE_INFO, "=",
     "opened a dashboard"},
    {"insight viewed", "{}", CATEGORY_ANALYTICS, TONE_INFO, "=",
     "opened an insight"},
    {"notebook opened", "{}", CATEGORY_ANALYTICS, TONE_INFO, "=",
     "opened a notebook"},
    {"web analytics filter applied", "{}", CATEGORY_ANALYTICS, TONE_INFO, "=",
     "filtered web analytics"},
    {"heatmaps toggled", "{\"heatmaps_opt_in\":true}", CATEGORY_BILLING,
     TONE_INFO, "settings", "turned on heatmaps"},
    {"autocapture exceptions toggled", "{\"autocapture_opt_in\":false}",
     CATEGORY_BILLING, TONE_INFO, "settings", "turned off exception capture"},
    {"insight created",
     "{\"query_kind\":\"InsightVizNode\",\"query_source_kind\":"
     "\"WebOverviewQuery\",\"insight\":\"x\"}",
     CATEGORY_ANALYTICS, TONE_GOOD, "=", "created an insight · web overview"},
    {"insight created",
     "{\"query_kind\":\"InsightVizNode\",\"insight\":\"FUNNELS\"}",
     CATEGORY_ANALYTICS, TONE_GOOD, "=", "created an insight · funnels"},
    {"insight created",
     "{\"query_kind\":\"DataVisualizationNode\",\"query_source_kind\":"
     "\"HogQLQuery\"}",
     CATEGORY_ANALYTICS, TONE_GOOD, "=", "created an insight · SQL"},
    {"experiment launched", "{\"experiment_name\":\"E\"}", CATEGORY_FLAGS,
     TONE_GOOD, NULL, "launched an experiment “E”"},
    {"experiment completed",
     "{\"experiment_name\":\"E\",\"duration\":1209600}", CATEGORY_FLAGS,
     TONE_GOOD, NULL, "completed an experiment “E”, ran 14 d"},
    {"recording analyzed", "{\"duration\":318,\"$lib\":\"posthog-python\"}",
     CATEGORY_REPLAY, TONE_INFO, "replay",
     "watched a replay · 5 min 18 s long"},
    {"person profile analyzed", "{}", CATEGORY_ENGAGEMENT, TONE_INFO, "=",
     "opened a person profile"},
};

static void every_row_says_what_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event event = apply_catalog(rows[i].name, rows[i].json);

        assert_string_equal(event.sentence, rows[i].sentence);
        assert_int_equal(event.category, rows[i].category);
        assert_int_equal(event.tone, rows[i].tone);
        if (rows[i].fold)
            assert_string_equal(event.fold, rows[i].fold);
        else
            assert_null(event.fold);
        assert_false(event.flags & EVENT_UNKNOWN);
    }
}

static void no_builtin_row_is_left_out_of_the_table_above(void **state)
{
    (void)state;
    for (size_t r = 0; r < catalog_rows(catalog); r++) {
        const char *const *name = catalog_row(catalog, r).names;
        bool seen = false;

        for (; *name && !seen; name++)
            for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                seen |= text_glob(*name, rows[i].name);
        if (!seen)
            fail_msg("no line for [%s]", catalog_row(catalog, r).id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_CASE(every_row_says_what_it_should),
        CATALOG_CASE(no_builtin_row_is_left_out_of_the_table_above),
    };

    return cmocka_run_group_tests_name("catalogue rows", tests, NULL, NULL);
}
