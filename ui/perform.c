/* Running commands: the pane with the focus is asked first; what it has no
 * use for is done here: filter, freeze, zoom, theme … */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/moment.h"
#include "ui/history.h"
#include "ui/links.h"
#include "ui/pane/mask.h"
#include "ui/pane/replays.h"
#include "ui/pane/saved.h"
#include "ui/pane/signal_list.h"
#include "ui/pane/stream.h"
#include "ui/pane/over.h"
#include "ui/pane/time_text.h"
#include "ui/perform.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

/* Of the stream and of the category panes. */
static void each_view(struct screen *screen,
                      void (*call)(struct view *view, struct screen *screen))
{
    for (size_t i = 0; i < screen->pane_count; i++)
        if (i != PANE_ACCOUNTS)
            call(stream_view(screen->panes[i]), screen);
}

/* ---- what panes ask for ---- */

void perform_focus_stream(struct screen *screen)
{
    tabs_go(screen, TAB_live);
    screen_focus(screen, PANE_STREAM);
}

void perform_to_signal(struct screen *screen, int64_t id)
{
    tabs_go(screen, TAB_signals);
    signal_list_select(screen->tables[TAB_signals], id);
}

void perform_select(struct screen *screen, uint64_t number)
{
    stream_select(screen->panes[PANE_STREAM], number);
}

bool perform_set_filter(struct screen *screen, const char *text,
                        struct query_error *error)
{
    struct query *query;
    struct buf meant;

    buf_init(&meant, LIMIT_PASTE * 2);
    mask_reveal_query(&meant, text);
    query = query_parse(meant.data, error);
    if (!query) {
        buf_free(&meant);
        return false;
    }
    free(screen->filter);
    screen->filter = xstrdup(meant.data + strspn(meant.data, " "));
    buf_free(&meant);
    view_set_query(screen_view(screen), query);
    stream_refilter(screen->panes[PANE_STREAM]);
    screen_dirty(screen);
    return true;
}

bool perform_filter(struct screen *screen, const char *text,
                    struct query_error *error)
{
    struct pane *stream = screen->panes[PANE_STREAM];
    uint64_t at = stream_cursor(stream);
    bool filtered = *screen_filter_text(screen);

    if (!perform_set_filter(screen, text, error))
        return false;
    if (filtered && !*screen_filter_text(screen))
        stream_hold(stream, at);
    return true;
}

/* ---- move ---- */

/* To the next pane that shows; in one column, the accounts take the place of
 * the stream. */
static void turn_pane(struct screen *screen, bool forward)
{
    size_t count =
        screen->layout.columns == 1 ? PANE_CATEGORIES : screen->pane_count;
    size_t next = screen->focus;

    if (stream_is_empty(screen->panes[PANE_STREAM]))
        return;
    for (size_t i = 0; i < count; i++) {
        next = (next + (forward ? 1 : count - 1)) % count;
        if (screen->zoom || screen->layout.columns == 1 ||
            pane_shows(screen->panes[next]))
            break;
    }
    screen_focus(screen, next);
}

static void next_pane(struct screen *screen)
{
    turn_pane(screen, true);
}

static void previous_pane(struct screen *screen)
{
    turn_pane(screen, false);
}

static void to_accounts(struct screen *screen)
{
    tabs_go(screen, TAB_accounts);
}

static void to_people(struct screen *screen)
{
    tabs_go(screen, TAB_people);
}

static void to_coverage(struct screen *screen)
{
    tabs_go(screen, TAB_coverage);
}

static void to_signals(struct screen *screen)
{
    tabs_go(screen, TAB_signals);
}

static void clear_filter(struct screen *screen)
{
    struct query_error error;

    perform_filter(screen, "", &error);
}

static bool put_problem_away(struct screen *screen)
{
    const struct display_host *host = screen->host;

    if (!screen_status(screen)->problem)
        return false;
    host->put_away(host->ctx, true);
    screen_message(screen,
                   "Put away until it is over. :problem shows it again.");
    return true;
}

static void show_problem(struct screen *screen)
{
    const struct display_host *host = screen->host;

    if (!screen_status(screen)->problem &&
        !screen_status(screen)->problem_away)
        screen_message(screen, "There is no problem.");
    host->put_away(host->ctx, false);
}

static void go_back(struct screen *screen)
{
    if (screen_back(screen) || put_problem_away(screen))
        return;
    if (*screen_find_text(screen))
        screen_find(screen, NULL);
    else if (screen->tab != TAB_live)
        tabs_go(screen, TAB_live);
    else if (*screen_filter_text(screen))
        clear_filter(screen);
    else if (screen->zoom)
        perform_toggle_zoom(screen);
    else
        screen_focus(screen, PANE_STREAM);
}

static void quit(struct screen *screen)
{
    if (screen_back(screen))
        return;
    if (screen->tab != TAB_live) {
        tabs_go(screen, TAB_live);
        return;
    }
    screen->quitting = true;
    screen->host->quit(screen->host->ctx);
}

/* ---- choose ---- */

static void open_prompt(struct screen *screen, enum prompt_kind kind)
{
    if (screen->prompt)
        return;
    hold_selected(screen);
    screen->prompt =
        prompt_new(screen, kind,
                   kind == PROMPT_FILTER ? screen_filter_text(screen) : "");
}

static void close_prompt(struct screen *screen)
{
    prompt_free(screen->prompt);
    screen->prompt = NULL;
}

static void ask_command(struct screen *screen)
{
    open_prompt(screen, PROMPT_COMMAND);
}

static void filter(struct screen *screen, const char *arg)
{
    struct query_error error;

    if (!*arg)
        open_prompt(screen, PROMPT_FILTER);
    else if (!perform_filter(screen, arg, &error))
        screen_message(screen, "%s (column %d)", error.err.text,
                       error.column + 1);
}

static void no_view(struct screen *screen)
{
    screen_message(screen, "No view is selected: v lists them.");
}

/* What is there is read: the number of new ones begins at nothing. */
static void save_view(struct screen *screen, const char *arg)
{
    const struct record *newest =
        ring_get(screen->host->ring, ring_newest(screen->host->ring));
    struct err err;

    if (!*arg && !*screen_filter_text(screen))
        screen_message(screen, "There is no filter to save: f asks for one.");
    else if (!*arg && !screen->prompt)
        screen->prompt = prompt_new(screen, PROMPT_COMMAND, "save-view ");
    else if (saved_put(arg, screen_filter_text(screen),
                       newest ? newest->seq : 0, &err))
        screen_message(screen, "Saved as a view: %s. v lists them.", arg);
    else
        screen_message(screen, "%s", err.text);
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
    buf_init(&text, LIMIT_TEXT * 4);
    query_add_with_categories(&text, query, mask ^ 1u << category);
    if (!perform_filter(screen, text.data, &error))
        screen_message(screen, "%s", error.err.text);
    buf_free(&text);
}

static void find(struct screen *screen, const char *arg)
{
    if (!screen_top(screen)->ops->finds) {
        perform_no_find(screen);
    } else if (!*arg) {
        open_prompt(screen, PROMPT_FIND);
    } else {
        screen_find(screen, arg);
        perform_run(screen, "find-next");
    }
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

/* ---- the past ---- */

static void not_past(struct screen *screen)
{
    screen_message(screen, "Nothing plays here: T goes to a time.");
}

/* The stream has it, whatever has the focus. */
static bool go_to_moment(struct screen *screen, const char *text,
                         struct err *err)
{
    int64_t ms;

    if (!moment_parse(text, screen_now(screen), &ms))
        return err_set(err, "\"%.40s\" is no time: " MOMENT_WORDS, text);
    if (ms > screen_now(screen))
        return err_set(err, "that is still to come");
    perform_focus_stream(screen);
    stream_go_to_time(screen->panes[PANE_STREAM], ms);
    return true;
}

void perform_go_to_time(struct screen *screen, const char *arg)
{
    struct err err;

    if (!*arg)
        open_prompt(screen, PROMPT_TIME);
    else if (!go_to_moment(screen, arg, &err))
        screen_message(screen, "%s", err.text);
}

/* What is shown and hidden is another: panes that show the past begin anew. */
static void refilter_all(struct screen *screen)
{
    for (size_t i = 0; i < screen->pane_count; i++)
        if (i != PANE_ACCOUNTS)
            stream_refilter(screen->panes[i]);
}

static void show_hidden(struct view *view, struct screen *screen)
{
    view_show_hidden(view, screen->show_hidden);
}

static void toggle_hidden(struct screen *screen)
{
    size_t hidden = ring_hidden(screen->host->ring);

    screen->show_hidden = !screen->show_hidden;
    each_view(screen, show_hidden);
    refilter_all(screen);
    if (screen->show_hidden)
        screen_message(screen,
                       "Showing %zu event%s of staff and machines. H hides "
                       "%s.",
                       hidden, plural_text(hidden),
                       hidden == 1 ? "it" : "them");
    else
        screen_message(screen, "Hiding %zu event%s of staff and machines.",
                       hidden, plural_text(hidden));
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
    if (screen->host->read)
        screen->host->read(screen->host->ctx, id);
    for (size_t i = 0; i < tally_accounts(tally); i++) {
        const struct tally_account *account = tally_account(tally, i);

        if (account->id && !strcmp(account->id, id))
            screen_message(screen, "%s: all read.", account->name);
    }
}

static void mark_all_read(struct screen *screen)
{
    tally_mark_all_read(screen->host->tally);
}

static void set_floor(struct view *view, struct screen *screen)
{
    view_set_floor(view, screen->floor);
}

void screen_begin_again(struct screen *screen, bool keep_past)
{
    screen->frozen = false;
    screen->floor = 0;
    screen->looked_number = screen->last_key_number = 0;
    each_view(screen, freeze_view);
    each_view(screen, set_floor);
    for (size_t i = 0; i < screen->pane_count; i++)
        if (i != PANE_ACCOUNTS)
            stream_begin_again(screen->panes[i], keep_past);
    screen_dirty(screen);
}

void screen_forget(struct screen *screen, enum display_forgetting forgetting)
{
    static const char *const said[] = {
        [FORGETS] = "Somebody is being forgotten: their rows are gone.",
        [FORGOT] = "Somebody is forgotten: their rows are gone.",
        [FORGETS_IN_VAIN] = "Nobody is forgotten: the journal could not do "
                            "it. What is left of theirs shows again."};

    close_prompt(screen);
    clear_filter(screen);
    screen_find(screen, NULL);
    history_forget();
    mask_forget();
    hold_free(screen);
    while (screen_back(screen))
        ;
    replays_clear(links_replays(screen->links));
    signal_list_forget(screen->tables[TAB_signals]);
    screen_begin_again(screen, false);
    screen_message(screen, "%s", said[forgetting]);
}

static void hide_until_now(struct screen *screen)
{
    uint64_t newest = ring_newest(screen->host->ring);

    if (!screen->floor && !newest) {
        screen_message(screen, "Nothing came yet that could be hidden.");
        return;
    }
    screen->floor = screen->floor ? 0 : newest;
    each_view(screen, set_floor);
    refilter_all(screen);
    screen_message(screen, screen->floor
                               ? "Everything until now is hidden. x shows it."
                               : "Showing everything again.");
}

/* ---- commands ---- */

/* What the table says is done; none of it: a list's own action, and the pane
 * with the focus is no such list. */
static const struct handler {
    void (*screen)(struct screen *screen);
    void (*text)(struct screen *screen, const char *arg);
    links_act *event;
    struct pane *(*over)(struct screen *screen);
} handlers[ACTION_COUNT] = {
#define SCREEN(call) .screen = (call)
#define TEXT(call) .text = (call)
#define EVENT(call) .event = (call)
#define OVER(make) .over = (make)
#define PANE .screen = NULL
#define ACTION(id, command, keys, where, group, handler, brief, help)         \
    {handler},
#include "ui/actions.def"
#undef ACTION
};

static void perform(struct screen *screen, enum action action, const char *arg)
{
    const struct handler *handler = &handlers[action];

    if (handler->screen)
        handler->screen(screen);
    else if (handler->text)
        handler->text(screen, arg);
    else if (handler->event)
        links_on_event(screen->links, screen_selected(screen), handler->event);
    else if (handler->over)
        screen_show(screen, handler->over(screen));
    else if (!(action_row(action)->where & screen_top(screen)->where))
        perform_not_here(screen, action);
}

bool perform_run(struct screen *screen, const char *command)
{
    struct pane *top = screen_top(screen);
    enum action action;
    const char *arg;
    struct err err;

    screen_dirty(screen);
    if (!action_parse(command, &action, &arg, &err)) {
        screen_message(screen, "%s", err.text);
        return false;
    }
    if (!top->ops->action || !top->ops->action(top, action, arg))
        perform(screen, action, arg);
    return true;
}
