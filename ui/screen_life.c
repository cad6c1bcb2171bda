/* Opening and closing the screen, and the calls the program makes on it
 * (struct display_ops). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/clipboard.h"
#include "ui/history.h"
#include "ui/links.h"
#include "ui/pane/accounts.h"
#include "ui/pane/highlight.h"
#include "ui/pane/mask.h"
#include "ui/pane/saved.h"
#include "ui/pane/stream.h"
#include "ui/pane/time_text.h"
#include "ui/perform.h"
#include "ui/row_links.h"
#include "ui/term/hyper.h"
#include "ui/screen_internal.h"
#include "ui/swatches.h"
#include "ui/term/alert.h"
#include "ui/term/examine.h"
#include "ui/ui.h"
#include "base/banned.h"

#define ANSWER_US 1000000 /* for the background */

struct display {
    struct screen screen;
};

static const char *option(const struct screen *screen, const char *name)
{
    const char *value = screen->host->option(screen->host->ctx, name);

    return value ? value : "";
}

static bool wants_unicode(const struct screen *screen)
{
    const char *glyphs = option(screen, "glyphs");

    if (!strcmp(glyphs, "ascii"))
        return false;
    if (!strcmp(option(screen, "ambiguous_width"), "wide"))
        return false;
    return tty_utf8(screen->tty);
}

static void add_pane(struct screen *screen, struct pane *pane)
{
    screen->panes[screen->pane_count++] = pane;
}

/* "billing ai flags": which categories have a pane of their own. */
static void add_category_panes(struct screen *screen)
{
    const char *at = option(screen, "panes");

    while (screen->pane_count < PANES_MAX && *(at += strspn(at, " ,"))) {
        size_t len = strcspn(at, " ,");
        enum category category;
        char name[16];

        snprintf(name, sizeof name, "%.*s", (int)len, at);
        if (category_parse(name, &category))
            add_pane(screen, stream_new(screen, category));
        at += len;
    }
}

/* Those of saved views stand behind the categories'. */
static void drop_view_panes(struct screen *screen)
{
    while (screen->pane_count > PANE_CATEGORIES) {
        struct pane *last = screen->panes[screen->pane_count - 1];

        if (!stream_view_name(last))
            break;
        last->ops->free(last);
        screen->pane_count--;
    }
    if (screen->focus >= screen->pane_count)
        screen->focus = PANE_STREAM;
}

static void add_view_pane(struct screen *screen, const struct saved *saved)
{
    struct pane *pane = stream_new_view(screen, saved->name, saved->query);
    struct view *view = stream_view(pane);

    view_show_hidden(view, screen->show_hidden);
    view_set_floor(view, screen->floor);
    view_freeze(view, screen->frozen);
    add_pane(screen, pane);
}

static bool set_view_panes(struct screen *screen)
{
    size_t i;

    drop_view_panes(screen);
    for (i = 0; i < saved_count(); i++) {
        if (!saved_at(i)->has_pane)
            continue;
        if (screen->pane_count == PANES_MAX)
            break;
        add_view_pane(screen, saved_at(i));
    }
    screen_dirty(screen);
    return i == saved_count();
}

static bool open_link(struct screen *screen, const char *project_url,
                      const char *url)
{
    return links_open(screen->links, project_url, url);
}

static void copy(struct screen *screen, const char *text, const char *what)
{
    links_copy(screen->links, text, what);
}

static const char *row_link(const struct screen *screen, uint64_t seq)
{
    return screen->row_links && seq && !mask_on()
               ? row_links_find(screen->row_links, seq)
               : NULL;
}

static const struct screen_ops for_panes = {
    .run = perform_run,
    .filter = perform_filter,
    .select = perform_select,
    .focus_stream = perform_focus_stream,
    .to_signal = perform_to_signal,
    .set_view_panes = set_view_panes,
    .open_link = open_link,
    .copy = copy,
    .row_link = row_link,
};

static void bind_key(void *ctx, const char *key, const char *command)
{
    struct screen *screen = ctx;
    struct err err;

    if (!keymap_bind(screen->map, key, command, &err))
        screen_message(screen, "[keys] %s: %s", key, err.text);
}

/* A demo leaves nothing behind. */
static void open_saved(struct screen *screen)
{
    const char *journal = option(screen, "journal");

    if (!*journal || screen_status(screen)->demo)
        journal = NULL;
    history_open(journal);
    saved_open(journal);
    arrange_open(screen, journal);
    set_view_panes(screen);
}

/* The first frame does not wait for the answer, which many never give. The
 * Linux console takes the question for text. */
static void ask_background(struct screen *screen)
{
    static const char question[] = "\033]11;?\033\\";
    const char *term = getenv("TERM");

    if (term && !strncmp(term, "linux", 5))
        return;
    tty_send(screen->tty, question, sizeof question - 1);
    screen->asked_until = clock_mono_us() + ANSWER_US;
}

/* Rows are links where the terminal shows them. */
static void begin_links(struct screen *screen)
{
    const char *wanted = option(screen, "hyperlinks");
    struct hyper *hyper;

    if (!strcmp(wanted, "no") || (strcmp(wanted, "yes") && !hyper_known()))
        return;
    hyper = tty_links(screen->tty);
    draw_hyper(screen->draw, hyper);
    if (hyper)
        screen->row_links = row_links_new(screen);
}

static bool start(struct screen *screen, struct err *err)
{
    const char *theme = option(screen, "theme");

    screen->theme = theme_load(*theme ? theme : "terminal", err);
    if (!screen->theme)
        return false;
    screen->mouse = strcmp(option(screen, "mouse"), "no") != 0;
    screen->ages = !strcmp(option(screen, "times"), "age");
    mask_set(!strcmp(option(screen, "screen_share"), "yes"));
    screen->tty =
        tty_open(screen->mouse,
                 strcmp(option(screen, "bidi"), "terminal") != 0, err);
    if (!screen->tty)
        return false;
    screen->draw = draw_new(screen->theme, wants_unicode(screen),
                            tty_truecolor(screen->tty));
    text_set_ambiguous_wide(
        !strcmp(option(screen, "ambiguous_width"), "wide"));
    screen->keys = keys_new();
    screen->map = keymap_new();
    screen->clipboard = clipboard_new(screen);
    screen->links = links_new(screen);
    screen->labels = labels_new(screen->host->tally);
    screen->highlight = highlight_new(screen->host);
    add_pane(screen, stream_new(screen, CATEGORY_COUNT));
    screen->view = stream_view(screen->panes[PANE_STREAM]);
    add_pane(screen, accounts_new(screen));
    add_category_panes(screen);
    tabs_new(screen);
    screen->host->keys(screen->host->ctx, bind_key, screen);
    open_saved(screen);
    begin_links(screen);
    ask_background(screen);
    return true;
}

void screen_free(struct screen *screen)
{
    history_close();
    saved_close();
    arrange_close();
    mask_set(false);
    mask_forget();
    prompt_free(screen->prompt);
    hold_free(screen);
    while (screen_back(screen))
        ;
    for (size_t i = 0; i < screen->pane_count; i++)
        screen->panes[i]->ops->free(screen->panes[i]);
    tabs_free(screen);
    row_links_free(screen->row_links);
    links_free(screen->links);
    clipboard_free(screen->clipboard);
    labels_free(screen->labels);
    highlight_free(screen->highlight);
    if (screen->map)
        keymap_free(screen->map);
    if (screen->keys)
        keys_free(screen->keys);
    if (screen->draw)
        draw_free(screen->draw);
    if (screen->tty)
        tty_close(screen->tty);
    theme_free(screen->theme);
    free(screen->filter);
    free(screen->find);
    free(screen);
}

static bool watch_terminal(const struct screen *screen)
{
    const struct display_host *host = screen->host;

    return host->watch_input(host->ctx, tty_in(screen->tty)) &&
           host->watch_output(host->ctx, tty_out(screen->tty));
}

struct screen *screen_new(const struct display_host *host, struct err *err)
{
    struct display *display = xcalloc(1, sizeof *display);
    struct screen *screen = &display->screen;

    screen->ops = &for_panes;
    screen->host = host;
    if (!start(screen, err)) {
        screen_free(screen);
        return NULL;
    }
    screen->looked_at = screen->last_key_at = screen_now(screen);
    screen->looked_before = history_looked();
    screen->last_key = clock_mono_us();
    if (!watch_terminal(screen)) {
        err_set(err, "cannot watch the terminal");
        screen_free(screen);
        return NULL;
    }
    screen_dirty(screen);
    frame_arm(screen);
    return screen;
}

/* ---- struct display_ops ---- */

static struct display *display_open(const struct display_host *host,
                                    struct err *err)
{
    return (struct display *)screen_new(host, err);
}

static void display_close(struct display *display)
{
    struct screen *screen = &display->screen;

    screen->quitting = true;
    screen->host->unwatch(screen->host->ctx);
    screen->host->arm(screen->host->ctx, 0);
    screen_free(screen);
}

/* Every way in ends here: what waits to be written is asked for, the timer
 * set. */
static void settle(struct screen *screen)
{
    if (screen->quitting)
        return;
    if (tty_gone(screen->tty)) {
        screen->quitting = true;
        screen->host->unwatch(screen->host->ctx);
        screen->host->quit(screen->host->ctx);
        return;
    }
    screen->host->want_output(screen->host->ctx, tty_behind(screen->tty));
    frame_arm(screen);
}

static void display_input(struct display *display)
{
    struct screen *screen = &display->screen;

    if (tty_read(screen->tty, keys_buffer(screen->keys)))
        input_take(screen, false);
    settle(screen);
}

/* A terminal that was behind for long may have lost its place: every cell
 * again, and a word about it. */
static void display_output(struct display *display)
{
    struct screen *screen = &display->screen;
    int64_t behind = tty_behind_us(screen->tty);
    char number[NUMBER_SIZE];

    if (tty_pump(screen->tty) && behind > 1000000) {
        screen->repaint = true;
        number_text(screen->frames_left_out, number);
        screen_message(screen,
                       "Slow terminal: %s frame%s left out, %.1f s behind. "
                       "Receiving is not affected.",
                       number, plural_text(screen->frames_left_out),
                       (double)behind / 1e6);
    }
    settle(screen);
}

static void display_timer(struct display *display)
{
    frame_due(&display->screen);
    settle(&display->screen);
}

static void display_resized(struct display *display)
{
    struct screen *screen = &display->screen;

    if (tty_resize(screen->tty)) {
        screen->repaint = true;
        screen_dirty(screen);
    }
    settle(screen);
}

static void display_suspend(struct display *display)
{
    screen_run(&display->screen, "suspend");
    settle(&display->screen);
}

static void display_resumed(struct display *display)
{
    struct screen *screen = &display->screen;

    screen->host->unwatch(screen->host->ctx);
    if (!tty_resume(screen->tty) || !watch_terminal(screen))
        return; /* what is typed is the shell's, until `fg` */
    screen->repaint = true;
    screen_dirty(screen);
    settle(screen);
}

static void display_events(struct display *display, size_t fresh)
{
    struct screen *screen = &display->screen;

    news_came(screen, fresh);
    news_from_absence(screen);
    if (tty_behind(screen->tty))
        screen->frames_left_out++;
    screen_dirty(screen);
    settle(screen);
}

static void display_changed(struct display *display)
{
    news_from_absence(&display->screen);
    screen_dirty(&display->screen);
    settle(&display->screen);
}

static void display_past_came(struct display *display, size_t events)
{
    struct screen *screen = &display->screen;

    screen_begin_again(screen, true);
    screen_message(screen, "The past is here: %zu event%s.", events,
                   plural_text(events));
    settle(screen);
}

static void display_forgetting(struct display *display,
                               enum display_forgetting forgetting)
{
    screen_forget(&display->screen, forgetting);
    settle(&display->screen);
}

static void display_views_written(struct display *display)
{
    struct screen *screen = &display->screen;

    saved_reread();
    set_view_panes(screen);
    settle(screen);
}

static void display_said(struct display *display, const char *text)
{
    struct screen *screen = &display->screen;

    screen_message(screen, "%s", text);
    settle(screen);
}

/* "Borealis Freight · Lucía Marín had a payment …": who is not known here by
 * that name is not told while the screen is shared. */
static void masked_alert(struct screen *screen, struct buf *said_title,
                         struct buf *said, const char *title, const char *text)
{
    const char *who;

    mask_learn(screen->host);
    mask_learn_newest(screen->host->ring);
    mask_add(said_title, title);
    mask_add(said, text);
    who = strstr(said->data, " · ");
    who = who ? who + strlen(" · ") : said->data;
    if (!mask_on() || !strncmp(who, "Person ", 7) || !strncmp(who, "- ", 2))
        return;
    buf_clear(said);
    buf_adds(said, "a rule matched; who it was is masked");
}

static void display_alert(struct display *display, unsigned how,
                          const char *title, const char *text)
{
    struct screen *screen = &display->screen;
    struct buf bytes, said_title, said;

    buf_init(&bytes, 4 * KIB);
    buf_init(&said_title, 4 * KIB);
    buf_init(&said, 4 * KIB);
    masked_alert(screen, &said_title, &said, title, text);
    if (how & ALERT_NOTIFY)
        alert_notify(&bytes, said_title.data, said.data);
    if (how & ALERT_BELL)
        alert_bell(&bytes);
    if (how & ALERT_TITLE)
        alert_title(&bytes, ++screen->news);
    screen_send(screen, bytes.data, bytes.len);
    buf_free(&bytes);
    screen_message(screen, "%s: %s", said_title.data, said.data);
    buf_free(&said_title);
    buf_free(&said);
    settle(screen);
}

static void display_recording(struct display *display, uint64_t seq,
                              enum recording recording, const char *why)
{
    struct screen *screen = &display->screen;

    links_recording(screen->links, seq, recording, why);
    settle(screen);
}

static void display_themes(struct buf *out, const char *in_use)
{
    swatches_write(out, in_use, swatches_colours());
}

static bool display_takes_key(const char *key, const char *command,
                              struct err *err)
{
    struct keymap *map = keymap_new();
    bool ok = keymap_bind(map, key, command, err);

    keymap_free(map);
    return ok;
}

const struct display_ops *ui_display(void)
{
    static const struct display_ops ops = {
        .open = display_open,
        .close = display_close,
        .input = display_input,
        .output = display_output,
        .timer = display_timer,
        .resized = display_resized,
        .suspend = display_suspend,
        .resumed = display_resumed,
        .events = display_events,
        .changed = display_changed,
        .past_came = display_past_came,
        .forgetting = display_forgetting,
        .views_written = display_views_written,
        .said = display_said,
        .recording = display_recording,
        .themes = display_themes,
        .alert = display_alert,
        .examine = terminal_examine,
        .examine_themes = swatches_examine,
        .takes_key = display_takes_key,
    };

    return &ops;
}
