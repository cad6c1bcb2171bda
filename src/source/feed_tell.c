/* One act at a time: read on the reader's thread, posted, noted as told.
 * Between tries it waits, twice as long each time. */
#include "source/feed_tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/acts.h"
#include "journal/reader.h"
#include "signal/act_text.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define WAIT_US INT64_C(1000000) /* the first time */
#define WAIT_MAX_US INT64_C(60000000)
/* To one that takes no `ago`: what came since would count as read. */
#define READ_MS 5000

/* One that is being told. The loop's until journal_read_owned(), then the
 * reader's, then the loop's again. */
struct feed_telling {
    struct feed_tells *tells; /* NULL: it is of interest no more */
    size_t waiting;
    int64_t id, at; /* id 0: nothing waits */
    char verb[16];
    bool of_account, of_event;
    bool void_now; /* nothing of it is left */
    struct buf words;
};

static void telling_free(void *ctx)
{
    struct feed_telling *telling = ctx;

    buf_free(&telling->words);
    free(telling);
}

static const char *what(const struct feed_telling *telling)
{
    bool note = !strcmp(telling->verb, "note");

    if (telling->of_event)
        return !strcmp(telling->verb, "pin") ? "a pin" : "a pin that is off";
    if (telling->of_account)
        return note ? "a note on an account" : "an account as read";
    return note ? "a note on a signal" : "what was said of a signal";
}

/* ---- on the reader's thread ---- */

struct look {
    struct feed_telling *telling;
    struct journal_reader *reader;
    bool failed;
    struct err *err;
};

/* What a body has besides, of a signal. One that slept is new by now. */
static void add_change(struct feed_telling *telling,
                       const struct act_text *text)
{
    char until[CLOCK_ISO_SIZE];

    if (!strcmp(telling->verb, "note"))
        act_text_word(&telling->words, "note", text->note ? text->note : "");
    if (strcmp(telling->verb, "snooze") != 0)
        return;
    if (!text->until) {
        snprintf(telling->verb, sizeof telling->verb, "new");
        return;
    }
    clock_format_iso(text->until, until);
    act_text_word(&telling->words, "until", until);
}

static bool take_act(void *ctx, const struct act_row *row)
{
    struct look *look = ctx;
    struct feed_telling *telling = look->telling;
    struct act_text text = {.there = false};

    telling->id = row->id;
    telling->at = row->at;
    snprintf(telling->verb, sizeof telling->verb, "%s", row->verb);
    telling->of_event = !strncmp(row->subject, "pin ", 4);
    telling->of_account = !strncmp(row->subject, "about ", 6) ||
                          !strncmp(row->subject, "read ", 5);
    look->failed = !act_text_add(&telling->words, reader_db(look->reader),
                                 reader_journal_id(look->reader), row->subject,
                                 clock_now_ms(), &text, look->err);
    if (look->failed)
        return false;
    telling->void_now = !text.there || !buf_ok(&telling->words) ||
                        (!strcmp(row->verb, "pin") && !text.pinned);
    if (!telling->of_event && !telling->of_account)
        add_change(telling, &text);
    free(text.note);
    return false;
}

static enum reader_step look_for(void *ctx, struct journal_reader *reader,
                                 struct err *err)
{
    struct feed_telling *telling = ctx;
    struct look look = {telling, reader, false, err};
    struct sqlite3 *db = reader_db(reader);

    return acts_waiting(db, &telling->waiting, err) &&
                   acts_first_untold(db, take_act, &look, err) && !look.failed
               ? READER_DONE
               : READER_FAILED;
}

/* ---- the loop: what comes of it ---- */

static void let_go(struct feed_tells *tells)
{
    if (tells->now)
        telling_free(tells->now);
    tells->now = NULL;
    tells->step = TELLS_NOTHING;
}

/* Later, and later the next time. */
static void try_later(struct feed_tells *tells, int64_t at_least_us,
                      const char *why)
{
    int64_t wait = at_least_us > tells->wait_us ? at_least_us : tells->wait_us;

    let_go(tells);
    if (!*tells->why.text)
        log_line(LOG_WARN, "what was said here waits to be told to %s: %s",
                 tells->host, why);
    err_set(&tells->why, "%s", why);
    tells->waits = true;
    loop_timer_set(tells->timer, wait < WAIT_MAX_US ? wait : WAIT_MAX_US);
    if (tells->wait_us < WAIT_MAX_US)
        tells->wait_us *= 2;
    tells->changed(tells->ctx);
}

/* It is told, or will not be: upto, which act stands there. */
static void end(struct feed_tells *tells, uint64_t upto,
                const struct feed_word *stands)
{
    tells->step = TELLS_ENDS;
    feed_act_end(tells->acts, tells->there, tells->now->id, upto, stands);
}

static void say_stands(const struct feed_tells *tells,
                       const struct feed_word *stands)
{
    const struct feed_telling *telling = tells->now;
    char text[300];

    if (!strcmp(telling->verb, "read"))
        return;
    snprintf(text, sizeof text,
             "%s knows something newer than %s of here, by %s: that stands.",
             tells->host, what(telling),
             stands->by && *stands->by ? stands->by : "who runs it");
    log_line(LOG_NOTE, "%s", text);
    tells->said(tells->ctx, text);
}

static void say_refused(const struct feed_tells *tells, int status,
                        const char *why)
{
    char text[300];

    snprintf(text, sizeof text, "%s%s refuses %s: %s. It is so here only.",
             tells->host, tells->late ? "" : ", which is older,",
             what(tells->now), why && *why ? why : "it does not say why");
    log_line(LOG_WARN, "%s (%d)", text, status);
    tells->said(tells->ctx, text);
}

/* Asking again would change nothing. */
static bool is_refusal(int status)
{
    static const int later[] = {401, 403, 408, 425, 429};

    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (status == later[i])
            return false;
    return status >= 400 && status < 500;
}

static void take_answer(struct feed_tells *tells,
                        const struct client_answer *answer)
{
    struct arena arena = ARENA_INIT;
    struct feed_answer told;
    char why[64];

    feed_word_answer(tells->decoder, answer->body, answer->len, &arena, &told);
    if (answer->status == 200) {
        if (told.stands)
            say_stands(tells, told.stands);
        end(tells, told.act ? told.act : INT64_MAX, told.stands);
    } else if (is_refusal(answer->status)) {
        say_refused(tells, answer->status, told.error);
        end(tells, INT64_MAX, NULL);
    } else {
        snprintf(why, sizeof why, "it answers %d", answer->status);
        try_later(tells, answer->retry_after_ms * 1000, why);
    }
    arena_free(&arena);
}

static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct feed_tells *tells = ctx;

    tells->request = 0;
    if (answer->outcome == CLIENT_ANSWERED)
        take_answer(tells, answer);
    else
        try_later(tells, 0, answer->error);
}

/* Where a clock was set back meanwhile, it was now. */
static void send_words(struct feed_tells *tells)
{
    const struct feed_telling *telling = tells->now;
    int64_t ago = clock_now_ms() - telling->at;
    char token[600];
    const char *headers[] = {token, "Content-Type: application/json", NULL};
    struct client_request request = {.headers = headers, .allow_http = true};
    struct buf url, body;

    buf_init(&url, 8 * KIB);
    buf_init(&body, MIB + KIB);
    buf_addf(&url, "%s/act", tells->url);
    buf_addf(&body, "{\"do\":\"%s\",\"ago\":%" PRId64, telling->verb,
             ago > 0 ? ago : 0);
    buf_adds(&body, telling->words.data);
    buf_adds(&body, "}");
    snprintf(token, sizeof token, "Authorization: Bearer %s", tells->token);
    request.url = url.data;
    request.body = body.data;
    request.len = body.len;
    tells->step = TELLS_ASKS;
    tells->asked = telling->id;
    tells->due = false;
    tells->request = client_send(tells->client, &request, on_answer, tells);
    buf_free(&url);
    buf_free(&body);
}

static bool is_void(const struct feed_tells *tells)
{
    const struct feed_telling *telling = tells->now;

    return telling->void_now ||
           (!tells->late && !strcmp(telling->verb, "read") &&
            clock_now_ms() - telling->at > READ_MS);
}

/* What was told is told once more where something newer came meanwhile. One
 * that never says what that is, is not asked without a pause. */
static void tell_first(struct feed_tells *tells, bool same)
{
    if (!tells->now->id || !tells->up || tells->waits)
        let_go(tells);
    else if (is_void(tells))
        end(tells, INT64_MAX, NULL);
    else if (same && !tells->due)
        try_later(tells, 0, "what it knows is newer, and not told yet");
    else
        send_words(tells);
}

static void take_first(struct feed_tells *tells)
{
    bool same = tells->now->id && tells->now->id == tells->asked;
    bool better = !same && *tells->why.text && !tells->waits;
    bool other = tells->waiting != tells->now->waiting || better;

    tells->waiting = tells->now->waiting;
    if (better) {
        tells->wait_us = WAIT_US;
        err_set(&tells->why, "%s", "");
    }
    tell_first(tells, same);
    if (other)
        tells->changed(tells->ctx);
}

static void on_look(void *ctx, bool ok, const struct err *err)
{
    struct feed_telling *telling = ctx;
    struct feed_tells *tells = telling->tells;

    tells->now = telling;
    if (tells->stopped)
        let_go(tells);
    else if (!ok)
        try_later(tells, 0, err->text);
    else
        take_first(tells);
    if (tells->step == TELLS_NOTHING && tells->again)
        feed_tells_more(tells);
}

void feed_tells_more(struct feed_tells *tells)
{
    struct feed_telling *telling;

    tells->again = tells->step != TELLS_NOTHING;
    if (tells->again || tells->stopped)
        return;
    tells->step = TELLS_READS;
    telling = xcalloc(1, sizeof *telling);
    telling->tells = tells;
    buf_init(&telling->words, MIB);
    journal_read_owned(tells->journal, look_for, on_look, telling,
                       telling_free);
}

void feed_tells_ended(struct feed_tells *tells, bool ok)
{
    if (tells->step != TELLS_ENDS)
        return;
    if (!ok) {
        try_later(tells, 0, "the journal here cannot be written");
        return;
    }
    let_go(tells);
    feed_tells_more(tells);
}

void feed_tells_link(struct feed_tells *tells, bool up, bool late)
{
    tells->up = up;
    tells->late = late;
    tells->wait_us = WAIT_US;
    tells->waits = tells->due = false;
    tells->asked = 0;
    err_set(&tells->why, "%s", "");
    loop_timer_cancel(tells->timer);
    if (tells->request)
        client_cancel(tells->client, tells->request);
    tells->request = 0;
    if (tells->step == TELLS_ASKS)
        let_go(tells);
    if (up)
        feed_tells_more(tells);
}

static void on_timer(void *ctx)
{
    struct feed_tells *tells = ctx;

    tells->waits = false;
    tells->due = true;
    feed_tells_more(tells);
}

void feed_tells_init(struct feed_tells *tells, struct loop *loop)
{
    tells->wait_us = WAIT_US;
    tells->timer = loop_timer_new(loop, on_timer, tells);
    feed_tells_more(tells);
}

void feed_tells_stop(struct feed_tells *tells)
{
    if (tells->waiting)
        log_line(LOG_WARN,
                 "%zu thing%s said here wait%s to be told to %s, until the "
                 "next start",
                 tells->waiting, tells->waiting == 1 ? "" : "s",
                 tells->waiting == 1 ? "s" : "", tells->host);
    feed_tells_link(tells, false, false);
    tells->stopped = true;
}

void feed_tells_free(struct feed_tells *tells)
{
    let_go(tells);
    loop_timer_free(tells->timer);
}

bool feed_tells_problem(const struct feed_tells *tells, struct buf *out)
{
    bool one = tells->waiting == 1;

    if (!tells->waiting || (tells->up && !*tells->why.text))
        return false;
    buf_addf(out, "%zu thing%s wait%s to be told", tells->waiting,
             one ? "" : "s", one ? "s" : "");
    if (tells->up)
        buf_addf(out, " to %s: %s", tells->host, tells->why.text);
    buf_adds(out, ".");
    return true;
}
