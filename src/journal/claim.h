/* Who has a place in another journal. A journal that was put back to an older
 * copy gives the numbers that it had given since to other events: then two
 * events name one place. Both are kept; the place is that of the one received
 * last, since that is the one its journal still has, and the other stands
 * under the name of a journal that is no more. That name follows from the
 * place's journal: so whatever comes when, each is known again.
 *
 * Two are the same when their uuids are; without any, when they were received
 * at the same time and no key says otherwise. */
#ifndef TELLTALE_CLAIM_H
#define TELLTALE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "event/event.h"

struct sqlite3;
struct dict;
struct claims;

/* dict is borrowed and outlives it; NULL with err. */
struct claims *claims_new(struct sqlite3 *db, struct dict *dict,
                          struct err *err);
void claims_free(struct claims *claims); /* NULL is allowed */

/* event has an origin, whose id in the dictionary is *origin. *first: the seq
 * here of the same event; 0: there is none, and the place in *origin is free
 * for it now. Where another has its place for good, *origin and the origin of
 * event are of a journal that is no more, or none at all. */
bool claims_settle(struct claims *claims, struct event *event, int64_t *origin,
                   uint64_t *first, struct err *err);

#endif
