/* Rows of a table that are accounts: which there are, in what order, and which
 * has the cursor. They are sorted when the table opens or is told to, and
 * hold still then: an account that comes meanwhile goes to the end. */
#ifndef TELLTALE_ACCOUNT_ROWS_H
#define TELLTALE_ACCOUNT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/tally.h"
#include "ui/pane/list.h"

struct screen;

struct account_rows {
    struct list list;
    char **ids; /* owned, top row first; "" is no account */
    size_t count, room;
    unsigned changes; /* of the tally, when last looked */
    bool named_only;  /* events without an account have no row */
    char *cursor;     /* id; NULL: none yet */
};

/* What rows are sorted by, the largest first; of equal ones the order of the
 * tally is kept: what happened last. NULL: that alone. */
typedef double account_value(const struct screen *screen,
                             const struct tally_account *account);

void account_rows_free(struct account_rows *rows);
/* Takes the accounts of the tally; the cursor stays on its account, or goes
 * to the first row when top is set. */
void account_rows_sort(struct account_rows *rows, const struct screen *screen,
                       account_value *value, bool top);
/* What came goes to the end, nothing else moves; false: rows went, sort
 * again. */
bool account_rows_take(struct account_rows *rows, const struct screen *screen);
/* The row of the account under the cursor; SIZE_MAX: it has none. */
size_t account_rows_cursor(const struct account_rows *rows);
/* Before each frame: takes what came, and moves the cursor to where its
 * account is; false, as above. */
bool account_rows_fit(struct account_rows *rows, const struct screen *screen,
                      int height);
/* The account of a row, NULL: it went. */
const struct tally_account *account_rows_at(const struct account_rows *rows,
                                            const struct screen *screen,
                                            size_t row);
const struct tally_account *
account_rows_selected(const struct account_rows *rows,
                      const struct screen *screen);
/* The list's cursor was moved. */
void account_rows_keep(struct account_rows *rows);

#endif
