/* The app's own parts, for the files of this folder only. */
#ifndef TELLTALE_APP_INTERNAL_H
#define TELLTALE_APP_INTERNAL_H

#include "app/app.h"
#include "app/decode_context.h"
#include "app/posthog_access.h"
#include "app/problem.h"
#include "app/services.h"
#include "app/tokens.h"
#include "base/buf.h"
#include "net/control.h"
#include "serve/act.h"
#include "serve/events.h"
#include "serve/feed.h"
#include "serve/health.h"
#include "serve/looks.h"
#include "serve/metrics.h"
#include "serve/report.h"
#include "serve/signal_list.h"
#include "source/webhook.h"

struct cJSON;
struct fetch;
struct forget_run;

/* Posts that were refused for one reason, in one run of them. */
struct refusals {
    uint64_t count;            /* when last looked */
    uint64_t before;           /* when the run began */
    uint64_t events;           /* of strangers: kept at the last of them */
    int64_t since_ms, last_ms; /* wall time; since 0: no run */
};

struct app {
    struct app_options options;
    const struct config *config;

    struct decode_context decode;
    struct tokens tokens;
    struct loop *loop;
    struct journal *journal;
    /* NULL when attached, from here to server. */
    struct webhook *webhook;
    struct health *health;
    struct events *events;
    struct signal_lists *signal_lists;
    struct reports *reports;
    struct feed *feed;
    struct looks *looks; /* NULL: not told */
    struct act *act;
    struct metrics *metrics;
    struct lag lag; /* of what came since the start */
    struct server *server;
    struct control *control;
    struct client *client; /* NULL until somebody asks */

    struct forget_run *forgetting; /* the newest; NULL: none */

    struct posthog_access posthog;
    struct service_host lent;
    void *services[SERVICES]; /* NULL: not wanted */
    uint64_t told_seq;        /* what services know to be committed */

    struct loop_timer *watchdog_timer; /* NULL: nobody wants to hear it */
    struct loop_timer *stop_timer;     /* the 2 s to answer what is queued */
    bool stopping;
    bool reloading;    /* the service manager waits for the end of it */
    bool reload_asked; /* and so does somebody at the screen */
    int exit_code;

    char *hook_url, *public_hook_url, *shown_hook_url;
    bool empty;        /* no event ever: the token may be shown */
    size_t fresh;      /* events kept since the last turn ended */
    uint64_t kept_seq; /* newest of those */

    /* host.c: the screen and what it watches */
    struct display *display;
    struct display_host host;
    struct display_status status;
    struct loop_fd *input, *output;
    bool wants_output;
    struct loop_timer *frame_timer;
    struct fetch *fetches;       /* asked for, not yet answered */
    struct there_reading *there; /* asked of another telltale */
    struct there_fetch *there_fetches;
    struct past_wait *past_waits; /* for the first link to it */
    struct pin_there *pins_there; /* the newest first */
    struct pin_ask *pin_asks;     /* asked of it, not yet answered */

    /* status.c */
    struct problems problems;
    struct buf silence_text; /* for figures */
    struct buf mirror_text;
    bool in_trouble;   /* the journal's, when last told in the log */
    struct err notice; /* of the journal's files, last told in the log */
    struct err zones;  /* what is to be said of time zones; "": nothing */
    bool zones_seen;
    struct refusals strangers;  /* their secret is wrong */
    struct refusals unreadable; /* not JSON */
    uint64_t told;              /* what status_changed() compares with */
    char *book_trouble;         /* why the last rereading failed */
};

/* host.c */
bool host_open(struct app *app, struct err *err);
void host_close(struct app *app);
/* Answers every fetch that is still open with NULL: after journal_close(). */
void host_drop_fetches(struct app *app);
void host_fetch(void *ctx, uint64_t seq,
                void (*found)(void *screen, const struct event *event),
                void *screen);
/* bodies.c */
bool host_judge(void *ctx, const char *query, const uint64_t *seqs,
                size_t count, void (*judged)(void *screen, const int *bits),
                void *screen);
/* past.c */
bool host_read_past(void *ctx, struct past_piece *piece,
                    void (*came)(void *screen, struct past_piece *piece),
                    void *screen);

/* past_there.c: the same of what our journal has not, on an attached board;
 * piece->there is on, its batch made. */
void past_there_read(struct app *app, struct past_piece *piece,
                     void (*came)(void *screen, struct past_piece *piece),
                     void *screen);
/* One event of those, by its seq with PAST_THERE; as display_host.fetch. */
void past_there_fetch(struct app *app, uint64_t seq,
                      void (*found)(void *screen, const struct event *event),
                      void *screen);
/* Asks for one; false: there is no link. And what the answer says; false: it
 * is not there. Text is in arena. */
bool past_there_ask(struct app *app, uint64_t seq, client_done *done,
                    void *ctx);
bool past_there_event(struct app *app, const struct client_answer *answer,
                      struct arena *arena, struct event *out);
/* For the reader's thread: how the oldest event here is called there; not
 * *found: there is none. */
struct reader_place;
bool past_there_edge(struct journal_reader *reader, const struct uuid *there,
                     struct reader_place *edge, bool *found, struct err *err);
/* Gives back what was not answered; the client makes no turn any more. */
void past_there_drop(struct app *app);

/* past_wait.c: what hangs on the first link to another telltale waits until it
 * is up, or known not to come. One of the two is called, once and later:
 * go_on by the loop, drop at the end of the program. */
void past_wait(struct app *app, void (*go_on)(void *ctx),
               void (*drop)(void *ctx), void *ctx);
bool past_is_waiting(const struct app *app);
/* The link is another than before. */
void past_wait_end(struct app *app);
void past_wait_drop(struct app *app); /* with past_there_drop() */

/* forgetting.c: what somebody did until `at` (wall ms; 0: all of it) is to be
 * forgotten. over may be NULL. False with err: another one is under way. */
bool app_forget(struct app *app, enum forget_kind kind, const char *text,
                int64_t at, forget_over *over, void *over_ctx,
                struct err *err);
/* How far it is, for a reply. */
void forgetting_tell(const struct app *app, struct cJSON *reply);
void forgetting_free(struct app *app); /* after journal_close() */

/* lent.c: others pinned something, wrote a note on an account, or read it. */
void app_pins_changed(void *ctx);
void app_notes_changed(void *ctx);
void app_others_read(void *ctx, const char *account, int64_t at);

/* changes.c: what changes the journal, by its name; NULL: none of them. True:
 * kept is told once it is there, or cannot be. False with err: it is not. */
typedef bool app_change_request(struct app *app, const struct cJSON *request,
                                const struct kept_call *kept, struct err *err);
app_change_request *app_change_find(const char *name);
/* A whole number of a request that is not negative; 0 where there is none. */
int64_t app_request_number(const struct cJSON *request, const char *name);

/* requests.c: answers a line of the control socket, as control_handle. */
bool app_answer(void *ctx, uint64_t asked, const char *line, struct buf *out);

/* status.c: what the status line and the title row say. */
const struct display_status *app_status(struct app *app);
/* The problem that is told is put away until it is over, or (away false) all
 * that were put away are told again. */
void status_put_away(struct app *app, bool away);

/* True when the counters behind it are others than at the last call. */
bool status_changed(struct app *app);
/* Says in the log when the journal stops and starts taking events. */
void status_log(struct app *app);

/* reread.c */
bool app_may_swap(void *ctx); /* no body is being decoded; else a wake comes */
/* What a thread has read; old: the book it replaces, to be freed. */
bool app_take_fresh(void *ctx, struct decode_fresh *fresh, struct book **old,
                    struct err *err);
/* The addresses to post to, which carry a secret. */
void app_make_urls(struct app *app);
/* Everything that SIGHUP means to a service. */
void app_reread(struct app *app);
/* Secrets: for rotation. What is under way goes on; log says what came of
 * it. */
void app_reload_tokens(struct app *app);
/* Who may look; whoever may not any more is let go. False with err: the old
 * ones hold. */
bool app_reload_viewers(struct app *app, struct err *err);

/* lent.c: fills in app->lent. */
void app_lend(struct app *app);
/* The journal's signals are others than before. */
void app_concluded(void *ctx);

/* figures.c: for health and metrics. */
void app_figures(void *ctx, struct figures *out);

/* confined.c: with --sandbox from now on only what serve needs; journal: its
 * path. Before there are threads. */
bool app_confine(struct app *app, const char *journal, struct err *err);

/* running.c: committed events. */
void app_kept(void *ctx, const struct event_batch *batch);
/* Counters of the receiver, zero when attached. */
struct webhook_stats app_hook_stats(const struct app *app);
struct server_stats app_server_stats(const struct app *app);

#endif
