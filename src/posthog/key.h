/* What PostHog knows about the personal API key it is asked with: which
 * scopes it has, and which projects it is limited to. Source: PostHog's
 * posthog/api/personal_api_key.py (@current) and posthog/permissions.py. */
#ifndef TELLTALE_POSTHOG_KEY_H
#define TELLTALE_POSTHOG_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "posthog/api.h"

struct cJSON;

/* Where to add a scope, below the host. */
#define KEY_PAGE "/settings/user-api-keys"
/* Not needed: whether a replay is ready can be asked with it. */
#define KEY_REPLAY_SCOPE "session_recording:read"

struct key_facts {
    struct cJSON *answer; /* NULL: PostHog does not say */
};

enum key_state {
    KEY_TOLD,
    KEY_UNTOLD,  /* an older PostHog, or no answer: facts are empty */
    KEY_UNKNOWN, /* there is no such key there */
};
/* Asks; on KEY_UNTOLD and KEY_UNKNOWN with err. key_free() in any case. */
enum key_state key_ask(struct posthog *posthog, struct key_facts *facts,
                       struct err *err);
/* Takes answer, which is then the facts'; false when it is none about a key
 * (it is deleted). */
bool key_read(struct key_facts *facts, struct cJSON *answer);
void key_free(struct key_facts *facts);

/* Appends what its owner calls it, harmless and with a blank behind:
 * "laptop" ; nothing when that is not known. */
void key_label(const struct key_facts *facts, struct buf *out);
/* "x:write" includes "x:read", "*" everything. */
bool key_has(const struct key_facts *facts, const char *scope);
/* Appends the scopes it lacks for what telltale does, ", " and " and "
 * between; how many these are. */
size_t key_missing(const struct key_facts *facts, struct buf *out);
/* Whether it may see the project. */
bool key_allows(const struct key_facts *facts, const char *project);
/* Appends the projects it is limited to, ", " between; how many these are. */
size_t key_projects(const struct key_facts *facts, struct buf *out);

/* Where to look for a key that host does not know when nobody has said where
 * PostHog is: "eu" after "us"; NULL: nowhere else. */
const char *key_next_host(const char *host);

#endif
