/* Bodies have the shape of telltale's own payload, as PostHog would send it. */
#include "command/demo_deed.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#include "base/banned.h"

#define SITE "https://us.posthog.example"
#define DOCS "https://posthog.example/docs/"

/* <2..5> is one of these numbers, <a|b> one of these words: the same moment
 * always has the same. */
static const struct {
    const char *event;
    const char *page; /* below the project, or a whole address; NULL: sent
                         by a server, so no session and no replay */
    const char *props;
} deeds[DEED_COUNT] = {
    [INSIGHT] = {"insight created", "insights/new",
                 "\"insight\":\"<TRENDS|TRENDS|TRENDS|RETENTION|LIFECYCLE|"
                 "STICKINESS|PATHS>\",\"series_length\":<1..5>"},
    [FUNNEL] = {"insight created", "insights/new",
                "\"insight\":\"FUNNELS\",\"series_length\":<2..6>"},
    [DASHBOARD] = {"dashboard created", "dashboard",
                   "\"name\":\"<Activation, weekly|Sign-ups by channel|"
                   "Revenue by plan|Onboarding|Retention, mobile|"
                   "Checkout health>\",\"item_count\":<2..12>"},
    [COHORT] = {"cohort created", "cohorts/new", "\"groups_count\":<1..4>"},
    [REPLAY] = {"recording analyzed", "replay/home", "\"duration\":<9..1240>"},
    [FLAG] = {"feature flag created", "feature_flags/new",
              "\"variants_count\":0,\"has_rollout_percentage\":true"},
    [FLAG_VARIANTS] = {"feature flag created", "feature_flags/new",
                       "\"variants_count\":<2..4>"},
    [EXPERIMENT] = {"experiment created", "experiments/new",
                    "\"name\":\"<Checkout button copy|Shorter sign-up|"
                    "Annual plan first|New empty state|Trial of 30 days>\","
                    "\"variant_count\":<2..3>"},
    [LAUNCH] = {"experiment launched", "experiments/<5512|5513|5520|5531>",
                "\"name\":\"<Checkout button copy|Shorter sign-up|"
                "Annual plan first|New empty state|Trial of 30 days>\""},
    [SURVEY] = {"survey launched", "surveys/0198aa",
                "\"name\":\"NPS – printemps\",\"survey_type\":\"popover\","
                "\"question_types\":[\"rating\",\"open\"]"},
    [ASK_AI] = {"chat with ai", "max", "\"mode\":\"sidebar\""},
    [AI_ANSWER] = {"$ai_generation", NULL,
                   "\"$ai_model\":\"<claude-sonnet|claude-haiku>\","
                   "\"$ai_output_tokens\":<48..1630>,"
                   "\"$ai_latency\":<1..9>.<10..98>"},
    [AI_SQL] = {"sql-editor-accepted-suggestion", "sql", "\"source\":\"max\""},
    [EXPORT_FILE] = {"export succeeded", NULL,
                     "\"export_format\":\"<csv|csv|xlsx|png>\","
                     "\"total_time_ms\":<640..8400>"},
    [BATCH_EXPORT] = {"batch export enabled", NULL,
                      "\"destination_type\":\"S3\",\"interval\":\"hour\""},
    [PERSON] = {"person viewed", "person/a1", "\"properties_count\":<12..74>"},
    [INVITE] = {"team member invited", "settings/organization",
                "\"current_member_count\":7"},
    [DOCS_FLAGS] = {"$pageview", DOCS "feature-flags/creating-feature-flags",
                    ""},
    [DOCS_FLAG_CODE] = {"$pageview",
                        DOCS "feature-flags/adding-feature-flag-code", ""},
    [DOCS_REPLAY] = {"$pageview",
                     DOCS "session-replay/<how-to-watch|privacy|sharing>", ""},
    [DOCS_EXPERIMENTS] = {"$pageview",
                          DOCS "experiments/<metrics|creating-an-experiment|"
                               "sample-size-running-time>",
                          ""},
    [DOCS_FUNNELS] = {"$pageview",
                      DOCS "product-analytics/<funnels|retention|trends>", ""},
    [ERROR_ISSUE] = {"error_tracking_issue_created", NULL,
                     "\"name\":\"TypeError\",\"description\":\"Cannot read "
                     "properties of undefined (reading 'map')\""},
    [PAYMENT_FAILED] = {"billing invoice payment failed", NULL,
                        "\"total_usd\":742.13,\"attempt_count\":2"},
    [PAID] = {"billing subscription paid", NULL,
              "\"total_usd\":\"<310..4890>.<10..98>\""},
    [LIMIT_HIT] = {"hit billing limit", NULL,
                   "\"resource\":\"recordings\",\"current_usage\":15001,"
                   "\"limit\":15000"},
    [LOSING] = {"org_quota_limited_until", NULL,
                "\"resource\":\"recordings\",\"event\":\"already limited\","
                "\"current_usage\":15001"},
    [CREDIT] = {"annual plan credit purchase", NULL,
                "\"amount_usd\":24000,\"discount_pct\":15"},
};

/* What decides about the choices of a moment. An account pays the same every
 * month. */
static uint64_t chance_of(const struct moment *moment)
{
    return demo_mix(moment->deed == PAID
                        ? (uint64_t)moment->who->account->project
                        : (uint64_t)moment->at + moment->who->mark);
}

/* Appends what lies between < and >, and returns what follows. */
static const char *add_choice(struct buf *out, const char *choice,
                              uint64_t chance)
{
    const char *end = strchr(choice, '>');
    size_t count = 1;
    int low, high;

    if (sscanf(choice, "%d..%d", &low, &high) == 2) {
        buf_addf(out, "%d", low + (int)(chance % (uint64_t)(high - low + 1)));
        return end + 1;
    }
    for (const char *at = choice; at < end; at++)
        count += *at == '|';
    for (size_t skip = chance % count; skip; skip--)
        choice = strchr(choice, '|') + 1;
    buf_add(out, choice, strcspn(choice, "|>"));
    return end + 1;
}

static void add_chosen(struct buf *out, const char *text, uint64_t chance)
{
    while (*text) {
        size_t plain = strcspn(text, "<");

        buf_add(out, text, plain);
        text += plain;
        if (*text) {
            text = add_choice(out, text + 1, chance);
            chance = demo_mix(chance);
        }
    }
}

/* The same person keeps a session for an hour. */
static void write_session(const struct moment *moment,
                          char out[UUID_TEXT_SIZE])
{
    struct uuid session = {{0}};
    uint64_t hour = (uint64_t)(moment->at / CLOCK_HOUR_MS);
    uint64_t bits[2] = {demo_mix(hour), demo_mix(hour + moment->who->mark)};

    memcpy(session.bytes, bits, sizeof session.bytes);
    demo_stamp(&session, (int64_t)hour * CLOCK_HOUR_MS);
    uuid_format(&session, out);
}

static void add_page(struct buf *out, const struct moment *moment)
{
    const char *page = deeds[moment->deed].page;

    if (!page)
        buf_adds(out, "null");
    else {
        buf_addc(out, '"');
        if (strncmp(page, "https:", 6) != 0)
            buf_addf(out, SITE "/project/%d/", moment->who->account->project);
        add_chosen(out, page, chance_of(moment));
        buf_addc(out, '"');
    }
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
             "\"properties\":{",
             id, iso);
    add_chosen(out, props, chance_of(moment));
    buf_addf(out, "%s\"$current_url\":", *props ? "," : "");
    add_page(out, moment);
    buf_adds(out, "}}");
}
