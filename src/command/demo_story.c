/* Tables first: who there is, what they do, what happens in the first
 * minute; then drawing from them. Bodies have the shape of telltale's own
 * payload, as PostHog would send it. */
#include "command/demo_story.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/uuid.h"

#include "base/banned.h"

#define HISTORY_DAYS 28
#define QUIET_DAYS 8 /* since when the quiet account is quiet */
#define HOUR_MS INT64_C(3600000)
#define SITE "https://us.posthog.example"

static const struct org {
    const char *id, *name, *domain, *segment, *arr;
    int project;
    double workday; /* events on an ordinary working day */
} orgs[] = {
    {"77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8", "Alder & Finch Labs",
     "alderfinch.example", "enterprise", "191000", 2041, 14},
    {"becccfc8-9252-4f2f-983e-4eeaaac45350", "Borealis Freight",
     "borealis.example", "enterprise", "90000", 1877, 6},
    {"59973a93-bdfe-47ce-8063-bb62d4ca91d7", "Cobalt Kitchen",
     "cobaltkitchen.example", "enterprise", "222000", 2550, 5},
    {"49b0761a-a1aa-4a9b-bd41-4344bf0cdf4a", "Dunes Health, Inc.",
     "dunes.example", "enterprise", "144000", 3110, 8},
    {"aecf293c-87c5-41ec-99cf-9029d17dfb4c", "Émeraude Études",
     "emeraude.example", "scale", "195000", 4120, 4},
    {"48e0171f-a6de-4477-8b9f-45a630e909c7", "株式会社ひばり不動産",
     "hibari.example", "scale", "90000", 5230, 9},
};
enum { ALDER, BOREALIS, COBALT, DUNES, EMERAUDE, HIBARI, ORG_COUNT };

/* What somebody does, with what PostHog would report of it. */
enum deed {
    INSIGHT,
    FUNNEL,
    DASHBOARD,
    COHORT,
    REPLAY,
    FLAG,
    FLAG_VARIANTS,
    EXPERIMENT,
    LAUNCH,
    SURVEY,
    ASK_AI,
    AI_ANSWER,
    AI_FUNCTION,
    AI_SQL,
    EXPORT_FILE,
    BATCH_EXPORT,
    PERSON,
    DOCS_FLAGS,
    DOCS_FLAG_CODE,
    DOCS_REPLAY,
    DOCS_EXPERIMENTS,
    DOCS_SQL,
    INTENT_FLAGS,
    TOOLBAR,
    ERROR_ISSUE,
    PAYMENT_FAILED,
    PAID,
    LIMIT_HIT,
    LOSING,
    TRIAL,
    CREDIT,
    INVITE,
    AUTOCAPTURE_OFF,
    DEED_COUNT
};
#define DOCS "https://posthog.example/docs/"
static const struct {
    const char *event;
    const char *page; /* below the project, or a whole address; NULL: sent
                         by a server, so no session and no replay */
    const char *props;
    bool nobody; /* carries neither person nor account */
} deeds[DEED_COUNT] = {
    [INSIGHT] = {"insight created", "insights/new",
                 "\"insight\":\"TRENDS\",\"series_length\":2", false},
    [FUNNEL] = {"insight created", "insights/new",
                "\"insight\":\"FUNNELS\",\"series_length\":4", false},
    [DASHBOARD] = {"dashboard created", "dashboard",
                   "\"name\":\"Activation, weekly\",\"item_count\":6", false},
    [COHORT] = {"cohort created", "cohorts/new", "\"groups_count\":2", false},
    [REPLAY] = {"recording analyzed", "replay/home", "\"duration\":318442",
                false},
    [FLAG] = {"feature flag created", "feature_flags/new",
              "\"variants_count\":0,\"has_rollout_percentage\":true", false},
    [FLAG_VARIANTS] = {"feature flag created", "feature_flags/new",
                       "\"variants_count\":3", false},
    [EXPERIMENT] = {"experiment created", "experiments/new",
                    "\"name\":\"Checkout button copy\",\"variant_count\":2",
                    false},
    [LAUNCH] = {"experiment launched", "experiments/5512",
                "\"name\":\"Checkout button copy\"", false},
    [SURVEY] = {"survey launched", "surveys/0198aa",
                "\"name\":\"NPS – printemps\",\"survey_type\":\"popover\","
                "\"question_types\":[\"rating\",\"open\"]",
                false},
    [ASK_AI] = {"chat with ai", "max", "\"mode\":\"sidebar\"", false},
    [AI_ANSWER] = {"$ai_generation", NULL,
                   "\"$ai_model\":\"claude-sonnet\",\"$ai_output_tokens\":188,"
                   "\"$ai_latency\":2.84",
                   false},
    [AI_FUNCTION] = {"ai_hog_function_prompted", "pipeline/new/destination",
                     "\"type\":\"destination\"", false},
    [AI_SQL] = {"sql-editor-accepted-suggestion", "sql", "\"source\":\"max\"",
                false},
    [EXPORT_FILE] = {"export succeeded", NULL,
                     "\"export_format\":\"csv\",\"total_time_ms\":2130",
                     false},
    [BATCH_EXPORT] = {"batch export enabled", NULL,
                      "\"destination_type\":\"S3\",\"interval\":\"hour\"",
                      false},
    [PERSON] = {"person viewed", "person/a1", "\"properties_count\":31",
                false},
    [DOCS_FLAGS] = {"$pageview", DOCS "feature-flags/creating-feature-flags",
                    "", false},
    [DOCS_FLAG_CODE] = {"$pageview",
                        DOCS "feature-flags/adding-feature-flag-code", "",
                        false},
    [DOCS_REPLAY] = {"$pageview", DOCS "session-replay/how-to-watch", "",
                     false},
    [DOCS_EXPERIMENTS] = {"$pageview", DOCS "experiments/metrics", "", false},
    [DOCS_SQL] = {"$pageview", DOCS "data-warehouse/query", "", false},
    [INTENT_FLAGS] = {"user showed product intent", "onboarding",
                      "\"product_key\":\"feature_flags\","
                      "\"is_first_intent_for_product\":true",
                      false},
    [TOOLBAR] = {"toolbar mode triggered", "toolbar", "\"mode\":\"heatmap\"",
                 false},
    [ERROR_ISSUE] = {"error_tracking_issue_created", NULL,
                     "\"name\":\"TypeError\",\"description\":\"Cannot read "
                     "properties of undefined (reading 'map')\"",
                     true},
    [PAYMENT_FAILED] = {"billing invoice payment failed", NULL,
                        "\"total_usd\":742.13,\"attempt_count\":2", false},
    [PAID] = {"billing subscription paid", NULL, "\"total_usd\":\"1284.50\"",
              false},
    [LIMIT_HIT] = {"hit billing limit", NULL,
                   "\"resource\":\"recordings\",\"current_usage\":15001,"
                   "\"limit\":15000",
                   false},
    [LOSING] = {"org_quota_limited_until", NULL,
                "\"resource\":\"recordings\",\"event\":\"already limited\","
                "\"current_usage\":15001",
                false},
    [TRIAL] = {"billing trial activated", NULL,
               "\"product_key\":\"group_analytics\"", false},
    [CREDIT] = {"annual plan credit purchase", NULL,
                "\"amount_usd\":24000,\"discount_pct\":15", false},
    [INVITE] = {"team member invited", "settings/organization",
                "\"current_member_count\":7", false},
    [AUTOCAPTURE_OFF] = {"autocapture_opt_out team setting updated",
                         "settings/project",
                         "\"setting\":\"autocapture_opt_out\",\"value\":true",
                         false},
};

/* share is of the account's events, in percent; usual is what they do. */
static const struct person {
    int org;
    const char *name, *mailbox;
    int share;
    enum deed usual[8];
    int usual_count;
} people[] = {
    {ALDER,
     "Maya Okafor",
     "maya",
     46,
     {INSIGHT, FUNNEL, DASHBOARD, FLAG, EXPERIMENT, DOCS_SQL, COHORT, PERSON},
     8},
    {ALDER,
     "Jonas Lindqvist",
     "jonas",
     30,
     {ASK_AI, AI_ANSWER, INSIGHT, AI_SQL},
     4},
    {ALDER, "Priya Raman", "priya", 16, {REPLAY, REPLAY, DOCS_REPLAY}, 3},
    {ALDER, "Sinéad O'Dowd", "sinead", 8, {PERSON, TOOLBAR}, 2},
    {BOREALIS,
     "Tomás Herrera",
     "tomas",
     60,
     {INSIGHT, DASHBOARD, PERSON, DOCS_SQL, REPLAY},
     5},
    {BOREALIS,
     "Ingrid Solheim",
     "ingrid",
     32,
     {EXPERIMENT, LAUNCH, INSIGHT, DOCS_EXPERIMENTS},
     4},
    {BOREALIS, "Lucía Marín", "lucia", 5, {PERSON}, 1},
    {BOREALIS, "Dev Patel", "dev", 3, {PERSON}, 1},
    {COBALT,
     "Wanjiru Kamau",
     "wanjiru",
     50,
     {AI_FUNCTION, ASK_AI, INSIGHT, DOCS_SQL},
     4},
    {COBALT, "Ben Achterberg", "ben", 30, {INVITE, INSIGHT, COHORT}, 3},
    {COBALT, "Zoë van Dijk", "zoe", 20, {TOOLBAR, INSIGHT, REPLAY}, 3},
    {DUNES,
     "Ruth Feldman",
     "ruth",
     45,
     {INSIGHT, AI_SQL, COHORT, EXPORT_FILE, REPLAY},
     5},
    {DUNES, "Omar Haddad", "omar", 32, {DASHBOARD, INSIGHT, REPLAY}, 3},
    {DUNES, "Caleb Whitlock", "caleb", 23, {BATCH_EXPORT, EXPORT_FILE}, 2},
    {EMERAUDE,
     "Aurélie Fontaine",
     "aurelie",
     53,
     {INSIGHT, SURVEY, FUNNEL},
     3},
    {EMERAUDE, "Beatriz Sá", "beatriz", 34, {INSIGHT, REPLAY}, 2},
    {EMERAUDE, "Noé Gauthier", "noe", 13, {INSIGHT, EXPORT_FILE}, 2},
    {HIBARI,
     "山田 花子",
     "hanako",
     53,
     {DASHBOARD, INSIGHT, ASK_AI, REPLAY, AI_ANSWER},
     5},
    {HIBARI, "佐藤 健", "ken", 32, {INSIGHT, PERSON, DOCS_SQL}, 3},
    {HIBARI, "Kim Min-jun", "minjun", 15, {REPLAY, INSIGHT}, 2},
};
#define PERSON_COUNT (sizeof people / sizeof *people)

/* The first minute, at the usual rate of 20 a minute. */
static const struct beat {
    const char *mailbox;
    enum deed deed;
} beats[] = {
    {"maya", INSIGHT},         {"tomas", DOCS_FLAGS},
    {"maya", DASHBOARD},       {"tomas", DOCS_FLAG_CODE},
    {"jonas", ASK_AI},         {"tomas", DOCS_FLAG_CODE},
    {"jonas", AI_ANSWER},      {"tomas", FLAG_VARIANTS},
    {"lucia", PAYMENT_FAILED}, {"priya", REPLAY},
    {"tomas", FLAG},           {"maya", EXPERIMENT},
    {"aurelie", SURVEY},       {"ben", INVITE},
    {"ben", INVITE},           {"ruth", LOSING},
    {"maya", LAUNCH},          {"zoe", TRIAL},
    {"ken", INTENT_FLAGS},     {"omar", CREDIT},
};
#define BEAT_COUNT (sizeof beats / sizeof *beats)

/* Single events of the past, by days before now. */
static const struct past {
    int days_ago, hour;
    const char *mailbox;
    enum deed deed;
} milestones[] = {
    {27, 9, "jonas", PAID},          {20, 11, "ruth", LIMIT_HIT},
    {13, 10, "omar", PAID},          {6, 14, "zoe", AUTOCAPTURE_OFF},
    {3, 8, "lucia", PAYMENT_FAILED}, {1, 16, "maya", ERROR_ISSUE},
};

struct moment {
    int64_t at;
    const struct person *who;
    enum deed deed;
};

struct story {
    uint64_t random;
    struct moment *history;
    size_t history_count, history_size, told;
    size_t beat;
};

/* Vigna's splitmix64: small, and the same on every machine. */
static uint64_t draw(struct story *story)
{
    uint64_t z = story->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int draw_below(struct story *story, int limit)
{
    return (int)(draw(story) % (uint64_t)limit);
}

static const struct person *person_by_mailbox(const char *mailbox)
{
    for (size_t i = 0; i < PERSON_COUNT; i++)
        if (!strcmp(people[i].mailbox, mailbox))
            return &people[i];
    abort(); /* a beat names nobody: a mistake in the tables */
}

static const struct person *draw_person(struct story *story, int org)
{
    int mark = draw_below(story, 100);
    const struct person *last = NULL;

    for (size_t i = 0; i < PERSON_COUNT; i++) {
        if (people[i].org != org)
            continue;
        last = &people[i];
        mark -= last->share;
        if (mark < 0)
            break;
    }
    return last;
}

static enum deed draw_deed(struct story *story, const struct person *who)
{
    return who->usual[draw_below(story, who->usual_count)];
}

static void remember(struct story *story, int64_t at, const struct person *who,
                     enum deed deed)
{
    if (story->history_count == story->history_size) {
        story->history_size =
            story->history_size ? story->history_size * 2 : 256;
        story->history = xreallocarray(story->history, story->history_size,
                                       sizeof *story->history);
    }
    story->history[story->history_count++] =
        (struct moment){.at = at, .who = who, .deed = deed};
}

static int events_of_day(struct story *story, int org, int days_ago,
                         int weekday)
{
    double mean = orgs[org].workday;

    if (weekday == 0 || weekday == 6)
        mean *= 0.06;
    if (org == HIBARI && days_ago < QUIET_DAYS)
        mean *= 0.3;
    /* Between half and one and a half times the mean, rounded fairly. */
    mean *= 0.5 + draw_below(story, 1001) / 1000.0;
    return (int)(mean + draw_below(story, 1000) / 1000.0);
}

static void remember_day(struct story *story, int32_t day, int days_ago,
                         int64_t now_ms)
{
    int weekday = (int)((day + 4) % 7); /* 1970-01-01 was a Thursday */

    for (int org = 0; org < ORG_COUNT; org++) {
        int count = events_of_day(story, org, days_ago, weekday);

        for (int i = 0; i < count; i++) {
            const struct person *who = draw_person(story, org);
            int64_t at = clock_day_start(day) + 8 * HOUR_MS +
                         draw_below(story, 10 * (int)HOUR_MS);

            if (at < now_ms - 60000)
                remember(story, at, who, draw_deed(story, who));
        }
    }
}

/* The hour before the story begins is not silent, whatever time it is: the
 * accounts that work, work. */
static void remember_last_hour(struct story *story, int64_t now_ms)
{
    for (int minute = 2; minute < 60; minute += 2) {
        const struct person *who =
            draw_person(story, draw_below(story, HIBARI));

        remember(story, now_ms - minute * INT64_C(60000), who,
                 draw_deed(story, who));
    }
}

static int by_time(const void *a, const void *b)
{
    const struct moment *left = a, *right = b;

    return (left->at > right->at) - (left->at < right->at);
}

struct story *story_new(uint64_t seed, int64_t now_ms)
{
    struct story *story = xcalloc(1, sizeof *story);
    int32_t today = clock_day(now_ms);

    story->random = seed;
    for (int ago = HISTORY_DAYS; ago >= 0; ago--)
        remember_day(story, today - ago, ago, now_ms);
    remember_last_hour(story, now_ms);
    for (size_t i = 0; i < sizeof milestones / sizeof *milestones; i++)
        remember(story,
                 clock_day_start(today - milestones[i].days_ago) +
                     milestones[i].hour * HOUR_MS,
                 person_by_mailbox(milestones[i].mailbox), milestones[i].deed);
    qsort(story->history, story->history_count, sizeof *story->history,
          by_time);
    return story;
}

void story_free(struct story *story)
{
    if (!story)
        return;
    free(story->history);
    free(story);
}

const char *story_book(void)
{
    static char text[2048];
    struct buf csv;

    buf_init(&csv, sizeof text - 1);
    buf_adds(&csv, "organization_id,organization_name,domain,segment,arr\n");
    for (int i = 0; i < ORG_COUNT; i++)
        buf_addf(&csv, "%s,\"%s\",%s,%s,%s\n", orgs[i].id, orgs[i].name,
                 orgs[i].domain, orgs[i].segment, orgs[i].arr);
    memcpy(text, csv.data, csv.len + 1);
    buf_free(&csv);
    return text;
}

static void write_uuid(struct story *story, int64_t at,
                       char out[UUID_TEXT_SIZE])
{
    struct uuid uuid = {{0}};
    uint64_t bits[2] = {draw(story), draw(story)};

    memcpy(uuid.bytes, bits, sizeof uuid.bytes);
    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(at >> (40 - 8 * i));
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x70);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
    uuid_format(&uuid, out);
}

/* The same person keeps a session for an hour. */
static void write_session(const struct person *who, int64_t at,
                          char out[UUID_TEXT_SIZE])
{
    int64_t hour = at / HOUR_MS * HOUR_MS;
    struct story session = {.random =
                                (uint64_t)hour ^ (uint64_t)(who - people)};

    write_uuid(&session, hour, out);
}

static void add_page(struct buf *out, const struct person *who, enum deed deed)
{
    const char *page = deeds[deed].page;

    if (!page)
        buf_adds(out, "null");
    else if (!strncmp(page, "https:", 6))
        buf_addf(out, "\"%s\"", page);
    else
        buf_addf(out, "\"" SITE "/project/%d/%s\"", orgs[who->org].project,
                 page);
}

static void add_who(struct buf *out, const struct person *who)
{
    const struct org *org = &orgs[who->org];

    buf_addf(out,
             ",\"distinct_id\":\"demo-%s\",\"user_email\":\"%s@%s\","
             "\"user_name\":\"%s\",\"person_url\":\"" SITE
             "/project/2/person/demo-%s\",\"org_id\":\"%s\","
             "\"org_name\":\"%s\"",
             who->mailbox, who->mailbox, org->domain, who->name, who->mailbox,
             org->id, org->name);
}

static void add_event(struct story *story, struct buf *out,
                      const struct moment *moment)
{
    const char *props = deeds[moment->deed].props;
    char uuid[UUID_TEXT_SIZE], session[UUID_TEXT_SIZE];
    char iso[CLOCK_ISO_SIZE];

    write_uuid(story, moment->at, uuid);
    clock_format_iso(moment->at, iso);
    buf_addf(out,
             "{\"v\":1,\"uuid\":\"%s\",\"event\":\"%s\","
             "\"timestamp\":\"%s\"",
             uuid, deeds[moment->deed].event, iso);
    if (!deeds[moment->deed].nobody)
        add_who(out, moment->who);
    buf_adds(out, ",\"current_url\":");
    add_page(out, moment->who, moment->deed);
    if (deeds[moment->deed].page) {
        write_session(moment->who, moment->at, session);
        buf_addf(out,
                 ",\"session_id\":\"%s\",\"replay_url\":\"" SITE
                 "/project/2/replay/%s?t=%s\"",
                 session, session, iso);
    }
    buf_addf(out,
             ",\"event_url\":\"" SITE "/project/2/events/%s/%s\","
             "\"project\":\"PostHog App + Website\","
             "\"properties\":{%s%s\"$current_url\":",
             uuid, iso, props, *props ? "," : "");
    add_page(out, moment->who, moment->deed);
    buf_adds(out, "}}");
}

bool story_history(struct story *story, size_t count, struct buf *out)
{
    size_t last = story->told + count;

    if (story->told == story->history_count)
        return false;
    if (last > story->history_count)
        last = story->history_count;
    buf_addc(out, '[');
    for (size_t first = story->told; story->told < last; story->told++) {
        if (story->told > first)
            buf_addc(out, ',');
        add_event(story, out, &story->history[story->told]);
    }
    buf_addc(out, ']');
    return true;
}

void story_next(struct story *story, int64_t now_ms, struct buf *out)
{
    struct moment moment = {.at = now_ms};

    if (story->beat < BEAT_COUNT) {
        moment.who = person_by_mailbox(beats[story->beat].mailbox);
        moment.deed = beats[story->beat].deed;
        story->beat++;
    } else {
        /* The quiet account stays quiet: everybody else works. */
        moment.who = draw_person(story, draw_below(story, HIBARI));
        moment.deed = draw_deed(story, moment.who);
    }
    add_event(story, out, &moment);
}

int64_t story_wait_us(struct story *story, double per_minute)
{
    double mean = 60e6 / per_minute;

    return (int64_t)(mean * (0.5 + draw_below(story, 1001) / 1000.0));
}
