/* Following what curses writes. Only sequences that its descriptions of
 * terminals with links hold are known; where anything else comes, it is the
 * end of links, never of the screen. */
#include "ui/term/hyper.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/banned.h"

#define LINKS_MAX 1024
#define URL_MAX 2000
#define NUMBERS 4
#define UNKNOWN UINT16_MAX /* what a cell shows is not known */
#define ESC '\033'

struct hyper {
    int rows, cols;
    uint16_t *wanted, *shown; /* by cell: a link's number, 0: none */
    char *links[LINKS_MAX];   /* by number; with a sum of each */
    uint32_t sums[LINKS_MAX];
    unsigned next;   /* where a free number is looked for */
    int y, x;        /* where the next letter goes */
    int top, bottom; /* rows that scroll */
    int saved_y, saved_x;
    bool inserts, lost; /* lost: there are no links any more */
    uint16_t open;      /* the link that what is written gets */
    struct buf *out;
    char last[8]; /* the last letter, which may be repeated */
    size_t last_len;
};

/* ---- cells ---- */

static uint16_t *row_of(const struct hyper *hyper, uint16_t *cells, int y)
{
    return cells + (size_t)y * (size_t)hyper->cols;
}

static void fill(uint16_t *cells, int count, uint16_t with)
{
    for (int i = 0; i < count; i++)
        cells[i] = with;
}

static void make_cells(struct hyper *hyper, int rows, int cols)
{
    size_t count = (size_t)rows * (size_t)cols;

    hyper->rows = rows;
    hyper->cols = cols;
    hyper->top = 0;
    hyper->bottom = rows - 1;
    hyper->y = hyper->x = hyper->saved_y = hyper->saved_x = 0;
    hyper->wanted = xcalloc(count, sizeof *hyper->wanted);
    hyper->shown = xcalloc(count, sizeof *hyper->shown);
    fill(hyper->shown, rows * cols, UNKNOWN);
}

struct hyper *hyper_new(int rows, int cols)
{
    struct hyper *hyper = xcalloc(1, sizeof *hyper);

    make_cells(hyper, rows, cols);
    hyper->next = 1;
    return hyper;
}

void hyper_free(struct hyper *hyper)
{
    if (!hyper)
        return;
    for (int i = 0; i < LINKS_MAX; i++)
        free(hyper->links[i]);
    free(hyper->wanted);
    free(hyper->shown);
    free(hyper);
}

void hyper_resize(struct hyper *hyper, int rows, int cols)
{
    free(hyper->wanted);
    free(hyper->shown);
    make_cells(hyper, rows, cols);
}

/* ---- links ---- */

static bool is_url(const char *url)
{
    size_t len = strlen(url);

    for (size_t i = 0; i < len; i++)
        if (url[i] <= ' ' || url[i] > '~')
            return false;
    return len && len <= URL_MAX;
}

/* Frees those that no cell has. */
static void sweep(struct hyper *hyper)
{
    bool used[LINKS_MAX] = {true};
    size_t count = (size_t)hyper->rows * (size_t)hyper->cols;

    for (size_t i = 0; i < count; i++) {
        used[hyper->wanted[i]] = true;
        if (hyper->shown[i] != UNKNOWN)
            used[hyper->shown[i]] = true;
    }
    for (int i = 1; i < LINKS_MAX; i++)
        if (!used[i]) {
            free(hyper->links[i]);
            hyper->links[i] = NULL;
        }
    hyper->next = 1;
}

static unsigned free_number(struct hyper *hyper)
{
    while (hyper->next < LINKS_MAX && hyper->links[hyper->next])
        hyper->next++;
    return hyper->next;
}

static uint32_t sum_of(const char *url)
{
    uint32_t sum = 2166136261u; /* FNV-1a */

    for (; *url; url++)
        sum = (sum ^ (unsigned char)*url) * 16777619u;
    return sum;
}

/* 0: there are too many. */
static uint16_t number_of(struct hyper *hyper, const char *url)
{
    uint32_t sum = sum_of(url);
    unsigned number;

    for (unsigned i = 1; i < LINKS_MAX; i++)
        if (hyper->links[i] && hyper->sums[i] == sum &&
            !strcmp(hyper->links[i], url))
            return (uint16_t)i;
    number = free_number(hyper);
    if (number == LINKS_MAX) {
        sweep(hyper);
        number = free_number(hyper);
    }
    if (number == LINKS_MAX)
        return 0;
    hyper->links[number] = xstrdup(url);
    hyper->sums[number] = sum;
    return (uint16_t)number;
}

void hyper_clear(struct hyper *hyper)
{
    fill(hyper->wanted, hyper->rows * hyper->cols, 0);
}

void hyper_want(struct hyper *hyper, int y, int x, int cells, const char *url)
{
    if (hyper->lost || y < 0 || y >= hyper->rows || x < 0 || !is_url(url))
        return;
    if (cells > hyper->cols - x)
        cells = hyper->cols - x;
    if (cells > 0)
        fill(row_of(hyper, hyper->wanted, y) + x, cells,
             number_of(hyper, url));
}

int hyper_wrong(const struct hyper *hyper, int y)
{
    for (; !hyper->lost && y < hyper->rows; y++)
        if (memcmp(row_of(hyper, hyper->wanted, y),
                   row_of(hyper, hyper->shown, y),
                   (size_t)hyper->cols * sizeof *hyper->shown) != 0)
            return y;
    return -1;
}

/* ---- what a terminal does to its cells ---- */

static void clip(struct hyper *hyper)
{
    hyper->y = hyper->y < 0              ? 0
               : hyper->y >= hyper->rows ? hyper->rows - 1
                                         : hyper->y;
    hyper->x = hyper->x < 0              ? 0
               : hyper->x >= hyper->cols ? hyper->cols - 1
                                         : hyper->x;
}

static void go(struct hyper *hyper, int y, int x)
{
    hyper->y = y;
    hyper->x = x;
    clip(hyper);
}

static void erase(struct hyper *hyper, int y, int x, int end)
{
    if (end > hyper->cols)
        end = hyper->cols;
    if (x < end)
        fill(row_of(hyper, hyper->shown, y) + x, end - x, 0);
}

static void erase_rows(struct hyper *hyper, int y, int end)
{
    for (; y < end; y++)
        erase(hyper, y, 0, hyper->cols);
}

/* Rows top to bottom go up by so many; down, if that is negative. */
static void scroll(struct hyper *hyper, int top, int bottom, int by)
{
    int height = bottom - top + 1, kept;
    size_t bytes = (size_t)hyper->cols * sizeof *hyper->shown;

    if (height <= 0)
        return;
    if (by > height || by < -height)
        by = by > 0 ? height : -height;
    kept = height - abs(by);
    if (by > 0) {
        memmove(row_of(hyper, hyper->shown, top),
                row_of(hyper, hyper->shown, top + by), (size_t)kept * bytes);
        erase_rows(hyper, bottom - by + 1, bottom + 1);
    } else {
        memmove(row_of(hyper, hyper->shown, top - by),
                row_of(hyper, hyper->shown, top), (size_t)kept * bytes);
        erase_rows(hyper, top, top - by);
    }
}

static void line_feed(struct hyper *hyper)
{
    if (hyper->y == hyper->bottom)
        scroll(hyper, hyper->top, hyper->bottom, 1);
    else if (hyper->y < hyper->rows - 1)
        hyper->y++;
}

static void reverse_feed(struct hyper *hyper)
{
    if (hyper->y == hyper->top)
        scroll(hyper, hyper->top, hyper->bottom, -1);
    else if (hyper->y)
        hyper->y--;
}

/* Cells from the cursor on go right by so many; left, if that is negative. */
static void shift(struct hyper *hyper, int by)
{
    uint16_t *cells = row_of(hyper, hyper->shown, hyper->y) + hyper->x;
    int room = hyper->cols - hyper->x, kept;

    if (by > room || by < -room)
        by = by > 0 ? room : -room;
    kept = room - abs(by);
    memmove(by > 0 ? cells + by : cells, by > 0 ? cells : cells - by,
            (size_t)kept * sizeof *cells);
    fill(by > 0 ? cells : cells + kept, abs(by), 0);
}

/* ---- letters ---- */

static void write_link(struct hyper *hyper, uint16_t number)
{
    if (hyper->open == number)
        return;
    hyper->open = number;
    if (number)
        buf_addf(hyper->out, "\033]8;id=t%u;%s\033\\", number,
                 hyper->links[number]);
    else
        buf_adds(hyper->out, "\033]8;;\033\\");
}

static void put_letter(struct hyper *hyper, const char *letter, size_t len,
                       int width)
{
    uint16_t link;

    if (hyper->x + width > hyper->cols) {
        hyper->x = 0;
        line_feed(hyper);
    }
    link = row_of(hyper, hyper->wanted, hyper->y)[hyper->x];
    write_link(hyper, link);
    buf_add(hyper->out, letter, len);
    if (hyper->inserts)
        shift(hyper, width);
    fill(row_of(hyper, hyper->shown, hyper->y) + hyper->x,
         width > hyper->cols - hyper->x ? hyper->cols - hyper->x : width,
         link);
    hyper->x += width; /* at the end it waits there for what comes next */
}

/* Returns the bytes taken; 0: it is none that can be followed. */
static size_t letter(struct hyper *hyper, const char *bytes, size_t len)
{
    uint32_t code;
    int took = utf8_decode(bytes, len, &code), width;

    if (took <= 0 || (size_t)took > sizeof hyper->last)
        return 0;
    width = wcwidth((wchar_t)code);
    if (width < 0)
        return 0;
    if (!width) { /* belongs to the letter before it */
        buf_add(hyper->out, bytes, (size_t)took);
        return (size_t)took;
    }
    put_letter(hyper, bytes, (size_t)took, width);
    memcpy(hyper->last, bytes, (size_t)took);
    hyper->last_len = (size_t)took;
    return (size_t)took;
}

/* ---- sequences ---- */

struct sequence {
    char mark; /* '?', '>', '!' or 0 */
    int numbers[NUMBERS];
    int count;
    char final;
};

/* Reads "\033[…"; its length, 0: it is none, or not whole. */
static size_t read_sequence(const char *bytes, size_t len,
                            struct sequence *out)
{
    size_t at = 2;

    *out = (struct sequence){.count = 1};
    if (at < len && strchr("?>!=", bytes[at]) && bytes[at])
        out->mark = bytes[at++];
    for (; at < len; at++) {
        char c = bytes[at];

        if (c >= '0' && c <= '9') {
            int *number = &out->numbers[out->count - 1];

            if (*number < 100000)
                *number = *number * 10 + (c - '0');
        } else if (c == ';' || c == ':') {
            out->count += out->count < NUMBERS;
        } else if (c >= '@' && c <= '~') {
            out->final = c;
            return at + 1;
        } else if (c != ' ') {
            return 0;
        }
    }
    return 0;
}

static void erase_display(struct hyper *hyper, int which)
{
    if (which == 0) {
        erase(hyper, hyper->y, hyper->x, hyper->cols);
        erase_rows(hyper, hyper->y + 1, hyper->rows);
    } else if (which == 1) {
        erase_rows(hyper, 0, hyper->y);
        erase(hyper, hyper->y, 0, hyper->x + 1);
    } else if (which == 2) {
        erase_rows(hyper, 0, hyper->rows);
    }
}

static void erase_line(struct hyper *hyper, int which)
{
    erase(hyper, hyper->y, which ? 0 : hyper->x,
          which == 1 ? hyper->x + 1 : hyper->cols);
}

static void set_region(struct hyper *hyper, const struct sequence *sequence)
{
    int top = sequence->numbers[0], bottom = sequence->numbers[1];

    hyper->top = top ? top - 1 : 0;
    hyper->bottom =
        sequence->count > 1 && bottom ? bottom - 1 : hyper->rows - 1;
    if (hyper->bottom >= hyper->rows)
        hyper->bottom = hyper->rows - 1;
    if (hyper->top >= hyper->bottom) {
        hyper->top = 0;
        hyper->bottom = hyper->rows - 1;
    }
    go(hyper, 0, 0);
}

static bool in_region(const struct hyper *hyper)
{
    return hyper->y >= hyper->top && hyper->y <= hyper->bottom;
}

/* The letter before it, so many times more, written out: each may have
 * another link. */
static bool repeat(struct hyper *hyper, int times)
{
    char again[sizeof hyper->last];
    size_t len = hyper->last_len;

    memcpy(again, hyper->last, sizeof again);
    while (len && times-- > 0)
        letter(hyper, again, len);
    return len;
}

/* What a private mode or a question changes is no cell; but for the other
 * screen, which is empty. */
static bool change_mode(struct hyper *hyper, const struct sequence *sequence)
{
    bool other = sequence->numbers[0] == 1049 || sequence->numbers[0] == 47;

    if (sequence->mark == '?' && other)
        erase_rows(hyper, 0, hyper->rows);
    if (!sequence->mark && sequence->numbers[0] == 4)
        hyper->inserts = sequence->final == 'h';
    return sequence->final == 'h' || sequence->final == 'l';
}

static bool is_harmless(const struct sequence *sequence)
{
    return strchr("mtcnpqu", sequence->final) != NULL;
}

/* Does what it does to cells and cursor; false: it is not known. */
static bool obey(struct hyper *hyper, const struct sequence *sequence)
{
    int first = sequence->numbers[0], n = first ? first : 1;
    int column = hyper->x < hyper->cols ? hyper->x : hyper->cols - 1;

    if (is_harmless(sequence))
        return true;
    if (sequence->mark || sequence->final == 'h' || sequence->final == 'l')
        return change_mode(hyper, sequence);
    if (sequence->final == 'b')
        return repeat(hyper, n);
    hyper->x = column; /* no letter waits at the end of the row any more */
    switch (sequence->final) {
    case 'A':
        go(hyper, hyper->y - n, column);
        return true;
    case 'B':
        go(hyper, hyper->y + n, column);
        return true;
    case 'C':
        go(hyper, hyper->y, column + n);
        return true;
    case 'D':
        go(hyper, hyper->y, column - n);
        return true;
    case 'G':
        go(hyper, hyper->y, n - 1);
        return true;
    case 'd':
        go(hyper, n - 1, column);
        return true;
    case 'H':
        go(hyper, n - 1,
           sequence->count > 1 && sequence->numbers[1]
               ? sequence->numbers[1] - 1
               : 0);
        return true;
    case 'I':
        go(hyper, hyper->y, (column / 8 + n) * 8);
        return true;
    case 'Z':
        go(hyper, hyper->y, ((column + 7) / 8 - n) * 8);
        return true;
    case 'J':
        erase_display(hyper, first);
        return true;
    case 'K':
        erase_line(hyper, first);
        return true;
    case 'X':
        erase(hyper, hyper->y, column, column + n);
        return true;
    case 'P':
        shift(hyper, -n);
        return true;
    case '@':
        shift(hyper, n);
        return true;
    case 'L':
        if (in_region(hyper))
            scroll(hyper, hyper->y, hyper->bottom, -n);
        return true;
    case 'M':
        if (in_region(hyper))
            scroll(hyper, hyper->y, hyper->bottom, n);
        return true;
    case 'S':
        scroll(hyper, hyper->top, hyper->bottom, n);
        return true;
    case 'T':
        scroll(hyper, hyper->top, hyper->bottom, -n);
        return true;
    case 'r':
        set_region(hyper, sequence);
        return true;
    default:
        return false;
    }
}

/* "\033]…" and the like up to their end: they are no cells. In what tmux is
 * to pass on every ESC is doubled. */
static size_t string_length(const char *bytes, size_t len)
{
    bool command = bytes[1] == ']';

    for (size_t at = 2; at < len; at++) {
        if (command && bytes[at] == '\a')
            return at + 1;
        if (bytes[at] == ESC && at + 1 < len && bytes[at + 1] == '\\')
            return at + 2;
        at += bytes[at] == ESC && at + 1 < len && bytes[at + 1] == ESC;
    }
    return 0;
}

/* Escapes of one letter; false: not known. */
static bool obey_escape(struct hyper *hyper, char c)
{
    switch (c) {
    case '7':
        hyper->saved_y = hyper->y;
        hyper->saved_x = hyper->x;
        return true;
    case '8':
        go(hyper, hyper->saved_y, hyper->saved_x);
        return true;
    case 'D':
        line_feed(hyper);
        return true;
    case 'M':
        reverse_feed(hyper);
        return true;
    case '=':
    case '>':
        return true;
    default:
        return false;
    }
}

/* Colours may change within a link; all else ends it first. Returns the bytes
 * taken; 0: it is not known. */
static size_t escape(struct hyper *hyper, const char *bytes, size_t len)
{
    struct sequence sequence = {.final = 0};
    size_t took = 0;

    if (len < 2)
        return 0;
    if (bytes[1] == '[')
        took = read_sequence(bytes, len, &sequence);
    else if (strchr("]P_^", bytes[1]))
        took = string_length(bytes, len);
    else if (strchr("()", bytes[1]))
        took = len > 2 ? 3 : 0;
    else
        took = 2;
    if (!took)
        return 0;
    if (sequence.final == 'b')
        return obey(hyper, &sequence) ? took : 0;
    if (sequence.final != 'm' && !strchr("()", bytes[1]))
        write_link(hyper, 0);
    buf_add(hyper->out, bytes, took);
    if (sequence.final && !obey(hyper, &sequence))
        return 0;
    if (took == 2 && !obey_escape(hyper, bytes[1]))
        return 0;
    return took;
}

static bool control(struct hyper *hyper, char c)
{
    int column = hyper->x < hyper->cols ? hyper->x : hyper->cols - 1;

    write_link(hyper, 0);
    buf_addc(hyper->out, c);
    hyper->x = column;
    switch (c) {
    case '\r':
        hyper->x = 0;
        return true;
    case '\n':
        line_feed(hyper);
        return true;
    case '\b':
        go(hyper, hyper->y, column - 1);
        return true;
    case '\t':
        go(hyper, hyper->y, (column / 8 + 1) * 8);
        return true;
    case '\016':
    case '\017':
    case '\a':
    case '\030':
        return true;
    default:
        return false;
    }
}

static size_t follow(struct hyper *hyper, const char *bytes, size_t len)
{
    if (*bytes == ESC)
        return escape(hyper, bytes, len);
    if ((unsigned char)*bytes < ' ')
        return control(hyper, *bytes) ? 1 : 0;
    return letter(hyper, bytes, len);
}

bool hyper_weave(struct hyper *hyper, const char *bytes, size_t len,
                 struct buf *out)
{
    size_t at = 0, took = 1;

    if (hyper->lost)
        return buf_add(out, bytes, len);
    hyper->out = out;
    hyper->open = 0;
    while (at < len && took) {
        size_t before = out->len;
        uint16_t open = hyper->open;

        took = follow(hyper, bytes + at, len - at);
        if (!took) { /* some of it may have been appended */
            buf_truncate(out, before);
            hyper->open = open;
        }
        at += took;
    }
    write_link(hyper, 0);
    buf_add(out, bytes + at, len - at);
    hyper->out = NULL;
    hyper->lost = at < len;
    return !hyper->lost;
}

/* ---- who shows them ---- */

static bool is(const char *name, const char *value)
{
    const char *text = getenv(name);

    return text && !strcmp(text, value);
}

static bool begins(const char *name, const char *with)
{
    const char *text = getenv(name);

    return text && !strncmp(text, with, strlen(with));
}

static long number(const char *name)
{
    const char *text = getenv(name);

    return text ? strtol(text, NULL, 10) : 0;
}

/* tmux passes links on, or drops them where its own terminal has none, since
 * 3.4. */
static bool tmux_passes_on(void)
{
    const char *version = getenv("TERM_PROGRAM_VERSION");
    long major, minor = 0;
    char *end;

    if (!is("TERM_PROGRAM", "tmux") || !version)
        return false;
    major = strtol(version, &end, 10);
    if (*end == '.')
        minor = strtol(end + 1, NULL, 10);
    return major > 3 || (major == 3 && minor >= 4);
}

bool hyper_known(void)
{
    static const char *const terms[] = {"xterm-kitty", "alacritty",
                                        "foot",        "wezterm",
                                        "contour",     "xterm-ghostty"};
    static const char *const programs[] = {"iTerm.app", "WezTerm", "vscode",
                                           "ghostty",   "Hyper",   "rio",
                                           "mintty",    "contour"};

    if (getenv("TMUX"))
        return tmux_passes_on();
    if (getenv("STY") || is("TERM", "linux") || begins("TERM", "screen"))
        return false;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (begins("TERM", terms[i]))
            return true;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (is("TERM_PROGRAM", programs[i]))
            return true;
    /* VTE 0.50.0 falls over a link */
    return number("VTE_VERSION") > 5000 || number("KONSOLE_VERSION") > 0 ||
           getenv("WT_SESSION") || getenv("KITTY_WINDOW_ID");
}
