/* Addresses that are safe to open: made from the project's address and ids,
 * or taken from the payload when scheme and host allow it. What comes out
 * has only unreserved and reserved URL characters: no control, blank, quote,
 * backslash, '<' or '>', so neither a shell nor a browser can misread it. */
#ifndef TELLTALE_LINKS_H
#define TELLTALE_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

struct link_policy {
    const char *const *hosts; /* allowed besides the project's own; NULL-
                                 terminated, "*.example.com" allowed */
    const char *project_url;  /* configured, for payloads without; or NULL */
};

/* What the payload offers; any may be NULL. Not sanitised. */
struct link_hints {
    const char *replay, *person, *event, *source;
    const char *project_url;
};

/* Fills session_id (only if valid: [A-Za-z0-9-]{1,70}), project_url and
 * links of event. */
void links_fill(const struct link_policy *policy,
                const struct link_hints *hints, const char *session_id,
                struct event *event, struct arena *arena);
/* True for a session id as PostHog makes them: [A-Za-z0-9-]{1,70}. */
bool links_session_valid(const char *id, size_t len);
/* True if url may be opened: url_clean(), and the host is that of
 * project_url, on the list, or PostHog Cloud's own. On false *host (if given)
 * gets the offending host, sanitised, for the message. */
bool links_allowed(const struct link_policy *policy, const char *project_url,
                   const char *url, char *host, size_t host_size);

/* Whether a replay can be expected at this moment. */
enum replay_state {
    REPLAY_NONE,  /* no valid session id: server-side event */
    REPLAY_YOUNG, /* may not be ready: younger than 10 minutes */
    REPLAY_READY,
};
/* How long ago that was by now, ms: the sender's clock may be ahead, and what
 * came now may be of the past, so the earlier of both counts. */
int64_t links_replay_age(int64_t occurred_at, int64_t received_at,
                         int64_t now_ms);
enum replay_state links_replay_state(const struct event *event,
                                     int64_t now_ms);
#define REPLAY_READY_MS (10 * 60 * 1000)

/* What is known of the recording behind a replay once PostHog was asked. */
enum recording {
    RECORDING_READY,   /* it reaches the event: worth opening */
    RECORDING_SHORT,   /* it is there, but does not reach so far yet */
    RECORDING_NONE,    /* there is none so far, and may never be */
    RECORDING_UNKNOWN, /* PostHog could not be asked */
};

#endif
