/* The refused bodies as a pane, newest first: when, why, and how they begin.
 * The list is the program's, and asked of it each time it is drawn. */
#include "ui/pane/rejects.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/pane/columns.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/reject_body.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

#define WIDE 60 /* cells: room for the day */
#define WHY_MAX 48

struct rejects_list {
    struct pane pane;
    struct list list;
    int64_t id; /* of the one under the cursor: it keeps that */
};

static struct rejects_list *self(struct pane *pane)
{
    return (struct rejects_list *)(void *)pane;
}

static const struct rejects_list *self_const(const struct pane *pane)
{
    return (const struct rejects_list *)(const void *)pane;
}

static bool reject_at(const struct pane *pane, size_t index,
                      struct display_reject *out)
{
    const struct display_host *host = screen_host(pane->screen);

    return host->reject && host->reject(host->ctx, index, out);
}

static size_t count(const struct pane *pane)
{
    const struct display_host *host = screen_host(pane->screen);

    return host->rejects ? host->rejects(host->ctx) : 0;
}

static void rejects_free(struct pane *pane)
{
    free(pane);
}

static void rejects_title(const struct pane *pane, struct buf *left,
                          struct buf *right)
{
    char kept[NUMBER_SIZE];

    number_text(count(pane), kept);
    buf_adds(left, "Rejects");
    buf_addf(right, "%s kept", kept);
}

enum { WHEN, STATUS, WHY, BEGINS, COLUMNS };

static void columns_of(struct rect rect, struct column columns[COLUMNS])
{
    const int when = rect.w >= WIDE ? 17 : 5;
    const struct column_need needs[COLUMNS] = {[WHEN] = {when, when, 0, 0},
                                               [STATUS] = {4, 4, 0, 0},
                                               [WHY] = {10, WHY_MAX, 2, 0},
                                               [BEGINS] = {10, COLUMN_ANY, 1,
                                                           1}};

    columns_fit(columns, needs, COLUMNS, rect.w);
}

static void rejects_head(const struct pane *pane, struct draw *draw,
                         struct rect row)
{
    static const char *const names[COLUMNS] = {"When", "", "Why", "It begins"};
    struct column columns[COLUMNS] = {{0}};

    (void)pane;
    columns_of(row, columns);
    for (int i = 0; i < COLUMNS; i++)
        draw_cut(draw, row.y, row.x + columns[i].at, columns[i].cells,
                 ROLE_DIM, names[i]);
}

static void draw_reject(const struct pane *pane, struct draw *draw,
                        struct rect rect, size_t row)
{
    struct column columns[COLUMNS] = {{0}};
    struct display_reject reject;
    char when[AGE_SIZE];
    bool begins;

    if (!reject_at(pane, row, &reject))
        return;
    columns_of(rect, columns);
    begins = reject.begins && *reject.begins;
    time_when(reject.at, screen_now(pane->screen), columns[WHEN].cells, when);
    draw_text(draw, rect.y, rect.x + 1, columns[WHEN].cells, ROLE_DIM, when);
    draw_format(draw, rect.y, rect.x + columns[STATUS].at,
                columns[STATUS].cells, ROLE_WARN, "%d", reject.status);
    mask_draw(draw, rect.y, rect.x + columns[WHY].at, columns[WHY].cells,
              ROLE_TEXT, reject.why);
    draw_cut(draw, rect.y, rect.x + columns[BEGINS].at, columns[BEGINS].cells,
             ROLE_DIM,
             !begins     ? "-"
             : mask_on() ? "…"
                         : reject.begins);
}

static void rejects_draw(const struct pane *pane, struct draw *draw)
{
    if (!self_const(pane)->list.count)
        list_draw_none(pane, draw,
                       "Nothing was refused. What cannot be read, or comes "
                       "with a wrong secret, is listed here.");
    list_draw(&self_const(pane)->list, pane, draw, draw_reject);
}

static void note_cursor(struct pane *pane)
{
    struct display_reject reject;

    if (reject_at(pane, self(pane)->list.cursor, &reject))
        self(pane)->id = reject.id;
}

/* Newer ones push the others down. */
static void find_cursor(struct pane *pane)
{
    struct list *list = &self(pane)->list;
    struct display_reject reject;

    for (size_t row = list->cursor; reject_at(pane, row, &reject); row++)
        if (reject.id == self(pane)->id) {
            list->cursor = row;
            return;
        }
}

static bool rejects_update(struct pane *pane)
{
    size_t rows = count(pane);

    find_cursor(pane);
    list_fit(&self(pane)->list, rows, pane->rect.h);
    note_cursor(pane);
    return false;
}

static void open_body(struct pane *pane)
{
    struct display_reject reject;

    if (reject_at(pane, self(pane)->list.cursor, &reject))
        screen_show(pane->screen, reject_body_pane(pane->screen, &reject));
}

static bool rejects_action(struct pane *pane, enum action action,
                           const char *arg)
{
    (void)arg;
    if (action == ACTION_open)
        open_body(pane);
    else if (!list_action(&self(pane)->list, action))
        return false;
    else
        note_cursor(pane);
    return true;
}

static void rejects_click(struct pane *pane, int line, int col)
{
    (void)col;
    list_click(&self(pane)->list, line);
    note_cursor(pane);
}

static void rejects_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "Enter shows the body │ :rejects retry decodes them again "
                  "│ Esc back");
}

struct pane *rejects_pane(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = rejects_free,
        .title = rejects_title,
        .draw = rejects_draw,
        .action = rejects_action,
        .click = rejects_click,
        .update = rejects_update,
        .head = rejects_head,
        .hint = rejects_hint,
    };
    struct rejects_list *rejects = xcalloc(1, sizeof *rejects);

    rejects->pane.ops = &ops;
    rejects->pane.screen = screen;
    rejects->pane.where = WHERE_LIST;
    list_fit(&rejects->list, count(&rejects->pane), 0);
    return &rejects->pane;
}
