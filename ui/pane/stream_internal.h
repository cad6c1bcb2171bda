/* What the files of the event list share: stream.c (rows, cursor, drawing) and
 * stream_past.c (the journal beyond the ring: scrolling there, finding, going
 * to a time, playing). */
#ifndef TELLTALE_STREAM_INTERNAL_H
#define TELLTALE_STREAM_INTERNAL_H

#include "live/past.h"
#include "live/scan.h"
#include "ui/pane/action.h"
#include "ui/pane/finder.h"
#include "ui/pane/pane.h"
#include "ui/pane/reading.h"
#include "ui/pane/sheet.h"
#include "ui/pane/stream.h"

#define UPDATE_BUDGET_US 3000

/* Playing the past. */
struct player {
    bool on;
    bool skips;   /* to the next event, once it is known */
    size_t speed; /* among those there are */
    int64_t ms;   /* received: how far it had come … */
    int64_t at;   /* … at this monotonic time */
};

/* Going through the journal for a text. */
struct seeking {
    struct scan *scan; /* NULL: nothing is looked for */
    char *text;
    bool down, paused;
    uint64_t told; /* events, when it was last told how far it is */
};

struct stream {
    struct pane pane;
    enum category category;  /* CATEGORY_COUNT: the stream, or a view */
    char *name;              /* of a saved view; NULL: it is none */
    struct view *live;       /* over the host's ring */
    struct view *view;       /* what shows: that, or the past's */
    const struct ring *ring; /* … of that view */
    uint64_t cursor, top;    /* numbers in that ring; 0: none */
    bool follow;
    uint64_t left_at; /* the newest when it stopped following */
    struct sheet sheet;
    struct finder *finder; /* still looking; NULL: not */
    bool round;            /* … it goes round the end */
    struct reading *reading;
    bool told; /* that its filter is too costly */

    struct past *past;   /* what shows; NULL: the host's ring does */
    struct past *coming; /* being read, to show once there is something */
    size_t joined;       /* events it had from the start */
    bool asked;          /* by a key that found no more rows: it is told … */
    size_t above;        /* … and goes on by so many once there are */
    bool to_oldest;      /* it is to begin with the oldest event of all */
    bool down;           /* the last move was down: towards now */
    bool stopped;        /* nothing more is there, or Esc: nothing is read
                            by itself until one moves up or filters */
    int64_t aim_ms;      /* where the cursor is to be; CLOCK_NONE: it is */
    uint64_t aim_seq;    /* 0: at the first since then */
    uint64_t placed;     /* the cursor, when it got there … */
    int64_t placed_ms;   /* … by that aim */
    uint64_t placed_seq;
    struct player player;
    struct seeking seeking;
};

/* stream.c */
void stream_stop_following(struct stream *stream);
void stream_go_to_row(struct stream *stream, size_t row);
size_t stream_cursor_row(const struct stream *stream);
size_t stream_last_row(const struct stream *stream);
void stream_drop_finder(struct stream *stream);
/* Finds in the rows that show, round the end. */
void stream_find_round(struct stream *stream, const char *text, bool down);

/* stream_past.c */
void past_free_all(struct stream *stream);
/* Before the rows are laid out: takes in what came. True: call again soon. */
bool past_go_on(struct stream *stream);
/* After: whether the place is one of the ring's again, or one near its oldest
 * row, above which the journal is then read. True: call again soon. */
bool past_settle(struct stream *stream);
/* Rows above the oldest one are wanted. */
void past_above(struct stream *stream, size_t rows);
/* Is the window's newest row the newest of all? */
bool past_is_newest(const struct stream *stream);
/* To the oldest event there is. */
void past_oldest(struct stream *stream);
/* Shows the host's ring again. keep: the cursor stays on its event, if that is
 * there. */
void past_leave(struct stream *stream, bool keep);
/* Looks on in the journal; false: it cannot. */
bool past_seek(struct stream *stream, const char *text, bool down);
/* An action that means something in the past only. */
bool past_action(struct stream *stream, enum action action);
/* "Mon 14 Sep 10:31 · ×10 · G: now", in so many cells: for the title; the rule
 * above all rows. */
void past_title(const struct stream *stream, int cells, struct buf *out);
void past_rule(const struct stream *stream, char *out, size_t size);

#endif
