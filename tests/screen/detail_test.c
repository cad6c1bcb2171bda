/* One event: everything in it can be read in the smallest window, what that
 * person did besides is a key away, and each value can be copied. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "stage.h"
#include "tap.h"
#include "base/banned.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }

static struct term *open_event(int rows, int cols)
{
    struct term *term = stage_start(rows, cols, BODIES_MORNING, NULL, NULL);

    stage_keys(term, KEYS("k", "\r"));
    return term;
}

static bool shows_all(const struct buf *seen, const char *const *texts)
{
    bool all = true;

    for (; *texts; texts++)
        if (!strstr(seen->data, *texts)) {
            note("never shown: %s", *texts);
            all = false;
        }
    return all;
}

static void read_down(struct term *term, struct buf *seen, int times)
{
    for (int i = 0; i < times; i++) {
        term_text(term, seen);
        stage_keys(term, KEYS("j"));
    }
}

/* What a wide window shows in a line stands in several. */
static void check_small(void)
{
    static const char *const texts[] = {"enterprise, owner",
                                        "csm@team.example",
                                        "tomas@borealis",
                                        "Mon 14 Sep 2026 10:47:42 UTC",
                                        "project/1877",
                                        "may not be ready",
                                        "o opens it now, O",
                                        "4 more by the same",
                                        "distinct_id",
                                        "email_service_available",
                                        "32 of PostHog's own",
                                        "Raw",
                                        NULL};
    struct term *term = open_event(8, 40);
    struct buf seen;

    buf_init(&seen, 4 * MIB);
    read_down(term, &seen, 40);
    ok(shows_all(&seen, texts), "at 40x8 all of an event can be read");
    stage_keys(term, KEYS("g"));
    ok(term_shows(term, "Tomás Herrera created a feature flag"),
       "g goes back to its top");
    stage_keys(term, KEYS("G"));
    ok(term_hides(term, "Tomás Herrera created a feature flag"),
       "G goes to its end");
    buf_free(&seen);
    term_free(term);
}

static void check_day(void)
{
    struct term *term = open_event(24, 80);

    ok(term_shows(term, "+today     4 more by the same person, 08:08 to "
                        "10:45"),
       "it says what else that person did that day");
    stage_keys(term, KEYS("k", "\r"));
    ok(term_shows(term, " 10:45 ⚑ created a feature flag · 3 variants") &&
           term_shows(term, " 08:08 ◔ created a cohort"),
       "Enter lists it");
    stage_keys(term, KEYS("j", "\r"));
    ok(term_shows(term, "10:45:40 UTC") && term_shows(term, "[Event]"),
       "Enter there shows that event in its place");
    stage_keys(term, KEYS("\033"));
    ok(term_shows(term, "[Stream]"), "Esc goes back to the list");
    term_free(term);
}

/* What else that person did today may be what the filter does not show. */
static void check_outside_the_filter(void)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, NULL, NULL);

    stage_keys(term, KEYS("f", "category:flags\r", "\r"));
    ok(term_shows(term, "─ 5 of 5 events ─"),
       "an event has its place in the filter");
    stage_keys(term, KEYS("k", "\r"));
    stage_keys(term, KEYS("j", "j", "\r"));
    ok(term_shows(term, "10:40:16 UTC") && term_hides(term, " of 5 events"),
       "one that the filter does not show has none");
    stage_keys(term, KEYS("\033[Z"));
    ok(term_shows(term, "─ 3 of 5 events ─"),
       "the event before it is the last one that is older");
    stage_keys(term, KEYS("\t"));
    ok(term_shows(term, "─ 4 of 5 events ─"),
       "and from there it goes on as ever");
    term_free(term);
}

static void check_copies(void)
{
    struct term *term = open_event(24, 80);

    stage_keys(term, KEYS("/", "v", "a", "r", "i", "a", "n", "t", "s", "_",
                          "\r", "c"));
    ok(term_wrote(term, "\033]52;c;MA==") &&
           term_shows(term, "Sent the value to the terminal"),
       "c copies the value of a property");
    stage_keys(term, KEYS("/", "r", "e", "a", "l", "m", "\r", "c"));
    ok(term_wrote(term, "\033]52;c;Y2xvdWQ="), "a string without its quotes");
    stage_keys(term, KEYS("X", "c"));
    ok(term_wrote(term, "\033]52;c;4oCm"),
       "nothing of a string while the screen is shared");
    term_free(term);
}

/* In what is folded, too. */
static void check_find(void)
{
    struct term *term = open_event(24, 80);

    stage_keys(term, KEYS("/", "$", "o", "s", "\r"));
    ok(term_shows(term, ">  $os"), "/ finds what is folded, and opens it");
    stage_keys(term, KEYS("/", "$", "c", "u", "r", "r", "e", "n", "t", "\r"));
    ok(term_shows(term, ">  $current_url"), "/ goes on from there");
    term_free(term);
}

static void check_long_values(void)
{
    struct term *term = open_event(24, 40);

    stage_keys(term, KEYS("/", "d", "i", "s", "t", "i", "n", "c", "t", "\r"));
    ok(term_shows(term, ">distinct_id  rtVREl") &&
           term_shows(term, "              x3VeML2CgNDT8CP9A"),
       "in few columns a value takes several lines");
    term_free(term);
}

static bool came(const char *late, const char *after)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, NULL, NULL);
    bool good;

    term_tell(term, late);
    stage_body(term, "tests/fixtures/hard_emoji_zwj.json");
    stage_keys(term, KEYS("\r"));
    good = term_shows(term, "[Event]") &&
           (after ? term_shows(term, after) : term_hides(term, ", came "));
    if (!good)
        note("%s: not \"%s\"", late, after ? after : "");
    term_free(term);
    return good;
}

static void check_lateness(void)
{
    bool good =
        came("late 99", NULL) && came("late 100", ", came 0.1 s later");

    ok(good, "a tenth of a second on the way is told, less is not");
    good = came("late 119999", ", came 119.9 s later") &&
           came("late 120000", ", came 2 min later");
    ok(good, "from two minutes on it is told in minutes");
}

static void check_tour(void)
{
    struct term *term = stage_start(8, 40, BODIES_MORNING, NULL, NULL);

    stage_keys(term, KEYS(":", "t", "o", "u", "r", "\r"));
    ok(term_shows(term, "1  The newest event"), "the tour begins");
    stage_keys(term, KEYS("\033[6~", "\033[6~", "\033[6~"));
    ok(term_shows(term, " kept."), "and all of it can be read at 40x8");
    term_free(term);
}

int main(void)
{
    check_small();
    check_day();
    check_outside_the_filter();
    check_copies();
    check_find();
    check_long_values();
    check_lateness();
    check_tour();
    return done();
}
