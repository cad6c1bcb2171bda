/* Actions in lists and on the status row: mirrors, what was refused, problems,
 * marks of rules. */
#include "actions.h"
#include "base/banned.h"

static bool finds_nothing_in_one(struct term *term)
{
    stage_keys(term, KEYS("f", "c", "r", "e", "d", "i", "t", "\r", "/", "z",
                          "q", "z", "\r"));
    return term_shows(term, "No \"zqz\" in 1 event.");
}

static bool shows_mirrors(struct term *term, const char *text)
{
    stage_keys(term, KEYS(":", "m", "i", "r", "r", "o", "r", "s", "\r"));
    return term_shows(term, text);
}

static bool moves_through_mirrors(struct term *term)
{
    return shows_mirrors(term, ">mirror-01") &&
           term_shows(term, " mirror-20") && term_hides(term, "mirror-21") &&
           (stage_keys(term, KEYS("\033[6~")),
            term_shows(term, ">mirror-20")) &&
           (stage_keys(term, KEYS("j")), term_shows(term, ">mirror-21")) &&
           term_hides(term, "mirror-01") &&
           (stage_keys(term, KEYS("G")), term_shows(term, ">mirror-40")) &&
           (stage_keys(term, KEYS("j")), term_shows(term, ">mirror-40")) &&
           (stage_keys(term, KEYS("\025")), term_shows(term, ">mirror-30")) &&
           (stage_keys(term, KEYS("g")), term_shows(term, ">mirror-01")) &&
           (stage_keys(term, KEYS("k")), term_shows(term, ">mirror-01"));
}

/* The mouse: a press in the fifth row of the list, the wheel anywhere. */
static bool points_at_mirrors(struct term *term)
{
    return shows_mirrors(term, ">mirror-01") &&
           (stage_keys(term, KEYS("\033[<0;10;8M")),
            term_shows(term, ">mirror-05")) &&
           (stage_keys(term, KEYS("\033[<65;10;8M")),
            term_shows(term, ">mirror-08"));
}

static bool pauses_the_mirror(struct term *term)
{
    return shows_mirrors(term, "40 of 40 on") &&
           (stage_keys(term, KEYS("G", "p")),
            term_shows(term, "mirror-40 paused. Events wait")) &&
           term_shows(term, ">mirror-40       json   paused") &&
           term_shows(term, "39 of 40 on") &&
           (stage_keys(term, KEYS("p")),
            term_shows(term, "mirror-40 resumed."));
}

static bool pauses_by_another_key(struct term *term)
{
    return shows_mirrors(term, "40 of 40 on") &&
           (stage_keys(term, KEYS("s")), term_shows(term, "39 of 40 on")) &&
           (stage_keys(term, KEYS("?")), term_shows(term, "[Help: List]")) &&
           term_shows(term, "p s        pause, resume a mirror") &&
           term_shows(term, "take a replay off") && term_hides(term, "freeze");
}

static bool needs_a_list(struct term *term)
{
    stage_keys(term, KEYS(":", "p", "a", "u", "s", "e", "\r"));
    if (!term_shows(term, "No mirror is selected: :mirrors lists them."))
        return false;
    stage_keys(term, KEYS(":", "r", "e", "m", "o", "v", "e", "\r"));
    return term_shows(term, "No replay is selected: :replays lists");
}

static bool shows_rejects(struct term *term, const char *text)
{
    stage_keys(term, KEYS(":", "r", "e", "j", "e", "c", "t", "s", "\r"));
    return term_shows(term, text);
}

/* Newer ones come on top; the cursor keeps the one it is on. */
static bool keeps_to_a_reject(struct term *term)
{
    if (!shows_rejects(term, "40 kept") ||
        !term_shows(term, ">Mon 14 Sep 10:48  400  not JSON") ||
        !term_shows(term, "{\"reject\": 40, "))
        return false;
    stage_keys(term, KEYS("j"));
    if (!term_shows(term, ">Mon 14 Sep 10:47  401  the token"))
        return false;
    stage_keys(term, KEYS("j"));
    if (!term_shows(term, ">Mon 14 Sep 10:46"))
        return false;
    term_tell(term, "reject");
    return term_shows(term, "41 kept") &&
           term_shows(term, ">Mon 14 Sep 10:45") &&
           (stage_keys(term, KEYS("G")),
            term_shows(term, "{\"reject\": 1, ")) &&
           (stage_keys(term, KEYS("g")),
            term_shows(term, ">Mon 14 Sep 10:48"));
}

static bool shows_a_refused_body(struct term *term)
{
    if (!shows_rejects(term, "2 kept"))
        return false;
    stage_keys(term, KEYS("\r"));
    if (!term_shows(term, "[Refused]") ||
        !term_shows(term, "400 · 1,234 bytes from 192.0.2.7") ||
        !term_shows(term, "not JSON: a value is needed at byte 13") ||
        !term_shows(term, "[31mred"))
        return false;
    stage_keys(term, KEYS("\033"));
    if (!term_shows(term, "2 kept"))
        return false;
    stage_keys(term, KEYS("j", "\r"));
    return term_shows(term, "Nothing is kept of its body");
}

static bool retries_rejects(struct term *term)
{
    stage_keys(term, KEYS(":", "r", "e", "j", "e", "c", "t", "s", " ", "r",
                          "e", "t", "r", "y", "\r"));
    if (!term_shows(term, "What was refused is being decoded again."))
        return false;
    term_tell(term, "said 1 of 2 refused bodies decoded, 1 new event.");
    if (!term_shows(term, "1 of 2 refused bodies decoded, 1 new event."))
        return false;
    stage_keys(term, KEYS(":", "r", "e", "j", "e", "c", "t", "s", " ", "r",
                          "e", "t", "r", "y", "\r"));
    return term_shows(term, "Not now: they are being decoded already.");
}

static bool counts_rejects(struct term *term)
{
    term_tell(term, "mirror ok"); /* which makes room */
    return term_shows(term, "3 refused");
}

void check_rejects(void)
{
    const char *many[] = {"rejects=40", NULL};
    const char *two[] = {"rejects=2", NULL};
    const char *three[] = {"rejects=3", NULL};

    action_case(ACTION_rejects, "the cursor keeps to a refused body",
                keeps_to_a_reject, many);
    action_case(ACTION_rejects, "Enter shows the body, made harmless",
                shows_a_refused_body, two);
    action_case(ACTION_rejects,
                "retry says that it began, and what came of it",
                retries_rejects, two);
    action_case(ACTION_rejects, "what was refused is counted on Live",
                counts_rejects, three);
}

/* Somebody else pins an event, which stands first in the list then. */
static bool keeps_to_a_pin(struct term *term)
{
    stage_keys(term, KEYS("m", "k", "m", "'", "j"));
    if (!term_shows(term, ">Mon 14 Sep 10:48"))
        return false;
    term_tell(term, "pin 1");
    if (!term_shows(term, "3 pins") || !term_shows(term, ">Mon 14 Sep 10:48"))
        return false;
    return stage_between(term, "pin 2", "d") && term_shows(term, "3 pins") &&
           term_hides(term, "Mon 14 Sep 10:48") &&
           term_shows(term, ">Mon 14 Sep 10:47") &&
           stage_between(term, "pin 3", "k") && term_shows(term, "4 pins") &&
           (stage_keys(term, KEYS("d")), term_shows(term, "3 pins")) &&
           term_shows(term, " Mon 14 Sep 08:08") &&
           term_hides(term, "Mon 14 Sep 08:06");
}

static bool puts_a_problem_away(struct term *term)
{
    term_tell(term, "problem Disk full: new events are refused (503).");
    if (!term_shows(term, "! Disk full"))
        return false;
    stage_keys(term, KEYS("\033"));
    if (!term_shows(term, " telltale! [Live]") || !term_hides(term, "Disk"))
        return false;
    stage_keys(term, KEYS(":", "p", "r", "o", "b", "l", "e", "m", "\r"));
    return term_shows(term, "! Disk full");
}

/* The morning's rows scroll: the one on top is not the day's first. */
static bool says_the_day(struct term *term)
{
    if (!term_hides(term, " Mon 14 Sep "))
        return false;
    term_tell(term, "clock 2026-09-16T10:00:00Z");
    stage_keys(term, KEYS("k"));
    return term_shows(term, "─ Mon 14 Sep ─") && term_hides(term, ">10:48");
}

static bool opens_by_a_second_click(struct term *term)
{
    click_at(term, 10, 40);
    if (!term_shows(term, "G follows"))
        return false;
    click_at(term, 10, 40);
    return term_shows(term, "[Event]");
}

static bool marks_what_a_rule_wants(struct term *term)
{
    return term_shows(term, "*09:58 Alder ") &&
           term_shows(term, "!10:07 Borealis") &&
           term_hides(term, "*10:10 Dunes");
}

void check_lists(void)
{
    const char *rule[] = {"highlight=paid | payment", NULL};

    const char *many[] = {"mirrors=40", NULL};
    const char *bound[] = {"mirrors=40", "key.s=pause", NULL};

    action_case(ACTION_problem,
                "Esc puts a problem away, :problem shows it again",
                puts_a_problem_away, NULL);
    action_case(ACTION_up, "what a rule highlights has a mark",
                marks_what_a_rule_wants, rule);
    action_case(ACTION_up, "a list that begins on another day says which",
                says_the_day, NULL);
    action_case(ACTION_open, "a second click on a row opens it",
                opens_by_a_second_click, NULL);
    action_case(ACTION_find, "one event is no events", finds_nothing_in_one,
                NULL);
    action_case(ACTION_mirrors, "the list scrolls and pages",
                moves_through_mirrors, many);
    action_case(ACTION_mirrors, "click and wheel move in it",
                points_at_mirrors, many);
    action_case(ACTION_pause,
                "p pauses the mirror under the cursor, and resumes it",
                pauses_the_mirror, many);
    action_case(ACTION_pause,
                "another key pauses it if bound, and the help says so",
                pauses_by_another_key, bound);
    action_case(ACTION_remove, "the cursor keeps to a pin, whoever pins more",
                keeps_to_a_pin, NULL);
    action_case(ACTION_pause, "pause and remove say where they work",
                needs_a_list, NULL);
}
