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
#include "ui/pane/detail_draw.h"
#include "ui/pane/facts.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/members.h"
#include "ui/pane/pane.h"
#include "ui/pane/raw_text.h"
#include "ui/pane/screen.h"
#include "ui/pane/tree.h"

#include "base/banned.h"

#define MAX_LINKS 4
#define LOOK_BACK 100000 /* records, for one that is known by its seq */

/* Sentence, blank, the facts, and the rule behind them. */
#define FACT_LINES (2 + FACT_COUNT)
#define FIRST_LINE (FACT_LINES + 1)

struct detail_link {
    const char *title, *url;
};

struct detail {
    struct pane pane;
    uint64_t number; /* in the ring, and so in the stream's view; 0: it is
                        not there */
    uint64_t seq;    /* in the journal; holds when it left the ring */
    struct detail_request *request; /* being fetched; NULL: here or gone */
    bool gone;
    struct arena arena;
    struct event event; /* text in arena */
    struct detail_link links[MAX_LINKS];
    size_t link_count;
    struct members members;
    struct tree *tree;
    struct raw_text raw;
    struct list list; /* of all lines */
};

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

/* Lines: facts, with a fold the rule "Folded" and its events, the rule
 * "Properties", tree rows, the rule "Raw", raw lines. */
static size_t member_lines(const struct detail *detail)
{
    return members_lines(&detail->members);
}

static size_t tree_rule(const struct detail *detail)
{
    size_t members = member_lines(detail);

    return members ? FIRST_LINE + members : FACT_LINES;
}

static size_t first_row(const struct detail *detail)
{
    (void)detail;
    return FIRST_LINE;
}

static size_t first_property(const struct detail *detail)
{
    return tree_rule(detail) + 1;
}

static size_t raw_rule(const struct detail *detail)
{
    return first_property(detail) +
           (detail->tree ? tree_rows(detail->tree) : 0);
}

static bool is_member(const struct detail *detail, size_t line)
{
    return line >= FIRST_LINE && line < FIRST_LINE + member_lines(detail);
}

static bool is_property(const struct detail *detail, size_t line)
{
    return line >= first_property(detail) && line < raw_rule(detail);
}

static bool is_rule(const struct detail *detail, size_t line)
{
    return line == FACT_LINES || line == tree_rule(detail) ||
           line == raw_rule(detail);
}

static size_t line_count(const struct detail *detail)
{
    /* Raw text is one line then: that it is not shown. */
    return raw_rule(detail) + 1 +
           (mask_on() && detail->raw.count ? 1 : detail->raw.count);
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
    copy->key = copy->fold = copy->raw = NULL;
    copy->raw_len = 0;
}

static void take_body(struct detail *detail, const struct event *event)
{
    struct buf text;

    buf_init(&text, 8 * MIB);
    if (event_properties(&text, event))
        detail->tree = tree_new(text.data, text.len);
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
        raw_text_fit(&detail->raw, detail->pane.rect.w - 2);
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
    detail->list.cursor = FIRST_LINE + members_line(&detail->members, number);
    detail->list.top = 0;
    request->detail = detail;
    detail->request = request;
    host->fetch(host->ctx, detail->seq, found, request);
}

static void detail_free(struct pane *pane)
{
    struct detail *detail = self(pane);

    forget(detail);
    free(detail);
}

/* What left memory stood before the oldest row. */
static bool is_in_memory(const struct detail *detail)
{
    return ring_get(screen_host(detail->pane.screen)->ring, detail->number) !=
           NULL;
}

static void detail_title(const struct pane *pane, struct buf *left,
                         struct buf *right)
{
    const struct detail *detail = self_const(pane);
    const struct view *view = screen_view(pane->screen);
    size_t rows = view_rows(view);

    buf_adds(left, "Event");
    if (!detail->number)
        buf_adds(right, "from the journal");
    else if (!is_in_memory(detail))
        buf_adds(right, "left memory");
    else if (rows)
        buf_addf(right, "%zu of %zu", view_find(view, detail->number) + 1,
                 rows);
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

static void draw_fact(const struct detail *detail, struct draw *draw,
                      struct rect rect, enum fact which)
{
    const struct display_host *host = screen_host(detail->pane.screen);
    struct fact_text fact;

    facts_fill(&detail->event, host->book(host->ctx),
               screen_now(detail->pane.screen), draw, which, &fact);
    detail_draw_fact(draw, rect, &fact);
}

static void draw_property(const struct detail *detail, struct draw *draw,
                          struct rect rect, size_t line)
{
    struct tree_row row =
        tree_row(detail->tree, line - first_property(detail));

    detail_draw_property(draw, rect, &row, line == detail->list.cursor);
}

/* A line that the cursor may be on. */
static void draw_row(const struct detail *detail, struct draw *draw,
                     struct rect rect, size_t line)
{
    const struct ring *ring = screen_host(detail->pane.screen)->ring;

    if (line == detail->list.cursor)
        list_draw_cursor(draw, rect);
    if (is_member(detail, line))
        members_draw(&detail->members, ring, draw, rect, line - FIRST_LINE);
    else if (is_property(detail, line))
        draw_property(detail, draw, rect, line);
    else if (!mask_on())
        raw_text_draw(&detail->raw, draw, rect, line - raw_rule(detail) - 1);
    else
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM, MASK_NO_RAW);
    draw_under(draw, ROLE_TEXT);
}

static void draw_line_at(const struct detail *detail, struct draw *draw,
                         struct rect rect, size_t line)
{
    if (line == 0)
        detail_draw_sentence(draw, rect, &detail->event);
    else if (line >= 2 && line < FACT_LINES)
        draw_fact(detail, draw, rect, (enum fact)(line - 2));
    else if (line == tree_rule(detail))
        detail_draw_rule(draw, rect, "Properties",
                         detail->tree ? tree_count(detail->tree) : 0);
    else if (line == FACT_LINES)
        detail_draw_rule(draw, rect, "Folded", detail->members.times);
    else if (line == raw_rule(detail))
        detail_draw_rule(draw, rect, "Raw", 0);
    else if (line >= FIRST_LINE)
        draw_row(detail, draw, rect, line);
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
        if (detail->list.top + (size_t)row < line_count(detail))
            draw_line_at(detail, draw,
                         (struct rect){rect.y + row, rect.x, 1, rect.w},
                         detail->list.top + (size_t)row);
}

/* Keeps the cursor on a line that has one, and in sight. */
static size_t window(const struct detail *detail)
{
    return detail->pane.rect.h > 0 ? (size_t)detail->pane.rect.h : 1;
}

static bool below_window(const struct detail *detail)
{
    return detail->list.cursor >= detail->list.top + window(detail);
}

static void settle(struct detail *detail)
{
    size_t height = window(detail);
    size_t lines = line_count(detail);

    if (detail->list.cursor >= lines)
        detail->list.cursor = lines - 1;
    if (detail->list.cursor < first_row(detail))
        detail->list.cursor = first_row(detail);
    if (detail->list.cursor < detail->list.top)
        detail->list.top = detail->list.cursor;
    if (detail->list.cursor >= detail->list.top + height &&
        detail->list.cursor != first_row(detail))
        detail->list.top = detail->list.cursor - height + 1;
    /* At the first row the facts above it come back. */
    if (detail->list.cursor == first_row(detail) && height > FIRST_LINE)
        detail->list.top = 0;
}

static bool detail_update(struct pane *pane)
{
    struct detail *detail = self(pane);

    if (loaded(detail)) {
        raw_text_fit(&detail->raw, detail->pane.rect.w - 2);
        settle(detail);
    }
    return false;
}

/* The nearest line that is no rule: onwards, else back. */
static long off_rules(const struct detail *detail, long line, bool down)
{
    long lines = (long)line_count(detail);

    while (down && line < lines && is_rule(detail, (size_t)line))
        line++;
    if (line >= lines)
        line = lines - 1;
    while (line > (long)first_row(detail) && is_rule(detail, (size_t)line))
        line--;
    return line;
}

static void move(struct detail *detail, long by)
{
    long to = (long)detail->list.cursor + by;

    /* In a low window the facts come first, and row one by scrolling. */
    if (by > 0 && below_window(detail)) {
        detail->list.top += (size_t)by;
        if (!below_window(detail))
            detail->list.top = detail->list.cursor - window(detail) + 1;
        return;
    }
    if (by < 0 && detail->list.cursor == first_row(detail)) {
        size_t up = (size_t)-by;

        detail->list.top -= up < detail->list.top ? up : detail->list.top;
        return;
    }
    if (to < (long)first_row(detail))
        to = (long)first_row(detail);
    if (to >= (long)line_count(detail))
        to = (long)line_count(detail) - 1;
    to = off_rules(detail, to, by > 0);
    if (to >= (long)first_row(detail))
        detail->list.cursor = (size_t)to;
    settle(detail);
}

static void find(struct detail *detail, bool backwards)
{
    const char *text = screen_find_text(detail->pane.screen);
    char *folded;
    size_t from = is_property(detail, detail->list.cursor)
                      ? detail->list.cursor - first_property(detail)
                      : 0;
    size_t index, left = LIMIT_FIND_STEPS;

    if (!text || !*text || !detail->tree || !tree_rows(detail->tree))
        return;
    folded = text_fold(text);
    if (tree_find(detail->tree, folded, from, backwards, &index, &left)) {
        detail->list.cursor = first_property(detail) + index;
        settle(detail);
    } else {
        screen_message(detail->pane.screen,
                       left ? "No “%.100s” in the properties."
                            : "“%.100s” is too costly: it takes too long "
                              "in these texts",
                       text);
    }
    free(folded);
}

static void step(struct detail *detail, int by)
{
    struct screen *screen = detail->pane.screen;
    const struct view *view = screen_view(screen);
    size_t rows = view_rows(view);
    size_t at = rows ? view_find(view, detail->number) : 0;
    size_t next = is_in_memory(detail) ? at + 1 : at;
    const struct record *record;
    struct view_row row;

    if (!detail->number) {
        screen_message(screen, "This one is from the journal. Esc goes back.");
        return;
    }
    if ((by < 0 && at == 0) || (by > 0 && next >= rows) || !rows) {
        screen_message(screen, "This is the %s one.",
                       by < 0 ? "oldest" : "newest");
        return;
    }
    if (!view_row(view, by < 0 ? at - 1 : next, &row))
        return;
    record = ring_get(screen_host(screen)->ring, row.number);
    if (!record) {
        screen_message(screen, "That one has just left memory.");
        return;
    }
    load(detail, row.number, record->seq);
    screen_select(screen, row.number);
}

/* An event of the fold is shown in this one's place, with the same list. */
static void open_member(struct detail *detail, size_t line)
{
    const struct ring *ring = screen_host(detail->pane.screen)->ring;
    uint64_t number = members_number(&detail->members, line);
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
    if (is_member(detail, line))
        open_member(detail, line - FIRST_LINE);
    else if (is_property(detail, line))
        tree_toggle(detail->tree, line - first_property(detail));
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
    if (steps) {
        move(detail, steps);
        return true;
    }
    switch (action) {
    case ACTION_oldest:
        detail->list.cursor = first_row(detail);
        detail->list.top = 0;
        return true;
    case ACTION_newest:
        move(detail, (long)line_count(detail));
        return true;
    case ACTION_open:
        open_line(detail, detail->list.cursor);
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
    size_t line = detail->list.top + (size_t)row;

    (void)col;
    if (!loaded(detail) || line < FIRST_LINE || is_rule(detail, line) ||
        line >= line_count(detail))
        return;
    if (line == detail->list.cursor)
        open_line(detail, line);
    else
        detail->list.cursor = line;
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
    buf_adds(out, "Tab next event │ Enter opens, closes │ Esc back");
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
