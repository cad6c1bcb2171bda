/* What new signals rest on: the newest events are read again, without their
 * bodies, since the journal says of each which signals rest on it; rows of the
 * ring are marked so. One reading at a time; what is concluded meanwhile is
 * read behind it. */
#include "app/board.h"

#include <stdlib.h>

#include "app/service.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/reader.h"
#include "base/banned.h"

#define PAGES 4 /* of LIMIT_PAGE_ROWS: what news rests on is new */

struct board_marks {
    struct board *board;
    bool again;
    struct reader_range range;
    unsigned pages;
    struct mark {
        uint64_t seq;
        unsigned signals;
    } * marks;
    size_t count, cap;
};

static void note(struct board_marks *marks, const struct event *event)
{
    if (marks->count == marks->cap) {
        marks->cap = marks->cap ? 2 * marks->cap : 64;
        marks->marks =
            xreallocarray(marks->marks, marks->cap, sizeof *marks->marks);
    }
    marks->marks[marks->count++] = (struct mark){event->seq, event->signals};
}

/* On the reader's thread. */
static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct board_marks *marks = ctx;
    struct event_batch *batch = event_batch_new();
    bool more = false;
    bool ok = reader_page(reader, &marks->range, batch, &more, err);

    for (size_t i = 0; ok && i < batch->count; i++) {
        marks->range.before = batch->events[i].seq;
        if (batch->events[i].signals)
            note(marks, &batch->events[i]);
    }
    event_batch_free(batch);
    if (!ok)
        return READER_FAILED;
    return more && ++marks->pages < PAGES ? READER_AGAIN : READER_DONE;
}

static void begin(struct board *board);

static void on_read(void *ctx, bool ok, const struct err *err)
{
    struct board_marks *marks = ctx;
    struct board *board = marks->board;
    const struct service_host *host = board->host;
    bool again = marks->again;

    if (!ok)
        log_line(LOG_WARN, "what signals rest on cannot be read: %s",
                 err->text);
    for (size_t i = 0; ok && i < marks->count; i++)
        ring_mark(board->ring, marks->marks[i].seq, marks->marks[i].signals);
    board_marks_free(board);
    if (again && !host->stopping)
        begin(board);
    host->changed(host->app);
}

static void begin(struct board *board)
{
    board->marks = xcalloc(1, sizeof *board->marks);
    *board->marks = (struct board_marks){.board = board,
                                         .range = {.newest_first = true,
                                                   .no_bodies = true}};
    journal_read(board->host->journal, read_page, on_read, board->marks);
}

void board_mark(struct board *board)
{
    if (!board || board->host->stopping)
        return;
    if (board->marks)
        board->marks->again = true;
    else
        begin(board);
}

void board_marks_free(struct board *board)
{
    if (!board->marks)
        return;
    free(board->marks->marks);
    free(board->marks);
    board->marks = NULL;
}
