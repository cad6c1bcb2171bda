/* Asking PostHog from the loop: one question at a time, nobody waits. What
 * api_blocking.h does too, under the same rules (api_request.h). */
#ifndef TELLTALE_API_ASYNC_H
#define TELLTALE_API_ASYNC_H

#include "base/err.h"
#include "net/client.h"
#include "net/loop.h"
#include "posthog/api_request.h"
#include "posthog/api_sequence.h"

struct api_async;

/* Everything is borrowed. */
struct api_async *api_async_new(struct loop *loop, struct client *client,
                                const struct posthog *posthog);
/* Called when PostHog asks to be left alone for so long; it does so. */
void api_async_on_waiting(struct api_async *async, posthog_waiting *waiting,
                          void *ctx);
/* What is to be done with each answer before `done` is called, and takes long:
 * a large answer is read by a worker (base/worker.h), which calls it there, so
 * that it may touch only what nobody else does until then. The request's
 * answer may be released. It has the ctx of the question. */
void api_async_on_answer(struct api_async *async,
                         void (*prepare)(void *ctx,
                                         struct api_request *request));
/* Asks nothing more, and calls nobody any more, but prepare() for what is
 * being read, until it is freed. */
void api_async_stop(struct api_async *async);
void api_async_free(struct api_async *async); /* stops it; NULL is allowed */

/* What came of it, from a later turn of the loop; request is NULL, and err
 * says why, when it failed. Both live for that call, in which the next
 * question may be asked or async freed. */
typedef void api_async_done(void *ctx, const struct api_request *request,
                            const struct err *err);
/* The question is copied. One must be done before the next is asked. */
void api_async_send(struct api_async *async, const struct question *question,
                    api_async_done *done, void *ctx);
/* Of the last answer, also one that was a refusal; 0 when none came. */
int api_async_status(const struct api_async *async);
/* The last question failed since its answer was longer than is read. */
bool api_async_too_long(const struct api_async *async);
/* Runs a whole sequence; its ctx must live until done, which gets NULL when
 * all went well. It counts as one question. */
void api_async_run(struct api_async *async,
                   const struct api_sequence *sequence,
                   void (*done)(void *ctx, const struct err *err), void *ctx);

#endif
