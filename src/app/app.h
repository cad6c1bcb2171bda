/* The program, wired: who owns what, start and stop order.
 *
 * app_open() makes everything top-down, app_run() turns the loop until
 * somebody stops it, app_close() takes it apart in the order that loses
 * nothing. Commands that receive (watch, serve, demo) are a few lines on top
 * of this; what hangs on the journal (mirrors, feeds) gets its pieces from
 * the functions below. All of it is on the loop's thread. */
#ifndef TELLTALE_APP_H
#define TELLTALE_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "event/event.h"
#include "journal/journal.h"
#include "live/display.h"
#include "net/client.h"
#include "net/loop.h"
#include "net/server.h"

struct app;

/* Everything is borrowed and must outlive the app. Zero means: as the
 * configuration says. */
struct app_options {
    const struct config *config;
    /* A screen to draw on; NULL: none. */
    const struct display_ops *display;
    const char *command; /* "watch": who owns the journal, for others */
    bool hangup_reads;   /* SIGHUP reads book and catalogue again; else it
                            means that the terminal is gone: the end */
    bool confined;       /* obeys --sandbox (confine.h) */

    /* Nothing is received here: events come from the telltale at that address
     * (source/feed.h), by that viewer's token. NULL: they are posted here. */
    const char *attach, *attach_token;

    /* Overrides, for `demo`. */
    const char *journal; /* path */
    const char *listen;  /* "127.0.0.1:0" */
    const char *book;    /* CSV text in memory instead of the file */
    const char *theme;
    bool follow_clock; /* received_at := occurred_at */
    bool demo;         /* shown on the screen; the token is made in
                              memory and the user's files are not touched */

    /* Called for every committed batch (its fresh events), and at the end
     * of every turn; may be NULL. */
    void (*on_kept)(void *ctx, const struct event_batch *batch);
    void (*on_turn)(void *ctx);
    void *ctx;
};

/* Blocks: start-up only. NULL with err; *exit_code says how to end. */
struct app *app_open(const struct app_options *options, int *exit_code,
                     struct err *err);
/* Until app_stop(), a signal or the screen's quit; returns an exit code. */
int app_run(struct app *app);
/* Ends app_run() in order: no new connections, what is queued is committed
 * and answered (2 s at most). The first code given holds. */
void app_stop(struct app *app, int exit_code);
void app_close(struct app *app); /* NULL is allowed */

/* Fetches the past from PostHog, beside everything else, and shows it when all
 * is there. False with err: no key, no project, no book, or one that is under
 * way already. */
bool app_backfill(struct app *app, int64_t since_ms, int64_t until_ms,
                  struct err *err);

struct loop *app_loop(struct app *app);
struct journal *app_journal(struct app *app);
/* Takes out of an event what is kept and not shown ([privacy] prompts), into
 * arena: before it is printed. */
void app_conceal(const struct app *app, struct event *event,
                 struct arena *arena);
/* The one client for requests that go out; made when first asked for. */
struct client *app_client(struct app *app);
/* "http://127.0.0.1:8420/hook/<token>", the address to post to on this
 * machine; the public one, if configured, is app_public_hook_url(). */
const char *app_hook_url(const struct app *app);
const char *app_public_hook_url(const struct app *app); /* or NULL */
/* The same with the token masked once an event ever came. */
const char *app_shown_hook_url(const struct app *app);
/* "127.0.0.1:8420"; NULL: nobody posts here (attached), nor is there an
 * address to post to */
const char *app_listening(const struct app *app);
/* The screen should be drawn anew: something shown has changed. */
void app_changed(struct app *app);

/* What came of what was posted, since the start. */
struct app_counts {
    uint64_t events, duplicates, forgotten, refused;
};
struct app_counts app_counts(const struct app *app);

#endif
