/* Private to the source "feed": whether the other journal still is the one
 * that we have seen. One restored from an older copy may have grown beyond our
 * place: it gives our numbers to other events. So each request for the feed
 * has a locator with it, and where one of its points is another event there, we
 * are told, ask again with others that lie between what is the same and what
 * is not, and go back as far as that. */
#ifndef TELLTALE_FEED_FORK_H
#define TELLTALE_FEED_FORK_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/locator.h"

struct feed_source;
struct feed_word;

struct feed_fork {
    struct locator sent;        /* with the request that is under way */
    bool all;                   /* of those between the next two there are no
                                others */
    struct locator_point same;  /* the highest; seq 0: none is known */
    struct locator_point other; /* the lowest; seq 0: there is none */
    unsigned rounds;
    const void *finding; /* what is being looked up; NULL: nothing */
    bool again;          /* the next request follows at once */
};

/* Looks up what to send, then calls that, in this turn or later; unless it
 * fails, and then the link is lost. */
void feed_fork_find(struct feed_source *source,
                    void (*then)(struct feed_source *source));
/* It has other events than we have; the link ends, and why is said. */
void feed_fork_take(struct feed_source *source, const struct feed_word *word);

#endif
