/* Every action of actions.def is run as a user would, by its key (or by its
 * name behind `:`), and must do what the table says. An action that no case
 * here covers is a failure. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "actions.h"
#include "tap.h"
#include "base/banned.h"

#define FLAG "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7" /* of France: two codes */
#define SETTINGS "tests/fixtures/settings_burst.json"

struct press {
    enum action action;
    const char *const *before; /* keys */
    const char *live;          /* then a fixture arrives, or NULL */
    const char *const *keys;   /* the action itself */
    const char *shows, *hides; /* afterwards; NULL: nothing asked */
};

/* At 80×24 on the fixtures' morning: 37 rows, the newest at 10:48. */
static const struct press presses[] = {
    {ACTION_up, NULL, NULL, KEYS("k"), ">10:47", ">10:48"},
    {ACTION_up, NULL, NULL, KEYS("\033[A"), "G follows", "following ─"},
    {ACTION_up, KEYS("k"), BODY, KEYS("k"), ">10:45", NULL},
    {ACTION_up, KEYS("k"), BODY, KEYS("\f"), "G follows, +1 new", ">10:48"},
    {ACTION_down, KEYS("k", "k"), NULL, KEYS("j"), ">10:47", ">10:48"},
    {ACTION_down, KEYS("k", "j"), NULL, KEYS("j"), "· following", NULL},
    {ACTION_page_up, NULL, NULL, KEYS("\033[5~"), ">09:22", ">10:48"},
    {ACTION_page_down, KEYS("g"), NULL, KEYS("\033[6~"),
     ">09:40 Dunes     Omar", ">08:"},
    {ACTION_half_up, NULL, NULL, KEYS("\025"), ">10:07", ">10:48"},
    {ACTION_half_down, KEYS("g"), NULL, KEYS("\004"), ">08:49", ">08:06"},
    {ACTION_oldest, NULL, NULL, KEYS("g"), ">08:06", ">10:48"},
    {ACTION_oldest, NULL, NULL, KEYS("\033[H"), ">08:06", ">10:48"},
    {ACTION_newest, KEYS("g"), NULL, KEYS("G"), "· following", ">08:06"},
    {ACTION_newest, KEYS("k"), BODY, KEYS("\033[F"), "following", "G follows"},
    {ACTION_next_pane, NULL, NULL, KEYS("\t"), "[Accounts]", "[Stream]"},
    {ACTION_previous_pane, KEYS("\t"), NULL, KEYS("\033[Z"), "[Stream]",
     "[Accounts]"},
    {ACTION_next_event, KEYS("k", "\r"), NULL, KEYS("\t"), "37 of 37 events",
     "36 of 37 events"},
    {ACTION_previous_event, KEYS("\r"), NULL, KEYS("\033[Z"),
     "36 of 37 events", "37 of 37 events"},
    {ACTION_live, KEYS("\r"), NULL, KEYS("L"), "[Stream]", "[Event]"},
    {ACTION_live, KEYS("S", "\r"), NULL, KEYS("L"), "[Live]", "[Signals"},
    {ACTION_accounts, NULL, NULL, KEYS("A"), "[Account]", "[Stream]"},
    {ACTION_people, NULL, NULL, KEYS("P"), "[Person]", "[Stream]"},
    {ACTION_coverage, NULL, NULL, KEYS("C"), "30 days to Mon 14 Sep",
     "[Stream]"},
    {ACTION_back, KEYS("A"), NULL, KEYS("\033"), "[Live]", "[Account]"},
    {ACTION_down, KEYS("A"), NULL, KEYS("j"), ">Borealis Freight",
     ">株式会社"},
    {ACTION_down, KEYS("P"), NULL, KEYS("j"), ">山田 花子", ">Tomás"},
    {ACTION_down, KEYS("C"), NULL, KEYS("j"), ">Borealis Freight  [", ">ひば"},
    {ACTION_open, KEYS("A", "j"), NULL, KEYS("\r"),
     "account=\"Borealis Freight\"", "[Accounts]"},
    {ACTION_open, KEYS("A", "j", "\r", "A"), NULL, KEYS("\r"), "─[Stream]───",
     "account=\"Borealis"},
    {ACTION_open, KEYS("P", "\r", "A", "j"), NULL, KEYS("\r"),
     "filter: account=\"Borealis Freight\" ", "person="},
    {ACTION_open, KEYS("3", "C", "j", "l", "l", "l"), NULL, KEYS("\r"),
     ">08:08 Borealis", "0 of 37"},
    {ACTION_open,
     KEYS("f", "category:billing | category:flags\r", "A", "j", "j"), NULL,
     KEYS("\r"), "filter: (category:billing | category:fl", ">10:47 Borealis"},
    {ACTION_open, KEYS("P"), NULL, KEYS("\r"), "account=\"Borealis Freight\" ",
     "[People]"},
    {ACTION_open, KEYS("C", "j", "l", "l"), NULL, KEYS("\r"),
     ">10:47 Borealis  Tomás   ⚑", "[Coverage]"},
    {ACTION_sort_right, KEYS("A"), NULL, KEYS(">"), "Sorted by 7 d.",
     "Last ▾"},
    {ACTION_sort_right, KEYS("A"), NULL, KEYS(">"), "7 d ▾", NULL},
    {ACTION_sort_right, KEYS("P"), NULL, KEYS(">"), "Sorted by 30 d.",
     "Share ▾"},
    {ACTION_sort_right, NULL, NULL,
     KEYS(":", "s", "o", "r", "t", "-", "r", "i", "g", "h", "t", "\r"),
     "Nothing to sort here", NULL},
    {ACTION_sort_left, KEYS("A", ">"), NULL, KEYS("<"), "Last ▾", "7 d ▾"},
    {ACTION_right, KEYS("C"), NULL, KEYS("l"), "· AI ──", "· Billing ──"},
    {ACTION_right, KEYS("C"), NULL, KEYS("\033[C"), "· AI ──", "· Billing ──"},
    {ACTION_left, NULL, NULL, KEYS(":", "l", "e", "f", "t", "\r"),
     "left does nothing here. ? lists what does.", NULL},
    {ACTION_link, NULL, NULL, KEYS(":", "l", "i", "n", "k", " ", "2", "\r"),
     "link does nothing here.", NULL},
    {ACTION_left, KEYS("C", "l", "l"), NULL, KEYS("h"), "· AI ──",
     "· Flags ──"},
    {ACTION_go_to_time, NULL, NULL, KEYS("T", "9", ":", "3", "0", "\r"),
     ">09:31", "[Stream]"},
    {ACTION_skip, NULL, NULL, KEYS("."), "Nothing plays here", NULL},
    {ACTION_faster, NULL, NULL, KEYS(">"), "Nothing plays here", NULL},
    {ACTION_slower, NULL, NULL, KEYS("<"), "Nothing plays here", NULL},
    {ACTION_category, KEYS("A"), NULL, KEYS("3"), "filter: category=flags",
     "no filter"},
    {ACTION_read, KEYS("k"), BODY, KEYS("A", "a"), ": all read.", NULL},
    {ACTION_help, KEYS("C"), NULL, KEYS("?"), "[Help: Coverage]",
     "replay now"},
    {ACTION_replay, KEYS("P"), NULL, KEYS("o"), "o is no key here", NULL},
    {ACTION_find, KEYS("C"), NULL, KEYS("/"), "/ is no key here", NULL},
    {ACTION_signals, NULL, NULL, KEYS("S"), ">• + working now", "[Live]"},
    {ACTION_copy_value, KEYS("k", "\r"), NULL, KEYS("c"),
     "Sent the value to the terminal", NULL},
    {ACTION_copy_value, NULL, NULL,
     KEYS(":", "c", "o", "p", "y", "-", "v", "a", "l", "u", "e", "\r"),
     "No value here", NULL},
    {ACTION_layout, NULL, NULL, KEYS("W"), "Layout accounts: accounts and",
     NULL},
    {ACTION_layout, KEYS("W"), NULL, KEYS("W"), "─ $ Billing ─",
     "─ Accounts ─"},
    {ACTION_layout, KEYS("W", "W"), NULL, KEYS("W"), "the stream alone",
     "─ $ Billing ─"},
    {ACTION_layout, NULL, NULL,
     KEYS(":", "l", "a", "y", "o", "u", "t", " ", "x", "\r"),
     "No layout \"x\": all, accounts, panes, stream.", NULL},
    {ACTION_times, NULL, NULL, KEYS("r"), "│  3 min Borealis", "10:45"},
    {ACTION_times, KEYS("r"), NULL, KEYS("r"), "Rows say at what time",
     "3 min B"},
    {ACTION_times, NULL, NULL,
     KEYS(":", "t", "i", "m", "e", "s", " ", "x", "\r"),
     "No times \"x\": clock, age.", NULL},
    {ACTION_screen_share, NULL, NULL, KEYS("X"), "Screen share: names are",
     "Borealis"},
    {ACTION_signals, KEYS("\r"), NULL, KEYS("S"), "[Signals 3]", "[Event]"},
    {ACTION_back, KEYS("S"), NULL, KEYS("\033"), "[Live]", "[Signals"},
    {ACTION_back, KEYS("S", "\r"), NULL, KEYS("\033"), "[Signal]", "[Events"},
    {ACTION_quit, KEYS("S"), NULL, KEYS("q"), "[Live]", "[Signals"},
    {ACTION_down, KEYS("S"), NULL, KEYS("j"), "   + working now", ">• + w"},
    {ACTION_down, KEYS("S"), NULL, KEYS("j"), "[Signals 2]", "[Signals 3]"},
    {ACTION_newest, KEYS("S"), NULL, KEYS("G"), ">d + billing", ">•"},
    {ACTION_open, KEYS("S"), NULL, KEYS("\r"), ">10:47 Tomás Herrera",
     "[Signal]"},
    {ACTION_open, KEYS("S", "\r", "k"), NULL, KEYS("\r"), "has_variants",
     "[Events"},
    {ACTION_open, KEYS("S", "j", "j", "j", "j"), NULL, KEYS("\r"),
     "It comes of days that passed", "[Signal]"},
    {ACTION_snooze, KEYS("S"), NULL, KEYS("s"), "Snoozed until Tue 15 Sep.",
     NULL},
    {ACTION_snooze, KEYS("S"), NULL, KEYS("s"), ">s + working now", "to Wed "},
    {ACTION_snooze, KEYS("S", "s"), NULL, KEYS("s"),
     "Snoozed until Mon 21 Sep.", "to Tue"},
    {ACTION_snooze, KEYS("S", "s", "s"), NULL, KEYS("s"), "Awake again.",
     ">s"},
    {ACTION_snooze, KEYS("S"), NULL,
     KEYS(":", "s", "n", "o", "o", "z", "e", " ", "2", "0", "2", "6", "-", "1",
          "2", "-", "2", "4", "\r"),
     "24 Dec", NULL},
    {ACTION_snooze, KEYS("S"), NULL,
     KEYS(":", "s", "n", "o", "o", "z", "e", " ", "m", "a", "y", "\r"),
     "Until when?", ">s"},
    {ACTION_snooze, NULL, NULL, KEYS(":", "s", "n", "o", "o", "z", "e", "\r"),
     "No signal is selected", NULL},
    {ACTION_done, KEYS("S"), NULL, KEYS("d"), ">d + working now", NULL},
    {ACTION_done, KEYS("S", "d"), NULL, KEYS("d"), ">  + working now", ">d"},
    {ACTION_done, NULL, NULL, KEYS(":", "d", "o", "n", "e", "\r"),
     "No signal is selected", NULL},
    {ACTION_note, KEYS("S"), NULL,
     KEYS(":", "n", "o", "t", "e", " ", "c", "a", "l", "l", "\r"),
     "   Note     call", NULL},
    {ACTION_note, KEYS("S", ":", "n", "o", "t", "e", " ", "a", "\r"), NULL,
     KEYS(":", "n", "o", "t", "e", "\r"), "No note.", "   Note "},
    {ACTION_note, KEYS("k", ":note renewal in March\r"), NULL, KEYS("\r"),
     " note      renewal in March", NULL},
    {ACTION_note, KEYS("A", "j", ":note renewal\r"), NULL, KEYS("\f"),
     "   Note     renewal", NULL},
    {ACTION_note, KEYS("A", "j", ":note renewal\r"), NULL, KEYS(":note\r"),
     "The note on Borealis Freight is gone.", "   Note "},
    {ACTION_note, KEYS("A", "j"), NULL, KEYS(":note\r"),
     "Borealis Freight has no note: :note TEXT writes one.", NULL},
    {ACTION_note, KEYS("A", "G"), NULL, KEYS(":note renewal\r"),
     "No account here to note something on", NULL},
    {ACTION_note, KEYS("\t", "j", ":note renewal\r"), NULL, KEYS("\f"),
     "note: renewal", NULL},
    {ACTION_note, KEYS("P", ":note renewal\r"), NULL, KEYS("\f"),
     "note: renewal", NULL},
    {ACTION_note, KEYS("A", "j", ":note renewal\r"), NULL, KEYS("S"),
     "on the account: renewal", NULL},
    {ACTION_edit_note, KEYS("A", "j", ":note renewal\r"), NULL,
     KEYS("M", " in March\r"), "   Note     renewal in March", NULL},
    {ACTION_edit_note, KEYS("S", ":note call\r"), NULL, KEYS("M", "er\r"),
     "   Note     caller", NULL},
    {ACTION_edit_note, KEYS("k"), NULL, KEYS("M"), " :note ", NULL},
    {ACTION_edit_note, KEYS("A", "j", ":note renewal\r", "X"), NULL, KEYS("M"),
     "Not while the screen is shared", " :note"},
    /* what came under the open prompt is not what was meant */
    {ACTION_edit_note, KEYS(":note renewal\r", "M", " in May"), BODY,
     KEYS("\r", "k", "\r"), " note      renewal in May", NULL},
    {ACTION_note, KEYS(":note call"), BODY, KEYS("\r"), "Noted on 株式会社",
     NULL},
    {ACTION_pin, KEYS(":pin call"), BODY, KEYS("\r", "'"),
     ">Mon 14 Sep 10:48 ひばり", "10:55"},
    {ACTION_open, KEYS(":open"), BODY, KEYS("\r"), "10:48:39 UTC", "Zoë"},
    {ACTION_edit_note, KEYS("A", "G"), NULL, KEYS("M"),
     "No account here to note something on", " :note"},
    {ACTION_copy, KEYS("S"), NULL, KEYS("y"),
     "Sent the first text of two to the terminal, which may not have copied "
     "it.",
     NULL},
    {ACTION_copy, KEYS("S", "y"), NULL, KEYS("y"),
     "Sent the second text of two to the terminal", NULL},
    {ACTION_help, KEYS("S"), NULL, KEYS("?"), "[Help: Signals]", "[Signal]"},
    {ACTION_back, KEYS("\r"), NULL, KEYS("\033"), "[Stream]", "[Event]"},
    {ACTION_back, KEYS("?"), NULL, KEYS("\033"), "[Stream]", "[Help: Live]"},
    {ACTION_page_down, KEYS("?"), NULL, KEYS("\033[6~"), "─ 2 of ", "─ 1 of "},
    {ACTION_help, NULL, NULL, KEYS("Q"), "Q is no key here. ? lists them.",
     "Nearest"},
    {ACTION_help, NULL, NULL, KEYS("?", "m", "a", "r", "k", "s"),
     "a replay, not yet ready", "up, down"},
    {ACTION_help, NULL, NULL, KEYS("?", "s", "e", "g", "m", "e", "n", "t"),
     "segment:enterprise", "up, down"},
    {ACTION_pin, NULL, NULL, KEYS("m"), "Pinned. ' lists the pins", NULL},
    {ACTION_pin, KEYS("m"), NULL, KEYS("m"), "The pin is off.", NULL},
    {ACTION_pin, KEYS("k", ":", "p", "i", "n", " ", "c", "a", "l", "l", "\r"),
     NULL, KEYS("'"),
     ">Mon 14 Sep 10:47 Borealis  Tomás   created a feature flag     call",
     "[Stream]"},
    {ACTION_pins, NULL, NULL, KEYS("'"), "Nothing is pinned.", "[Stream]"},
    {ACTION_pins, KEYS("m", "k", "m", "'"), NULL, KEYS("\r"), "has_variants",
     "[Pins]"},
    {ACTION_remove, KEYS("m", "'"), NULL, KEYS("d"), "Nothing is pinned.",
     "1 pin"},
    {ACTION_tour, NULL, NULL, KEYS(":", "t", "o", "u", "r", "\r"),
     " 6  ? lists every key", "[Stream]"},
    {ACTION_address, NULL, NULL,
     KEYS(":", "a", "d", "d", "r", "e", "s", "s", "\r"), "/hook/", "[Stream]"},
    {ACTION_up, NULL, NULL, KEYS("k", "k", "k", "\f"),
     "read docs/feature-flags/adding-feature-flag-code", NULL},
    {ACTION_back, KEYS("3"), NULL, KEYS("\033"), "no filter", "filter:"},
    {ACTION_back, KEYS("f", "r", "u", "t", "h", "\r"), NULL, KEYS("\033"),
     ">09:50", "filter:"},
    {ACTION_filter, KEYS("f", "r", "u", "t", "h"), NULL, KEYS("\033"),
     ">09:50", "filter:"},
    {ACTION_filter, NULL, NULL, KEYS("f", "z", "o", "e"), "filter: zoe",
     "Borealis  Tomás"},
    {ACTION_filter, NULL, NULL,
     KEYS(":", "f", "i", "l", "t", "e", "r", " ", "z", "o", "e", "\r"),
     "filter: zoe", "Borealis  Tomás"},
    {ACTION_filter, KEYS("f", "a" FLAG), NULL, KEYS("\177", "b"),
     "filter: ab▏", NULL},
    {ACTION_filter, KEYS("f", "a" FLAG), NULL, KEYS("\033[D", "b"),
     "filter: ab", NULL},
    {ACTION_filter, KEYS("f"), NULL, KEYS("s", "u", "r", "v", "e", "y", "s"),
     "None of 37 match. Enter: category:surveys, 1", NULL},
    {ACTION_filter, KEYS("f", "s", "u", "r", "v", "e", "y", "s"), NULL,
     KEYS("\r"), "1 of 37 match", "None of"},
    {ACTION_filter, KEYS("f"), NULL,
     KEYS("a", "m", "o", "u", "n", "t", ">", "1", "0", "0", "0"),
     "2 of 37 match", "had no"},
    {ACTION_filter, KEYS("f"), NULL,
     KEYS("a", "m", "o", "u", "n", "t", ">", "l", "o", "t"), ">10:48",
     "None of"},
    {ACTION_filter, KEYS("3", "f"), NULL,
     KEYS("a", "m", "o", "u", "n", "t", ">", "l", "o", "t"), ">10:47",
     "None of"},
    {ACTION_filter,
     KEYS("f", "p", "r", "o", "p", ".", "v", "a", "r", "i", "a", "n", "t", "s",
          "_", "c", "o", "u", "n", "t", "=", "3", "\r"),
     BODY, KEYS("\f"), "filter: prop.variants_count=3", "docs/"},
    {ACTION_category, NULL, NULL, KEYS("3"), "filter: category=flags",
     "docs/"},
    {ACTION_category, KEYS("3", "0"), NULL, KEYS("3"), "filter: category=team",
     "created a feature flag"},
    {ACTION_views, NULL, NULL, KEYS("v"), ">All", NULL},
    {ACTION_views, KEYS("v", "\033"), BODY, KEYS("v"), "1 new", NULL},
    {ACTION_save_view, NULL, NULL, KEYS("V"), "There is no filter to save",
     NULL},
    {ACTION_save_view, KEYS("3"), NULL,
     KEYS("V", "F", "l", "a", "g", "s", "\r"), "Saved as a view: Flags", NULL},
    {ACTION_save_view, KEYS("3", "V", "F", "l", "a", "g", "s", "\r", "\033"),
     NULL, KEYS("v", "j", "\r"), "filter: category=flags", "docs/"},
    {ACTION_views, KEYS("3", "V", "F", "l", "a", "g", "s", "\r", "v"), NULL,
     KEYS("/", "f", "l"), ">Flags", "All"},
    {ACTION_remove, KEYS("3", "V", "F", "l", "a", "g", "s", "\r", "v", "j"),
     NULL, KEYS("d"), "View deleted: Flags", ">Flags"},
    {ACTION_beside, KEYS("v"), NULL, KEYS("b"), "All is the stream", NULL},
    {ACTION_beside, KEYS("3", "V", "F", "l", "a", "g", "s", "\r", "v", "j"),
     NULL, KEYS("b"), "Flags has a pane beside", NULL},
    {ACTION_clear, KEYS("3"), NULL, KEYS(":", "c", "l", "e", "a", "r", "\r"),
     "no filter", "filter:"},
    {ACTION_find, NULL, NULL, KEYS("/", "c", "r", "e", "d", "i", "t", "\r"),
     ">10:10", ">10:48"},
    {ACTION_find, NULL, NULL, KEYS("/", "r", "u", "t", "h", "\r"),
     "\"ruth\": 4 of 4.", NULL},
    {ACTION_find_next, KEYS("/", "r", "u", "t", "h", "\r"), NULL, KEYS("n"),
     "\"ruth\": 3 of 4.", NULL},
    {ACTION_find, KEYS("\t"), NULL, KEYS("/"),
     "Nothing is found here: / and n work in stream, event and views.",
     " find:"},
    {ACTION_find, KEYS("m", "'"), NULL, KEYS("/"), "Nothing is found here",
     " find:"},
    {ACTION_find_next, KEYS("\t"), NULL, KEYS("n"), "Nothing is found here",
     NULL},
    {ACTION_find_previous, KEYS(":mirrors\r"), NULL, KEYS("N"),
     "Nothing is found here", NULL},
    {ACTION_follow, KEYS("\t"), NULL, KEYS("F"), "Nothing to follow here",
     NULL},
    {ACTION_find_next, KEYS("/", "r", "u", "t", "h", "\r"), NULL, KEYS("n"),
     ">09:47", ">09:50"},
    {ACTION_find_previous, KEYS("/", "r", "u", "t", "h", "\r"), NULL,
     KEYS("N"), ">08:56", ">10:48"},
    {ACTION_follow, NULL, NULL, KEYS("F"), "G follows", NULL},
    {ACTION_follow, KEYS("F", "k"), NULL, KEYS("F"), "· following",
     "G follows"},
    {ACTION_freeze, KEYS(" "), BODY, KEYS("z"), "frozen 10:48, +1 new",
     "Zoë 👩"},
    {ACTION_freeze, KEYS(" "), BODY, KEYS("p"), "· following", "frozen"},
    {ACTION_open, NULL, NULL, KEYS("\r"), "[Event]", "[Stream]"},
    {ACTION_open, KEYS("\t", "j"), NULL, KEYS("\r"),
     "account=\"Borealis Freight\"", "[Accounts]"},
    /* three settings at once: no news is hidden in the fold */
    {ACTION_newest, NULL, SETTINGS, KEYS("k"),
     "~10:48 Cobalt    Zoë     $ "
     "changed 3 settings",
     "×3"},
    {ACTION_find, NULL, SETTINGS,
     KEYS("k", "/", "t", "u", "r", "n", "e", "d", " ", "o", "f", "f", " ", "a",
          "u", "t", "o", "\r"),
     ">10:18 Cobalt    Zoë     $ changed 2 settings", NULL},
    {ACTION_open, NULL, SETTINGS, KEYS("\r"),
     " ~ 10:48:32  turned off session recording", "[Stream]"},
    {ACTION_open, NULL, SETTINGS, KEYS("\r", "k", "k", "\r"),
     " Zoë van Dijk turned off autocapture", "[Stream]"},
    {ACTION_replays, NULL, NULL,
     KEYS(":", "r", "e", "p", "l", "a", "y", "s", "\r"), "Replays", NULL},
    {ACTION_mirrors, NULL, NULL,
     KEYS(":", "m", "i", "r", "r", "o", "r", "s", "\r"), "No mirror.", NULL},
    {ACTION_rejects, NULL, NULL,
     KEYS(":", "r", "e", "j", "e", "c", "t", "s", "\r"),
     "Nothing was refused.", NULL},
    {ACTION_rejects, NULL, NULL,
     KEYS(":", "r", "e", "j", "e", "c", "t", "s", " ", "x", "\r"),
     "It is :rejects, or :rejects retry.", NULL},
    {ACTION_send, NULL, NULL, KEYS(":", "s", "e", "n", "d", "\r"),
     "no mirror is on", NULL},
    {ACTION_read, KEYS("k"), BODY, KEYS("a"), ": all read.", NULL},
    {ACTION_hide_until_now, NULL, NULL, KEYS("x"), "is hidden", ">10:48"},
    {ACTION_hide_until_now, KEYS("x"), NULL, KEYS("x"), ">10:48", "is hidden"},
    {ACTION_zoom, NULL, NULL, KEYS("z"), "[Stream]", "─ Accounts ─"},
    {ACTION_zoom, KEYS("z"), NULL, KEYS("z"), "─ Accounts ─", NULL},
    {ACTION_wider, KEYS("\t"), NULL, KEYS("+"), "─[Accounts]──────────── 6 ─┬",
     NULL},
    {ACTION_wider, KEYS("\t", "+", "+", "+", "+", "+"), NULL, KEYS("+"),
     "No room for more: it is as wide as it can be.", NULL},
    {ACTION_narrower, KEYS("\t", "+", "+", "+", "+", "+", "+", "+"), NULL,
     KEYS("-"), "─[Accounts]───────────────────── 6 ─┬", NULL},
    {ACTION_wider, NULL, NULL, KEYS("+"),
     "at the right here: + and - size the accounts, Tab goes there.", NULL},
    {ACTION_wider, KEYS("z"), NULL, KEYS("+"),
     "Nothing stands beside this: + and - change nothing here.", NULL},
    {ACTION_narrower, KEYS("\t"), NULL, KEYS("-"), "─[Accounts]──── 6 ─┬",
     NULL},
    {ACTION_equal, KEYS("\t", "+", "+"), NULL, KEYS("="),
     "─[Accounts]──────── 6 ─┬", NULL},
    {ACTION_theme, NULL, NULL, KEYS("t"), "Theme: night.", NULL},
    {ACTION_mouse, NULL, NULL, KEYS("%"), "Mouse off", NULL},
    {ACTION_redraw, NULL, NULL, KEYS("\f"), ">10:48", NULL},
    {ACTION_reload, NULL, NULL, KEYS(":", "r", "e", "l", "o", "a", "d", "\r"),
     "Reread", NULL},
    {ACTION_command, NULL, NULL, KEYS(":"), " :▏", NULL},
    {ACTION_command, NULL, NULL, KEYS(":", "r", "e"), " reload ", "│ remove "},
    {ACTION_help, NULL, NULL, KEYS("?"), "[Help: Live]", "[Stream]"},
    {ACTION_help, KEYS("\r"), NULL, KEYS("?"), "[Help: Event]", "[Event]"},
    {ACTION_copy, NULL, NULL, KEYS("y"), "may not have copied it", "OSC"},
    {ACTION_copy, NULL, NULL, KEYS("y"), "https://", NULL},
    {ACTION_copy_json, NULL, NULL, KEYS("Y"), "may not have copied it", "OSC"},
};

static void check_press(const struct press *press)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, NULL, NULL);
    bool good = true;
    char sentence[160];

    stage_keys(term, press->before);
    if (press->live)
        stage_body(term, press->live);
    stage_keys(term, press->keys);
    if (press->shows)
        good &= term_shows(term, press->shows);
    if (press->hides)
        good &= term_hides(term, press->hides);
    action_name_case(press->action, action_row(press->action)->help, sentence);
    if (!good) {
        note("wanted \"%s\", not \"%s\"", press->shows ? press->shows : "",
             press->hides ? press->hides : "");
        term_note(term);
    }
    ok(good, sentence);
    term_free(term);
}

static bool is_reset(struct term *term)
{
    return term_wrote(term, "\033[?1049l") && term_wrote(term, "\033[?2004l");
}

static bool quits(struct term *term)
{
    int status = -1;

    term_type(term, "q");
    return term_ended(term, &status) && status == 0 && is_reset(term);
}

static bool stops_and_comes_back(struct term *term)
{
    static const char *const key[] = {"k", NULL};
    int status = 0;

    term_type(term, "\032");
    if (waitpid(term->pid, &status, WUNTRACED) != term->pid ||
        !WIFSTOPPED(status))
        return false;
    term_pump(term, 100);
    if (!is_reset(term))
        return false;
    buf_clear(&term->raw);
    kill(term->pid, SIGCONT);
    if (!term_wrote(term, "\033[?1049h"))
        return false;
    stage_keys(term, key);
    return term_shows(term, ">10:47");
}

static bool marks_all_read(struct term *term)
{
    stage_keys(term, KEYS("k"));
    stage_body(term, BODY);
    if (!term_shows(term, "  1│"))
        return false;
    stage_keys(term, KEYS(":", "r", "e", "a", "d", "-", "a", "l", "l", "\r"));
    return term_hides(term, "  1│");
}

static bool shows_hidden(struct term *term)
{
    term_tell(term, "mirror slack ok");
    stage_body(term, "tests/fixtures/hard_internal_user.json");
    if (!term_shows(term, "1 hidden"))
        return false;
    stage_keys(term, KEYS("H"));
    return term_shows(term,
                      "Showing 1 event of staff and machines. H hides it.");
}

/* What asks for hidden events shows them. */
static bool counts_hidden(struct term *term)
{
    stage_body(term, "tests/fixtures/hard_internal_user.json");
    stage_keys(term, KEYS("f", "hidden:"));
    return term_shows(term, " internal      1 ");
}

static bool turns_the_mouse(struct term *term)
{
    return term_wrote(term, "\033[?1006h") &&
           (stage_keys(term, KEYS("%")), term_wrote(term, "\033[?1006l"));
}

static bool copies_through_the_terminal(struct term *term)
{
    stage_keys(term, KEYS("y"));
    return term_wrote(term, "\033]52;c;");
}

/* The terminal goes away without a word (the board is killed). */
static void check_layouts(void)
{
    char folder[] = "/tmp/telltale-layout-XXXXXX", journal[80], kept[96];
    const char *settings[] = {journal, NULL};
    struct term *term;
    bool good;

    if (!mkdtemp(folder))
        abort();
    snprintf(journal, sizeof journal, "journal=%s/journal", folder);
    term = stage_start(24, 80, BODIES_MORNING, settings, NULL);
    stage_keys(term, KEYS("W", "W", "+"));
    good = term_shows(term, "─ $ Billing ─");
    term_free(term);
    term = stage_start(24, 80, BODIES_MORNING, settings, NULL);
    good &=
        term_shows(term, "─ $ Billing ─") && term_hides(term, "─ Accounts ─");
    term_free(term);
    ok(good, "layout: a terminal that goes away leaves it as it was");
    for (int i = 0; i < 3; i++) {
        static const char *const ends[] = {"layout", "history", "views"};

        snprintf(kept, sizeof kept, "%s/journal.%s", folder, ends[i]);
        unlink(kept);
    }
    rmdir(folder);
}

static void check_coverage(void)
{
    bool all = true;

    for (int i = 0; i < ACTION_COUNT; i++)
        if (!action_covered[i]) {
            note("no case presses %s", action_row((enum action)i)->id);
            all = false;
        }
    ok(all, "every action of the table is pressed");
}

int main(void)
{
    for (size_t i = 0; i < sizeof presses / sizeof *presses; i++)
        check_press(&presses[i]);
    action_case(ACTION_quit, "q ends it and gives the terminal back", quits,
                NULL);
    action_case(ACTION_suspend, "^Z stops it, fg brings it back",
                stops_and_comes_back, NULL);
    action_case(ACTION_read_all, ":read-all marks every account read",
                marks_all_read, NULL);
    action_case(ACTION_hidden, "H shows what is hidden", shows_hidden, NULL);
    action_case(ACTION_filter, "what asks for hidden events counts them",
                counts_hidden, NULL);
    action_case(ACTION_mouse, "% gives the mouse back to the terminal",
                turns_the_mouse, NULL);
    action_case(ACTION_copy, "y copies through the terminal",
                copies_through_the_terminal, NULL);
    check_opening();
    check_lists();
    check_layouts();
    check_screens();
    check_rejects();
    check_coverage();
    return done();
}
