/* Reading a feed (doc/feed.md): bytes become lines, lines what they say. It
 * may come from anywhere: text is made harmless again, addresses are held
 * against our own policies, and what is too long or no line of a feed is
 * refused. Knows nothing of HTTP and of the journal. */
#ifndef TELLTALE_FEED_WORD_H
#define TELLTALE_FEED_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/decode.h"
#include "event/event.h"
#include "journal/pins.h"
#include "signal/table.h"

/* The version that is understood. */
#define FEED_WORD_VERSION 1

enum feed_word_kind {
    FEED_WORD_EVENT,
    FEED_WORD_HELLO,
    FEED_WORD_ALIVE,
    FEED_WORD_TICK,
    FEED_WORD_GAP,
    FEED_WORD_TOO_LONG,
    FEED_WORD_ACT,
    FEED_WORD_FORGOTTEN,
    FEED_WORD_BYE,
    FEED_WORD_LOOK,
    FEED_WORD_FORK,
    FEED_WORD_OTHER, /* a kind of a later day: to be ignored */
};

/* What is not said is zero. Text is in the arena it was read into. */
struct feed_word {
    enum feed_word_kind kind;
    uint64_t seq;
    uint64_t version, after, last, oldest;
    uint64_t upto, from; /* of fork */
    int64_t quiet_ms;
    struct uuid journal;
    const char *viewer;      /* of hello: us; of look: who; or NULL */
    const char *account;     /* of look, or NULL: at none; of an act */
    bool is_note;            /* of an act: a note on it; else it was read */
    bool late;               /* of hello: POST /act there takes `ago` */
    const char *by;          /* of an act: who did it, or NULL */
    const char *zone;        /* of hello, or NULL: not said */
    const char *why;         /* of bye, or NULL */
    bool all;                /* of bye: what was asked for is told */
    const char *verb, *note; /* of an act, or NULL */
    uint64_t act;            /* its id there; 0: it has none */
    int64_t until;           /* of a snooze, wall ms; 0: none */
    bool is_about;
    struct signal_about about;
    bool is_pin, pinned; /* an act of pinning, or of taking the pin off */
    struct pin_place place;
    const char *who; /* of forgotten: the kind of name, or NULL */
    unsigned char salt[16], hash[32];
    int64_t at; /* from before that, wall ms */
    struct event event;
};

/* False with err: it is no line of a feed, or an event that cannot be kept. */
bool feed_word_read(const struct decoder *decoder, const char *line,
                    size_t len, struct arena *arena, struct feed_word *out,
                    struct err *err);

/* What POST /act answers. What is not said is zero. */
struct feed_answer {
    uint64_t act;             /* which act there stands now */
    struct feed_word *stands; /* it is another, this; or NULL */
    const char *error;
};
/* Text, and what stands, is in the arena. */
void feed_word_answer(const struct decoder *decoder, const char *body,
                      size_t len, struct arena *arena,
                      struct feed_answer *out);

/* Of a hello: when nothing was heard for so long, the link is dead, or
 * something between gathers what it should pass on. */
int64_t feed_word_patience_us(const struct feed_word *hello);

/* Bytes into lines. */
struct feed_lines {
    struct buf rest; /* of a line whose end is to come */
    /* For feed_lines_heard(): parts of it, and whether a line ended. */
    size_t parts;
    bool ended;
};
void feed_lines_init(struct feed_lines *lines);
void feed_lines_free(struct feed_lines *lines);
/* Calls line for each that is whole, without its end; false from it stops.
 * False: it did, or a line is longer than LIMIT_ANSWER. */
bool feed_lines_take(struct feed_lines *lines, const char *data, size_t len,
                     bool (*line)(void *ctx, const char *text, size_t len),
                     void *ctx);
/* True when a line has come since this was asked, or another part of a long
 * one: that is on its way, however slow it is. */
bool feed_lines_heard(struct feed_lines *lines);

#endif
