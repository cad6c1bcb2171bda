/* The journal beyond the ring, on the board: going up into it and down out of
 * it, finding, filtering, going to a time and playing from there. */
#include <stdio.h>
#include <stdlib.h>
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
#define UP "\033[A"
#define DOWN "\033[B"
#define PAGE_UP "\033[5~"
#define NEWS "tests/fixtures/hard_emoji_zwj.json" /* at 10:55 */

/* The newest ten of 37 are in the ring, from 10:18 on. */
#define SMALL "ring_events=10"
/* The newest 30, from 09:00 on: more than a screen. */
#define LARGE "ring_events=30"

struct check {
    const char *sentence;
    int rows, cols;
    const char *const *settings;
    bool (*holds)(struct term *term);
};

static void run(const struct check *check)
{
    struct term *term = stage_start(check->rows, check->cols, BODIES_MORNING,
                                    check->settings, NULL);
    bool good = check->holds(term);
    struct buf text;

    buf_init(&text, MIB);
    term_text(term, &text);
    for (char *at = text.data; !good && *at; at += strcspn(at, "\n") + 1)
        note("|%.*s|", (int)strcspn(at, "\n"), at);
    buf_free(&text);
    ok(good, check->sentence);
    term_free(term);
}

static void times(struct term *term, int count, const char *key)
{
    while (count--)
        stage_keys(term, KEYS(key));
}

static bool goes_up(struct term *term)
{
    times(term, 8, UP);
    if (!term_shows(term, "[The past]") || !term_shows(term, ">10:18"))
        return false;
    times(term, 1, UP);
    if (!term_shows(term, ">10:10"))
        return false;
    times(term, 30, UP);
    return term_shows(term, ">08:06") &&
           term_shows(term, "─ The journal begins here, 14 Sep 2026 08:06.");
}

/* The rows that showed stand where they stood. */
static bool moves_nothing(struct term *term)
{
    int row;

    stage_keys(term, KEYS(PAGE_UP));
    row = term_find(term, " 10:10 Dunes");
    if (!term_shows(term, "[The past]") || row < 0 ||
        term_find(term, " 10:10 Dunes") != row)
        return false;
    stage_keys(term, KEYS(UP, UP));
    row = term_find(term, ">");
    stage_body(term, NEWS);
    return term_shows(term, "+1 new") && term_find(term, ">") == row;
}

static bool comes_back_down(struct term *term)
{
    times(term, 9, PAGE_UP);
    if (!term_shows(term, ">08:06") || !term_shows(term, "[The past]"))
        return false;
    times(term, 60, DOWN);
    return term_shows(term, "[Stream]") && term_shows(term, "· following") &&
           term_shows(term, ">10:48");
}

static bool goes_to_the_oldest(struct term *term)
{
    stage_keys(term, KEYS("g"));
    if (!term_shows(term, ">08:06") || !term_shows(term, "2 h back"))
        return false;
    stage_keys(term, KEYS("G"));
    return term_shows(term, "[Stream]") && term_shows(term, "· following") &&
           term_hides(term, "08:06");
}

static bool stays_with_a_whole_ring(struct term *term)
{
    stage_keys(term, KEYS("g"));
    return term_shows(term, ">08:06") && term_shows(term, "[Stream]") &&
           term_shows(term, "The journal begins here");
}

static bool wheels_into_it(struct term *term)
{
    times(term, 12, "\033[<64;40;10M");
    return term_shows(term, "[The past]") && term_hides(term, ">10:");
}

static bool opens_an_event(struct term *term)
{
    stage_keys(term, KEYS("g"));
    if (!term_shows(term, ">08:06"))
        return false;
    stage_keys(term, KEYS("\r"));
    if (!term_shows(term, "[Event]") || !term_shows(term, "Maya Okafor"))
        return false;
    stage_keys(term, KEYS("\033"));
    return term_shows(term, "[The past]") && term_shows(term, ">08:06");
}

static bool filters_the_past(struct term *term)
{
    stage_keys(term, KEYS("g"));
    if (!term_shows(term, ">08:06"))
        return false;
    stage_keys(term, KEYS("f", "p", "e", "r", "s", "o", "n", ":", "o", "m",
                          "a", "r", "\r"));
    if (!term_shows(term, "[The past]") || !term_shows(term, ">08:19 Dunes") ||
        !term_hides(term, "Maya"))
        return false;
    stage_keys(term, KEYS("\033"));
    return term_shows(term, "[The past]") && term_shows(term, ">08:19") &&
           term_shows(term, "Maya");
}

static bool asks_bodies(struct term *term)
{
    stage_keys(term, KEYS("f", "a", "m", "o", "u", "n", "t", ">", "7", "0",
                          "0", "\r"));
    if (!term_shows(term, "None of 10 match"))
        return false;
    stage_keys(term, KEYS(UP));
    return term_shows(term, "[The past]") &&
           term_shows(term, "had a payment fail") &&
           term_shows(term, "$1,284");
}

static bool filters_without_a_match(struct term *term)
{
    stage_keys(term, KEYS("f", "n", "o", "b", "o", "d", "y", "\r", UP));
    return term_shows(term, "Nothing older in the journal matches.") &&
           term_hides(term, "[The past]");
}

static bool hides_what_is_hidden(struct term *term)
{
    stage_keys(term, KEYS("x", "g"));
    return term_shows(term, "Nothing since.") && term_hides(term, "08:06");
}

static bool finds_further(struct term *term)
{
    stage_keys(term, KEYS("/", "c", "o", "h", "o", "r", "t", "\r"));
    if (!term_shows(term, "[The past]") || !term_shows(term, ">08:08"))
        return false;
    stage_keys(term, KEYS("n"));
    if (!term_shows(term, "No \"cohort\" in the ") ||
        !term_shows(term, ">08:08"))
        return false;
    stage_keys(term, KEYS("G"));
    return term_shows(term, "[Stream]");
}

/* Two in all, of which neither is in the ring. */
static bool counts_what_it_finds(struct term *term)
{
    stage_keys(term, KEYS("/", "experiment", "\r"));
    if (!term_shows(term, ">08:31") ||
        !term_shows(term, "\"experiment\": 2 of 2 in the journal."))
        return false;
    stage_keys(term, KEYS("n"));
    return term_shows(term, ">08:29") &&
           term_shows(term, "\"experiment\": 1 of 2 in the journal.");
}

/* The ring is looked through first, then the journal, then the ring again. */
static bool finds_round(struct term *term)
{
    stage_keys(term, KEYS("k", "k", "k", "/", "d", "a", "s", "h", "b", "o",
                          "a", "r", "d", "\r"));
    if (!term_shows(term, ">08:19"))
        return false;
    stage_keys(term, KEYS("N"));
    if (!term_shows(term, ">10:48"))
        return false;
    stage_keys(term, KEYS("G", "/", "Z", "o", "\xc3\xab", "\r"));
    return term_shows(term, ">10:20");
}

static bool finds_nothing(struct term *term)
{
    stage_keys(term, KEYS("/", "z", "z", "z", "\r"));
    return term_shows(term, "No \"zzz\" in 10 events.") &&
           term_shows(term, "[Stream]");
}

static bool stops_finding(struct term *term)
{
    stage_keys(term, KEYS("/", "c", "o", "h", "o", "r", "t", "\r"));
    term_tell(term, "pieces 3");
    stage_keys(term, KEYS("\033"));
    if (!term_shows(term, ": n goes on."))
        return false;
    term_tell(term, "pieces 50");
    stage_keys(term, KEYS("\f"));
    if (!term_shows(term, "[Stream]"))
        return false;
    stage_keys(term, KEYS("n"));
    return term_shows(term, ">08:08");
}

/* The fourth piece makes it more than 2,000 events. */
static bool tells_how_far_it_is(struct term *term)
{
    stage_keys(term, KEYS("/", "z", "z", "z", "\r"));
    term_tell(term, "pieces 3");
    stage_keys(term, KEYS("\f"));
    if (!term_hides(term, "Looking in the journal"))
        return false;
    term_tell(term, "pieces 1");
    if (!term_shows(term, "Looking in the journal: 3,750 events, back to ") ||
        !term_shows(term, "Esc stops."))
        return false;
    term_tell(term, "pieces 1");
    return term_shows(term, "No \"zzz\"");
}

static bool stops_reading(struct term *term)
{
    stage_keys(term, KEYS("g", "\033"));
    if (!term_shows(term, "Stopped."))
        return false;
    term_tell(term, "pieces 50");
    stage_keys(term, KEYS("\f"));
    return term_shows(term, "[Stream]") && term_shows(term, ">10:18");
}

/* What comes late would take the cursor back. */
static bool reads_the_oldest_once(struct term *term)
{
    stage_keys(term, KEYS("g"));
    term_tell(term, "pieces 2"); /* going up began to read one, too */
    if (!term_shows(term, ">08:06"))
        return false;
    stage_keys(term, KEYS("\033[H", DOWN));
    if (!term_shows(term, ">08:08"))
        return false;
    term_tell(term, "pieces 50");
    stage_keys(term, KEYS("\f"));
    stage_keys(term, KEYS(DOWN, UP));
    return term_shows(term, ">08:08");
}

/* The past was fetched meanwhile, and somebody is forgotten. */
static bool reads_on(struct term *term)
{
    stage_keys(term, KEYS("g"));
    if (!term_shows(term, ">08:06"))
        return false;
    stage_keys(term, KEYS(DOWN));
    if (!term_shows(term, ">08:08"))
        return false;
    term_tell(term, "came 3");
    if (!term_shows(term, "The past is here: 3 events.") ||
        !term_shows(term, ">08:08") || !term_shows(term, "[The past]"))
        return false;
    term_tell(term, "forget nobody");
    return term_shows(term, "Somebody is forgotten") &&
           term_shows(term, "[Stream]") && term_shows(term, "· following");
}

static bool looks_on(struct term *term)
{
    stage_keys(term, KEYS("/", "c", "o", "h", "o", "r", "t", "\r"));
    term_tell(term, "pieces 3");
    stage_keys(term, KEYS("\f"));
    term_tell(term, "came 3");
    if (!term_shows(term, "The past is here: 3 events."))
        return false;
    term_tell(term, "pieces 50");
    return term_shows(term, ">08:08");
}

/* The journal is read by itself above a ring's oldest rows: Esc is not for
 * that. */
static bool reads_ahead_silently(struct term *term)
{
    stage_keys(term, KEYS("f", "\025", "flag", "\r", UP));
    if (!term_shows(term, " of 10 · G follows"))
        return false;
    stage_keys(term, KEYS("\033"));
    return term_hides(term, " of 10 ") && term_hides(term, "Stopped.") &&
           term_shows(term, " 10 · ");
}

/* Nor is it once something was asked for and not found. */
static bool reads_ahead_after_nothing(struct term *term)
{
    stage_keys(term, KEYS("f", "nobody", "\r", UP));
    term_tell(term, "pieces 1");
    return term_shows(term, "Nothing older in the journal matches.") &&
           reads_ahead_silently(term);
}

static bool goes_to_a_time(struct term *term)
{
    stage_keys(term, KEYS("T"));
    if (!term_shows(term, " go to: ") || !term_shows(term, "yesterday 9:00"))
        return false;
    stage_keys(term, KEYS("0", "9", ":", "3", "0"));
    if (!term_shows(term, "Mon 14 Sep 2026 09:30"))
        return false;
    stage_keys(term, KEYS("\r"));
    return term_shows(term, "[The past]") && term_shows(term, ">09:31") &&
           term_shows(term, " 09:26");
}

static bool knows_what_is_no_time(struct term *term)
{
    stage_keys(term, KEYS("T", "n", "o", "o", "n", "\r"));
    if (!term_shows(term, "^ a time: 14:30, yesterday 9:00"))
        return false;
    stage_keys(term, KEYS("\025", "2", "0", "2", "7", "-", "0", "1", "-", "0",
                          "1", "\r"));
    if (!term_shows(term, "^ that is still to come"))
        return false;
    stage_keys(term, KEYS("\033", ":", "g", "o", "-", "t", "o", "-", "t", "i",
                          "m", "e", " ", "n", "o", "o", "n", "\r"));
    return term_shows(term, "\"noon\" is no time");
}

static bool goes_beyond_either_end(struct term *term)
{
    stage_keys(term, KEYS("T", "2", "0", "2", "5", "-", "0", "1", "-", "0",
                          "1", "\r"));
    if (!term_shows(term, "[The past]") || !term_shows(term, ">08:06"))
        return false;
    stage_keys(term, KEYS("T", "1", "s", "\r"));
    return term_shows(term, ">10:48") && term_shows(term, "[The past]");
}

static bool go_to(struct term *term, const char *hour, const char *shows)
{
    stage_keys(term, KEYS("T"));
    term_type(term, hour);
    stage_keys(term, KEYS("\r"));
    return term_shows(term, "[The past]") && term_shows(term, shows);
}

/* The next is nine minutes later: at ×1 it does not come by itself. */
static bool plays(struct term *term)
{
    if (!go_to(term, "9:30", ">09:31"))
        return false;
    stage_keys(term, KEYS(" "));
    if (!term_shows(term, "Playing the past, ×1.") ||
        !term_shows(term, ">09:31") || !term_hides(term, "09:40") ||
        !term_shows(term, "PAST ×1"))
        return false;
    stage_keys(term, KEYS("."));
    if (!term_shows(term, ">09:40"))
        return false;
    stage_keys(term, KEYS(">", ">", ">", ">", ">", ">", ">"));
    if (!term_shows(term, "×60"))
        return false;
    stage_keys(term, KEYS("<"));
    if (!term_shows(term, "×30"))
        return false;
    stage_keys(term, KEYS(" "));
    return term_shows(term, "Paused.") && term_shows(term, "Space plays");
}

static bool plays_to_the_end(struct term *term)
{
    if (!go_to(term, "10:46", ">10:47"))
        return false;
    stage_keys(term, KEYS(" ", "."));
    if (!term_shows(term, ">10:48"))
        return false;
    stage_keys(term, KEYS("."));
    return term_shows(term, "[Stream]") && term_shows(term, "following");
}

static bool comes_back_by_esc(struct term *term)
{
    if (!go_to(term, "9:30", ">09:31"))
        return false;
    stage_keys(term, KEYS(" ", "\033"));
    return term_shows(term, "[Stream]") && term_shows(term, "· following") &&
           term_shows(term, ">10:48");
}

static bool plays_here_only(struct term *term)
{
    stage_keys(term, KEYS(">"));
    if (!term_shows(term, "Nothing plays here: T goes to a time."))
        return false;
    stage_keys(term, KEYS(" "));
    return term_shows(term, "Frozen.");
}

/* What came while one is in the past is news when one comes back. */
static bool counts_what_came(struct term *term)
{
    stage_keys(term, KEYS("g"));
    stage_body(term, NEWS);
    if (!term_shows(term, "+1 new") || !term_shows(term, ">08:06"))
        return false;
    stage_keys(term, KEYS("G"));
    return term_shows(term, ">10:55");
}

/* A filter in between makes it no older news. */
static bool counts_what_came_after_a_filter(struct term *term)
{
    stage_keys(term, KEYS(UP));
    stage_body(term, NEWS);
    if (!term_shows(term, "G follows, +1 new"))
        return false;
    stage_keys(term, KEYS("f", "flag"));
    if (!term_shows(term, " of 38"))
        return false;
    stage_keys(term, KEYS("\033"));
    return term_hides(term, " of 38") && term_shows(term, "G follows, +1 new");
}

static bool goes_up_in_a_pane(struct term *term)
{
    stage_keys(term, KEYS("\t", "\t", "g"));
    return term_shows(term, "[$ Billing]") &&
           term_shows(term, "09:40 · G: now") &&
           term_shows(term, "10 · following");
}

static bool goes_up_in_an_empty_pane(struct term *term)
{
    stage_keys(term, KEYS("\t", "\t", "\t"));
    if (!term_shows(term, "[✦ AI]") ||
        !term_shows(term, "4 of today are in the journal."))
        return false;
    stage_keys(term, KEYS("k"));
    return term_shows(term, "08:45 Alder") &&
           term_hides(term, "4 of today are") &&
           term_shows(term, "10 · following");
}

int main(void)
{
    const struct check checks[] = {
        {"above the ring's oldest row the journal goes on", 24, 80,
         KEYS(SMALL, "past_piece=7"), goes_up},
        {"new events do not move what one reads there", 24, 80, KEYS(LARGE),
         moves_nothing},
        {"down again, the ring's rows are its own", 24, 80, KEYS(LARGE),
         comes_back_down},
        {"g goes to the oldest event of all, G back to now", 24, 80,
         KEYS(LARGE), goes_to_the_oldest},
        {"a ring that holds all needs no journal", 24, 80, NULL,
         stays_with_a_whole_ring},
        {"the wheel goes there too", 24, 80, KEYS(LARGE), wheels_into_it},
        {"an event there opens", 24, 80, KEYS(LARGE), opens_an_event},
        {"the filter holds there, and Esc stays on the event", 24, 80,
         KEYS(LARGE, "past_piece=3"), filters_the_past},
        {"a deep filter asks the bodies", 24, 80, KEYS(SMALL, "past_piece=5"),
         asks_bodies},
        {"where nothing older matches, it says so", 24, 80, KEYS(SMALL),
         filters_without_a_match},
        {"what is hidden until now is hidden there", 24, 80, KEYS(SMALL),
         hides_what_is_hidden},
        {"finding goes on in the journal", 24, 80, KEYS(SMALL, "past_piece=2"),
         finds_further},
        {"of how many it is one, in all the journal", 24, 80,
         KEYS(SMALL, "past_piece=3"), counts_what_it_finds},
        {"the ring first, then the journal, then round the end", 24, 80,
         KEYS(SMALL), finds_round},
        {"what is nowhere is not found", 24, 80, KEYS(SMALL), finds_nothing},
        {"Esc stops it, n goes on", 24, 80,
         KEYS(SMALL, "past_piece=2", "past_hold=yes"), stops_finding},
        {"a long way is told on the way", 24, 120,
         KEYS(SMALL, "older=4000", "past_hold=yes"), tells_how_far_it_is},
        {"Esc stops reading", 24, 80, KEYS(SMALL, "past_hold=yes"),
         stops_reading},
        {"the oldest is read once, and moves no cursor", 24, 80,
         KEYS(SMALL, "past_hold=yes"), reads_the_oldest_once},
        {"who reads the past reads on when more of it is here", 24, 80,
         KEYS(LARGE), reads_on},
        {"what is looked for there is looked for on", 24, 80,
         KEYS(SMALL, "past_piece=2", "past_hold=yes"), looks_on},
        {"what is read ahead is not what Esc stops", 24, 80,
         KEYS(SMALL, "past_hold=yes"), reads_ahead_silently},
        {"nor after nothing was found of what was asked for", 24, 80,
         KEYS(SMALL, "past_hold=yes"), reads_ahead_after_nothing},
        {"T goes to a time", 24, 80, NULL, goes_to_a_time},
        {"what is no time is told", 24, 80, NULL, knows_what_is_no_time},
        {"a time before all, and after all", 24, 80, KEYS(SMALL),
         goes_beyond_either_end},
        {"Space plays, pauses; faster, slower, skip", 24, 80, NULL, plays},
        {"played to its end, the past is now", 24, 80, NULL, plays_to_the_end},
        {"Esc comes back to now", 24, 80, NULL, comes_back_by_esc},
        {"keys of playing say where they work", 24, 80, NULL, plays_here_only},
        {"what came meanwhile is counted", 24, 80, KEYS(SMALL),
         counts_what_came},
        {"also once a filter was there and is not", 24, 80, NULL,
         counts_what_came_after_a_filter},
        {"a category's pane goes there by itself", 40, 140, KEYS(SMALL),
         goes_up_in_a_pane},
        {"also from an empty one, which says so", 40, 140, KEYS(SMALL),
         goes_up_in_an_empty_pane},
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        run(&checks[i]);
    return done();
}
