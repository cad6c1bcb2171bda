/* Mirrors: readers of the journal that send events on. Each has a cursor and
 * a durable outbox; every event is in exactly one planned message, and only
 * a message whose answer was lost may arrive twice. Nothing here delays the
 * receiver: the disk's work is the journal's threads', the network's is the
 * client's. */
#ifndef TELLTALE_MIRROR_H
#define TELLTALE_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "journal/journal.h"
#include "event/event.h"
#include "mirror/settings.h"
#include "mirror/type.h"
#include "net/client.h"
#include "net/loop.h"

struct mirrors;

struct mirrors_options {
    struct loop *loop;
    struct journal *journal;
    struct client *client;
    struct mirror_list *list;     /* borrowed until mirrors_free() */
    void (*on_change)(void *ctx); /* a state to show changed; may be NULL */
    void *ctx;
};

struct mirrors *mirrors_new(const struct mirrors_options *options);
/* New events are in the journal. */
void mirrors_committed(struct mirrors *mirrors, uint64_t last_seq);
/* New signals are in the journal, or some were withdrawn. */
void mirrors_concluded(struct mirrors *mirrors);
/* Starts nothing more; what is on its way is waited for (mirrors_busy), at
 * most as long as the caller likes. Before journal_close(). */
void mirrors_stop(struct mirrors *mirrors);
bool mirrors_busy(const struct mirrors *mirrors);
/* After journal_close(): its jobs must be done. NULL is allowed. */
void mirrors_free(struct mirrors *mirrors);

enum mirror_state { MIRROR_ON, MIRROR_PAUSED, MIRROR_OFF };
struct mirror_status {
    const char *name, *type;
    enum mirror_state state;
    uint64_t sent, events;    /* messages, and events in them, ever */
    uint64_t waiting, parked; /* events in the outbox */
    uint64_t pruned;          /* events deleted before they were sent, ever */
    uint64_t
        unread; /* that came since it is paused or off; 0 while it is on */
    const char *trouble;   /* the last one, "" when the last send went */
    int64_t trouble_since; /* wall ms */
    int64_t next_try;      /* wall ms; CLOCK_NONE: not waiting */
};
/* "ok", "retrying", "parked", "paused", "off" */
const char *mirror_state_word(const struct mirror_status *status);
size_t mirrors_count(const struct mirrors *mirrors);
struct mirror_status mirrors_status(const struct mirrors *mirrors,
                                    size_t index);

/* By the user: pause one that is on; resume, also after "off" and for parked
 * messages, with the address and the token that their files hold now. False
 * with err: what the journal has of it is not known yet, or, of resume, a file
 * does not do, which is its trouble then. What cannot be written is its trouble
 * too, and it is as it was; kept, unless NULL, is told. */
bool mirrors_pause(struct mirrors *mirrors, size_t index,
                   const struct kept_call *kept, struct err *err);
bool mirrors_resume(struct mirrors *mirrors, size_t index,
                    const struct kept_call *kept, struct err *err);
/* Sends this event now, whatever the query says. The event is copied. */
void mirrors_send(struct mirrors *mirrors, size_t index,
                  const struct event *event);

/* Borrowed; the same as long as there are mirrors, on every thread, but for
 * the address and the token: they are the loop's. */
const struct mirror_settings *mirrors_settings(const struct mirrors *mirrors,
                                               size_t index);
/* Another follower planned messages for it (outbox_add()), of so many events
 * and signals, and they are in the journal. While it is not on they wait. */
void mirrors_planned(struct mirrors *mirrors, size_t index, uint64_t events);

/* "slack ok", "2 mirrors ok", "slack retrying"; true when in trouble. */
bool mirrors_summary(const struct mirrors *mirrors, struct buf *out);
/* The worst trouble as a sentence of what is so and what to do; false when
 * all is well. */
bool mirrors_problem(const struct mirrors *mirrors, int64_t now_ms,
                     struct buf *out);

/* The HTTP request of a planned message: headers in `headers` (up to 8, NULL
 * at the end; texts in arena), body appended to body. For sending, and for
 * `check --mirror`. */
bool mirror_request(const struct mirror_settings *settings,
                    const struct mirror_content *content, struct arena *arena,
                    const char *headers[8], struct buf *body);
/* The body that a digest of the day that ends now would have. Blocking. */
struct journal_reader;
bool mirror_preview(const struct mirror_settings *settings,
                    struct journal_reader *reader, int64_t now,
                    struct buf *body, struct err *err);
/* What the answer means; why is filled in unless it was taken, and never
 * says the address or the token. */
enum mirror_verdict mirror_judge(const struct mirror_settings *settings,
                                 int status, const char *body,
                                 struct err *why);

#endif
