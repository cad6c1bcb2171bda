/* `telltale tail`: events from the journal in the order of time, oldest first,
 * and with -f the ones that follow, as they come. It writes nothing, but what
 * --retry decodes; the owner, if there is one, is only listened to. */
#include "command/command.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/decode_context.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/moment.h"
#include "command/counts.h"
#include "command/interrupt.h"
#include "command/rejects.h"
#include "command/rejects_retry.h"
#include "command/tail_source.h"
#include "command/tail_there.h"
#include "command/there.h"
#include "journal/reader.h"
#include "net/control.h"
#include "query/query.h"
#include "base/banned.h"

#define USUAL 20
#define POLL_MS 250                   /* without an owner: how often to look */
#define OWNER_TRY_US INT64_C(2000000) /* ... and to look for an owner */

struct tail {
    const struct config *config;
    struct journal_reader *reader;
    struct query *query;
    struct decode_context decode;
    struct counts counts;
    struct buf line;
    bool json, hidden, follow, rejects, retry;
    int64_t since_ms;   /* 0: not given */
    uint64_t limit;     /* the newest so many; UINT64_MAX: all */
    uint64_t cursor;    /* what follows has a higher seq */
    bool quiet;         /* standard output is gone, or not waited for */
    char *url;          /* of another telltale; NULL: of our journal */
    const char *source; /* --source, or NULL */
};

/* One event. */

static bool is_wanted(struct tail *tail, struct event_batch *batch,
                      struct event *event)
{
    uint64_t unjudged = query_unjudged(tail->query);
    struct err err;

    decode_relabel(tail->decode.book, event, &batch->arena);
    if (!query_match(tail->query, event, clock_now_ms())) {
        if (!unjudged && !query_explain_unjudged(tail->query, &err))
            fprintf(stderr, "telltale: %s; such events are left out here\n",
                    err.text);
        return false;
    }
    if (event->hidden == HIDDEN_NO || tail->hidden)
        return true;
    tail->counts.hidden++;
    return false;
}

/* Without err where that is no fault. */
static bool unwritten(struct tail *tail, struct err *err)
{
    command_unwritten(&tail->quiet, err);
    if (tail->quiet)
        *err->text = '\0';
    return false;
}

static bool print_event(struct tail *tail, const struct event *event,
                        struct err *err)
{
    struct buf *line = &tail->line;
    struct arena arena = ARENA_INIT;
    struct event shown = *event;

    redaction_conceal(tail->decode.conceal, &shown, &arena);
    buf_clear(line);
    if (tail->json)
        event_to_json(line, &shown, reader_journal_id(tail->reader));
    else
        event_to_line(line, &shown, isatty(STDOUT_FILENO));
    buf_addc(line, '\n');
    arena_free(&arena);
    counts_add(&tail->counts, event);
    if (fwrite(line->data, 1, line->len, stdout) == line->len)
        return true;
    return unwritten(tail, err);
}

static bool flush_output(struct tail *tail, struct err *err)
{
    return !fflush(stdout) || unwritten(tail, err);
}

/* Forward. */

static bool print_page(struct tail *tail, struct event_batch *batch,
                       struct err *err)
{
    for (size_t i = 0; i < batch->count && !interrupt_came(); i++) {
        struct event *event = &batch->events[i];

        if (is_wanted(tail, batch, event) && !print_event(tail, event, err))
            return false;
    }
    return !interrupt_came();
}

/* Everything up to the cursor. */
static bool print_all(struct tail *tail, struct err *err)
{
    struct reader_walk walk = {.upto = tail->cursor,
                               .since_ms = tail->since_ms};
    bool more = tail->cursor > 0, ok = true;

    while (ok && more) {
        struct event_batch *batch = event_batch_new();

        ok = reader_walk(tail->reader, &walk, batch, &more, err) &&
             print_page(tail, batch, err);
        event_batch_free(batch);
    }
    return ok && flush_output(tail, err);
}

/* Everything that came after the cursor. */
static bool print_rest(struct tail *tail, struct err *err)
{
    bool more = true;

    while (more) {
        struct reader_range range = {.after = tail->cursor};
        struct event_batch *batch = event_batch_new();
        bool ok = reader_page(tail->reader, &range, batch, &more, err) &&
                  print_page(tail, batch, err);

        more = more && batch->count;
        if (batch->count)
            tail->cursor = batch->events[batch->count - 1].seq;
        event_batch_free(batch);
        if (!ok)
            return false;
    }
    return flush_output(tail, err);
}

/* Backward: the newest so many that match. Their seqs are gathered first,
 * then each is read again with its body: the few are cheap, and what was
 * looked at need not be kept. */

struct newest {
    uint64_t *seqs;
    size_t count, cap;
};

static void newest_add(struct newest *newest, uint64_t seq)
{
    if (newest->count == newest->cap) {
        newest->cap = newest->cap ? newest->cap * 2 : 64;
        newest->seqs =
            xreallocarray(newest->seqs, newest->cap, sizeof *newest->seqs);
    }
    newest->seqs[newest->count++] = seq;
}

/* Without a filter nearly all of a page are wanted; no more are read. */
static size_t page_size(const struct tail *tail)
{
    return query_is_empty(tail->query) && tail->limit < LIMIT_PAGE_ROWS
               ? (size_t)tail->limit
               : LIMIT_PAGE_ROWS;
}

static bool find_newest(struct tail *tail, struct newest *newest,
                        struct err *err)
{
    struct reader_walk walk = {.upto = tail->cursor,
                               .since_ms = tail->since_ms,
                               .newest_first = true,
                               .limit = page_size(tail)};
    bool more = tail->cursor > 0, ok = true;

    while (ok && more && newest->count < tail->limit && !interrupt_came()) {
        struct event_batch *batch = event_batch_new();

        ok = reader_walk(tail->reader, &walk, batch, &more, err);
        for (size_t i = 0; ok && i < batch->count; i++) {
            if (newest->count == tail->limit)
                break;
            if (is_wanted(tail, batch, &batch->events[i]))
                newest_add(newest, batch->events[i].seq);
        }
        event_batch_free(batch);
    }
    return ok;
}

static bool print_newest(struct tail *tail, struct err *err)
{
    struct newest newest = {NULL, 0, 0};
    bool ok = find_newest(tail, &newest, err);

    for (size_t i = newest.count; ok && i > 0 && !interrupt_came(); i--) {
        struct event_batch *batch = event_batch_new();

        if (reader_event(tail->reader, newest.seqs[i - 1], batch, err)) {
            decode_relabel(tail->decode.book, &batch->events[0],
                           &batch->arena);
            ok = print_event(tail, &batch->events[0], err);
        } else {
            ok = !err->text[0];
        }
        event_batch_free(batch);
    }
    free(newest.seqs);
    return ok && !interrupt_came() && flush_output(tail, err);
}

/* Following. */

/* Waits until the owner wrote a line, or it is time to look; false when
 * standard output was closed. *fd is -1 once the owner is gone. */
static bool wait_for_news(struct tail *tail, int *fd)
{
    struct pollfd polled[2] = {{.fd = *fd, .events = POLLIN},
                               {.fd = STDOUT_FILENO, .events = 0}};
    char drop[4096];
    ssize_t n;

    if (poll(polled, 2, *fd < 0 ? POLL_MS : -1) < 0)
        return errno == EINTR;
    if (polled[1].revents & (POLLERR | POLLHUP | POLLNVAL)) {
        tail->quiet = true;
        return false;
    }
    if (*fd >= 0 && polled[0].revents) {
        n = read(*fd, drop, sizeof drop);
        if (n <= 0) {
            close(*fd);
            *fd = -1;
        }
    }
    return true;
}

static bool follow(struct tail *tail, const char *path, int fd,
                   struct err *err)
{
    int64_t version = 0, seen = -1, try_at = 0;
    bool ok = true;

    while (ok) {
        if (fd < 0 && clock_mono_us() >= try_at) {
            fd = control_follow(path, NULL);
            try_at = clock_mono_us() + OWNER_TRY_US;
            seen = -1;
        }
        if (fd < 0) {
            ok = reader_version(tail->reader, &version, err);
            if (ok && version != seen)
                ok = print_rest(tail, err);
            seen = version;
        } else {
            ok = print_rest(tail, err);
        }
        if (ok && !wait_for_news(tail, &fd))
            break;
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The command. */

static bool read_limit(struct tail *tail, const char *text)
{
    char *end;

    if (!text) {
        tail->limit = tail->since_ms ? UINT64_MAX : USUAL;
        return true;
    }
    if (!strcmp(text, "all")) {
        tail->limit = UINT64_MAX;
        return true;
    }
    errno = 0;
    tail->limit = strtoull(text, &end, 10);
    if (*text && strchr("0123456789", *text) && !*end && !errno)
        return true;
    command_fail(EXIT_USAGE, "-n %s: a number is needed, or all", text);
    return false;
}

static bool read_query(struct tail *tail, const char *text)
{
    struct query_error error = {.column = 0};

    tail->query = query_parse(text, &error);
    return tail->query || command_wrong_query(text, &error);
}

/* They are no events: no filter knows them. */
static bool rejects_alone(const struct tail *tail)
{
    if (tail->retry && !tail->rejects) {
        command_fail(EXIT_USAGE, "--retry goes with --rejects");
        return false;
    }
    if (!tail->rejects || (!tail->follow && query_is_empty(tail->query)))
        return true;
    command_fail(EXIT_USAGE, "--rejects takes neither a filter nor -f");
    return false;
}

/* "--source https://hub" is the same as its address in front. */
static bool take_source(struct tail *tail)
{
    char *words;
    const char *rest;

    tail->source = tail_source_asked(tail->config);
    if (!tail->source)
        return true;
    if (tail->rejects || tail->url || !strcmp(tail->source, "webhook")) {
        command_fail(EXIT_USAGE, "--source is an address, a file or posthog, "
                                 "in place of the journal here");
        return false;
    }
    words = xstrdup(tail->source);
    if (there_is(words, &rest)) {
        tail->url = words;
        tail->source = NULL;
        return true;
    }
    free(words);
    return true;
}

/* Another telltale is asked for the newest, and for what comes. */
static bool there_alone(const struct tail *tail)
{
    if (!tail->url || (!tail->rejects && !tail->since_ms))
        return true;
    command_fail(EXIT_USAGE, "--since and --rejects are for the journal here");
    return false;
}

static bool read_words(struct tail *tail, struct command_context *context)
{
    const char *since, *limit, *text;
    struct buf query;
    bool ok;

    buf_init(&query, 64 * KIB);
    ok = command_words(context, NULL, &query);
    tail->follow = command_flag(context, ARG_tail_follow);
    tail->hidden = command_flag(context, ARG_tail_hidden);
    tail->rejects = command_flag(context, ARG_tail_rejects);
    tail->retry = command_flag(context, ARG_tail_retry);
    since = command_value(context, ARG_tail_since);
    limit = command_value(context, ARG_tail_lines);
    if (ok && since && !moment_parse(since, clock_now_ms(), &tail->since_ms)) {
        command_fail(EXIT_USAGE,
                     "--since %s: no time, like 2h, 09:00 or 2026-09-14",
                     since);
        ok = false;
    }
    text = query.data;
    if (ok && there_is(query.data, &text))
        tail->url = xstrdup(query.data);
    ok = ok && read_limit(tail, limit) && read_query(tail, text) &&
         take_source(tail) && rejects_alone(tail) && there_alone(tail);
    buf_free(&query);
    return ok;
}

static bool print(struct tail *tail, struct err *err)
{
    const char *path = config_text(tail->config, OPTION_journal);
    int fd = tail->follow ? control_follow(path, NULL) : -1;
    bool ok = reader_last_seq(tail->reader, &tail->cursor, err) &&
              (tail->limit == UINT64_MAX ? print_all(tail, err)
                                         : print_newest(tail, err));

    if (ok && tail->follow)
        return follow(tail, path, fd, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

static void print_counts(struct tail *tail)
{
    struct reader_totals totals;
    struct buf line;

    if (reader_totals(tail->reader, &totals, NULL)) {
        tail->counts.forgotten = totals.forgotten;
        tail->counts.rejects = totals.rejects;
    }
    buf_init(&line, 1024);
    counts_line(&tail->counts, &line);
    fprintf(stderr, "telltale: %s\n", line.data);
    buf_free(&line);
}

static int print_rejects(struct tail *tail)
{
    const char *path = config_text(tail->config, OPTION_journal);
    struct err err = {""};

    if ((!tail->retry || rejects_retry(path, &tail->decode.decoder, &err)) &&
        rejects_print(tail->reader, tail->limit, tail->since_ms, tail->json,
                      &err))
        return EXIT_DONE;
    return *err.text ? command_fail(EXIT_FAILED, "%s", err.text) : EXIT_DONE;
}

static bool settled(void *ctx, const char *path, struct err *err)
{
    struct tail *tail = ctx;

    tail->reader = reader_open(path, err);
    return tail->reader && print(tail, err);
}

static bool came(void *ctx, struct event_batch *batch, struct err *err)
{
    return print_page(ctx, batch, err) && flush_output(ctx, err);
}

static int run_source(struct tail *tail, struct config *config)
{
    struct tail_source source = {.config = config,
                                 .where = tail->source,
                                 .since_ms = tail->since_ms,
                                 .follow = tail->follow,
                                 .settled = settled,
                                 .came = came,
                                 .ctx = tail};
    int code;

    tail->follow = false; /* what follows is told */
    code = tail_source(&source);
    if (tail->quiet)
        return interrupt_came() ? EXIT_INTERRUPTED : EXIT_DONE;
    if (code == EXIT_DONE && tail->reader)
        print_counts(tail);
    return code == EXIT_DONE && query_unjudged(tail->query) ? EXIT_FAILED
                                                            : code;
}

static int run(struct tail *tail, struct config *config)
{
    const char *path = config_text(tail->config, OPTION_journal);
    struct err err = {""}, no_book;

    if (!decode_context_open_bookless(&tail->decode, tail->config, &no_book,
                                      &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    if (*no_book.text)
        fprintf(stderr, "telltale: without the book: %s\n", no_book.text);
    query_set_book(tail->query, tail->decode.book);
    if (tail->source)
        return run_source(tail, config);
    if (!path)
        return command_fail(EXIT_CONFIG, "no home directory for the journal: "
                                         "set HOME or --journal");
    tail->reader = reader_open(path, &err);
    if (!tail->reader)
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (tail->rejects)
        return print_rejects(tail);
    if (!print(tail, &err))
        return tail->quiet ? EXIT_DONE
                           : command_fail(EXIT_FAILED, "%s", err.text);
    if (!tail->quiet)
        print_counts(tail);
    return query_unjudged(tail->query) ? EXIT_FAILED : EXIT_DONE;
}

static int run_there(const struct tail *tail)
{
    struct tail_there there = {.config = tail->config,
                               .url = tail->url,
                               .query = query_text(tail->query),
                               .limit = tail->limit,
                               .json = tail->json,
                               .hidden = tail->hidden,
                               .follow = tail->follow};

    return tail_there(&there);
}

int command_tail(struct command_context *context)
{
    struct tail tail = {.config = context->config,
                        .json = config_flag(context->config, OPTION_json)};
    int code = EXIT_USAGE;

    buf_init(&tail.line, LIMIT_LINE);
    counts_init(&tail.counts);
    if (read_words(&tail, context))
        code = tail.url ? run_there(&tail) : run(&tail, context->config);
    if (tail.reader)
        reader_close(tail.reader);
    decode_context_close(&tail.decode);
    query_free(tail.query);
    free(tail.url);
    counts_free(&tail.counts);
    buf_free(&tail.line);
    return code;
}
