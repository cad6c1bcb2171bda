/* What one could say to a customer, against words that reveal that somebody
 * looks on. An opener names no time, no count, no page and no deed. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "signal/signal.h"

/* Beginnings of words. */
static const char *const revealing[] = {
    "saw",       "see",      "seen",    "notic",   "look",    "activ",
    "watch",     "observ",   "track",   "monitor", "spot",    "usage",
    "used",      "using",    "click",   "visit",   "page",    "session",
    "record",    "replay",   "log",     "event",   "data",    "today",
    "yesterday", "recent",   "last",    "since",   "ago",     "just did",
    "your docs", "reading",  "read",    "opened",  "created", "you've",
    "away",      "absent",   "missing", "quiet",   "silent",  "drop",
    "declin",    "fewer",    "less",    "failed",  "error",   "stuck",
    "struggl",   "telltale",
};

/* Openers of areas whose own name is such a word are about the area. */
static const char *without_area(const char *opener, const char *area,
                                char *out, size_t size)
{
    const char *at = strstr(opener, area);

    if (!at || !*area)
        snprintf(out, size, "%s", opener);
    else
        snprintf(out, size, "%.*s%s", (int)(at - opener), opener,
                 at + strlen(area));
    return out;
}

static bool begins_a_word(const char *text, const char *word)
{
    for (const char *at = text; *at; at++)
        if ((at == text || !isalpha((unsigned char)at[-1])) &&
            !strncasecmp(at, word, strlen(word)))
            return true;
    return false;
}

static void judge(const char *opener)
{
    for (size_t i = 0; i < sizeof revealing / sizeof *revealing; i++)
        if (begins_a_word(opener, revealing[i]))
            fail_msg("\"%s\" in: %s", revealing[i], opener);
    for (const char *at = opener; *at; at++)
        if (isdigit((unsigned char)*at))
            fail_msg("a number in: %s", opener);
}

static void no_opener_reveals_that_somebody_looks_on(void **state)
{
    struct buf opener;
    char plain[512];

    (void)state;
    buf_init(&opener, 512);
    for (int kind = 0; kind < SIGNAL_COUNT; kind++)
        for (unsigned which = 0; which < 2; which++)
            for (int category = SIGNAL_NO_CATEGORY; category < CATEGORY_COUNT;
                 category++) {
                const char *area =
                    category < 0 ? "" : signal_area((enum category)category);

                buf_clear(&opener);
                signal_opener(&opener, (enum signal_kind)kind, which,
                              category);
                assert_true(opener.len > 20);
                assert_null(strchr(opener.data, '{'));
                judge(without_area(opener.data, area, plain, sizeof plain));
            }
    buf_free(&opener);
}

static void every_kind_has_a_name_that_is_read_back(void **state)
{
    enum signal_kind back;

    (void)state;
    for (int kind = 0; kind < SIGNAL_COUNT; kind++) {
        assert_true(signal_parse(signal_name((enum signal_kind)kind), &back));
        assert_int_equal(back, kind);
    }
    assert_false(signal_parse("calm", &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_opener_reveals_that_somebody_looks_on),
        cmocka_unit_test(every_kind_has_a_name_that_is_read_back),
    };

    return cmocka_run_group_tests_name("opener", tests, NULL, NULL);
}
