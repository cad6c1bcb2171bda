/* What stands below the tables: who did most, and what of a long list there is
 * no room for. */
#include <stdlib.h>

#include "stage.h"
#include "tap.h"
#include "base/banned.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }

static void whoever_did_most_comes_first(void)
{
    struct term *term = stage_start(30, 100, BODIES_MORNING, NULL, NULL);
    bool good;

    stage_keys(term, KEYS("C", "G", "l", "l", "l"));
    good = term_shows(term, "─ Émeraude Études · Analytics ─") &&
           term_shows(term, "people   Aurélie Fontaine 9   Noé Gauthier 5");
    stage_case(term, good,
               "who did most of a category in an account is first");
}

static void what_has_no_room_is_counted(void)
{
    struct term *term = stage_start(30, 60, BODIES_MORNING, NULL, NULL);
    bool good;

    stage_keys(term, KEYS("C"));
    good = term_shows(term, ", 1 more: never used");
    stage_case(term, good, "accounts there is no room for are counted");
}

int main(void)
{
    whoever_did_most_comes_first();
    what_has_no_room_is_counted();
    return done();
}
