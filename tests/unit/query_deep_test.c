/* query: what only the body of an event tells. */
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
    struct query *query = parse_query("tone:bad | signal:quiet");

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
    query = parse_query("owner:me");
    assert_string_equal(query_text(query), "owner:me");
    assert_true(query_asks_book(query));
    query_set_book(query, book);
    assert_true(query_match(query, &event, NOW));
    query_free(query);
    query_set_me("other@team.example");
    query = parse_query("owner:me");
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
    struct query *query =
        parse_query("event:insight | (event:insihgt ai) "
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
    query = parse_query("");
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
        struct query *query = parse_query(cases[i].text);
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
    refuses_query("category:billing amount>lots", 24,
                  "a number is needed here, like amount>100");
    refuses_query("é prop.plan>scale", 12,
                  "a number is needed here, like plan>1");
    refuses_query("prop.plan", 9,
                  "an operator is needed here, like prop.plan:sc");
    refuses_query("prop.:x", 5, "the name of the property is needed here");
    refuses_query("prop:x", 0, "the name of the property is needed here");
    refuses_query("prop.plan:", 10,
                  "a value is needed here, like prop.plan:scale");
    refuses_query("prop.plan:a,", 12, "a value is needed here");
    refuses_query("prop.\"plan:x", 5, "this \" is never closed");
    refuses_query("amount:", 7, "a number is needed here, like amount>100");
    refuses_query("amount~5", 7, "a number is needed here, like amount>100");
    refuses_query("body>5", 5, "body takes : or ~, like body:timeout");
    refuses_query("body=x", 5, "body takes : or ~, like body:timeout");
    refuses_query("body:", 5, "a text is needed here, like body:timeout");
    refuses_query("signal:", 7,
                  "a signal, or * is needed here: billing, going-q");
    refuses_query("signal:bananas", 7, "one-person or champion");
    refuses_query("seats>ten", 6, "a number is needed here, like seats>100");
    refuses_query("agee<1h", 0, "there is no field agee; age?");
    refuses_query("plan=scale", 0,
                  "there is no field plan; in quotes it is text. "
                  "There are account, age, amount, body, cat");
    refuses_query("a.a>1 a.b>1 a.c>1 a.d>1 a.e>1 a.f>1 a.g>1 a.h>1", 46,
                  "a filter may ask 7 things of the properties");
    refuses_query("ひばり categry:billing", 7,
                  "there is no field categry; category?");
    refuses_query("TypeError:", 0, "no field TypeError; in quotes it is text");
    refuses_query("category:bananas", 9,
                  "a category is needed here, like cat");
    refuses_query("tone:sad", 5,
                  "a tone is needed here: info, good, warn or bad");
    refuses_query("category:", 9, "a category is needed here");
    refuses_query("category:ai,", 12, "a category is needed here");
    refuses_query("account:", 8, "an account is needed here, like account:");
    refuses_query("tone>bad", 5, "tone takes : or = or !=, like tone:bad");
    refuses_query("age:1h", 4, "age takes < or >");
    refuses_query("age<soon", 4, "a length of time is needed here");
    refuses_query("since:noon", 6, "a time is needed here");
    refuses_query("since:25:00", 6, "a time is needed here");
    refuses_query("x /flag(/", 2, "this is no regular expression: ");
    refuses_query("url~", 4, "a regular expression is needed here");
    refuses_query("url~[a", 4, "this is no regular expression: ");
    refuses_query("tone~bad", 5, "tone takes : or = or !=");
    refuses_query("/(a)\\1/", 0, "cannot refer back with \\1");
    refuses_query("/a{1,999}/", 0, "up to {100}");
    refuses_query("plan~x", 0, "there is no field plan");
    refuses_query("owner:me", 6, "set owner in [posthog], or write a part");
    refuses_query("(a | b", 0, "this ( is never closed");
    refuses_query("a b)", 3, "there is no ( for this )");
    refuses_query(")", 0, "there is no ( for this )");
    refuses_query("()", 1, "something is needed between ( )");
    refuses_query("( )", 2, "something is needed between ( )");
    refuses_query("( ", 0, "this ( is never closed");
    refuses_query("a |", 3, "something is needed on each side of | or OR");
    refuses_query("| a", 0, "something is needed on each side of | or OR");
    refuses_query("a or", 4, "something is needed on each side of | or OR");
    refuses_query("not", 3, "what to leave out is needed after NOT");
    refuses_query("a OR", 4, "something is needed on each side of | or OR");
    refuses_query("OR a", 0, "something is needed on each side of | or OR");
    refuses_query("a AND", 5, "something is needed on each side of AND");
    refuses_query("AND a", 3, "something is needed on each side of AND");
    refuses_query("a AND && b", 8, "something is needed on each side of AND");
    refuses_query("a AND OR b", 6, "something is needed on each side of AND");
    refuses_query("a NOT", 5, "what to leave out is needed after NOT");
    refuses_query("a NOT OR b", 6, "what to leave out is needed after NOT");
    refuses_query("a !", 3, "what to leave out is needed after !");
    refuses_query("a “b", 2, "this \" is never closed");
    refuses_query("(", 0, "this ( is never closed");
    refuses_query("a (", 2, "this ( is never closed");
    refuses_query("a \"b", 2, "this \" is never closed");
    refuses_query("\"\"", 0, "a text is needed between the quotes");
    refuses_query("a -", 3, "what to leave out is needed after -");
}

static void what_is_too_large_is_refused(void **state)
{
    char text[9000];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    refuses_query(text, 4096, "longer than a filter may be");
    memset(text, '(', 200);
    text[200] = '\0';
    refuses_query(text, 64, "nested too deeply");
    memset(text, '-', 200);
    memcpy(text + 200, "a", 2);
    refuses_query(text, 64, "nested too deeply");
}

static void reads_as(const char *text, const char *expected)
{
    struct query *query = parse_query(text);

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
        struct query *query = parse_query(sample_query(&random));
        struct query *again = parse_query(query_text(query));

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
        struct query *query = parse_query(sample_query(&random));
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
    struct query *query = parse_query("borealis");
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
    struct query *a = parse_query(wide), *b = parse_query(narrow);
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
    a = parse_query(wide.data);
    b = parse_query(narrow.data);
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
        struct query *wide = parse_query(sample_query(&random));
        struct query *narrow = parse_query(sample_query(&random));

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
    struct query *query = parse_query(text);
    struct buf out;

    buf_init(&out, 1024);
    assert_true(query_add_with_categories(&out, query, mask));
    assert_string_equal(out.data, expected);
    query_free(parse_query(out.data));
    buf_free(&out);
    query_free(query);
}

static void categories_can_be_read_and_replaced(void **state)
{
    struct query *query = parse_query("flag category:billing,ai");

    (void)state;
    assert_int_equal(query_categories(query),
                     1u << CATEGORY_BILLING | 1u << CATEGORY_AI);
    query_free(query);
    query = parse_query("category:ai | flag");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_nothing_is_called_are_told),
        cmocka_unit_test(properties_are_found_by_name),
        cmocka_unit_test(a_property_is_set_or_not),
        cmocka_unit_test(numbers_are_compared_as_such),
        cmocka_unit_test(a_body_is_searched_whatever_it_escapes),
        cmocka_unit_test(a_signal_is_asked_for_by_its_kind),
        cmocka_unit_test(owner_me_is_whoever_was_set),
        cmocka_unit_test(a_row_leaves_open_what_only_the_body_tells),
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
    };

    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
