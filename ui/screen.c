/* The screen's state as panes, prompt and actions see it: one file of small
 * answers, which knows nobody above it. When a frame is drawn is frame.c's,
 * what an action does perform.c's. */
#include "ui/pane/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ui/pane/mask.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define MESSAGE_US 5000000

const struct display_host *screen_host(const struct screen *screen)
{
    return screen->host;
}

const struct display_status *screen_status(const struct screen *screen)
{
    return screen->host->status(screen->host->ctx);
}

const struct keymap *screen_keymap(const struct screen *screen)
{
    return screen->map;
}

struct draw *screen_drawing(const struct screen *screen)
{
    return screen->draw;
}

struct view *screen_view(const struct screen *screen)
{
    return screen->view;
}

const struct pinned *screen_pinned(const struct screen *screen)
{
    return &screen->pinned;
}

struct labels *screen_labels(const struct screen *screen)
{
    return screen->labels;
}

struct highlight *screen_highlight(const struct screen *screen)
{
    return screen->highlight;
}

int64_t screen_frozen_at(const struct screen *screen)
{
    return screen->frozen ? screen->frozen_at : CLOCK_NONE;
}

bool screen_shows_hidden(const struct screen *screen)
{
    return screen->show_hidden;
}

const char *screen_row_link(const struct screen *screen, uint64_t seq)
{
    return screen->ops->row_link(screen, seq);
}

bool screen_shows_ages(const struct screen *screen)
{
    return screen->ages;
}

bool screen_floor(const struct screen *screen)
{
    return screen->floor != 0;
}

uint64_t screen_looked_number(const struct screen *screen)
{
    return screen->looked_number;
}

int64_t screen_looked_at(const struct screen *screen)
{
    return screen->looked_at;
}

int64_t screen_now(const struct screen *screen)
{
    (void)screen;
    return clock_now_ms();
}

struct pane *screen_table(const struct screen *screen)
{
    return screen->tables[screen->tab];
}

struct pane *screen_facts(const struct screen *screen)
{
    return screen->facts[screen->tab];
}

/* What has the keys while nothing lies over the screen. */
static struct pane *base_pane(const struct screen *screen)
{
    struct pane *table = screen_table(screen);

    return table ? table : screen->panes[screen->focus];
}

struct pane *screen_top(const struct screen *screen)
{
    return screen->over_count ? screen->overs[screen->over_count - 1]
                              : base_pane(screen);
}

/* A list on top (help, mirrors) has no event: then it is the one below. */
static const struct pane *selecting_pane(const struct screen *screen)
{
    for (size_t i = screen->over_count; i-- > 0;)
        if (screen->overs[i]->ops->selected)
            return screen->overs[i];
    return base_pane(screen);
}

uint64_t screen_selected(const struct screen *screen)
{
    const struct pane *pane = selecting_pane(screen);

    return screen->held.on ? screen->held.seq : pane->ops->selected(pane);
}

const char *screen_selected_account(const struct screen *screen)
{
    const struct pane *pane = selecting_pane(screen);

    return screen->held.on ? screen->held.account : pane->ops->account(pane);
}

void screen_dirty(struct screen *screen)
{
    if (screen->dirty)
        return;
    screen->dirty = true;
    screen->dirty_since = clock_mono_us();
}

void screen_go_on(struct screen *screen)
{
    screen->more = true;
    screen_dirty(screen);
}

void screen_message(struct screen *screen, const char *format, ...)
{
    char line[sizeof screen->message];
    struct buf masked;
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buf_init(&masked, LIMIT_TEXT * 2);
    mask_add(&masked, line);
    snprintf(screen->message, sizeof screen->message, "%s", masked.data);
    buf_free(&masked);
    screen->message_until = clock_mono_us() + MESSAGE_US;
    screen_dirty(screen);
}

enum action_where screen_where(const struct screen *screen)
{
    return screen_top(screen)->where;
}

void screen_focus(struct screen *screen, size_t index)
{
    screen->focus = index;
    screen_dirty(screen);
}

void screen_show(struct screen *screen, struct pane *pane)
{
    if (screen->over_count == OVERS_MAX)
        screen_back(screen);
    screen->overs[screen->over_count++] = pane;
    screen_dirty(screen);
}

bool screen_back(struct screen *screen)
{
    struct pane *pane;

    if (!screen->over_count)
        return false;
    pane = screen->overs[--screen->over_count];
    pane->ops->free(pane);
    screen_dirty(screen);
    return true;
}

const char *screen_filter_text(const struct screen *screen)
{
    return screen->filter ? screen->filter : "";
}

void screen_find(struct screen *screen, const char *text)
{
    free(screen->find);
    screen->find = text && *text ? xstrdup(text) : NULL;
    screen_dirty(screen);
}

const char *screen_find_text(const struct screen *screen)
{
    return screen->find ? screen->find : "";
}

void screen_send(struct screen *screen, const char *bytes, size_t len)
{
    tty_send(screen->tty, bytes, len);
    screen_dirty(screen);
}

void screen_later(struct screen *screen, int64_t mono_us,
                  void (*due)(struct screen *screen))
{
    size_t slot = LATER_MAX;

    for (size_t i = 0; i < LATER_MAX; i++)
        if (screen->later[i].due == due ||
            (slot == LATER_MAX && !screen->later[i].at))
            slot = i;
    if (slot == LATER_MAX)
        return;
    screen->later[slot].at = mono_us;
    screen->later[slot].due = due;
}

/* ---- what takes the rest of the screen ---- */

bool screen_run(struct screen *screen, const char *command)
{
    return screen->ops->run(screen, command);
}

bool screen_filter(struct screen *screen, const char *text,
                   struct query_error *error)
{
    return screen->ops->filter(screen, text, error);
}

void screen_select(struct screen *screen, uint64_t number)
{
    screen->ops->select(screen, number);
}

void screen_focus_stream(struct screen *screen)
{
    screen->ops->focus_stream(screen);
}

void screen_to_signal(struct screen *screen, int64_t id)
{
    screen->ops->to_signal(screen, id);
}

bool screen_set_view_panes(struct screen *screen)
{
    return screen->ops->set_view_panes(screen);
}

bool screen_open_link(struct screen *screen, const char *project_url,
                      const char *url)
{
    return screen->ops->open_link(screen, project_url, url);
}

void screen_copy(struct screen *screen, const char *text, const char *what)
{
    screen->ops->copy(screen, text, what);
}

bool screen_use_theme(struct screen *screen, const char *name, struct err *err)
{
    struct theme *theme = theme_load(name, err);

    if (!theme)
        return false;
    if (screen->light)
        theme_on_light(theme);
    draw_theme(screen->draw, theme);
    theme_free(screen->theme);
    screen->theme = theme;
    screen->repaint = true;
    screen_dirty(screen);
    return true;
}
