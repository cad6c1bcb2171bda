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
#include "tests/unit/query_rig.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

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

static void show(void *ctx, struct buf *out, const char *field,
                 const char *value)
{
    (void)ctx;
    buf_addf(out, "<%s %s>", field ? field : "-", value);
}

/* The text of the query, each value in its place as somebody shows it. */
static void shows(const char *text, const char *want)
{
    struct query *query = parse_query(text);
    struct buf out;

    buf_init(&out, 4 * KIB);
    assert_true(query_add_shown(&out, query, show, NULL));
    assert_string_equal(out.data, want);
    buf_free(&out);
    query_free(query);
}

static void each_value_is_shown_as_somebody_wants_it(void **state)
{
    (void)state;
    shows("", "");
    shows("plan", "<- plan>");
    shows("account:borealis,\"Acme Inc\",x -/re/",
          "account:<account borealis>,<account Acme Inc>,<account x> -<- re>");
    shows("(person=a | person!=b,c) amount>5",
          "(person=<person a> | person!=<person b>,<person c>) "
          "amount><amount 5>");
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
    refuses_query("/((x?y?z?){100}){100}/", 0, "too costly");
    refuses_query("/(((((a{99}){99}){99}){99}){99})/", 0, "too costly");
    refuses_query("x /((\\w{2}-?){100}x){100}/", 2, "too costly");
    refuses_query("/a{101}/", 0, "repeat up to {100}");
    refuses_query("/a{2,101}/", 0, "repeat up to {100}");
    refuses_query("/a{,x}b{1,}c{99999999999999999999}/", 0,
                  "repeat up to {100}");
    refuses_query("/(?R)?/", 0,
                  "group and look around here, no more: not (?R");
    refuses_query("/(?<a>b)/", 0, "no more");
    refuses_query("/(?C1)a/", 0, "no more");
    refuses_query("/(*LIMIT_MATCH=99999999)a/", 0, "no more");
    refuses_query("/a(*COMMIT)/", 0, "no more");
    refuses_query("/\\g{1}/", 0, "cannot refer back with \\g");
    refuses_query("/\\C/", 0, "cannot refer back with \\C");
    refuses_query("/a+++/", 0, "this is no regular expression");
    snprintf(text, sizeof text, "/%.*s/", 257,
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaa");
    refuses_query(text, 0, "too long");
    for (i = 0; i < 25; i++) {
        text[i] = '(';
        text[i + 30] = ')';
    }
    memcpy(text + 25, "aaaaa", 5);
    memmove(text + 1, text, 55);
    text[0] = '/';
    memcpy(text + 56, "/", 2);
    refuses_query(text, 0,
                  "this is no regular expression: parentheses are too");
    refuses_query("/a/ /b/ /c/ /d/ /e/ /f/ /g/ /h/ /i/", 32,
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
        struct query *query = parse_query(costly[i]);

        query_match(query, &event, NOW);
        if (query_steps(query) > LIMIT_ROW_STEPS)
            fail_msg("%s: %llu steps", costly[i],
                     (unsigned long long)query_steps(query));
        query_free(query);
    }
    {
        struct query *query = parse_query("/(a*)*[;!]/");

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
    struct query *query = parse_query("-/(a*)*[;!]/");

    (void)state;
    assert_false(query_match(query, &event, NOW));
    assert_int_equal(query_unjudged(query), 1);
    query_free(query);
    query = parse_query("/(a*)*[;!]/ | borealis");
    assert_true(query_match(query, &event, NOW));
    assert_int_equal(query_unjudged(query), 0);
    query_free(query);
    query = parse_query("--/(a*)*[;!]/ borealis");
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
    query = parse_query(word);
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
    struct query *query =
        parse_query("owner:csm@ segment=enterprise borealis");
    struct event event = tomas_creates_a_flag();

    (void)state;
    assert_non_null(book);
    assert_false(query_match(query, &event, NOW));
    query_set_book(query, book);
    assert_true(query_match(query, &event, NOW));
    query_free(query);
    book_free(book);
}

/* What could not be judged is no, and so is its contrary, also where that is
 * said of the body only: the first, and one behind others. */
static void what_was_too_costly_in_a_body_is_no(void **state)
{
    static const char *const texts[] = {
        "prop.much~(a|aa)*[;!]",
        "-prop.much~(a|aa)*[;!]",
        "prop.plan:scale -prop.much~(a|aa)*[;!]",
        "-prop.much~(a|aa)*[;!] -prop.plan:free",
    };
    static char costly[3100] = "{\"plan\":\"scale\",\"much\":\"";
    struct ring *ring = ring_new(100, 1 << 20);
    struct event event = tomas_creates_a_flag();

    (void)state;
    memset(costly + strlen(costly), 'a', 3000);
    memcpy(costly + strlen(costly), "\"}", 3);
    event.raw = costly;
    event.raw_len = event.props_len = strlen(costly);
    ring_push(ring, &event);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct query *query = parse_query(texts[i]);
        struct query_bound *bound = query_bind(query, ring_texts(ring));
        int deep = query_match_deep(query, &event);

        if (query_judge_row(bound, &ring_at(ring, 0)->row, deep, NOW) !=
                QUERY_NO ||
            !query_unjudged(query))
            fail_msg("%s", texts[i]);
        query_unbind(bound);
        query_free(query);
    }
    ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_must_all_be_there_in_any_case),
        cmocka_unit_test(a_capital_letter_makes_a_word_exact),
        cmocka_unit_test(fields_look_in_their_own_place),
        cmocka_unit_test(equal_means_the_whole_text),
        cmocka_unit_test(minus_bar_and_parentheses_combine),
        cmocka_unit_test(words_between_terms_are_understood),
        cmocka_unit_test(letters_and_signs_are_found_however_they_are_written),
        cmocka_unit_test(each_value_is_shown_as_somebody_wants_it),
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
        cmocka_unit_test(what_was_too_costly_in_a_body_is_no),
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
