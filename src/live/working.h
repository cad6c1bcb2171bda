/* Who is in the product now: a state, not a message. Somebody is from their
 * first event until half an hour after their last one. */
#ifndef TELLTALE_WORKING_H
#define TELLTALE_WORKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/usage.h"

#define WORKING_NOW_MS (10 * INT64_C(60000)) /* active; then quiet */
#define WORKING_MS (30 * INT64_C(60000))     /* and then gone */

/* Whether who did something at that time works at `now`, wall ms. */
bool working_at(int64_t at, int64_t now);

struct working_account {
    const struct usage_account *account;
    /* Who did something last; of those with a name, if there are any. */
    const struct usage_person *person;
    size_t people; /* with that one */
    int64_t last_at;
};
/* The accounts of those who work now, who did something last first; at most
 * `most` of them, and how many there are in all. Valid until the usage
 * changes. */
size_t working_accounts(const struct usage *usage, int64_t now,
                        struct working_account *list, size_t most);
/* More work now than those who were seen last: the above are not all. */
bool working_is_partial(const struct usage *usage, int64_t now);
/* Of one account: the n-th, as above; NULL: there are no more. */
const struct usage_person *working_person(const struct usage *usage,
                                          const struct usage_account *account,
                                          int64_t now, size_t n);

#endif
