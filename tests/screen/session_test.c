/* A session: keys, mouse and new sizes, by dice that fall the same way each
 * time, over a board that gets 500 events a second. Whenever it stands still,
 * what stands on the screen after so many small changes must be, cell by cell,
 * what a terminal shows that was written to once. At the end a board that got
 * the same events at once, and no keys, must list them the same.
 *
 * TELLTALE_SEED is another number for the dice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "stage.h"
#include "tap.h"
#include "base/banned.h"

#define STEPS 360
#define PACE 500        /* events a second */
#define PER_LOOK 3      /* steps */
#define STILL_US 900000 /* so long nothing changes once it stands still */
#define WRONG_SHOWN 8

static const char *const settings[] = {"rejects=3", "mirrors=3",
                                       "ring_events=3000", "hyperlinks=yes",
                                       NULL};
static uint64_t dice;

static unsigned roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned)(dice >> 20) % sides;
}

/* Those that end the board, start a program or hide what was until now for
 * good are left out. */
static const char *const keys[] = {
    "j",    "j",      "j",      "k",      "k",       "k",       "k",
    "g",    "G",      "\033[A", "\033[B", "\033[5~", "\033[6~", "\025",
    "\004", "\033[H", "\033[F", "\t",     "\t",      "\033[Z",  "h",
    "l",    "L",      "L",      "L",      "A",       "P",       "C",
    "S",    "\033",   "\033",   "\033",   "1",       "3",       "9",
    "0",    "f",      "v",      "/",      "n",       "N",       "F",
    " ",    " ",      "H",      "\r",     "\r",      "\r",      "y",
    "Y",    "c",      "m",      "'",      "b",       "a",       "s",
    "d",    "z",      "+",      "-",      "=",       "W",       "X",
    "t",    "%",      "\f",     ":",      "?",       ">",       "<",
    "Q"};
#define KEYS (sizeof keys / sizeof *keys)

static const char *const words[] = {
    "acme",          "person:om",    "category:flags", "tone:bad | paid",
    "amount>",       "\"fl",         "-docs",          "r",
    "mirrors\r",     "rejects\r",    "replays\r",      "tour\r",
    "theme night\r", "theme mono\r", "address\r",      "layout all\r"};
#define WORDS (sizeof words / sizeof *words)

static const struct {
    int rows, cols;
} sizes[] = {{24, 80},  {8, 40},  {40, 140}, {60, 200}, {24, 100},
             {30, 120}, {12, 60}, {8, 16},   {11, 79},  {50, 300}};
#define SIZES (sizeof sizes / sizeof *sizes)

static void press_mouse(struct term *term)
{
    int x = (int)roll((unsigned)term->cols) + 1;
    int y = (int)roll((unsigned)term->rows) + 1, to = x + (int)roll(30) - 15;
    char bytes[96];

    switch (roll(4)) {
    case 0: /* the wheel */
        snprintf(bytes, sizeof bytes, "\033[<%u;%d;%dM", 64 + roll(2), x, y);
        break;
    case 1: /* a border, perhaps */
        snprintf(bytes, sizeof bytes,
                 "\033[<0;%d;%dM\033[<32;%d;%dM\033[<0;%d;%dm", x, y,
                 to < 1 ? 1 : to, y, to < 1 ? 1 : to, y);
        break;
    default:
        snprintf(bytes, sizeof bytes, "\033[<0;%d;%dM\033[<0;%d;%dm", x, y, x,
                 y);
        break;
    }
    term_type(term, bytes);
}

static void do_something(struct term *term)
{
    unsigned what = roll(20), size;

    if (what == 0) {
        size = roll(SIZES);
        term_resize(term, sizes[size].rows, sizes[size].cols);
    } else if (what < 4) {
        press_mouse(term);
    } else if (what < 6) {
        term_type(term, words[roll(WORDS)]);
    } else {
        term_type(term, keys[roll(KEYS)]);
    }
}

/* ---- looking ---- */

static bool is_still(struct term *term, const void *stills)
{
    return term->stills > *(const unsigned long *)stills;
}

static bool wait_still(struct term *term)
{
    unsigned long stills = term->stills;

    term_tell(term, "still");
    if (!term_wait(term, is_still, &stills))
        return false;
    return true;
}

struct cells {
    VTermScreenCell *list;
    int rows, cols;
};

static struct cells read_cells(VTermScreen *screen, int rows, int cols)
{
    struct cells cells = {malloc((size_t)(rows * cols) * sizeof *cells.list),
                          rows, cols};

    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++)
            vterm_screen_get_cell(screen, (VTermPos){row, col},
                                  &cells.list[row * cols + col]);
    return cells;
}

static bool is_blank(const VTermScreenCell *cell)
{
    return !cell->chars[0] || cell->chars[0] == ' ';
}

static bool same_cell(const VTermScreenCell *a, const VTermScreenCell *b)
{
    /* The second cell of a wide character is no cell to libvterm. */
    if (a->chars[0] == (uint32_t)-1)
        return b->chars[0] == (uint32_t)-1;
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL; i++) {
        if (i == 0 && is_blank(a) && is_blank(b))
            break;
        if (a->chars[i] != b->chars[i])
            return false;
        if (!a->chars[i])
            break;
    }
    return a->attrs.reverse == b->attrs.reverse &&
           a->attrs.underline == b->attrs.underline &&
           (is_blank(a) || (a->attrs.bold == b->attrs.bold &&
                            vterm_color_is_equal(&a->fg, &b->fg))) &&
           vterm_color_is_equal(&a->bg, &b->bg);
}

static size_t compare(const struct cells *a, const struct cells *b)
{
    size_t wrong = 0;

    for (int i = 0; i < a->rows * a->cols; i++) {
        if (same_cell(&a->list[i], &b->list[i]))
            continue;
        if (wrong++ < WRONG_SHOWN)
            note("row %d, column %d: U+%04X, written once U+%04X", i / a->cols,
                 i % a->cols, a->list[i].chars[0], b->list[i].chars[0]);
    }
    return wrong;
}

/* Cells that lead elsewhere than in a terminal that was written to once. */
static size_t compare_links(const struct term *term)
{
    size_t wrong = 0;

    for (int row = 0; row < term->rows; row++)
        for (int col = 0; col < term->cols; col++) {
            const char *now = linkgrid_at(term->links, row, col);
            const char *once = linkgrid_at(term->links_beside, row, col);

            if (!strcmp(now, once))
                continue;
            if (wrong++ < WRONG_SHOWN)
                note("row %d, column %d leads to \"%s\", written once \"%s\"",
                     row, col, now, once);
        }
    return wrong;
}

/* What the same state looks like in a terminal that knows nothing yet. */
static struct cells written_once(struct term *term, size_t *links)
{
    VTerm *fresh = vterm_new(term->rows, term->cols);
    VTermScreen *screen = vterm_obtain_screen(fresh);
    unsigned long frames = term->frames;
    struct cells cells;

    vterm_set_utf8(fresh, 1);
    vterm_screen_enable_altscreen(screen, 1);
    vterm_screen_reset(screen, 1);
    term->beside = fresh;
    term->links_beside = linkgrid_new(term->rows, term->cols);
    term_tell(term, "repaint");
    while (term->frames == frames && !term->gone)
        term_pump(term, 50);
    wait_still(term);
    term->beside = NULL;
    *links = compare_links(term);
    linkgrid_free(term->links_beside);
    term->links_beside = NULL;
    cells = read_cells(screen, term->rows, term->cols);
    vterm_free(fresh);
    return cells;
}

struct session {
    struct term *term;
    int64_t began;
    uint64_t fed, wrong, wrong_links, looks, late, cells, linked;
};

static void look(struct session *session, unsigned step)
{
    struct term *term = session->term;
    struct cells now, once;
    int64_t still;
    size_t wrong, links;

    if (!wait_still(term))
        return;
    still = clock_mono_us();
    now = read_cells(term->screen, term->rows, term->cols);
    session->linked += linkgrid_count(term->links);
    once = written_once(term, &links);
    /* What stood there was to change by itself: a message goes. */
    if (clock_mono_us() - still > STILL_US) {
        session->late++;
        free(now.list);
        free(once.list);
        return;
    }
    wrong = compare(&now, &once);
    if (wrong)
        note("step %u, %dx%d: %zu cells are wrong", step, term->cols,
             term->rows, wrong);
    session->wrong += wrong;
    session->wrong_links += links;
    session->looks++;
    session->cells += (uint64_t)(now.rows * now.cols);
    free(now.list);
    free(once.list);
}

static void feed(struct session *session, uint64_t events)
{
    char line[32];

    if (!events)
        return;
    snprintf(line, sizeof line, "feed %llu", (unsigned long long)events);
    term_tell(session->term, line);
    session->fed += events;
}

/* As many as are due, however long the last step took. */
static void keep_pace(struct session *session)
{
    int64_t now = clock_mono_us() - session->began;
    uint64_t due = (uint64_t)(now * PACE / 1000000);

    feed(session, due > session->fed ? due - session->fed : 0);
}

static void live_through(struct session *session)
{
    session->began = clock_mono_us();
    for (unsigned step = 0; step < STEPS && !session->term->gone; step++) {
        keep_pace(session);
        do_something(session->term);
        term_pump(session->term, 5);
        if (step % PER_LOOK == PER_LOOK - 1)
            look(session, step);
    }
}

/* ---- the end ---- */

static void type_all(struct term *term, const char *const *list)
{
    for (; *list; list++) {
        term_type(term, *list);
        wait_still(term);
    }
}

/* "10:49:01", and not "3 min", in any row of the stream. */
static bool shows_clock(struct term *term)
{
    for (int row = 3; row < term->rows - 1; row++) {
        VTermScreenCell cell;

        vterm_screen_get_cell(term->screen, (VTermPos){row, 3}, &cell);
        if (cell.chars[0] == ':')
            return true;
    }
    return false;
}

/* The stream alone, at its end, nothing hidden, chosen or frozen. */
static void come_home(struct term *term)
{
    static const char *const home[] = {"\033",
                                       "\033",
                                       "\033",
                                       "\033",
                                       "L",
                                       "\033",
                                       "\033",
                                       ":clear\r",
                                       ":layout stream\r",
                                       ":theme mono\r",
                                       "G",
                                       "\f",
                                       NULL};

    term_resize(term, 40, 140);
    wait_still(term);
    type_all(term, home);
    if (term_find(term, "FROZEN") >= 0)
        type_all(term, (const char *const[]){" ", "G", "\f", NULL});
    if (term_find(term, "hidden shown") >= 0)
        type_all(term, (const char *const[]){"H", "G", "\f", NULL});
    if (term_find(term, "SCREEN SHARE") >= 0)
        type_all(term, (const char *const[]){"X", "G", "\f", NULL});
    if (!shows_clock(term))
        type_all(term, (const char *const[]){"r", "G", "\f", NULL});
}

/* Between the rule above them and the status row. */
static struct cells stream_rows(struct term *term)
{
    struct cells cells = read_cells(term->screen, term->rows, term->cols);

    cells.rows = term->rows - 1;
    memset(cells.list, 0, (size_t)(3 * cells.cols) * sizeof *cells.list);
    return cells;
}

static void compare_with_another(struct session *session)
{
    struct session other = {
        .term = stage_start(24, 80, BODIES_MORNING, settings, NULL)};
    struct cells a, b;

    feed(&other, session->fed);
    come_home(session->term);
    come_home(other.term);
    a = stream_rows(session->term);
    b = stream_rows(other.term);
    ok(compare(&a, &b) == 0,
       "a board that got the same at once lists the same");
    free(a.list);
    free(b.list);
    term_free(other.term);
}

int main(void)
{
    const char *seed = getenv("TELLTALE_SEED");
    struct session session = {0};

    term_keeps_links = true;
    session.term = stage_start(24, 80, BODIES_MORNING, settings, NULL);
    dice =
        (seed ? strtoull(seed, NULL, 10) : 5) * UINT64_C(2685821657736338717);
    live_through(&session);
    note("%u steps, %llu events, %llu looks at %llu cells in %.1f s", STEPS,
         (unsigned long long)session.fed, (unsigned long long)session.looks,
         (unsigned long long)session.cells,
         (double)(clock_mono_us() - session.began) / 1e6);
    ok(!session.term->gone, "the board is there to the end");
    ok(session.looks + session.late >= STEPS / PER_LOOK - 3 &&
           session.looks > session.late,
       "it stands still in between");
    ok(!session.wrong, "no cell is wrong");
    note("%llu cells that are links", (unsigned long long)session.linked);
    ok(session.linked && !session.wrong_links,
       "a cell leads where it is to lead, and no other does");
    compare_with_another(&session);
    term_free(session.term);
    return done();
}
