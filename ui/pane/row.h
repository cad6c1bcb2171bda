/* One event as one row: its columns by width. */
#ifndef TELLTALE_ROW_H
#define TELLTALE_ROW_H

#include <stdbool.h>

#include "live/ring.h"
#include "ui/pane/labels.h"
#include "ui/term/draw.h"

struct row_look {
    bool cursor;           /* `>` and the cursor's background */
    bool pinned;           /* by the user: `#` */
    bool no_glyph;         /* the whole pane is one category */
    bool no_account;       /* … or one account */
    bool no_person;        /* … or one person */
    bool highlight;        /* a rule of the user's wants it to stand out */
    bool age;              /* not the time, but how long ago that was */
    bool other_day;        /* no rule above says its day: how long ago, too */
    unsigned times;        /* of a fold, to be told; 0 and 1: not */
    enum tone tone;        /* the worst of a fold, else the event's own */
    const char *link;      /* where the sentence leads; NULL: nowhere */
    const char *sentence;  /* of a fold; NULL: the event's own */
    struct labels *labels; /* accounts' names, told apart */
    int64_t now_ms;        /* for ages, and replays that may not be ready */
};

void row_draw(struct draw *draw, int y, int x, int cells,
              const struct ring *ring, const struct record *record,
              const struct row_look *look);
/* A row's width of line, with what it parts: " Tue 9 June ". */
void row_rule(struct draw *draw, int y, int x, int cells, enum role role,
              const char *text);
/* What the row says, whole. Valid as long as the look and the ring. */
const char *row_sentence(const struct ring *ring, const struct record *record,
                         const struct row_look *look);
/* Does a row of so many cells show less than its whole sentence? */
bool row_is_cut(struct draw *draw, int cells, const struct ring *ring,
                const struct record *record, const struct row_look *look);
/* The moment a row stands for: the client's clock unless it is off. */
int64_t row_time(const struct record *record);
/* The moment by which it stands among the others: its own, or, where it was on
 * its way for long, the one when it came. */
int64_t row_place(const struct record *record);

#endif
