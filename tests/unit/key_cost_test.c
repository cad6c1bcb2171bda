/* What a key may cost at most: finding and completing among very much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "ui/offers.h"
#include "ui/pane/tree.h"

static void a_long_needle_costs_so_many_steps_in_the_properties(void **state)
{
    struct buf json, needle;
    struct tree *tree;
    size_t index, left = LIMIT_FIND_STEPS;

    (void)state;
    buf_init(&json, 4 * MIB);
    buf_init(&needle, 4 * KIB);
    for (int i = 0; i < 1000; i++)
        buf_addf(&json, "%c\"k%d\":\"%02000d\"", i ? ',' : '{', i, 0);
    buf_adds(&json, ",\"last\":\"here\"}");
    buf_addf(&needle, "%01000d", 1);
    tree = tree_new(json.data, json.len);
    assert_false(tree_find(tree, needle.data, 0, false, &index, &left));
    assert_int_equal(left, 0);
    left = LIMIT_FIND_STEPS;
    assert_true(tree_find(tree, "here", 0, false, &index, &left));
    assert_int_equal(index, 1000);
    assert_true(left > LIMIT_FIND_STEPS / 2);
    assert_false(tree_find(tree, "nowhere", 0, true, &index, &left));
    assert_true(left > LIMIT_FIND_STEPS / 2);
    tree_free(tree);
    buf_free(&json);
    buf_free(&needle);
}

static void completion_looks_at_so_many_of_many_accounts(void **state)
{
    static const char all[] = "account:firm", none[] = "account:zebra";
    struct tally *tally = tally_new();
    struct display_host host = {.tally = tally};
    struct offers offers = {.count = 0};
    struct book *book;
    struct buf csv;

    (void)state;
    buf_init(&csv, 4 * MIB);
    buf_adds(&csv, "organization_id,name\n");
    for (int i = 0; i < 10000; i++)
        buf_addf(&csv, "%d,Firm %d\n", i + 1, i);
    buf_adds(&csv, "10001,Zebra Crossing\n");
    book = book_read("book", csv.data, csv.len, NULL, NULL);
    tally_set_book(tally, book);
    offers_find(&offers, &host, PROMPT_FILTER, all, sizeof all - 1);
    assert_int_equal(offers.count, OFFERS_MAX);
    assert_true(LIMIT_OFFER_STEPS - offers.left < 200);
    offers_find(&offers, &host, PROMPT_FILTER, none, sizeof none - 1);
    assert_int_equal(offers.count, 1);
    assert_string_equal(offers.list[0].word, "\"Zebra Crossing\"");
    assert_true(offers.left > 0);
    offers_clear(&offers);
    tally_set_book(tally, NULL);
    tally_free(tally);
    book_free(book);
    buf_free(&csv);
}

static void completion_among_long_names_ends(void **state)
{
    struct tally *tally = tally_new();
    struct display_host host = {.tally = tally};
    struct offers offers = {.count = 0};
    struct book *book;
    struct buf csv, text;

    (void)state;
    buf_init(&csv, 8 * MIB);
    buf_init(&text, 4 * KIB);
    buf_adds(&csv, "organization_id,name\n");
    for (int i = 0; i < 10000; i++)
        buf_addf(&csv, "%d,%0300d\n", i + 1, 0);
    buf_addf(&text, "account:%0290d", 1);
    book = book_read("book", csv.data, csv.len, NULL, NULL);
    tally_set_book(tally, book);
    offers_find(&offers, &host, PROMPT_FILTER, text.data, text.len);
    assert_int_equal(offers.count, 0);
    assert_int_equal(offers.left, 0);
    tally_set_book(tally, NULL);
    tally_free(tally);
    book_free(book);
    buf_free(&csv);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_needle_costs_so_many_steps_in_the_properties),
        cmocka_unit_test(completion_looks_at_so_many_of_many_accounts),
        cmocka_unit_test(completion_among_long_names_ends),
    };

    return cmocka_run_group_tests_name("key cost", tests, NULL, NULL);
}
