/* What a kind of mirror is: one constant a kind, in a file of its own, and a
 * row in the table types.def. Everything else (settings, planning, sending,
 * what is shown) asks here. */
#ifndef TELLTALE_MIRROR_TYPE_H
#define TELLTALE_MIRROR_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"

struct mirror_settings;
struct report;
struct signal_row;

/* One message as the outbox keeps it. */
struct mirror_content {
    const char *bucket, *message;
    const char *id; /* the same for every attempt: Standard Webhooks */
    const struct report *report; /* a digest is of it; else NULL */
};

/* What an answer means. */
enum mirror_verdict {
    VERDICT_SENT,
    VERDICT_LATER, /* not taken: try again (after Retry-After) */
    VERDICT_DOUBT, /* perhaps taken: once more, then parked */
    VERDICT_PARK,  /* this message is refused */
    VERDICT_OFF,   /* nothing is taken until the user acts */
};

struct mirror_answer {
    int status;
    const char *body;
    const char *told; /* of the body, what may be shown: no secret; or "" */
};

struct mirror_type {
    const char *name;      /* the word in the configuration */
    int64_t pace_ms;       /* between two messages, at least */
    bool needs_properties; /* events are read with their bodies */
    /* For people: planned as a struct message, so that those that wait are
     * merged, and what comes late is told by digest. Else a message is an
     * array of what add() appends, and is sent as it was planned. */
    bool merges;

    /* Checks what belongs together, when the section is complete; may fill
     * in what follows from it. False with err, without where. */
    bool (*check)(struct mirror_settings *settings, struct err *err);
    /* Appends one event, behind a comma if it is not the first. NULL: merges.
     */
    bool (*add)(struct buf *out, const struct event *event,
                const struct mirror_settings *settings,
                const struct uuid *journal_id);
    /* Appends a signal, as one of an array. NULL: merges. */
    bool (*add_signal)(struct buf *out, const struct signal_row *row,
                       const struct mirror_settings *settings);
    /* Appends the body of the request. False: what the outbox keeps is
     * damaged. */
    bool (*render)(const struct mirror_settings *settings,
                   const struct mirror_content *content, struct buf *body);
    /* why is filled in unless it was sent. */
    enum mirror_verdict (*judge)(const struct mirror_settings *settings,
                                 const struct mirror_answer *answer,
                                 struct err *why);
};

#define TYPE(name) extern const struct mirror_type mirror_##name;
#include "mirror/types.def"
#undef TYPE

/* NULL when there is none of that name; then *known, if given, is a list of
 * them: "slack or json". */
const struct mirror_type *mirror_type_find(const char *name,
                                           const char **known);
/* judge.c: the verdict over an answer that is no 2xx, as HTTP means it. */
enum mirror_verdict mirror_judge_status(const struct mirror_answer *answer,
                                        struct err *why);
/* True for a web page: a sign-in or a gate in front of what was asked for. */
bool mirror_answer_is_page(const struct mirror_answer *answer);

#endif
