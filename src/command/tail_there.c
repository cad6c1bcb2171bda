/* Two requests: GET /events for what is there, then, with -f, GET /feed for
 * what comes. Lines are another's: each is read and written anew. */
#include "command/tail_there.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/decode_context.h"
#include "base/buf.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/interrupt.h"
#include "command/there.h"
#include "event/url.h"
#include "net/client.h"
#include "net/loop.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define LINES_THERE 10000             /* what GET /events gives at most */
#define PATIENCE_US INT64_C(60000000) /* until hello */

struct reading {
    const struct tail_there *tail;
    struct decode_context decode;
    struct there there;
    struct loop *loop;
    struct loop_timer *timer; /* until a line of the feed must have come */
    int64_t patience_us;
    struct feed_lines lines;
    struct uuid journal;
    uint64_t last; /* seq */
    struct buf line;
    bool unwritten, quiet; /* standard output: is full or gone; is gone */
    struct err err;
};

static bool unwritten(struct reading *reading)
{
    reading->unwritten = true;
    return command_unwritten(&reading->quiet, &reading->err);
}

static bool write_event(struct reading *reading, const struct event *event)
{
    struct buf *line = &reading->line;

    if (event->hidden != HIDDEN_NO && !reading->tail->hidden)
        return true;
    buf_clear(line);
    if (reading->tail->json)
        event_to_json(line, event, &reading->journal);
    else
        event_to_line(line, event, isatty(STDOUT_FILENO));
    buf_addc(line, '\n');
    if (fwrite(line->data, 1, line->len, stdout) == line->len)
        return true;
    return unwritten(reading);
}

/* A line that is none is left out, as the feed's own readers do. */
static bool take_line(void *ctx, const char *text, size_t len)
{
    struct reading *reading = ctx;
    struct arena arena = ARENA_INIT;
    struct feed_word word;
    struct err err;
    bool ok = true;

    if (!feed_word_read(&reading->decode.decoder, text, len, &arena, &word,
                        &err)) {
        fprintf(stderr, "telltale: a line is left out: %s\n", err.text);
    } else if (word.kind == FEED_WORD_EVENT) {
        word.event.seq = reading->last = word.seq;
        ok = write_event(reading, &word.event);
    } else if (word.kind == FEED_WORD_HELLO) {
        reading->journal = word.journal;
        reading->patience_us = feed_word_patience_us(&word);
    } else if (word.kind == FEED_WORD_BYE) {
        err_set(&reading->err, "%s", word.why ? word.why : "it said goodbye");
    }
    arena_free(&arena);
    return ok;
}

static void judge(struct reading *reading, const struct client_answer *answer)
{
    if (!*reading->err.text)
        there_judge(answer, &reading->err);
}

static void on_events(void *ctx, const struct client_answer *answer)
{
    struct reading *reading = ctx;
    struct feed_lines lines;

    judge(reading, answer);
    if (*reading->err.text)
        return;
    feed_lines_init(&lines);
    feed_lines_take(&lines, answer->body, answer->len, take_line, reading);
    feed_lines_free(&lines);
}

static void wait_for_line(struct reading *reading)
{
    loop_timer_set(reading->timer, reading->patience_us);
}

/* Nobody reads it any more: looked at with each line, also one that is not
 * written. The loop cannot watch it: then it would not wait for its reader. */
static bool output_is_gone(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO};

    return poll(&output, 1, 0) > 0 &&
           output.revents & (POLLERR | POLLHUP | POLLNVAL);
}

static enum client_taken on_data(void *ctx, const char *data, size_t len)
{
    struct reading *reading = ctx;

    if (!feed_lines_take(&reading->lines, data, len, take_line, reading))
        return CLIENT_END;
    if (fflush(stdout)) {
        unwritten(reading);
        return CLIENT_END;
    }
    if (feed_lines_heard(&reading->lines))
        wait_for_line(reading);
    reading->quiet = output_is_gone();
    return reading->quiet ? CLIENT_END : CLIENT_GO_ON;
}

static void on_feed(void *ctx, const struct client_answer *answer)
{
    struct reading *reading = ctx;

    judge(reading, answer);
    if (!*reading->err.text)
        err_set(&reading->err, "the feed has ended");
    loop_stop(reading->loop);
}

/* ---- asking ---- */

static void ask(struct reading *reading, const char *path,
                struct client *client)
{
    struct there_request asked;
    struct buf target;

    buf_init(&target, 64 * KIB);
    buf_addf(&target, "%sq=", path);
    url_escape(&target, reading->tail->query);
    there_request(&asked, &reading->there, target.data);
    asked.request.timeout_ms = 30000;
    if (client) {
        asked.request.take = on_data;
        client_send(client, &asked.request, on_feed, reading);
    } else {
        client_perform(&asked.request, on_events, reading);
    }
    there_request_free(&asked);
    buf_free(&target);
}

static void on_interrupt(void *ctx)
{
    loop_stop(((struct reading *)ctx)->loop);
}

static void on_silence(void *ctx)
{
    struct reading *reading = ctx;

    err_set(&reading->err, "nothing was heard for too long");
    loop_stop(reading->loop);
}

/* Where nothing of the past was asked for, it begins with what comes. */
static void ask_feed(struct reading *reading, struct client *client)
{
    char path[64] = "/feed?";

    if (reading->tail->limit)
        snprintf(path, sizeof path, "/feed?after=%llu&",
                 (unsigned long long)reading->last);
    ask(reading, path, client);
}

static void follow(struct reading *reading)
{
    struct loop *loop = loop_new(&reading->err);
    struct loop_fd *interrupt;
    struct client *client;

    if (!loop)
        return;
    reading->loop = loop;
    feed_lines_init(&reading->lines);
    client = client_new(loop);
    reading->timer = loop_timer_new(loop, on_silence, reading);
    reading->patience_us = PATIENCE_US;
    wait_for_line(reading);
    interrupt = interrupt_watch(loop, on_interrupt, reading, &reading->err);
    if (interrupt) {
        ask_feed(reading, client);
        loop_run(loop);
        loop_unwatch(interrupt);
    }
    client_free(client);
    loop_timer_free(reading->timer);
    feed_lines_free(&reading->lines);
    loop_free(loop);
}

static int end(const struct reading *reading)
{
    if (interrupt_came())
        return EXIT_INTERRUPTED;
    if (reading->quiet || !*reading->err.text)
        return EXIT_DONE;
    if (reading->unwritten)
        return command_fail(EXIT_FAILED, "%s", reading->err.text);
    return there_fail(&reading->there, EXIT_FAILED, &reading->err);
}

static int run(struct reading *reading)
{
    const struct tail_there *tail = reading->tail;
    uint64_t limit = tail->limit < LINES_THERE ? tail->limit : LINES_THERE;
    char path[64];

    buf_init(&reading->line, LIMIT_ANSWER);
    snprintf(path, sizeof path, "/events?limit=%llu&",
             (unsigned long long)limit);
    if (limit)
        ask(reading, path, NULL);
    if (fflush(stdout) && !*reading->err.text)
        unwritten(reading);
    if (tail->follow && !*reading->err.text && !reading->quiet)
        follow(reading);
    buf_free(&reading->line);
    return end(reading);
}

int tail_there(const struct tail_there *tail)
{
    struct reading reading = {.tail = tail};
    struct err no_book;
    int code = there_open(&reading.there, tail->config, tail->url);

    if (code != EXIT_DONE)
        return code;
    if (decode_context_open_bookless(&reading.decode, tail->config, &no_book,
                                     &reading.err)) {
        code = run(&reading);
        decode_context_close(&reading.decode);
    } else {
        code = command_fail(EXIT_CONFIG, "%s", reading.err.text);
    }
    there_close(&reading.there);
    return code;
}
