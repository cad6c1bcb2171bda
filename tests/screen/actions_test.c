/* Every action of actions.def is run as a user would, by its key (or by its
 * name behind `:`), and must do what the table says. An action that no case
 * here covers is a failure. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "stage.h"
#include "tap.h"
#include "ui/pane/action.h"
#include "base/banned.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }
#define SETTINGS "tests/fixtures/settings_burst.json"
#define BODY "tests/fixtures/hard_emoji_zwj.json"

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
    {ACTION_next_event, KEYS("k", "\r"), NULL, KEYS("\t"), "36 of 36",
     "35 of 36"},
    {ACTION_previous_event, KEYS("\r"), NULL, KEYS("\033[Z"), "35 of 36",
     "36 of 36"},
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
    {ACTION_help, KEYS("C"), NULL, KEYS("?"), "[Help: Coverage]", NULL},
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
     "   Account  renewal", NULL},
    {ACTION_edit_note, KEYS("A", "j", ":note renewal\r"), NULL,
     KEYS("M", " in March\r"), "   Note     renewal in March", NULL},
    {ACTION_edit_note, KEYS("S", ":note call\r"), NULL, KEYS("M", "er\r"),
     "   Note     caller", NULL},
    {ACTION_edit_note, KEYS("k"), NULL, KEYS("M"), " :note ", NULL},
    {ACTION_edit_note, KEYS("A", "j", ":note renewal\r", "X"), NULL, KEYS("M"),
     "Not while the screen is shared", " :note"},
    {ACTION_edit_note, KEYS("A", "G"), NULL, KEYS("M"),
     "No account here to note something on", " :note"},
    {ACTION_copy, KEYS("S"), NULL, KEYS("y"), "the first text", NULL},
    {ACTION_copy, KEYS("S", "y"), NULL, KEYS("y"), "the second text", NULL},
    {ACTION_help, KEYS("S"), NULL, KEYS("?"), "[Help: Signals]", "[Signal]"},
    {ACTION_back, KEYS("\r"), NULL, KEYS("\033"), "[Stream]", "[Event]"},
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
     ">Mon 14 Sep 10:47  Borealis Freight call  created a feature flag",
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
    {ACTION_filter, KEYS("f"), NULL, KEYS("s", "u", "r", "v", "e", "y", "s"),
     "None of 37 match. Enter: category:surveys, 1", NULL},
    {ACTION_filter, KEYS("f", "s", "u", "r", "v", "e", "y", "s"), NULL,
     KEYS("\r"), "1 of 37 match", "None of"},
    {ACTION_filter, KEYS("f"), NULL,
     KEYS("a", "m", "o", "u", "n", "t", ">", "1", "0", "0", "0"),
     "2 of 37 match", "had no"},
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
    {ACTION_open, NULL, SETTINGS, KEYS("\r", "j", "j", "\r"),
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
    {ACTION_help, NULL, NULL, KEYS("?"), "[Help: Live]", "[Stream]"},
    {ACTION_help, KEYS("\r"), NULL, KEYS("?"), "[Help: Event]", "[Event]"},
    {ACTION_copy, NULL, NULL, KEYS("y"), "may not have copied it", "OSC"},
    {ACTION_copy, NULL, NULL, KEYS("y"), "https://", NULL},
    {ACTION_copy_json, NULL, NULL, KEYS("Y"), "may not have copied it", "OSC"},
};

static bool covered[ACTION_COUNT];

static void name_case(enum action action, const char *what, char out[160])
{
    covered[action] = true;
    snprintf(out, 160, "%s: %s", action_row(action)->command, what);
}

static void term_note(const struct term *term)
{
    struct buf text;

    buf_init(&text, MIB);
    term_text(term, &text);
    for (char *at = text.data; *at; at += strcspn(at, "\n") + 1)
        note("|%.*s|", (int)strcspn(at, "\n"), at);
    buf_free(&text);
}

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
    name_case(press->action, action_row(press->action)->help, sentence);
    if (!good) {
        note("wanted \"%s\", not \"%s\"", press->shows ? press->shows : "",
             press->hides ? press->hides : "");
        term_note(term);
    }
    ok(good, sentence);
    term_free(term);
}

/* A case of its own, on a stage of its own. */
static void check(enum action action, const char *what,
                  bool (*judge)(struct term *term),
                  const char *const *settings)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, settings, NULL);
    char sentence[160];
    bool good;

    name_case(action, what, sentence);
    good = judge(term);
    if (!good)
        term_note(term);
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

/* ---- what is opened, by an opener that writes it down ---- */

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

static void check_opening(void)
{
    const char *settings[] = {opener, NULL};
    const char *asking[] = {opener, "posthog=yes", NULL};

    make_opener();
    check(ACTION_replay, "o opens the replay", opens_replay, settings);
    check(ACTION_replay, "what happened now has no age in minutes",
          opens_replay_of_now, settings);
    check(ACTION_replay_ready, "O waits while the replay is young",
          opens_replay_later, settings);
    check(ACTION_replay_ready, "where nobody can be asked, for ten minutes",
          opens_after_ten_minutes, settings);
    check(ACTION_replay_ready, "O opens at once what PostHog has",
          opens_at_once_if_ready, asking);
    check(ACTION_replay_ready, "it asks again until PostHog has it",
          opens_when_posthog_says_so, asking);
    check(ACTION_replay_ready, "no page without a recording is opened",
          opens_no_recording_by_itself, asking);
    check(ACTION_replay_ready, "who cannot ask waits, and says why",
          waits_if_posthog_cannot_be_asked, asking);
    check(ACTION_remove, "d takes one off the list, asked for or not",
          forgets_what_is_taken_off, asking);
    check(ACTION_remove, "the list goes on behind the one that was taken off",
          keeps_the_others, settings);
    check(ACTION_person, "w opens the person", opens_person, settings);
    check(ACTION_event, "e opens the event", opens_event, settings);
    check(ACTION_url, "u opens the address visited", opens_url, settings);
    check(ACTION_link, "a digit opens the numbered link", opens_by_number,
          settings);
    remove_opener();
}

/* ---- what is said of one ---- */

static bool finds_nothing_in_one(struct term *term)
{
    stage_keys(term, KEYS("f", "c", "r", "e", "d", "i", "t", "\r", "/", "z",
                          "q", "z", "\r"));
    return term_shows(term, "No \"zqz\" in 1 event.");
}

/* ---- the list of mirrors: more than fit ---- */

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

static void click_at(struct term *term, int row, int col)
{
    char click[32];

    snprintf(click, sizeof click, "\033[<0;%d;%dM", col + 1, row + 1);
    stage_keys(term, KEYS(click));
}

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
    return term_shows(term, "[Events: first touch]");
}

/* The snooze of the fixture ends while the board stands. */
static bool wakes_by_the_clock(struct term *term)
{
    stage_keys(term, KEYS("S"));
    term_tell(term, "clock 2026-09-16T00:00:01Z");
    return term_shows(term, "[Signals 4]") && term_shows(term, " • ~ stuck");
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

static void check_signals(void)
{
    check(ACTION_signals, "a click on one of the brief ones goes to it",
          points_at_the_brief, NULL);
    check(ACTION_live, "a click on who works shows what they do",
          points_at_who_works, NULL);
    check(ACTION_accounts, "clicks move in the tables, and drill in",
          points_at_tables, NULL);
    check(ACTION_accounts, "what comes moves no row", holds_still, NULL);

    check(ACTION_category,
          "what is of no category stands in their row, and can be clicked",
          adds_up, NULL);
    check(ACTION_signals, "a click on a screen's name goes there", clicks_tabs,
          NULL);
    check(ACTION_down,
          "click and wheel move in the signals; a second click "
          "opens one",
          points_at_signals, NULL);
    check(ACTION_snooze, "a snooze ends by itself", wakes_by_the_clock, NULL);
}

/* ---- what was refused ---- */

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

static void check_rejects(void)
{
    const char *many[] = {"rejects=40", NULL};
    const char *two[] = {"rejects=2", NULL};
    const char *three[] = {"rejects=3", NULL};

    check(ACTION_rejects, "the cursor keeps to a refused body",
          keeps_to_a_reject, many);
    check(ACTION_rejects, "Enter shows the body, made harmless",
          shows_a_refused_body, two);
    check(ACTION_rejects, "retry says that it began, and what came of it",
          retries_rejects, two);
    check(ACTION_rejects, "what was refused is counted on Live",
          counts_rejects, three);
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

static void check_lists(void)
{
    const char *rule[] = {"highlight=paid | payment", NULL};

    const char *many[] = {"mirrors=40", NULL};
    const char *bound[] = {"mirrors=40", "key.s=pause", NULL};

    check(ACTION_problem, "Esc puts a problem away, :problem shows it again",
          puts_a_problem_away, NULL);
    check(ACTION_up, "what a rule highlights has a mark",
          marks_what_a_rule_wants, rule);
    check(ACTION_up, "a list that begins on another day says which",
          says_the_day, NULL);
    check(ACTION_open, "a second click on a row opens it",
          opens_by_a_second_click, NULL);
    check(ACTION_find, "one event is no events", finds_nothing_in_one, NULL);
    check(ACTION_mirrors, "the list scrolls and pages", moves_through_mirrors,
          many);
    check(ACTION_mirrors, "click and wheel move in it", points_at_mirrors,
          many);
    check(ACTION_pause, "p pauses the mirror under the cursor, and resumes it",
          pauses_the_mirror, many);
    check(ACTION_pause, "another key pauses it if bound, and the help says so",
          pauses_by_another_key, bound);
    check(ACTION_pause, "pause and remove say where they work", needs_a_list,
          NULL);
}

static void check_coverage(void)
{
    bool all = true;

    for (int i = 0; i < ACTION_COUNT; i++)
        if (!covered[i]) {
            note("no case presses %s", action_row((enum action)i)->id);
            all = false;
        }
    ok(all, "every action of the table is pressed");
}

int main(void)
{
    for (size_t i = 0; i < sizeof presses / sizeof *presses; i++)
        check_press(&presses[i]);
    check(ACTION_quit, "q ends it and gives the terminal back", quits, NULL);
    check(ACTION_suspend, "^Z stops it, fg brings it back",
          stops_and_comes_back, NULL);
    check(ACTION_read_all, ":read-all marks every account read",
          marks_all_read, NULL);
    check(ACTION_hidden, "H shows what is hidden", shows_hidden, NULL);
    check(ACTION_mouse, "% gives the mouse back to the terminal",
          turns_the_mouse, NULL);
    check(ACTION_copy, "y copies through the terminal",
          copies_through_the_terminal, NULL);
    check_opening();
    check_lists();
    check_layouts();
    check_signals();
    check_rejects();
    check_coverage();
    return done();
}
