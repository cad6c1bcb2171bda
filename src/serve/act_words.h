/* What a body of POST /act says (doc/feed.md). It may come from anywhere: text
 * is made harmless, and what is no request is refused in words. Does nothing
 * of it. */
#ifndef TELLTALE_ACT_WORDS_H
#define TELLTALE_ACT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "journal/pins.h"
#include "serve/act_judge.h"
#include "signal/table.h"

enum act_verb {
    ACT_SIGNAL, /* done, seen, new, snooze, note */
    ACT_EXPORT,
    ACT_LOOK,
    ACT_READ,
    ACT_NOTE, /* on an account */
    ACT_PIN,
    ACT_UNPIN
};

/* What is not said is zero. Text is in the arena. */
struct act_words {
    enum act_verb verb;
    struct act_when when;        /* ago before now */
    struct signal_change change; /* of a signal; id 0: of the newest */
    struct signal_about about;   /* … about that */
    const char *account;         /* READ, NOTE; LOOK, or NULL: at none */
    struct pin_place place;      /* PIN, UNPIN */
    const char *note;            /* PIN, NOTE, or NULL */
    int64_t export_id;           /* EXPORT */
    const char *form, *query;    /* query NULL: everything */
    uint64_t events;
};

/* NULL, or what is wrong with it. now: wall ms. */
const char *act_words_read(const char *body, size_t len, int64_t now,
                           struct arena *arena, struct act_words *out);

#endif
