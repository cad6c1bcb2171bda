/* The record: one thing a person did, and its one JSON form.
 *
 * Text in a struct event is NUL-terminated, valid UTF-8 and sanitised (see
 * base/text.h); absent text is NULL, never "". All of it lives in the arena
 * of the batch that the event came in; nothing here is freed one by one. The
 * raw text is the record: `raw` is what arrived (less what redact dropped),
 * and the properties are a range of it, re-emitted only when asked for. */
#ifndef TELLTALE_EVENT_H
#define TELLTALE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "event/category.h"

enum hidden {
    HIDDEN_NO,
    HIDDEN_INTERNAL,     /* our own people, by e-mail domain */
    HIDDEN_IMPERSONATED, /* staff acting as the customer */
    HIDDEN_MACHINE,      /* cache warming, alerts, exports … */
    HIDDEN_COUNT
};
enum source {
    SOURCE_WEBHOOK,
    SOURCE_FEED,
    SOURCE_NATS,
    SOURCE_POSTHOG,
    SOURCE_FILE,
    SOURCE_COUNT
};
/* Lower-case words of the JSON form and the query language ("internal",
 * "webhook"); hidden_name(HIDDEN_NO) is NULL. The parsers
 * return false for a word they do not know. */
const char *hidden_name(enum hidden hidden);
const char *source_name(enum source source);
bool hidden_parse(const char *word, enum hidden *out);
bool source_parse(const char *word, enum source *out);

enum event_flag {
    EVENT_CLOCK_OFF = 1,   /* occurred_at is far from received_at or was
                             unreadable: see event_time() */
    EVENT_BACKFILLED = 2,  /* came by backfill or import, not live */
    EVENT_UNRENDERED = 4,  /* a template that PostHog never filled in */
    EVENT_UNKNOWN = 8,     /* its name is in no catalogue row */
    EVENT_SHAPELESS = 16,  /* JSON of no shape we know */
    EVENT_QUOTED = 64,     /* the sentence ends with what the person asked */
    EVENT_DUPLICATE = 32,  /* set by the journal: it was there already */
    EVENT_FORGOTTEN = 128, /* with the last: not kept, since it is of somebody
                              who is to be forgotten */
};

/* How rows fold into one. The text in struct event: NULL never;
 * "=" the same event name; "=day" one row per account and day;
 * "=NAME/ID" a group of which ID tells the parts apart, as "=trace/0f3a9"
 * does conversations; anything else a group across names. */
#define FOLD_SAME "="
#define FOLD_DAY "=day"
#define FOLD_PART '/'
/* Ids have so many bits: texts of folds are kept in the journal for good. */
#define FOLD_PART_BITS 20

struct event_account {
    const char *id;   /* organisation id, lower case; NULL: no account */
    const char *name; /* the book's name, else the payload's */
    bool listed;      /* in the book */
};

struct event_person {
    const char *id; /* distinct id */
    const char *email;
    const char *name;
};

struct event_links {
    const char *replay, *person, *event; /* safe to open, or NULL */
};

struct event {
    uint64_t seq; /* 0 until the journal gave one */
    bool has_uuid;
    struct uuid uuid;
    const char *key;  /* dedup key when there is no uuid: webhook-id[/index] */
    const char *name; /* "" when the sender's was empty */
    enum category category;
    enum tone tone;
    const char *sentence;
    const char *fold;
    int64_t occurred_at; /* the client's clock; received_at if unreadable */
    int64_t received_at; /* the first receiver's clock */
    struct event_account account;
    struct event_person person;
    enum hidden hidden;
    enum source source;
    unsigned flags;   /* enum event_flag */
    unsigned signals; /* bits 1u << enum signal_kind: those that rest on it; of
                         a signal that is told as an event: its own kind */
    const char *url;
    const char *session_id;
    const char *project_url; /* "https://us.posthog.com/project/2" */
    struct event_links links;
    bool has_origin; /* false: this journal itself */
    struct uuid origin_id;
    uint64_t origin_seq;
    const char *raw; /* NUL-terminated, raw_len bytes; any JSON text */
    size_t raw_len;
    size_t props_at, props_len; /* range of raw; props_len 0: none */
};

#define EVENT_EARLIEST_MS CLOCK_WEEK_MS
#define EVENT_LATEST_MS (5 * CLOCK_MINUTE_MS)

/* The time that counts for signals and daily counts: occurred_at where it
 * lies within received_at − EVENT_EARLIEST_MS … + EVENT_LATEST_MS, else
 * received_at. */
int64_t event_time(const struct event *event);

/* Appends the one JSON form on one line without a newline, key
 * order fixed. Properties are re-emitted from the raw text: numbers
 * verbatim, whitespace removed, controls escaped. journal_id fills in the
 * origin of an event that has none of its own. False if out overflowed. */
bool event_to_json(struct buf *out, const struct event *event,
                   const struct uuid *journal_id);
/* Only the properties, as event_to_json() writes them; "{}" when none. */
bool event_properties(struct buf *out, const struct event *event);
/* Reads the one JSON form back (import, feed, fixtures). Text goes into
 * arena; unknown keys are ignored. */
bool event_from_json(const char *json, size_t len, struct arena *arena,
                     struct event *out);
/* The same of text that passed slice_check() and outlives the event. In the
 * same pass found[0…count) become the values of other members, `more` naming
 * count of them, EVENT_MORE at most: also where it returns false. */
#define EVENT_MORE 4
struct slice;
bool event_from_slice(struct slice object, const char *const *more,
                      size_t count, struct slice *found, struct arena *arena,
                      struct event *out);

/* The plain line, without a newline: local time, account,
 * person, label, sentence, (tone), replay. For a terminal, what is written from
 * right to left is kept apart (text_add_isolated()). */
bool event_to_line(struct buf *out, const struct event *event,
                   bool for_terminal);
/* Whether an event of that person's id (NULL is allowed) is a test: what setup
 * sends to see whether the way is open, or what PostHog makes up where a
 * destination is edited. It is kept and shown, and counts for nothing. */
bool event_is_test(const char *person_id);
/* Name, else the e-mail before @, else the id; "-" for nobody. */
const char *event_person_label(const struct event *event, struct arena *arena);

/* A body's worth of events, or any other handful that lives together. */
struct event_batch {
    struct arena arena;
    struct event *events; /* in arena */
    size_t count;
    size_t fresh; /* the journal: so many, the first, were not there before */
    size_t bytes; /* of raw text, for limits */
    size_t room;  /* event_batch_add()'s: so many fit into events */
};
struct event_batch *event_batch_new(void);
void event_batch_free(struct event_batch *batch); /* NULL is allowed */
/* Copies the event to the end; what it points to is the batch's arena's, or
 * lives as long. Only for batches whose events all came by it. */
void event_batch_add(struct event_batch *batch, const struct event *event);
/* Moves what is no EVENT_DUPLICATE to the front, in its order, and counts it
 * in fresh. */
void event_batch_fresh(struct event_batch *batch);

#endif
