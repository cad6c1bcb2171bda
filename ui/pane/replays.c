/* The list of replays to open later: a small array, what becomes of each, and
 * the pane that shows it. Who asks and opens is links.c. */
#include "ui/pane/replays.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/pane/pane.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

static void item_free(struct replay_item *item)
{
    free(item->url);
    free(item->project_url);
    free(item->session_id);
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

static bool waits(const struct replay_item *item)
{
    return item->fate == REPLAY_TIMED || item->fate == REPLAY_ASKED;
}

/* Drops the oldest that waits no longer; false when all do. */
static bool make_room(struct replays *replays)
{
    for (size_t i = replays->count; i > 0; i--)
        if (!waits(&replays->items[i - 1])) {
            replays_remove(replays, i - 1);
            return true;
        }
    return false;
}

struct replay_item *replays_add(struct replays *replays,
                                const struct replay_item *item)
{
    struct replay_item copy = *item;

    if (replays->count == REPLAYS_MAX && !make_room(replays)) {
        item_free(&copy);
        return NULL;
    }
    memmove(replays->items + 1, replays->items,
            replays->count * sizeof *replays->items);
    replays->items[0] = copy;
    replays->count++;
    return &replays->items[0];
}

struct replay_item *replays_find(struct replays *replays, uint64_t seq)
{
    for (size_t i = 0; i < replays->count; i++)
        if (replays->items[i].seq == seq && waits(&replays->items[i]))
            return &replays->items[i];
    return NULL;
}

size_t replays_waiting(const struct replays *replays)
{
    size_t waiting = 0;

    for (size_t i = 0; i < replays->count; i++)
        waiting += waits(&replays->items[i]);
    return waiting;
}

int64_t replay_next(const struct replay_item *item)
{
    if (item->fate == REPLAY_ASKED)
        return item->ask_at;
    return item->fate == REPLAY_TIMED ? item->opens_at : CLOCK_NONE;
}

int64_t replays_next(const struct replays *replays)
{
    int64_t next = CLOCK_NONE;

    for (size_t i = 0; i < replays->count; i++) {
        int64_t at = replay_next(&replays->items[i]);

        if (at != CLOCK_NONE && (next == CLOCK_NONE || at < next))
            next = at;
    }
    return next;
}

/* The last time is when the wait is over. */
static void ask_again(struct replay_item *item, int64_t now)
{
    item->ask_at = now + REPLAY_ASK_MS;
    if (item->ask_at > item->opens_at)
        item->ask_at = item->opens_at;
}

bool replay_heard(struct replay_item *item, enum recording recording,
                  int64_t now)
{
    bool over = now >= item->opens_at;

    if (recording == RECORDING_READY || (recording == RECORDING_SHORT && over))
        return true;
    if (recording == RECORDING_UNKNOWN)
        item->fate = REPLAY_TIMED;
    else if (over)
        item->fate = REPLAY_MISSED;
    else
        ask_again(item, now);
    return false;
}

void replay_opened(struct replay_item *item, int64_t now)
{
    item->fate = REPLAY_OPENED;
    item->opens_at = now;
}

struct replays_pane {
    struct pane pane;
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

static void draw_item(const struct pane *pane, struct draw *draw, int y,
                      const struct replay_item *item, bool cursor)
{
    struct rect rect = pane->rect;
    char at[AGE_SIZE];
    int right = rect.x + rect.w - 20;

    time_minutes(item->at, at);
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
    draw_fate(draw, y, right, 19, item);
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
        if (screen_open_link(pane->screen, item->project_url, item->url))
            replay_opened(item, screen_now(pane->screen));
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
    const struct replays_pane *list = self_const(pane);

    if (list->cursor < list->replays->count &&
        list->replays->items[list->cursor].fate == REPLAY_MISSED)
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
    list->replays = replays;
    return &list->pane;
}
