/* GET /report. A report goes over all events of its days, which may take
 * longer than a request may wait. So its first read, which knows whether there
 * is such an account, decides what is answered; then the answer is open, and
 * its body follows when it is made, read by read, with others between. What
 * cannot be finished breaks off, so that nobody takes it for whole. */
#include "serve/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/report.h"
#include "serve/access.h"
#include "serve/params.h"

#include "base/banned.h"

struct reports {
    struct journal *journal;
    const struct viewers *viewers;
    const struct redaction *conceal; /* NULL: nothing */
    struct server *server;
    struct paper *first;
    unsigned count;
    bool stopped;
};

/* One of them: the reader's while `job`, else the loop's. */
struct paper {
    struct paper *next; /* once it is asked for */
    struct reports *reports;
    struct request_id id;
    struct report_options options;
    char *account; /* the options' */
    const struct report_format *format;
    struct report report;
    struct gathering *gathering;
    struct buf page;
    size_t sent;  /* bytes of it */
    uint64_t job; /* of the journal's reader; 0: none */
    bool held;    /* in use further up the stack */
    bool gone;    /* nobody waits for it */
};

struct reports *reports_new(struct journal *journal,
                            const struct viewers *viewers,
                            const struct redaction *conceal)
{
    struct reports *reports = xcalloc(1, sizeof *reports);

    reports->journal = journal;
    reports->viewers = viewers;
    reports->conceal = conceal;
    return reports;
}

static void paper_free(struct paper *paper)
{
    gathering_free(paper->gathering);
    report_free(&paper->report);
    buf_free(&paper->page);
    free(paper->account);
    free(paper);
}

void reports_free(struct reports *reports)
{
    while (reports->first) {
        struct paper *paper = reports->first;

        reports->first = paper->next;
        paper_free(paper);
    }
    free(reports);
}

/* It is done with, one way or the other. */
static void drop(struct paper *paper)
{
    struct paper **at = &paper->reports->first;

    while (*at != paper)
        at = &(*at)->next;
    *at = paper->next;
    paper->reports->count--;
    paper_free(paper);
}

/* ---- admission ---- */

/* A length, or a time with its zone: whose day 09:00 is of is not known
 * here. */
static bool read_since(const struct request *request,
                       struct report_options *options, struct err *err)
{
    char text[64];
    int64_t length;
    bool given;

    options->now_ms = clock_now_ms();
    options->since_ms = report_since(options->now_ms, CLOCK_WEEK_MS);
    if (!params_text(request, "since", text, sizeof text, &given, err))
        return false;
    if (!given)
        return true;
    if (clock_parse_length(text, &length))
        options->since_ms = report_since(options->now_ms, length);
    else
        options->since_ms = clock_parse(text, strlen(text));
    return options->since_ms != CLOCK_NONE ||
           err_set(err, "since is like 7d, or like 2026-09-14T08:00:00Z");
}

static bool read_words(struct paper *paper, const struct request *request,
                       struct err *err)
{
    char account[LIMIT_TEXT], format[8] = "text";
    bool given;

    paper->format =
        params_text(request, "format", format, sizeof format, &given, err)
            ? report_format_find(format)
            : NULL;
    if (!paper->format)
        return err_set(err, "format is text, md, html or json");
    if (!read_since(request, &paper->options, err) ||
        !params_text(request, "account", account, sizeof account, &given, err))
        return false;
    if (given)
        paper->options.account = paper->account = text_fold(account);
    paper->options.days = journal_days(paper->reports->journal);
    paper->options.conceal = paper->reports->conceal;
    paper->gathering = gathering_new(&paper->report, &paper->options, err);
    return paper->gathering != NULL;
}

static enum admission reports_admit(void *ctx, const struct request *request,
                                    struct answer *answer, void **note)
{
    struct reports *reports = ctx;
    struct paper *paper;
    struct err err = {""};

    if (!access_granted(reports->viewers, request, NULL)) {
        access_refuse(reports->viewers, answer);
        return ADMIT_ANSWER;
    }
    if (reports->stopped || reports->count >= LIMIT_REPORTS) {
        params_answer(answer, 503, "others are being made, ask again");
        answer->headers = "Retry-After: 2\r\n";
        return ADMIT_ANSWER;
    }
    paper = xcalloc(1, sizeof *paper);
    paper->reports = reports;
    buf_init(&paper->page, LIMIT_REPORT_PAGE);
    if (!read_words(paper, request, &err)) {
        paper_free(paper);
        params_refuse(answer, err.text);
        return ADMIT_ANSWER;
    }
    reports->count++;
    *note = paper;
    return ADMIT;
}

static void reports_gone(void *ctx, void *note)
{
    struct reports *reports = ctx;

    reports->count--;
    paper_free(note);
}

/* ---- sending ---- */

/* The page goes as its socket takes it. */
static void send_on(struct paper *paper)
{
    struct server *server = paper->reports->server;

    paper->held = true;
    while (!paper->gone && paper->sent < paper->page.len &&
           !server_stream_waiting(server, paper->id)) {
        size_t left = paper->page.len - paper->sent;
        size_t len = left < LIMIT_FEED_PIECE ? left : LIMIT_FEED_PIECE;

        server_stream_send(server, paper->id, paper->page.data + paper->sent,
                           len);
        paper->sent += len;
    }
    paper->held = false;
    if (!paper->gone && paper->sent < paper->page.len)
        return;
    if (!paper->gone)
        server_stream_end(server, paper->id);
    drop(paper);
}

static void on_drained(void *ctx)
{
    struct paper *paper = ctx;

    if (!paper->job)
        send_on(paper);
}

static void on_quiet(void *ctx)
{
    (void)ctx;
}

static void on_gone(void *ctx, const char *why)
{
    struct paper *paper = ctx;

    (void)why;
    paper->gone = true;
    if (paper->job && !paper->reports->stopped)
        journal_cancel(paper->reports->journal, paper->job);
    else if (!paper->job && !paper->held)
        drop(paper);
}

/* ---- making ---- */

static enum reader_step first_step(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct paper *paper = ctx;
    bool more;

    return gathering_step(paper->gathering, reader, &more, err)
               ? READER_DONE
               : READER_FAILED;
}

static bool write_page(struct paper *paper, struct err *err)
{
    return paper->format->write(&paper->page, &paper->report) ||
           err_set(err, "the report is too large");
}

/* The last step is the page. */
static enum reader_step next_step(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct paper *paper = ctx;
    bool more;

    if (!paper->gathering)
        return write_page(paper, err) ? READER_DONE : READER_FAILED;
    if (!gathering_step(paper->gathering, reader, &more, err))
        return READER_FAILED;
    if (!more) {
        gathering_free(paper->gathering);
        paper->gathering = NULL;
    }
    return READER_AGAIN;
}

static void on_made(void *ctx, bool ok, const struct err *err)
{
    struct paper *paper = ctx;

    paper->job = 0;
    if (!ok && !paper->gone) {
        log_limited(LOG_WARN, "a report is not made: %s", err->text);
        server_stream_break(paper->reports->server, paper->id);
        paper->gone = true;
    }
    send_on(paper);
}

static void refuse(struct paper *paper, int status, const char *why)
{
    struct answer answer = {.status = 0};

    params_answer(&answer, status, why);
    server_answer(paper->reports->server, paper->id, &answer);
    answer_free(&answer);
    drop(paper);
}

static void refuse_unmade(struct paper *paper, const struct err *err)
{
    if (paper->report.nobody) {
        refuse(paper, 404, err->text);
        return;
    }
    log_limited(LOG_WARN, "a report is not made: %s", err->text);
    refuse(paper, 500, "the journal cannot be read");
}

static void on_begun(void *ctx, bool ok, const struct err *err)
{
    struct paper *paper = ctx;
    struct stream stream = {
        .content_type = paper->format->content_type
                            ? paper->format->content_type
                            : "application/json",
        .headers = "Cache-Control: no-store\r\n"
                   "X-Content-Type-Options: nosniff\r\n"
                   "Content-Security-Policy: default-src 'none'; style-src "
                   "'unsafe-inline'\r\n",
        .on_drained = on_drained,
        .on_quiet = on_quiet,
        .on_gone = on_gone,
        .ctx = paper};

    paper->job = 0;
    paper->held = true;
    if (paper->reports->stopped) {
        refuse(paper, 503, "the server stops, ask again");
        return;
    }
    if (!ok) {
        refuse_unmade(paper, err);
        return;
    }
    if (!server_stream(paper->reports->server, paper->id, &stream))
        paper->gone = true;
    paper->held = false;
    if (paper->gone)
        drop(paper);
    else
        paper->job =
            journal_read(paper->reports->journal, next_step, on_made, paper);
}

static void reports_complete(void *ctx, struct request_id id, const char *peer,
                             void *note, char *body, size_t len)
{
    struct reports *reports = ctx;
    struct paper *paper = note;

    (void)peer;
    (void)body;
    (void)len;
    paper->id = id;
    paper->next = reports->first;
    reports->first = paper;
    paper->job = journal_read(reports->journal, first_step, on_begun, paper);
}

void reports_serve(struct reports *reports, struct server *server)
{
    static const struct route_ops ops = {.admit = reports_admit,
                                         .on_complete = reports_complete,
                                         .on_gone = reports_gone};
    struct route route = {.methods = "GET",
                          .path = "/report",
                          .ops = &ops,
                          .ctx = reports};

    reports->server = server;
    server_route(server, &route);
}

void reports_stop(struct reports *reports)
{
    if (reports->stopped)
        return;
    reports->stopped = true;
    for (struct paper *paper = reports->first; paper; paper = paper->next)
        if (paper->job)
            journal_cancel(reports->journal, paper->job);
}
