/* The board of golden screens, for its own files: board.c, the loop;
 * board_host.c, what the screen asks of it; board_control.c, what a test tells
 * it to do; board_load.c, what it holds; board_past.c, that as a journal. */
#ifndef TELLTALE_TESTS_BOARD_H
#define TELLTALE_TESTS_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "event/decode.h"
#include "live/display.h"
#include "live/past_piece.h"

#define HELD_MAX 4096
#define BOARD_MIRRORS 64 /* more than telltale takes: a list that scrolls */

#define BOARD_PINS 8
#define BOARD_NOTES 8

#define PIECES 32

struct board_piece {
    struct past_piece *piece;
    void (*came)(void *screen, struct past_piece *piece);
    void *screen;
};

struct board {
    struct display_host host;
    struct display_status status;
    struct display *display;
    struct decoder decoder;
    struct book *book;
    struct link_policy links;
    struct uuid id;
    struct inbox *inbox;
    struct usage *usage;
    char **settings; /* "name=value" */
    int setting_count;
    struct event *held[HELD_MAX]; /* all events, for fetch */
    size_t held_count;
    struct event_batch *batches[HELD_MAX]; /* … which live in these */
    size_t batch_count;
    uint64_t seq;
    int in, out;
    bool want_output, stop, wants_still;
    bool held_up;          /* no frame is drawn before the next input */
    uint64_t dice;         /* of feed */
    size_t template_count; /* of held: those there were at the start */
    int64_t due;
    char problem[256], mirror[64];
    char mirror_name[32], reject_begins[48];
    size_t mirrors, rejects;
    bool paused[BOARD_MIRRORS];
    struct display_pin pins[BOARD_PINS];
    char pin_notes[BOARD_PINS][64];
    size_t pin_count;
    struct {
        char account[64], text[LIMIT_NOTE + 1];
    } notes[BOARD_NOTES];
    uint64_t asked; /* the event whose recording is asked for; 0: none */
    struct board_piece pieces[PIECES]; /* of the past, that are asked for */
    size_t piece_count, piece_credit;
    int64_t late;        /* ms that all that arrives was on its way */
    char recording[256]; /* the answer that waits for a question; "" */
    struct buf control;
};

void board_fill_host(struct board *board, const struct catalog *catalog);
/* The value of a setting, "" if there is none. ctx: a struct board. */
const char *board_option(void *ctx, const char *name);
/* The event of that number; NULL: it is not held. */
const struct event *board_held(const struct board *board, uint64_t seq);

/* ---- what it holds ---- */

void board_add(struct board *board, struct event *event, bool live);
/* What is there at the start, in order of time. */
void board_load(struct board *board, char **files, int count);
/* flags: EVENT_BACKFILLED, or 0. */
void board_arrive(struct board *board, const char *path, unsigned flags);
/* So many events, each of an organisation of its own that nobody knew. */
void board_add_strangers(struct board *board, size_t count);
/* The usage is filled anew from what is held: other numbers than before. */
void board_refill_usage(struct board *board);
/* By the setting of that name. */
void board_read_book(struct board *board);
/* Each line of a file that is no comment; "": no file. */
void board_read_lines(struct board *board, const char *path,
                      void (*each)(struct board *board, char *line));
/* A line of a table of signals: columns as in tests/screen/signals.tsv. */
void board_add_signal(struct board *board, char *line);
/* A line of the past: columns as in tests/screen/usage.tsv. */
void board_add_past(struct board *board, char *line);

/* ---- as a journal ---- */

bool board_read_past(void *ctx, struct past_piece *piece,
                     void (*came)(void *screen, struct past_piece *piece),
                     void *screen);
/* Is one asked for that may be answered? Answers it. */
bool board_gives_piece(const struct board *board);
void board_give_piece(struct board *board);
/* Answers all with nothing, at the end. */
void board_drop_pieces(struct board *board);

/* Obeys the lines that have come on *fd; -1: it was closed. */
void board_read_control(struct board *board, int *fd);

#endif
