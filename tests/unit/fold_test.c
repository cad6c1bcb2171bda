/* The folding table: every letter of Latin, Greek and Cyrillic, by a list
 * that Python's unicodedata made (letters.tsv: code, letter, decomposed,
 * plain), then signs and other scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#include "base/banned.h"

static bool finds(const char *needle, const char *hay)
{
    char *folded = text_fold(needle);
    bool found = text_contains_folded(hay, folded);

    free(folded);
    return found;
}

static bool finds_cased(const char *needle, const char *hay)
{
    char *plain = text_plain(needle);
    size_t left = SIZE_MAX;
    bool found = text_find(hay, plain, false, &left);

    free(plain);
    return found;
}

/* Alone, and in the middle of a word. */
static void must_find(const char *needle, const char *hay)
{
    char word[64], in[80];

    if (!finds(needle, hay))
        fail_msg("%s does not find %s", needle, hay);
    snprintf(word, sizeof word, "x%sy", needle);
    snprintf(in, sizeof in, "some X%sY text", hay);
    if (!finds(word, in))
        fail_msg("%s does not find %s", word, in);
}

static void check_letter(const char *letter, const char *decomposed,
                         const char *plain)
{
    char *folded = text_fold(letter), *again = text_fold(folded);

    must_find(letter, letter);
    must_find(letter, decomposed);
    must_find(decomposed, letter);
    must_find(plain, letter);
    must_find(plain, decomposed);
    must_find(folded, letter);
    assert_string_equal(folded, again);
    if (!finds_cased(letter, decomposed) || !finds_cased(decomposed, letter))
        fail_msg("%s is not %s", letter, decomposed);
    assert_true(text_same(letter, decomposed));
    if (!finds_cased(plain, letter))
        fail_msg("%s does not find %s as written", plain, letter);
    free(folded);
    free(again);
}

static void every_letter_is_found_by_the_plain_one(void **state)
{
    char path[512], line[128];
    const char *source = getenv("TESTS_SRC");
    int count = 0;
    FILE *file;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/unit/letters.tsv",
             source ? source : ".");
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *letter = strchr(line, '\t') + 1, *decomposed, *plain;

        decomposed = strchr(letter, '\t');
        *decomposed++ = '\0';
        plain = strchr(decomposed, '\t');
        *plain++ = '\0';
        plain[strcspn(plain, "\n")] = '\0';
        check_letter(letter, decomposed, plain);
        count++;
    }
    fclose(file);
    assert_true(count > 1200);
}

static void an_accent_that_is_written_must_be_there(void **state)
{
    (void)state;
    assert_false(finds("tomás", "tomas"));
    assert_false(finds("łódź", "lodz"));
    assert_false(finds("smørrebrød", "smorrebrod"));
    assert_false(finds("æ", "ae"));
    assert_false(finds("é", "è"));
    assert_true(finds("lodz", "ŁÓDŹ"));
    assert_true(finds("smorrebrod", "Smørrebrød"));
    assert_true(finds("strasse", "Königstraße"));
    assert_true(finds("straße", "STRASSE"));
    assert_true(finds("aether", "Æther"));
    assert_true(finds("ether", "Æther"));
    assert_true(finds("dakovo", "Đakovo"));
    assert_true(finds("oeuvre", "Œuvre"));
    assert_true(finds("ışık", "Işık"));
    assert_true(finds("isik", "IŞIK"));
    assert_true(finds("istanbul", "İstanbul"));
}

static void case_counts_when_it_is_asked_for(void **state)
{
    (void)state;
    assert_true(finds_cased("Lodz", "Łódź"));
    assert_false(finds_cased("Lodz", "łódź"));
    assert_true(finds_cased("Aether", "Æther"));
    assert_true(finds_cased("AETHER", "ÆTHER"));
    assert_false(finds_cased("Aether", "æther"));
    assert_true(finds_cased("Νίκος", "ο Νίκος"));
    assert_false(finds_cased("Νίκος", "νίκος"));
}

static void a_capital_is_what_unicode_calls_one(void **state)
{
    static const char *const small[] = {"νικος",  "οδυσσέας", "ışık", "ß",
                                        "straße", "ſ",        "ʼn",   "日本",
                                        "한국",   "123-x",    ""};
    static const char *const capitals[] = {"A", "É", "ẞ", "İ",
                                           "Σ", "ǅ", "Ж", "aB"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof small / sizeof *small; i++)
        if (text_has_capital(small[i]))
            fail_msg("%s has no capital", small[i]);
    for (i = 0; i < sizeof capitals / sizeof *capitals; i++)
        if (!text_has_capital(capitals[i]))
            fail_msg("%s has a capital", capitals[i]);
}

static void other_scripts_are_found_composed_or_not(void **state)
{
    (void)state;
    assert_true(finds("νικος", "Νίκος"));
    assert_true(finds("οδυσσέας", "ΟΔΥΣΣΈΑΣ"));
    assert_true(finds("елка", "Ёлка"));
    assert_true(finds("한국", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"
                              "\xe1\x84\x80\xe1\x85\xae\xe1\x86\xa8"));
    assert_true(finds("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "한국"));
    assert_true(finds("が", "か\xe3\x82\x99"));
    assert_true(finds("か\xe3\x82\x99", "が"));
    assert_false(finds("が", "か"));
    assert_false(finds("한국", "한글"));
}

static void signs_are_those_of_the_keyboard(void **state)
{
    (void)state;
    assert_true(finds("alder's", "Alder’s"));
    assert_true(finds("alder’s", "Alder's"));
    assert_true(finds("\"growth\"", "“Growth”"));
    assert_true(finds("„growth“", "«Growth»"));
    assert_true(finds("e-mail", "E‐Mail"));
    assert_true(finds("e‑mail", "e-mail"));
    assert_true(finds("one two", "one\xc2\xa0two"));
    assert_true(finds("one\xe3\x80\x80two", "one two"));
    assert_true(text_same("Alder’s", "Alder's"));
    assert_false(text_same("Alder", "alder"));
}

static void lit(const char *hay, const char *needle, size_t start, size_t len)
{
    char *folded = text_fold(needle);
    size_t got = 0;
    const char *hit = text_find_folded(hay, folded, &got);

    assert_non_null(hit);
    assert_int_equal(hit - hay, start);
    assert_int_equal(got, len);
    free(folded);
}

static void where_it_is_found_is_in_whole_characters(void **state)
{
    (void)state;
    lit("“é” Growth", "growth", 9, 6);
    lit("x Łódź", "lodz", 2, 7);
    lit("Straße", "ss", 4, 2);
    lit("cafe\xcc\x81 x", "cafe", 0, 6);
    lit("Æther", "ether", 0, 6);
    lit("plain text", "text", 6, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_is_found_by_the_plain_one),
        cmocka_unit_test(an_accent_that_is_written_must_be_there),
        cmocka_unit_test(case_counts_when_it_is_asked_for),
        cmocka_unit_test(a_capital_is_what_unicode_calls_one),
        cmocka_unit_test(other_scripts_are_found_composed_or_not),
        cmocka_unit_test(where_it_is_found_is_in_whole_characters),
        cmocka_unit_test(signs_are_those_of_the_keyboard),
    };

    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
