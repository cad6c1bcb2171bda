/* One request after the other, by the token of a viewer. What is answered is
 * another's: the commands read it and write it anew. */
#include "command/there.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/tokens.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/command.h"
#include "event/slice.h"
#include "source/feed.h"

#include "base/banned.h"

#define BEGIN_S 60
#define BUSY_TRIES 5
#define BUSY_MOST_MS 10000 /* to wait between two of them */

bool there_is(char *words, const char **rest)
{
    size_t len = strcspn(words, " ");

    if (strncmp(words, "http://", 7) && strncmp(words, "https://", 8))
        return false;
    *rest = words + len + strspn(words + len, " ");
    words[len] = '\0';
    return true;
}

int there_open(struct there *there, const struct config *config,
               const char *url)
{
    size_t len = strlen(url);
    struct err err = {""};

    *there = (struct there){.url = NULL};
    if (!feed_source_check(url, &err))
        return command_fail(EXIT_USAGE, "%s", err.text);
    there->token = tokens_as_viewer(config, &err);
    if (!there->token)
        return command_fail(EXIT_CONFIG, "%s", err.text);
    while (len && url[len - 1] == '/')
        len--;
    there->url = xstrndup(url, len);
    return EXIT_DONE;
}

void there_close(struct there *there)
{
    free(there->url);
    secret_free(there->token);
    *there = (struct there){.url = NULL};
}

void there_request(struct there_request *out, const struct there *there,
                   const char *target)
{
    struct buf text;

    *out = (struct there_request){.url = NULL};
    buf_init(&text, 64 * KIB);
    buf_addf(&text, "%s%s", there->url, target);
    out->url = buf_take(&text);
    buf_init(&text, 64 * KIB);
    buf_addf(&text, "Authorization: Bearer %s", there->token);
    out->header = buf_take(&text);
    out->headers[0] = out->header;
    out->request = (struct client_request){.url = out->url,
                                           .headers = out->headers,
                                           .allow_http = true,
                                           .max_answer = LIMIT_ANSWER};
}

void there_request_free(struct there_request *request)
{
    free(request->url);
    secret_free(request->header);
}

/* {"ok":false,"error":"q, column 3: …"}, made harmless; "" where it says
 * nothing. */
static void read_error(const struct client_answer *answer, struct buf *out)
{
    struct slice error;
    struct err no;
    struct buf plain;

    buf_init(&plain, answer->len + 1);
    if (slice_check(answer->body, answer->len, &no) &&
        slice_member(slice_trim(answer->body, answer->len), "error", &error) &&
        slice_string(error, &plain))
        text_sanitise(out, plain.data, plain.len, LIMIT_SENTENCE);
    buf_free(&plain);
}

bool there_judge(const struct client_answer *answer, struct err *err)
{
    struct buf said;

    if (answer->outcome != CLIENT_ANSWERED)
        return err_set(err, "%s", answer->error);
    if (answer->status == 200)
        return true;
    if (answer->status == 401 || answer->status == 403)
        return err_set(err, "it does not take the token: telltale viewers "
                            "add there makes one");
    buf_init(&said, 4 * KIB);
    read_error(answer, &said);
    if (said.len && strcmp(said.data, "nothing is here") != 0)
        err_set(err, "%s", said.data);
    else if (answer->status == 404 || answer->status == 405)
        err_set(err,
                "it answers %d: the telltale there is older than this "
                "one, or it is none",
                answer->status);
    else
        err_set(err, "it answers %d", answer->status);
    buf_free(&said);
    return false;
}

/* ---- one question ---- */

struct asking {
    struct buf *out;
    struct err *err;
    int code;
    bool busy;
    int64_t wait_ms;
    const char *what; /* takes long; NULL: it does not */
    bool left;        /* it did not begin in time */
    int64_t began_us;
    int told_s; /* the terminal was told of so many */
};

static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct asking *asking = ctx;

    asking->busy = answer->outcome == CLIENT_ANSWERED && answer->status == 503;
    asking->wait_ms = answer->retry_after_ms;
    asking->code = EXIT_DONE;
    if (asking->left) {
        err_set(asking->err,
                "%s was not begun within a minute: ask for fewer days "
                "(--since), or later",
                asking->what);
        asking->code = EXIT_FAILED;
    } else if (!there_judge(answer, asking->err)) {
        asking->code = answer->outcome == CLIENT_ANSWERED && !asking->busy
                           ? EXIT_REFUSED
                           : EXIT_FAILED;
    } else if (answer->len >= asking->out->max ||
               !buf_add(asking->out, answer->body, answer->len)) {
        err_set(asking->err, "its answer is too large");
        asking->code = EXIT_FAILED;
    }
}

static void wait_ms(int64_t ms)
{
    struct timespec time;

    if (ms < 0 || ms > BUSY_MOST_MS)
        ms = BUSY_MOST_MS;
    time.tv_sec = (time_t)(ms / 1000);
    time.tv_nsec = (long)(ms % 1000) * 1000000;
    nanosleep(&time, NULL);
}

static bool on_waiting(void *ctx, bool begun)
{
    struct asking *asking = ctx;
    int spent_s = (int)((clock_mono_us() - asking->began_us) / 1000000);

    if (spent_s > asking->told_s && isatty(STDERR_FILENO)) {
        asking->told_s = spent_s;
        fprintf(stderr, "\r%s is being made there: %d s\033[K", asking->what,
                spent_s);
        fflush(stderr);
    }
    asking->left = !begun && spent_s >= BEGIN_S;
    return !asking->left;
}

static void perform(const struct there_request *asked, struct asking *asking)
{
    asking->began_us = clock_mono_us();
    asking->told_s = 0;
    client_perform(&asked->request, on_answer, asking);
    if (asking->told_s)
        fputs("\r\033[K", stderr);
}

static int ask(const struct there *there, const char *target, const char *body,
               unsigned timeout_ms, struct asking *asking)
{
    struct there_request asked;

    there_request(&asked, there, target);
    asked.request.timeout_ms = timeout_ms;
    asked.request.max_answer = asking->out->max;
    if (asking->what)
        asked.request.waiting = on_waiting;
    if (body) {
        asked.request.body = body;
        asked.request.len = strlen(body);
        asked.headers[1] = "Content-Type: application/json";
    }
    for (int i = 0; i < BUSY_TRIES; i++) {
        if (i)
            wait_ms(asking->wait_ms);
        perform(&asked, asking);
        if (!asking->busy || body)
            break;
    }
    there_request_free(&asked);
    return asking->code;
}

int there_ask(const struct there *there, const char *target, const char *body,
              unsigned timeout_ms, struct buf *out, struct err *err)
{
    struct asking asking = {.out = out, .err = err};

    return ask(there, target, body, timeout_ms, &asking);
}

int there_ask_long(const struct there *there, const char *target,
                   const char *what, unsigned timeout_ms, struct buf *out,
                   struct err *err)
{
    struct asking asking = {.out = out, .err = err, .what = what};

    return ask(there, target, NULL, timeout_ms, &asking);
}

int there_fail(const struct there *there, int code, const struct err *err)
{
    return command_fail(code, "%s: %s", there->url, err->text);
}
