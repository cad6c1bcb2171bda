/* What actions do that belong to no pane: filter, freeze, zoom, theme … The
 * pane with the focus was asked first (screen_run). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/links.h"
#include "ui/pane/help.h"
#include "ui/pane/mirrors.h"
#include "ui/pane/stream.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define WIDER_CELLS 4

static void each_view(struct screen *screen,
                      void (*call)(struct view *view, struct screen *screen))
{
    for (size_t i = 0; i < screen->pane_count; i++)
        if (i != 1)
            call(stream_view(screen->panes[i]), screen);
}

/* ---- move ---- */

/* To the next pane that shows; in one column, the accounts take the place of
 * the stream. */
static void next_pane(struct screen *screen, bool forward)
{
    size_t count = screen->layout.columns == 1 ? 2 : screen->pane_count;
    size_t next = screen->focus;

    if (stream_is_empty(screen->panes[0]))
        return;
    for (size_t i = 0; i < count; i++) {
        next = (next + (forward ? 1 : count - 1)) % count;
        if (screen->zoom || screen->layout.columns == 1 ||
            layout_shows(screen, screen->panes[next]))
            break;
    }
    screen_focus(screen, next);
}

static void to_live(struct screen *screen)
{
    while (screen_back(screen))
        ;
    screen_focus(screen, 0);
}

static void clear_filter(struct screen *screen)
{
    struct query_error error;

    screen_filter(screen, "", &error);
}

static void go_back(struct screen *screen)
{
    if (screen_back(screen))
        return;
    if (*screen_find_text(screen))
        screen_find(screen, NULL);
    else if (*screen_filter_text(screen))
        clear_filter(screen);
    else if (screen->zoom)
        screen->zoom = false;
    else
        screen_focus(screen, 0);
}

static void quit(struct screen *screen)
{
    if (screen_back(screen))
        return;
    screen->quitting = true;
    screen->host->quit(screen->host->ctx);
}

/* ---- choose ---- */

static void open_prompt(struct screen *screen, enum prompt_kind kind)
{
    if (screen->prompt)
        return;
    screen->prompt =
        prompt_new(screen, kind,
                   kind == PROMPT_FILTER ? screen_filter_text(screen) : "");
}

static void filter(struct screen *screen, const char *arg)
{
    struct query_error error;

    if (!*arg)
        open_prompt(screen, PROMPT_FILTER);
    else if (!screen_filter(screen, arg, &error))
        screen_message(screen, "%s (column %d)", error.err.text,
                       error.column + 1);
}

static bool parse_category(const char *arg, enum category *out)
{
    if (arg[0] >= '0' && arg[0] <= '9' && !arg[1]) {
        *out = (enum category)(arg[0] == '0' ? 10 : arg[0] - '0');
        return true;
    }
    return category_parse(arg, out);
}

static void toggle_category(struct screen *screen, const char *arg)
{
    const struct query *query;
    struct query_error error;
    enum category category;
    unsigned mask;
    struct buf text;

    if (!parse_category(arg, &category)) {
        screen_message(screen, "No category \"%s\": 1 to 9, 0, or a name.",
                       arg);
        return;
    }
    query = view_query(screen_view(screen));
    mask = query ? query_categories(query) : 0;
    buf_init(&text, 4096);
    query_add_with_categories(&text, query, mask ^ 1u << category);
    if (!screen_filter(screen, text.data, &error))
        screen_message(screen, "%s", error.err.text);
    buf_free(&text);
}

static void find(struct screen *screen, const char *arg)
{
    if (!*arg) {
        open_prompt(screen, PROMPT_FIND);
        return;
    }
    screen_find(screen, arg);
    screen_run(screen, "find-next");
}

static void freeze_view(struct view *view, struct screen *screen)
{
    view_freeze(view, screen->frozen);
}

static void toggle_freeze(struct screen *screen)
{
    screen->frozen = !screen->frozen;
    screen->frozen_at = screen_now(screen);
    each_view(screen, freeze_view);
    if (screen->frozen)
        screen_message(screen, "Frozen. Receiving goes on; Space shows what "
                               "came.");
}

static void show_hidden(struct view *view, struct screen *screen)
{
    view_show_hidden(view, screen->show_hidden);
}

static void toggle_hidden(struct screen *screen)
{
    unsigned hidden = tally_hidden(screen->host->tally);

    screen->show_hidden = !screen->show_hidden;
    each_view(screen, show_hidden);
    screen_message(screen,
                   screen->show_hidden
                       ? "Showing %u events of staff and machines. H hides "
                         "them."
                       : "Hiding %u events of staff and machines.",
                   hidden);
}

/* ---- keep in order ---- */

static void mark_read(struct screen *screen)
{
    const char *id = screen_selected_account(screen);
    const struct tally *tally = screen->host->tally;

    if (!id) {
        screen_message(screen, "No account here to mark read.");
        return;
    }
    tally_mark_read(screen->host->tally, id);
    for (size_t i = 0; i < tally_accounts(tally); i++) {
        const struct tally_account *account = tally_account(tally, i);

        if (account->id && !strcmp(account->id, id))
            screen_message(screen, "Read: %s.", account->name);
    }
}

static void set_floor(struct view *view, struct screen *screen)
{
    view_set_floor(view, screen->floor);
}

void screen_begin_again(struct screen *screen)
{
    screen->frozen = false;
    screen->floor = 0;
    screen->looked_number = screen->last_key_number = 0;
    each_view(screen, freeze_view);
    each_view(screen, set_floor);
    for (size_t i = 0; i < screen->pane_count; i++)
        if (i != 1)
            stream_follow(screen->panes[i]);
    screen_dirty(screen);
}

static void hide_until_now(struct screen *screen)
{
    screen->floor = screen->floor ? 0 : ring_newest(screen->host->ring);
    each_view(screen, set_floor);
    screen_message(screen, screen->floor
                               ? "Everything until now is hidden. x shows it."
                               : "Showing everything again.");
}

/* ---- screen ---- */

static void resize_pane(struct screen *screen, int cells)
{
    if (screen->focus == 0)
        cells = -cells, screen->right_extra += cells;
    else if (screen->focus == 1)
        screen->left_extra += cells;
    else
        screen->right_extra += cells;
}

static void equal_panes(struct screen *screen)
{
    screen->left_extra = screen->right_extra = 0;
    screen->zoom = false;
}

static void change_theme(struct screen *screen, const char *arg)
{
    char *next = *arg ? xstrdup(arg) : theme_next(theme_name(screen->theme));
    struct err err;

    if (screen_use_theme(screen, next, &err))
        screen_message(screen, "Theme: %s.", next);
    else
        screen_message(screen, "%s", err.text);
    free(next);
}

static void toggle_mouse(struct screen *screen)
{
    screen->mouse = !screen->mouse;
    tty_mouse(screen->tty, screen->mouse);
    screen_message(screen, screen->mouse
                               ? "Mouse on: wheel and click work here."
                               : "Mouse off: the terminal selects text.");
}

static void redraw(struct screen *screen)
{
    screen->repaint = true;
}

static void suspend(struct screen *screen)
{
    tty_suspend(screen->tty);
    screen->repaint = true;
}

static void reload(struct screen *screen)
{
    struct err err;

    labels_refresh(screen->labels, NULL); /* names may be others now */
    if (screen->host->reload(screen->host->ctx, &err) &&
        screen_use_theme(screen, theme_name(screen->theme), &err))
        screen_message(screen, "Reread accounts, event names and theme.");
    else
        screen_message(screen, "%s", err.text);
}

static void show_help(struct screen *screen)
{
    screen_show(screen, help_new(screen, screen_where(screen)));
}

/* Those that take no argument and need nothing but the screen. */
static bool perform_plain(struct screen *screen, enum action action)
{
    static void (*const calls[ACTION_COUNT])(struct screen * screen) = {
        [ACTION_live] = to_live,
        [ACTION_back] = go_back,
        [ACTION_quit] = quit,
        [ACTION_clear] = clear_filter,
        [ACTION_freeze] = toggle_freeze,
        [ACTION_hidden] = toggle_hidden,
        [ACTION_read] = mark_read,
        [ACTION_hide_until_now] = hide_until_now,
        [ACTION_equal] = equal_panes,
        [ACTION_mouse] = toggle_mouse,
        [ACTION_redraw] = redraw,
        [ACTION_suspend] = suspend,
        [ACTION_reload] = reload,
        [ACTION_help] = show_help,
    };

    if (!calls[action])
        return false;
    calls[action](screen);
    return true;
}

static bool is_link(enum action action)
{
    return action >= ACTION_replay && action <= ACTION_copy_json;
}

static void send_on(struct screen *screen)
{
    const struct display_host *host = screen->host;
    uint64_t seq = screen_selected(screen);
    size_t mirrors =
        seq && host->mirror_send ? host->mirror_send(host->ctx, seq) : 0;

    if (!seq)
        screen_message(screen, "No event is selected.");
    else if (!mirrors)
        screen_message(screen, "Not sent: no mirror is on. :mirrors");
    else
        screen_message(screen, "Sent on to %zu mirror%s.", mirrors,
                       mirrors == 1 ? "" : "s");
}

void perform(struct screen *screen, enum action action, const char *arg)
{
    if (perform_plain(screen, action))
        return;
    if (is_link(action)) {
        links_action(screen->links, action, screen_selected(screen));
        return;
    }
    switch (action) {
    case ACTION_next_pane:
        next_pane(screen, true);
        break;
    case ACTION_previous_pane:
        next_pane(screen, false);
        break;
    case ACTION_filter:
        filter(screen, arg);
        break;
    case ACTION_category:
        toggle_category(screen, arg);
        break;
    case ACTION_find:
        find(screen, arg);
        break;
    case ACTION_command:
        open_prompt(screen, PROMPT_COMMAND);
        break;
    case ACTION_theme:
        change_theme(screen, arg);
        break;
    case ACTION_mirrors:
        screen_show(screen, mirrors_pane(screen));
        break;
    case ACTION_send:
        send_on(screen);
        break;
    case ACTION_read_all:
        tally_mark_all_read(screen->host->tally);
        break;
    case ACTION_zoom:
        screen->zoom = !screen->zoom;
        break;
    case ACTION_wider:
        resize_pane(screen, WIDER_CELLS);
        break;
    case ACTION_narrower:
        resize_pane(screen, -WIDER_CELLS);
        break;
    default:
        /* A list's own action, and this pane has none. */
        break;
    }
}
