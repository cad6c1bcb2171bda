/* Bodies have the shape of telltale's own payload, as PostHog would send it. */
#include "command/demo_deed.h"

#include <string.h>

#include "base/clock.h"

#include "base/banned.h"

#define HOUR_MS INT64_C(3600000)
#define SITE "https://us.posthog.example"
#define DOCS "https://posthog.example/docs/"

static const struct {
    const char *event;
    const char *page; /* below the project, or a whole address; NULL: sent
                         by a server, so no session and no replay */
    const char *props;
} deeds[DEED_COUNT] = {
    [INSIGHT] = {"insight created", "insights/new",
                 "\"insight\":\"TRENDS\",\"series_length\":2"},
    [FUNNEL] = {"insight created", "insights/new",
                "\"insight\":\"FUNNELS\",\"series_length\":4"},
    [DASHBOARD] = {"dashboard created", "dashboard",
                   "\"name\":\"Activation, weekly\",\"item_count\":6"},
    [COHORT] = {"cohort created", "cohorts/new", "\"groups_count\":2"},
    [REPLAY] = {"recording analyzed", "replay/home", "\"duration\":318442"},
    [FLAG] = {"feature flag created", "feature_flags/new",
              "\"variants_count\":0,\"has_rollout_percentage\":true"},
    [FLAG_VARIANTS] = {"feature flag created", "feature_flags/new",
                       "\"variants_count\":3"},
    [EXPERIMENT] = {"experiment created", "experiments/new",
                    "\"name\":\"Checkout button copy\",\"variant_count\":2"},
    [LAUNCH] = {"experiment launched", "experiments/5512",
                "\"name\":\"Checkout button copy\""},
    [SURVEY] = {"survey launched", "surveys/0198aa",
                "\"name\":\"NPS – printemps\",\"survey_type\":\"popover\","
                "\"question_types\":[\"rating\",\"open\"]"},
    [ASK_AI] = {"chat with ai", "max", "\"mode\":\"sidebar\""},
    [AI_ANSWER] = {"$ai_generation", NULL,
                   "\"$ai_model\":\"claude-sonnet\",\"$ai_output_tokens\":188,"
                   "\"$ai_latency\":2.84"},
    [AI_SQL] = {"sql-editor-accepted-suggestion", "sql", "\"source\":\"max\""},
    [EXPORT_FILE] = {"export succeeded", NULL,
                     "\"export_format\":\"csv\",\"total_time_ms\":2130"},
    [BATCH_EXPORT] = {"batch export enabled", NULL,
                      "\"destination_type\":\"S3\",\"interval\":\"hour\""},
    [PERSON] = {"person viewed", "person/a1", "\"properties_count\":31"},
    [INVITE] = {"team member invited", "settings/organization",
                "\"current_member_count\":7"},
    [DOCS_FLAGS] = {"$pageview", DOCS "feature-flags/creating-feature-flags",
                    ""},
    [DOCS_FLAG_CODE] = {"$pageview",
                        DOCS "feature-flags/adding-feature-flag-code", ""},
    [DOCS_REPLAY] = {"$pageview", DOCS "session-replay/how-to-watch", ""},
    [DOCS_EXPERIMENTS] = {"$pageview", DOCS "experiments/metrics", ""},
    [DOCS_FUNNELS] = {"$pageview", DOCS "product-analytics/funnels", ""},
    [ERROR_ISSUE] = {"error_tracking_issue_created", NULL,
                     "\"name\":\"TypeError\",\"description\":\"Cannot read "
                     "properties of undefined (reading 'map')\""},
    [PAYMENT_FAILED] = {"billing invoice payment failed", NULL,
                        "\"total_usd\":742.13,\"attempt_count\":2"},
    [PAID] = {"billing subscription paid", NULL, "\"total_usd\":\"1284.50\""},
    [LIMIT_HIT] = {"hit billing limit", NULL,
                   "\"resource\":\"recordings\",\"current_usage\":15001,"
                   "\"limit\":15000"},
    [LOSING] = {"org_quota_limited_until", NULL,
                "\"resource\":\"recordings\",\"event\":\"already limited\","
                "\"current_usage\":15001"},
    [CREDIT] = {"annual plan credit purchase", NULL,
                "\"amount_usd\":24000,\"discount_pct\":15"},
};

/* The same person keeps a session for an hour. */
static void write_session(const struct moment *moment,
                          char out[UUID_TEXT_SIZE])
{
    struct uuid session = {{0}};
    uint64_t hour = (uint64_t)(moment->at / HOUR_MS);
    uint64_t bits[2] = {demo_mix(hour), demo_mix(hour + moment->who->mark)};

    memcpy(session.bytes, bits, sizeof session.bytes);
    demo_stamp(&session, (int64_t)hour * HOUR_MS);
    uuid_format(&session, out);
}

static void add_page(struct buf *out, const struct moment *moment)
{
    const char *page = deeds[moment->deed].page;

    if (!page)
        buf_adds(out, "null");
    else if (!strncmp(page, "https:", 6))
        buf_addf(out, "\"%s\"", page);
    else
        buf_addf(out, "\"" SITE "/project/%d/%s\"",
                 moment->who->account->project, page);
}

static void add_who(struct buf *out, const struct demo_person *who)
{
    const struct demo_account *account = who->account;

    buf_addf(out,
             ",\"distinct_id\":\"%s\",\"user_email\":\"%s@%s\","
             "\"user_name\":\"%s\",\"person_url\":\"" SITE
             "/project/2/person/%s\",\"org_id\":\"%s\","
             "\"org_name\":\"%s\"",
             who->id, who->mailbox, account->domain, who->name, who->id,
             account->id, account->name);
}

void deed_write(const struct moment *moment, const struct uuid *uuid,
                struct buf *out)
{
    const char *props = deeds[moment->deed].props;
    char id[UUID_TEXT_SIZE], session[UUID_TEXT_SIZE], iso[CLOCK_ISO_SIZE];

    uuid_format(uuid, id);
    clock_format_iso(moment->at, iso);
    buf_addf(out,
             "{\"v\":1,\"uuid\":\"%s\",\"event\":\"%s\","
             "\"timestamp\":\"%s\"",
             id, deeds[moment->deed].event, iso);
    add_who(out, moment->who);
    buf_adds(out, ",\"current_url\":");
    add_page(out, moment);
    if (deeds[moment->deed].page) {
        write_session(moment, session);
        buf_addf(out,
                 ",\"session_id\":\"%s\",\"replay_url\":\"" SITE
                 "/project/2/replay/%s?t=%s\"",
                 session, session, iso);
    }
    buf_addf(out,
             ",\"event_url\":\"" SITE "/project/2/events/%s/%s\","
             "\"project\":\"PostHog App + Website\","
             "\"properties\":{%s%s\"$current_url\":",
             id, iso, props, *props ? "," : "");
    add_page(out, moment);
    buf_adds(out, "}}");
}
