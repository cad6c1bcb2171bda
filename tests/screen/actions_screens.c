/* What is clicked on the screens, and what moves there by itself, or does
 * not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "actions.h"
#include "tap.h"
#include "base/banned.h"

static bool clicks_tabs(struct term *term)
{
    click_at(term, 0, 48);
    if (!term_shows(term, "[Signals 3]"))
        return false;
    click_at(term, 0, 20);
    if (!term_shows(term, "[Accounts]"))
        return false;
    click_at(term, 0, 12);
    return term_shows(term, "[Live]");
}

/* The cell in which text begins; -1: it is not there. */
static int column_of(const struct term *term, int row, const char *text)
{
    struct buf line;
    const char *at;
    int column = -1;

    buf_init(&line, 4096);
    term_row(term, row, &line);
    at = strstr(line.data, text);
    if (at)
        column = text_width_n(line.data, (size_t)(at - line.data));
    buf_free(&line);
    return column;
}

/* The numbers of the categories are those of the title, once something is in
 * none of the ten. */
static bool adds_up(struct term *term)
{
    if (!term_hides(term, "-OTH"))
        return false;
    stage_body(term, "tests/fixtures/hard_event_unknown.json");
    if (!term_shows(term, "38 events today") || !term_shows(term, "-OTH1"))
        return false;
    click_at(term, 1, column_of(term, 1, "-OTH1"));
    return term_shows(term, "filter: category=other") &&
           term_shows(term, "1 of 38");
}

static bool points_at_signals(struct term *term)
{
    stage_keys(term, KEYS("S"));
    click_at(term, 5, 30);
    if (!term_shows(term, ">• ! billing       Dunes") ||
        !term_shows(term, "─ billing · Dunes Health, Inc. · Ruth Feldman ─"))
        return false;
    stage_keys(term, KEYS("\033[<65;9;8M"));
    if (!term_shows(term, ">  ~ champion"))
        return false;
    click_at(term, 9, 30);
    click_at(term, 9, 30);
    return term_shows(term, "[Events: first touch · Émeraude Études]");
}

/* The snooze of the fixture ends while the board stands. */
static bool wakes_by_the_clock(struct term *term)
{
    stage_keys(term, KEYS("S"));
    term_tell(term, "clock 2026-09-16T00:00:01Z");
    return term_shows(term, "[Signals 4]") && term_shows(term, " • ~ stuck");
}

/* Nor is another one there for which the note is. */
static bool notes_no_other_signal(struct term *term)
{
    stage_keys(term, KEYS("S", "M", "call"));
    term_tell(term, "unsignal 9");
    if (!term_shows(term, "[Signals 2]"))
        return false;
    stage_keys(term, KEYS("\r"));
    return term_shows(term, "That signal is gone.") &&
           term_shows(term, ">• ! billing") && term_hides(term, "call");
}

/* Under the accounts of Live. */
static bool points_at_the_brief(struct term *term)
{
    term_tell(term, "clock 2026-09-14T11:19:00Z"); /* nobody works */
    if (!term_shows(term, "30 min ago"))
        return false;
    click_at(term, 16, 4);
    return term_shows(term, ">• ! billing       Dunes");
}

/* Between both. */
static bool points_at_who_works(struct term *term)
{
    click_at(term, 12, 4);
    return term_shows(term, "filter: account=\"Borealis Freight\"");
}

/* The usage has moved to hold them, and they stand first in it. */
static bool points_at_who_worked(struct term *term)
{
    return term_shows(term, "Working now") &&
           stage_between(term, "strangers 100", "\033[<0;5;13M") &&
           term_shows(term, "filter: account=\"Borealis Freight\"");
}

static bool points_at_how_many_more(struct term *term)
{
    term_tell(term, "strangers 7");
    if (!term_shows(term, "8 more: A"))
        return false;
    click_at(term, term_find(term, "8 more: A"), 4);
    return term_shows(term, "[Account]");
}

/* Of more than it keeps in order it says so. */
static bool counts_what_it_knows(struct term *term)
{
    term_tell(term, "strangers 400");
    if (!term_shows(term, "─ Working now ── 256+ ─") ||
        !term_shows(term, "+ more: A"))
        return false;
    term_resize(term, 8, 40);
    return term_shows(term, "+ more ");
}

/* In few rows all of them are one line. */
static bool points_into_the_strip(struct term *term)
{
    term_resize(term, 8, 40);
    if (!term_shows(term, " Now ひばり不…, Borealis, Cobalt"))
        return false;
    click_at(term, 6, 18);
    return term_shows(term, ">10:47 Borealis") &&
           term_hides(term, "10:34 Cobalt");
}

/* All but the last leave room for how many more there are. */
static bool fills_the_strip(struct term *term)
{
    term_tell(term, "clock 2026-09-14T11:06:00Z"); /* Cobalt left */
    term_resize(term, 8, 24);
    if (!term_shows(term, " Now 2 more"))
        return false;
    term_resize(term, 8, 25);
    return term_shows(term, " Now ひばり不…, Borealis ");
}

/* "Tomás" has another number then. */
static bool opens_who_was_shown(struct term *term)
{
    stage_keys(term, KEYS("P"));
    return term_shows(term, ">Tomás Herrera") &&
           stage_between(term, "refill", "\r") &&
           term_shows(term, "filter: account=\"Borealis Freight\" pers") &&
           term_shows(term, ">10:47 Borealis  Tomás") &&
           term_hides(term, "Lucía");
}

static bool finds_nobody(struct term *term)
{
    static const char *const keys[] = {
        "j", "\r", ">", ":read\r", "\033[<0;5;6M", "\033[<0;5;4M"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        stage_keys(term, KEYS("P"));
        term_tell(term, "refill");
        if (!term_shows(term, ">Tomás Herrera") ||
            !stage_between(term, "forget", keys[i]) ||
            !term_shows(term, "Nobody yet"))
            return false;
    }
    return true;
}

/* An event has moved the rows of the tally, and none on the screen. */
static bool marks_the_account_shown(struct term *term)
{
    stage_keys(term, KEYS("\t", "j", "j", "j"));
    if (!term_shows(term, ">Dunes"))
        return false;
    stage_body(term, BODY);
    return term_shows(term, "38 events today") && term_shows(term, ">Dunes") &&
           stage_between(term, "feed 5", "a") &&
           term_shows(term, "Dunes Health, Inc.: all read.");
}

static bool points_at_tables(struct term *term)
{
    stage_keys(term, KEYS("A"));
    click_at(term, 6, 30);
    if (!term_shows(term, ">Dunes Health, Inc."))
        return false;
    click_at(term, 6, 30);
    if (!term_shows(term, "filter: account=\"Dunes Health"))
        return false;
    stage_keys(term, KEYS("P"));
    click_at(term, 5, 30);
    if (!term_shows(term, ">Aurélie"))
        return false;
    stage_keys(term, KEYS("C"));
    click_at(term, 4, 31);
    return term_shows(term, "─ Borealis Freight · Flags ─");
}

/* What comes changes numbers, and no row moves. */
static bool holds_still(struct term *term)
{
    stage_keys(term, KEYS("A", "j"));
    stage_body(term, BODY);
    return term_shows(term, "38 events today") &&
           term_shows(term, ">Borealis Freight") &&
           term_find(term, ">Borealis Freight") == 4;
}

/* The inbox on the screen has an end. */
static void counts_what_fits(void)
{
    char path[] = "/tmp/telltale-signals-XXXXXX", setting[64];
    const char *settings[] = {setting, NULL};
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct term *term;
    char sentence[160];

    if (!file)
        abort();
    for (int i = 0; i <= LIMIT_INBOX; i++)
        fprintf(file,
                "new\t-\t2026-09-14T10:00:00Z\tbad\tbilling\tacme\tAcme\t-\t"
                "a payment failed\t-\t-\t-\n");
    fclose(file);
    snprintf(setting, sizeof setting, "signals=%s", path);
    term = stage_start(24, 80, BODIES_NONE, settings, NULL);
    stage_keys(term, KEYS("S"));
    action_name_case(ACTION_signals,
                     "more than the screen takes are said to be more",
                     sentence);
    ok(term_shows(term, "[Signals 500+]") &&
           term_shows(term, " 500+ new · 0 open"),
       sentence);
    term_free(term);
    unlink(path);
}

/* What does not fit is not cut off: the filter stays what it was. */
static bool leaves_a_long_filter(struct term *term)
{
    char paste[4200] = "";

    snprintf(paste, sizeof paste, "\033[200~dunes -%0*d\033[201~", 4080, 0);
    stage_keys(term, KEYS("f", paste, "\r"));
    if (!term_shows(term, ">10:10 Dunes"))
        return false;
    stage_keys(term, KEYS("1"));
    return term_shows(term, "this is longer than a filter may be") &&
           term_shows(term, "filter: dunes");
}

void check_screens(void)
{
    counts_what_fits();
    action_case(ACTION_category,
                "a category that makes the filter too long is refused",
                leaves_a_long_filter, NULL);
    action_case(ACTION_signals, "a click on one of the brief ones goes to it",
                points_at_the_brief, NULL);
    action_case(ACTION_live, "a click on who works shows what they do",
                points_at_who_works, NULL);
    action_case(ACTION_live,
                "a click on who worked finds them, whoever came meanwhile",
                points_at_who_worked, NULL);
    action_case(ACTION_live, "who works is counted as far as it is known",
                counts_what_it_knows, NULL);
    action_case(ACTION_accounts, "a click on how many more work shows them",
                points_at_how_many_more, NULL);
    action_case(ACTION_live,
                "a click in the strip means the name that it hits",
                points_into_the_strip, NULL);
    action_case(ACTION_live,
                "the last name in the strip takes the room of a count",
                fills_the_strip, NULL);
    action_case(ACTION_people,
                "Enter means the person that was shown, though all was "
                "counted anew",
                opens_who_was_shown, NULL);
    action_case(ACTION_people, "a key finds nobody once all are forgotten",
                finds_nobody, NULL);
    action_case(ACTION_read,
                "a key means the account that was shown, though others came",
                marks_the_account_shown, NULL);
    action_case(ACTION_accounts, "clicks move in the tables, and drill in",
                points_at_tables, NULL);
    action_case(ACTION_accounts, "what comes moves no row", holds_still, NULL);

    action_case(
        ACTION_category,
        "what is of no category stands in their row, and can be clicked",
        adds_up, NULL);
    action_case(ACTION_signals, "a click on a screen's name goes there",
                clicks_tabs, NULL);
    action_case(ACTION_down,
                "click and wheel move in the signals; a second click "
                "opens one",
                points_at_signals, NULL);
    action_case(ACTION_edit_note, "a signal that went takes its note along",
                notes_no_other_signal, NULL);
    action_case(ACTION_snooze, "a snooze ends by itself", wakes_by_the_clock,
                NULL);
}
