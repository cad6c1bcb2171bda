/* The program's side of the screen: what struct display_host promises, told
 * by the loop, the journal and the configuration. Draws nothing. */
#include "app/internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/board.h"
#include "app/book_watch.h"
#include "app/inbox_service.h"
#include "app/link_service.h"
#include "app/mirror_service.h"
#include "app/recording_service.h"
#include "app/note_service.h"
#include "app/pin_service.h"
#include "app/pin_there.h"
#include "app/presence_service.h"
#include "app/reject_service.h"
#include "app/rule_service.h"
#include "app/usage_service.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/forget.h"
#include "live/past_piece.h"
#include "base/banned.h"

/* Timer and terminal. */

static void on_frame_timer(void *ctx)
{
    struct app *app = ctx;

    app->options.display->timer(app->display);
}

static void host_arm(void *ctx, int64_t mono_us)
{
    struct app *app = ctx;
    int64_t delay;

    if (!mono_us) {
        loop_timer_cancel(app->frame_timer);
        return;
    }
    delay = mono_us - clock_mono_us();
    loop_timer_set(app->frame_timer, delay > 0 ? delay : 0);
}

static void on_input(void *ctx)
{
    struct app *app = ctx;

    if (app->display)
        app->options.display->input(app->display);
}

static void on_output(void *ctx)
{
    struct app *app = ctx;

    if (!app->wants_output || !app->display)
        return;
    app->options.display->output(app->display);
    if (app->wants_output && app->output)
        loop_fd_want_write(app->output);
}

static bool host_watch_input(void *ctx, int in_fd)
{
    struct app *app = ctx;
    struct err err = {""};

    app->input = loop_watch(app->loop, in_fd, on_input, NULL, app, &err);
    if (!app->input)
        log_line(LOG_ERROR, "%s", err.text);
    return app->input != NULL;
}

static bool host_watch_output(void *ctx, int out_fd)
{
    struct app *app = ctx;
    struct err err = {""};

    app->output = loop_watch(app->loop, out_fd, NULL, on_output, app, &err);
    if (!app->output)
        log_line(LOG_ERROR, "%s", err.text);
    return app->output != NULL;
}

static void host_want_output(void *ctx, bool wanted)
{
    struct app *app = ctx;

    app->wants_output = wanted;
    if (wanted && app->output)
        loop_fd_want_write(app->output);
}

static void host_unwatch(void *ctx)
{
    struct app *app = ctx;

    if (app->input)
        loop_unwatch(app->input);
    if (app->output)
        loop_unwatch(app->output);
    app->input = app->output = NULL;
    app->wants_output = false;
}

/* One event from the journal. */

struct fetch {
    struct fetch *next;
    struct app *app;
    uint64_t seq;
    void (*found)(void *screen, const struct event *event);
    void *screen;
    struct event_batch *batch; /* the reader's until done */
};

/* On the reader's thread. */
static enum reader_step read_one(void *ctx, struct journal_reader *reader,
                                 struct err *err)
{
    struct fetch *fetch = ctx;

    if (!reader_event(reader, fetch->seq, fetch->batch, err) && err->text[0])
        return READER_FAILED;
    return READER_DONE;
}

/* Of who is being forgotten nothing shows. */
static bool is_gone(const struct app *app, const struct event *event)
{
    const struct board *board = app->services[SERVICE_board];

    return board && board->gone && forget_takes(board->gone, event);
}

static void fetch_end(struct fetch *fetch, bool ok)
{
    struct event *event =
        ok && fetch->batch->count ? &fetch->batch->events[0] : NULL;

    if (event && is_gone(fetch->app, event))
        event = NULL;
    if (event)
        decode_relabel(fetch->app->decode.book, event, &fetch->batch->arena);
    if (event)
        redaction_conceal(fetch->app->decode.conceal, event,
                          &fetch->batch->arena);
    fetch->found(fetch->screen, event);
    event_batch_free(fetch->batch);
    free(fetch);
}

static void on_fetched(void *ctx, bool ok, const struct err *err)
{
    struct fetch *fetch = ctx, **at = &fetch->app->fetches;
    struct app *app = fetch->app;

    if (!ok)
        log_line(LOG_WARN, "event %llu cannot be read: %s",
                 (unsigned long long)fetch->seq, err->text);
    while (*at && *at != fetch)
        at = &(*at)->next;
    if (*at)
        *at = fetch->next;
    fetch_end(fetch, ok);
    app_changed(app);
}

void host_fetch(void *ctx, uint64_t seq,
                void (*found)(void *screen, const struct event *event),
                void *screen)
{
    struct app *app = ctx;
    struct fetch *fetch;

    if (!app->journal) {
        found(screen, NULL);
        return;
    }
    if (seq & PAST_THERE) {
        past_there_fetch(app, seq, found, screen);
        return;
    }
    fetch = xcalloc(1, sizeof *fetch);
    fetch->next = app->fetches;
    fetch->app = app;
    fetch->seq = seq;
    fetch->found = found;
    fetch->screen = screen;
    fetch->batch = event_batch_new();
    app->fetches = fetch;
    journal_read(app->journal, read_one, on_fetched, fetch);
}

void host_drop_fetches(struct app *app)
{
    while (app->fetches) {
        struct fetch *fetch = app->fetches;

        app->fetches = fetch->next;
        fetch_end(fetch, false);
    }
}

/* The rest. */

static const struct book *host_book(void *ctx)
{
    return ((struct app *)ctx)->decode.book;
}

static const struct display_status *host_status(void *ctx)
{
    return app_status(ctx);
}

static void host_reload(void *ctx)
{
    struct app *app = ctx;

    app->reload_asked = true;
    app_reload_tokens(app);
    book_watch_reread(app->services[SERVICE_book]);
}

static void host_quit(void *ctx)
{
    app_stop(ctx, EXIT_DONE);
}

static const char *host_option(void *ctx, const char *name)
{
    struct app *app = ctx;
    const char *text;

    if (app->options.theme && !strcmp(name, "theme"))
        return app->options.theme;
    text = config_by_name(app->config, name);
    return text ? text : "";
}

struct key_walk {
    void (*each)(void *screen, const char *key, const char *command);
    void *screen;
};

static bool each_key(void *ctx, const char *name, const char *key,
                     const char *value, const char *where, struct err *err)
{
    struct key_walk *walk = ctx;

    (void)name;
    (void)where;
    (void)err;
    walk->each(walk->screen, key, value);
    return true;
}

static void host_keys(void *ctx,
                      void (*each)(void *screen, const char *key,
                                   const char *command),
                      void *screen)
{
    struct app *app = ctx;
    struct key_walk walk = {each, screen};

    config_section(app->config, "keys", each_key, &walk, NULL);
}

static const char *host_highlight(void *ctx, size_t index)
{
    const struct app *app = ctx;

    return rule_service_highlight(app->services[SERVICE_rules], index);
}

static void on_terminal_signal(void *ctx, int signal)
{
    struct app *app = ctx;
    const struct display_ops *ops = app->options.display;

    if (!app->display)
        return;
    if (signal == SIGWINCH)
        ops->resized(app->display);
    else if (signal == SIGTSTP)
        ops->suspend(app->display);
    else
        ops->resumed(app->display);
}

/* The mirrors, for the screen's list of them. */

static struct mirrors *mirrors_of(const struct app *app)
{
    return mirror_service_mirrors(app->services[SERVICE_mirrors]);
}

static bool host_mirror(void *ctx, size_t index, struct display_mirror *out)
{
    const struct mirrors *mirrors = mirrors_of(ctx);
    struct mirror_status status;

    if (!mirrors || index >= mirrors_count(mirrors))
        return false;
    status = mirrors_status(mirrors, index);
    *out = (struct display_mirror){.name = status.name,
                                   .type = status.type,
                                   .state = mirror_state_word(&status),
                                   .on = status.state == MIRROR_ON,
                                   .sent = status.events,
                                   .waiting = status.waiting,
                                   .parked = status.parked,
                                   .unread = status.unread,
                                   .trouble = status.trouble,
                                   .next_try = status.next_try};
    return true;
}

static void host_put_away(void *ctx, bool away)
{
    status_put_away(ctx, away);
}

static void host_mirror_switch(void *ctx, size_t index)
{
    struct mirrors *mirrors = mirrors_of(ctx);

    if (!mirrors || index >= mirrors_count(mirrors))
        return;
    if (mirrors_status(mirrors, index).state == MIRROR_ON)
        mirrors_pause(mirrors, index, NULL, NULL);
    else
        /* Why not is its trouble. */
        mirrors_resume(mirrors, index, NULL, NULL);
}

/* The event is read whole, then handed to every mirror that is on. */
static void send_found(void *ctx, const struct event *event)
{
    struct app *app = ctx;
    struct mirrors *mirrors = mirrors_of(ctx);
    char text[80];
    size_t on = 0;

    for (size_t i = 0; event && i < mirrors_count(mirrors); i++)
        if (mirrors_status(mirrors, i).state == MIRROR_ON) {
            mirrors_send(mirrors, i, event);
            on++;
        }
    if (on)
        snprintf(text, sizeof text,
                 "Handed to %zu mirror%s. :mirrors shows what waits.", on,
                 on == 1 ? "" : "s");
    else
        snprintf(text, sizeof text, "Not sent: %s.",
                 event ? "no mirror is on any more, :mirrors"
                       : "the journal has this event no longer");
    app->lent.said(app, text);
}

static size_t host_mirror_send(void *ctx, uint64_t seq)
{
    struct mirrors *mirrors = mirrors_of(ctx);
    size_t on = 0;

    for (size_t i = 0; mirrors && i < mirrors_count(mirrors); i++)
        on += mirrors_status(mirrors, i).state == MIRROR_ON;
    if (on)
        host_fetch(ctx, seq, send_found, ctx);
    return on;
}

static bool host_ask_recording(void *ctx, uint64_t seq,
                               const char *project_url, const char *session_id,
                               int64_t moment_ms)
{
    struct app *app = ctx;

    return recording_service_ask(app->services[SERVICE_recordings], seq,
                                 project_url, session_id, moment_ms);
}

static void host_signal_state(void *ctx, int64_t id, enum inbox_state state,
                              int64_t until)
{
    struct app *app = ctx;

    inbox_service_state(app->services[SERVICE_inbox], id, state, until);
}

static void host_signal_note(void *ctx, int64_t id, const char *note)
{
    struct app *app = ctx;

    inbox_service_note(app->services[SERVICE_inbox], id, note);
}

/* Pins. */

static void *pins_of(void *ctx)
{
    return ((struct app *)ctx)->services[SERVICE_pins];
}

static size_t host_pins(void *ctx)
{
    return pin_service_count(pins_of(ctx)) + pin_there_count(ctx);
}

static bool host_pin(void *ctx, size_t index, struct display_pin *out)
{
    return pin_there_at(ctx, index, out);
}

static bool host_pin_set(void *ctx, uint64_t seq, const char *note)
{
    return seq & PAST_THERE ? pin_there_set(ctx, seq, note)
                            : pin_service_set(pins_of(ctx), seq, note);
}

static void host_pin_remove(void *ctx, uint64_t seq)
{
    if (seq & PAST_THERE)
        pin_there_remove(ctx, seq);
    else
        pin_service_remove(pins_of(ctx), seq);
}

/* Notes on accounts. */

static const char *host_note(void *ctx, const char *account)
{
    struct app *app = ctx;

    return note_service_of(app->services[SERVICE_notes], account);
}

static bool host_note_set(void *ctx, const char *account, const char *text)
{
    struct app *app = ctx;

    return note_service_set(app->services[SERVICE_notes], account, text);
}

/* Who looks where: those of the feed there, or of our own. */

static void host_look(void *ctx, const char *account)
{
    struct app *app = ctx;

    presence_service_look(app->services[SERVICE_presence], account);
}

static void host_read(void *ctx, const char *account)
{
    struct app *app = ctx;

    if (app->options.attach)
        link_service_read(app->services[SERVICE_link], account);
    else if (app->act)
        act_read(app->act, account);
}

static const char *host_looks(void *ctx, const char *account, size_t *at)
{
    struct app *app = ctx;
    const struct presence *presence =
        app->looks ? looks_presence(app->looks)
                   : presence_service_others(app->services[SERVICE_presence]);

    while (presence && *at < presence_count(presence)) {
        size_t index = (*at)++;

        if (!strcmp(presence_account(presence, index), account) &&
            (!app->looks || *presence_who(presence, index)))
            return presence_who(presence, index);
    }
    return NULL;
}

/* What was refused. */

static void *rejects_of(void *ctx)
{
    return ((struct app *)ctx)->services[SERVICE_rejects];
}

static size_t host_rejects(void *ctx)
{
    return reject_service_count(rejects_of(ctx));
}

static bool host_reject(void *ctx, size_t index, struct display_reject *out)
{
    return reject_service_at(rejects_of(ctx), index, out);
}

static const char *host_reject_body(void *ctx, int64_t id, size_t *len)
{
    return reject_service_body(rejects_of(ctx), id, len);
}

static bool host_rejects_retry(void *ctx, struct err *err)
{
    return reject_service_retry(rejects_of(ctx), err);
}

/* What the screen may ask of the rest. */
static void lend(struct app *app)
{
    const struct board *board = app->services[SERVICE_board];

    app->host = (struct display_host){
        .ctx = app,
        .ring = board->ring,
        .tally = board->tally,
        .usage = usage_service_usage(app->services[SERVICE_usage]),
        .inbox = inbox_service_inbox(app->services[SERVICE_inbox]),
        .catalog = app->decode.catalog,
        .links = &app->decode.links,
        .journal_id = journal_id(app->journal),
        .book = host_book,
        .status = host_status,
        .arm = host_arm,
        .watch_input = host_watch_input,
        .watch_output = host_watch_output,
        .want_output = host_want_output,
        .unwatch = host_unwatch,
        .fetch = host_fetch,
        .judge = host_judge,
        .read_past = host_read_past,
        .ask_recording = host_ask_recording,
        .mirror = host_mirror,
        .put_away = host_put_away,
        .mirror_switch = host_mirror_switch,
        .mirror_send = host_mirror_send,
        .signal_state = host_signal_state,
        .signal_note = host_signal_note,
        .read = host_read,
        .look = host_look,
        .looks = host_looks,
        .pins = host_pins,
        .pin = host_pin,
        .pin_set = host_pin_set,
        .pin_remove = host_pin_remove,
        .note = host_note,
        .note_set = host_note_set,
        .rejects = host_rejects,
        .reject = host_reject,
        .reject_body = host_reject_body,
        .rejects_retry = host_rejects_retry,
        .reload = host_reload,
        .quit = host_quit,
        .option = host_option,
        .keys = host_keys,
        .highlight = host_highlight,
    };
}

bool host_open(struct app *app, struct err *err)
{
    static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT};

    lend(app);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!loop_on_signal(app->loop, signals[i], on_terminal_signal, app,
                            err))
            return false;
    app->frame_timer = loop_timer_new(app->loop, on_frame_timer, app);
    log_set_quiet_tty(true);
    app->display = app->options.display->open(&app->host, err);
    if (!app->display)
        log_set_quiet_tty(false);
    return app->display != NULL;
}

void host_close(struct app *app)
{
    if (app->display) {
        app->options.display->close(app->display);
        app->display = NULL;
        log_set_quiet_tty(false);
    }
    if (app->frame_timer)
        loop_timer_free(app->frame_timer);
    app->frame_timer = NULL;
}
