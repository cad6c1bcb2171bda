/* The webhook destinations at PostHog that feed this telltale: what they
 * should be, what they are, and making the one the other. One takes a
 * hundred organisations; a longer book gets several, "NAME", "NAME 2" …
 * Pageviews of docs come by the person and not by the group, so they have
 * their own, "NAME docs", and so has what only a project's number ties to an
 * account, "NAME projects". */
#ifndef TELLTALE_POSTHOG_DESTINATION_H
#define TELLTALE_POSTHOG_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/accounts.h"
#include "event/catalog.h"
#include "event/teams.h"
#include "posthog/api.h"

struct cJSON;

#define DESTINATION_ORGANIZATIONS 100

/* What they should be; all is borrowed. */
struct destination_plan {
    const char *name;
    const char *url;            /* …/hook */
    const char *token;          /* sent as X-Telltale-Token, when there is */
    int group_index;            /* which $group_N is the organisation */
    const struct teams *teams;  /* NULL: no project is known */
    const char *signing_secret; /* stands in for the token; NULL: none */
    const struct catalog *catalog;
    const struct book *book;
};

/* Refuses an empty book, an address PostHog cannot post to, and a token that
 * it would change. */
bool destination_plan_valid(const struct destination_plan *plan,
                            struct err *err);
/* How many destinations the book needs. */
size_t destination_parts(const struct destination_plan *plan);
/* The body of the request that creates one of them, from 0; caller deletes. */
struct cJSON *destination_body(const struct destination_plan *plan,
                               size_t index);
/* One that was made before PostHog could sign keeps only the inputs that it
 * knows: then the token stays in body, in place of the signing secret. False
 * with err when there is none. */
bool destination_fit(struct cJSON *body, const struct cJSON *is,
                     const char *token, struct err *err);
/* True when an answer lacks the signing secret that was sent in body. */
bool destination_unsigned(const struct cJSON *answer,
                          const struct cJSON *body);
/* What cannot come, a line each, and what to do about it: events that no
 * filter lets through, and names that no filter can have. */
void destination_unheard(const struct catalog *catalog,
                         const struct teams *teams, struct buf *out);

/* Those of that name at PostHog, in order of their parts, with their inputs:
 * an array that the caller deletes; NULL with err. */
struct cJSON *destination_find(struct posthog *posthog, const char *name,
                               struct err *err);
/* Says line by line what is to change to make `is` into `wanted`; appends
 * nothing when all is as it should be. */
void destination_difference(const struct cJSON *is, const struct cJSON *wanted,
                            const struct book *book, struct buf *out);

/* Switches one on or off, or deletes it. id is as found. */
bool destination_enable(struct posthog *posthog, const char *id, bool enabled,
                        struct err *err);
bool destination_delete(struct posthog *posthog, const char *id,
                        struct err *err);
/* Has PostHog post one event that its own filters let through, of the first
 * account and the person "telltale test"; uuid is the event's, `is` the
 * destination as found. True when our side answered well. */
bool destination_test(struct posthog *posthog,
                      const struct destination_plan *plan,
                      const struct cJSON *is, const char *uuid,
                      struct err *err);

#endif
