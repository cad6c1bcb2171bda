/* The detail of one event, as its files share it: detail.c (what keys do),
 * detail_lines.c
 * (which line holds what), detail_move.c (where the cursor is). */
#ifndef TELLTALE_DETAIL_INTERNAL_H
#define TELLTALE_DETAIL_INTERNAL_H

#include "base/mem.h"
#include "event/event.h"
#include "ui/pane/members.h"
#include "ui/pane/pane.h"
#include "ui/pane/raw_text.h"
#include "ui/pane/same_day.h"
#include "ui/pane/tree.h"

#define MAX_LINKS 4

struct detail_link {
    const char *title, *url;
};

/* What a line is of; the cursor goes to those behind HELD. */
enum detail_part {
    DETAIL_SENTENCE,
    DETAIL_BLANK,
    DETAIL_FACT,
    DETAIL_FOLD_RULE,
    DETAIL_TREE_RULE,
    DETAIL_RAW_RULE,
    DETAIL_HELD,
    DETAIL_DAY = DETAIL_HELD, /* how many there are, and closes them */
    DETAIL_OTHER,             /* of that day */
    DETAIL_MEMBER,
    DETAIL_PROPERTY,
    DETAIL_RAW,
};

struct detail_line {
    enum detail_part part;
    uint32_t item;  /* fact, row of the tree, line of the raw text … */
    uint16_t piece; /* of a wrapped one, from 0 */
    uint16_t pieces;
};

struct detail {
    struct pane pane;
    uint64_t number; /* in the ring, and so in the stream's view; 0: it is
                        not there */
    uint64_t seq;    /* in the journal; holds when it left the ring */
    struct detail_request *request; /* being fetched; NULL: here or gone */
    bool gone;
    struct arena arena;
    struct event event;      /* text in arena */
    const char *cut, *whole; /* its sentence; whole is NULL if cut is that */
    struct detail_link links[MAX_LINKS];
    size_t link_count;
    struct members members;
    struct same_day day;
    bool day_open;
    struct tree *tree;
    struct raw_text raw;

    struct detail_line *lines;
    size_t line_count, line_room;
    int laid_width, laid_height, laid_facts; /* what they were laid out for */
    bool laid_masked, stale;
    /* The cursor keeps to what it is on, whatever is laid out anew: a line
     * with piece 0. */
    size_t cursor, top;
    bool moved; /* the cursor, since it was loaded */
};

/* Lays the lines out if they may be others by now. */
void detail_lay_out(struct detail *detail);
/* The first line of that; SIZE_MAX: there is none. */
size_t detail_find_line(const struct detail *detail, enum detail_part part,
                        size_t item);
bool detail_line_held(const struct detail *detail, size_t line);
/* One line of rect. */
void detail_draw_one(const struct detail *detail, struct draw *draw,
                     struct rect rect, size_t line);

/* Keeps the cursor on a line that has one, and in sight. */
void detail_settle(struct detail *detail);
/* So many lines, up if negative. */
void detail_move(struct detail *detail, long by);
void detail_go_to(struct detail *detail, size_t line);
void detail_go_to_end(struct detail *detail);

#endif
