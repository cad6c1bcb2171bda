/* Pictures of the real screen: runs a program in a pty and writes its cells
 * as SVG or as text.
 *
 *     picture [-t] [-o FILE] [-s ROWSxCOLS] [-w SECONDS] [-u TEXT] [-k KEYS]
 *             [-U TEXT] [-T FILE] [-q SECONDS] [-l SECONDS]
 *             [-e NAME=VALUE]... PROGRAM ARGUMENTS...
 *
 * -t text instead of SVG; -w let it run so long, then -u wait for TEXT, then
 * -k type KEYS (`\n` `\t` `\e` as in C) and wait for the frame, and -U wait
 * for TEXT, and -T make FILE, for others to see that it came so far: all as
 * often, and in the order, as they are given. -q waits, before the keys and
 * after all, until nothing was drawn for so long. -l leaves the program
 * running so long behind the picture. 1: a TEXT never came; the picture is
 * made all the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "term.h"
#include "base/banned.h"

#define CELL_W 8.43 /* DejaVu Sans Mono at 14 px */
#define CELL_H 18
#define BASE_LINE 13.5
#define MARGIN 14
#define EXTRAS_MAX 16
#define STEPS_MAX 200

static const uint32_t sixteen[] = {0x1c2128, 0xe5686a, 0x7cc38a, 0xe0b45c,
                                   0x6ea8f0, 0xc792d8, 0x62bfcf, 0xcbd3dd,
                                   0x6b7683, 0xf2888a, 0x97d9a3, 0xf0ca78,
                                   0x8fbdf5, 0xd9aee6, 0x83d3e0, 0xf2f5f8};
#define PAPER 0x12171d
#define INK 0xcbd3dd

struct style {
    uint32_t fg, bg;
    bool bold, italic, underline;
};

static uint32_t rgb_of(const struct term *term, VTermColor colour)
{
    vterm_screen_convert_color_to_rgb(term->screen, &colour);
    return (uint32_t)colour.rgb.red << 16 | (uint32_t)colour.rgb.green << 8 |
           colour.rgb.blue;
}

static struct style style_of(const struct term *term,
                             const VTermScreenCell *cell)
{
    struct style style = {
        .fg = VTERM_COLOR_IS_DEFAULT_FG(&cell->fg) ? INK
                                                   : rgb_of(term, cell->fg),
        .bg = VTERM_COLOR_IS_DEFAULT_BG(&cell->bg) ? PAPER
                                                   : rgb_of(term, cell->bg),
        .bold = cell->attrs.bold,
        .italic = cell->attrs.italic,
        .underline = cell->attrs.underline,
    };

    if (cell->attrs.reverse) {
        uint32_t kept = style.fg;

        style.fg = style.bg;
        style.bg = kept;
    }
    return style;
}

static bool same_style(const struct style *a, const struct style *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold &&
           a->italic == b->italic && a->underline == b->underline;
}

static double left(int col)
{
    return MARGIN + col * CELL_W;
}

static double top(int row)
{
    return MARGIN + row * (double)CELL_H;
}

static void put_rect(FILE *out, double x, double y, double w, double h,
                     uint32_t fill)
{
    fprintf(out,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
            "fill=\"#%06x\"/>\n",
            x, y, w, h, (unsigned)fill);
}

/* Arms of a box-drawing character: up, down, left, right. */
static const struct {
    uint32_t code;
    const char *arms;
} boxes[] = {
    {0x2500, "lr"},  {0x2502, "ud"},  {0x250c, "dr"},   {0x2510, "dl"},
    {0x2514, "ur"},  {0x2518, "ul"},  {0x251c, "udr"},  {0x2524, "udl"},
    {0x252c, "dlr"}, {0x2534, "ulr"}, {0x253c, "udlr"},
};

static bool put_box(FILE *out, int row, int col, uint32_t code, uint32_t fg)
{
    const double mid_x = left(col) + CELL_W / 2;
    const double mid_y = top(row) + CELL_H / 2.0;

    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        if (boxes[i].code != code)
            continue;
        for (const char *arm = boxes[i].arms; *arm; arm++) {
            if (*arm == 'u')
                put_rect(out, mid_x - .5, top(row), 1, CELL_H / 2.0 + .5, fg);
            else if (*arm == 'd')
                put_rect(out, mid_x - .5, mid_y - .5, 1, CELL_H / 2.0 + .5,
                         fg);
            else if (*arm == 'l')
                put_rect(out, left(col), mid_y - .5, CELL_W / 2 + .5, 1, fg);
            else
                put_rect(out, mid_x - .5, mid_y - .5, CELL_W / 2 + .5, 1, fg);
        }
        return true;
    }
    return false;
}

/* Lines and bars are shapes, so that they meet whatever the font. */
static bool put_shape(FILE *out, int row, int col, uint32_t code, uint32_t fg)
{
    if (code >= 0x2581 && code <= 0x2588) {
        double h = (code - 0x2580) * CELL_H / 8.0;

        put_rect(out, left(col) + .6, top(row) + CELL_H - h, CELL_W - 1.2, h,
                 fg);
        return true;
    }
    return put_box(out, row, col, code, fg);
}

static void put_escaped(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '<')
            fputs("&lt;", out);
        else if (text[i] == '>')
            fputs("&gt;", out);
        else if (text[i] == '&')
            fputs("&amp;", out);
        else
            fputc(text[i], out);
}

static void put_text(FILE *out, int row, int col, int cells,
                     const struct buf *text, const struct style *style)
{
    if (!text->len)
        return;
    fprintf(out,
            "<text x=\"%.2f\" y=\"%.2f\" textLength=\"%.2f\" "
            "lengthAdjust=\"spacingAndGlyphs\" fill=\"#%06x\"%s%s%s>",
            left(col), top(row) + BASE_LINE, cells * CELL_W,
            (unsigned)style->fg, style->bold ? " font-weight=\"bold\"" : "",
            style->italic ? " font-style=\"italic\"" : "",
            style->underline ? " text-decoration=\"underline\"" : "");
    put_escaped(out, text->data, text->len);
    fputs("</text>\n", out);
}

struct run {
    int col, cells;
    struct style style;
    struct buf text;
};

static void end_run(FILE *out, int row, struct run *run)
{
    put_text(out, row, run->col, run->cells, &run->text, &run->style);
    buf_clear(&run->text);
    run->cells = 0;
}

static void put_cell(FILE *out, int row, int col, const VTermScreenCell *cell,
                     const struct style *style, struct run *run)
{
    bool plain = cell->chars[0] < 0x80 && cell->width == 1;

    if (!cell->chars[0] || cell->chars[0] == ' ' ||
        put_shape(out, row, col, cell->chars[0], style->fg)) {
        end_run(out, row, run);
        return;
    }
    if (run->cells && (!plain || !same_style(&run->style, style)))
        end_run(out, row, run);
    if (!run->cells) {
        run->col = col;
        run->style = *style;
    }
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++) {
        char utf8[4];

        buf_add(&run->text, utf8, (size_t)utf8_encode(cell->chars[i], utf8));
    }
    run->cells += cell->width;
    if (!plain)
        end_run(out, row, run);
}

/* Backgrounds that are not the paper's, a rectangle for each run of one. */
static void put_backgrounds(FILE *out, const struct term *term, int row,
                            uint32_t paper)
{
    uint32_t now = paper;
    int from = 0;

    for (int col = 0; col <= term->cols; col++) {
        VTermPos at = {row, col};
        VTermScreenCell cell;
        uint32_t bg = paper;

        if (col < term->cols) {
            vterm_screen_get_cell(term->screen, at, &cell);
            bg =
                cell.chars[0] == (uint32_t)-1 ? now : style_of(term, &cell).bg;
        }
        if (bg == now)
            continue;
        if (now != paper)
            put_rect(out, left(from), top(row), (col - from) * CELL_W, CELL_H,
                     now);
        now = bg;
        from = col;
    }
}

static void put_row(FILE *out, const struct term *term, int row,
                    uint32_t paper)
{
    VTermPos at = {.row = row};
    struct run run = {0};

    put_backgrounds(out, term, row, paper);

    buf_init(&run.text, 64 * KIB);
    for (at.col = 0; at.col < term->cols; at.col++) {
        VTermScreenCell cell;
        struct style style;

        vterm_screen_get_cell(term->screen, at, &cell);
        if (cell.chars[0] == (uint32_t)-1)
            continue;
        style = style_of(term, &cell);
        put_cell(out, row, at.col, &cell, &style, &run);
    }
    end_run(out, row, &run);
    buf_free(&run.text);
}

static void put_svg(FILE *out, const struct term *term)
{
    double w = 2 * MARGIN + term->cols * CELL_W;
    double h = 2 * MARGIN + term->rows * (double)CELL_H;
    VTermPos corner = {0, 0};
    VTermScreenCell cell;
    uint32_t paper;

    vterm_screen_get_cell(term->screen, corner, &cell);
    paper = style_of(term, &cell).bg;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
            "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
            "font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" "
            "font-size=\"14\" xml:space=\"preserve\">\n"
            "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" "
            "fill=\"#%06x\"/>\n",
            w, h, w, h, (unsigned)paper);
    for (int row = 0; row < term->rows; row++)
        put_row(out, term, row, paper);
    fputs("</svg>\n", out);
}

static void set_colours(struct term *term)
{
    VTermState *state = vterm_obtain_state(term->vt);

    for (int i = 0; i < 16; i++) {
        VTermColor colour;

        vterm_color_rgb(&colour, sixteen[i] >> 16 & 255, sixteen[i] >> 8 & 255,
                        sixteen[i] & 255);
        vterm_state_set_palette_color(state, i, &colour);
    }
}

struct wish {
    int rows, cols;
    const char *file, *until;
    struct step {
        int option; /* 'k': keys, 'U': waited for, 'T': a file */
        const char *text;
    } steps[STEPS_MAX];
    int step_count;
    double seconds, quiet, left;
    bool text;
    const char *extras[EXTRAS_MAX + 1];
    int extra_count;
};

static bool frame_after(struct term *term, const void *frames)
{
    return term->frames > *(const unsigned long *)frames;
}

/* The next key into out, what it is written as goes: "\e[5~" is one. */
static const char *next_key(const char *keys, char out[16])
{
    size_t len = 1;

    out[0] = *keys++;
    if (out[0] == '\\' && *keys) {
        out[0] = *keys == 'n'   ? '\r'
                 : *keys == 't' ? '\t'
                 : *keys == 'e' ? '\033'
                                : *keys;
        keys++;
    }
    if (out[0] == '\033' && *keys == '[')
        do
            out[len++] = *keys++;
        while (*keys && len < 14 && (len < 3 || out[len - 1] < '@'));
    out[len] = '\0';
    return keys;
}

static void type_keys(struct term *term, const char *keys)
{
    while (*keys) {
        unsigned long frames = term->frames;
        char key[16];

        keys = next_key(keys, key);
        term_type(term, key);
        term_wait(term, frame_after, &frames);
    }
}

static void add_step(struct wish *wish, int option, const char *text)
{
    if (wish->step_count < STEPS_MAX)
        wish->steps[wish->step_count++] = (struct step){option, text};
}

static bool read_options(int argc, char **argv, struct wish *wish)
{
    int option;

    while ((option = getopt(argc, argv, "+to:s:k:u:U:T:w:q:l:e:")) != -1) {
        switch (option) {
        case 't':
            wish->text = true;
            break;
        case 'o':
            wish->file = optarg;
            break;
        case 's':
            wish->rows = (int)strtol(optarg, &optarg, 10);
            wish->cols = (int)strtol(optarg + 1, NULL, 10);
            break;
        case 'k':
        case 'U':
        case 'T':
            add_step(wish, option, optarg);
            break;
        case 'u':
            wish->until = optarg;
            break;
        case 'w':
            wish->seconds = strtod(optarg, NULL);
            break;
        case 'q':
            wish->quiet = strtod(optarg, NULL);
            break;
        case 'l':
            wish->left = strtod(optarg, NULL);
            break;
        case 'e':
            if (wish->extra_count < EXTRAS_MAX)
                wish->extras[wish->extra_count++] = optarg;
            break;
        default:
            return false;
        }
    }
    return optind < argc;
}

static bool first_frame(struct term *term, const void *ctx)
{
    (void)ctx;
    return term->frames > 0;
}

/* Returns once nothing was drawn for that long. */
static void settle(struct term *term, double seconds)
{
    unsigned long frames = term->frames;
    int64_t since = clock_mono_us();

    while (seconds > 0 && !term->gone &&
           clock_mono_us() - since < (int64_t)(seconds * 1e6)) {
        term_pump(term, 20);
        if (term->frames != frames)
            since = clock_mono_us();
        frames = term->frames;
    }
}

static void run_for(struct term *term, double seconds)
{
    int64_t end = clock_mono_us() + (int64_t)(seconds * 1e6);

    while (clock_mono_us() < end && !term->gone)
        term_pump(term, 20);
}

static bool make_file(const char *path)
{
    FILE *file = fopen(path, "w");

    return file && !fclose(file);
}

static bool take_step(struct term *term, const struct step *step)
{
    if (step->option == 'U')
        return term_shows(term, step->text);
    if (step->option == 'T')
        return make_file(step->text);
    type_keys(term, step->text);
    return true;
}

static bool look(struct term *term, const struct wish *wish)
{
    bool came = true;

    term_wait(term, first_frame, NULL);
    run_for(term, wish->seconds);
    if (wish->until)
        came = term_shows(term, wish->until);
    settle(term, wish->quiet);
    for (int i = 0; i < wish->step_count && came; i++)
        came = take_step(term, &wish->steps[i]);
    term_feed(term);
    settle(term, wish->quiet);
    return came;
}

int main(int argc, char **argv)
{
    struct wish wish = {.rows = 40, .cols = 120};
    struct term *term;
    FILE *out = stdout;
    bool came;

    if (!read_options(argc, argv, &wish)) {
        fputs("picture [-t] [-o FILE] [-s ROWSxCOLS] [-w SECONDS] [-u TEXT] "
              "[-k KEYS] [-U TEXT] [-T FILE] [-q SECONDS] [-l SECONDS] [-e "
              "NAME=VALUE]... PROGRAM ARGUMENTS...\n",
              stderr);
        return 2;
    }
    term = term_start(wish.rows, wish.cols, (const char *const *)argv + optind,
                      wish.extras);
    term->frame_by_frame = true;
    set_colours(term);
    came = look(term, &wish);
    if (wish.file)
        out = fopen(wish.file, "w");
    if (!out) {
        perror(wish.file);
        return 1;
    }
    if (wish.text) {
        struct buf text;

        buf_init(&text, MIB);
        term_text(term, &text);
        fputs(text.data, out);
        buf_free(&text);
    } else {
        put_svg(out, term);
    }
    if (out != stdout)
        fclose(out);
    run_for(term, wish.left);
    term_free(term);
    return came ? 0 : 1;
}
