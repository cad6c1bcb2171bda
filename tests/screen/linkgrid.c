/* libvterm 0.1 knows no links: it hands over what it does not know, in order
 * with the letters that it puts into cells. */
#include "linkgrid.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/banned.h"

#define URLS 4096
#define ESC '\033'

struct linkgrid {
    VTerm *vt;
    int rows, cols;
    int *cells; /* index of its URL */
    char *urls[URLS];
    int url_count, now;
    struct buf held; /* the beginning of a command */
};

static int *cell(const struct linkgrid *grid, int row, int col)
{
    return &grid->cells[row * grid->cols + col];
}

static int put(VTermGlyphInfo *info, VTermPos pos, void *user)
{
    struct linkgrid *grid = user;

    for (int i = 0; i < info->width && pos.col + i < grid->cols; i++)
        *cell(grid, pos.row, pos.col + i) = grid->now;
    return 1;
}

static int move(VTermRect dest, VTermRect src, void *user)
{
    struct linkgrid *grid = user;
    size_t count = (size_t)grid->rows * (size_t)grid->cols;
    int *before = xcalloc(count, sizeof *before);

    memcpy(before, grid->cells, count * sizeof *before);
    for (int row = 0; row < src.end_row - src.start_row; row++)
        for (int col = 0; col < src.end_col - src.start_col; col++)
            *cell(grid, dest.start_row + row, dest.start_col + col) =
                before[(src.start_row + row) * grid->cols + src.start_col +
                       col];
    free(before);
    return 1;
}

static int erase(VTermRect rect, int selective, void *user)
{
    struct linkgrid *grid = user;

    (void)selective;
    for (int row = rect.start_row; row < rect.end_row; row++)
        for (int col = rect.start_col; col < rect.end_col; col++)
            *cell(grid, row, col) = 0;
    return 1;
}

static int index_of(struct linkgrid *grid, const char *url, size_t len)
{
    for (int i = 0; i < grid->url_count; i++)
        if (strlen(grid->urls[i]) == len && !memcmp(grid->urls[i], url, len))
            return i;
    if (grid->url_count == URLS)
        abort();
    grid->urls[grid->url_count] = xstrndup(url, len);
    return grid->url_count++;
}

/* "8;id=t1;https://…" */
static int command(const char *text, size_t len, void *user)
{
    struct linkgrid *grid = user;
    const char *url;

    if (len < 3 || memcmp(text, "8;", 2) != 0)
        return 1;
    url = memchr(text + 2, ';', len - 2);
    if (url)
        grid->now = index_of(grid, url + 1, len - (size_t)(url + 1 - text));
    return 1;
}

static const VTermStateCallbacks callbacks = {.putglyph = put,
                                              .moverect = move,
                                              .erase = erase};
static const VTermParserCallbacks fallbacks = {.osc = command};

struct linkgrid *linkgrid_new(int rows, int cols)
{
    struct linkgrid *grid = xcalloc(1, sizeof *grid);
    VTermState *state;

    grid->urls[grid->url_count++] = xstrdup("");
    buf_init(&grid->held, MIB);
    grid->rows = rows;
    grid->cols = cols;
    grid->cells = xcalloc((size_t)rows * (size_t)cols, sizeof *grid->cells);
    grid->vt = vterm_new(rows, cols);
    vterm_set_utf8(grid->vt, 1);
    state = vterm_obtain_state(grid->vt);
    vterm_state_set_callbacks(state, &callbacks, grid);
    vterm_state_set_unrecognised_fallbacks(state, &fallbacks, grid);
    vterm_state_reset(state, 1);
    return grid;
}

void linkgrid_free(struct linkgrid *grid)
{
    if (!grid)
        return;
    for (int i = 0; i < grid->url_count; i++)
        free(grid->urls[i]);
    free(grid->cells);
    vterm_free(grid->vt);
    buf_free(&grid->held);
    free(grid);
}

void linkgrid_resize(struct linkgrid *grid, int rows, int cols)
{
    free(grid->cells);
    grid->rows = rows;
    grid->cols = cols;
    grid->cells = xcalloc((size_t)rows * (size_t)cols, sizeof *grid->cells);
    vterm_set_size(grid->vt, rows, cols);
}

/* Behind the command that begins at bytes; 0: it has no end yet. */
static size_t command_size(const char *bytes, size_t len)
{
    for (size_t at = 2; at < len; at++)
        if (bytes[at] == '\a' || (bytes[at] == '\\' && bytes[at - 1] == ESC))
            return at + 1;
    return 0;
}

/* Up to a command that does not end here: libvterm 0.1 forgets what it had of
 * one when the rest comes. */
static size_t whole_size(const char *bytes, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        size_t size = 1;

        if (bytes[at] != ESC)
            continue;
        if (at + 1 == len)
            return at;
        if (bytes[at + 1] == ']')
            size = command_size(bytes + at, len - at);
        if (!size)
            return at;
        at += size - 1;
    }
    return len;
}

void linkgrid_write(struct linkgrid *grid, const char *bytes, size_t len)
{
    size_t whole;

    buf_add(&grid->held, bytes, len);
    whole = whole_size(grid->held.data, grid->held.len);
    vterm_input_write(grid->vt, grid->held.data, whole);
    buf_consume(&grid->held, whole);
}

const char *linkgrid_at(const struct linkgrid *grid, int row, int col)
{
    return grid->urls[*cell(grid, row, col)];
}

size_t linkgrid_count(const struct linkgrid *grid)
{
    size_t count = 0;

    for (int i = 0; i < grid->rows * grid->cols; i++)
        count += grid->cells[i] != 0;
    return count;
}
