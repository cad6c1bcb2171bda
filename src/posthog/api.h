/* PostHog's REST API, as far as telltale asks it: one key, one project, one
 * request at a time, blocking. Waits when PostHog says so (429), asks again
 * when its gateway stumbles, and says what is wrong in plain words. Source of
 * the rules: PostHog's API documentation (queries, rate limits) and its
 * posthog/api and products/cdp/backend. */
#ifndef TELLTALE_POSTHOG_API_H
#define TELLTALE_POSTHOG_API_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

struct cJSON;
struct posthog;

/* Called before a wait of that many seconds; NULL is allowed. */
typedef void posthog_waiting(void *ctx, unsigned seconds);

/* From [posthog] of the settings: host ("us", "eu" or an address; https, or
 * http on this machine), project, and the API key from the environment, a
 * file or a command. NULL with err when one is missing or makes no sense;
 * project may be missing until it is asked for. */
struct posthog *posthog_open(const struct config *config,
                             posthog_waiting *waiting, void *ctx,
                             struct err *err);
void posthog_close(struct posthog *posthog); /* wipes the key */
/* "https://us.posthog.com", without a slash at the end. */
const char *posthog_host(const struct posthog *posthog);
/* "2", or NULL. */
const char *posthog_project(const struct posthog *posthog);
/* Digits, as the API has them; false with err otherwise. */
bool posthog_set_project(struct posthog *posthog, const char *project,
                         struct err *err);

/* One request; path is what follows the host ("/api/users/@me/"), body NULL
 * or JSON. The parsed answer, which the caller deletes; NULL with err. A
 * request that changes something is never sent twice. */
struct cJSON *posthog_request(struct posthog *posthog, const char *method,
                              const char *path, const struct cJSON *body,
                              struct err *err);
/* The same below /api/projects/N; rest begins with "/". */
struct cJSON *posthog_project_request(struct posthog *posthog,
                                      const char *method, const char *rest,
                                      const struct cJSON *body,
                                      struct err *err);
/* Everything of a list, following `next`, as one array that the caller
 * deletes; NULL with err. */
struct cJSON *posthog_list(struct posthog *posthog, const char *rest,
                           struct err *err);

/* Runs HogQL and waits for it when PostHog does it in the background. The
 * SQL must carry its own LIMIT (at most POSTHOG_ROWS_MAX; 100 without) and no
 * OFFSET: page by a key. The answer has the arrays "columns" and "results";
 * the caller deletes it. NULL with err. */
#define POSTHOG_ROWS_MAX 50000
struct cJSON *posthog_query(struct posthog *posthog, const char *sql,
                            struct err *err);
/* The pieces of a query for those who have a loop and must not block: what
 * to post (the caller deletes it), where below /api/projects/N, and with
 * which header, a secret to be wiped by secret_free(). True when plain http
 * is allowed: on this machine. */
struct cJSON *posthog_query_body(const char *sql);
bool posthog_prepare(const struct posthog *posthog, const char *rest,
                     struct buf *url, struct buf *authorization);
/* What came back, parsed; NULL with err, and how long PostHog wants to be
 * left alone in *wait_s (0: it does not say). */
struct client_answer;
struct cJSON *posthog_read(const struct posthog *posthog,
                           const struct client_answer *answer,
                           unsigned *wait_s, struct err *err);
/* Where a column of that name is in each row; −1: there is none. */
int posthog_column(const struct cJSON *answer, const char *name);
/* Appends text as a HogQL string, quoted and escaped. */
void posthog_quote(struct buf *sql, const char *text);

#endif
