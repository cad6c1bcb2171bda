/* The loop: libwebsockets' service loop behind a small interface. Nothing
 * outside net/ sees lws. Everything is called on the loop's thread but
 * loop_wake(), which is safe from any thread (not from a signal handler: those
 * go by loop_on_signal()). */
#ifndef TELLTALE_LOOP_H
#define TELLTALE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;

struct loop *loop_new(struct err *err);
void loop_free(struct loop *loop);
/* Runs until loop_stop(). turn_end, if set, is called after every turn,
 * before the loop waits again: this is where batches go to the writer. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
void loop_on_turn_end(struct loop *loop, void (*call)(void *ctx), void *ctx);
/* call runs on the loop's thread after loop_wake(); several wakes may be one
 * call. All that are set are called, whoever woke it. */
void loop_on_wake(struct loop *loop, void (*call)(void *ctx), void *ctx);
/* Not that one any more; may be called from inside it. */
void loop_off_wake(struct loop *loop, void (*call)(void *ctx), void *ctx);
void loop_wake(void *loop);

/* How long turns took, from the first thing that happened in one to its end:
 * so long nothing else could happen. Turns in which nothing did are none. */
#define LOOP_TURN_BUCKETS 9
struct loop_turns {
    uint64_t counts[LOOP_TURN_BUCKETS]; /* up to loop_turn_bounds[], each */
    uint64_t count;
    int64_t sum_us, max_us;
};
extern const int64_t loop_turn_bounds[LOOP_TURN_BUCKETS]; /* us, ascending */
/* Since the start; lives as long as the loop. */
const struct loop_turns *loop_turns(const struct loop *loop);

/* Signals by self-pipe: call runs on the loop's thread. Installs the handler
 * (SA_RESTART); loop_free() puts the old one back. */
bool loop_on_signal(struct loop *loop, int signal,
                    void (*call)(void *ctx, int signal), void *ctx,
                    struct err *err);

/* A watched descriptor: readable is called while it can be read (NULL: it is
 * not asked); writable once each time after loop_fd_want_write(). When the
 * other end hangs up, readable (else writable) is called a last time. The
 * loop works on a duplicate: the caller keeps fd and closes it after
 * loop_unwatch(), which may be called from inside either. */
struct loop_fd;
struct loop_fd *loop_watch(struct loop *loop, int fd,
                           void (*readable)(void *ctx),
                           void (*writable)(void *ctx), void *ctx,
                           struct err *err);
void loop_fd_want_write(struct loop_fd *watched);
/* The other end hung up, and that was told: no call comes any more. */
bool loop_fd_is_over(const struct loop_fd *watched);
void loop_unwatch(struct loop_fd *watched);

/* A timer that is off until set; one shot. delay 0 runs in the next turn. */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *loop, void (*call)(void *ctx),
                                  void *ctx);
void loop_timer_set(struct loop_timer *timer, int64_t delay_us);
void loop_timer_cancel(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

#endif
