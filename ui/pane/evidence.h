/* Events by their seqs in the journal, read and kept to be drawn: what a
 * signal was concluded from. They need not be in memory otherwise. */
#ifndef TELLTALE_PANE_EVIDENCE_H
#define TELLTALE_PANE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "live/inbox.h"
#include "ui/term/draw.h"

struct screen;

/* Neighbours that say the same of the same person are one. Texts are owned;
 * sentence NULL: not there (yet, or any more). */
struct evidence_item {
    uint64_t seq;
    unsigned times;
    bool asked; /* and not yet answered */
    int64_t at, occurred_at, received_at;
    enum category category;
    enum tone tone;
    bool replay;
    char *sentence, *person, *account_id;
    char *person_id, *email; /* NULL: not known */
};

struct evidence {
    struct screen *screen;
    struct evidence_item items[INBOX_EVIDENCE];
    size_t count;
    struct evidence_request *requests; /* under way */
};

/* Asks for those events, instead of the ones before. */
void evidence_load(struct evidence *evidence, struct screen *screen,
                   const uint64_t *seqs, size_t count);
void evidence_clear(struct evidence *evidence);
/* The rows there are: neighbours that are the same are one row. Item of a
 * row; NULL: no such row. */
size_t evidence_rows(const struct evidence *evidence);
const struct evidence_item *evidence_row(const struct evidence *evidence,
                                         size_t row);
/* "10:45 ◦ read docs/…  ×3 ▹" in one line; person: with the name in it. */
void evidence_draw(const struct evidence *evidence, struct draw *draw,
                   struct rect rect, size_t row, bool person);

#endif
