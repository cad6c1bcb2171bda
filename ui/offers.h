/* What the prompt offers to complete a word with. */
#ifndef TELLTALE_OFFERS_H
#define TELLTALE_OFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "live/display.h"
#include "ui/pane/action.h"
#include "ui/prompt.h"
#include "ui/term/draw.h"

#define OFFERS_MAX 12 /* rows of the list */

/* All zero: none. */
struct offers {
    struct offer {
        char *word;
        char *account;      /* of a person; NULL: none, or several */
        size_t events;      /* of the newest that match it, with the field */
        bool counted, more; /* more: older ones were not counted */
        bool several;       /* accounts have a person of that name */
    } list[OFFERS_MAX];
    enum action_where where; /* of commands; the caller says it */
    bool shows_hidden;       /* the stream does; the caller says it */
    size_t count, marked;    /* marked: what Tab takes */
    size_t taken;            /* the one that came last, or came again */
    size_t left_out;         /* more that are known of */
    size_t from;             /* byte of the text where the word begins */
    size_t left;             /* of LIMIT_OFFER_STEPS: 0, there may be more */
};

/* For the word in front of byte at of the text: commands, or what a filter
 * may say there, with the names that host knows. */
void offers_find(struct offers *offers, const struct display_host *host,
                 enum prompt_kind kind, const char *text, size_t at);
/* What the marked one stands for, with its count: "category:surveys, 5". */
bool offers_say(const struct offers *offers, struct buf *out);
void offers_clear(struct offers *offers);
/* A box above row, its words at cell x; nothing when there is no room. */
void offers_draw(const struct offers *offers, struct draw *draw,
                 struct rect row, int x);

#endif
