/* Where senders put things: for every field of an event, the paths at which
 * some sender is known to keep it, tried in order. [payload] in the
 * configuration adds paths in front. */
#ifndef TELLTALE_PAYLOAD_H
#define TELLTALE_PAYLOAD_H

#include <stdbool.h>

#include "base/err.h"

enum payload_field {
    PAYLOAD_EVENT, /* what happened */
    PAYLOAD_KIND,  /* what it is, where nothing says what happened */
    PAYLOAD_UUID,
    PAYLOAD_TIMESTAMP,
    PAYLOAD_DISTINCT_ID,
    PAYLOAD_PERSON_EMAIL,
    PAYLOAD_PERSON_NAME,
    PAYLOAD_ACCOUNT_ID,        /* of the event */
    PAYLOAD_ACCOUNT,           /* an id or a name */
    PAYLOAD_PERSON_ACCOUNT_ID, /* where the person belongs */
    PAYLOAD_ACCOUNT_NAME,
    PAYLOAD_URL,
    PAYLOAD_SESSION_ID,
    PAYLOAD_PROPERTIES,
    PAYLOAD_PROJECT_URL,
    PAYLOAD_SOURCE_URL,
    PAYLOAD_REPLAY_URL,
    PAYLOAD_PERSON_URL,
    PAYLOAD_EVENT_URL,
    PAYLOAD_TITLE,
    PAYLOAD_TEXT,
    PAYLOAD_SEVERITY,
    PAYLOAD_FIELDS
};

/* [payload]: field → extra paths. */
struct payload_paths {
    char **paths[PAYLOAD_FIELDS]; /* each NULL-terminated, or NULL */
};

/* The built-in paths of a field, NULL-terminated. */
const char *const *payload_known(enum payload_field field);

struct payload_paths *payload_paths_new(void);
void payload_paths_free(struct payload_paths *paths);
/* field is one of the names payload.c lists ("event", "uuid", "timestamp",
 * "account_id", "account_name", "person_email", …); paths are separated by
 * blanks. Unknown field or bad path: false with err. */
bool payload_paths_add(struct payload_paths *paths, const char *field,
                       const char *list, struct err *err);

#endif
