/* The ring's past: when a screen opens, the journal is read backwards in time
 * on its reader's thread, a slice at a time, and each slice goes below the
 * events that arrive meanwhile. The first slice is a screenful, so that the
 * first frames show something; later ones are larger. */
#include "app/board.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/forget.h"
#include "base/banned.h"

#define FIRST_SLICE 200
#define SLICE 4000

struct history {
    struct board *board;
    bool again;    /* what it reads is counted already */
    bool stale;    /* another one has begun since */
    bool told;     /* whoever looks, of these: */
    size_t events; /* of the past, that made it read again */
    enum display_forgetting forgetting;
    size_t had;           /* records of the ring, ever, when it began */
    struct history *next; /* older ones, still at the reader */
    struct reader_walk walk;
    size_t want; /* of this slice */
    bool more;
    struct event_batch *batch; /* the slice; the reader's until done */
};

/* On the reader's thread. */
static enum reader_step read_slice(void *ctx, struct journal_reader *reader,
                                   struct err *err)
{
    struct history *history = ctx;

    history->walk.limit = history->want - history->batch->count;
    if (!reader_walk(reader, &history->walk, history->batch, &history->more,
                     err))
        return READER_FAILED;
    return history->more && history->batch->count < history->want
               ? READER_AGAIN
               : READER_DONE;
}

static void read_on(struct history *history);

/* Back on the loop: false when the ring is full. */
static bool take_slice(struct history *history)
{
    struct board *board = history->board;

    for (size_t i = 0; i < history->batch->count; i++) {
        struct event *event = &history->batch->events[i];

        if (board->gone && forget_takes(board->gone, event))
            continue;
        decode_relabel(board->host->decode->book, event,
                       &history->batch->arena);
        if (!ring_push_old(board->ring, event))
            return false;
        if (!history->again)
            tally_add(board->tally, event, false);
    }
    return true;
}

/* Only now the old order goes, so that no frame is without either; what came
 * live meanwhile stays at the end. */
static void replace_past(struct history *history)
{
    struct board *board = history->board;

    ring_keep_newest(board->ring, ring_ever(board->ring) - history->had);
    board->host->relisted(board->host->app, history->events,
                          history->forgetting);
    history->told = true;
}

static void on_slice(void *ctx, bool ok, const struct err *err)
{
    struct history *history = ctx;
    const struct service_host *host = history->board->host;
    bool first = history->want == FIRST_SLICE, room;

    if (ok && first && history->again && !history->stale)
        replace_past(history);
    room = ok && !history->stale && take_slice(history);

    if (!ok)
        log_line(LOG_WARN, "the past cannot be read: %s", err->text);
    if (history->batch->count)
        host->listed(host->app);
    event_batch_free(history->batch);
    history->batch = NULL;
    if (room && history->more && !host->stopping) {
        history->want = SLICE;
        read_on(history);
    } else if (ok && history->again && !history->stale) {
        tally_recount(history->board->tally);
        host->changed(host->app);
    }
}

static void read_on(struct history *history)
{
    history->batch = event_batch_new();
    history->more = false;
    journal_read(history->board->host->journal, read_slice, on_slice, history);
}

static struct history *begin(struct board *board, uint64_t last_seq)
{
    struct history *history = xcalloc(1, sizeof *history);

    history->board = board;
    history->walk = (struct reader_walk){.upto = last_seq,
                                         .newest_first = true,
                                         .no_bodies = true};
    history->want = FIRST_SLICE;
    history->next = board->history;
    board->history = history;
    read_on(history);
    return history;
}

void history_start(struct board *board, uint64_t last_seq)
{
    if (last_seq)
        begin(board, last_seq);
}

/* The older walk counted what it came to; the rest of it is not counted, as
 * if the ring had been full. */
void history_restart(struct board *board, uint64_t last_seq, size_t events,
                     enum display_forgetting forgetting)
{
    struct history *history, *before = board->history;

    if (!last_seq)
        return;
    history = begin(board, last_seq);
    history->again = true;
    history->events = events;
    history->forgetting = forgetting;
    history->had = ring_ever(board->ring);
    if (!before)
        return;
    before->stale = true;
    if (!before->again || before->told)
        return;
    history->events += before->events;
    if (!forgetting)
        history->forgetting = before->forgetting;
}

void history_free(struct board *board)
{
    while (board->history) {
        struct history *history = board->history;

        board->history = history->next;
        event_batch_free(history->batch);
        free(history);
    }
}
