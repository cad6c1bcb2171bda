/* The app's own parts, for the files of this folder only. */
#ifndef TELLTALE_APP_INTERNAL_H
#define TELLTALE_APP_INTERNAL_H

#include "app/app.h"
#include "app/parts.h"
#include "app/tokens.h"
#include "base/buf.h"
#include "mirror/mirror.h"
#include "net/control.h"
#include "serve/events.h"
#include "serve/health.h"
#include "serve/metrics.h"
#include "source/webhook.h"

struct backfilled;
struct cJSON;
struct fetch;
struct polling;
struct posthog;
struct recordings;
struct renewal;
struct silence;
struct reread;

/* Posts with a wrong secret, in one run of them. */
struct refusals {
    uint64_t count;            /* when last looked */
    uint64_t before;           /* when the run began */
    int64_t since_ms, last_ms; /* wall time; since 0: no run */
};

struct app {
    struct app_options options;
    const struct config *config;

    struct parts parts;
    struct tokens tokens;
    struct loop *loop;
    struct journal *journal;
    struct ring *ring;
    struct tally *tally;
    struct webhook *webhook;
    struct health *health;
    struct events *events;
    struct metrics *metrics;
    struct lag lag;          /* of what came since the start */
    struct silence *silence; /* NULL: not watched */
    struct server *server;
    struct control *control;
    struct client *client; /* NULL until somebody asks */
    struct mirror_list mirror_list;
    struct mirrors *mirrors; /* NULL: none configured, or --no-mirrors */

    /* asking.c */
    struct posthog *posthog; /* NULL: not asked */
    char *posthog_url;       /* of the project */
    struct polling *polling;
    struct backfilled *backfilled; /* the newest; NULL: none */
    struct renewal *renewal;       /* NULL: not asked for */
    struct recordings *recordings; /* NULL until a replay is waited for */

    struct reread *reread;         /* NULL until asked for */
    struct loop_timer *book_timer; /* looks at the book's file */
    struct loop_timer *keep_timer; /* deletes what is older than keep */
    int64_t kept_at_us;            /* when it did last; 0: never */
    int64_t clock_lead_ms;         /* what is held back for; 0: nothing is */
    struct loop_timer *watchdog_timer; /* NULL: nobody wants to hear it */
    struct loop_timer *stop_timer; /* the 2 s to answer what is queued */
    bool stopping;
    bool reloading; /* the service manager waits for the end of it */
    int exit_code;

    char *hook_url, *public_hook_url, *shown_hook_url;
    bool empty;        /* no event ever: the token may be shown */
    size_t fresh;      /* events kept since the last turn ended */
    uint64_t kept_seq; /* newest of those */
    int64_t opened_at; /* wall time; what was received before is not unread:
                          the demo's history */

    /* history.c: the ring's past, newest first */
    struct history *history;

    /* host.c: the screen and what it watches */
    struct display *display;
    struct display_host host;
    struct display_status status;
    struct loop_fd *input, *output;
    bool wants_output;
    struct loop_timer *frame_timer;
    struct fetch *fetches; /* asked for, not yet answered */

    /* problems.c */
    char problem[256];
    struct buf silence_text; /* for figures */
    struct buf mirror_text;
    bool in_trouble;   /* the journal's, when last told in the log */
    struct err notice; /* of the journal's files, last told in the log */
    struct err zones;  /* what is to be said of time zones; "": nothing */
    bool zones_seen;
    struct refusals refusals;
    uint64_t told;      /* what problems_changed() compares with */
    char *book_trouble; /* why the last rereading failed */
};

/* history.c: fills the ring backwards from the journal, in slices, below the
 * events that arrive meanwhile. */
void history_start(struct app *app, uint64_t last_seq);
/* Once more, from nothing, up to that seq: so many events of the past have
 * come. Later ones arrive live. */
void history_restart(struct app *app, uint64_t last_seq, size_t events);
void history_free(struct app *app); /* after journal_close() */

/* host.c */
bool host_open(struct app *app, struct err *err);
void host_fetch(void *ctx, uint64_t seq,
                void (*found)(void *screen, const struct event *event),
                void *screen);
void host_close(struct app *app);
/* Answers every fetch that is still open with NULL: after journal_close(). */
void host_drop_fetches(struct app *app);

/* mirrors.c: the mirrors, and the screen's list of them */
bool app_load_mirrors(struct app *app, struct err *err);
void app_open_mirrors(struct app *app);
bool host_mirror(void *ctx, size_t index, struct display_mirror *out);
void host_mirror_switch(void *ctx, size_t index);
size_t host_mirror_send(void *ctx, uint64_t seq);

/* asking.c: asking PostHog. */
bool asking_load(struct app *app, struct err *err);
void asking_open(struct app *app,
                 void (*kept)(void *ctx, const struct event_batch *batch));
void asking_stop(struct app *app); /* before the journal is closed */
void asking_free(struct app *app); /* after it */
bool host_ask_recording(void *ctx, uint64_t seq, const char *project_url,
                        const char *session_id, int64_t moment_ms);

/* backfilled.c: app_backfill(), and how far it is. */
/* Accounts and names that are not asked for. */
size_t backfilled_left_out(const struct app *app);
/* One line that says how far it is; false: none is under way. */
bool backfilled_line(const struct app *app, struct buf *out);
/* The same for a reply. */
void backfilled_tell(const struct app *app, struct cJSON *reply);
void backfilled_stop(struct app *app);
void backfilled_free(struct app *app);

/* renewal.c: the book from PostHog, on a schedule. */
void renewal_open(struct app *app);
const char *renewal_problem(const struct app *app); /* NULL: none */
void renewal_stop(struct app *app);
void renewal_free(struct app *app);

/* requests.c: answers a line of the control socket. */
void app_answer(void *ctx, const char *line, struct buf *out);

/* silence.c: nothing comes where something usually does. */
void silence_open(struct app *app);
/* An event was kept that was received then. */
void silence_heard(struct app *app, int64_t at_ms);
/* When the newest one was received; CLOCK_NONE: none is known. */
int64_t silence_heard_at(const struct app *app);
/* Hours of the week that have a habit. */
unsigned silence_habit_hours(const struct app *app);
/* What is to be said of it; false: nothing. */
bool silence_text(const struct app *app, struct buf *out);
void silence_stop(struct app *app);
void silence_free(struct app *app); /* after journal_close() */

/* problems.c: what the status line and the title row say. */
const struct display_status *app_status(struct app *app);

/* True when the counters behind it are others than at the last call. */
bool problems_changed(struct app *app);
/* Says in the log when the journal stops and starts taking events. */
void problems_log(struct app *app);

/* app.c: the journal's clock was set: looks again for what is too old. */
void app_trust_clock(struct app *app);
/* app.c: rereads book and catalogue, at once: for who waits for what comes of
 * it. */
bool app_reload(struct app *app, struct err *err);
/* Takes what was read, tells log and screen; *old is the caller's to free. */
bool app_take_parts(struct app *app, struct fresh_parts *fresh,
                    struct book **old, struct err *err);

/* app.c: reads secrets again: for rotation. What is under way goes on; log
 * says what came of it. */
void app_reload_tokens(struct app *app);

/* reread.c: the same beside the loop; log and status say what came of it. */
void app_reread(struct app *app);
void reread_woken(struct app *app); /* at every loop_wake() */
void reread_free(struct app *app);

#endif
