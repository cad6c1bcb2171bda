/* The detail of one event. It keeps a copy of what it shows, since events
 * live only as long as the call that brings them. Everything is one list of
 * lines: facts, what was folded with it, properties, raw text; the cursor
 * walks all but the first. */
#include "ui/pane/detail.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/event.h"
#include "event/links.h"
#include "ui/pane/detail_internal.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/members.h"
#include "ui/pane/pane.h"
#include "ui/pane/raw_text.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"
#include "ui/pane/tree.h"

#include "base/banned.h"

#define LOOK_BACK 100000 /* records, for one that is known by its seq */

struct detail_request {
    struct detail *detail; /* NULL: closed meanwhile */
};

static struct detail *self(struct pane *pane)
{
    return (struct detail *)(void *)pane;
}

static const struct detail *self_const(const struct pane *pane)
{
    return (const struct detail *)(const void *)pane;
}

static bool loaded(const struct detail *detail)
{
    return !detail->request && !detail->gone;
}

static void add_link(struct detail *detail, const char *title, const char *url)
{
    if (url)
        detail->links[detail->link_count++] =
            (struct detail_link){.title = title, .url = url};
}

static void copy_event(struct detail *detail, const struct event *event)
{
    struct arena *arena = &detail->arena;
    struct event *copy = &detail->event;

    *copy = *event;
    copy->name = arena_strdup(arena, event->name);
    copy->sentence = arena_strdup(arena, event->sentence);
    copy->account.id = arena_strdup(arena, event->account.id);
    copy->account.name = arena_strdup(arena, event->account.name);
    copy->person.id = arena_strdup(arena, event->person.id);
    copy->person.email = arena_strdup(arena, event->person.email);
    copy->person.name = arena_strdup(arena, event->person.name);
    copy->url = arena_strdup(arena, event->url);
    copy->session_id = arena_strdup(arena, event->session_id);
    copy->project_url = arena_strdup(arena, event->project_url);
    copy->links.replay = arena_strdup(arena, event->links.replay);
    copy->links.person = arena_strdup(arena, event->links.person);
    copy->links.event = arena_strdup(arena, event->links.event);
    detail->cut = copy->sentence;
    copy->key = copy->fold = copy->raw = NULL;
    copy->raw_len = 0;
}

static void take_body(struct detail *detail, const struct event *event)
{
    const struct catalog *catalog = screen_host(detail->pane.screen)->catalog;
    struct buf text;

    buf_init(&text, 8 * MIB);
    if (event_properties(&text, event)) {
        detail->tree = tree_new(text.data, text.len);
        if (catalog)
            detail->whole = catalog_whole(catalog, event,
                                          (struct slice){text.data, text.len},
                                          &detail->arena);
    }
    buf_free(&text);
    raw_text_set(&detail->raw, event->raw, event->raw_len);
}

static void forget(struct detail *detail)
{
    if (detail->request)
        detail->request->detail = NULL;
    detail->request = NULL;
    tree_free(detail->tree);
    detail->tree = NULL;
    raw_text_clear(&detail->raw);
    detail->link_count = 0;
    detail->cut = detail->whole = NULL;
    arena_free(&detail->arena);
    memset(&detail->event, 0, sizeof detail->event);
}

static void found(void *ctx, const struct event *event)
{
    struct detail_request *request = ctx;
    struct detail *detail = request->detail;

    free(request);
    if (!detail)
        return;
    detail->request = NULL;
    detail->gone = !event;
    if (event) {
        copy_event(detail, event);
        take_body(detail, event);
        add_link(detail, "Replay", detail->event.links.replay);
        add_link(detail, "Person", detail->event.links.person);
        add_link(detail, "Event", detail->event.links.event);
        add_link(detail, "URL visited", detail->event.url);
        detail->stale = true;
    }
    screen_dirty(detail->pane.screen);
}

static void load(struct detail *detail, uint64_t number, uint64_t seq)
{
    const struct display_host *host = screen_host(detail->pane.screen);
    struct detail_request *request = xcalloc(1, sizeof *request);

    forget(detail);
    detail->number = number;
    detail->seq = seq;
    detail->gone = false;
    members_load(&detail->members, screen_view(detail->pane.screen), number);
    same_day_load(&detail->day, host->ring, number);
    detail->line_count = detail->cursor = detail->top = 0;
    detail->moved = false;
    request->detail = detail;
    detail->request = request;
    host->fetch(host->ctx, detail->seq, found, request);
}

static void detail_free(struct pane *pane)
{
    struct detail *detail = self(pane);

    forget(detail);
    free(detail->lines);
    free(detail);
}

/* What left memory stood before the oldest row. */
static bool is_in_memory(const struct detail *detail)
{
    return ring_get(screen_host(detail->pane.screen)->ring, detail->number) !=
           NULL;
}

/* Of the events that the stream's filter shows: how many are no newer than
 * this one, itself too. False: it is none of them. */
static bool place_of(const struct detail *detail, size_t *place)
{
    const struct view *view = screen_view(detail->pane.screen);

    *place = view_events(view) - view_count_after(view, detail->number);
    return *place && view_event(view, *place - 1) == detail->number;
}

static void detail_title(const struct pane *pane, struct buf *left,
                         struct buf *right)
{
    const struct detail *detail = self_const(pane);
    const struct view *view = screen_view(pane->screen);
    size_t events = view_events(view), at;
    char place[NUMBER_SIZE], of[NUMBER_SIZE];

    buf_adds(left, "Event");
    if (!detail->number)
        buf_adds(right, "from the journal");
    else if (!is_in_memory(detail))
        buf_adds(right, "left memory");
    else if (view_complete(view) && place_of(detail, &at)) {
        number_text(at, place);
        number_text(events, of);
        buf_addf(right, "%s of %s event%s", place, of, plural_text(events));
    }
}

/* NULL: it may not be opened, or not while the screen is shared. */
static const char *allowed_link(const struct detail *detail, const char *url)
{
    const struct link_policy *policy = screen_host(detail->pane.screen)->links;

    return !mask_on() && links_allowed(policy, detail->event.project_url, url,
                                       NULL, 0)
               ? url
               : NULL;
}

/* " 1 Replay ▹   2 Person   3 Event …      y copy link   Y copy JSON" */
static void detail_head(const struct pane *pane, struct draw *draw,
                        struct rect row)
{
    static const char keys[] = "y copy link   Y copy JSON ";
    const struct detail *detail = self_const(pane);
    int64_t now = screen_now(pane->screen);
    int x = row.x + 1, end = row.x + row.w;

    for (size_t i = 0; loaded(detail) && i < detail->link_count; i++) {
        const char *title = detail->links[i].title;

        if (x + 4 + text_width(title) > end)
            return;
        x += draw_format(draw, row.y, x, 2, ROLE_KEY, "%zu ", i + 1);
        draw_link(draw, row.y, x, text_width(title),
                  allowed_link(detail, detail->links[i].url));
        x += draw_text(draw, row.y, x, end - x, ROLE_LINK, title);
        if (!strcmp(title, "Replay")) {
            bool young =
                links_replay_state(&detail->event, now) == REPLAY_YOUNG;

            draw_mark(draw, row.y, x + 1,
                      young ? ROLE_REPLAY_WAIT : ROLE_REPLAY,
                      young ? MARK_REPLAY_WAIT : MARK_REPLAY);
            x += 2;
        }
        x += 3;
    }
    if (end - x >= (int)sizeof keys)
        draw_right(draw, row.y, x, end - x, ROLE_DIM, keys);
}

static void detail_draw(const struct pane *pane, struct draw *draw)
{
    const struct detail *detail = self_const(pane);
    struct rect rect = pane->rect;

    if (!loaded(detail)) {
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                 detail->gone ? "This event is no longer in the journal."
                              : "Reading it from the journal.");
        return;
    }
    for (int row = 0; row < rect.h; row++)
        if (detail->top + (size_t)row < detail->line_count)
            detail_draw_one(detail, draw,
                            (struct rect){rect.y + row, rect.x, 1, rect.w},
                            detail->top + (size_t)row);
}

static bool detail_update(struct pane *pane)
{
    struct detail *detail = self(pane);

    if (loaded(detail)) {
        detail_lay_out(detail);
        detail_settle(detail);
    }
    return false;
}

static void find(struct detail *detail, bool backwards)
{
    const struct detail_line *on = &detail->lines[detail->cursor];
    const char *text = screen_find_text(detail->pane.screen);
    size_t from = on->part == DETAIL_PROPERTY ? on->item : 0;
    size_t index, left = LIMIT_FIND_STEPS;
    char *folded;

    if (!text || !*text || !detail->tree || !tree_rows(detail->tree))
        return;
    folded = text_fold(text);
    if (tree_find(detail->tree, folded, from, backwards, &index, &left)) {
        detail->stale = true;
        detail_lay_out(detail);
        detail_go_to(detail, detail_find_line(detail, DETAIL_PROPERTY, index));
    } else {
        screen_message(detail->pane.screen,
                       left ? "No “%.100s” in the properties."
                            : "“%.100s” is too costly: it takes too long "
                              "in these texts",
                       text);
    }
    free(folded);
}

/* The rows before it in time; *next is the first behind it. The filter need
 * not show it, nor memory have it: then those are neighbours. */
static size_t rows_before(const struct detail *detail, size_t *next)
{
    const struct view *view = screen_view(detail->pane.screen);
    size_t at = view_find(view, detail->number), place;
    struct view_row row;

    if (place_of(detail, &place)) {
        *next = at + 1;
        return at;
    }
    *next =
        view_row(view, at, &row) && row.number < detail->number ? at + 1 : at;
    return *next;
}

static void step(struct detail *detail, int by)
{
    struct screen *screen = detail->pane.screen;
    const struct view *view = screen_view(screen);
    size_t rows = view_rows(view), next = 0;
    size_t before = rows ? rows_before(detail, &next) : 0;
    const struct record *record;
    struct view_row row;

    if (!detail->number) {
        screen_message(screen, "This one is from the journal. Esc goes back.");
        return;
    }
    if (by < 0 ? !before : next >= rows) {
        screen_message(screen, "This is the %s one.",
                       by < 0 ? "oldest" : "newest");
        return;
    }
    if (!view_row(view, by < 0 ? before - 1 : next, &row))
        return;
    record = ring_get(screen_host(screen)->ring, row.number);
    if (!record) {
        screen_message(screen, "That one has just left memory.");
        return;
    }
    load(detail, row.number, record->seq);
    screen_select(screen, row.number);
}

/* Another event is shown in this one's place. */
static void show(struct detail *detail, uint64_t number)
{
    const struct ring *ring = screen_host(detail->pane.screen)->ring;
    const struct record *record = ring_get(ring, number);

    if (!number || number == detail->number)
        return;
    if (!record) {
        screen_message(detail->pane.screen, "That one has just left memory.");
        return;
    }
    load(detail, number, record->seq);
}

static void open_line(struct detail *detail, size_t line)
{
    const struct detail_line *on = &detail->lines[line];

    detail->moved = true;
    detail->stale = true;
    switch (on->part) {
    case DETAIL_DAY:
        detail->day_open = !detail->day_open;
        break;
    case DETAIL_OTHER:
        show(detail, detail->day.numbers[on->item]);
        break;
    case DETAIL_MEMBER:
        show(detail, members_number(&detail->members, on->item));
        break;
    case DETAIL_PROPERTY:
        tree_toggle(detail->tree, on->item);
        break;
    default:
        break;
    }
}

static void copy_text(struct detail *detail, const char *text, bool string,
                      const char *what)
{
    struct buf shown;

    buf_init(&shown, LIMIT_BODY);
    mask_add_value(&shown, text, string);
    screen_copy(detail->pane.screen, shown.data, what);
    buf_free(&shown);
}

/* The value under the cursor, or the body as it came. */
static void copy_value(struct detail *detail)
{
    const struct detail_line *on = &detail->lines[detail->cursor];
    struct buf value;

    buf_init(&value, LIMIT_BODY);
    if (on->part == DETAIL_PROPERTY &&
        tree_copy(detail->tree, on->item, &value))
        copy_text(detail, value.data, tree_row(detail->tree, on->item).text,
                  "the value");
    else if (on->part == DETAIL_RAW)
        copy_text(detail, detail->raw.text, true, "the raw text");
    else
        screen_message(detail->pane.screen,
                       "No value here: the cursor goes to a property first.");
    buf_free(&value);
}

static void open_link(struct detail *detail, const char *arg)
{
    size_t number = (size_t)(*arg - '1');

    if (*arg < '1' || number >= detail->link_count)
        return;
    if (!strcmp(detail->links[number].title, "Replay"))
        screen_run(detail->pane.screen, "replay");
    else
        screen_open_link(detail->pane.screen, detail->event.project_url,
                         detail->links[number].url);
}

static bool detail_action(struct pane *pane, enum action action,
                          const char *arg)
{
    struct detail *detail = self(pane);
    long steps = list_steps(pane->rect.h, action);

    switch (action) {
    case ACTION_next_event:
        step(detail, 1);
        return true;
    case ACTION_previous_event:
        step(detail, -1);
        return true;
    default:
        break;
    }
    if (!loaded(detail))
        return false;
    detail_lay_out(detail);
    detail_settle(detail);
    if (steps) {
        detail_move(detail, steps);
        return true;
    }
    switch (action) {
    case ACTION_oldest:
        detail->moved = false;
        detail->top = 0;
        return true;
    case ACTION_newest:
        detail_go_to_end(detail);
        return true;
    case ACTION_open:
        open_line(detail, detail->cursor);
        return true;
    case ACTION_copy_value:
        copy_value(detail);
        return true;
    case ACTION_find_next:
        find(detail, false);
        return true;
    case ACTION_find_previous:
        find(detail, true);
        return true;
    case ACTION_link:
        open_link(detail, arg);
        return true;
    default:
        return false;
    }
}

static void detail_click(struct pane *pane, int row, int col)
{
    struct detail *detail = self(pane);
    size_t line = detail->top + (size_t)row;

    (void)col;
    if (!loaded(detail) || !detail_line_held(detail, line))
        return;
    line -= detail->lines[line].piece;
    if (line == detail->cursor && detail->moved)
        open_line(detail, line);
    else
        detail_go_to(detail, line);
}

static uint64_t detail_selected(const struct pane *pane)
{
    return self_const(pane)->seq;
}

/* Its record knows while the event is still being read. */
static const char *detail_account(const struct pane *pane)
{
    const struct detail *detail = self_const(pane);
    const struct ring *ring = screen_host(pane->screen)->ring;
    const struct record *record = ring_get(ring, detail->number);

    return record ? ring_text(ring, record->row.account_id)
                  : detail->event.account.id;
}

static void detail_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out,
             "Tab next event │ Enter opens │ c copies a value │ Esc back");
}

static struct pane *open_detail(struct screen *screen, uint64_t number,
                                uint64_t seq)
{
    static const struct pane_ops ops = {
        .free = detail_free,
        .title = detail_title,
        .draw = detail_draw,
        .action = detail_action,
        .click = detail_click,
        .update = detail_update,
        .selected = detail_selected,
        .account = detail_account,
        .finds = true,
        .head = detail_head,
        .hint = detail_hint,
    };
    struct detail *detail = xcalloc(1, sizeof *detail);

    detail->pane.ops = &ops;
    detail->pane.screen = screen;
    detail->pane.where = WHERE_DETAIL;
    load(detail, number, seq);
    return &detail->pane;
}

struct pane *detail_new(struct screen *screen, uint64_t number)
{
    const struct record *record = ring_get(screen_host(screen)->ring, number);

    return open_detail(screen, number, record->seq);
}

/* Where it is in the ring, if it is among the newest. */
static uint64_t number_of(const struct ring *ring, uint64_t seq)
{
    size_t count = ring_count(ring);

    for (size_t i = 1; i <= count && i <= LOOK_BACK; i++)
        if (ring_at(ring, count - i)->seq == seq)
            return ring_number(ring, count - i);
    return 0;
}

struct pane *detail_of(struct screen *screen, uint64_t seq)
{
    return open_detail(screen, number_of(screen_host(screen)->ring, seq), seq);
}
