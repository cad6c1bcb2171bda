/* The service "board": without a screen there is none. */
#include "app/board.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/clock.h"
#include "base/mem.h"

#include "base/banned.h"

static void *board_new(const struct service_host *host, struct err *err)
{
    struct board *board;

    (void)err;
    if (!host->screen)
        return NULL;
    board = xcalloc(1, sizeof *board);
    board->host = host;
    return board;
}

static void label(void *self)
{
    struct board *board = self;

    ring_relabel(board->ring, board->host->decode->book);
    tally_set_book(board->tally, board->host->decode->book);
}

static bool board_open(void *self, struct err *err)
{
    struct board *board = self;
    const struct config *config = board->host->config;

    (void)err;
    board->ring = ring_new((size_t)config_number(config, OPTION_ring_events),
                           (size_t)config_number(config, OPTION_ring_bytes));
    board->tally = tally_new();
    tally_set_ring(board->tally, board->ring);
    label(board);
    board->kept_seq = journal_stats(board->host->journal).last_seq;
    history_start(board, board->kept_seq);
    return true;
}

/* Of what the demo brings, its history is no news: a clock that was ahead when
 * the program started does not make what comes later old. */
static bool is_live(const struct board *board, const struct event *event)
{
    return !board->host->follow_clock ||
           event->received_at >= board->host->opened_at;
}

/* What a poll brings late (EVENT_BACKFILLED) is shown as it came, last; the
 * next start finds its place in time. */
static void board_kept(void *self, const struct event_batch *batch)
{
    struct board *board = self;

    tally_tick(board->tally, clock_now_ms());
    for (size_t i = 0; i < batch->fresh; i++) {
        const struct event *event = &batch->events[i];

        ring_push(board->ring, event);
        tally_add(board->tally, event, is_live(board, event));
        board->kept_seq = event->seq;
    }
}

static void board_past(void *self, const struct event_batch *batch)
{
    struct board *board = self;

    for (size_t i = 0; i < batch->fresh; i++)
        tally_add(board->tally, &batch->events[i], false);
}

/* All that was told so far, and nothing that will be: what is committed
 * meanwhile has a higher seq, and comes live. */
static void board_past_complete(void *self, uint64_t last_seq, size_t events)
{
    struct board *board = self;

    if (last_seq > board->kept_seq)
        board->kept_seq = last_seq;
    history_restart(board, board->kept_seq, events, FORGETS_NOBODY);
}

/* What came later, they had not seen. */
void board_read(struct board *board, const char *account, int64_t at)
{
    const struct tally_account *row =
        board ? tally_find(board->tally, account) : NULL;

    if (row && (row->last_at == CLOCK_NONE || row->last_at <= at))
        tally_mark_read(board->tally, account);
}

static void read_again(struct board *board, const struct forget_goes *gone,
                       enum display_forgetting forgetting)
{
    if (!board)
        return;
    board->gone = gone;
    if (!board->host->stopping)
        history_restart(board, board->kept_seq, 0, forgetting);
}

void board_forgets(struct board *board, const struct forget_goes *goes)
{
    read_again(board, goes, FORGETS);
}

void board_forgot(struct board *board, bool ok)
{
    read_again(board, NULL, ok ? FORGOT : FORGETS_IN_VAIN);
}

static void board_free(void *self)
{
    struct board *board = self;

    history_free(board);
    board_marks_free(board);
    if (board->tally)
        tally_free(board->tally);
    if (board->ring)
        ring_free(board->ring);
    free(board);
}

const struct service service_board = {.new = board_new,
                                      .open = board_open,
                                      .kept = board_kept,
                                      .past = board_past,
                                      .past_complete = board_past_complete,
                                      .reread = label,
                                      .free = board_free};
