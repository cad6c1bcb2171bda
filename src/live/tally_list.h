/* The account list of tally.h: who stands in it, and where. What each did,
 * tally.c knows and writes into the rows. */
#ifndef TELLTALE_TALLY_LIST_H
#define TELLTALE_TALLY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "live/tally.h"

struct tally_row {
    struct tally_account account; /* first: what is handed out */
    char *id, *name;
    int64_t last_received; /* with last_seq: the event that stands last */
    bool last_past;
    uint32_t number; /* of its id in ids */
    size_t book_place;
};

struct tally_list {
    struct intern *ids;
    struct tally_row **by_number; /* by intern number; 0 is "no account" */
    uint32_t numbers;
    struct tally_row **rows; /* in the order of the list */
    size_t count, cap;
    unsigned changes; /* rows that came, went, got a name, ever */
    size_t unlisted, unlisted_bytes; /* rows, and their texts */
};

void tally_list_open(struct tally_list *list); /* all of it was 0 */
void tally_list_close(struct tally_list *list);

/* By its id, NULL for "no account". NULL: it has no row. */
struct tally_row *tally_list_find(const struct tally_list *list,
                                  const char *id);
/* A row of somebody who has none, without events. An unlisted one may take
 * the place of those that were quiet for longest (LIMIT_UNLISTED). */
struct tally_row *tally_list_add(struct tally_list *list, const char *id,
                                 const char *name, bool listed);
void tally_list_remove(struct tally_list *list, size_t index);
/* NULL: it is called by its id. */
void tally_row_rename(struct tally_row *row, const char *name);
/* It is one of the unlisted rows from now on, or no more. */
void tally_list_count_unlisted(struct tally_list *list,
                               const struct tally_row *row, bool more);

/* Moves the one row that was changed to where it belongs now; all of them. */
void tally_list_settle(struct tally_list *list, const struct tally_row *row);
void tally_list_sort(struct tally_list *list);

#endif
