/* What the board holds as if it were a journal: pieces of the past. */
#include <stdlib.h>
#include <string.h>

#include "tests/screen/board.h"
#include "ui/ui.h"
#include "base/banned.h"

/* What is held is the journal, in the order it came. Where a walk is: the
 * index of what it comes to next, and one more. */
static void begin_walk(const struct board *board, struct reader_walk *walk)
{
    size_t at = 0;

    while (at < board->held_count &&
           (walk->from.seq ? board->held[at]->seq != walk->from.seq
                           : board->held[at]->received_at < walk->from.ms))
        at++;
    if (!walk->from.seq && !walk->from.ms && walk->newest_first)
        at = board->held_count;
    if (walk->from.seq && !walk->newest_first)
        at++;
    walk->live = at + 1;
    walk->begun = true;
}

static void read_piece(const struct board *board, struct past_piece *piece)
{
    struct reader_walk *walk = &piece->walk;
    struct event_batch *batch = event_batch_new();
    size_t most = strtoul(board_option((void *)board, "past_piece"), NULL, 10);
    size_t at;

    if (!walk->begun)
        begin_walk(board, walk);
    if (!most || most > piece->want)
        most = piece->want;
    batch->events = arena_alloc(&batch->arena, most * sizeof *batch->events);
    for (at = walk->live - 1; batch->count < most;
         at += walk->newest_first ? (size_t)-1 : 1) {
        if (walk->newest_first ? !at : at >= board->held_count)
            break;
        batch->events[batch->count++] = *board->held[at - walk->newest_first];
    }
    walk->live = at + 1;
    piece->more = walk->newest_first ? at > 0 : at < board->held_count;
    piece->batch = batch;
    piece->ok = true;
}

bool board_read_past(void *ctx, struct past_piece *piece,
                     void (*came)(void *screen, struct past_piece *piece),
                     void *screen)
{
    struct board *board = ctx;

    if (board->piece_count == PIECES)
        return false;
    board->pieces[board->piece_count++] =
        (struct board_piece){piece, came, screen};
    return true;
}

bool board_gives_piece(const struct board *board)
{
    return board->piece_count &&
           (board->piece_credit || !*board_option((void *)board, "past_hold"));
}

void board_give_piece(struct board *board)
{
    struct board_piece first = board->pieces[0];

    board->piece_credit -= board->piece_credit > 0;
    memmove(board->pieces, board->pieces + 1,
            --board->piece_count * sizeof first);
    read_piece(board, first.piece);
    first.came(first.screen, first.piece);
    ui_display()->changed(board->display);
}

void board_drop_pieces(struct board *board)
{
    for (size_t i = 0; i < board->piece_count; i++) {
        struct board_piece *piece = &board->pieces[i];

        piece->piece->batch = event_batch_new();
        piece->came(piece->screen, piece->piece);
    }
}
