/* Frames: when one is drawn, and the one function that draws it. A frame
 * comes at the earliest max(16 ms, 20 × what the last one cost) after the
 * last and at the latest 50 ms after the change; none when nothing changed,
 * and none while the terminal is behind. While more events come than there are
 * rows, each frame is another screen and nobody reads it: then one in 40 ms
 * is enough. A key waits for no more than the 16 ms. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/head.h"
#include "ui/links.h"
#include "ui/pane/mask.h"
#include "ui/pane/stream.h"
#include "ui/pane/time_text.h"
#include "ui/pane/working.h"
#include "ui/row_links.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

/* The newest of them; then ages are minutes at least. */
#define AGES_YOUNG_MS CLOCK_HOUR_MS
#define AGES_STEP_MS 10000
#define AGES_LATER_STEP_MS 60000
#define FRAME_LEAST_US 16000
#define FRAME_COST_FACTOR 20
#define FRAME_LATEST_US 50000
#define FRAME_FLOOD_US 40000

/* A slice of what is left to judge: the newest screenful came first, the
 * rest is counted between two turns of the loop, frame or no frame. */
static void update_panes(struct screen *screen)
{
    screen->more = false;
    for (size_t i = 0; i < screen->pane_count; i++)
        screen->more |= screen->panes[i]->ops->update(screen->panes[i]);
    for (int i = 0; i < SIDE_COUNT; i++)
        screen->more |= screen->sides[i]->ops->update(screen->sides[i]);
    if (screen_table(screen))
        screen->more |=
            screen_table(screen)->ops->update(screen_table(screen));
    if (screen_facts(screen) && screen_facts(screen)->ops->update)
        screen->more |=
            screen_facts(screen)->ops->update(screen_facts(screen));
    for (size_t i = 0; i < screen->over_count; i++)
        if (screen->overs[i]->ops->update)
            screen->more |= screen->overs[i]->ops->update(screen->overs[i]);
}

/* ─[Stream]──────────────────────── 39 · following ─ */
static void draw_pane_rule(const struct screen *screen,
                           const struct pane *pane)
{
    struct draw *draw = screen->draw;
    int y = pane->rect.y - 1;
    int x = pane->rect.x;
    int w = pane->rect.w;
    enum role role = pane->focus ? ROLE_BORDER_FOCUS : ROLE_BORDER;
    enum role name = pane->focus ? ROLE_TAB_ON : ROLE_TAB;
    struct buf left, right;

    draw_line(draw, y, x, w, role);
    if (pane->ops->rule) {
        pane->ops->rule(pane, draw, (struct rect){y, x, 1, w});
        return;
    }
    buf_init(&left, 512);
    buf_init(&right, 512);
    pane->ops->title(pane, &left, &right);
    draw_text(draw, y, x + 1, 1, name, pane->focus ? "[" : " ");
    draw_cut(draw, y, x + 2, w - 4, name, left.data);
    draw_text(draw, y, x + 2 + text_width(left.data), 1, name,
              pane->focus ? "]" : " ");
    if (right.len && text_width(right.data) + text_width(left.data) + 6 < w) {
        int width = text_width(right.data) + 2;

        draw_text(draw, y, x + w - 1 - width, 1, name, " ");
        draw_text(draw, y, x + w - width, width, name, right.data);
        draw_text(draw, y, x + w - 2, 1, name, " ");
    }
    buf_free(&left);
    buf_free(&right);
}

static bool has_rules(const struct screen *screen)
{
    return screen->layout.category_row;
}

/* Does a rule end at the border x in row y, from the pane at that side? */
static bool rule_meets(const struct screen *screen, int y, int x, bool left)
{
    for (int i = 0; left && i < SIDE_COUNT; i++) {
        const struct rect *side = &screen->sides[i]->rect;

        if (pane_shows(screen->sides[i]) && side->y - 1 == y &&
            side->x + side->w == x)
            return true;
    }
    for (size_t i = 0; i < screen->pane_count; i++) {
        const struct pane *pane = screen->panes[i];
        int edge = left ? pane->rect.x + pane->rect.w : pane->rect.x - 1;

        if (!pane_shows(pane) || edge != x)
            continue;
        if (pane->rect.y - 1 == y)
            return true;
        if (i != PANE_ACCOUNTS && stream_is_rule(pane, y - pane->rect.y))
            return true;
    }
    return false;
}

static enum mark border_mark(const struct screen *screen, int y, int x)
{
    bool left = rule_meets(screen, y, x, true);
    bool right = rule_meets(screen, y, x, false);

    if (y == screen->layout.body.y && has_rules(screen))
        return MARK_TEE_DOWN;
    if (left && right)
        return MARK_CROSS;
    if (left)
        return MARK_TEE_LEFT;
    return right ? MARK_TEE_RIGHT : MARK_VERTICAL;
}

static void draw_borders(const struct screen *screen)
{
    const struct layout *layout = &screen->layout;

    for (int i = 0; i < layout->border_count; i++)
        for (int y = layout->body.y; y < layout->body.y + layout->body.h; y++)
            draw_mark(screen->draw, y, layout->borders[i], ROLE_BORDER,
                      border_mark(screen, y, layout->borders[i]));
}

static void draw_live(const struct screen *screen)
{
    for (size_t i = 0; i < screen->pane_count; i++) {
        const struct pane *pane = screen->panes[i];

        if (!pane_shows(pane))
            continue;
        if (has_rules(screen))
            draw_pane_rule(screen, pane);
        pane->ops->draw(pane, screen->draw);
    }
    for (int i = 0; i < SIDE_COUNT; i++) {
        const struct pane *pane = screen->sides[i];

        if (!pane_shows(pane))
            continue;
        if (has_rules(screen))
            draw_pane_rule(screen, pane);
        pane->ops->draw(pane, screen->draw);
    }
    draw_borders(screen);
}

static void draw_table(const struct screen *screen)
{
    const struct pane *panes[] = {screen_table(screen), screen_facts(screen)};

    for (int i = 0; i < 2; i++) {
        if (!panes[i] || !pane_shows(panes[i]))
            continue;
        if (has_rules(screen))
            draw_pane_rule(screen, panes[i]);
        panes[i]->ops->draw(panes[i], screen->draw);
    }
}

static void draw_over(const struct screen *screen, const struct pane *pane)
{
    if (has_rules(screen))
        draw_pane_rule(screen, pane);
    pane->ops->draw(pane, screen->draw);
}

static void draw_head(const struct screen *screen)
{
    const struct pane *top = screen_top(screen);
    struct rect row = {1, 0, 1, screen->layout.cols};

    head_title(screen);
    if (!screen->layout.category_row)
        return;
    if (top->ops->head)
        top->ops->head(top, screen->draw, row);
    else
        head_categories(screen);
}

static void draw_prompt(const struct screen *screen)
{
    int rows = prompt_rows(screen->prompt, screen->layout.rows);
    struct rect rect = {screen->layout.rows - rows, 0, rows,
                        screen->layout.cols};

    draw_blank(screen->draw, rect, ROLE_PROMPT);
    prompt_draw(screen->prompt, screen->draw, rect);
}

/* The one function that draws. */
static void screen_draw(const struct screen *screen)
{
    struct draw *draw = screen->draw;
    const char *find = screen_find_text(screen);
    char *folded = find && *find ? text_fold(find) : NULL;

    draw_match(draw, NULL);
    draw_clear(draw);
    draw_head(screen);
    draw_match(draw, folded);
    if (screen->over_count)
        draw_over(screen, screen_top(screen));
    else if (screen_table(screen))
        draw_table(screen);
    else
        draw_live(screen);
    draw_match(draw, NULL);
    if (screen->prompt)
        draw_prompt(screen);
    else
        head_status(screen);
    free(folded);
}

/* The filter lets one account through, whatever row the cursor is on. */
static bool is_filtered_to_one(const struct screen *screen)
{
    const char *text = screen_filter_text(screen);

    return !strncmp(text, "account=", 8) && !strchr(text, '|');
}

/* At which account the user looks: where the cursor was put, or what the
 * filter was set to; what runs through by itself is none. */
static void tell_look(const struct screen *screen)
{
    const struct display_host *host = screen->host;
    const struct pane *top = screen_top(screen);
    bool runs = top == screen->panes[PANE_STREAM] && stream_following(top) &&
                !is_filtered_to_one(screen);

    if (host->look)
        host->look(host->ctx, runs ? NULL : screen_selected_account(screen));
}

/* Another number when a pane has got another place. */
static uint64_t places_of(const struct screen *screen)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < screen->pane_count + SIDE_COUNT; i++) {
        const struct pane *pane = i < screen->pane_count
                                      ? screen->panes[i]
                                      : screen->sides[i - screen->pane_count];

        sum = sum * 31 + (uint64_t)pane->rect.y;
        sum = sum * 31 + (uint64_t)pane->rect.x;
        sum = sum * 31 + (uint64_t)pane->rect.h;
        sum = sum * 31 + (uint64_t)pane->rect.w;
    }
    return sum;
}

static void draw_frame(struct screen *screen, int64_t now)
{
    uint64_t places;
    int64_t start;

    layout_update(screen);
    update_panes(screen);
    /* What came may change the layout (the first event, a signal): who got
     * other room fills it in the same frame. */
    places = places_of(screen);
    layout_update(screen);
    if (places_of(screen) != places)
        update_panes(screen);
    start = clock_mono_us();
    mask_learn(screen->host);
    labels_refresh(screen->labels, screen->host->book(screen->host->ctx));
    pinned_read(&screen->pinned, screen->host);
    screen_draw(screen);
    draw_commit(screen->draw);
    if (screen->repaint)
        tty_repaint(screen->tty);
    screen->repaint = false;
    tty_palette(screen->tty, draw_palette(screen->draw));
    tty_frame(screen->tty);
    if (screen->row_links)
        row_links_read(screen->row_links);
    screen->dirty = screen->more;
    screen->dirty_since = now;
    screen->last_frame = now;
    screen->last_ever = ring_ever(screen->host->ring);
    if (!screen->more)
        screen->last_full = now;
    tell_look(screen);
    screen->last_cost = clock_mono_us() - start;
}

/* Nothing that was on the last frame would be on the next one. */
static bool is_flooded(const struct screen *screen)
{
    return ring_ever(screen->host->ring) - screen->last_ever >=
           (size_t)screen->layout.rows;
}

static int64_t frame_time(const struct screen *screen)
{
    int64_t wait = screen->last_cost * FRAME_COST_FACTOR;
    int64_t earliest;
    int64_t latest = screen->dirty_since + FRAME_LATEST_US;

    if (wait < FRAME_FLOOD_US && is_flooded(screen))
        wait = FRAME_FLOOD_US;
    /* Events may wait for a costly frame; who pressed a key looks for it, and
     * for the number that it comes to. */
    if (wait < FRAME_LEAST_US || screen->last_key > screen->last_frame ||
        (!screen->more && screen->last_key > screen->last_full))
        wait = FRAME_LEAST_US;
    earliest = screen->last_frame + wait;
    return earliest < latest ? earliest : latest;
}

/* ---- the timer ---- */

static void sooner(int64_t *at, int64_t other)
{
    if (other && (!*at || other < *at))
        *at = other;
}

static int64_t mono_of_wall(const struct screen *screen, int64_t ms)
{
    return clock_mono_us() + (ms - screen_now(screen)) * 1000;
}

/* Ages in rows step together, so that they cost a frame now and then, however
 * many they are. */
static int64_t ages_step(int64_t now, int64_t newest)
{
    int64_t step =
        now - newest < AGES_YOUNG_MS ? AGES_STEP_MS : AGES_LATER_STEP_MS;

    return (now / step + 1) * step;
}

/* When something shown changes by the clock alone: bars, "10 s ago". */
static int64_t clock_time(const struct screen *screen)
{
    const struct tally *tally = screen->host->tally;
    int64_t now = screen_now(screen);
    int64_t tick = tally_next_tick(tally, now);
    int64_t last = tally_last_at(tally);
    int64_t wakes = inbox_next(screen->host->inbox, now);
    int64_t works = working_next(screen->sides[SIDE_WORKING], now);
    int64_t at = 0;

    if (tick != CLOCK_NONE)
        sooner(&at, mono_of_wall(screen, tick));
    if (last != CLOCK_NONE)
        sooner(&at, mono_of_wall(screen, now + age_next(now - last)));
    if (wakes != CLOCK_NONE)
        sooner(&at, mono_of_wall(screen, wakes));
    if (works != CLOCK_NONE)
        sooner(&at, mono_of_wall(screen, works));
    if (screen->ages && last != CLOCK_NONE)
        sooner(&at, mono_of_wall(screen, ages_step(now, last)));
    return at;
}

void frame_arm(struct screen *screen)
{
    int64_t at = 0;

    if (screen->quitting)
        return;
    if (screen->dirty && !tty_behind(screen->tty))
        sooner(&at, frame_time(screen));
    if (screen->more)
        sooner(&at, clock_mono_us());
    sooner(&at, screen->esc_due);
    sooner(&at, screen->message_until);
    sooner(&at, screen->clock_due);
    for (size_t i = 0; i < LATER_MAX; i++)
        sooner(&at, screen->later[i].at);
    screen->host->arm(screen->host->ctx, at);
}

static void run_later(struct screen *screen, int64_t now)
{
    for (size_t i = 0; i < LATER_MAX; i++) {
        void (*due)(struct screen *) = screen->later[i].due;

        if (!screen->later[i].at || screen->later[i].at > now)
            continue;
        screen->later[i].at = 0;
        due(screen);
    }
}

/* The wall clock may have jumped, by a lid that was shut: timers do not tell
 * what waits for it. */
static void run_clock(struct screen *screen, int64_t now)
{
    links_look(screen->links);
    if (screen->clock_due && now >= screen->clock_due) {
        tally_tick(screen->host->tally, screen_now(screen));
        screen_dirty(screen);
    }
    if (!screen->clock_due || now >= screen->clock_due || screen->dirty)
        screen->clock_due = clock_time(screen);
}

void frame_due(struct screen *screen)
{
    int64_t now = clock_mono_us();

    if (screen->esc_due && now >= screen->esc_due)
        input_late(screen);
    if (screen->message_until && now >= screen->message_until) {
        screen->message_until = 0;
        screen_dirty(screen);
    }
    run_later(screen, now);
    run_clock(screen, now);
    if (screen->dirty && !screen->quitting && now >= frame_time(screen)) {
        if (tty_behind(screen->tty))
            screen->frames_left_out++;
        else
            draw_frame(screen, now);
    } else if (screen->more && !screen->quitting) {
        update_panes(screen);
    }
    frame_arm(screen);
}
