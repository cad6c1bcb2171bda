/* The list of replays to open later: a small array, and the pane that shows
 * it. When they open is decided in links.c. */
#include "ui/replays.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/links.h"
#include "ui/pane.h"
#include "ui/screen.h"

#include "base/banned.h"

static void item_free(struct replay_item *item)
{
    free(item->url);
    free(item->project_url);
    free(item->account);
    free(item->account_id);
    free(item->person);
    free(item->what);
}

void replays_remove(struct replays *replays, size_t index)
{
    if (index >= replays->count)
        return;
    item_free(&replays->items[index]);
    replays->count--;
    memmove(replays->items + index, replays->items + index + 1,
            (replays->count - index) * sizeof *replays->items);
}

void replays_clear(struct replays *replays)
{
    while (replays->count)
        replays_remove(replays, replays->count - 1);
}

/* Drops the oldest that was opened; false when all still wait. */
static bool make_room(struct replays *replays)
{
    for (size_t i = replays->count; i > 0; i--)
        if (replays->items[i - 1].opened) {
            replays_remove(replays, i - 1);
            return true;
        }
    return false;
}

bool replays_add(struct replays *replays, const struct replay_item *item)
{
    struct replay_item copy = *item;

    for (size_t i = 0; i < replays->count; i++)
        if (replays->items[i].seq == item->seq && !replays->items[i].opened) {
            item_free(&copy);
            return false;
        }
    if (replays->count == REPLAYS_MAX && !make_room(replays)) {
        item_free(&copy);
        return false;
    }
    memmove(replays->items + 1, replays->items,
            replays->count * sizeof *replays->items);
    replays->items[0] = copy;
    replays->count++;
    return true;
}

size_t replays_waiting(const struct replays *replays)
{
    size_t waiting = 0;

    for (size_t i = 0; i < replays->count; i++)
        waiting += !replays->items[i].opened;
    return waiting;
}

int64_t replays_next(const struct replays *replays)
{
    int64_t next = CLOCK_NONE;

    for (size_t i = 0; i < replays->count; i++)
        if (!replays->items[i].opened &&
            (next == CLOCK_NONE || replays->items[i].opens_at < next))
            next = replays->items[i].opens_at;
    return next;
}

struct replays_pane {
    struct pane pane;
    struct links *links;
    struct replays *replays;
    size_t cursor;
};

static struct replays_pane *self(struct pane *pane)
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

static void local_time(int64_t ms, char out[6])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    out[0] = '\0';
    if (localtime_r(&seconds, &tm))
        strftime(out, 6, "%H:%M", &tm);
}

static void draw_item(const struct pane *pane, struct draw *draw, int y,
                      const struct replay_item *item, bool cursor)
{
    struct rect rect = pane->rect;
    char at[6], opens[6];
    int right = rect.x + rect.w - 20;

    local_time(item->at, at);
    local_time(item->opens_at, opens);
    if (cursor) {
        draw_under(draw, ROLE_CURSOR);
        draw_blank(draw, (struct rect){y, rect.x, 1, rect.w}, ROLE_TEXT);
        draw_text(draw, y, rect.x, 1, ROLE_CURSOR, ">");
    }
    draw_text(draw, y, rect.x + 1, 5, ROLE_DIM, at);
    draw_cut(draw, y, rect.x + 7, 12, ROLE_TEXT, item->account);
    draw_cut(draw, y, rect.x + 20, 10, ROLE_TEXT,
             item->person ? item->person : "-");
    draw_cut(draw, y, rect.x + 31, right - rect.x - 32, ROLE_TEXT, item->what);
    draw_format(draw, y, right, 19, ROLE_DIM, "%s %s",
                item->opened ? "opened" : "opens about", opens);
    draw_under(draw, ROLE_TEXT);
}

static void pane_draw(const struct pane *pane, struct draw *draw)
{
    const struct replays_pane *list = self_const(pane);
    struct rect rect = pane->rect;

    if (!list->replays->count)
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                 "No replay waits. O on an event opens its replay once it "
                 "is ready.");
    for (size_t i = 0; i < list->replays->count && (int)i < rect.h; i++)
        draw_item(pane, draw, rect.y + (int)i, &list->replays->items[i],
                  i == list->cursor);
}

static bool pane_action(struct pane *pane, enum action action, const char *arg)
{
    struct replays_pane *list = self(pane);
    struct replay_item *item;

    (void)arg;
    if (!list->replays->count)
        return false;
    item = &list->replays->items[list->cursor];
    switch (action) {
    case ACTION_up:
        list->cursor -= list->cursor > 0;
        return true;
    case ACTION_down:
        list->cursor += list->cursor + 1 < list->replays->count;
        return true;
    case ACTION_open:
    case ACTION_replay:
        if (links_open(list->links, item->project_url, item->url))
            item->opened = true;
        return true;
    default:
        return false;
    }
}

static bool pane_key(struct pane *pane, const struct key *key)
{
    struct replays_pane *list = self(pane);

    if (key->code != 'd')
        return false;
    replays_remove(list->replays, list->cursor);
    if (list->cursor && list->cursor >= list->replays->count)
        list->cursor--;
    screen_dirty(pane->screen);
    return true;
}

/* The list may have shrunk below the cursor while it was not shown. */
static bool pane_update(struct pane *pane)
{
    struct replays_pane *list = self(pane);

    if (list->cursor >= list->replays->count)
        list->cursor = list->replays->count ? list->replays->count - 1 : 0;
    return false;
}

static uint64_t pane_selected(const struct pane *pane)
{
    const struct replays_pane *list = self_const(pane);

    return list->cursor < list->replays->count
               ? list->replays->items[list->cursor].seq
               : 0;
}

static const char *pane_account(const struct pane *pane)
{
    const struct replays_pane *list = self_const(pane);

    return list->cursor < list->replays->count
               ? list->replays->items[list->cursor].account_id
               : NULL;
}

static void pane_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "Enter opens now │ d takes it off the list │ Esc back");
}

struct pane *replays_pane(struct screen *screen, struct links *links,
                          struct replays *replays)
{
    static const struct pane_ops ops = {
        .free = pane_free,
        .title = pane_title,
        .draw = pane_draw,
        .action = pane_action,
        .key = pane_key,
        .update = pane_update,
        .selected = pane_selected,
        .account = pane_account,
        .hint = pane_hint,
    };
    struct replays_pane *list = xcalloc(1, sizeof *list);

    list->pane.ops = &ops;
    list->pane.screen = screen;
    list->pane.where = WHERE_DETAIL;
    list->links = links;
    list->replays = replays;
    return &list->pane;
}
