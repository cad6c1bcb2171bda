/* What an opened PostHog is, for the files of this folder only. */
#ifndef TELLTALE_POSTHOG_INTERNAL_H
#define TELLTALE_POSTHOG_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"
#include "posthog/api.h"

struct posthog {
    char *host;    /* "https://us.posthog.com" */
    char *project; /* digits, or NULL */
    char *key;     /* a secret */
    int group_index;
    posthog_waiting *waiting;
    void *ctx;
    int status; /* of the last answer of a blocking call */
};

/* refusal.c: "what: text", of what is PostHog's only what a terminal may
 * have. False always. */
bool refusal_quote(struct err *err, const char *what, const char *text);
/* refusal.c: says in plain words what an answer with that status means, and
 * what to do. answer is its JSON, or NULL. False always. */
bool refusal_explain(const struct posthog *posthog, int status,
                     const struct cJSON *answer, struct err *err);

#endif
