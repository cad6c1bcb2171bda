/* The catalogue: names, conditions, tones, folds, and words from properties.
 * What its rows say is catalog_rows_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "tests/unit/catalog_rig.h"

#include "base/banned.h"

static void says(const char *name, const char *json, const char *sentence)
{
    assert_string_equal(apply_catalog(name, json).sentence, sentence);
}

static void load(const char *ini)
{
    struct err err = {{0}};

    if (!catalog_read(catalog, "events.ini", ini, strlen(ini), &err))
        fail_msg("%s", err.text);
}

/* A catalogue with one row more, [t], of this sentence. */
static void sentence(const char *template)
{
    char ini[1024];

    snprintf(ini, sizeof ini, "[t]\nsentence = %s\n", template);
    load(ini);
}

static void names_match_in_any_case(void **state)
{
    (void)state;
    says("Feature Flag CREATED", "{}", "created a feature flag");
    assert_true(catalog_knows(catalog, "hit BILLING limit"));
    assert_true(catalog_knows(catalog, "llma anything"));
    assert_false(catalog_knows(catalog, "llma"));
    assert_false(catalog_knows(catalog, ""));
}

static void what_was_cut_is_said_whole_where_asked(void **state)
{
    static const char json[] =
        "{\"name\":\"Everything that we have ever sold, by month\"}";
    struct slice props = {json, sizeof json - 1};
    struct event event = apply_catalog("dashboard created", json);

    (void)state;
    assert_string_equal(
        event.sentence,
        "created a dashboard “Everything that we have ever sold, by m…”");
    assert_string_equal(
        catalog_whole(catalog, &event, props, &catalog_arena),
        "created a dashboard “Everything that we have ever sold, by month”");
    event.sentence = "said something else …";
    assert_null(catalog_whole(catalog, &event, props, &catalog_arena));
    event = apply_catalog("dashboard created", "{\"name\":\"Short\"}");
    assert_null(catalog_whole(catalog, &event, props, &catalog_arena));
}

static void unknown_events_keep_their_own_name(void **state)
{
    struct event event = apply_catalog("quokka petted", "{\"count\":3}");

    (void)state;
    assert_string_equal(event.sentence, "quokka petted");
    assert_int_equal(event.category, CATEGORY_OTHER);
    assert_int_equal(event.tone, TONE_INFO);
    assert_true(event.flags & EVENT_UNKNOWN);
    says("", "{}", "(no name)");
    says("red \033[31m", "{}", "red \xef\xbf\xbd[31m");
}

static void pageviews_count_as_engagement_only_on_the_docs(void **state)
{
    (void)state;
    assert_int_equal(
        apply_catalog("$pageview",
                      "{\"$current_url\":\"https://x.example/a/DOCS\"}")
            .category,
        CATEGORY_ENGAGEMENT);
    assert_int_equal(
        apply_catalog("$pageview",
                      "{\"$current_url\":\"https://x.example/billing\"}")
            .category,
        CATEGORY_OTHER);
}

static void an_address_beside_the_properties_will_do(void **state)
{
    struct event event = {.name = "$pageview",
                          .url = "https://x.example/docs/sql"};
    struct slice none = {NULL, 0};

    (void)state;
    catalog_apply(catalog, &event, NULL, none, &catalog_arena);
    assert_string_equal(event.sentence, "read docs/sql");
}

static void a_missing_property_outside_brackets_gives_the_name(void **state)
{
    (void)state;
    says("billing product activated", "{}", "billing product activated");
    says("billing product activated", NULL, "billing product activated");
    says("billing product activated", "{\"product_key\":\"\"}",
         "billing product activated");
}

static void lists_objects_ids_and_json_are_never_words(void **state)
{
    (void)state;
    sentence("x[ {a}]");
    says("t", "{\"a\":[1]}", "x");
    says("t", "{\"a\":{\"b\":1}}", "x");
    says("t", "{\"a\":\"  \"}", "x");
    says("t", "{\"a\":\"{\\\"k\\\":1}\"}", "x");
    says("t", "{\"a\":\"[1, 2]\"}", "x");
    says("t", "{\"a\":\"{event.properties.a}\"}", "x");
    says("t", "{\"a\":\"undefined\"}", "x");
    says("t", "{\"a\":\"7b5ff0b0-68a2-49e1-977e-ce50f4e0786b\"}", "x");
    says("t", "{\"a\":\"invite_29d46d48-5344-4a76-a312-7e93dd963d8e\"}", "x");
    says("t", "{\"a\":\"7b5ff0b068a249e1977ece50f4e0786b\"}", "x");
    says("t", "{\"a\":\"cus_KVOGyxGgW21Qe5\"}", "x");
    says("t", "{\"a\":\"X0MFjC1Ll7ih0XWjR7LPD4TamBCRfUe5Ft4jNajfLFe\"}", "x");
    says("t", "{\"a\":\"no user 7b5ff0b0-68a2-49e1-977e-ce50f4e0786b here\"}",
         "x no user … here");
}

static void words_before_a_piece_of_json_are_kept(void **state)
{
    (void)state;
    sentence("x[ {a}]");
    says("t", "{\"a\":\"failed with: {\\\"code\\\":500}\"}", "x failed with");
    says("t", "{\"a\":\"\\\"code\\\":500\"}", "x");
    says("t", "{\"a\":\"[{\\\"code\\\"\"}", "x");
    says("t", "{\"a\":\"cannot read \\\"b\\\": gone\"}",
         "x cannot read \"b\": gone");
}

static void names_of_models_plans_and_people_are_words(void **state)
{
    (void)state;
    sentence("x[ {a}]");
    says("t", "{\"a\":\"claude-sonnet-4-20250514\"}",
         "x claude-sonnet-4-20250514");
    says("t", "{\"a\":\"gpt-4o-mini-2024-07-18\"}",
         "x gpt-4o-mini-2024-07-18");
    says("t", "{\"a\":\"paid-20240404-5000-recordings\"}",
         "x paid-20240404-5000-recordings");
    says("t", "{\"a\":\"InternalServerErrorException\"}",
         "x InternalServerErrorException");
    says("t", "{\"a\":\"[Draft] Q3\"}", "x [Draft] Q3");
    says("t", "{\"a\":\"user_id is NOT defined\"}",
         "x user_id is NOT defined");
}

static void identifiers_read_like_words(void **state)
{
    (void)state;
    sentence("x[ {a}]");
    says("t", "{\"a\":\"session_replay\"}", "x session replay");
    says("t", "{\"a\":\"TRENDS\"}", "x trends");
    says("t", "{\"a\":\"AI_CREDITS\"}", "x AI credits");
    says("t", "{\"a\":\"llm_analytics\"}", "x LLM analytics");
    says("t", "{\"a\":\"NPS\"}", "x NPS");
    says("t", "{\"a\":\"S3\"}", "x S3");
    says("t", "{\"a\":12}", "x 12");
    says("t", "{\"a\":true}", "x yes");
    sentence("x[ “{a}”]");
    says("t", "{\"a\":\"SALES_2026\"}", "x “SALES_2026”");
}

static void foreign_text_is_harmless_and_short(void **state)
{
    (void)state;
    sentence("x[ “{a}”]");
    says("t", "{\"a\":\"a\\u001b[2Jb\\nc\\td\"}", "x “a\xef\xbf\xbd[2Jb c d”");
    says("t", "{\"a\":\"1234 6789 1234 6789 1234 6789 1234 6789 1\"}",
         "x “1234 6789 1234 6789 1234 6789 1234 6789…”");
    says("t", "{\"a\":\"売上ダッシュボード(週次)全角ABC　スペース\"}",
         "x “売上ダッシュボード(週次)全角ABC　スペー…”");
}

static void the_first_property_that_is_there_is_taken(void **state)
{
    (void)state;
    sentence("x[ {a,b.c,d.e.f}]");
    says("t", "{\"a\":null,\"b\":{\"c\":\"one\"}}", "x one");
    says("t", "{\"a\":[],\"b\":{},\"d\":{\"e\":{\"f\":\"two\"}}}", "x two");
    says("t", "{\"b.c\":\"dotted\"}", "x dotted");
    says("t", "{\"d.e\":{\"f\":\"half\"}}", "x half");
}

static void counts_have_commas_and_plurals(void **state)
{
    (void)state;
    sentence("x[ {a|int}]");
    says("t", "{\"a\":15001}", "x 15,001");
    says("t", "{\"a\":0}", "x 0");
    says("t", "{\"a\":\"1234567\"}", "x 1,234,567");
    says("t", "{\"a\":[1,2,3]}", "x 3");
    says("t", "{\"a\":-5}", "x −5");
    says("t", "{\"a\":-0.2}", "x 0");
    says("t", "{\"a\":1e3}", "x 1,000");
    says("t", "{\"a\":\"many\"}", "x");
    says("t", "{\"a\":true}", "x");
    says("t", "{\"a\":1e400}", "x");
    sentence("x[ {a|int step}]");
    says("t", "{\"a\":1}", "x 1 step");
    says("t", "{\"a\":1200}", "x 1,200 steps");
    says("t", "{\"a\":0}", "x");
    sentence("x[ {a|int query}]");
    says("t", "{\"a\":2}", "x 2 queries");
    sentence("x[ {a|int person/people}]");
    says("t", "{\"a\":1}", "x 1 person");
    says("t", "{\"a\":2}", "x 2 people");
}

static void numbers_above_53_bits_are_exact(void **state)
{
    (void)state;
    sentence("x[ {o.a|int}]");
    says("t", "{\"o\":{\"a\":9007199254740993}}", "x 9,007,199,254,740,993");
    says("t", "{\"o\":{\"a\":12345678901234567890}}",
         "x 12,345,678,901,234,567,890");
}

static void money_has_cents_only_when_there_are_some(void **state)
{
    (void)state;
    sentence("x[ {a|usd}]");
    says("t", "{\"a\":742.13}", "x $742.13");
    says("t", "{\"a\":\"1284.50\"}", "x $1,284.50");
    says("t", "{\"a\":\"$1,284\"}", "x $1,284");
    says("t", "{\"a\":0}", "x $0");
    says("t", "{\"a\":24000}", "x $24,000");
    says("t", "{\"a\":-3.5}", "x −$3.50");
    says("t", "{\"a\":-0.01}", "x −$0.01");
    says("t", "{\"a\":-0.004}", "x $0");
    says("t", "{\"a\":\"a lot\"}", "x");
    says("t", "{\"a\":[1]}", "x");
}

static void lengths_of_time_have_two_units_at_most(void **state)
{
    (void)state;
    sentence("x[ {a|dur ms}]");
    says("t", "{\"a\":318442}", "x 5 min 18 s");
    says("t", "{\"a\":812}", "x 812 ms");
    says("t", "{\"a\":60000}", "x 1 min");
    says("t", "{\"a\":\"2000\"}", "x 2 s");
    says("t", "{\"a\":-1}", "x");
    sentence("x[ {a|dur s}]");
    says("t", "{\"a\":2.841}", "x 2.8 s");
    says("t", "{\"a\":59.99}", "x 59 s");
    says("t", "{\"a\":7500}", "x 2 h 5 min");
    says("t", "{\"a\":0}", "x");
}

static void without_a_unit_the_sender_says_what_a_length_counts(void **state)
{
    (void)state;
    sentence("x[ {a|dur}]");
    says("t", "{\"a\":318,\"$lib\":\"posthog-python\"}", "x 5 min 18 s");
    says("t", "{\"a\":318000,\"$lib\":\"web\"}", "x 5 min 18 s");
    says("t", "{\"a\":318000,\"$lib\":\"JS\"}", "x 5 min 18 s");
    says("t", "{\"a\":\"318\",\"$lib\":\"posthog-node\"}", "x 5 min 18 s");
    says("t", "{\"a\":86400,\"$lib\":\"\"}", "x 1 d");
    says("t", "{\"a\":318000}", "x 5 min 18 s");
    says("t", "{\"a\":\"318000\"}", "x 5 min 18 s");
    says("t", "{\"a\":318}", "x 5 min 18 s");
    says("t", "{\"a\":[318]}", "x");
}

static void kinds_of_queries_read_like_words(void **state)
{
    (void)state;
    sentence("x[ {query_kind}]");
    says("t", "{\"query_kind\":\"TrendsQuery\"}", "x trends");
    says("t", "{\"query_kind\":\"LLMTracesQuery\"}", "x LLM traces");
    says("t", "{\"query_kind\":\"HogQLQuery\"}", "x SQL");
    says("t", "{\"query_kind\":\"DataTableNode\"}", "x");
    says("t", "{\"query_kind\":\"Query\"}", "x Query");
    says("t", "{\"query_kind\":\"FUNNELS\"}", "x funnels");
    says("t", "{\"query_kind\":[\"TrendsQuery\"]}", "x");
    says("t", "{\"query_kind\":\"A\\u001b[mQuery\"}", "x A�[mQuery");
    sentence("x[ {other}]");
    says("t", "{\"other\":\"TrendsQuery\"}", "x TrendsQuery");
}

static void parts_of_a_group_are_told_apart_by_a_property(void **state)
{
    char one[40], same[40], other[40];

    (void)state;
    snprintf(one, sizeof one, "%s",
             apply_catalog("$ai_trace", "{\"$ai_trace_id\":\"t\"}").fold);
    snprintf(same, sizeof same, "%s",
             apply_catalog("$ai_generation", "{\"$ai_trace_id\":\"t\"}").fold);
    snprintf(other, sizeof other, "%s",
             apply_catalog("$ai_span", "{\"$ai_trace_id\":\"u\"}").fold);
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    assert_memory_equal(one, "=trace/", 7);
    assert_int_equal(strlen(one), 7 + 5);
    assert_string_equal(
        apply_catalog("$ai_span", "{\"$ai_trace_id\":null}").fold, "trace");
}

static void folded(const char *fold, size_t events, size_t names,
                   const char *want)
{
    struct buf text;

    buf_init(&text, 4096);
    assert_int_equal(catalog_folded(catalog, fold, events, names, &text),
                     *want != '\0');
    assert_string_equal(text.data, want);
    buf_free(&text);
}

static void a_fold_says_what_was_folded(void **state)
{
    (void)state;
    folded("settings", 3, 3, "changed 3 settings");
    folded("settings", 5, 1, "changed 1 setting");
    folded("=trace/0f3a9", 7, 3, "used the AI assistant");
    folded("invite", 2, 2, "invited people");
    folded("replay", 2, 2, "");
    folded(FOLD_SAME, 2, 1, "");
    folded(FOLD_DAY, 2, 1, "");
    folded(NULL, 2, 1, "");
    load("[mine]\nfolds = mine\nfolded = did {events|int thing}\n");
    folded("mine", 2, 1, "did 2 things");
    load("[autocapture-opt-out]\nfolded =\n");
    folded("settings", 3, 3, "");
}

static void addresses_lose_query_fragment_and_ids(void **state)
{
    (void)state;
    sentence("x[ {a|path}][ at {a|host}]");
    says("t", "{\"a\":\"https://x.example/docs/a?b=/c#d\"}",
         "x docs/a at x.example");
    says("t", "{\"a\":\"https://x.example/\"}", "x at x.example");
    says("t", "{\"a\":\"https://me:pw@x.example?q\"}", "x at x.example");
    says("t", "{\"a\":\"/docs/b\"}", "x docs/b");
    says("t", "{\"a\":\"/p/0198aa7c-1111-7222-8333-444455556666/new\"}",
         "x p/…/new");
    says("t", "{\"a\":\"/d/%E5%A3%B2%E4%B8%8A/%FF%zz\"}",
         "x d/%E5%A3%B2%E4%B8%8A/%FF%zz");
    says("t", "{\"a\":\"/d/%E5%A3%B2%E4%B8%8A%1b%0a\"}",
         "x d/売上\xef\xbf\xbd");
}

static void if_keeps_or_drops_its_bracket(void **state)
{
    (void)state;
    sentence("x[ yes{a|if}][ red{b|if light red}]");
    says("t", "{\"a\":true,\"b\":\"Light Red\"}", "x yes red");
    says("t", "{\"a\":0,\"b\":\"light\"}", "x");
    says("t", "{\"a\":\"false\"}", "x");
    says("t", "{\"a\":{\"k\":1}}", "x yes");
    says("t", "{\"a\":[]}", "x");
}

static void separators_never_dangle(void **state)
{
    (void)state;
    sentence("[{a}][ · {b}][, {c}] [ · {d}]");
    says("t", "{\"b\":\"b\",\"d\":\"d\"}", "b · d");
    says("t", "{\"c\":\"c\"}", "c");
    says("t", "{\"a\":\"a\",\"c\":\"c\"}", "a, c");
    says("t", "{}", "t");
}

/* A mark on a blank sits on what is left of it when the blank goes. */
static void a_sentence_never_starts_with_a_bare_mark(void **state)
{
    static const char *const templates[] = {"[{a}]", "[“{a}”]", "[ {a}]",
                                            "x[{a}]", "[{b}, {a}]"};
    static const char *const values[] = {"{\"a\":\" \u0301b\"}",
                                         "{\"a\":\", \u0301b\"}",
                                         "{\"a\":\"\u0301\"}",
                                         "{\"a\":\"c  \u0301b\"}"};
    struct buf again;

    (void)state;
    buf_init(&again, 4096);
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            struct event event;

            sentence(templates[i]);
            event = apply_catalog("t", values[k]);
            buf_clear(&again);
            text_sanitise(&again, event.sentence, strlen(event.sentence),
                          4096);
            assert_string_equal(event.sentence, again.data);
        }
    buf_free(&again);
}

static void own_rows_come_before_the_builtin_ones(void **state)
{
    (void)state;
    load("[quokka petted]\ncategory = engagement\ntone = good\n"
         "sentence = petted a quokka[, {count|int time}]\n"
         "[flags of ours]\nnames = feature flag *; other\ncategory = team\n"
         "sentence = flagged\nfolds = ours\n");
    says("Quokka Petted", "{\"count\":3}", "petted a quokka, 3 times");
    says("feature flag created", "{}", "flagged");
    assert_string_equal(apply_catalog("other", "{}").fold, "ours");
    assert_int_equal(apply_catalog("other", "{}").category, CATEGORY_TEAM);
}

static void a_builtin_row_is_changed_key_by_key(void **state)
{
    (void)state;
    load("[feature-flag-created]\ntone = bad\n");
    assert_int_equal(apply_catalog("feature flag created", "{}").tone,
                     TONE_BAD);
    says("feature flag created", "{\"variants_count\":1}",
         "created a feature flag · 1 variant");
}

static void a_name_may_be_narrowed(void **state)
{
    (void)state;
    load("[big]\nnames = Spent, a lot, total ~ 000\nsentence = big\n"
         "[small]\nnames = spent, a lot\nsentence = small\n");
    says("spent, a lot", "{\"total\":5000}", "big");
    says("spent, a lot", "{\"total\":500}", "small");
    says("spent, a lot", NULL, "small");
}

static void refuses(const char *ini, const char *what)
{
    struct err err = {{0}};
    size_t before = catalog_rows(catalog);

    assert_false(catalog_read(catalog, "events.ini", ini, strlen(ini), &err));
    assert_string_equal(err.text, what);
    assert_int_equal(catalog_rows(catalog), before);
    says("feature flag created", "{}", "created a feature flag");
}

static void mistakes_are_told_by_file_and_line(void **state)
{
    (void)state;
    refuses("[a]\n\ncolour = red\n",
            "events.ini:3: unknown key \"colour\" (names, title, category, "
            "tone, folds, sentence, folded)");
    refuses("[a]\ncategory = money\n",
            "events.ini:2: unknown category \"money\" (billing, ai, flags, "
            "analytics, replay, surveys, pipelines, errors, engagement, "
            "team, other)");
    refuses("[a]\ntone = great\n",
            "events.ini:2: unknown tone \"great\" (good, info, warn, bad; "
            "\"warn (false info)\" is info when the value is false)");
    refuses("[a]\ntone = warn (info)\n",
            "events.ini:2: unknown tone \"warn (info)\" (good, info, warn, "
            "bad; \"warn (false info)\" is info when the value is false)");
    refuses("[a]\nsentence = x[ {y}\n", "events.ini:2: \"[\" without \"]\"");
    refuses("[a]\nsentence = x[ [{y}]]\n",
            "events.ini:2: \"[\" inside \"[ ]\"");
    refuses("[a]\nsentence = x]\n", "events.ini:2: \"]\" without \"[\"");
    refuses("[a]\nsentence = x{y\n", "events.ini:2: \"{\" without \"}\"");
    refuses("[a]\nsentence = x}\n", "events.ini:2: \"}\" without \"{\"");
    refuses("[a]\nsentence = {}\n",
            "events.ini:2: a property name is missing in \"{}\"");
    refuses("[a]\nsentence = {x|eur}\n",
            "events.ini:2: unknown filter \"|eur\" (int, usd, dur ms, dur s, "
            "dur, host, path, if)");
    refuses("[a]\nsentence = {x|dur min}\n",
            "events.ini:2: \"|dur\" is \"|dur ms\", \"|dur s\" or, by $lib, "
            "\"|dur\"");
    refuses("[a]\nsentence = {x|usd k}\n",
            "events.ini:2: \"|usd\" takes no \"k\"");
    refuses("[a]\nnames = b;; c\n", "events.ini:2: an event name is missing");
    refuses("[a]\nnames = b, c = d; e\n",
            "events.ini:2: the condition comes last and holds for all names");
    refuses("[a]\nnames = b, = d\n",
            "events.ini:2: a condition is \"property = value\" or "
            "\"property ~ text\"");
    refuses("[a]\nfolds =\n",
            "events.ini:2: folds is yes, never, day, a name, or a name, a "
            "comma and a property");
    refuses("[a]\nfolds = , x\n",
            "events.ini:2: folds is yes, never, day, a name, or a name, a "
            "comma and a property");
    refuses("[a]\nfolds = =day\n", /* what "day" is inside */
            "events.ini:2: folds is yes, never, day, a name, or a name, a "
            "comma and a property");
    refuses("[a]\nfolds = day, x\n",
            "events.ini:2: folds = day takes no property");
    refuses("[a]\nfolds = talk,\n",
            "events.ini:2: folds by a property is \"name, property\"");
    refuses("[a]\nfolded = {x\n", "events.ini:2: \"{\" without \"}\"");
    refuses("names = b\n",
            "events.ini:1: a [section] is needed before \"names\"");
    refuses("[a]\ntone = bad\n[b]\ntone = bad\n[A]\ntone = good\n",
            "events.ini:6: section [A] stands twice");
    refuses("[a]\ntone = bad\ntone = good\n",
            "events.ini:3: \"tone\" stands twice in [a]");
}

/* {a} is 30 letters of two bytes each: eight of them, a blank behind each, and
 * 25 bytes more are 513. */
#define EIGHT_TIMES "{a} {a} {a} {a} {a} {a} {a} {a} "
static void a_long_sentence_is_cut_at_a_whole_letter(void **state)
{
    static const char json[] = "{\"a\":\"éééééééééééééééééééééééééééééé\"}";
    const char *text;
    size_t len;

    (void)state;
    sentence(EIGHT_TIMES EIGHT_TIMES EIGHT_TIMES "end");
    text = apply_catalog("t", json).sentence;
    len = strlen(text);
    assert_true(len <= LIMIT_SENTENCE);
    assert_true(len > LIMIT_SENTENCE - 8);
    assert_string_equal(text + len - strlen("…"), "…");
    assert_true(utf8_valid(text, len, NULL));
    sentence(EIGHT_TIMES "123456789012345678901234");
    text = apply_catalog("t", json).sentence;
    assert_int_equal(strlen(text), LIMIT_SENTENCE);
    assert_null(strstr(text, "…"));
    sentence(EIGHT_TIMES "1234567890123456789012345");
    text = apply_catalog("t", json).sentence;
    assert_true(strlen(text) <= LIMIT_SENTENCE);
    assert_non_null(strstr(text, "…"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_CASE(names_match_in_any_case),
        CATALOG_CASE(what_was_cut_is_said_whole_where_asked),
        CATALOG_CASE(unknown_events_keep_their_own_name),
        CATALOG_CASE(pageviews_count_as_engagement_only_on_the_docs),
        CATALOG_CASE(an_address_beside_the_properties_will_do),
        CATALOG_CASE(a_missing_property_outside_brackets_gives_the_name),
        CATALOG_CASE(lists_objects_ids_and_json_are_never_words),
        CATALOG_CASE(words_before_a_piece_of_json_are_kept),
        CATALOG_CASE(names_of_models_plans_and_people_are_words),
        CATALOG_CASE(identifiers_read_like_words),
        CATALOG_CASE(foreign_text_is_harmless_and_short),
        CATALOG_CASE(the_first_property_that_is_there_is_taken),
        CATALOG_CASE(a_long_sentence_is_cut_at_a_whole_letter),
        CATALOG_CASE(counts_have_commas_and_plurals),
        CATALOG_CASE(numbers_above_53_bits_are_exact),
        CATALOG_CASE(money_has_cents_only_when_there_are_some),
        CATALOG_CASE(lengths_of_time_have_two_units_at_most),
        CATALOG_CASE(addresses_lose_query_fragment_and_ids),
        CATALOG_CASE(if_keeps_or_drops_its_bracket),
        CATALOG_CASE(separators_never_dangle),
        CATALOG_CASE(without_a_unit_the_sender_says_what_a_length_counts),
        CATALOG_CASE(kinds_of_queries_read_like_words),
        CATALOG_CASE(parts_of_a_group_are_told_apart_by_a_property),
        CATALOG_CASE(a_fold_says_what_was_folded),
        CATALOG_CASE(a_sentence_never_starts_with_a_bare_mark),
        CATALOG_CASE(own_rows_come_before_the_builtin_ones),
        CATALOG_CASE(a_builtin_row_is_changed_key_by_key),
        CATALOG_CASE(a_name_may_be_narrowed),
        CATALOG_CASE(mistakes_are_told_by_file_and_line),
    };

    return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
