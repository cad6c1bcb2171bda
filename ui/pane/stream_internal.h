/* What the files of the event list share: stream.c (rows, cursor),
 * stream_draw.c and stream_words.c (how it looks), stream_past.c (the journal
 * beyond the ring: scrolling there, going to a time), stream_seek.c (finding
 * there), stream_census.c (which of how many is found), stream_play.c (playing
 * it). */
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
#define TELL_EVERY 2000 /* events gone over between two words about it */

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

/* How many there are of what is looked for, in the journal. */
struct census {
    struct scan *scan; /* NULL: nothing is counted */
    char *text, *filter;
    bool shows_hidden;
    uint64_t *seqs; /* of those that match, the newest first */
    size_t count, room;
    bool done;
    bool asked; /* to be told once it is known; not when n went on */
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
    bool linking;        /* told that reading waits for the link */
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
    struct census census;
};

/* stream.c */
const struct stream *stream_const(const struct pane *pane);
/* The stream in the middle, and no pane beside it. */
bool stream_is_main(const struct stream *stream);
void stream_stop_following(struct stream *stream);
void stream_go_to_row(struct stream *stream, size_t row);
size_t stream_cursor_row(const struct stream *stream);
size_t stream_last_row(const struct stream *stream);
void stream_drop_finder(struct stream *stream);
/* Finds in the rows that show, round the end. */
void stream_find_round(struct stream *stream, const char *text, bool down);

/* stream_draw.c: of the pane's operations, … */
void stream_draw(const struct pane *pane, struct draw *draw);
void stream_hint(const struct pane *pane, struct buf *out);

/* stream_words.c: … and what stands in rules. */
void stream_title(const struct pane *pane, struct buf *left,
                  struct buf *right);
/* " Mon 14 Sep ": a line that is no event. */
void stream_rule(const struct stream *stream, const struct line *line,
                 char *out, size_t size);
/* That nothing is older than the oldest row. */
void past_begins(const struct stream *stream, char *out, size_t size);

/* stream_past.c */
const struct display_host *stream_host(const struct stream *stream);
/* The filter's text; NULL: there is none. */
const char *stream_filter(const struct stream *stream);
/* Is there a journal, and may it be shown? */
bool stream_can_read(const struct stream *stream);
/* For who reads it: there is something to go on with. */
void stream_changed(void *stream);
/* Tells that what is read waits for the link to who has it, and when it does
 * no more; true: it waits. */
bool past_tell_linking(struct stream *stream);
/* Why nothing more can be read; away: since there is no link to who has it. */
const char *past_failed(bool away);
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
/* The host's ring was filled anew: what shows of the journal, or was asked
 * for, stays. False: there is nothing of that. */
bool past_keep(struct stream *stream);
/* Goes to an event of the journal. */
void past_show_event(struct stream *stream, const struct event *event);
/* An action that means something in the past, or while it is read. */
bool past_action(struct stream *stream, enum action action);

/* stream_seek.c */
/* Looks on in the journal; false: it cannot. */
bool seek_begin(struct stream *stream, const char *text, bool down);
/* True: call again soon. */
bool seek_on(struct stream *stream);
/* Holds it, to be gone on with; false: nothing is looked for. */
bool seek_pause(struct stream *stream);
void seek_stop(struct stream *stream);

/* stream_census.c */
/* Which of how many the one under the cursor is: told at once, or once that
 * is known. */
void census_ask(struct stream *stream);
/* True: call again soon. */
bool census_on(struct stream *stream);
void census_stop(struct stream *stream);

/* stream_play.c */
bool play_action(struct stream *stream, enum action action);
/* How far it plays by now; CLOCK_NONE: it does not play. */
int64_t play_until(struct stream *stream);
/* Once what came until then is there: when to go on. True: call again soon. */
bool play_on(struct stream *stream);
/* What its clock shows, and how many times as fast as ours it runs. */
int64_t play_time(const struct stream *stream);
unsigned play_speed(const struct stream *stream);

#endif
