/* mask_words: whom a text betrays, and how few steps tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ui/pane/mask_words.h"

#include "base/banned.h"

static const char *betrayed(struct mask_words *words, const char *text)
{
    size_t len = 0;
    const char *whom = mask_words_find(words, text, &len);

    return whom ? whom : "nobody";
}

static void add_betraying(struct mask_words *words, const char *text,
                          bool part, const char *whom)
{
    mask_words_add(words, text, strlen(text), part, (void *)(uintptr_t)whom);
}

static void the_longest_word_that_betrays_somebody_counts(void **state)
{
    struct mask_words *words = mask_words_new();

    (void)state;
    add_betraying(words, "anna", true, "a part");
    add_betraying(words, "Anna", true, "Anna");
    add_betraying(words, "Anna Berg", false, "Anna Berg");
    add_betraying(words, "Anna Bergmann", false, "Anna Bergmann");
    add_betraying(words, "Anna Berg", false, "another of that name");
    add_betraying(words, "佐藤", true, "佐藤");
    add_betraying(words, "Q", false, "Q");
    assert_string_equal(betrayed(words, "Anna Berg paid"), "Anna Berg");
    assert_string_equal(betrayed(words, "ANNA BERG"), "Anna Berg");
    assert_string_equal(betrayed(words, "Anna Bergmann"), "Anna Bergmann");
    assert_string_equal(betrayed(words, "Anna Bergson"), "Anna");
    assert_string_equal(betrayed(words, "Anna Bergmanns"), "Anna");
    assert_string_equal(betrayed(words, "anna"), "a part");
    assert_string_equal(betrayed(words, "ANNA"), "nobody");
    assert_string_equal(betrayed(words, "Annabel"), "nobody");
    assert_string_equal(betrayed(words, "佐藤さん"), "佐藤");
    assert_string_equal(betrayed(words, "q paid"), "Q");
    assert_string_equal(betrayed(words, "queue"), "nobody");
    assert_string_equal(betrayed(words, ""), "nobody");
    assert_string_equal(betrayed(words, "Ann"), "nobody");
    mask_words_free(words);
}

/* All begin alike, which once made each a step. */
static void who_is_betrayed_is_found_in_few_steps(void **state)
{
    struct mask_words *words = mask_words_new();
    char name[40];
    uint64_t before;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "Anna Berg %05d", i * 7 % 20000);
        add_betraying(words, name, i & 1, "somebody");
    }
    before = mask_words_compared(words);
    assert_string_equal(betrayed(words, "Anna Berg 00007!"), "somebody");
    assert_string_equal(betrayed(words, "Anna Berg 77777"), "nobody");
    assert_string_equal(betrayed(words, "Anna paid"), "nobody");
    assert_true(mask_words_compared(words) - before < 1000);
    before = mask_words_compared(words);
    add_betraying(words, "Zoë", false, "Zoë");
    assert_string_equal(betrayed(words, "Zoë"), "Zoë");
    assert_true(mask_words_compared(words) - before < 1000);
    mask_words_free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_word_that_betrays_somebody_counts),
        cmocka_unit_test(who_is_betrayed_is_found_in_few_steps),
    };

    return cmocka_run_group_tests_name("mask words", tests, NULL, NULL);
}
