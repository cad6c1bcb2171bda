/* The mirrors as a pane. Their state is asked of the program each time it is
 * drawn. */
#include "ui/pane/over.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/pane/columns.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"
#include "base/banned.h"

struct mirrors_list {
    struct pane pane;
    struct list list;
};

static struct mirrors_list *self(struct pane *pane)
{
    return (struct mirrors_list *)(void *)pane;
}

static const struct mirrors_list *self_const(const struct pane *pane)
{
    return (const struct mirrors_list *)(const void *)pane;
}

static bool mirror_at(const struct pane *pane, size_t index,
                      struct display_mirror *out)
{
    const struct display_host *host = screen_host(pane->screen);

    return host->mirror && host->mirror(host->ctx, index, out);
}

static size_t count(const struct pane *pane)
{
    struct display_mirror mirror;
    size_t index = 0;

    while (mirror_at(pane, index, &mirror))
        index++;
    return index;
}

static void mirrors_free(struct pane *pane)
{
    free(pane);
}

static void mirrors_title(const struct pane *pane, struct buf *left,
                          struct buf *right)
{
    struct display_mirror mirror;
    size_t on = 0;

    for (size_t i = 0; mirror_at(pane, i, &mirror); i++)
        on += mirror.on;
    buf_adds(left, "Mirrors");
    buf_addf(right, "%zu of %zu on", on, count(pane));
}

enum { NAME, TYPE, STATE, SENT, WAITING, TROUBLE, COLUMNS };

static void columns_of(int cells, struct column columns[COLUMNS])
{
    static const char *const names[COLUMNS] = {"Name",    "Type",
                                               "State",   "Sent",
                                               "Waiting", "Last trouble"};
    static const struct column_need needs[COLUMNS] = {
        [NAME] = {10, 24, 1, 0},  [TYPE] = {6, 6, 0, 1},
        [STATE] = {8, 8, 0, 0},   [SENT] = {8, 8, 0, 0},
        [WAITING] = {8, 8, 0, 0}, [TROUBLE] = {12, COLUMN_ANY, 4, 2}};

    for (int i = 0; i < COLUMNS; i++)
        columns[i] = (struct column){.name = names[i],
                                     .right = i == SENT || i == WAITING};
    columns_fit(columns, needs, COLUMNS, cells);
}

static void mirrors_head(const struct pane *pane, struct draw *draw,
                         struct rect row)
{
    struct column columns[COLUMNS];

    (void)pane;
    columns_of(row.w, columns);
    for (int i = 0; i < COLUMNS; i++) {
        int x = row.x + columns[i].at;

        if (columns[i].right)
            draw_right(draw, row.y, x, columns[i].cells, ROLE_DIM,
                       columns[i].name);
        else
            draw_cut(draw, row.y, x, columns[i].cells, ROLE_DIM,
                     columns[i].name);
    }
}

static void trouble_text(const struct pane *pane,
                         const struct display_mirror *mirror, struct buf *out)
{
    int64_t wait = mirror->next_try == CLOCK_NONE
                       ? 0
                       : mirror->next_try - screen_now(pane->screen);

    buf_adds(out, mirror->trouble);
    if (mirror->parked)
        buf_addf(out, "%s%llu given up, p tries again", out->len ? "; " : "",
                 (unsigned long long)mirror->parked);
    else if (!strcmp(mirror->state, "off"))
        buf_adds(out, ": fix it, then p");
    else if (wait > 0)
        buf_addf(out, ", next in %lld s", (long long)(wait + 999) / 1000);
    if (mirror->unread)
        buf_addf(out, "%s%llu not looked at", out->len ? "; " : "",
                 (unsigned long long)mirror->unread);
}

static void draw_mirror(const struct pane *pane, struct draw *draw,
                        struct rect rect, size_t row)
{
    struct column columns[COLUMNS];
    char number[NUMBER_SIZE];
    struct display_mirror mirror;
    enum role role;
    struct buf text;

    if (!mirror_at(pane, row, &mirror))
        return;
    role = mirror.on && !*mirror.trouble ? ROLE_GOOD : ROLE_WARN;
    columns_of(rect.w, columns);
    mask_draw(draw, rect.y, rect.x + columns[NAME].at, columns[NAME].cells,
              ROLE_TEXT, mirror.name);
    draw_cut(draw, rect.y, rect.x + columns[TYPE].at, columns[TYPE].cells,
             ROLE_DIM, mirror.type);
    draw_cut(draw, rect.y, rect.x + columns[STATE].at, columns[STATE].cells,
             role, mirror.state);
    number_text(mirror.sent, number);
    draw_right(draw, rect.y, rect.x + columns[SENT].at, columns[SENT].cells,
               ROLE_TEXT, number);
    number_text(mirror.waiting, number);
    draw_right(draw, rect.y, rect.x + columns[WAITING].at,
               columns[WAITING].cells, ROLE_TEXT, number);
    buf_init(&text, 1024);
    trouble_text(pane, &mirror, &text);
    mask_draw(draw, rect.y, rect.x + columns[TROUBLE].at,
              columns[TROUBLE].cells, ROLE_TEXT, text.data);
    buf_free(&text);
}

static void mirrors_draw(const struct pane *pane, struct draw *draw)
{
    if (!count(pane))
        list_draw_none(pane, draw,
                       "No mirror. [mirror NAME] in the config sends events "
                       "on to Slack or any URL.");
    list_draw(&self_const(pane)->list, pane, draw, draw_mirror);
}

static bool mirrors_update(struct pane *pane)
{
    list_fit(&self(pane)->list, count(pane), pane->rect.h);
    return false;
}

/* Pauses the mirror under the cursor, or resumes it. */
static void pause_one(struct pane *pane)
{
    const struct display_host *host = screen_host(pane->screen);
    size_t row = self(pane)->list.cursor;
    struct display_mirror mirror;

    if (!mirror_at(pane, row, &mirror))
        return;
    host->mirror_switch(host->ctx, row);
    screen_message(pane->screen,
                   mirror.on ? "%s paused. Events wait in the journal; p "
                               "resumes."
                             : "%s resumed.",
                   mirror.name);
}

static bool mirrors_action(struct pane *pane, enum action action,
                           const char *arg)
{
    (void)arg;
    if (action == ACTION_pause)
        pause_one(pane);
    else
        return list_action(&self(pane)->list, action);
    return true;
}

static void mirrors_click(struct pane *pane, int line, int col)
{
    (void)col;
    list_click(&self(pane)->list, line);
}

static void mirrors_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "p pauses, resumes │ Esc back");
}

struct pane *mirrors_pane(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = mirrors_free,
        .title = mirrors_title,
        .draw = mirrors_draw,
        .action = mirrors_action,
        .click = mirrors_click,
        .update = mirrors_update,
        .head = mirrors_head,
        .hint = mirrors_hint,
    };
    struct mirrors_list *mirrors = xcalloc(1, sizeof *mirrors);

    mirrors->pane.ops = &ops;
    mirrors->pane.screen = screen;
    mirrors->pane.where = WHERE_LIST;
    list_fit(&mirrors->list, count(&mirrors->pane), 0);
    return &mirrors->pane;
}
