/* A view of its own, drawn without a cursor. */
#include "ui/pane/event_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "query/query.h"
#include "ui/pane/pins.h"
#include "ui/pane/row.h"
#include "ui/pane/screen.h"
#include "ui/pane/sheet.h"
#include "ui/pane/time_text.h"

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

static void draw_day(const struct record *record, int64_t now,
                     struct draw *draw, struct rect rect)
{
    char when[AGE_SIZE], text[AGE_SIZE + 2];

    time_day_whole(row_place(record), now, when);
    snprintf(text, sizeof text, " %s ", when);
    row_rule(draw, rect.y, rect.x, rect.w, ROLE_DIM, text);
}

static void draw_one(const struct sheet *sheet, const struct screen *screen,
                     struct draw *draw, struct rect rect, int line)
{
    struct row_look look = {.no_account = true,
                            .now_ms = screen_now(screen),
                            .age = screen_shows_ages(screen),
                            .other_day = sheet_hides_day(sheet, line)};
    struct view_row row;
    const struct record *record =
        sheet_record(sheet, sheet->list[line].row, &row);

    if (!record)
        return;
    if (sheet->list[line].kind == LINE_DAY) {
        draw_day(record, look.now_ms, draw, rect);
        return;
    }
    look.pinned = pinned_has(screen_pinned(screen), record->seq);
    look.times = row.times;
    look.tone = row.tone;
    row_draw(draw, rect.y, rect.x, rect.w, sheet->ring, record, &look);
}

void event_rows_draw(const struct event_rows *rows,
                     const struct screen *screen, struct draw *draw,
                     struct rect rect)
{
    size_t count = rows->view ? view_rows(rows->view) : 0;
    struct sheet sheet = {.ring = screen_host(screen)->ring,
                          .view = rows->view,
                          .today = clock_day(screen_now(screen))};

    if (rect.h <= 0 || !count)
        return;
    sheet_room(&sheet, rect.h);
    sheet_up(&sheet, count - 1);
    for (int i = 0; i < sheet.count; i++, rect.y++)
        draw_one(&sheet, screen, draw, rect, i);
    sheet_free(&sheet);
}
