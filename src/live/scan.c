/* Two pieces at most: one is judged while the next is read. Each event of the
 * first goes through a ring of one, whose row the filter is asked as it would
 * be on the board: book, hidden ones and all. */
#include "live/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "live/display.h"
#include "live/past_piece.h"
#include "live/ring.h"
#include "query/query.h"

#include "base/banned.h"

#define FIRST_WANT 250 /* events of the first piece */
#define MOST_WANT 4000
#define LOOK 32        /* events between two looks at the clock */
#define ASK_MOST 256   /* bodies asked at once … */
#define ASK_AHEAD 1000 /* … of the next so many events */

/* What is known of an event of the piece. */
enum verdict { UNJUDGED, OUT, IN, OPEN };

struct scan_query {
    char *text;
    struct query *query; /* NULL: everything */
    struct query_bound *bound;
};

/* Lives until the host gives its piece, or its answers, back. */
struct request {
    struct scan *scan; /* NULL: nobody waits any more */
    enum { FILTER, FIND } which;
    size_t asked[ASK_MOST], count; /* places in the piece here */
};

struct scan {
    const struct display_host *host;
    struct reader_walk walk; /* of the next piece */
    struct past_there there; /* or there */
    bool show_hidden, newer;
    struct scan_query queries[2]; /* FILTER and FIND */
    struct ring *ring;            /* of one */
    unsigned relabels;

    struct past_piece *here; /* being judged; NULL: none */
    struct past_piece *ahead;
    struct request *reading, *asking; /* NULL: nothing is under way */
    bool end, failed, away;
    size_t want, at;
    unsigned char *verdicts; /* of the piece here */
    int *bits[2];
    uint64_t seen;
    int64_t reached;

    void (*changed)(void *ctx);
    void *ctx;
};

static void piece_free(struct past_piece *piece)
{
    if (!piece)
        return;
    event_batch_free(piece->batch);
    free(piece);
}

/* ---- made and freed ---- */

static void take_query(struct scan *scan, int which, const char *text)
{
    struct scan_query *query = &scan->queries[which];

    query->query = text && *text ? query_parse(text, NULL) : NULL;
    if (!query->query)
        return;
    query->text = xstrdup(text);
    query->bound = query_bind(query->query, ring_texts(scan->ring));
}

struct scan *scan_new(const struct display_host *host,
                      const struct scan_plan *plan, void (*changed)(void *ctx),
                      void *ctx)
{
    struct scan *scan = xcalloc(1, sizeof *scan);

    scan->host = host;
    scan->walk = (struct reader_walk){.from = plan->from,
                                      .newest_first = !plan->newer,
                                      .no_bodies = true};
    scan->there.on = (plan->from.seq & PAST_THERE) != 0;
    scan->there.from = plan->from;
    scan->there.from.seq &= ~PAST_THERE;
    scan->newer = plan->newer;
    scan->show_hidden = plan->show_hidden;
    scan->ring = ring_new(1, SIZE_MAX);
    take_query(scan, FILTER, plan->filter);
    take_query(scan, FIND, plan->find);
    scan->relabels = ring_relabels(host->ring) - 1;
    scan->want = FIRST_WANT;
    scan->reached = CLOCK_NONE;
    scan->changed = changed;
    scan->ctx = ctx;
    return scan;
}

static void drop_piece(struct scan *scan)
{
    piece_free(scan->here);
    free(scan->verdicts);
    free(scan->bits[FILTER]);
    free(scan->bits[FIND]);
    scan->here = NULL;
    scan->verdicts = NULL;
    scan->bits[FILTER] = scan->bits[FIND] = NULL;
    scan->at = 0;
}

void scan_free(struct scan *scan)
{
    if (!scan)
        return;
    if (scan->reading)
        scan->reading->scan = NULL;
    if (scan->asking)
        scan->asking->scan = NULL;
    drop_piece(scan);
    piece_free(scan->ahead);
    for (int i = 0; i < 2; i++) {
        query_unbind(scan->queries[i].bound);
        query_free(scan->queries[i].query);
        free(scan->queries[i].text);
    }
    ring_free(scan->ring);
    free(scan);
}

/* ---- reading ---- */

static void on_piece(void *ctx, struct past_piece *piece)
{
    struct request *request = ctx;
    struct scan *scan = request->scan;

    free(request);
    if (!scan) {
        piece_free(piece);
        return;
    }
    scan->reading = NULL;
    scan->failed = !piece->ok;
    scan->end = !piece->more;
    scan->walk = piece->walk;
    scan->there = piece->there;
    scan->away = piece->away;
    scan->ahead = piece;
    scan->changed(scan->ctx);
}

/* Larger pieces the further it goes. */
static void read_ahead(struct scan *scan)
{
    struct past_piece *piece;

    if (scan->reading || scan->ahead || scan->end || scan->failed)
        return;
    piece = xcalloc(1, sizeof *piece);
    piece->walk = scan->walk;
    piece->there = scan->there;
    piece->want = scan->want;
    /* What was kept meanwhile is of it. */
    piece->walk.upto = 0;
    scan->want = scan->want * 2 < MOST_WANT ? scan->want * 2 : MOST_WANT;
    scan->reading = xcalloc(1, sizeof *scan->reading);
    scan->reading->scan = scan;
    if (scan->host->read_past &&
        scan->host->read_past(scan->host->ctx, piece, on_piece, scan->reading))
        return;
    free(scan->reading);
    scan->reading = NULL;
    scan->failed = true;
    piece_free(piece);
}

/* False: there is none yet, or none any more. */
static bool next_piece(struct scan *scan)
{
    size_t count;

    drop_piece(scan);
    scan->here = scan->ahead;
    scan->ahead = NULL;
    read_ahead(scan);
    if (!scan->here)
        return false;
    count = scan->here->batch->count + 1;
    scan->verdicts = xcalloc(count, sizeof *scan->verdicts);
    for (int i = 0; i < 2; i++) {
        scan->bits[i] = xmalloc(count * sizeof **scan->bits);
        for (size_t j = 0; j < count; j++)
            scan->bits[i][j] = QUERY_UNREAD;
    }
    return true;
}

/* ---- judging ---- */

/* The book's names, owners and segments are those of now. */
static void label(struct scan *scan)
{
    const struct display_host *host = scan->host;

    if (scan->relabels == ring_relabels(host->ring))
        return;
    scan->relabels = ring_relabels(host->ring);
    ring_relabel(scan->ring, host->book(host->ctx));
}

static enum query_answer answer(const struct scan *scan, int which, size_t at,
                                const struct record *record)
{
    if (!scan->queries[which].bound)
        return QUERY_YES;
    return query_judge_row(scan->queries[which].bound, &record->row,
                           scan->bits[which][at], clock_now_ms());
}

static bool is_hidden(const struct scan *scan, const struct record *record)
{
    const struct query *filter = scan->queries[FILTER].query;

    return record->row.hidden && !scan->show_hidden &&
           !(filter && query_asks_hidden(filter));
}

static enum verdict judge(struct scan *scan, size_t at)
{
    const struct record *record;
    enum query_answer filter, find;

    label(scan);
    ring_push(scan->ring, &scan->here->batch->events[at]);
    record = ring_at(scan->ring, 0);
    if (is_hidden(scan, record))
        return OUT;
    filter = answer(scan, FILTER, at, record);
    find = filter == QUERY_NO ? QUERY_NO : answer(scan, FIND, at, record);
    if (filter == QUERY_NO || find == QUERY_NO)
        return OUT;
    return filter == QUERY_YES && find == QUERY_YES ? IN : OPEN;
}

static void on_bits(void *ctx, const int *bits)
{
    struct request *request = ctx;
    struct scan *scan = request->scan;

    if (scan) {
        scan->asking = NULL;
        scan->failed |= !bits;
        for (size_t i = 0; bits && i < request->count; i++) {
            scan->bits[request->which][request->asked[i]] = bits[i];
            scan->verdicts[request->asked[i]] = UNJUDGED;
        }
        scan->changed(scan->ctx);
    }
    free(request);
}

/* Which of the two it hangs on: the filter first. */
static int open_query(const struct scan *scan, size_t at)
{
    const struct query *filter = scan->queries[FILTER].query;

    return filter && query_deep(filter) &&
                   scan->bits[FILTER][at] == QUERY_UNREAD
               ? FILTER
               : FIND;
}

/* Those of another telltale have their bodies with them. */
static enum verdict judge_body(struct scan *scan)
{
    const struct event *event = &scan->here->batch->events[scan->at];
    int which = open_query(scan, scan->at);

    scan->bits[which][scan->at] =
        query_match_deep(scan->queries[which].query, event);
    return judge(scan, scan->at);
}

static bool has_body(const struct scan *scan)
{
    return scan->here->batch->events[scan->at].seq & PAST_THERE;
}

/* Asks the bodies of those behind that are open on the same query. */
static void ask_bodies(struct scan *scan, size_t at)
{
    const struct display_host *host = scan->host;
    struct request *request = xcalloc(1, sizeof *request);
    size_t end = at + ASK_AHEAD;
    uint64_t seqs[ASK_MOST];

    if (end > scan->here->batch->count)
        end = scan->here->batch->count;
    request->scan = scan;
    request->which = open_query(scan, at);
    for (; at < end && request->count < ASK_MOST; at++) {
        if (scan->verdicts[at] == UNJUDGED)
            scan->verdicts[at] = (unsigned char)judge(scan, at);
        if (scan->here->batch->events[at].seq & PAST_THERE)
            break; /* has its body */
        if (scan->verdicts[at] != OPEN ||
            open_query(scan, at) != (int)request->which)
            continue;
        seqs[request->count] = scan->here->batch->events[at].seq;
        request->asked[request->count++] = at;
    }
    scan->asking = request;
    if (host->judge &&
        host->judge(host->ctx, scan->queries[request->which].text, seqs,
                    request->count, on_bits, request))
        return;
    scan->asking = NULL;
    scan->failed = true;
    free(request);
}

/* ---- going on ---- */

static uint64_t steps_of(const struct scan *scan)
{
    uint64_t steps = 0;

    for (int i = 0; i < 2; i++)
        if (scan->queries[i].query)
            steps += query_steps(scan->queries[i].query);
    return steps;
}

/* The verdict on the event it stands at, after the bodies were asked. */
static enum verdict look(struct scan *scan)
{
    unsigned char *verdict = &scan->verdicts[scan->at];

    if (*verdict == UNJUDGED)
        *verdict = (unsigned char)judge(scan, scan->at);
    for (int i = 0; i < 2 && *verdict == OPEN && has_body(scan); i++)
        *verdict = (unsigned char)judge_body(scan);
    if (*verdict == OPEN && !scan->asking)
        ask_bodies(scan, scan->at);
    return (enum verdict)scan->verdicts[scan->at];
}

void scan_pass(struct scan *scan)
{
    scan->reached = scan->here->batch->events[scan->at].received_at;
    scan->at++;
    scan->seen++;
}

enum scan_result scan_next(struct scan *scan, int64_t deadline_us,
                           const struct event **event)
{
    uint64_t from = steps_of(scan);
    size_t looked = 0;

    for (;;) {
        if (scan->here && scan->at < scan->here->batch->count) {
            enum verdict verdict = look(scan);

            *event = &scan->here->batch->events[scan->at];
            if (verdict == IN)
                return SCAN_FOUND;
            if (verdict != OUT)
                return scan->failed ? SCAN_FAILED : SCAN_WAITS;
            scan_pass(scan);
        } else if (!next_piece(scan)) {
            return scan->failed ? SCAN_FAILED
                   : scan->end  ? SCAN_END
                                : SCAN_WAITS;
        }
        if ((++looked % LOOK == 0 ||
             steps_of(scan) - from > LIMIT_SLICE_STEPS) &&
            clock_mono_us() >= deadline_us)
            return SCAN_BUSY;
    }
}

bool scan_away(const struct scan *scan)
{
    return scan->failed && scan->away;
}

uint64_t scan_seen(const struct scan *scan)
{
    return scan->seen;
}

int64_t scan_reached(const struct scan *scan)
{
    return scan->reached;
}

bool scan_explain(const struct scan *scan, struct err *err)
{
    for (int i = 0; i < 2; i++)
        if (scan->queries[i].query &&
            !query_explain_unjudged(scan->queries[i].query, err))
            return false;
    return true;
}
