/* What to know on the first day, in six lines: a page, which scrolls where it
 * does not fit. */
#include "ui/pane/over.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/pane/list.h"
#include "ui/pane/pane.h"
#include "ui/pane/wrap.h"

#include "base/banned.h"

static const char *const lines[] = {
    "The newest event is at the bottom. Up looks back, G comes back to the "
    "present.",
    "! wants to be acted on, ~ to be looked at. The sign before the words is "
    "the category, as in the second row; its digit shows only that one.",
    "Enter opens an event: who, when, where. o opens its replay, Esc goes "
    "back.",
    "f shows only what you type (acme, category:billing, person:ann), Esc "
    "all again. / finds and hides nothing.",
    "S says who to call and why; y copies what one could write.",
    "? lists every key, : takes any command, q ends. Everything is kept.",
};
#define LINES (sizeof lines / sizeof *lines)

struct tour {
    struct pane pane;
    int top; /* the first row in sight */
};

static void tour_free(struct pane *pane)
{
    free(pane);
}

static void tour_title(const struct pane *pane, struct buf *left,
                       struct buf *right)
{
    (void)pane;
    buf_adds(left, "Tour");
    buf_adds(right, "Esc back");
}

static int cells_of(const struct pane *pane)
{
    return pane->rect.w - 5;
}

/* A blank row between two where there is room for all. */
static bool is_roomy(const struct pane *pane)
{
    int rows = 0;

    for (size_t i = 0; i < LINES; i++)
        rows += wrap_lines(lines[i], cells_of(pane)) + 1;
    return rows <= pane->rect.h;
}

static int all_rows(const struct pane *pane)
{
    int rows = 0;

    for (size_t i = 0; i < LINES; i++)
        rows += wrap_lines(lines[i], cells_of(pane));
    return rows;
}

static void draw_row(const struct pane *pane, struct draw *draw, int y,
                     size_t line, int piece, int pieces)
{
    size_t len;
    const char *text =
        wrap_piece(lines[line], cells_of(pane), piece, pieces, &len);

    if (!piece)
        draw_format(draw, y, pane->rect.x + 1, 2, ROLE_KEY, "%zu", line + 1);
    draw_format(draw, y, pane->rect.x + 4, cells_of(pane), ROLE_TEXT, "%.*s",
                (int)len, text);
}

static void tour_draw(const struct pane *pane, struct draw *draw)
{
    const struct rect *rect = &pane->rect;
    int row = -((const struct tour *)(const void *)pane)->top;

    for (size_t i = 0; i < LINES; i++) {
        int pieces = wrap_lines(lines[i], cells_of(pane));

        for (int piece = 0; piece < pieces; piece++, row++)
            if (row >= 0 && row < rect->h)
                draw_row(pane, draw, rect->y + row, i, piece, pieces);
        row += is_roomy(pane);
    }
}

static bool tour_action(struct pane *pane, enum action action, const char *arg)
{
    struct tour *tour = (struct tour *)(void *)pane;
    long steps = list_steps(pane->rect.h, action);
    int last = all_rows(pane) - pane->rect.h;

    (void)arg;
    if (action == ACTION_oldest)
        tour->top = 0;
    else if (action == ACTION_newest)
        tour->top = last;
    else if (steps)
        tour->top += (int)steps;
    else
        return false;
    if (tour->top > last || is_roomy(pane))
        tour->top = last;
    if (tour->top < 0 || is_roomy(pane))
        tour->top = 0;
    return true;
}

static void tour_hint(const struct pane *pane, struct buf *out)
{
    const struct tour *tour = (const struct tour *)(const void *)pane;

    if (!is_roomy(pane) && tour->top + pane->rect.h < all_rows(pane))
        buf_adds(out, "PgDn goes on │ ");
    buf_adds(out, ":tour shows it again │ Esc back");
}

struct pane *tour_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = tour_free,
        .title = tour_title,
        .draw = tour_draw,
        .hint = tour_hint,
        .action = tour_action,
    };
    struct tour *tour = xcalloc(1, sizeof *tour);

    tour->pane.ops = &ops;
    tour->pane.screen = screen;
    tour->pane.where = WHERE_LIST;
    return &tour->pane;
}
