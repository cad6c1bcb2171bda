/* posthog/names: which names PostHog is asked for, where the catalogue has
 * some with a '*'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "posthog/names.h"
#include "tests/unit/catalog_rig.h"

#include "base/banned.h"

#define SETTING " team setting updated"

/* What was visited: how often that name, and all in all. */
struct visited {
    const char *name;
    size_t times, count, settings;
};

static void note_name(void *ctx, const struct catalog_row *row,
                      const char *name)
{
    struct visited *visited = ctx;

    (void)row;
    visited->count++;
    visited->settings += strstr(name, SETTING) != NULL;
    visited->times += !strcmp(name, visited->name);
}

static struct visited visited(const char *name, bool vague)
{
    struct visited found = {.name = name};

    (vague ? names_visit_vague : names_visit)(catalog, note_name, &found);
    return found;
}

static void a_star_stands_for_the_names_that_it_fits(void **state)
{
    struct visited found = visited("surveys_opt_in" SETTING, false);

    (void)state;
    assert_true(found.times > 0);
    assert_true(found.settings > found.times);
    /* "llma *" is none of them. */
    assert_int_equal(visited("llma single trace loaded", false).times, 2);
    assert_int_equal(visited("llma *", false).times, 0);
    assert_int_equal(visited("llma *", true).count, 0);
}

static void a_star_that_fits_no_known_name_is_told_as_that(void **state)
{
    static const char mine[] = "[mine]\nnames = shop *; basket filled\n"
                               "category = other\ntone = info\n"
                               "sentence = did\n";
    struct err err = {""};

    (void)state;
    assert_true(catalog_read(catalog, "events.ini", mine, strlen(mine), &err));
    assert_int_equal(visited("shop *", true).times, 1);
    assert_int_equal(visited("shop *", true).count, 1);
    assert_int_equal(visited("shop *", false).times, 0);
    assert_int_equal(visited("basket filled", false).times, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_CASE(a_star_stands_for_the_names_that_it_fits),
        CATALOG_CASE(a_star_that_fits_no_known_name_is_told_as_that),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
