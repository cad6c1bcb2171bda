/* Replays that wait until they are ready: the list of them, without a screen.
 */
#ifndef TELLTALE_REPLAYS_H
#define TELLTALE_REPLAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/links.h"

#define REPLAYS_MAX 64
#define REPLAY_ASK_MS 20000 /* PostHog is asked so often */

enum replay_fate {
    REPLAY_TIMED,  /* nobody can be asked: opens at opens_at */
    REPLAY_ASKED,  /* opens when PostHog says that it is there */
    REPLAY_OPENED, /* at opens_at */
    REPLAY_MISSED, /* no recording by opens_at: does not open by itself */
};

/* Times are wall ms. */
struct replay_item {
    uint64_t seq;
    char *url; /* this and all text below: owned by the list */
    char *project_url, *session_id; /* may be NULL */
    char *account, *person, *what;  /* for its row; person may be NULL */
    char *account_id, *person_id;   /* may be NULL */
    int64_t at;                     /* when it came */
    int64_t moment;                 /* what the recording must reach */
    enum replay_fate fate;
    int64_t opens_at; /* of one that is asked for: how long that goes on */
    int64_t ask_at;   /* of those: the next time; CLOCK_NONE: being asked */
};

/* Newest first. */
struct replays {
    struct replay_item items[REPLAYS_MAX];
    size_t count;
};

/* Adds an item (strings are taken over); the oldest that waits no longer
 * makes room. It stays where it is until the next is added or removed. NULL:
 * the list is full; strings are freed. */
struct replay_item *replays_add(struct replays *replays,
                                const struct replay_item *item);
/* The item of that event that waits; NULL: none does. */
struct replay_item *replays_find(struct replays *replays, uint64_t seq);
void replays_remove(struct replays *replays, size_t index);
void replays_clear(struct replays *replays);
size_t replays_waiting(const struct replays *replays);
/* When there is something to do for it, opening or asking; CLOCK_NONE: it
 * waits no longer, or for an answer. And the earliest of all. */
int64_t replay_next(const struct replay_item *item);
int64_t replays_next(const struct replays *replays);
/* What PostHog said of one that waits. True: it is to be opened now. */
bool replay_heard(struct replay_item *item, enum recording recording,
                  int64_t now);
void replay_opened(struct replay_item *item, int64_t now);

#endif
