/* What to know on the first day, in six lines: a page, no list. */
#include "ui/pane/tour.h"

#include <stdlib.h>

#include "base/mem.h"
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

/* A blank row between two where there is room for all. */
static void tour_draw(const struct pane *pane, struct draw *draw)
{
    const struct rect *rect = &pane->rect;
    int end = rect->y + rect->h, y = rect->y, rows = 0;
    int cells = rect->w - 5;

    for (size_t i = 0; i < LINES; i++)
        rows += wrap_lines(lines[i], cells) + 1;
    for (size_t i = 0; i < LINES && y < end; i++) {
        draw_format(draw, y, rect->x + 1, 2, ROLE_KEY, "%zu", i + 1);
        y += wrap_draw(draw, (struct rect){y, rect->x + 4, end - y, cells},
                       ROLE_TEXT, lines[i]);
        y += rows <= rect->h;
    }
}

static void tour_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, ":tour shows it again │ Esc back");
}

struct pane *tour_new(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = tour_free,
        .title = tour_title,
        .draw = tour_draw,
        .hint = tour_hint,
    };
    struct pane *pane = xcalloc(1, sizeof *pane);

    pane->ops = &ops;
    pane->screen = screen;
    pane->where = WHERE_LIST;
    return pane;
}
