/* A view of its own, drawn without a cursor. */
#include "ui/pane/event_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "query/query.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

#define SLICE_US 2000

void event_rows_set(struct event_rows *rows, const struct screen *screen,
                    const char *query)
{
    struct query_error error;

    if (rows->query && !strcmp(rows->query, query))
        return;
    if (!rows->view)
        rows->view = view_new(screen_host(screen)->ring);
    free(rows->query);
    rows->query = xstrdup(query);
    view_set_query(rows->view, query_parse(query, &error));
}

void event_rows_free(struct event_rows *rows)
{
    if (rows->view)
        view_free(rows->view);
    free(rows->query);
}

bool event_rows_update(struct event_rows *rows)
{
    return rows->view && view_update(rows->view, SLICE_US);
}

const struct record *event_rows_newest(const struct event_rows *rows,
                                       const struct screen *screen)
{
    size_t count = rows->view ? view_rows(rows->view) : 0;
    struct view_row row;

    return count && view_row(rows->view, count - 1, &row)
               ? ring_get(screen_host(screen)->ring, row.number)
               : NULL;
}

static void draw_one(const struct event_rows *rows,
                     const struct screen *screen, struct draw *draw,
                     struct rect rect, size_t index)
{
    const struct ring *ring = screen_host(screen)->ring;
    const struct record *record;
    struct row_look look = {.no_account = true,
                            .now_ms = screen_now(screen),
                            .age = screen_shows_ages(screen)};
    struct view_row row;

    if (!view_row(rows->view, index, &row))
        return;
    record = ring_get(ring, row.number);
    look.times = row.times;
    look.tone = row.tone;
    if (record)
        row_draw(draw, rect.y, rect.x, rect.w, ring, record, &look);
}

void event_rows_draw(const struct event_rows *rows,
                     const struct screen *screen, struct draw *draw,
                     struct rect rect)
{
    size_t count = rows->view ? view_rows(rows->view) : 0, first = 0;

    if (rect.h <= 0)
        return;
    if (count > (size_t)rect.h)
        first = count - (size_t)rect.h;
    for (size_t i = first; i < count; i++, rect.y++)
        draw_one(rows, screen, draw, rect, i);
}
