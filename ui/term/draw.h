/* Drawing: sanitised text into cells, clipped at grapheme borders, in a
 * role. Everything on the screen goes through here; what a grapheme's width
 * is, text.h says, and a grapheme that curses would give another width is
 * drawn as U+FFFD, so no cell ever moves. Coordinates are cells from 0;
 * everything outside the screen is clipped. */
#ifndef TELLTALE_DRAW_H
#define TELLTALE_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/category.h"
#include "ui/term/theme.h"

struct rect {
    int y, x, h, w;
};

/* Marks that have an ASCII form. */
enum mark {
    MARK_REPLAY,      /* ▸ o */
    MARK_REPLAY_WAIT, /* ▹ O */
    MARK_UP,          /* ▴ + */
    MARK_DOWN,        /* ▾ - */
    MARK_TIMES,       /* × x */
    MARK_ELLIPSIS,    /* … ~ */
    MARK_BULLET,      /* • * */
    MARK_CARET,       /* ▏ | : where typing goes */
    MARK_HORIZONTAL,  /* ─ - */
    MARK_VERTICAL,    /* │ | */
    MARK_TOP_LEFT,    /* ┌ + … */
    MARK_TOP_RIGHT,
    MARK_BOTTOM_LEFT,
    MARK_BOTTOM_RIGHT,
    MARK_TEE_DOWN,  /* ┬ */
    MARK_TEE_UP,    /* ┴ */
    MARK_TEE_RIGHT, /* ├ */
    MARK_TEE_LEFT,  /* ┤ */
    MARK_CROSS,     /* ┼ */
    MARK_COUNT
};

struct draw;
/* After tty_open(). theme is borrowed and may be swapped by draw_theme();
 * truecolor: colours of 24 bits are wanted and draw_palette() is used;
 * NO_COLOR in the environment means none at all. */
struct draw *draw_new(const struct theme *theme, bool unicode, bool truecolor);
void draw_free(struct draw *draw);
void draw_theme(struct draw *draw, const struct theme *theme);
/* For tty_palette(): 256 entries, or NULL when nothing is to be changed. */
const uint32_t *draw_palette(const struct draw *draw);

/* Everything blank, in ROLE_TEXT. */
void draw_clear(struct draw *draw);
/* Everything is drawn: hands it to curses, for tty_frame(). */
void draw_commit(struct draw *draw);
/* While set, what is drawn lies on this role (the cursor's row): its
 * background, or all of it if it is reverse. ROLE_TEXT: nothing. */
void draw_under(struct draw *draw, enum role role);
/* Where links go, borrowed; NULL: the terminal shows none. */
struct hyper;
void draw_hyper(struct draw *draw, struct hyper *hyper);
/* The cells are a link, for terminals that show them; NULL: they are none. */
void draw_link(struct draw *draw, int y, int x, int cells, const char *url);
/* While set (not NULL or ""), its occurrences in texts are ROLE_MATCH; it is
 * folded text. */
void draw_match(struct draw *draw, const char *folded);

/* Draws as much as fits into cells; returns the cells used. */
int draw_text(struct draw *draw, int y, int x, int cells, enum role role,
              const char *text);
/* The same, cut with … if it does not fit. */
int draw_cut(struct draw *draw, int y, int x, int cells, enum role role,
             const char *text);
/* Flush right in the cells: what does not fit loses its head. */
void draw_right(struct draw *draw, int y, int x, int cells, enum role role,
                const char *text);
int draw_format(struct draw *draw, int y, int x, int cells, enum role role,
                const char *format, ...) __attribute__((format(printf, 6, 7)));
void draw_mark(struct draw *draw, int y, int x, enum role role,
               enum mark mark);
void draw_glyph(struct draw *draw, int y, int x, enum role role,
                enum category category);
/* One of eight heights, 0…8 (0: blank). */
void draw_bar(struct draw *draw, int y, int x, enum role role, int eighths);
/* One of eight widths from the left, and one of four shades, 1…4. */
void draw_part(struct draw *draw, int y, int x, enum role role, int eighths);
void draw_shade(struct draw *draw, int y, int x, enum role role, int level);
void draw_blank(struct draw *draw, struct rect rect, enum role role);
void draw_line(struct draw *draw, int y, int x, int cells, enum role role);
void draw_column(struct draw *draw, int y, int x, int rows, enum role role);
/* ┌─[title]──── right ─┐ around rect, blank inside, ROLE_POPUP. */
void draw_box(struct draw *draw, struct rect rect, const char *title,
              const char *right);
/* The text of a mark or glyph in this draw's table, for building lines. */
const char *draw_mark_text(const struct draw *draw, enum mark mark);
const char *draw_glyph_text(const struct draw *draw, enum category category);
bool draw_unicode(const struct draw *draw);
/* The screen's size. */
int draw_rows(const struct draw *draw);
int draw_cols(const struct draw *draw);

#endif
