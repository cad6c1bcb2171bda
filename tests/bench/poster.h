/* Somebody who sends numbered events at a steady pace, in a process of their
 * own so that drawing and reading the screen does not hold them up: as POSTs
 * to a telltale, or as lines to a file for those who follow files. */
#ifndef TELLTALE_POSTER_H
#define TELLTALE_POSTER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* In memory shared with the child. The text of event N holds "#nN". */
struct poster {
    pid_t pid;
    size_t count; /* to send */
    volatile size_t sent, answered, refused;
    int rate;
    int64_t start;           /* the first was due then; the rest by the rate */
    int64_t cpu_us, took_us; /* what sending cost, once it ended */
    int64_t *at;             /* when each was sent: monotonic microseconds */
    int64_t *answer_us;      /* from sent to answered; 0 where not yet */
    size_t bytes;            /* of all this, for munmap() */
};

/* POSTs to 127.0.0.1; first is the number of the first. */
struct poster *poster_start(int port, const char *token, size_t first,
                            int rate, int seconds);
struct poster *poster_start_file(const char *path, size_t first, int rate,
                                 int seconds);
/* Waits for its end. */
void poster_wait(struct poster *poster);
/* Of one core, what the sender itself took. */
double poster_share(const struct poster *poster);
/* Events a second, as they were really sent. */
double poster_pace(const struct poster *poster);
void poster_free(struct poster *poster);

#endif
