/* The link to another telltale: one request that never ends. What it brings is
 * gathered for a turn, kept like anything that arrives, and only then is our
 * place in the other journal moved on: whatever dies when, every event is
 * asked for again until it is kept, and is known by its origin if it was.
 *
 * While the link is down a timer looks once a second, since the seconds until
 * the next try are shown; while it is up and quiet nothing runs but the wait
 * for what must come every quiet_ms. */
#include "source/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "journal/cursor.h"
#include "journal/reader.h"
#include "source/feed_act.h"
#include "source/feed_forget.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define READER "feed"
#define RETRY_MIN_US INT64_C(1000000)
#define RETRY_MAX_US INT64_C(60000000)
#define REFUSED_US INT64_C(60000000) /* it will be refused again */
#define HELLO_US INT64_C(15000000)   /* from asking to the first line */
#define QUIET_MS 15000               /* when hello does not say */
#define QUIETS 3                     /* so many of them: the link is dead */
#define SECOND_US INT64_C(1000000)
#define BATCH_EVENTS 500
#define BATCH_BYTES (1 * MIB)
#define PAST 500 /* events that are not there yet: the past, else news */

enum link {
    LINK_NEW,  /* our place is being looked up */
    LINK_ASKS, /* asked, no line yet */
    LINK_UP,
    LINK_DOWN, /* the next try is at retry_us */
};

struct feed_source {
    struct feed_source_options options;
    char *url, *host;
    enum link link;
    uint64_t request;         /* the client's; 0: none */
    struct loop_timer *timer; /* of the link */
    struct loop_timer *flush; /* what was gathered goes to the journal */
    struct feed_lines lines;
    struct err why; /* the link is down, or was told to be */
    bool refused;   /* trying again soon is of no use */

    struct uuid there; /* the other journal; zero: not known */
    uint64_t kept;     /* everything there up to this one is kept here */
    uint64_t cursor;   /* and up to this one it was told */
    uint64_t asked;    /* behind which */
    unsigned era;      /* of asking: what was told before counts no more */
    bool broken;       /* something of this era could not be kept */
    uint64_t last;     /* theirs, at hello */
    int64_t quiet_us;
    int64_t heard_us; /* monotonic, a line */
    int64_t retry_us; /* monotonic */
    int64_t step_us;  /* to wait the next time */
    int64_t lost_ms;  /* wall, when the link broke; 0: it is up */

    struct event_batch *batch; /* of this turn, or NULL */
    size_t room;
    bool paused;
    bool catches_up;   /* below `last` everything is the past */
    size_t past;       /* events of it that were kept */
    uint64_t past_seq; /* ours, of the newest */
    struct feed_acts acts;
    struct feed_forgets *forgets;
    uint64_t left_out; /* lines that were no events to keep */
    bool stopped;
};

/* What is being kept: of the past, and up to where theirs. */
struct keeping {
    struct feed_source *source;
    struct uuid there;
    uint64_t upto;
    unsigned era;
    bool past;
};

static void ask(struct feed_source *source);

/* ---- the link's state ---- */

static void changed(struct feed_source *source)
{
    source->options.changed(source->options.ctx);
}

static int64_t with_jitter(int64_t us)
{
    unsigned char random;

    random_bytes(&random, 1);
    return us * 3 / 4 + us / 2 * random / 255;
}

static void tick(struct feed_source *source, int64_t us)
{
    loop_timer_set(source->timer, us);
}

/* The link is down; it is tried again. */
static void link_lost(struct feed_source *source)
{
    int64_t wait = source->refused ? REFUSED_US : source->step_us;

    if (source->request)
        client_cancel(source->options.client, source->request);
    source->request = 0;
    if (source->stopped)
        return;
    if (!source->lost_ms) {
        source->lost_ms = clock_now_ms();
        log_line(LOG_WARN, "no link to %s: %s", source->host,
                 source->why.text);
    }
    source->link = LINK_DOWN;
    source->retry_us = clock_mono_us() + with_jitter(wait);
    source->step_us = source->step_us * 2 < RETRY_MAX_US ? source->step_us * 2
                                                         : RETRY_MAX_US;
    tick(source, SECOND_US);
    changed(source);
}

static void link_up(struct feed_source *source)
{
    if (source->lost_ms)
        log_line(LOG_NOTE, "the link to %s is back", source->host);
    source->link = LINK_UP;
    source->lost_ms = 0;
    source->refused = false;
    source->step_us = RETRY_MIN_US;
    err_set(&source->why, "%s", "");
    changed(source);
}

static void give_up(struct feed_source *source, bool refused, const char *why)
{
    source->refused = refused;
    err_set(&source->why, "%s", why);
}

/* ---- keeping ---- */

static bool move_cursor(void *ctx, struct sqlite3 *db, struct err *err)
{
    const struct keeping *keeping = ctx;

    return cursor_move_there(db, READER, &keeping->there, keeping->upto, err);
}

/* Those that were there already go. */
static void drop_duplicates(struct event_batch *batch)
{
    size_t fresh = 0;

    for (size_t i = 0; i < batch->count; i++)
        if (!(batch->events[i].flags & EVENT_DUPLICATE))
            batch->events[fresh++] = batch->events[i];
    batch->count = fresh;
}

static void tell_kept(struct feed_source *source,
                      const struct keeping *keeping,
                      const struct event_batch *batch)
{
    const struct feed_source_options *options = &source->options;

    if (!batch->count)
        return;
    if (!keeping->past) {
        options->kept(options->ctx, batch);
        return;
    }
    options->past(options->ctx, batch);
    source->past += batch->count;
    source->past_seq = batch->events[batch->count - 1].seq;
}

/* All of the past is there: from now on it is news. */
static void tell_past(struct feed_source *source)
{
    if (!source->catches_up || source->kept < source->last)
        return;
    source->catches_up = false;
    if (source->past)
        source->options.past_complete(source->options.ctx, source->past_seq,
                                      source->past);
    source->past = 0;
    changed(source);
}

/* It was told again, or will be, where something before it is missing. */
static bool counts(const struct keeping *keeping)
{
    return keeping->era == keeping->source->era && !keeping->source->broken;
}

static void not_kept(struct feed_source *source, const char *why)
{
    source->broken = true;
    if (source->stopped || source->link == LINK_DOWN)
        return;
    give_up(source, false, why);
    link_lost(source);
}

static void on_moved(void *ctx, bool ok, const struct err *err)
{
    struct keeping *keeping = ctx;
    struct feed_source *source = keeping->source;

    if (!ok)
        not_kept(source, err->text);
    else if (counts(keeping) && keeping->upto > source->kept)
        source->kept = keeping->upto;
    tell_past(source);
    free(keeping);
}

static void keep_place(struct keeping *keeping)
{
    if (counts(keeping))
        journal_write_owned(keeping->source->options.journal, move_cursor,
                            on_moved, keeping, free);
    else
        free(keeping);
}

/* More than an nth of what may wait for the journal. */
static bool is_ahead(const struct feed_source *source, unsigned n)
{
    return journal_stats(source->options.journal).waiting_bytes >
               LIMIT_FEED_AHEAD / n ||
           source->acts.waiting > LIMIT_FEED_ACTS / n;
}

static void go_on(void *ctx)
{
    struct feed_source *source = ctx;

    if (!source->paused || is_ahead(source, 2))
        return;
    source->paused = false;
    client_resume(source->options.client, source->request);
}

static void committed(void *ctx, uint64_t token, struct append_result *result)
{
    struct keeping *keeping = ctx;
    struct feed_source *source = keeping->source;

    (void)token;
    if (result->ok) {
        drop_duplicates(result->batch);
        tell_kept(source, keeping, result->batch);
        keep_place(keeping);
    } else {
        not_kept(source, "the journal here cannot be written");
        free(keeping);
    }
    event_batch_free(result->batch);
    go_on(source);
}

static void flush(void *ctx)
{
    struct feed_source *source = ctx;
    struct keeping *keeping;

    if (!source->batch && source->cursor <= source->kept)
        return;
    keeping = xcalloc(1, sizeof *keeping);
    *keeping = (struct keeping){.source = source,
                                .there = source->there,
                                .upto = source->cursor,
                                .era = source->era,
                                .past = source->catches_up};
    if (source->batch)
        journal_append(source->options.journal, source->batch, committed,
                       keeping, 0);
    else
        keep_place(keeping);
    source->batch = NULL;
    source->room = 0;
}

static void add_event(struct feed_source *source, const struct event *event)
{
    struct event_batch *batch = source->batch;

    if (batch->count == source->room) {
        size_t room = source->room ? source->room * 2 : 8;
        struct event *larger =
            arena_alloc(&batch->arena, room * sizeof *larger);

        if (batch->count)
            memcpy(larger, batch->events, batch->count * sizeof *larger);
        batch->events = larger;
        source->room = room;
    }
    batch->events[batch->count++] = *event;
    batch->bytes += event->raw_len;
}

/* ---- what is told ---- */

static void take_event(struct feed_source *source, struct event *event,
                       uint64_t seq)
{
    if (!event->has_origin) {
        event->has_origin = true;
        event->origin_id = source->there;
        event->origin_seq = seq;
        event->key = NULL; /* of its line, which is no name beside a place */
    }
    add_event(source, event);
    source->cursor = seq;
    if (source->batch->count >= BATCH_EVENTS ||
        source->batch->bytes >= BATCH_BYTES)
        flush(source);
    else
        loop_timer_set(source->flush, 0);
}

/* There is nothing to keep up to there. */
static void take_place(struct feed_source *source, uint64_t seq)
{
    if (seq <= source->cursor)
        return;
    source->cursor = seq;
    loop_timer_set(source->flush, 0);
}

/* False: ask again, from the beginning of a journal that is another. */
static bool take_hello(struct feed_source *source,
                       const struct feed_word *word)
{
    bool same = uuid_equal(&word->journal, &source->there);

    if (word->version != FEED_WORD_VERSION) {
        give_up(source, true, "it speaks another version of the feed");
        return false;
    }
    source->there = word->journal;
    if (!same && source->asked) {
        source->kept = source->cursor = 0;
        source->era++;
        source->step_us = RETRY_MIN_US;
        give_up(source, false, "its journal is another one than before");
        return false;
    }
    source->last = word->last;
    if (word->last < source->cursor) {
        give_up(source, true, "its journal has lost what we have seen");
        return false;
    }
    source->catches_up = word->last - source->cursor > PAST;
    source->past = 0;
    source->quiet_us =
        (word->quiet_ms > 0 && word->quiet_ms < 3600000 ? word->quiet_ms
                                                        : QUIET_MS) *
        INT64_C(1000);
    link_up(source);
    tick(source, QUIETS * source->quiet_us);
    return true;
}

static bool take_word(struct feed_source *source, struct feed_word *word)
{
    if (source->link == LINK_ASKS && word->kind != FEED_WORD_HELLO) {
        give_up(source, true, "what answers there is no telltale's feed");
        return false;
    }
    if (source->link == LINK_UP && word->kind == FEED_WORD_HELLO) {
        give_up(source, true, "it says hello in the middle of its feed");
        return false;
    }
    switch (word->kind) {
    case FEED_WORD_HELLO:
        return take_hello(source, word);
    case FEED_WORD_EVENT:
        if (word->seq > source->cursor)
            take_event(source, &word->event, word->seq);
        return true;
    case FEED_WORD_TICK:
    case FEED_WORD_ALIVE:
        take_place(source, word->seq);
        return true;
    case FEED_WORD_GAP:
        log_line(LOG_WARN, "%s keeps nothing before its seq %llu any more",
                 source->host, (unsigned long long)word->oldest);
        return true;
    case FEED_WORD_TOO_LONG:
        take_place(source, word->seq);
        source->left_out++;
        return true;
    case FEED_WORD_ACT:
        feed_act_apply(&source->acts, word);
        return true;
    case FEED_WORD_FORGOTTEN:
        feed_forgets_add(source->forgets, word);
        return true;
    case FEED_WORD_BYE:
        give_up(source, false, word->why ? word->why : "it said goodbye");
        return true;
    default:
        return true;
    }
}

/* Lines that are no events leave nothing behind, however many come. */
static void drop_empty(struct feed_source *source)
{
    if (!source->batch || source->batch->count)
        return;
    event_batch_free(source->batch);
    source->batch = NULL;
    source->room = 0;
}

/* A line that is none is left out and counted: the next may be one. */
static bool take_line(void *ctx, const char *text, size_t len)
{
    struct feed_source *source = ctx;
    struct feed_word word;
    struct err err;

    source->heard_us = clock_mono_us();
    if (!source->batch)
        source->batch = event_batch_new();
    if (feed_word_read(source->options.decoder, text, len,
                       &source->batch->arena, &word, &err)) {
        bool ok = take_word(source, &word);

        drop_empty(source);
        return ok;
    }
    drop_empty(source);
    source->left_out++;
    log_limited(LOG_WARN, "a line of %s is left out: %s", source->host,
                err.text);
    if (source->link != LINK_ASKS)
        return true;
    give_up(source, true, "what answers there is no telltale's feed");
    return false;
}

/* ---- asking ---- */

static enum client_taken take(void *ctx, const char *data, size_t len)
{
    struct feed_source *source = ctx;

    if (is_ahead(source, 1)) {
        source->paused = true;
        return CLIENT_PAUSE;
    }
    if (feed_lines_take(&source->lines, data, len, take_line, source))
        return CLIENT_GO_ON;
    if (!*source->why.text)
        give_up(source, true, "a line of it is too long");
    return CLIENT_END;
}

static void judge_status(struct feed_source *source, int status)
{
    char text[160];

    if (status == 401 || status == 403) {
        give_up(source, true,
                "it does not take the token: telltale viewers add there "
                "makes one");
        return;
    }
    snprintf(text, sizeof text, "it answers %d", status);
    give_up(source, status == 404, text);
}

/* The end of the request, however it ended. */
static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct feed_source *source = ctx;

    source->request = 0;
    source->paused = false;
    flush(source);
    if (answer->outcome == CLIENT_ANSWERED && answer->status != 200)
        judge_status(source, answer->status);
    else if (!*source->why.text)
        give_up(source, false,
                *answer->error ? answer->error : "the connection ended");
    link_lost(source);
}

static void ask(struct feed_source *source)
{
    char after[32], token[600];
    const char *headers[] = {token, "Accept: application/x-ndjson", NULL};
    struct client_request request = {.headers = headers,
                                     .allow_http = true,
                                     .take = take};
    struct buf url;

    buf_init(&url, 8 * KIB);
    source->cursor = source->kept;
    source->era++;
    source->broken = false;
    snprintf(after, sizeof after, "%llu", (unsigned long long)source->cursor);
    buf_addf(&url, "%s/feed?kept=1&after=%s", source->url, after);
    snprintf(token, sizeof token, "Authorization: Bearer %s",
             source->options.token);
    request.url = url.data;
    source->link = LINK_ASKS;
    source->asked = source->cursor;
    source->heard_us = clock_mono_us();
    feed_lines_free(&source->lines);
    feed_lines_init(&source->lines);
    err_set(&source->why, "%s", "");
    source->request =
        client_send(source->options.client, &request, on_answer, source);
    tick(source, HELLO_US);
    buf_free(&url);
}

/* Nothing was heard for too long. */
static void link_is_dead(struct feed_source *source)
{
    flush(source);
    give_up(source, false,
            source->link == LINK_ASKS
                ? "nothing comes through: it does not answer, or something "
                  "between gathers what it should pass on"
                : "nothing was heard for too long: the connection is dead, or "
                  "something between gathers what it should pass on");
    link_lost(source);
}

static void on_timer(void *ctx)
{
    struct feed_source *source = ctx;
    int64_t now = clock_mono_us();
    int64_t patience =
        source->link == LINK_ASKS ? HELLO_US : QUIETS * source->quiet_us;
    int64_t left = source->heard_us + patience - now;

    if (source->stopped || source->link == LINK_NEW)
        return;
    if (source->link != LINK_DOWN && left <= 0) {
        link_is_dead(source);
    } else if (source->link != LINK_DOWN) {
        tick(source, left);
    } else if (now >= source->retry_us) {
        ask(source);
    } else {
        tick(source, SECOND_US);
        changed(source);
    }
}

/* ---- the beginning ---- */

static bool find_place(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct feed_source *source = ctx;

    return cursor_find_there(db, READER, &source->there, &source->kept, err);
}

static void on_place(void *ctx, bool ok, const struct err *err)
{
    struct feed_source *source = ctx;

    if (source->stopped)
        return;
    if (ok) {
        ask(source);
        return;
    }
    err_set(&source->why, "%s", err->text);
    link_lost(source);
}

/* The host alone is shown. */
static char *host_of(const char *url)
{
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    return xstrndup(host, strcspn(host, "/"));
}

/* A name that begins like an address of this machine is none. */
static bool is_here(const char *host)
{
    size_t len = strcspn(host, ":/");

    return !strncmp(host, "[::1]", 5) ||
           (len == 9 && !strncmp(host, "localhost", 9)) ||
           (!strncmp(host, "127.", 4) && strspn(host, "0123456789.") == len);
}

bool feed_source_check(const char *url, struct err *err)
{
    bool tls = !strncmp(url, "https://", 8);
    const char *host = tls ? url + 8 : url + 7;

    if (!tls && strncmp(url, "http://", 7))
        return err_set(err, "%.60s: https:// and where telltale serve is",
                       url);
    if (strpbrk(url, "?# \t\r\n") || strchr(host, '@') || !*host)
        return err_set(err, "%.60s: only a host, a port and a path", url);
    if (!tls && !is_here(host))
        return err_set(err,
                       "%.60s: the token would travel in the open, use https",
                       url);
    return true;
}

struct feed_source *feed_source_new(const struct feed_source_options *options)
{
    struct feed_source *source = xcalloc(1, sizeof *source);
    size_t len = strlen(options->url);

    while (len && options->url[len - 1] == '/')
        len--;
    source->options = *options;
    source->url = xstrndup(options->url, len);
    source->host = host_of(source->url);
    source->step_us = RETRY_MIN_US;
    source->quiet_us = QUIET_MS * INT64_C(1000);
    source->timer = loop_timer_new(options->loop, on_timer, source);
    source->flush = loop_timer_new(options->loop, flush, source);
    feed_lines_init(&source->lines);
    source->acts = (struct feed_acts){.journal = options->journal,
                                      .client = options->client,
                                      .changed = options->signals_changed,
                                      .ctx = options->ctx,
                                      .written = go_on,
                                      .source = source};
    source->forgets = feed_forgets_new(options->loop, options->journal,
                                       options->forget, options->ctx);
    journal_write(options->journal, find_place, on_place, source);
    return source;
}

void feed_source_stop(struct feed_source *source)
{
    if (source->stopped)
        return;
    flush(source);
    source->stopped = true;
    feed_forgets_stop(source->forgets);
    loop_timer_cancel(source->timer);
    loop_timer_cancel(source->flush);
    if (source->request)
        client_cancel(source->options.client, source->request);
    source->request = 0;
}

void feed_source_free(struct feed_source *source)
{
    if (!source)
        return;
    event_batch_free(source->batch);
    feed_lines_free(&source->lines);
    feed_acts_free(&source->acts);
    feed_forgets_free(source->forgets);
    loop_timer_free(source->timer);
    loop_timer_free(source->flush);
    free(source->url);
    free(source->host);
    free(source);
}

bool feed_source_act(struct feed_source *source,
                     const struct signal_change *change, struct err *err)
{
    if (source->link != LINK_UP)
        return err_set(err, "no link to %s: try again when it is back",
                       source->host);
    feed_act_ask(&source->acts, source->url, source->options.token, change);
    return true;
}

/* ---- what is said of it ---- */

const char *feed_source_host(const struct feed_source *source)
{
    return source->host;
}

static void add_clock(struct buf *out, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (localtime_r(&seconds, &tm))
        buf_addf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

static void add_down(const struct feed_source *source, struct buf *out)
{
    int64_t left = (source->retry_us - clock_mono_us()) / 1000000 + 1;

    buf_addf(out, "No link to %s since ", source->host);
    add_clock(out, source->lost_ms);
    if (source->link == LINK_DOWN)
        buf_addf(out, ", next try in %lld s. ",
                 (long long)(left > 0 ? left : 1));
    else
        buf_adds(out, ", trying. ");
    buf_adds(out, "Shown: up to ");
    add_clock(out, source->lost_ms);
    buf_addf(out, ". %s", source->why.text);
}

bool feed_source_problem(const struct feed_source *source, struct buf *out,
                         bool *refused)
{
    *refused = source->lost_ms && source->refused;
    if (source->lost_ms) {
        add_down(source, out);
        return true;
    }
    if (!source->catches_up)
        return false;
    buf_addf(out, "Catching up with %s: %llu of %llu.", source->host,
             (unsigned long long)source->cursor,
             (unsigned long long)source->last);
    return true;
}
