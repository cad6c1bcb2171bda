/* Asking PostHog from the loop: one question at a time, nobody waits. What
 * api.h does blocking, under the same rules (inquiry.h). */
#ifndef TELLTALE_ASKER_H
#define TELLTALE_ASKER_H

#include "base/err.h"
#include "net/client.h"
#include "net/loop.h"
#include "posthog/inquiry.h"
#include "posthog/talk.h"

struct asker;

/* Everything is borrowed. */
struct asker *asker_new(struct loop *loop, struct client *client,
                        const struct posthog *posthog);
/* Called when PostHog asks to be left alone for so long; the asker does. */
void asker_on_waiting(struct asker *asker, posthog_waiting *waiting,
                      void *ctx);
/* Asks nothing more, and calls nobody any more. */
void asker_stop(struct asker *asker);
void asker_free(struct asker *asker); /* stops it; NULL is allowed */

/* What came of it, from a later turn of the loop; inquiry is NULL, and err
 * says why, when it failed. Both live for that call, in which the next
 * question may be asked or the asker freed. */
typedef void asker_done(void *ctx, const struct inquiry *inquiry,
                        const struct err *err);
/* The question is copied. One must be done before the next is asked. */
void asker_ask(struct asker *asker, const struct question *question,
               asker_done *done, void *ctx);
/* Of the last answer, also one that was a refusal; 0 when none came. */
int asker_status(const struct asker *asker);
/* Holds a whole talk; its ctx must live until done, which gets NULL when all
 * went well. It counts as one question. */
void asker_hold(struct asker *asker, const struct talk *talk,
                void (*done)(void *ctx, const struct err *err), void *ctx);

#endif
