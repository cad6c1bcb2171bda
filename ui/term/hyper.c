/* Following what curses writes. Only sequences that its descriptions of
 * terminals with links hold are known; where anything else comes, it is the
 * end of links, never of the screen. */
#include "ui/term/hyper.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ui/term/hyper_internal.h"
#include "base/banned.h"

#define URL_MAX 2000
#define UNKNOWN UINT16_MAX /* what a cell shows is not known */
#define ESC '\033'

/* ---- cells ---- */

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
    hyper_fill(hyper->shown, rows * cols, UNKNOWN);
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
    for (int i = 0; i < HYPER_LINKS_MAX; i++)
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
    bool used[HYPER_LINKS_MAX] = {true};
    size_t count = (size_t)hyper->rows * (size_t)hyper->cols;

    for (size_t i = 0; i < count; i++) {
        used[hyper->wanted[i]] = true;
        if (hyper->shown[i] != UNKNOWN)
            used[hyper->shown[i]] = true;
    }
    for (int i = 1; i < HYPER_LINKS_MAX; i++)
        if (!used[i]) {
            free(hyper->links[i]);
            hyper->links[i] = NULL;
        }
    hyper->next = 1;
}

static unsigned free_number(struct hyper *hyper)
{
    while (hyper->next < HYPER_LINKS_MAX && hyper->links[hyper->next])
        hyper->next++;
    return hyper->next;
}

static uint32_t sum_of(const char *url)
{
    return (uint32_t)hash_text(HASH_START, url);
}

/* 0: there are too many. */
static uint16_t number_of(struct hyper *hyper, const char *url)
{
    uint32_t sum = sum_of(url);
    unsigned number;

    for (unsigned i = 1; i < HYPER_LINKS_MAX; i++)
        if (hyper->links[i] && hyper->sums[i] == sum &&
            !strcmp(hyper->links[i], url))
            return (uint16_t)i;
    number = free_number(hyper);
    if (number == HYPER_LINKS_MAX) {
        sweep(hyper);
        number = free_number(hyper);
    }
    if (number == HYPER_LINKS_MAX)
        return 0;
    hyper->links[number] = xstrdup(url);
    hyper->sums[number] = sum;
    return (uint16_t)number;
}

void hyper_clear(struct hyper *hyper)
{
    hyper_fill(hyper->wanted, hyper->rows * hyper->cols, 0);
}

void hyper_want(struct hyper *hyper, int y, int x, int cells, const char *url)
{
    if (hyper->lost || y < 0 || y >= hyper->rows || x < 0 || !is_url(url))
        return;
    if (cells > hyper->cols - x)
        cells = hyper->cols - x;
    if (cells > 0)
        hyper_fill(hyper_row(hyper, hyper->wanted, y) + x, cells,
                   number_of(hyper, url));
}

int hyper_wrong(const struct hyper *hyper, int y)
{
    for (; !hyper->lost && y < hyper->rows; y++)
        if (memcmp(hyper_row(hyper, hyper->wanted, y),
                   hyper_row(hyper, hyper->shown, y),
                   (size_t)hyper->cols * sizeof *hyper->shown) != 0)
            return y;
    return -1;
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

    hyper_make_room(hyper, width);
    link = hyper_row(hyper, hyper->wanted, hyper->y)[hyper->x];
    write_link(hyper, link);
    buf_add(hyper->out, letter, len);
    hyper_put(hyper, width, link);
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

/* Reads "\033[…"; its length, 0: it is none, or not whole. */
static size_t read_sequence(const char *bytes, size_t len,
                            struct hyper_sequence *out)
{
    size_t at = 2;

    *out = (struct hyper_sequence){.count = 1};
    if (at < len && strchr("?>!=", bytes[at]) && bytes[at])
        out->mark = bytes[at++];
    for (; at < len; at++) {
        char c = bytes[at];

        if (c >= '0' && c <= '9') {
            int *number = &out->numbers[out->count - 1];

            if (*number < 100000)
                *number = *number * 10 + (c - '0');
        } else if (c == ';' || c == ':') {
            out->count += out->count < HYPER_NUMBERS;
        } else if (c >= '@' && c <= '~') {
            out->final = c;
            return at + 1;
        } else if (c != ' ') {
            return 0;
        }
    }
    return 0;
}

/* The letter before it, so many times more (once, for 0), written out: each may
 * have another link. */
static bool repeat(struct hyper *hyper, int times)
{
    char again[sizeof hyper->last];
    size_t len = hyper->last_len;

    memcpy(again, hyper->last, sizeof again);
    times = times ? times : 1;
    while (len && times-- > 0)
        letter(hyper, again, len);
    return len;
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

/* Colours may change within a link; all else ends it first. Returns the bytes
 * taken; 0: it is not known. */
static size_t escape(struct hyper *hyper, const char *bytes, size_t len)
{
    struct hyper_sequence sequence = {.final = 0};
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
    if (sequence.final == 'b' && !sequence.mark)
        return repeat(hyper, sequence.numbers[0]) ? took : 0;
    if (sequence.final != 'm' && !strchr("()", bytes[1]))
        write_link(hyper, 0);
    buf_add(hyper->out, bytes, took);
    if (sequence.final && !hyper_obey(hyper, &sequence))
        return 0;
    if (took == 2 && !hyper_escape(hyper, bytes[1]))
        return 0;
    return took;
}

static bool control(struct hyper *hyper, char c)
{
    write_link(hyper, 0);
    buf_addc(hyper->out, c);
    return hyper_control(hyper, c);
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
