/* What the feed of another telltale holds, up to where it was when we came:
 * GET /feed?kept=1&end=1. Each line is read and written anew. When the link
 * breaks, the rest is asked for behind what was written: an export is whole,
 * or it says that it is not. It is noted there first, by POST /act. */
#include "command/export_there.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/rand.h>

#include "app/decode_context.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/export_csv.h"
#include "command/interrupt.h"
#include "command/there.h"
#include "event/archive.h"
#include "event/url.h"
#include "net/loop.h"
#include "source/feed_word.h"

#include "base/banned.h"

#define ID_BITS 52       /* numbers of JSON are exact so far */
#define LONG_FILTER 2000 /* is judged here: an address has an end */
#define TRIES 4          /* to go on, without anything new */
#define TRY_US INT64_C(1000000)
#define PATIENCE_US INT64_C(60000000) /* until hello */

struct reading {
    const struct export_there *export;
    struct there there;
    struct decode_context decode;
    struct loop *loop;
    struct client *client;
    struct loop_timer *timer;
    int64_t patience_us;
    uint64_t request; /* 0: the next try is waited for */
    struct feed_lines lines;
    struct buf line;
    bool filtered; /* there; else here */
    bool greeted;  /* hello was said, and by that journal */
    bool whole;
    bool unwritten, quiet; /* standard output: is full or gone; is gone */
    struct uuid journal;
    char *zone;
    uint64_t cursor, last, before; /* before: cursor at the last try */
    unsigned tries;
    int64_t id; /* of the note */
    uint64_t events, ticks;
    struct err err; /* why it cannot go on */
    struct err broke;
};

/* ---- one line ---- */

static bool unwritten(struct reading *reading)
{
    reading->unwritten = true;
    return command_unwritten(&reading->quiet, &reading->err);
}

static bool put(struct reading *reading)
{
    const struct buf *line = &reading->line;

    if (!buf_ok(line))
        return err_set(&reading->err, "an event is too large to be written");
    if (fwrite(line->data, 1, line->len, stdout) == line->len)
        return true;
    return unwritten(reading);
}

static bool is_wanted(struct reading *reading, const struct event *event,
                      struct arena *arena)
{
    struct event labelled = *event;

    if (event->received_at < reading->export->since_ms)
        return false;
    if (reading->filtered || query_is_empty(reading->export->query))
        return true;
    decode_relabel(reading->decode.book, &labelled, arena);
    return query_match(reading->export->query, &labelled, clock_now_ms());
}

static bool put_event(struct reading *reading, struct event *event,
                      struct arena *arena)
{
    if (!is_wanted(reading, event, arena))
        return true;
    redaction_conceal(reading->decode.conceal, event, arena);
    buf_clear(&reading->line);
    if (reading->export->csv)
        export_csv_row(&reading->line, event, &reading->journal);
    else if (archive_event(&reading->line, event, &reading->journal))
        buf_addc(&reading->line, '\n');
    reading->events++;
    return put(reading);
}

static bool put_tick(struct reading *reading, uint64_t seq, int64_t at)
{
    if (reading->export->csv || at < reading->export->since_ms)
        return true;
    buf_clear(&reading->line);
    archive_tick(&reading->line, seq, at, reading->zone);
    buf_addc(&reading->line, '\n');
    reading->ticks++;
    return put(reading);
}

static bool take_hello(struct reading *reading, const struct feed_word *word)
{
    if (word->version != FEED_WORD_VERSION)
        return err_set(&reading->err, "it speaks another version of the feed");
    if (!reading->zone) {
        reading->journal = word->journal;
        reading->last = word->last;
        reading->zone = xstrdup(word->zone ? word->zone : "UTC");
    } else if (!uuid_equal(&word->journal, &reading->journal)) {
        return err_set(&reading->err,
                       "its journal became another one meanwhile: what was "
                       "written is not whole");
    }
    reading->patience_us = feed_word_patience_us(word);
    reading->greeted = true;
    return true;
}

/* What lies behind the end, or was told before, is left out. */
static bool is_next(struct reading *reading, const struct feed_word *word)
{
    if (word->seq <= reading->cursor || word->seq > reading->last)
        return false;
    reading->cursor = word->seq;
    return true;
}

static bool take_word(struct reading *reading, struct feed_word *word,
                      struct arena *arena)
{
    switch (word->kind) {
    case FEED_WORD_HELLO:
        return take_hello(reading, word);
    case FEED_WORD_EVENT:
        word->event.seq = word->seq;
        return !is_next(reading, word) ||
               put_event(reading, &word->event, arena);
    case FEED_WORD_TICK:
        return !is_next(reading, word) ||
               put_tick(reading, word->seq, word->at);
    case FEED_WORD_TOO_LONG:
        if (is_next(reading, word))
            fprintf(stderr,
                    "telltale: event %" PRIu64 " is too long and left out\n",
                    word->seq);
        return true;
    case FEED_WORD_BYE:
        reading->whole = word->all;
        err_set(&reading->broke, "%s",
                word->why ? word->why
                          : "it said "
                            "goodbye");
        return true;
    default:
        return true;
    }
}

/* Before hello nothing is believed; a line that is none would be a gap. */
static bool take_line(void *ctx, const char *text, size_t len)
{
    struct reading *reading = ctx;
    struct arena arena = ARENA_INIT;
    struct feed_word word;
    struct err why = {""};
    bool ok;

    if (!feed_word_read(&reading->decode.decoder, text, len, &arena, &word,
                        &why))
        ok = reading->greeted
                 ? err_set(&reading->err, "a line of its feed is none: %s",
                           why.text)
                 : err_set(&reading->err,
                           "what answers there is no telltale's feed");
    else if (!reading->greeted && word.kind != FEED_WORD_HELLO)
        ok =
            err_set(&reading->err, "what answers there is no telltale's feed");
    else
        ok = take_word(reading, &word, &arena);
    arena_free(&arena);
    return ok;
}

/* ---- asking ---- */

static enum client_taken on_data(void *ctx, const char *data, size_t len)
{
    struct reading *reading = ctx;

    if (feed_lines_take(&reading->lines, data, len, take_line, reading)) {
        if (feed_lines_heard(&reading->lines))
            loop_timer_set(reading->timer, reading->patience_us);
        return CLIENT_GO_ON;
    }
    if (!*reading->err.text)
        err_set(&reading->err, "a line of it is too long");
    return CLIENT_END;
}

/* The link broke: the rest is asked for, later each time nothing came. */
static void go_on(struct reading *reading)
{
    reading->tries =
        reading->cursor > reading->before ? 1 : reading->tries + 1;
    reading->before = reading->cursor;
    if (reading->tries >= TRIES) {
        err_set(&reading->err, "%s", reading->broke.text);
        loop_stop(reading->loop);
        return;
    }
    loop_timer_set(reading->timer, TRY_US << reading->tries);
}

static void on_end(void *ctx, const struct client_answer *answer)
{
    struct reading *reading = ctx;

    reading->request = 0;
    if (*reading->err.text || reading->whole) {
        loop_stop(reading->loop);
        return;
    }
    if (answer->outcome == CLIENT_ANSWERED && answer->status != 200 &&
        answer->status != 503) {
        there_judge(answer, &reading->err);
        loop_stop(reading->loop);
        return;
    }
    if (!there_judge(answer, &reading->broke))
        ;
    else if (!*reading->broke.text)
        err_set(&reading->broke, "the connection ended");
    go_on(reading);
}

static void ask(struct reading *reading)
{
    struct there_request asked;
    struct buf target;

    buf_init(&target, 64 * KIB);
    buf_addf(&target, "/feed?kept=1&end=1&after=%" PRIu64, reading->cursor);
    if (reading->filtered) {
        buf_adds(&target, "&q=");
        url_escape(&target, query_text(reading->export->query));
    }
    there_request(&asked, &reading->there, target.data);
    asked.request.take = on_data;
    feed_lines_free(&reading->lines);
    feed_lines_init(&reading->lines);
    reading->greeted = false;
    err_set(&reading->broke, "%s", "");
    reading->request =
        client_send(reading->client, &asked.request, on_end, reading);
    reading->patience_us = PATIENCE_US;
    loop_timer_set(reading->timer, PATIENCE_US);
    there_request_free(&asked);
    buf_free(&target);
}

/* It is time to try again, or nothing was heard for too long. */
static void on_timer(void *ctx)
{
    struct reading *reading = ctx;

    if (!reading->request) {
        ask(reading);
        return;
    }
    client_cancel(reading->client, reading->request);
    reading->request = 0;
    err_set(&reading->broke, "nothing was heard for too long");
    go_on(reading);
}

static void on_interrupt(void *ctx)
{
    loop_stop(((struct reading *)ctx)->loop);
}

static void read_all(struct reading *reading)
{
    struct loop *loop = loop_new(&reading->err);
    struct loop_fd *interrupt;

    if (!loop)
        return;
    reading->loop = loop;
    reading->client = client_new(loop);
    reading->timer = loop_timer_new(loop, on_timer, reading);
    feed_lines_init(&reading->lines);
    interrupt = interrupt_watch(loop, on_interrupt, reading, &reading->err);
    if (interrupt) {
        ask(reading);
        loop_run(loop);
        loop_unwatch(interrupt);
    }
    loop_timer_free(reading->timer);
    client_free(reading->client);
    feed_lines_free(&reading->lines);
    loop_free(loop);
}

/* ---- the note ---- */

static int note_down(struct reading *reading, struct err *err)
{
    cJSON *words = cJSON_CreateObject();
    struct buf answer;
    char *text;
    int code;

    cJSON_AddStringToObject(words, "do", "export");
    cJSON_AddNumberToObject(words, "id", (double)reading->id);
    cJSON_AddStringToObject(words, "query",
                            query_text(reading->export->query));
    cJSON_AddStringToObject(words, "form",
                            reading->export->csv ? "csv" : "jsonl");
    cJSON_AddNumberToObject(words, "events", (double)reading->events);
    text = cJSON_PrintUnformatted(words);
    buf_init(&answer, MIB);
    code = there_ask(&reading->there, "/act", text, 0, &answer, err);
    buf_free(&answer);
    cJSON_free(text);
    cJSON_Delete(words);
    return code;
}

static int begin_note(struct reading *reading)
{
    struct err why = {""}, err;
    uint64_t id;
    int code;

    if (RAND_bytes((unsigned char *)&id, sizeof id) != 1)
        abort();
    reading->id = (int64_t)(id >> (64 - ID_BITS)) | 1;
    code = note_down(reading, &why);
    if (code == EXIT_DONE)
        return code;
    err_set(&err, "the export cannot be noted there: %s", why.text);
    return there_fail(&reading->there, code, &err);
}

/* ---- all of it ---- */

static void say(const struct reading *reading)
{
    fprintf(stderr, "telltale: %" PRIu64 " %s", reading->events,
            reading->events == 1 ? "event" : "events");
    if (!reading->export->csv)
        fprintf(stderr, " and %" PRIu64 " %s", reading->ticks,
                reading->ticks == 1 ? "tick" : "ticks");
    fputs(" written, and noted in the journal there\n", stderr);
}

static int end(struct reading *reading)
{
    struct err why = {""};
    int code = EXIT_DONE;

    if (reading->events)
        code = note_down(reading, &why);
    if (code != EXIT_DONE)
        there_fail(&reading->there, code, &why);
    if (interrupt_came())
        return EXIT_INTERRUPTED;
    if (reading->quiet)
        return EXIT_DONE;
    if (reading->unwritten)
        return command_fail(EXIT_FAILED, "%s", reading->err.text);
    if (*reading->err.text)
        return there_fail(&reading->there, EXIT_FAILED, &reading->err);
    say(reading);
    return query_unjudged(reading->export->query) ? EXIT_FAILED : code;
}

static int run(struct reading *reading)
{
    const struct query *query = reading->export->query;
    int code = begin_note(reading);

    if (code != EXIT_DONE)
        return code;
    reading->filtered = !query_is_empty(query) && !query_asks_book(query) &&
                        strlen(query_text(query)) <= LONG_FILTER;
    buf_init(&reading->line, LIMIT_LINE);
    if (reading->export->csv) {
        export_csv_header(&reading->line);
        put(reading);
    }
    if (!*reading->err.text)
        read_all(reading);
    if (fflush(stdout) && !*reading->err.text)
        unwritten(reading);
    buf_free(&reading->line);
    return end(reading);
}

int export_there(const struct export_there *export)
{
    struct reading reading = {.export = export};
    struct err no_book = {""};
    int code = there_open(&reading.there, export->config, export->url);

    if (code != EXIT_DONE)
        return code;
    if (decode_context_open_bookless(&reading.decode, export->config, &no_book,
                                     &reading.err)) {
        if (*no_book.text)
            fprintf(stderr, "telltale: without the book: %s\n", no_book.text);
        query_set_book(export->query, reading.decode.book);
        code = run(&reading);
        decode_context_close(&reading.decode);
    } else {
        code = command_fail(EXIT_CONFIG, "%s", reading.err.text);
    }
    free(reading.zone);
    there_close(&reading.there);
    return code;
}
