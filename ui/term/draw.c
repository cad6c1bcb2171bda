/* Cells. The only file that gives curses text; what a cell holds is decided
 * here and nowhere else. It knows nothing of events or panes. */
#include <curses.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"
#include "ui/term/draw.h"
#include "ui/term/hyper.h"
#include "ui/term/tty.h"
#include "base/banned.h"

#define LINE_MAX_BYTES 4096
#define GRAPHEME_MAX_CODES 5 /* CCHARW_MAX: one base, four marks */

struct look {
    attr_t attrs;
    short pair;
};

struct draw {
    const struct theme *theme;
    bool unicode, truecolor, colours;
    uint32_t palette[256];
    unsigned used; /* palette entries given out, from 16 */
    enum role under;
    char *match;
    struct hyper *hyper; /* or NULL */
};

static const char *const marks[MARK_COUNT][2] = {
    [MARK_REPLAY] = {"o", "▸"},      [MARK_REPLAY_WAIT] = {"O", "▹"},
    [MARK_UP] = {"+", "▴"},          [MARK_DOWN] = {"-", "▾"},
    [MARK_TIMES] = {"x", "×"},       [MARK_ELLIPSIS] = {"~", "…"},
    [MARK_BULLET] = {"*", "•"},      [MARK_CARET] = {"|", "▏"},
    [MARK_HORIZONTAL] = {"-", "─"},  [MARK_VERTICAL] = {"|", "│"},
    [MARK_TOP_LEFT] = {"+", "┌"},    [MARK_TOP_RIGHT] = {"+", "┐"},
    [MARK_BOTTOM_LEFT] = {"+", "└"}, [MARK_BOTTOM_RIGHT] = {"+", "┘"},
    [MARK_TEE_DOWN] = {"+", "┬"},    [MARK_TEE_UP] = {"+", "┴"},
    [MARK_TEE_RIGHT] = {"+", "├"},   [MARK_TEE_LEFT] = {"+", "┤"},
    [MARK_CROSS] = {"+", "┼"},
};

static const char *const glyphs[CATEGORY_COUNT][2] = {
    [CATEGORY_OTHER] = {"-", "-"},     [CATEGORY_BILLING] = {"$", "$"},
    [CATEGORY_AI] = {"*", "✦"},        [CATEGORY_FLAGS] = {"^", "⚑"},
    [CATEGORY_ANALYTICS] = {"%", "◔"}, [CATEGORY_REPLAY] = {"@", "◉"},
    [CATEGORY_SURVEYS] = {"?", "?"},   [CATEGORY_PIPELINES] = {"=", "⇄"},
    [CATEGORY_ERRORS] = {"x", "✗"},    [CATEGORY_ENGAGEMENT] = {".", "◦"},
    [CATEGORY_TEAM] = {"+", "+"},
};

/* What stands for a character that a table of ASCII has instead. */
static const char *const plain[][2] = {
    {"…", "~"},  {"·", "-"}, {"–", "-"}, {"−", "-"}, {"“", "\""},
    {"”", "\""}, {"×", "x"}, {"•", "*"}, {"▸", "o"}, {"▹", "O"},
    {"▴", "+"},  {"▾", "-"}, {"─", "-"}, {"│", "|"}, {"▏", "|"},
};

/* Curses' number of a theme's colour. One of 24 bits gets a palette index of
 * its own, which tty.c turns back into the colour. */
static int colour_index(struct draw *draw, uint32_t colour)
{
    if (colour == THEME_DEFAULT || colour >= THEME_PALETTE || !draw->truecolor)
        return theme_nearest(colour, COLORS);
    for (unsigned i = 16; i < draw->used; i++)
        if (draw->palette[i] == colour)
            return (int)i;
    if (draw->used == 256)
        return theme_nearest(colour, COLORS);
    draw->palette[draw->used] = colour;
    return (int)draw->used++;
}

/* The role drawn on top of what lies under it, and marked if it matches. */
static struct theme_style mix(const struct draw *draw, enum role role)
{
    struct theme_style style = theme_style(draw->theme, role);
    struct theme_style under;

    if (draw->under == ROLE_TEXT)
        return style;
    under = theme_style(draw->theme, draw->under);
    if (under.reverse) {
        under.bold |= style.bold;
        under.underline |= style.underline;
        return under;
    }
    if (style.bg == theme_style(draw->theme, ROLE_TEXT).bg)
        style.bg = under.bg;
    style.bold |= under.bold;
    return style;
}

static struct look look_of(struct draw *draw, enum role role)
{
    struct theme_style style = mix(draw, role);
    struct look look = {.attrs = A_NORMAL};

    if (style.bold)
        look.attrs |= A_BOLD;
    if (style.dim)
        look.attrs |= A_DIM;
    if (style.italic)
        look.attrs |= A_ITALIC;
    if (style.underline)
        look.attrs |= A_UNDERLINE;
    if (style.reverse)
        look.attrs |= A_REVERSE;
    if (draw->colours) {
        int fg = colour_index(draw, style.fg);
        int bg = colour_index(draw, style.bg);
        int pair = fg < 0 && bg < 0 ? 0 : alloc_pair(fg, bg);

        look.pair = (short)(pair > 0 ? pair : 0);
    } else if (role == ROLE_MATCH) {
        look.attrs |= A_UNDERLINE;
    }
    return look;
}

static void forget_palette(struct draw *draw)
{
    for (int i = 0; i < 256; i++)
        draw->palette[i] = TTY_NO_COLOUR;
    draw->used = 16;
}

struct draw *draw_new(const struct theme *theme, bool unicode, bool truecolor)
{
    struct draw *draw = xcalloc(1, sizeof *draw);
    const char *none = getenv("NO_COLOR");

    draw->theme = theme;
    draw->unicode = unicode;
    if (!(none && *none) && has_colors()) {
        start_color();
        use_default_colors();
        draw->colours = true;
    }
    draw->truecolor = truecolor && draw->colours && COLORS >= 256;
    forget_palette(draw);
    return draw;
}

void draw_free(struct draw *draw)
{
    free(draw->match);
    free(draw);
}

void draw_theme(struct draw *draw, const struct theme *theme)
{
    draw->theme = theme;
    forget_palette(draw);
    if (draw->colours)
        reset_color_pairs();
}

const uint32_t *draw_palette(const struct draw *draw)
{
    return draw->truecolor ? draw->palette : NULL;
}

bool draw_unicode(const struct draw *draw)
{
    return draw->unicode;
}

int draw_rows(const struct draw *draw)
{
    (void)draw;
    return LINES;
}

int draw_cols(const struct draw *draw)
{
    (void)draw;
    return COLS;
}

const char *draw_mark_text(const struct draw *draw, enum mark mark)
{
    return marks[mark][draw->unicode];
}

const char *draw_glyph_text(const struct draw *draw, enum category category)
{
    return glyphs[category][draw->unicode];
}

/* Curses adds the window's attributes to those of the cell: they must be the
 * same. */
static void set_cell(cchar_t *cell, struct look look, const wchar_t *codes)
{
    attr_set(look.attrs, look.pair, NULL);
    setcchar(cell, codes, look.attrs, look.pair, NULL);
}

static void put_ascii(int y, int x, int cells, struct look look, char c)
{
    wchar_t codes[2] = {(wchar_t)c, 0};
    cchar_t cell;

    set_cell(&cell, look, codes);
    for (int i = 0; i < cells; i++)
        mvadd_wch(y, x + i, &cell);
}

void draw_clear(struct draw *draw)
{
    wchar_t blank[2] = {L' ', 0};
    cchar_t cell;

    draw->under = ROLE_TEXT;
    if (draw->hyper)
        hyper_clear(draw->hyper);
    set_cell(&cell, look_of(draw, ROLE_TEXT), blank);
    wbkgrndset(stdscr, &cell);
    werase(stdscr);
}

void draw_commit(struct draw *draw)
{
    (void)draw;
    wnoutrefresh(stdscr);
}

void draw_under(struct draw *draw, enum role role)
{
    draw->under = role;
}

void draw_hyper(struct draw *draw, struct hyper *hyper)
{
    draw->hyper = hyper;
}

void draw_link(struct draw *draw, int y, int x, int cells, const char *url)
{
    if (draw->hyper && url)
        hyper_want(draw->hyper, y, x, cells, url);
}

void draw_match(struct draw *draw, const char *folded)
{
    free(draw->match);
    draw->match = folded && *folded ? xstrdup(folded) : NULL;
}

/* "e" of "é"; '?' where there is no such letter. */
static char base_letter(const char *text, size_t len)
{
    utf8proc_int32_t parts[8];
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)text,
                                                (utf8proc_ssize_t)len, parts,
                                                8, UTF8PROC_DECOMPOSE);

    if (count < 1 || parts[0] < ' ' || parts[0] > '~')
        return '?';
    return (char)parts[0];
}

static char stand_in(const char *text, size_t len)
{
    if (len && text[0] >= ' ' && text[0] <= '~')
        return text[0];
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strlen(plain[i][0]) == len && !memcmp(plain[i][0], text, len))
            return plain[i][1][0];
    return base_letter(text, len);
}

/* The code points of a grapheme, and the cells curses gives them: -1 when it
 * cannot show one of them (newer than the libc). */
static int curses_width(const char *text, size_t bytes,
                        wchar_t codes[GRAPHEME_MAX_CODES + 1], bool *one_cell)
{
    size_t at = 0;
    int count = 0;
    int cells = 0;

    *one_cell = true;
    while (at < bytes && count < GRAPHEME_MAX_CODES) {
        uint32_t code;
        int len = utf8_decode(text + at, bytes - at, &code);
        int width = len > 0 ? wcwidth((wchar_t)code) : -1;

        if (width < 0)
            return -1;
        *one_cell &= !count || !width;
        cells += width;
        codes[count++] = (wchar_t)code;
        at += (size_t)len;
    }
    codes[count] = 0;
    return at == bytes ? cells : -1;
}

/* A grapheme curses would give another width is U+FFFD and blanks instead:
 * no cell behind it moves. */
static void put_unknown(const struct draw *draw, int y, int x, int width,
                        struct look look)
{
    wchar_t codes[2] = {0xfffd, 0};
    cchar_t cell;

    put_ascii(y, x, width, look, draw->unicode ? ' ' : '?');
    if (!draw->unicode)
        return;
    set_cell(&cell, look, codes);
    mvadd_wch(y, x, &cell);
}

static void put_grapheme(struct draw *draw, int y, int x, const char *text,
                         struct grapheme grapheme, struct look look)
{
    wchar_t codes[GRAPHEME_MAX_CODES + 1];
    bool one_cell;
    cchar_t cell;

    if (!draw->unicode) {
        put_ascii(y, x, grapheme.width, look, stand_in(text, grapheme.bytes));
    } else if (curses_width(text, grapheme.bytes, codes, &one_cell) !=
               grapheme.width) {
        put_unknown(draw, y, x, grapheme.width, look);
    } else if (one_cell) {
        set_cell(&cell, look, codes);
        mvadd_wch(y, x, &cell);
    } else {
        attr_set(look.attrs, look.pair, NULL);
        mvaddwstr(y, x, codes);
    }
}

/* Printable ASCII at the start of text, at most max bytes. */
static int ascii_run(const char *text, int max)
{
    int len = 0;

    while (len < max && text[len] >= ' ' && text[len] <= '~')
        len++;
    return len;
}

/* Cells of [text, text + len) in one look; returns the cells used. */
static int put_span(struct draw *draw, int y, int x, int cells,
                    struct look look, const char *text, size_t len)
{
    int used = 0;

    attr_set(look.attrs, look.pair, NULL);
    while (len && used < cells) {
        int room = cells - used;
        int run = ascii_run(text, (size_t)room < len ? room : (int)len);
        struct grapheme grapheme;

        if (run > 1 || (run == 1 && len == 1)) {
            /* the last one may carry a combining mark: leave it */
            run -= (size_t)run < len && (text[run] & 0x80);
            mvaddnstr(y, x + used, text, run);
            used += run;
            text += run;
            len -= (size_t)run;
            if (run)
                continue;
        }
        grapheme = text_grapheme(text, len);
        if (!grapheme.bytes || grapheme.width > cells - used)
            break;
        if (grapheme.width > 0)
            put_grapheme(draw, y, x + used, text, grapheme, look);
        used += grapheme.width;
        text += grapheme.bytes;
        len -= grapheme.bytes;
    }
    return used;
}

/* Draws text with every occurrence of the match lit. */
static int put_matched(struct draw *draw, int y, int x, int cells,
                       enum role role, const char *text, size_t len)
{
    const char *hit;
    size_t at = 0, mark;
    int used = 0;

    while (at < len &&
           (hit = text_find_folded(text + at, draw->match, &mark))) {
        size_t start = (size_t)(hit - text);

        if (start + mark > len)
            break;
        used += put_span(draw, y, x + used, cells - used, look_of(draw, role),
                         text + at, start - at);
        used += put_span(draw, y, x + used, cells - used,
                         look_of(draw, ROLE_MATCH), hit, mark);
        at = start + mark;
    }
    return used + put_span(draw, y, x + used, cells - used,
                           look_of(draw, role), text + at, len - at);
}

/* Clips to the screen; false when nothing is left. */
static bool visible(int y, int x, int *cells)
{
    if (y < 0 || y >= LINES || x < 0 || x >= COLS)
        return false;
    if (*cells > COLS - x)
        *cells = COLS - x;
    return *cells > 0;
}

static int put_text(struct draw *draw, int y, int x, int cells, enum role role,
                    const char *text, size_t len)
{
    if (!visible(y, x, &cells))
        return 0;
    if (draw->match)
        return put_matched(draw, y, x, cells, role, text, len);
    return put_span(draw, y, x, cells, look_of(draw, role), text, len);
}

int draw_text(struct draw *draw, int y, int x, int cells, enum role role,
              const char *text)
{
    return put_text(draw, y, x, cells, role, text, strlen(text));
}

int draw_cut(struct draw *draw, int y, int x, int cells, enum role role,
             const char *text)
{
    struct buf cut;
    int used;

    if (cells <= 0)
        return 0;
    buf_init(&cut, LINE_MAX_BYTES);
    text_cut(&cut, text, cells, "…");
    used = draw_text(draw, y, x, cells, role, cut.data);
    buf_free(&cut);
    return used;
}

void draw_right(struct draw *draw, int y, int x, int cells, enum role role,
                const char *text)
{
    int width = text_width(text);

    while (width > cells && *text) {
        struct grapheme grapheme = text_grapheme(text, strlen(text));

        if (!grapheme.bytes)
            return;
        text += grapheme.bytes;
        width -= grapheme.width;
    }
    draw_text(draw, y, x + cells - width, width, role, text);
}

int draw_format(struct draw *draw, int y, int x, int cells, enum role role,
                const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    return draw_text(draw, y, x, cells, role, line);
}

void draw_mark(struct draw *draw, int y, int x, enum role role, enum mark mark)
{
    draw_text(draw, y, x, 1, role, draw_mark_text(draw, mark));
}

void draw_glyph(struct draw *draw, int y, int x, enum role role,
                enum category category)
{
    draw_text(draw, y, x, 1, role, draw_glyph_text(draw, category));
}

void draw_bar(struct draw *draw, int y, int x, enum role role, int eighths)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄",
                                         "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {" ", ".", ",", ":", "-",
                                        "=", "+", "*", "#"};

    if (eighths < 0)
        eighths = 0;
    if (eighths > 8)
        eighths = 8;
    draw_text(draw, y, x, 1, role,
              draw->unicode ? blocks[eighths] : ascii[eighths]);
}

static int within(int value, int most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

void draw_part(struct draw *draw, int y, int x, enum role role, int eighths)
{
    static const char *const blocks[] = {" ", "▏", "▎", "▍", "▌",
                                         "▋", "▊", "▉", "█"};
    static const char *const ascii[] = {" ", ".", ".", "-", "-",
                                        "=", "=", "#", "#"};

    eighths = within(eighths, 8);
    draw_text(draw, y, x, 1, role,
              draw->unicode ? blocks[eighths] : ascii[eighths]);
}

void draw_shade(struct draw *draw, int y, int x, enum role role, int level)
{
    static const char *const shades[] = {" ", "░", "▒", "▓", "█"};
    static const char *const ascii[] = {" ", ".", ":", "+", "#"};

    level = within(level, 4);
    draw_text(draw, y, x, 1, role,
              draw->unicode ? shades[level] : ascii[level]);
}

void draw_blank(struct draw *draw, struct rect rect, enum role role)
{
    struct look look = look_of(draw, role);

    for (int y = rect.y; y < rect.y + rect.h; y++) {
        int cells = rect.w;

        if (visible(y, rect.x, &cells))
            put_ascii(y, rect.x, cells, look, ' ');
    }
}

static void repeat(struct draw *draw, int y, int x, int cells, enum role role,
                   enum mark mark)
{
    struct look look = look_of(draw, role);
    const char *text = draw_mark_text(draw, mark);
    struct grapheme grapheme = {.bytes = strlen(text), .width = 1};

    if (!visible(y, x, &cells))
        return;
    for (int i = 0; i < cells; i++)
        if (draw->unicode)
            put_grapheme(draw, y, x + i, text, grapheme, look);
        else
            put_ascii(y, x + i, 1, look, text[0]);
}

void draw_line(struct draw *draw, int y, int x, int cells, enum role role)
{
    repeat(draw, y, x, cells, role, MARK_HORIZONTAL);
}

void draw_column(struct draw *draw, int y, int x, int rows, enum role role)
{
    for (int i = 0; i < rows; i++)
        repeat(draw, y + i, x, 1, role, MARK_VERTICAL);
}
