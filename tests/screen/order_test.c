/* Old and new on the board: what comes late is no news, and what left memory
 * is not mixed up with what is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "stage.h"
#include "tap.h"
#include "base/banned.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }
#define NEWS "tests/fixtures/hard_emoji_zwj.json" /* at 10:55 */
#define LATE "tests/fixtures/hard_long_url.json"  /* at 10:59 */
#define HIDDEN "tests/fixtures/hard_impersonated.json"
#define TOO_LATE "tests/fixtures/hard_missing_person.json"

/* No rule above what came late; one above what came live behind it. */
static void what_is_of_the_past_is_no_news(void)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, NULL, NULL);
    int rule, late;
    bool good;

    stage_past(term, LATE);
    good = term_shows(term, "· following") && term_hides(term, "new since");
    late = term_find(term, ">");
    stage_body(term, NEWS);
    good = good && term_shows(term, "new since");
    rule = term_find(term, "new since");
    good = good && rule == late - 1 && term_find(term, ">10:55") == rule + 1;
    stage_past(term, TOO_LATE);
    good = good && term_shows(term, "new since") &&
           term_find(term, "new since") == rule - 1;
    stage_case(term, good,
               "what is of the past is no news, what came live is");
}

static void nor_is_it_unread(void)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, NULL, NULL);
    bool good;

    stage_past(term, LATE);
    good = term_hides(term, "  1│");
    stage_body(term, NEWS);
    good = good && term_shows(term, "  1│");
    stage_case(term, good, "nor is it unread");
}

static void a_detail_outlives_its_record(void)
{
    struct term *term =
        stage_start(24, 80, BODIES_MORNING,
                    KEYS("ring_events=9", "no_journal=yes"), NULL);
    bool good;

    stage_keys(term, KEYS("g", "\r"));
    good = term_shows(term, " 1 of 9 ") && term_shows(term, " 10:18:");
    stage_body(term, NEWS);
    good = good && term_shows(term, " left memory ") &&
           term_shows(term, " 10:18:");
    stage_keys(term, KEYS("Y"));
    good = good && term_shows(term, "Sent the event as JSON to the terminal");
    stage_keys(term, KEYS("\033[Z"));
    good = good && term_shows(term, "This is the oldest one.");
    stage_keys(term, KEYS("\t"));
    good = good && term_shows(term, " 1 of 9 ") && term_shows(term, " 10:20:");
    stage_case(
        term, good,
        "the detail stays when its event leaves memory, and steps on to "
        "the oldest that is there");
}

static void everything_until_now_stays_hidden(void)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, NULL, NULL);
    bool good;

    stage_keys(term, KEYS("x"));
    good = term_shows(term, "Nothing since.");
    stage_past(term, LATE);
    good = good && term_hides(term, "Nothing since.") &&
           term_hides(term, "10:48 ひ");
    stage_case(term, good,
               "what comes late is shown where all else is hidden");

    term = stage_start(40, 140, BODIES_MORNING, NULL, NULL);
    good = term_hides(term, "Nothing since.");
    stage_keys(term, KEYS("x"));
    good = good && term_shows(term, "│ Nothing since. x shows") &&
           term_hides(term, "Nothing yet.");
    stage_case(term, good, "a pane whose rows are hidden says so");
}

/* Before the first event there is nothing to hide, and nothing was. */
static void nothing_came_yet(void)
{
    struct term *term = stage_start(24, 80, BODIES_NONE, NULL, NULL);
    bool good;

    stage_keys(term, KEYS("x"));
    good = term_shows(term, "Nothing came yet that could be hidden.") &&
           term_shows(term, "Nothing has arrived yet.");
    stage_body(term, NEWS);
    good = good && term_shows(term, ">10:55");
    stage_case(term, good, "before the first event x hides nothing");

    term = stage_start(24, 80, BODIES_NONE, NULL, NULL);
    stage_keys(term, KEYS(" "));
    stage_body(term, NEWS);
    good = term_shows(term, "Frozen before the first event. Space shows");
    stage_keys(term, KEYS(" "));
    good = good && term_shows(term, ">10:55");
    stage_case(term, good, "a board frozen before the first event says so");

    term = stage_start(24, 80, BODIES_NONE, NULL, NULL);
    stage_body(term, HIDDEN);
    good = term_shows(term, "Nothing but hidden events. H shows them.");
    stage_keys(term, KEYS("H"));
    good = good && term_hides(term, "Nothing but hidden");
    stage_case(term, good, "where all there is is hidden it says by what key");
}

/* The rule of the next day stands right below it. */
static void another_day_is_said(void)
{
    static const char *const later[] = {
        "tests/fixtures/shape_alert.json",
        "tests/fixtures/shape_legacy_slack.json",
        "tests/fixtures/shape_flat_user_made.json",
        "tests/fixtures/hard_time_bad.json"};
    struct term *term = stage_start(8, 40, BODIES_NONE, NULL, NULL);
    bool good;

    stage_body(term, LATE);
    good = term_shows(term, "10:59 ");
    term_tell(term, "clock 2026-09-16T12:00:00Z");
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        stage_body(term, later[i]);
    good = good && term_shows(term, "─ Wed 16 Sep ─") &&
           term_shows(term, "  2 d ") && term_hides(term, " Mon 14 Sep ");
    stage_case(term, good,
               "a single row of another day on top says how long ago it was");
}

/* Three days on its way, between two of today. */
static void what_comes_days_late_is_not_of_today(void)
{
    struct term *term = stage_start(24, 80, BODIES_NONE, NULL,
                                    KEYS("TELLTALE_CLOCK=2026-09-17T12:00:"
                                         "00Z"));
    bool good;

    stage_body(term, "tests/fixtures/shape_alert.json");
    term_tell(term, "late 259200000");
    stage_body(term, LATE);
    term_tell(term, "late 0");
    stage_body(term, "tests/fixtures/shape_legacy_slack.json");
    good = term_shows(term, "│   3 d ") && term_hides(term, "10:59") &&
           term_hides(term, "─ Thu 17 Sep ─") && term_shows(term, ">12:00");
    stage_case(
        term, good,
        "what comes days late says how long ago it was, and begins no day");
}

static void thousands_have_a_comma(void)
{
    struct term *term = stage_start(24, 120, BODIES_MORNING, NULL, NULL);
    bool good;

    stage_keys(term, KEYS(" "));
    term_tell(term, "feed 1200");
    good = term_shows(term, ", +1,200 new ") &&
           term_shows(term, "FROZEN +1,200 new");
    stage_case(term, good,
               "what came while it was frozen is counted as all is");

    term = stage_start(24, 120, BODIES_MORNING, NULL, NULL);
    term_tell(term, "feed 2000");
    stage_keys(term, KEYS("/nowhere\r"));
    good = term_shows(term, "No \"nowhere\" in 2,0");
    stage_case(term, good, "and so is what was looked through in vain");
}

/* In the stream, and below the accounts. */
static void the_day_it_came_is_over_it(void)
{
    static const char *const screens[] = {"L", "A"};
    struct term *term = stage_start(24, 80, BODIES_NONE, NULL,
                                    KEYS("TELLTALE_CLOCK=2026-09-17T12:00:"
                                         "00Z"));
    bool good = true;

    term_tell(term, "late 259200000");
    stage_body(term, LATE);
    term_tell(term, "clock 2026-09-18T12:00:00Z");
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
        stage_keys(term, KEYS(screens[i]));
        good = good && term_shows(term, "─ Thu 17 Sep ─") &&
               term_shows(term, " 4 d ") && term_hides(term, "Mon 14 Sep");
    }
    stage_case(term, good, "and stands under the day it came");
}

/* Between two of the same person, of today. */
static void what_comes_days_late_ends_nobodys_day(void)
{
    static const char ours[] = "tests/fixtures/hard_time_bad.json";
    struct term *term = stage_start(24, 80, BODIES_NONE, NULL,
                                    KEYS("TELLTALE_CLOCK=2026-09-17T12:00:"
                                         "00Z"));
    bool good;

    stage_body(term, ours);
    term_tell(term, "late 259200000");
    stage_body(term, LATE);
    term_tell(term, "late 0");
    stage_body(term, ours);
    stage_keys(term, KEYS("\r"));
    good = term_shows(term, "+today     1 more by the same person, 12:00");
    stage_case(term, good, "nor does it end what else somebody did that day");
}

/* Somebody looks at ten, ends it, and comes back at another time. */
static void news_since_the_last_screen(const char *clock, const char *rule,
                                       const char *sentence)
{
    char folder[] = "/tmp/telltale-looked-XXXXXX", journal[80], kept[96];
    const char *settings[] = {journal, NULL};
    struct term *term;
    bool good;
    int status;

    if (!mkdtemp(folder))
        abort();
    snprintf(journal, sizeof journal, "journal=%s/journal", folder);
    term = stage_start(24, 80, BODIES_MORNING, settings,
                       KEYS("TELLTALE_CLOCK=2026-09-14T10:00:00Z"));
    stage_keys(term, KEYS("k"));
    good = term_hides(term, "new since");
    term_type(term, "q");
    good &= term_ended(term, &status);
    term_free(term);
    term = stage_start(24, 80, BODIES_MORNING, settings, KEYS(clock));
    term_tell(term, "said hello"); /* and what shows is another */
    term_tell(term, "problem ");
    good &= term_shows(term, rule) &&
            term_find(term, "new since") == term_find(term, "!10:07") - 1;
    stage_case(term, good, sentence);
    snprintf(kept, sizeof kept, "%s/journal.history", folder);
    unlink(kept);
    snprintf(kept, sizeof kept, "%s/journal.layout", folder);
    unlink(kept);
    rmdir(folder);
}

/* Day rules, too. */
static void another_year_is_said(void)
{
    struct term *term =
        stage_start(24, 80, BODIES_MORNING, NULL,
                    KEYS("TELLTALE_CLOCK=2027-01-04T09:00:00Z"));
    bool good;

    stage_keys(term, KEYS("g"));
    good = term_shows(term, "─ Mon 14 Sep 2026 ─");
    stage_case(term, good, "a day of another year says which");

    term = stage_start(24, 80, BODIES_MORNING, KEYS("ring_events=10"),
                       KEYS("TELLTALE_CLOCK=2027-01-04T09:00:00Z"));
    stage_keys(term, KEYS("g", "k"));
    good = term_shows(term, "[The past]") &&
           term_shows(term, "Mon 14 Sep 2026 08:06 · G: now");
    stage_case(term, good, "and so does the past, where one is in it");
}

/* A signal's events, less than a day old: those of yesterday are not shown as
 * if they were today's. */
static void evidence_says_its_day(void)
{
    struct term *term = stage_start(24, 100, BODIES_MORNING, NULL,
                                    KEYS("TELLTALE_CLOCK=2026-09-15T09:00:"
                                         "00Z"));
    bool good;

    stage_keys(term, KEYS("S"));
    good = term_shows(term, "Events   14 Sep $ had a payment fail");
    stage_case(term, good,
               "what a signal rests on says its day after midnight");
}

/* Far east of Greenwich noon in UTC is tomorrow. */
static void first_uses_have_the_same_day_in_every_zone(void)
{
    struct term *term =
        stage_start(24, 100, BODIES_MORNING, NULL, KEYS("TZ=UTC-13"));
    bool good;

    stage_keys(term, KEYS("C", "j", "l", "l"));
    good = term_shows(term, "first    17 Jul 2026, Tomás Herrera");
    stage_case(term, good, "the first use of a category is on its own day");
}

int main(void)
{
    what_is_of_the_past_is_no_news();
    nor_is_it_unread();
    a_detail_outlives_its_record();
    everything_until_now_stays_hidden();
    nothing_came_yet();
    another_day_is_said();
    what_comes_days_late_is_not_of_today();
    the_day_it_came_is_over_it();
    what_comes_days_late_ends_nobodys_day();
    another_year_is_said();
    thousands_have_a_comma();
    evidence_says_its_day();
    first_uses_have_the_same_day_in_every_zone();
    news_since_the_last_screen("TELLTALE_CLOCK=2026-09-14T10:48:50Z",
                               "─ new since 10:00 ─",
                               "what came while no screen was open is new");
    news_since_the_last_screen("TELLTALE_CLOCK=2026-09-15T09:00:00Z",
                               "─ new since Mon 14 Sep 10:00 ─",
                               "since when says the day where it is another");
    news_since_the_last_screen("TELLTALE_CLOCK=2027-01-04T09:00:00Z",
                               "─ new since Mon 14 Sep 2026 10:00 ─",
                               "and the year where it is another");
    return done();
}
