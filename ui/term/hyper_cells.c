/* What a terminal does to its cells when curses writes to it: the cursor,
 * erasing, scrolling, shifting. It knows nothing of how that is written, nor
 * of what the links are. */
#include <stdlib.h>
#include <string.h>

#include "ui/term/hyper_internal.h"
#include "base/banned.h"

uint16_t *hyper_row(const struct hyper *hyper, uint16_t *cells, int y)
{
    return cells + (size_t)y * (size_t)hyper->cols;
}

void hyper_fill(uint16_t *cells, int count, uint16_t with)
{
    for (int i = 0; i < count; i++)
        cells[i] = with;
}

/* A letter that waits at the end of the row stands in the last column. */
static int column_of(const struct hyper *hyper)
{
    return hyper->x < hyper->cols ? hyper->x : hyper->cols - 1;
}

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
        hyper_fill(hyper_row(hyper, hyper->shown, y) + x, end - x, 0);
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
        memmove(hyper_row(hyper, hyper->shown, top),
                hyper_row(hyper, hyper->shown, top + by),
                (size_t)kept * bytes);
        erase_rows(hyper, bottom - by + 1, bottom + 1);
    } else {
        memmove(hyper_row(hyper, hyper->shown, top - by),
                hyper_row(hyper, hyper->shown, top), (size_t)kept * bytes);
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
    uint16_t *cells = hyper_row(hyper, hyper->shown, hyper->y) + hyper->x;
    int room = hyper->cols - hyper->x, kept;

    if (by > room || by < -room)
        by = by > 0 ? room : -room;
    kept = room - abs(by);
    memmove(by > 0 ? cells + by : cells, by > 0 ? cells : cells - by,
            (size_t)kept * sizeof *cells);
    hyper_fill(by > 0 ? cells : cells + kept, abs(by), 0);
}

void hyper_make_room(struct hyper *hyper, int width)
{
    if (hyper->x + width <= hyper->cols)
        return;
    hyper->x = 0;
    line_feed(hyper);
}

void hyper_put(struct hyper *hyper, int width, uint16_t link)
{
    int room = hyper->cols - hyper->x;

    if (hyper->inserts)
        shift(hyper, width);
    hyper_fill(hyper_row(hyper, hyper->shown, hyper->y) + hyper->x,
               width > room ? room : width, link);
    hyper->x += width; /* at the end it waits there for what comes next */
}

/* ---- controls and escapes ---- */

bool hyper_control(struct hyper *hyper, char c)
{
    int column = column_of(hyper);

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

bool hyper_escape(struct hyper *hyper, char c)
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

/* ---- sequences ---- */

static void go_up(struct hyper *hyper, int n)
{
    go(hyper, hyper->y - n, hyper->x);
}

static void go_down(struct hyper *hyper, int n)
{
    go(hyper, hyper->y + n, hyper->x);
}

static void go_right(struct hyper *hyper, int n)
{
    go(hyper, hyper->y, hyper->x + n);
}

static void go_left(struct hyper *hyper, int n)
{
    go(hyper, hyper->y, hyper->x - n);
}

static void go_to_column(struct hyper *hyper, int n)
{
    go(hyper, hyper->y, n - 1);
}

static void go_to_row(struct hyper *hyper, int n)
{
    go(hyper, n - 1, hyper->x);
}

static void go_to(struct hyper *hyper, const struct hyper_sequence *sequence)
{
    int row = sequence->numbers[0];
    int column = sequence->count > 1 ? sequence->numbers[1] : 0;

    go(hyper, row ? row - 1 : 0, column ? column - 1 : 0);
}

static void tab_right(struct hyper *hyper, int n)
{
    go(hyper, hyper->y, (hyper->x / 8 + n) * 8);
}

static void tab_left(struct hyper *hyper, int n)
{
    go(hyper, hyper->y, ((hyper->x + 7) / 8 - n) * 8);
}

static void erase_display(struct hyper *hyper,
                          const struct hyper_sequence *sequence)
{
    int which = sequence->numbers[0];

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

static void erase_line(struct hyper *hyper,
                       const struct hyper_sequence *sequence)
{
    int which = sequence->numbers[0];

    erase(hyper, hyper->y, which ? 0 : hyper->x,
          which == 1 ? hyper->x + 1 : hyper->cols);
}

static void set_region(struct hyper *hyper,
                       const struct hyper_sequence *sequence)
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

static void erase_cells(struct hyper *hyper, int n)
{
    erase(hyper, hyper->y, hyper->x, hyper->x + n);
}

static void delete_cells(struct hyper *hyper, int n)
{
    shift(hyper, -n);
}

static void insert_cells(struct hyper *hyper, int n)
{
    shift(hyper, n);
}

static void insert_rows(struct hyper *hyper, int n)
{
    if (in_region(hyper))
        scroll(hyper, hyper->y, hyper->bottom, -n);
}

static void delete_rows(struct hyper *hyper, int n)
{
    if (in_region(hyper))
        scroll(hyper, hyper->y, hyper->bottom, n);
}

static void scroll_up(struct hyper *hyper, int n)
{
    scroll(hyper, hyper->top, hyper->bottom, n);
}

static void scroll_down(struct hyper *hyper, int n)
{
    scroll(hyper, hyper->top, hyper->bottom, -n);
}

/* What a private mode or a question changes is no cell; but for the other
 * screen, which is empty. */
static bool change_mode(struct hyper *hyper,
                        const struct hyper_sequence *sequence)
{
    bool other = sequence->numbers[0] == 1049 || sequence->numbers[0] == 47;

    if (sequence->mark == '?' && other)
        erase_rows(hyper, 0, hyper->rows);
    if (!sequence->mark && sequence->numbers[0] == 4)
        hyper->inserts = sequence->final == 'h';
    return sequence->final == 'h' || sequence->final == 'l';
}

/* By its last letter: what is done so many times (once, where there is no
 * number, or 0), or what reads the numbers as they are. */
static const struct {
    char final;
    void (*times)(struct hyper *hyper, int n);
    void (*numbers)(struct hyper *hyper,
                    const struct hyper_sequence *sequence);
} acts[] = {
    {'A', go_up, NULL},        {'B', go_down, NULL},
    {'C', go_right, NULL},     {'D', go_left, NULL},
    {'G', go_to_column, NULL}, {'d', go_to_row, NULL},
    {'H', NULL, go_to},        {'I', tab_right, NULL},
    {'Z', tab_left, NULL},     {'J', NULL, erase_display},
    {'K', NULL, erase_line},   {'X', erase_cells, NULL},
    {'P', delete_cells, NULL}, {'@', insert_cells, NULL},
    {'L', insert_rows, NULL},  {'M', delete_rows, NULL},
    {'S', scroll_up, NULL},    {'T', scroll_down, NULL},
    {'r', NULL, set_region},
};

static bool is_harmless(const struct hyper_sequence *sequence)
{
    return strchr("mtcnpqu", sequence->final) != NULL;
}

bool hyper_obey(struct hyper *hyper, const struct hyper_sequence *sequence)
{
    int first = sequence->numbers[0];
    size_t i = 0, count = sizeof acts / sizeof *acts;

    if (is_harmless(sequence))
        return true;
    if (sequence->mark || sequence->final == 'h' || sequence->final == 'l')
        return change_mode(hyper, sequence);
    hyper->x = column_of(hyper); /* no letter waits there any more */
    while (i < count && acts[i].final != sequence->final)
        i++;
    if (i == count)
        return false;
    if (acts[i].times)
        acts[i].times(hyper, first ? first : 1);
    else
        acts[i].numbers(hyper, sequence);
    return true;
}
