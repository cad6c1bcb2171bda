/* The terminal itself: given back on every way out, nobody waited for, no
 * colour where none is wanted, hostile text in its cells. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal_signals.h"
#include "base/limits.h"
#include "base/text.h"
#include "stage.h"
#include "tap.h"
#include "base/banned.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }

static struct term *morning(int rows, int cols, const char *const *extra)
{
    return stage_start(rows, cols, BODIES_MORNING, NULL, extra);
}

/* The terminal reads lines and echoes again, on the main screen, with a
 * cursor, without mouse and paste marks. */
static bool is_given_back(struct term *term)
{
    struct termios modes;

    return term_wrote(term, "\033[?1049l") &&
           term_wrote(term, "\033[?2004l") &&
           term_wrote(term, "\033[?1002l") && term_wrote(term, "\033[8h") &&
           tcgetattr(term->master, &modes) == 0 && (modes.c_lflag & ECHO) &&
           (modes.c_lflag & ICANON);
}

static void a_signal_ends_it(int signal, const char *sentence)
{
    struct term *term = morning(24, 80, NULL);
    int status = 0;

    kill(term->pid, signal);
    ok(term_ended(term, &status) && is_given_back(term), sentence);
    term_free(term);
}

/* A terminal that orders lines is told to leave cells where they are, but
 * where the user wants it to. */
static void letters_stay_in_their_cells(void)
{
    struct term *term = morning(24, 80, NULL);
    struct term *other =
        stage_start(24, 80, BODIES_MORNING, KEYS("bidi=terminal"), NULL);

    ok(term_wrote(term, "\033[8l") && !strstr(other->raw.data, "\033[8l"),
       "cells stay in their order, but for bidi = terminal");
    term_free(term);
    term_free(other);
}

static void a_crash_gives_it_back(int signal, const char *sentence)
{
    struct term *term =
        morning(24, 80,
                KEYS("ASAN_OPTIONS=handle_segv=0:handle_abort=0:"
                     "detect_leaks=0"));
    int status = 0;

    kill(term->pid, signal);
    ok(term_ended(term, &status) && WIFSIGNALED(status) &&
           WTERMSIG(status) == signal && is_given_back(term),
       sentence);
    term_free(term);
}

/* Each that the system ends a process for. */
static void every_signal_that_ends_it_gives_it_back(void)
{
    int signals[128];
    size_t count = fatal_signals(signals, 128), good = 0, asked = 0;

    for (size_t i = 0; i < count; i++) {
        struct term *term;
        int status = 0;

        if (signals[i] == SIGPIPE || signals[i] > 31)
            continue; /* ignored from the start; one like the others */
        asked++;
        term = stage_start(24, 80, BODIES_NONE, NULL,
                           KEYS("ASAN_OPTIONS=handle_segv=0:handle_abort=0:"
                                "handle_sigbus=0:handle_sigfpe=0:"
                                "handle_sigill=0:detect_leaks=0"));
        kill(term->pid, signals[i]);
        if (term_ended(term, &status) && is_given_back(term))
            good++;
        else
            note("signal %d does not", signals[i]);
        term_free(term);
    }
    note("%zu of %zu signals", good, asked);
    ok(good == asked && asked > 15,
       "every signal that ends a process gives the terminal back");
}

/* Nobody reads, the frames fill the terminal: what restores it comes all the
 * same. */
static void a_terminal_that_is_behind_is_given_back(void)
{
    struct term *term = morning(60, 200, KEYS("COLORTERM=truecolor"));
    int64_t end = clock_mono_us() + TERM_LIMIT_MS * INT64_C(1000);
    int status = 0;
    pid_t ended = 0;

    term->frozen = true;
    for (int i = 0; i < 40; i++) {
        term_type(term, "\f");
        term_pump(term, 20);
    }
    kill(term->pid, SIGQUIT);
    while (!ended && clock_mono_us() < end) {
        ended = waitpid(term->pid, &status, WNOHANG);
        term_pump(term, 20);
    }
    term->frozen = false;
    term_pump(term, 0);
    ok(ended == term->pid && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGQUIT && is_given_back(term),
       "a terminal that is full is given back");
    if (ended)
        term->pid = 0;
    term_free(term);
}

static void a_lost_terminal_ends_it(void)
{
    struct term *term = morning(24, 80, NULL);
    int status = 0;
    pid_t pid = term->pid;
    int64_t end = clock_mono_us() + TERM_LIMIT_MS * INT64_C(1000);
    pid_t ended = 0;

    close(term->master);
    term->master = -1;
    term->gone = true;
    while (!ended && clock_mono_us() < end) {
        ended = waitpid(pid, &status, WNOHANG);
        term_pump(term, 20);
    }
    ok(ended == pid && WIFEXITED(status),
       "a terminal that goes away ends the program");
    if (ended == pid)
        term->pid = 0;
    term_free(term);
}

static void resizing_draws_what_fits(void)
{
    static const int sizes[][2] = {{8, 40}, {100, 300}, {12, 59}, {24, 80},
                                   {1, 1},  {2, 10},    {40, 120}};
    struct term *term = morning(24, 80, NULL);
    bool good = true;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned long frames = term->frames;

        term_resize(term, sizes[i][0], sizes[i][1]);
        while (term->frames == frames && !term->gone)
            term_pump(term, 100);
        if (sizes[i][0] >= 8)
            good &= term_shows(term, ">10:48") && term_shows(term, "elp");
    }
    ok(good && !term->gone, "every size from 1x1 to 300x100 is drawn");
    term_free(term);
}

/* Every row of the stream begins behind the border and ends before its end:
 * a wide or odd character must not push anything. */
static bool borders_stand(struct term *term)
{
    VTermPos at = {0, 23};

    for (at.row = 3; at.row < term->rows - 1; at.row++) {
        VTermScreenCell cell;

        vterm_screen_get_cell(term->screen, at, &cell);
        if (cell.chars[0] != 0x2502 && cell.chars[0] != 0x251c &&
            cell.chars[0] != 0x2524) {
            note("row %d, column 23 holds U+%04X", at.row,
                 (unsigned)cell.chars[0]);
            return false;
        }
    }
    return true;
}

static bool is_harmless(uint32_t code)
{
    return code >= 0x20 && (code < 0x7f || code > 0x9f) &&
           !(code >= 0x200b && code <= 0x200f) &&
           !(code >= 0x202a && code <= 0x202e) &&
           !(code >= 0x2066 && code <= 0x2069) && code != 0xfeff;
}

static bool cells_are_harmless(struct term *term)
{
    VTermPos at;

    for (at.row = 0; at.row < term->rows; at.row++)
        for (at.col = 0; at.col < term->cols; at.col++) {
            VTermScreenCell cell;

            vterm_screen_get_cell(term->screen, at, &cell);
            for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
                if (cell.chars[i] != (uint32_t)-1 &&
                    !is_harmless(cell.chars[i])) {
                    note("row %d, column %d holds U+%04X", at.row, at.col,
                         (unsigned)cell.chars[i]);
                    return false;
                }
        }
    return true;
}

/* Walks through all hostile events, list and detail. */
static void hostile_text_stays_in_its_cells(void)
{
    struct term *term = stage_start(24, 80, BODIES_HOSTILE, NULL, NULL);
    bool list = true;
    bool detail = true;

    for (int i = 0; i < 40; i++) {
        stage_keys(term, KEYS("k"));
        list &= borders_stand(term) && cells_are_harmless(term);
        stage_keys(term, KEYS("\r"));
        detail &= cells_are_harmless(term) && !term->gone;
        stage_keys(term, KEYS("G", "\033"));
    }
    ok(list, "hostile text moves no column of the list");
    ok(detail, "hostile text leaves no control in the detail");
    term_free(term);
}

static void what_setup_sends_is_marked_as_a_test(void)
{
    struct term *term = stage_start(24, 120, BODIES_MORNING, NULL, NULL);

    ok(term_find(term, " test ") < 0, "of the morning nothing is a test");
    stage_body(term, "tests/fixtures/setup_test.json");
    ok(term_find(term, "test created an insight") >= 0,
       "what setup sends is marked as a test");
    term_free(term);
}

static bool has_sgr_colour(const struct term *term)
{
    for (size_t i = 0; i + 3 < term->raw.len; i++)
        if (!memcmp(term->raw.data + i, "\033[3", 3) &&
            strchr("012345678", term->raw.data[i + 3]))
            return true;
    return false;
}

static void colours_are_what_the_terminal_has(void)
{
    static const char *const night[] = {"theme=night", NULL};
    struct term *plain = morning(24, 80, KEYS("NO_COLOR=1"));
    struct term *mono = morning(24, 80, KEYS("TERM=vt220"));
    struct term *eight =
        stage_start(24, 80, BODIES_MORNING, night, KEYS("TERM=xterm"));
    struct term *many = stage_start(24, 80, BODIES_MORNING, night, NULL);
    struct term *full = stage_start(24, 80, BODIES_MORNING, night,
                                    KEYS("COLORTERM=truecolor"));

    ok(term_shows(plain, ">10:48") && !has_sgr_colour(plain),
       "NO_COLOR draws without colours");
    ok(term_shows(mono, ">10:48") && !has_sgr_colour(mono),
       "a terminal without colours gets none");
    ok(term_shows(eight, ">10:48") && !term_find(eight, "telltale") &&
           has_sgr_colour(eight),
       "eight colours are enough");
    ok(term_wrote(many, "38;5;"), "256 colours are used where they are");
    ok(term_wrote(full, "38;2;200;208;220"),
       "24-bit colours are sent as the theme has them");
    term_free(plain);
    term_free(mono);
    term_free(eight);
    term_free(many);
    term_free(full);
}

static void is_told(const char *type, const char *what, const char *sentence)
{
    char term_is[64];
    struct term *term;

    snprintf(term_is, sizeof term_is, "TERM=%s", type);
    term = stage_start(24, 200, BODIES_NONE, NULL, KEYS(term_is));
    ok(term_find(term, what) >= 0 && term_find(term, "--plain") >= 0,
       sentence);
    term_free(term);
}

static void a_terminal_that_is_none_is_named(void)
{
    is_told("dumb", "type dumb cannot show the screen",
            "a terminal that cannot place text is told of --plain");
    is_told("xterm-of-nowhere", "try TERM=xterm-256color",
            "a terminal that terminfo does not know is told what to set");
    is_told("", "TERM is not set; try TERM=xterm-256color",
            "no TERM is told what to set");
}

/* Linux' console names no lines and columns in terminfo. */
static void a_terminal_of_no_size_is_drawn(void)
{
    struct term *term = morning(24, 80, KEYS("TERM=linux"));
    unsigned long frames;
    int status;

    ok(term_shows(term, ">10:48"),
       "a terminal whose terminfo has no size is drawn");
    frames = term->frames;
    term_resize(term, 30, 100);
    while (term->frames == frames && !term->gone)
        term_pump(term, 100);
    ok(term_shows(term, ">10:48") && term_find(term, "elp") == 29,
       "and follows the size that it has");
    term_type(term, "q");
    ok(term_ended(term, &status) && term_hides(term, ">10:48") &&
           term_hides(term, "elp"),
       "one without a second screen is left empty, for the shell");
    term_free(term);
}

/* Nobody reads the terminal; events go on being taken; then it shows where
 * things are. */
static void a_frozen_terminal_holds_nothing_up(void)
{
    struct term *term = morning(60, 200, KEYS("COLORTERM=truecolor"));
    bool alive = true;

    term->frozen = true;
    for (int i = 0; i < 300; i++)
        term_tell(term, i % 2 ? "mirror slack ok" : "mirror slack waits");
    term_tell(term, "clock 2026-09-14T10:58:50Z");
    /* It still reads its control line: only then can this one arrive. */
    term_tell(term, "problem Disk full: new events are refused (503).");
    alive = kill(term->pid, 0) == 0;
    term->frozen = false;
    ok(alive && term_shows(term, "! Disk full: new events are refused") &&
           term_shows(term, "last event 10 min ago"),
       "a terminal that nobody reads is right again when somebody does");
    term_free(term);
}

static void escape_is_a_key_and_pasting_is_text(void)
{
    struct term *term = morning(24, 80, NULL);

    stage_keys(term, KEYS("f", "\033[200~ruth q\033]0;x\a\033[201~"));
    ok(term_shows(term, " filter: ruth q") && !term->gone,
       "what is pasted is text for the prompt, no keys");
    stage_keys(term, KEYS("\033"));
    ok(term_shows(term, "no filter"), "a lone ESC is a key of its own");
    term_free(term);
}

/* What a program before us may have asked for, and what comes by itself. */
static void answers_are_no_keys(void)
{
    struct term *term = morning(24, 80, NULL);
    bool good;

    term_type(term, "\033P>|tmux 3.3a\033\\\033]11;rgb:1e1e/1e1e/1e1e\033\\"
                    "\033[?64;1;2c\033[24;80R\033_Gi=1;OK\033\\\033[?1u"
                    "\033]52;c;cXV4Og==\a\033[?2026;2$y\033[I\033[8;24;80t"
                    "\033P1+r524742=38\033\\\235"
                    "10;rgb:q/x/u\234");
    term_type(term, "\033q\033x\033[113;3u\033[27;3;113~\033\033[A");
    term_type(term, "\033P>|XTe");
    term_pump(term, 100);
    term_type(term, "rm(379)\033");
    term_pump(term, 100);
    term_type(term, "\\");
    stage_keys(term, KEYS("k"));
    good = term_shows(term, ">10:47") && term_find(term, "is hidden") < 0 &&
           term_find(term, "filter:") < 0 && !term->gone;
    ok(good, "what the terminal answers, and Alt with a key, are no keys");
    stage_keys(term, KEYS("\033[27u", "\033[M >*"));
    ok(term_shows(term, ">09:50"), "a mouse report of three bytes is a click");
    stage_keys(term, KEYS("\033[7$"));
    ok(term_shows(term, ">08:06"), "rxvt's Home with Shift is Home");
    term_free(term);
}

/* The end never comes, or too much does. */
static void a_paste_ends(void)
{
    struct term *term = morning(24, 80, NULL);
    struct buf text;

    buf_init(&text, MIB);
    stage_keys(term, KEYS("/", "\033[200~ruth"));
    stage_keys(term, KEYS("x"));
    ok(term_shows(term, " find: ruthx"),
       "a paste whose end is lost is over after a second");
    stage_keys(term, KEYS("\025"));
    buf_adds(&text, "\033[200~");
    for (int i = 0; i < 2000; i++)
        buf_adds(&text, "a");
    buf_adds(&text, "end\033[201~");
    stage_keys(term, KEYS(text.data));
    ok(term_shows(term, "aaaend"), "2,000 bytes go into a prompt");
    buf_clear(&text);
    buf_adds(&text, "\033[200~");
    for (int i = 0; i < 9000; i++)
        buf_adds(&text, "q:x");
    buf_adds(&text, "\033[201~");
    stage_keys(term, KEYS("\025", text.data));
    ok(term_shows(term, "Too long: only what is here was taken (4096 bytes)"),
       "of more than fits, what fits is taken, and said");
    stage_keys(term, KEYS("\025", "r", "u"));
    ok(term_shows(term, " find: ru") && term_find(term, "Too long") < 0,
       "and then the prompt is as ever");
    buf_free(&text);
    term_free(term);
}

static void tab_takes_what_a_prompt_offers(void)
{
    struct term *term = morning(24, 80, NULL);

    stage_keys(term, KEYS("f", "p", "e", "r", "s", "\t"));
    ok(term_shows(term, " filter: person:"), "Tab completes a field");
    stage_keys(term, KEYS("T", "o", "m", "\t"));
    ok(term_shows(term, "person:\"Tom\303\241s"), "and a name, in quotes");
    stage_keys(term, KEYS("\033", ":", "z", "o", "\t"));
    ok(term_shows(term, " :zoom"), "and a command");
    stage_keys(term, KEYS("\r"));
    ok(term_hides(term, "\342\224\200 Accounts"), "which Enter then runs");
    term_free(term);
}

/* A tmux that keeps what it is given, if it is asked as tmux wants it. */
static void make_tmux(const char *folder, const char *status)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/tmux", folder);
    file = fopen(path, "w");
    if (!file)
        abort();
    fprintf(file,
            "#!/bin/sh\n[ \"$*\" = 'load-buffer -w -' ] || exit 2\n"
            "cat >%s/kept\nexit %s\n",
            folder, status);
    fclose(file);
    chmod(path, 0700);
}

static bool was_kept(const char *folder)
{
    char path[128], text[16] = "";
    FILE *file;

    snprintf(path, sizeof path, "%s/kept", folder);
    file = fopen(path, "r");
    if (!file)
        return false;
    if (!fgets(text, sizeof text, file))
        text[0] = '\0';
    fclose(file);
    unlink(path);
    return !strncmp(text, "https://", 8);
}

static void inside_tmux_it_copies_by_tmux(void)
{
    char folder[] = "/tmp/telltale-tmux-XXXXXX", path[256];
    const char *extra[] = {path, "TMUX=/tmp/none,1,0", "SSH_TTY=/dev/null",
                           NULL};
    struct term *term;

    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "PATH=%s:/usr/bin:/bin", folder);
    make_tmux(folder, "0");
    term = morning(24, 80, extra);
    stage_keys(term, KEYS("y"));
    ok(term_shows(term, "Copied the link (tmux)") && was_kept(folder),
       "inside tmux, tmux copies");
    term_free(term);
    make_tmux(folder, "1");
    term = morning(24, 80, extra);
    stage_keys(term, KEYS("y"));
    ok(term_shows(term, "may not have copied it") &&
           term_shows(term, "https://") && was_kept(folder) &&
           term_wrote(term, "\033Ptmux;\033\033]52;c;"),
       "where it cannot, the terminal is asked, and the address shown");
    term_free(term);
    snprintf(path, sizeof path, "%s/tmux", folder);
    unlink(path);
    rmdir(folder);
}

static void inside_screen_it_is_wrapped(void)
{
    struct term *term =
        morning(24, 80, KEYS("STY=1.here", "SSH_TTY=/dev/null"));

    stage_keys(term, KEYS("y"));
    ok(term_wrote(term, "\033P\033]52;c;"),
       "inside screen, what is to be copied is handed on");
    term_free(term);
}

static void the_mouse_points_at_rows(void)
{
    struct term *term = morning(24, 80, NULL);

    stage_keys(term, KEYS("\033[<0;30;10M"));
    ok(term_shows(term, ">09:50"), "a click puts the cursor there");
    stage_keys(term, KEYS("\033[<64;30;10M"));
    ok(term_shows(term, ">09:40"), "the wheel moves it by three");
    stage_keys(term, KEYS("\033[<0;5;5M"));
    ok(term_shows(term, "[Accounts]") && term_shows(term, ">Borealis"),
       "a click gives its pane the focus");
    stage_keys(term, KEYS("\033[<0;24;10M", "\033[<32;31;10M"));
    term_type(term, "\033[<0;31;10m");
    ok(term_shows(term, "─[Accounts]─────────────── 6 ─┬"),
       "a border can be dragged");
    stage_keys(term, KEYS("\033[<0;20;2M"));
    ok(term_shows(term, "filter: category=flags"),
       "a click on a category is its key");
    term_free(term);
}

int main(void)
{
    a_signal_ends_it(SIGTERM, "SIGTERM ends it and gives the terminal back");
    a_signal_ends_it(SIGHUP, "SIGHUP ends it and gives the terminal back");
    a_crash_gives_it_back(SIGSEGV, "a crash gives the terminal back");
    a_crash_gives_it_back(SIGABRT, "an abort gives the terminal back");
    every_signal_that_ends_it_gives_it_back();
    a_terminal_that_is_behind_is_given_back();
    a_lost_terminal_ends_it();
    letters_stay_in_their_cells();
    resizing_draws_what_fits();
    hostile_text_stays_in_its_cells();
    what_setup_sends_is_marked_as_a_test();
    colours_are_what_the_terminal_has();
    a_terminal_that_is_none_is_named();
    a_terminal_of_no_size_is_drawn();
    a_frozen_terminal_holds_nothing_up();
    escape_is_a_key_and_pasting_is_text();
    answers_are_no_keys();
    a_paste_ends();
    tab_takes_what_a_prompt_offers();
    inside_tmux_it_copies_by_tmux();
    inside_screen_it_is_wrapped();
    the_mouse_points_at_rows();
    return done();
}
