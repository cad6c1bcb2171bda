/* Replays that wait until they are ready, and the list of them. */
#ifndef TELLTALE_REPLAYS_H
#define TELLTALE_REPLAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pane;
struct screen;
struct links;

#define REPLAYS_MAX 64

struct replay_item {
    uint64_t seq;
    char *url, *project_url;       /* owned by the list */
    char *account, *person, *what; /* for its row; person may be NULL */
    char *account_id;              /* may be NULL */
    int64_t at;                    /* when it happened, wall ms */
    int64_t opens_at;              /* wall ms */
    bool opened;
};

/* Newest first. */
struct replays {
    struct replay_item items[REPLAYS_MAX];
    size_t count;
};

/* Adds an item (strings are taken over); the oldest opened one makes room.
 * False: it is there already, or the list is full; strings are freed. */
bool replays_add(struct replays *replays, const struct replay_item *item);
void replays_remove(struct replays *replays, size_t index);
void replays_clear(struct replays *replays);
size_t replays_waiting(const struct replays *replays);
/* The earliest moment one opens; CLOCK_NONE when none waits. */
int64_t replays_next(const struct replays *replays);

/* The list as a pane; it opens and removes through links. */
struct pane *replays_pane(struct screen *screen, struct links *links,
                          struct replays *replays);

#endif
