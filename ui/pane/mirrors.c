/* The mirrors as a pane; p pauses and resumes. Their state is asked of the
 * program each time it is drawn. */
#include "ui/pane/mirrors.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/pane/pane.h"
#include "ui/pane/screen.h"
#include "base/banned.h"

struct mirrors_list {
    struct pane pane;
    size_t cursor;
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

static void list_free(struct pane *pane)
{
    free(pane);
}

static void list_title(const struct pane *pane, struct buf *left,
                       struct buf *right)
{
    struct display_mirror mirror;
    size_t on = 0;

    for (size_t i = 0; mirror_at(pane, i, &mirror); i++)
        on += mirror.on;
    buf_adds(left, "Mirrors");
    buf_addf(right, "%zu of %zu on", on, count(pane));
}

static void list_head(const struct pane *pane, struct draw *draw,
                      struct rect row)
{
    (void)pane;
    draw_cut(draw, row.y, row.x + 1, row.w - 1, ROLE_DIM,
             "Name       Type   State       Sent  Waiting  Last trouble");
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
}

static void draw_mirror(const struct pane *pane, struct draw *draw, int y,
                        const struct display_mirror *mirror, bool cursor)
{
    struct rect rect = pane->rect;
    enum role role = mirror->on && !*mirror->trouble ? ROLE_GOOD : ROLE_WARN;
    struct buf text;

    if (cursor) {
        draw_under(draw, ROLE_CURSOR);
        draw_blank(draw, (struct rect){y, rect.x, 1, rect.w}, ROLE_TEXT);
        draw_text(draw, y, rect.x, 1, ROLE_CURSOR, ">");
    }
    draw_cut(draw, y, rect.x + 1, 10, ROLE_TEXT, mirror->name);
    draw_cut(draw, y, rect.x + 12, 6, ROLE_DIM, mirror->type);
    draw_cut(draw, y, rect.x + 19, 8, role, mirror->state);
    draw_format(draw, y, rect.x + 27, 8, ROLE_TEXT, "%8llu",
                (unsigned long long)mirror->sent);
    draw_format(draw, y, rect.x + 36, 8, ROLE_TEXT, "%8llu",
                (unsigned long long)mirror->waiting);
    buf_init(&text, 1024);
    trouble_text(pane, mirror, &text);
    if (rect.w > 48)
        draw_cut(draw, y, rect.x + 46, rect.w - 46, ROLE_TEXT, text.data);
    buf_free(&text);
    draw_under(draw, ROLE_TEXT);
}

static void list_draw(const struct pane *pane, struct draw *draw)
{
    struct display_mirror mirror;
    struct rect rect = pane->rect;

    if (!count(pane))
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                 "No mirror. [mirror NAME] in the config sends events on to "
                 "Slack or any URL.");
    for (size_t i = 0; (int)i < rect.h && mirror_at(pane, i, &mirror); i++)
        draw_mirror(pane, draw, rect.y + (int)i, &mirror,
                    i == self_const(pane)->cursor);
}

static bool list_action(struct pane *pane, enum action action, const char *arg)
{
    struct mirrors_list *list = self(pane);

    (void)arg;
    if (action == ACTION_up)
        list->cursor -= list->cursor > 0;
    else if (action == ACTION_down)
        list->cursor += list->cursor + 1 < count(pane);
    else
        return false;
    return true;
}

static bool list_key(struct pane *pane, const struct key *key)
{
    const struct display_host *host = screen_host(pane->screen);
    size_t cursor = self(pane)->cursor;
    struct display_mirror mirror;

    if (key->code != 'p' || !mirror_at(pane, cursor, &mirror))
        return false;
    host->mirror_switch(host->ctx, cursor);
    screen_message(pane->screen,
                   mirror.on ? "%s paused. Events wait in the journal; p "
                               "resumes."
                             : "%s resumed.",
                   mirror.name);
    screen_dirty(pane->screen);
    return true;
}

static void list_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "p pauses, resumes │ Esc back");
}

struct pane *mirrors_pane(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = list_free,
        .title = list_title,
        .draw = list_draw,
        .action = list_action,
        .key = list_key,
        .head = list_head,
        .hint = list_hint,
    };
    struct mirrors_list *list = xcalloc(1, sizeof *list);

    list->pane.ops = &ops;
    list->pane.screen = screen;
    list->pane.where = WHERE_DETAIL;
    return &list->pane;
}
