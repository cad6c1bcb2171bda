/* query: what it finds, what it refuses and where, narrowing, completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/accounts.h"
#include "event/signal_kind.h"
#include "live/ring.h"
#include "query/query.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define NOW (SAMPLE_START + 3600000)

/* Tomás creates a flag, an hour and a half after midnight UTC + 8. */
static struct event tomas_creates_a_flag(void)
{
    return (struct event){
        .seq = 1,
        .name = "feature flag created",
        .category = CATEGORY_FLAGS,
        .tone = TONE_GOOD,
        .sentence = "created a feature flag · 3 variants",
        .occurred_at = SAMPLE_START,
        .received_at = SAMPLE_START + 1200,
        .account = {"018f-borealis", "Borealis Freight", true},
        .person = {"rtVRElpu", "tomas@borealis.example", "Tomás Herrera"},
        .source = SOURCE_WEBHOOK,
        .url = "https://us.posthog.com/project/1877/feature_flags/new",
        .links = {.replay = "https://us.posthog.com/project/2/replay/x"},
        .raw = "{}",
    };
}

static struct query *parse(const char *text)
{
    struct query_error error = {0};
    struct query *query = query_parse(text, &error);

    if (!query)
        fail_msg("%s: %d: %s", text, error.column, error.err.text);
    return query;
}

static bool finds_event(const char *text, const struct event *event)
{
    struct query *query = parse(text);
    bool found = query_match(query, event, NOW);

    query_free(query);
    return found;
}

static bool finds(const char *text)
{
    struct event event = tomas_creates_a_flag();

    return finds_event(text, &event);
}

static void words_must_all_be_there_in_any_case(void **state)
{
    (void)state;
    assert_true(finds(""));
    assert_true(finds("   "));
    assert_true(finds("borealis flag"));
    assert_true(finds("tomas variants"));
    assert_true(finds("feature flag created"));
    assert_false(finds("borealis banana"));
    assert_true(finds("\"a feature flag\""));
    assert_false(finds("\"flag feature\""));
}

static void a_capital_letter_makes_a_word_exact(void **state)
{
    (void)state;
    assert_true(finds("tomás"));
    assert_true(finds("Tomás"));
    assert_true(finds("Tomas"));
    assert_false(finds("TOMÁS"));
    assert_true(finds("account:BOREALIS"));
}

static void fields_look_in_their_own_place(void **state)
{
    (void)state;
    assert_true(finds("category:flags"));
    assert_true(finds("category:billing,flags"));
    assert_false(finds("category:billing"));
    assert_true(finds("account:borealis"));
    assert_true(finds("account:018f-bor"));
    assert_false(finds("account:18f-bor"));
    assert_false(finds("account:018f"));
    assert_false(finds("account:tomas"));
    assert_true(finds("person:tomas@"));
    assert_true(finds("person:rtvre"));
    assert_true(finds("person:\"tomás h\""));
    assert_true(finds("event:\"feature flag*\""));
    assert_true(finds("event:*created"));
    assert_false(finds("event:flag*"));
    assert_true(finds("event:flag"));
    assert_true(finds("url:feature_flags"));
    assert_true(finds("tone:good"));
    assert_true(finds("has:replay"));
    assert_true(finds("source:webhook"));
    assert_true(finds("hidden:no"));
    assert_false(finds("hidden:internal"));
    assert_false(finds("hidden:yes"));
    assert_true(finds("url:is_set"));
    assert_true(finds("owner:is_not_set"));
}

static void equal_means_the_whole_text(void **state)
{
    (void)state;
    assert_true(finds("account=\"Borealis Freight\""));
    assert_false(finds("account=Borealis"));
    assert_false(finds("account=\"borealis freight\""));
    assert_true(finds("account!=Borealis"));
    assert_false(finds("account!=\"Borealis Freight\",Cobalt"));
    assert_true(finds("category=flags"));
    assert_true(finds("category!=billing"));
}

static void minus_bar_and_parentheses_combine(void **state)
{
    (void)state;
    assert_true(finds("-billing"));
    assert_false(finds("-flag"));
    assert_false(finds("flag -category:flags"));
    assert_true(finds("banana | flag"));
    assert_true(finds("category:billing | tone:good borealis"));
    assert_false(finds("(category:billing | tone:good) cobalt"));
    assert_true(finds("-(banana | category:billing)"));
    assert_true(finds("--flag"));
    assert_true(finds("docs/x | 10:45 | https://x.example | feature"));
}

static void words_between_terms_are_understood(void **state)
{
    (void)state;
    assert_true(finds("tone:bad OR category:flags"));
    assert_false(finds("tone:bad OR category:billing"));
    assert_true(finds("tone:bad || category:flags"));
    assert_true(finds("borealis AND flag"));
    assert_false(finds("borealis AND banana"));
    assert_true(finds("borealis && flag"));
    assert_true(finds("borealis&&flag"));
    assert_true(finds("NOT banana"));
    assert_false(finds("NOT category:flags"));
    assert_true(finds("!category:billing"));
    assert_false(finds("!flag"));
    assert_true(finds("!(banana OR billing)"));
    assert_true(finds("borealis AND NOT (banana OR tone:bad)"));
    assert_true(finds("banana OR borealis AND flag"));
    assert_false(finds("\"OR\""));
    /* as people write them, too: they are never silently words */
    assert_true(finds("banana or borealis"));
    assert_true(finds("borealis and not banana"));
    assert_false(finds("flag Not borealis"));
    assert_false(finds("borealis \"and\""));
    assert_true(finds("notable | borealis"));
    assert_true(finds("ORDER | borealis"));
}

static void letters_and_signs_are_found_however_they_are_written(void **state)
{
    struct event event = tomas_creates_a_flag();

    (void)state;
    assert_true(finds("Toma\xcc\x81s"));
    assert_true(finds("person=\"Toma\xcc\x81s Herrera\""));
    assert_true(finds("/toma\xcc\x81s/"));
    assert_true(finds("“a feature flag”"));
    assert_true(finds("„a feature flag“ «flag»"));
    assert_true(finds("account:“Borealis Freight”"));
    assert_false(finds("“flag feature”"));
    assert_true(finds("borealis\xc2\xa0"
                      "flag"));
    assert_true(finds("borealis\xe3\x80\x80"
                      "flag"));
    assert_false(finds("borealis\xe3\x80\x80"
                       "banana"));
    assert_false(finds("‐flag"));
    assert_true(finds("borealis\xc2\xa0OR\xc2\xa0"
                      "banana"));
    event.sentence = "wrote “it’s done” · e‐mail";
    event.account.name = "Łódź Straße Øst";
    event.person.name = "Νίκος Işık";
    assert_true(finds_event("it's", &event));
    assert_true(finds_event("\"“it's done”\"", &event));
    assert_true(finds_event("e-mail lodz strasse ost", &event));
    assert_true(finds_event("νικος ışık", &event));
    assert_true(finds_event("isik", &event));
    assert_false(finds_event("ΝΊΚΟΣ", &event));
    assert_true(finds_event("account:lodz*", &event));
    assert_true(finds_event("account:łódź*Øst", &event));
}

static void regular_expressions_are_extended_ones(void **state)
{
    (void)state;
    assert_true(finds("/flag.*variants/"));
    assert_true(finds("/^created a (feature )?flag/"));
    assert_false(finds("/^flag/"));
    assert_true(finds("/FLAG/ | /borealis/"));
    assert_false(finds("/Created/"));
    assert_true(finds("(/x|flag/)"));
    assert_true(finds("-/zz/ category:flags"));
    assert_true(finds("url~feature_flags/new$"));
    assert_true(finds("url~project/(1877|2041)/"));
    assert_true(finds("url~\"/project/[0-9]+/\""));
    assert_true(finds("url~\\.com/"));
    assert_false(finds("url~^docs"));
    assert_true(finds("/posthog/ | event~flag"));
    /* a path is a word */
    assert_false(finds("/project/1877"));
    assert_false(finds("//"));
}

static void refuses(const char *text, int column, const char *says)
{
    struct query_error error = {0};

    if (query_parse(text, &error))
        fail_msg("%s: taken", text);
    if (error.column != column || !strstr(error.err.text, says))
        fail_msg("%s: %d: %s", text, error.column, error.err.text);
    assert_null(query_parse(text, NULL));
}

static void regular_expressions_know_letters(void **state)
{
    (void)state;
    assert_true(finds("/tom\\ws/"));
    assert_true(finds("/tomás herrera/"));
    assert_true(finds("/feature\\S* flag/"));
    assert_true(finds("/Tom\\x{e1}s\\b/"));
    assert_true(finds("/borealis(?! banana)/"));
    assert_true(finds("/(?i)BoReAlIs/"));
    assert_true(finds("/^[[:alpha:]]{7} a/"));
}

static void a_regular_expression_is_bounded_before_it_is_compiled(void **state)
{
    char text[600];
    int i;

    (void)state;
    refuses("/((x?y?z?){100}){100}/", 0, "too costly");
    refuses("/(((((a{99}){99}){99}){99}){99})/", 0, "too costly");
    refuses("x /((\\w{2}-?){100}x){100}/", 2, "too costly");
    refuses("/a{101}/", 0, "repeat up to {100}");
    refuses("/a{2,101}/", 0, "repeat up to {100}");
    refuses("/a{,x}b{1,}c{99999999999999999999}/", 0, "repeat up to {100}");
    refuses("/(?R)?/", 0, "group and look around here, no more: not (?R");
    refuses("/(?<a>b)/", 0, "no more");
    refuses("/(?C1)a/", 0, "no more");
    refuses("/(*LIMIT_MATCH=99999999)a/", 0, "no more");
    refuses("/a(*COMMIT)/", 0, "no more");
    refuses("/\\g{1}/", 0, "cannot refer back with \\g");
    refuses("/\\C/", 0, "cannot refer back with \\C");
    refuses("/a+++/", 0, "this is no regular expression");
    snprintf(text, sizeof text, "/%.*s/", 257,
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaa");
    refuses(text, 0, "too long");
    for (i = 0; i < 25; i++) {
        text[i] = '(';
        text[i + 30] = ')';
    }
    memcpy(text + 25, "aaaaa", 5);
    memmove(text + 1, text, 55);
    text[0] = '/';
    memcpy(text + 56, "/", 2);
    refuses(text, 0, "this is no regular expression: parentheses are too");
    refuses("/a/ /b/ /c/ /d/ /e/ /f/ /g/ /h/ /i/", 32,
            "a filter may have 8 regular expressions");
}

/* Texts as long as the record allows, on which what backtracks does so. */
static struct event same_letters(char sentence[4096], char url[4097])
{
    struct event event = tomas_creates_a_flag();

    memset(sentence, 'a', 4095);
    sentence[4095] = '\0';
    memset(url, 'a', 4096);
    url[4096] = '\0';
    event.sentence = sentence;
    event.url = url;
    return event;
}

static void nothing_costs_more_than_a_row_may(void **state)
{
    static const char *const costly[] = {
        "/(a*)*[;!]/",
        "/(a|a?)+$/ url~(aa|a)*c",
        "/(a+a+)+x/ | /(a*?a*?)*?x/ | url~(a+)+$b",
        "/([[:alpha:]]|\\w)*\\d/",
        "/a*a*a*a*a*a*b/",
        "/(?=(a+)+b)/",
        "/(?:[a-z]*+!)/",
        "/a{100}b/ /(a{1,100}){1,3}b/",
        "url:*a*a*a*a*a*a*a*b",
        "url~(?:[abcdefghijklmnopqrstuvwxyz\\p{L}\\p{N}\\x{100}]*+!)",
    };
    char sentence[4096], url[4097];
    struct event event = same_letters(sentence, url);
    struct err err;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof costly / sizeof *costly; i++) {
        struct query *query = parse(costly[i]);

        query_match(query, &event, NOW);
        if (query_steps(query) > LIMIT_ROW_STEPS)
            fail_msg("%s: %llu steps", costly[i],
                     (unsigned long long)query_steps(query));
        query_free(query);
    }
    {
        struct query *query = parse("/(a*)*[;!]/");

        assert_false(query_match(query, &event, NOW));
        assert_int_equal(query_unjudged(query), 1);
        assert_false(query_explain_unjudged(query, &err));
        assert_non_null(strstr(err.text, "/(a*)*[;!]/ is too costly"));
        query_free(query);
    }
}

static void what_is_too_costly_is_neither_so_nor_not_so(void **state)
{
    char sentence[4096], url[4097];
    struct event event = same_letters(sentence, url);
    struct query *query = parse("-/(a*)*[;!]/");

    (void)state;
    assert_false(query_match(query, &event, NOW));
    assert_int_equal(query_unjudged(query), 1);
    query_free(query);
    query = parse("/(a*)*[;!]/ | borealis");
    assert_true(query_match(query, &event, NOW));
    assert_int_equal(query_unjudged(query), 0);
    query_free(query);
    query = parse("--/(a*)*[;!]/ borealis");
    assert_false(query_match(query, &event, NOW));
    event.sentence = event.url = "aa;";
    assert_true(query_match(query, &event, NOW));
    assert_int_equal(query_unjudged(query), 1);
    query_free(query);
}

static void a_long_word_is_bounded_too(void **state)
{
    char sentence[4096], url[4097], word[1026];
    struct event event = same_letters(sentence, url);
    struct query *query;

    (void)state;
    memset(word, 'a', 1024);
    word[1024] = 'b';
    word[1025] = '\0';
    query = parse(word);
    assert_false(query_match(query, &event, NOW));
    assert_int_equal(query_unjudged(query), 1);
    assert_true(query_steps(query) <= LIMIT_ROW_STEPS);
    query_free(query);
}

static void times_count_from_now_or_a_clock(void **state)
{
    (void)state;
    assert_true(finds("age<2h"));
    assert_false(finds("age<30m"));
    assert_true(finds("age>=1h"));
    assert_true(finds("since:2026-09-14"));
    assert_false(finds("since:2026-09-15"));
    assert_true(finds("since:08:00"));
    assert_false(finds("since:08:30"));
    assert_true(finds("since:23:00")); /* yesterday's */
    assert_true(finds("since:2h"));
    assert_false(finds("since:30m"));
    assert_false(finds("since:2026-09-14T08:00:01Z"));
}

/* 1 November 2026 in New York: 01:00 to 02:00 comes twice. */
static void a_time_is_local_and_of_two_the_first(void **state)
{
    struct event event = tomas_creates_a_flag();

    (void)state;
    setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
    event.occurred_at = event.received_at = 1793511000000; /* 05:30 UTC */
    assert_true(finds_event("since:2026-11-01T01:30", &event));
    assert_false(finds_event("since:2026-11-01T01:31", &event));
    assert_true(finds_event("since:\"2026-11-01 01:30:00\"", &event));
    assert_true(finds_event("since:2026-11-01T05:30Z", &event));
    assert_false(finds_event("since:2026-11-01T05:31Z", &event));
    assert_false(finds_event("since:2026-11-02", &event));
    setenv("TZ", "UTC0", 1);
}

static void owner_and_segment_come_from_the_book(void **state)
{
    static const char csv[] =
        "organization_id,organization_name,owner,segment\n"
        "018f-borealis,Borealis AB,csm@team.example,enterprise\n";
    struct err err;
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, &err);
    struct query *query = parse("owner:csm@ segment=enterprise borealis");
    struct event event = tomas_creates_a_flag();

    (void)state;
    assert_non_null(book);
    assert_false(query_match(query, &event, NOW));
    query_set_book(query, book);
    assert_true(query_match(query, &event, NOW));
    query_free(query);
    book_free(book);
}

/* --- what only the body tells ------------------------------------------- */

static const char props[] =
    "{\"plan\":\"Scale Up\",\"seats\":12,\"price\":\"742.13\","
    "\"beta\":true,\"gone\":null,\"tags\":[\"red\",\"blue\",7],"
    "\"$groups\":{\"organization\":\"018f\"},"
    "\"$feature/new-nav\":\"test\",\"two words\":\"yes\","
    "\"total_usd\":742.13,\"note\":\"caf\\u00e9 \\\"timeout\\\"\"}";

static struct event with_properties(void)
{
    struct event event = tomas_creates_a_flag();

    event.raw = props;
    event.raw_len = event.props_len = sizeof props - 1;
    return event;
}

static bool finds_deep(const char *text)
{
    struct event event = with_properties();

    return finds_event(text, &event);
}

static void properties_are_found_by_name(void **state)
{
    (void)state;
    assert_true(finds_deep("prop.plan:scale"));
    assert_true(finds_deep("prop.plan:free,scale"));
    assert_false(finds_deep("prop.plan:free"));
    assert_true(finds_deep("prop.plan=\"Scale Up\""));
    assert_false(finds_deep("prop.plan=scale"));
    assert_true(finds_deep("prop.plan!=scale"));
    assert_false(finds_deep("prop.plan!=\"Scale Up\""));
    assert_true(finds_deep("prop.plan~^Sc.le"));
    assert_true(finds_deep("prop.plan:sc*up"));
    assert_true(finds_deep("prop.seats=12"));
    assert_true(finds_deep("prop.beta:true"));
    assert_true(finds_deep("prop.$groups.organization:018f"));
    assert_true(finds_deep("prop.$feature/new-nav:test"));
    assert_true(finds_deep("prop.\"two words\":yes"));
    assert_true(finds_deep("prop.tags=red prop.tags=blue prop.tags=7"));
    assert_false(finds_deep("prop.tags=green"));
    assert_true(finds_deep("-prop.plan:free category:flags"));
    assert_true(finds_deep("prop.plan:free | prop.beta:true"));
}

static void a_property_is_set_or_not(void **state)
{
    struct event bare = tomas_creates_a_flag();

    (void)state;
    assert_true(finds_deep("prop.plan:is_set"));
    assert_false(finds_deep("prop.plan:is_not_set"));
    assert_true(finds_deep("prop.gone:is_not_set"));
    assert_true(finds_deep("prop.never:is_not_set"));
    assert_false(finds_deep("prop.never:is_set"));
    assert_true(finds_deep("prop.never!=x"));
    /* where the body is gone, nobody knows */
    bare.raw = NULL;
    assert_false(finds_event("prop.plan:is_not_set", &bare));
    assert_false(finds_event("prop.plan!=x", &bare));
    assert_false(finds_event("prop.plan:is_set", &bare));
}

static void numbers_are_compared_as_such(void **state)
{
    (void)state;
    assert_true(finds_deep("prop.seats>9"));
    assert_false(finds_deep("prop.seats>12"));
    assert_true(finds_deep("prop.seats>=12 prop.seats<=12 seats<13"));
    assert_true(finds_deep("prop.price>700"));
    assert_false(finds_deep("prop.plan>0"));
    assert_true(finds_deep("amount>100"));
    assert_true(finds_deep("amount>$742 amount<=742.13 amount:742.13"));
    assert_false(finds_deep("amount<100"));
    assert_true(finds_deep("amount!=5"));
}

static void a_body_is_searched_whatever_it_escapes(void **state)
{
    (void)state;
    assert_true(finds_deep("body:café"));
    assert_true(finds_deep("body:cafe"));
    assert_true(finds_deep("body:\"\\\"timeout\""));
    assert_true(finds_deep("body:seats"));
    assert_true(finds_deep("body~ti.eout"));
    assert_false(finds_deep("body:bananas"));
}

static void a_signal_is_asked_for_by_its_kind(void **state)
{
    struct event event = tomas_creates_a_flag();
    struct query *query = parse("tone:bad | signal:quiet");

    (void)state;
    assert_true(query_asks_signals(query));
    assert_false(query_match(query, &event, NOW));
    event.signals = 1u << SIGNAL_going_quiet;
    assert_true(query_match(query, &event, NOW));
    query_free(query);
    assert_true(finds_event("signal:*", &event));
    assert_true(finds_event("signal=going-quiet", &event));
    assert_false(finds_event("signal:billing,stuck", &event));
    assert_false(finds_event("-signal:*", &event));
    assert_true(finds_event("signal!=billing", &event));
}

static void owner_me_is_whoever_was_set(void **state)
{
    static const char csv[] = "organization_id,organization_name,owner\n"
                              "018f-borealis,Borealis AB,CSM@team.example\n";
    struct err err;
    struct book *book = book_read("book", csv, sizeof csv - 1, NULL, &err);
    struct event event = tomas_creates_a_flag();
    struct query *query;

    (void)state;
    query_set_me("csm@team.example");
    query = parse("owner:me");
    assert_string_equal(query_text(query), "owner:me");
    assert_true(query_asks_book(query));
    query_set_book(query, book);
    assert_true(query_match(query, &event, NOW));
    query_free(query);
    query_set_me("other@team.example");
    query = parse("owner:me");
    query_set_book(query, book);
    assert_false(query_match(query, &event, NOW));
    query_free(query);
    query_set_me(NULL);
    book_free(book);
}

static void note_name(void *ctx, const char *value)
{
    buf_addf(ctx, "%s;", value);
}

static void names_that_nothing_is_called_are_told(void **state)
{
    static const char *const names[] = {"insight created", "feature flag x"};
    struct query *query = parse("event:insight | (event:insihgt ai) "
                                "event=\"insight created\",nonsense "
                                "event:\"feature*\" event:\"f*x\" "
                                "-event:other event!=another -(event:third) "
                                "person:fourth");
    struct buf out;

    (void)state;
    buf_init(&out, 256);
    query_names_without(query, names, 2, note_name, &out);
    assert_string_equal(out.data, "insihgt;nonsense;");
    query_free(query);
    query = parse("");
    query_names_without(query, names, 0, note_name, &out);
    assert_string_equal(out.data, "insihgt;nonsense;");
    query_free(query);
    buf_free(&out);
}

/* A row leaves open what was not read, and no more than that. */
static void a_row_leaves_open_what_only_the_body_tells(void **state)
{
    static const struct {
        const char *text;
        enum query_answer unread, read;
    } cases[] = {
        {"prop.plan:scale", QUERY_OPEN, QUERY_YES},
        {"prop.plan:free", QUERY_OPEN, QUERY_NO},
        {"-prop.plan:scale", QUERY_OPEN, QUERY_NO},
        {"prop.plan!=free", QUERY_OPEN, QUERY_YES},
        {"prop.plan:scale category:billing", QUERY_NO, QUERY_NO},
        {"prop.plan:scale category:flags", QUERY_OPEN, QUERY_YES},
        {"prop.plan:free | category:flags", QUERY_YES, QUERY_YES},
        {"prop.plan:free | amount>100", QUERY_OPEN, QUERY_YES},
        {"-(prop.plan:free | category:flags)", QUERY_NO, QUERY_NO},
        {"prop.plan:scale amount>1000", QUERY_OPEN, QUERY_NO},
        {"flag", QUERY_YES, QUERY_YES},
    };
    struct ring *ring = ring_new(100, 1 << 20);
    struct event event = with_properties();
    size_t i;

    (void)state;
    ring_push(ring, &event);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query *query = parse(cases[i].text);
        struct query_bound *bound = query_bind(query, ring_texts(ring));
        const struct query_row *row = &ring_at(ring, 0)->row;
        int deep = query_match_deep(query, &event);

        assert_int_equal(query_deep(query) > 0, i + 1 < 11);
        if (query_judge_row(bound, row, QUERY_UNREAD, NOW) !=
                cases[i].unread ||
            query_judge_row(bound, row, deep, NOW) != cases[i].read ||
            query_match(query, &event, NOW) != (cases[i].read == QUERY_YES))
            fail_msg("%s", cases[i].text);
        query_unbind(bound);
        query_free(query);
    }
    ring_free(ring);
}

static void a_mistake_is_named_with_its_column(void **state)
{
    (void)state;
    refuses("category:billing amount>lots", 24,
            "a number is needed here, like amount>100");
    refuses("é prop.plan>scale", 12, "a number is needed here, like plan>1");
    refuses("prop.plan", 9, "an operator is needed here, like prop.plan:sc");
    refuses("prop.:x", 5, "the name of the property is needed here");
    refuses("prop:x", 0, "the name of the property is needed here");
    refuses("prop.plan:", 10, "a value is needed here, like prop.plan:scale");
    refuses("prop.plan:a,", 12, "a value is needed here");
    refuses("prop.\"plan:x", 5, "this \" is never closed");
    refuses("amount:", 7, "a number is needed here, like amount>100");
    refuses("amount~5", 7, "a number is needed here, like amount>100");
    refuses("body>5", 5, "body takes : or ~, like body:timeout");
    refuses("body=x", 5, "body takes : or ~, like body:timeout");
    refuses("body:", 5, "a text is needed here, like body:timeout");
    refuses("signal:", 7, "a signal, or * is needed here: billing, going-q");
    refuses("signal:bananas", 7, "one-person or champion");
    refuses("seats>ten", 6, "a number is needed here, like seats>100");
    refuses("agee<1h", 0, "there is no field agee; age?");
    refuses("plan=scale", 0,
            "there is no field plan; in quotes it is text. "
            "There are account, age, amount, body, cat");
    refuses("a.a>1 a.b>1 a.c>1 a.d>1 a.e>1 a.f>1 a.g>1 a.h>1", 46,
            "a filter may ask 7 things of the properties");
    refuses("ひばり categry:billing", 7,
            "there is no field categry; category?");
    refuses("TypeError:", 0, "no field TypeError; in quotes it is text");
    refuses("category:bananas", 9, "a category is needed here, like cat");
    refuses("tone:sad", 5, "a tone is needed here: info, good, warn or bad");
    refuses("category:", 9, "a category is needed here");
    refuses("category:ai,", 12, "a category is needed here");
    refuses("account:", 8, "an account is needed here, like account:");
    refuses("tone>bad", 5, "tone takes : or = or !=, like tone:bad");
    refuses("age:1h", 4, "age takes < or >");
    refuses("age<soon", 4, "a length of time is needed here");
    refuses("since:noon", 6, "a time is needed here");
    refuses("since:25:00", 6, "a time is needed here");
    refuses("x /flag(/", 2, "this is no regular expression: ");
    refuses("url~", 4, "a regular expression is needed here");
    refuses("url~[a", 4, "this is no regular expression: ");
    refuses("tone~bad", 5, "tone takes : or = or !=");
    refuses("/(a)\\1/", 0, "cannot refer back with \\1");
    refuses("/a{1,999}/", 0, "up to {100}");
    refuses("plan~x", 0, "there is no field plan");
    refuses("owner:me", 6, "set owner in [posthog], or write a part");
    refuses("(a | b", 0, "this ( is never closed");
    refuses("a b)", 3, "there is no ( for this )");
    refuses(")", 0, "there is no ( for this )");
    refuses("()", 1, "something is needed between ( )");
    refuses("a |", 3, "something is needed on each side of | or OR");
    refuses("| a", 0, "something is needed on each side of | or OR");
    refuses("a or", 4, "something is needed on each side of | or OR");
    refuses("not", 3, "what to leave out is needed after NOT");
    refuses("a OR", 4, "something is needed on each side of | or OR");
    refuses("OR a", 0, "something is needed on each side of | or OR");
    refuses("a AND", 5, "something is needed on each side of AND");
    refuses("AND a", 3, "something is needed on each side of AND");
    refuses("a AND && b", 8, "something is needed on each side of AND");
    refuses("a AND OR b", 6, "something is needed on each side of AND");
    refuses("a NOT", 5, "what to leave out is needed after NOT");
    refuses("a NOT OR b", 6, "what to leave out is needed after NOT");
    refuses("a !", 3, "what to leave out is needed after !");
    refuses("a “b", 2, "this \" is never closed");
    refuses("(", 0, "this ( is never closed");
    refuses("a (", 2, "this ( is never closed");
    refuses("a \"b", 2, "this \" is never closed");
    refuses("\"\"", 0, "a text is needed between the quotes");
    refuses("a -", 3, "what to leave out is needed after -");
}

static void what_is_too_large_is_refused(void **state)
{
    char text[9000];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    refuses(text, 4096, "longer than a filter may be");
    memset(text, '(', 200);
    text[200] = '\0';
    refuses(text, 64, "nested too deeply");
    memset(text, '-', 200);
    memcpy(text + 200, "a", 2);
    refuses(text, 64, "nested too deeply");
}

static void reads_as(const char *text, const char *expected)
{
    struct query *query = parse(text);

    assert_string_equal(query_text(query), expected);
    query_free(query);
}

static void the_normal_text_is_plain(void **state)
{
    (void)state;
    reads_as("  a   b ", "a b");
    reads_as("\"one\" \"two words\"", "one \"two words\"");
    reads_as("Category:Billing,\"ai\"", "category:Billing,ai");
    reads_as("(a b) (c|d)", "a b (c | d)");
    reads_as("a|b c", "a | b c");
    reads_as("-(a|b) -(c)", "-(a | b) -c");
    reads_as("\"a \\\"b\\\" \\\\c\"", "\"a \\\"b\\\" \\\\c\"");
    reads_as("\"x:y\"", "\"x:y\"");
    reads_as("/a  (b|\"c\\/)/ url~\\.x(a|b),c",
             "/a  (b|\"c\\/)/ url~\"\\\\.x(a|b),c\"");
    reads_as("a\tb\nc", "a b c");
    reads_as("a OR b AND NOT c", "a | b -c");
    reads_as("a || b && !c", "a | b -c");
    reads_as("\"OR\" \"AND\" x", "\"OR\" \"AND\" x");
    reads_as("“one two” «three»", "\"one two\" three");
    reads_as("\"x&&y\" \"!z\" it’s", "\"x&&y\" \"!z\" it’s");
    reads_as("x\xc2\xa0y", "x y");
    reads_as("\"“x” y\"", "\"“x” y\"");
    reads_as("since:\"2026-09-14 08:30\"", "since:\"2026-09-14 08:30\"");
    reads_as("age < 1h", "age \"<\" 1h");
    reads_as("\"prop.,\" prop", "\"prop.,\" prop");
}

static void the_normal_text_means_the_same(void **state)
{
    uint64_t random = 1;
    int round, i;

    (void)state;
    for (round = 0; round < 1000; round++) {
        struct query *query = parse(sample_query(&random));
        struct query *again = parse(query_text(query));

        assert_string_equal(query_text(query), query_text(again));
        for (i = 1; i <= 30; i++) {
            struct event event = sample_event(&random, (uint64_t)i);

            assert_int_equal(query_match(query, &event, NOW),
                             query_match(again, &event, NOW));
        }
        query_free(query);
        query_free(again);
    }
}

static void rows_and_whole_events_are_judged_alike(void **state)
{
    enum { EVENTS = 400, QUERIES = 400 };
    static struct event events[EVENTS];
    struct ring *ring = ring_new(EVENTS, (size_t)1 << 30);
    uint64_t random = 7;
    int i, k;

    (void)state;
    for (i = 0; i < EVENTS; i++) {
        events[i] = sample_event(&random, (uint64_t)i + 1);
        ring_push(ring, &events[i]);
    }
    for (k = 0; k < QUERIES; k++) {
        struct query *query = parse(sample_query(&random));
        struct query_bound *bound = query_bind(query, ring_texts(ring));

        for (i = 0; i < EVENTS; i++) {
            int64_t now = NOW - i % 3 * INT64_C(36000000);
            bool whole = query_match(query, &events[i], now);

            if (query_match_row(bound, &ring_at(ring, (size_t)i)->row, now) !=
                whole)
                fail_msg("%s: event %d: %d", query_text(query), i, whole);
        }
        query_unbind(bound);
        query_free(query);
    }
    ring_free(ring);
}

static void a_verdict_is_forgotten_when_its_text_changes(void **state)
{
    struct ring *ring = ring_new(1, (size_t)1 << 30);
    struct query *query = parse("borealis");
    struct query_bound *bound = query_bind(query, ring_texts(ring));
    struct event event = tomas_creates_a_flag();

    (void)state;
    ring_push(ring, &event);
    assert_true(query_match_row(bound, &ring_at(ring, 0)->row, NOW));
    event.seq = 2;
    event.account.name = "Cobalt Kitchen";
    event.account.id = "018f-cobalt";
    event.person.email = "ben@cobaltkitchen.example";
    ring_push(ring, &event);
    assert_false(query_match_row(bound, &ring_at(ring, 0)->row, NOW));
    query_unbind(bound);
    query_free(query);
    ring_free(ring);
}

static bool narrows(const char *wide, const char *narrow)
{
    struct query *a = parse(wide), *b = parse(narrow);
    bool result = query_narrows(a, b);

    query_free(a);
    query_free(b);
    return result;
}

/* "((x (x y)) y)": to compare it with "((x | (x | y)) | y)" there are more
 * ways than could ever be gone. */
static void nest(struct buf *out, int depth, const char *sign, char letter)
{
    for (int i = 0; i < depth; i++)
        buf_addc(out, '(');
    buf_addf(out, "%c", letter);
    for (int i = 0; i < depth; i++)
        buf_addf(out, "%s%c%d)", sign, letter, i);
}

static void trees_in_trees_are_compared_in_so_many_steps(void **state)
{
    struct buf wide, narrow;
    struct query *a, *b;
    size_t left = LIMIT_SLICE_STEPS;

    (void)state;
    buf_init(&wide, 4096);
    buf_init(&narrow, 4096);
    nest(&wide, 40, " | ", 'p');
    nest(&narrow, 40, " ", 'q');
    a = parse(wide.data);
    b = parse(narrow.data);
    assert_false(query_narrows_within(a, b, &left));
    assert_int_equal(left, 0);
    assert_false(query_narrows(a, b));
    left = LIMIT_SLICE_STEPS;
    assert_true(query_narrows_within(b, b, &left));
    assert_true(left > LIMIT_SLICE_STEPS / 2);
    query_free(a);
    query_free(b);
    buf_free(&wide);
    buf_free(&narrow);
}

static void typing_on_narrows(void **state)
{
    (void)state;
    assert_true(narrows("", "f"));
    assert_true(narrows("f", "fl"));
    assert_true(narrows("fl", "flag"));
    assert_true(narrows("f", "Fl"));
    assert_false(narrows("F", "fl"));
    assert_true(narrows("flag", "flag b"));
    assert_true(narrows("flag b", "flag borealis"));
    assert_true(narrows("account:b", "account:bo"));
    assert_false(narrows("account:018f", "account:018f-"));
    assert_true(narrows("account:018f-", "account:018f-b"));
    assert_false(narrows("account:b", "account=018f-b"));
    assert_true(narrows("prop.plan:s", "prop.plan:sc"));
    assert_false(narrows("prop.plan:s", "prop.seat:sc"));
    assert_false(narrows("amount>10", "amount<100"));
    assert_true(narrows("prop.x:is_set", "prop.x:a"));
    assert_true(narrows("category:billing,ai", "category:ai"));
    assert_false(narrows("category:ai", "category:billing,ai"));
    assert_true(narrows("a | b", "a"));
    assert_false(narrows("a", "a | b"));
    assert_true(narrows("-flagged", "-flag"));
    assert_false(narrows("-f", "-fl"));
    assert_true(narrows("tomas", "tomás"));
    assert_false(narrows("tomás", "tomas"));
    assert_false(narrows("age<1h", "age<1h flag"));
    assert_false(narrows("f", ""));
}

static void what_narrows_finds_nothing_else(void **state)
{
    enum { EVENTS = 60 };
    static struct event events[EVENTS];
    uint64_t random = 99;
    int round, i, narrowed = 0;

    (void)state;
    for (i = 0; i < EVENTS; i++)
        events[i] = sample_event(&random, (uint64_t)i + 1);
    for (round = 0; round < 20000; round++) {
        struct query *wide = parse(sample_query(&random));
        struct query *narrow = parse(sample_query(&random));

        if (query_narrows(wide, narrow) && ++narrowed)
            for (i = 0; i < EVENTS; i++)
                if (query_match(narrow, &events[i], NOW) &&
                    !query_match(wide, &events[i], NOW))
                    fail_msg("%s narrows %s?", query_text(narrow),
                             query_text(wide));
        query_free(wide);
        query_free(narrow);
    }
    assert_true(narrowed > 100);
}

static void with_categories(const char *text, unsigned mask,
                            const char *expected)
{
    struct query *query = parse(text);
    struct buf out;

    buf_init(&out, 1024);
    assert_true(query_add_with_categories(&out, query, mask));
    assert_string_equal(out.data, expected);
    query_free(parse(out.data));
    buf_free(&out);
    query_free(query);
}

static void categories_can_be_read_and_replaced(void **state)
{
    struct query *query = parse("flag category:billing,ai");

    (void)state;
    assert_int_equal(query_categories(query),
                     1u << CATEGORY_BILLING | 1u << CATEGORY_AI);
    query_free(query);
    query = parse("category:ai | flag");
    assert_int_equal(query_categories(query), 0);
    query_free(query);
    with_categories("flag category:ai x", 1u << CATEGORY_BILLING,
                    "category=billing flag x");
    with_categories("category:ai", 0, "");
    with_categories("a | b", 1u << CATEGORY_AI | 1u << CATEGORY_TEAM,
                    "category=ai,team (a | b)");
    with_categories("category:ai (a | b)", 0, "(a | b)");
    with_categories("", 1u << CATEGORY_AI, "category=ai");
}

/* --- completion -------------------------------------------------------- */

static void collect(void *ctx, const char *word)
{
    buf_addf(ctx, "%s|", word);
}

static void known(void *ctx, const char *field, const char *prefix,
                  complete_offer *offer, void *offer_ctx)
{
    (void)ctx;
    if (strcmp(field, "person") == 0 && prefix[0] == 'o')
        offer(offer_ctx, "Omar");
    if (strcmp(field, "account") == 0 && strchr("Bb\"", prefix[0]))
        offer(offer_ctx, "Borealis Freight");
}

static void completes(const char *text, size_t from, const char *expected)
{
    struct complete_source source = {known, NULL};
    struct buf out;
    size_t start;

    buf_init(&out, 4096);
    query_complete(text, strlen(text), &source, collect, &out, &start);
    assert_string_equal(out.data, expected);
    assert_int_equal(start, from);
    buf_free(&out);
}

static void completion_offers_what_can_stand_there(void **state)
{
    (void)state;
    completes("ca", 0, "category:|");
    completes("flag -s", 6, "segment:|signal:|since:|source:|");
    completes("(a", 1, "account:|age<|amount>|");
    completes("category:b", 9, "billing|");
    completes("category:billing,a", 17, "ai|analytics|");
    completes("tone:", 5, "info|good|warn|bad|");
    completes("person:o", 7, "Omar|");
    completes("account:\"Bo", 8, "\"Borealis Freight\"|");
    completes("zzz", 0, "");
    completes("zzz:a", 0, "");
    completes("surv", 0, "category:surveys|");
    completes("-quiet", 1, "");
    completes("x going", 2, "signal:going-quiet|");
    completes("bo", 0, "body:|account:\"Borealis Freight\"|");
    completes("om", 0, "person:Omar|");
    completes("signal:c", 7, "champion-away|champion|");
}

/* --- the manual -------------------------------------------------------- */

static FILE *manual(void)
{
    struct buf path;
    FILE *file;

    buf_init(&path, 4096);
    buf_addf(&path, "%s/doc/query.md", getenv("TESTS_SRC"));
    file = fopen(path.data, "r");
    if (!file)
        fail_msg("%s", path.data);
    buf_free(&path);
    return file;
}

static void what_the_manual_shows_is_understood(void **state)
{
    FILE *file = manual();
    char line[400];
    bool code = false;
    int shown = 0;

    (void)state;
    query_set_me("csm@team.example");
    while (fgets(line, sizeof line, file)) {
        char *end = strstr(line, "   ");

        if (!strncmp(line, "```", 3)) {
            code = !code;
        } else if (code) {
            if (!end)
                fail_msg("no explanation: %s", line);
            *end = '\0';
            query_free(parse(line));
            shown++;
        }
    }
    fclose(file);
    query_set_me(NULL);
    assert_true(shown > 30);
}

/* Every field has its example there. */
static void every_field_is_in_the_manual(void **state)
{
    FILE *file = manual();
    char text[16 * 1024];
    size_t len = fread(text, 1, sizeof text - 1, file);
    struct query_error error = {0};
    char *field, *rest;

    (void)state;
    fclose(file);
    text[len] = '\0';
    assert_null(query_parse("zzz:a", &error));
    field = strstr(error.err.text, "There are ");
    assert_non_null(field);
    field = strtok_r(field + strlen("There are "), ", ", &rest);
    for (; field; field = strtok_r(NULL, ", ", &rest)) {
        char begin[40];
        const char *at;

        snprintf(begin, sizeof begin, "\n%s", field);
        at = strstr(text, begin);
        if (!at || !strchr(":=<>.~", at[strlen(begin)]))
            fail_msg("%s", field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_must_all_be_there_in_any_case),
        cmocka_unit_test(a_capital_letter_makes_a_word_exact),
        cmocka_unit_test(fields_look_in_their_own_place),
        cmocka_unit_test(equal_means_the_whole_text),
        cmocka_unit_test(minus_bar_and_parentheses_combine),
        cmocka_unit_test(names_that_nothing_is_called_are_told),
        cmocka_unit_test(words_between_terms_are_understood),
        cmocka_unit_test(letters_and_signs_are_found_however_they_are_written),
        cmocka_unit_test(regular_expressions_are_extended_ones),
        cmocka_unit_test(regular_expressions_know_letters),
        cmocka_unit_test(
            a_regular_expression_is_bounded_before_it_is_compiled),
        cmocka_unit_test(nothing_costs_more_than_a_row_may),
        cmocka_unit_test(what_is_too_costly_is_neither_so_nor_not_so),
        cmocka_unit_test(a_long_word_is_bounded_too),
        cmocka_unit_test(times_count_from_now_or_a_clock),
        cmocka_unit_test(a_time_is_local_and_of_two_the_first),
        cmocka_unit_test(owner_and_segment_come_from_the_book),
        cmocka_unit_test(properties_are_found_by_name),
        cmocka_unit_test(a_property_is_set_or_not),
        cmocka_unit_test(numbers_are_compared_as_such),
        cmocka_unit_test(a_body_is_searched_whatever_it_escapes),
        cmocka_unit_test(a_signal_is_asked_for_by_its_kind),
        cmocka_unit_test(owner_me_is_whoever_was_set),
        cmocka_unit_test(a_row_leaves_open_what_only_the_body_tells),
        cmocka_unit_test(what_the_manual_shows_is_understood),
        cmocka_unit_test(every_field_is_in_the_manual),
        cmocka_unit_test(a_mistake_is_named_with_its_column),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(the_normal_text_is_plain),
        cmocka_unit_test(the_normal_text_means_the_same),
        cmocka_unit_test(rows_and_whole_events_are_judged_alike),
        cmocka_unit_test(a_verdict_is_forgotten_when_its_text_changes),
        cmocka_unit_test(trees_in_trees_are_compared_in_so_many_steps),
        cmocka_unit_test(typing_on_narrows),
        cmocka_unit_test(what_narrows_finds_nothing_else),
        cmocka_unit_test(categories_can_be_read_and_replaced),
        cmocka_unit_test(completion_offers_what_can_stand_there),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
