/* The replays that wait, as a pane: newest first, each with what becomes of
 * it. */
#include "ui/pane/replays_pane.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ui/pane/columns.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/replays.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

struct replays_pane {
    struct pane pane;
    struct replays *replays;
    struct list list;
};

static struct replays_pane *replays_pane_of(struct pane *pane)
{
    return (struct replays_pane *)(void *)pane;
}

static const struct replays_pane *self_const(const struct pane *pane)
{
    return (const struct replays_pane *)(const void *)pane;
}

static void pane_free(struct pane *pane)
{
    free(pane);
}

static void pane_title(const struct pane *pane, struct buf *left,
                       struct buf *right)
{
    buf_adds(left, "Replays");
    buf_addf(right, "%zu waiting", replays_waiting(self_const(pane)->replays));
}

static void draw_fate(struct draw *draw, int y, int x, int cells,
                      const struct replay_item *item)
{
    char opens[AGE_SIZE], text[AGE_SIZE + 16];

    time_minutes(item->opens_at, opens);
    switch (item->fate) {
    case REPLAY_TIMED:
        snprintf(text, sizeof text, "opens about %s", opens);
        break;
    case REPLAY_ASKED:
        snprintf(text, sizeof text, "opens when ready");
        break;
    case REPLAY_OPENED:
        snprintf(text, sizeof text, "opened %s", opens);
        break;
    case REPLAY_MISSED:
        snprintf(text, sizeof text, "no recording");
        break;
    }
    draw_right(draw, y, x, cells, ROLE_DIM, text);
}

enum { WHEN, ACCOUNT, PERSON, WHAT, FATE, COLUMNS };

static void columns_of(int cells, struct column columns[COLUMNS])
{
    static const struct column_need needs[COLUMNS] = {[WHEN] = {5, 5, 0, 0},
                                                      [ACCOUNT] = {8, 20, 1,
                                                                   0},
                                                      [PERSON] = {7, 18, 1, 2},
                                                      [WHAT] = {10, COLUMN_ANY,
                                                                3, 1},
                                                      [FATE] = {17, 17, 0, 0}};

    columns_fit(columns, needs, COLUMNS, cells);
}

static void draw_item(const struct pane *pane, struct draw *draw,
                      struct rect rect, size_t row)
{
    const struct replay_item *item = &self_const(pane)->replays->items[row];
    struct column columns[COLUMNS] = {{0}};
    int y = rect.y, x = rect.x;
    char at[AGE_SIZE];

    columns_of(rect.w, columns);
    time_minutes(item->at, at);
    draw_text(draw, y, x + columns[WHEN].at, columns[WHEN].cells, ROLE_DIM,
              at);
    draw_cut(draw, y, x + columns[ACCOUNT].at, columns[ACCOUNT].cells,
             ROLE_TEXT,
             mask_account(item->account_id, item->account,
                          columns[ACCOUNT].cells));
    draw_cut(draw, y, x + columns[PERSON].at, columns[PERSON].cells, ROLE_TEXT,
             item->person ? mask_person(item->person_id, item->person, NULL,
                                        columns[PERSON].cells)
                          : "-");
    mask_draw(draw, y, x + columns[WHAT].at, columns[WHAT].cells, ROLE_TEXT,
              item->what);
    draw_fate(draw, y, x + columns[FATE].at, columns[FATE].cells, item);
}

static void pane_draw(const struct pane *pane, struct draw *draw)
{
    const struct replays_pane *self = self_const(pane);

    if (!self->replays->count)
        list_draw_none(pane, draw,
                       "No replay waits. O on an event opens its replay once "
                       "it is ready.");
    list_draw(&self->list, pane, draw, draw_item);
}

/* The list may have changed since the last frame. */
static void fit(struct replays_pane *self)
{
    list_fit(&self->list, self->replays->count, self->pane.rect.h);
}

static bool pane_update(struct pane *pane)
{
    fit(replays_pane_of(pane));
    return false;
}

static void open_now(struct replays_pane *self)
{
    struct replay_item *item = &self->replays->items[self->list.cursor];
    struct screen *screen = self->pane.screen;

    if (screen_open_link(screen, item->project_url, item->url))
        replay_opened(item, screen_now(screen));
}

static void remove_one(struct replays_pane *self)
{
    replays_remove(self->replays, self->list.cursor);
    fit(self);
}

static bool pane_action(struct pane *pane, enum action action, const char *arg)
{
    struct replays_pane *self = replays_pane_of(pane);

    (void)arg;
    fit(self);
    if (!self->replays->count)
        return false;
    if (action == ACTION_open || action == ACTION_replay)
        open_now(self);
    else if (action == ACTION_remove)
        remove_one(self);
    else
        return list_action(&self->list, action);
    return true;
}

static void pane_click(struct pane *pane, int line, int col)
{
    (void)col;
    list_click(&replays_pane_of(pane)->list, line);
}

/* The item under the cursor; NULL: there is none. */
static const struct replay_item *item_at(const struct pane *pane)
{
    const struct replays_pane *self = self_const(pane);

    return self->list.cursor < self->replays->count
               ? &self->replays->items[self->list.cursor]
               : NULL;
}

static uint64_t pane_selected(const struct pane *pane)
{
    const struct replay_item *item = item_at(pane);

    return item ? item->seq : 0;
}

static const char *pane_account(const struct pane *pane)
{
    const struct replay_item *item = item_at(pane);

    return item ? item->account_id : NULL;
}

static void pane_hint(const struct pane *pane, struct buf *out)
{
    const struct replay_item *item = item_at(pane);

    if (item && item->fate == REPLAY_MISSED)
        buf_adds(out, "No recording so far: too short, or sampled out │ "
                      "Enter opens anyway");
    else
        buf_adds(out, "Enter opens now │ d takes it off the list │ Esc back");
}

struct pane *replays_pane(struct screen *screen, struct replays *replays)
{
    static const struct pane_ops ops = {
        .free = pane_free,
        .title = pane_title,
        .draw = pane_draw,
        .action = pane_action,
        .click = pane_click,
        .update = pane_update,
        .selected = pane_selected,
        .account = pane_account,
        .hint = pane_hint,
    };
    struct replays_pane *self = xcalloc(1, sizeof *self);

    self->pane.ops = &ops;
    self->pane.screen = screen;
    self->pane.where = WHERE_LIST;
    self->replays = replays;
    return &self->pane;
}
