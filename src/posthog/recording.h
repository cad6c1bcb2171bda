/* Whether the recording behind a replay is there yet. PostHog is asked from
 * the loop, for one recording after the other, once each: who waits for one
 * asks again. */
#ifndef TELLTALE_RECORDING_H
#define TELLTALE_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "event/links.h"
#include "net/client.h"
#include "net/loop.h"
#include "posthog/api.h"

#define RECORDINGS_MAX 64 /* that wait to be asked for */

struct recordings;

/* What came of it, under the id it was asked for by; why lives for that call
 * and is "" but for RECORDING_UNKNOWN. The next may be asked for in it. */
typedef void recording_told(void *ctx, uint64_t id, enum recording recording,
                            const char *why);

/* Everything is borrowed. */
struct recordings *recordings_new(struct loop *loop, struct client *client,
                                  const struct posthog *posthog,
                                  recording_told *told, void *ctx);
/* Asks whether the session's recording reaches that moment (wall ms); told is
 * called once, from a later turn of the loop. False, and it is not: that is
 * no session id, too many wait already, or it is stopped. */
bool recordings_ask(struct recordings *recordings, uint64_t id,
                    const char *session_id, int64_t moment_ms);
/* Asks no more, and tells nobody any more. */
void recordings_stop(struct recordings *recordings);
void recordings_free(struct recordings *recordings); /* NULL is allowed */

/* What PostHog's description of a recording says, at now_ms, about that
 * moment. */
enum recording recording_read(const struct cJSON *recording, int64_t moment_ms,
                              int64_t now_ms);

#endif
