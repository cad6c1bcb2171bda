/* What is said over a feed, of signals, events and accounts: what others said
 * there is done here. Both journals conclude for themselves, so signals are
 * known by what they are about. While something of ours about the same waits
 * to be told (feed_tell.h), it is not done: the one there says what stands. */
#ifndef TELLTALE_FEED_ACT_H
#define TELLTALE_FEED_ACT_H

#include <stddef.h>

#include "journal/journal.h"
#include "net/loop.h"
#include "signal/table.h"

struct feed_word;
struct pin_place;
struct act_here;

#define FEED_ACTS_TOGETHER 64 /* written in one go */

/* Everything is borrowed but the list of those that are under way. */
struct feed_acts {
    struct journal *journal;
    void (*changed)(void *ctx); /* a signal here is another than before */
    void (*pins_changed)(void *ctx);
    void (*notes_changed)(void *ctx); /* of accounts */
    /* Of an event that is not here. */
    void (*pin_told)(void *ctx, const struct pin_place *place,
                     const char *note, bool on);
    void *ctx;
    void (*written)(void *source); /* one of those waiting, or it failed */
    /* What feed_act_end() began is over; ok: it is noted. */
    void (*ended)(void *source, bool ok);
    /* The journal here took none of those that waited: they are to be asked
     * for again, behind `done`. */
    void (*failed)(void *source, const char *why);
    void *source;
    bool judged; /* there it is said what stands: hello's `late` */
    /* Somebody there has read all of that account, up to that moment. */
    void (*others_read)(void *ctx, const char *account, int64_t at);
    struct loop_timer *timer; /* one of those waits for our signals */
    uint64_t done;  /* our place among the acts there, as far as written */
    size_t waiting; /* what others said there, not yet written here */
    struct act_here *here, **here_end; /* those, in order */
    /* The first of them, which are tried in one go: the writer's until that
     * is over; done of them were written, the next has to wait. */
    struct {
        struct act_here *list[FEED_ACTS_TOGETHER];
        size_t count, done;
    } tried;
    bool trying;
};

void feed_acts_init(struct feed_acts *acts, struct loop *loop);
/* Does what a line of kind "act" of that journal says, to our signal about the
 * same, if there is one: our signals are waited for while they are behind our
 * journal. Then our place among the acts there moves. Copies. */
void feed_act_apply(struct feed_acts *acts, const struct uuid *there,
                    const struct feed_word *word);
/* Our place among them, 0: none; for the writer. */
bool feed_acts_place(struct sqlite3 *db, const struct uuid *there,
                     uint64_t *act, struct err *err);
/* They are told from the first on, again: their numbers are others' now. */
bool feed_acts_anew(struct sqlite3 *db, const struct uuid *there,
                    struct err *err);
/* Our act of that id is told, or will not be: it waits no longer, unless one
 * there about the same is newer than `upto`. word: what stands there instead,
 * which is done here in the same go, or NULL. `ended` follows. Copies. */
void feed_act_end(struct feed_acts *acts, const struct uuid *there, int64_t id,
                  uint64_t upto, const struct feed_word *word);
void feed_acts_stop(struct feed_acts *acts);
/* The words of a pin for POST /act; the caller frees them by cJSON_free(). */
char *feed_pin_words(const struct pin_place *place, const char *note, bool on);
/* After journal_close(). */
void feed_acts_free(struct feed_acts *acts);

#endif
