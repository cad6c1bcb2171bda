/* PostHog's REST API, as far as telltale asks it: one key, one project. It is
 * asked by api_blocking.h or, from the loop, by api_async.h. Source of the
 * rules: PostHog's API documentation (queries, rate limits) and its
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

/* Which of PostHog's limits a wait of so many seconds comes from, in words. */
const char *posthog_limit(unsigned seconds);

/* True for PostHog's words for a query that it stopped, or would not begin,
 * since it is too much: the same one would end so again, one of less may
 * not. */
bool posthog_is_too_much(const char *why);

/* From [posthog] of the settings: host ("us", "eu" or an address; https, or
 * http on this machine), project, and the API key from the environment, a
 * file or a command. NULL with err when one is missing or makes no sense;
 * project may be missing until it is asked for. */
struct posthog *posthog_open(const struct config *config,
                             posthog_waiting *waiting, void *ctx,
                             struct err *err);
void posthog_close(struct posthog *posthog); /* wipes the key */
/* True when the settings have a key at hand, which may yet be a wrong one. */
bool posthog_has_key(const struct config *config);
/* That, and the project's number. */
bool posthog_configured(const struct config *config);
/* "https://us.posthog.com", without a slash at the end. */
const char *posthog_host(const struct posthog *posthog);
/* "2", or NULL. */
const char *posthog_project(const struct posthog *posthog);
/* Which $group_N of an event is the organisation, by the settings. */
int posthog_group_index(const struct posthog *posthog);
/* Digits, as the API has them; false with err otherwise. */
bool posthog_set_project(struct posthog *posthog, const char *project,
                         struct err *err);

/* The text of that name in an object of an answer; "" when there is none. */
const char *posthog_text(const struct cJSON *object, const char *name);
/* Where a column of that name is in each row; −1: there is none. */
int posthog_column(const struct cJSON *answer, const char *name);
/* Appends text as a HogQL string, quoted and escaped. */
void posthog_quote(struct buf *sql, const char *text);

#endif
