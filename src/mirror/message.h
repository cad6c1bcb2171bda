/* A message that a mirror plans: events gathered by account, as much of them
 * as a reader needs and no more. Adding is all that happens to it, so every
 * event is in exactly one message, either as a line or in a count. It is
 * kept in the outbox as JSON, and rendered when it is sent. */
#ifndef TELLTALE_MESSAGE_H
#define TELLTALE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "event/event.h"

#define MESSAGE_GROUPS 40 /* accounts with a group of their own */
#define MESSAGE_LINES 4   /* events of one account that are spelled out */
#define MESSAGE_PEOPLE 64 /* people of one account that are told apart */

struct message_line {
    uint64_t seq;
    int64_t at; /* event_time() */
    enum tone tone;
    enum category category;
    const char *person, *sentence;    /* person NULL: nobody */
    const char *replay, *person_link; /* or NULL */
    const char *signal; /* what kind of signal it is; NULL: an event */
    const char *opener; /* of a signal: what one could say; or NULL */
};

struct message_group {
    const char *account_id, *account; /* NULL: no account */
    const char *account_link;         /* PostHog's page of it, or NULL */
    unsigned events;
    size_t people_count;
    const char *people[MESSAGE_PEOPLE];
    /* The ones most worth a line: bad, then warn, then the newest; kept in
     * the order they came. */
    struct message_line lines[MESSAGE_LINES];
    size_t line_count;
};

struct message {
    struct arena arena; /* all text */
    struct message_group *groups[MESSAGE_GROUPS];
    size_t group_count;
    unsigned events;       /* all of them */
    unsigned other_events; /* of accounts that have no group here */
    uint64_t first_seq, last_seq;
    int64_t first_at, last_at;
    /* Of a digest: signals that are told with it, by signals.id. */
    int64_t *signals;
    size_t signal_count;
};

/* What a mirror leaves out. */
struct message_redaction {
    bool mask_emails; /* "t…@borealis.example" instead of the address */
    bool no_people;   /* people become a count */
    bool prompts;     /* keep what people asked an AI: it stays out else */
};

struct message *message_new(void);
void message_free(struct message *message); /* NULL is allowed */
/* redaction may be NULL. */
void message_add(struct message *message, const struct event *event,
                 const struct message_redaction *redaction);
/* Makes an empty message that of a signal: `event` has what it says, see
 * query_asks_signals(); title is its kind, opener may be NULL. */
void message_add_signal(struct message *message, const struct event *event,
                        const char *title, const char *opener,
                        const struct message_redaction *redaction);
/* Of a digest: also tells that signal. */
void message_note_signal(struct message *message, int64_t id);
/* Adds all of `more`, which came later. */
void message_merge(struct message *message, const struct message *more);
/* What is shown of who did it; NULL: nobody, or not to be named. */
const char *message_person(struct arena *arena, const struct event *event,
                           const struct message_redaction *redaction);
/* Enough of an address to recognise it, not to write to it. */
char *message_mask(struct arena *arena, const char *email);

bool message_to_json(struct buf *out, const struct message *message);
/* NULL when json is no message (a damaged row). */
struct message *message_from_json(const char *json, size_t len);

/* "7 events by 2 people", "1 event" */
void message_summary(struct buf *out, unsigned events, size_t people);

#endif
