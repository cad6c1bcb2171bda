/* What o, O, w, e, u and digits open, by an opener that writes it down. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions.h"
#include "base/banned.h"

static char opener[256], opened[256];

static void make_opener(void)
{
    char directory[] = "/tmp/telltale-screen-XXXXXX";
    FILE *file;

    if (!mkdtemp(directory))
        abort();
    snprintf(opened, sizeof opened, "%s/opened", directory);
    snprintf(opener, sizeof opener, "browser=%s/opener", directory);
    file = fopen(opener + 8, "w");
    if (!file)
        abort();
    fprintf(file, "#!/bin/sh\nprintf '%%s' \"$1\" > %s.t\nmv %s.t %s\n",
            opened, opened, opened);
    fclose(file);
    chmod(opener + 8, 0700);
}

static void remove_opener(void)
{
    unlink(opened);
    unlink(opener + 8);
    *strrchr(opened, '/') = '\0';
    rmdir(opened);
}

static bool was_opened(struct term *term, const void *part)
{
    char url[512] = "";
    FILE *file = fopen(opened, "r");

    (void)term;
    if (!file)
        return false;
    if (!fgets(url, sizeof url, file))
        url[0] = '\0';
    fclose(file);
    return strstr(url, part) != NULL;
}

static bool opens(struct term *term, const char *const *keys, const char *part)
{
    unlink(opened);
    stage_keys(term, keys);
    return term_wait(term, was_opened, part);
}

static bool opens_replay(struct term *term)
{
    return opens(term, KEYS("o"), "/replay/") &&
           term_shows(term, "Opened. 10 s old, it may not be ready; O waits");
}

static bool opens_replay_of_now(struct term *term)
{
    term_tell(term, "clock 2026-09-14T10:48:46Z");
    return term_hides(term, "10 s ago") &&
           opens(term, KEYS("o"), "/replay/") &&
           term_shows(term, "Opened. It just happened and may not be ready");
}

static bool opens_replay_later(struct term *term)
{
    unlink(opened);
    stage_keys(term, KEYS("O"));
    return term_shows(term, "Opens when it is ready") && !was_opened(term, "");
}

static bool shows_replays(struct term *term, const char *text)
{
    stage_keys(term, KEYS(":", "r", "e", "p", "l", "a", "y", "s", "\r"));
    return term_shows(term, text);
}

static bool opens_after_ten_minutes(struct term *term)
{
    if (!opens_replay_later(term) ||
        !term_shows(term, "about 10:58. :replays") ||
        !shows_replays(term, "opens about 10:58"))
        return false;
    term_tell(term, "clock 2026-09-14T10:58:45Z");
    return term_wait(term, was_opened, "/replay/") &&
           term_shows(term, " opened 10:58") && term_shows(term, "0 waiting");
}

static bool opens_at_once_if_ready(struct term *term)
{
    term_tell(term, "recording ready");
    return opens(term, KEYS("O"), "/replay/") && term_shows(term, "Opened.") &&
           shows_replays(term, " opened 10:48");
}

/* Each answer has its own question: the second is asked 20 s later. */
static bool opens_when_posthog_says_so(struct term *term)
{
    term_tell(term, "recording short");
    if (!opens_replay_later(term) || !term_shows(term, "ready. :replays") ||
        !shows_replays(term, "opens when ready") ||
        !term_shows(term, "1 waiting"))
        return false;
    stage_keys(term, KEYS("\033"));
    term_tell(term, "recording ready");
    term_tell(term, "clock 2026-09-14T10:49:09Z");
    if (!term_shows(term, "20 s ago") || was_opened(term, ""))
        return false;
    term_tell(term, "clock 2026-09-14T10:49:10Z");
    return term_wait(term, was_opened, "/replay/") &&
           shows_replays(term, " opened 10:49");
}

static bool opens_no_recording_by_itself(struct term *term)
{
    term_tell(term, "recording none");
    if (!opens_replay_later(term) || !shows_replays(term, "opens when ready"))
        return false;
    term_tell(term, "recording none");
    term_tell(term, "clock 2026-09-14T10:58:45Z");
    if (!term_shows(term,
                    "No recording of 10:48 so far: it may be too short") ||
        !term_shows(term, " no recording") || was_opened(term, ""))
        return false;
    stage_keys(term, KEYS("k"));
    return term_shows(term, "sampled out │ Enter opens anyway") &&
           opens(term, KEYS("\r"), "/replay/") &&
           term_shows(term, " opened 10:58");
}

static bool waits_if_posthog_cannot_be_asked(struct term *term)
{
    term_tell(term, "recording unknown the API key lacks a scope");
    unlink(opened);
    stage_keys(term, KEYS("O"));
    if (!term_shows(term, "Opens about 10:58: the API key lacks a scope") ||
        !shows_replays(term, "opens about 10:58") || was_opened(term, ""))
        return false;
    term_tell(term, "clock 2026-09-14T10:58:45Z");
    return term_wait(term, was_opened, "/replay/");
}

static bool forgets_what_is_taken_off(struct term *term)
{
    if (!opens_replay_later(term) || !shows_replays(term, "opens when ready"))
        return false;
    stage_keys(term, KEYS("d"));
    if (!term_shows(term, "No replay waits."))
        return false;
    term_tell(term, "recording ready");
    stage_keys(term, KEYS("\033", "k"));
    return term_shows(term, ">10:47") && !was_opened(term, "");
}

/* Two wait; with the older one gone the cursor is on what is left. */
static bool keeps_the_others(struct term *term)
{
    if (!opens_replay_later(term))
        return false;
    stage_keys(term, KEYS("k"));
    if (!opens_replay_later(term) || !shows_replays(term, "2 waiting"))
        return false;
    stage_keys(term, KEYS("G", "d"));
    return term_shows(term, "1 waiting") && term_shows(term, ">10:4") &&
           (stage_keys(term, KEYS("d")), term_shows(term, "0 waiting"));
}

/* Neither what was open nor what was read before names them any more. */
static bool forgets_somebody(struct term *term)
{
    if (!opens_replay_later(term))
        return false;
    stage_keys(term, KEYS("k", "\r"));
    if (!term_shows(term, "[Event]") || !term_shows(term, "tomas@"))
        return false;
    term_tell(term, "forget tomas@borealis.example");
    if (!term_shows(term, "Somebody is forgotten") ||
        !term_hides(term, "[Event]") ||
        !shows_replays(term, "No replay waits."))
        return false;
    stage_keys(term, KEYS("\033", "k"));
    return term_shows(term, "[Stream]") && !was_opened(term, "");
}

static bool forgets_whose_signal_it_was(struct term *term)
{
    stage_keys(term, KEYS("S"));
    if (!term_shows(term, " created a feature flag"))
        return false;
    term_tell(term, "forget tomas@borealis.example");
    return term_shows(term, "[Signals 3]") &&
           term_hides(term, " created a feature flag");
}

static bool forgets_what_was_asked_for(struct term *term)
{
    stage_keys(term, KEYS("f", "t", "o", "m", "a", "s", "\r", "/", "t", "o",
                          "m", "a", "s", "\r"));
    if (!term_shows(term, "filter: tomas"))
        return false;
    term_tell(term, "forget tomas@borealis.example");
    if (!term_shows(term, "no filter"))
        return false;
    stage_keys(term, KEYS("n"));
    return term_shows(term, "Nothing to find yet");
}

static bool forgets_what_is_being_asked_for(struct term *term)
{
    stage_keys(term, KEYS("f", "t", "o", "m", "a", "s"));
    if (!term_shows(term, " filter: tomas"))
        return false;
    term_tell(term, "forget tomas@borealis.example");
    return term_shows(term, "no filter") && term_hides(term, "filter: tomas");
}

static bool opens_person(struct term *term)
{
    return opens(term, KEYS("w"), "/person/");
}

static bool opens_event(struct term *term)
{
    return opens(term, KEYS("e"), "/events/");
}

static bool opens_url(struct term *term)
{
    return opens(term, KEYS("u"), "/dashboard/");
}

static bool opens_by_number(struct term *term)
{
    return opens(term, KEYS("\r", "2"), "/person/");
}

void check_opening(void)
{
    const char *settings[] = {opener, NULL};
    const char *asking[] = {opener, "posthog=yes", NULL};

    make_opener();
    action_case(ACTION_replay, "o opens the replay", opens_replay, settings);
    action_case(ACTION_replay, "what happened now has no age in minutes",
                opens_replay_of_now, settings);
    action_case(ACTION_replay_ready, "O waits while the replay is young",
                opens_replay_later, settings);
    action_case(ACTION_replay_ready,
                "where nobody can be asked, for ten minutes",
                opens_after_ten_minutes, settings);
    action_case(ACTION_replay_ready, "O opens at once what PostHog has",
                opens_at_once_if_ready, asking);
    action_case(ACTION_replay_ready, "it asks again until PostHog has it",
                opens_when_posthog_says_so, asking);
    action_case(ACTION_replay_ready, "no page without a recording is opened",
                opens_no_recording_by_itself, asking);
    action_case(ACTION_replay_ready, "who cannot ask waits, and says why",
                waits_if_posthog_cannot_be_asked, asking);
    action_case(ACTION_remove, "d takes one off the list, asked for or not",
                forgets_what_is_taken_off, asking);
    action_case(ACTION_remove,
                "the list goes on behind the one that was taken off",
                keeps_the_others, settings);
    action_case(ACTION_replays, "of who is forgotten nothing is left open",
                forgets_somebody, settings);
    action_case(ACTION_signals, "nor the events of a signal",
                forgets_whose_signal_it_was, settings);
    action_case(ACTION_find, "nor a filter and what was looked for",
                forgets_what_was_asked_for, settings);
    action_case(ACTION_filter, "nor what is being typed",
                forgets_what_is_being_asked_for, settings);
    action_case(ACTION_person, "w opens the person", opens_person, settings);
    action_case(ACTION_event, "e opens the event", opens_event, settings);
    action_case(ACTION_url, "u opens the address visited", opens_url,
                settings);
    action_case(ACTION_link, "a digit opens the numbered link",
                opens_by_number, settings);
    remove_opener();
}
