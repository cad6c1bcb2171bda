/* Asking PostHog while the caller waits, one request at a time: waits when
 * PostHog says so (429), asks again when its gateway stumbles, and says what
 * is wrong in plain words. From the loop: api_async.h. */
#ifndef TELLTALE_API_BLOCKING_H
#define TELLTALE_API_BLOCKING_H

#include <stdbool.h>

#include "base/err.h"
#include "posthog/api.h"
#include "posthog/api_sequence.h"

/* One request, blocking; path is what follows the host ("/api/users/@me/")
 * or, without "/api/" in front, what follows the project's address
 * ("/hog_functions/"); body NULL or JSON. The parsed answer, which the caller
 * deletes; NULL with err. A request that changes something is never acted on
 * twice. */
struct cJSON *posthog_request(struct posthog *posthog, const char *method,
                              const char *path, const struct cJSON *body,
                              struct err *err);

/* Of the answer to the last request that was asked blocking; 0: none came, or
 * posthog_run() went on with it, whatever it was. */
int posthog_status(const struct posthog *posthog);

/* Runs HogQL and waits for it when PostHog does it in the background. The
 * SQL must carry its own LIMIT (at most POSTHOG_ROWS_MAX; 100 without) and no
 * OFFSET: page by a key. The answer has the arrays "columns" and "results";
 * the caller deletes it. NULL with err. */
#define POSTHOG_ROWS_MAX 50000
struct cJSON *posthog_query(struct posthog *posthog, const char *sql,
                            struct err *err);
/* Runs the sequence; false with err. */
bool posthog_run(struct posthog *posthog, const struct api_sequence *sequence,
                 struct err *err);

#endif
