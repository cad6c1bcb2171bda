/* What runs in the program, beside the receiver: each a row in services.def,
 * opened in that order and closed backwards. A service knows what it is lent
 * (struct service_host) and itself; it sees neither the program nor another
 * service. All calls are on the loop's thread. */
#ifndef TELLTALE_SERVICE_H
#define TELLTALE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/decode_context.h"
#include "app/problem.h"
#include "app/tokens.h"
#include "base/err.h"
#include "config/config.h"
#include "event/event.h"
#include "event/links.h"
#include "journal/forget.h"
#include "journal/journal.h"
#include "live/display.h"
#include "net/client.h"
#include "net/loop.h"
#include "signal/table.h"

struct mirrors;
struct pin_place;

/* Lent to every service, for as long as it lives. Loop and journal are there
 * from open() on; the journal is gone when free() is called. */
struct service_host {
    const struct config *config;
    bool demo, screen;
    bool follow_clock; /* the demo's history is received when it occurred */
    int64_t opened_at; /* wall ms */
    struct loop *loop;
    struct journal *journal;
    struct decode_context
        *decode; /* the book, the catalogue, the decoder: of now */
    const struct tokens *tokens;
    const struct posthog *posthog;     /* NULL: PostHog is not asked */
    const char *project_url;           /* of its project */
    bool polls;                        /* events are asked for, not posted */
    const char *attach, *attach_token; /* as in struct app_options */
    bool stopping;

    void *app;
    struct client *(*client)(void *app); /* made when first asked for */
    void (*changed)(void *app);          /* something shown has changed */
    void (*link_changed)(void *app);     /* … that is said of the link */
    /* Events that a service put into the journal: of now, or of the past;
     * and: all of that past is there, up to that seq, so many events. */
    void (*kept)(void *app, const struct event_batch *batch);
    void (*past)(void *app, const struct event_batch *batch);
    void (*past_complete)(void *app, uint64_t last_seq, size_t events);
    /* The screen's lists have changed: rows came, or all are others, since so
     * many events of the past came, or somebody is forgotten. */
    void (*listed)(void *app);
    void (*relisted)(void *app, size_t events,
                     enum display_forgetting forgetting);
    /* Signals in the journal are others than before. */
    void (*concluded)(void *app);
    /* Whether it can be done at once; else loop_wake() is called soon. */
    bool (*may_swap)(void *app);
    /* Takes a book and a catalogue that were read; *old is the caller's. */
    bool (*take_fresh)(void *app, struct decode_fresh *fresh,
                       struct book **old, struct err *err);
    /* Book and catalogue are read again, beside the loop. */
    void (*reread)(void *app);
    /* Nothing is being reread any more. */
    void (*reread_done)(void *app);
    /* When attached, what was done here and waits in the journal to be told
     * (untold.h) is told, and that it is not, if so; full: it does not wait,
     * since too much does. Then none of `acted`, `pinned` and `noted` is. */
    void (*to_tell)(void *app, bool full);
    /* The user said something of a signal, and it is in the journal, or will
     * be: others are told. */
    void (*acted)(void *app, const struct signal_change *change);
    /* The user looks at that account, NULL: at none: others are told. And: an
     * other does, as feed_source_options.looked says. */
    void (*looked)(void *app, const char *account);
    void (*others_looked)(void *app, const char *who, const char *account);
    /* An event was pinned here, or (on false) is not any more: others are
     * told. And: by others. */
    void (*pinned)(void *app, const struct pin_place *place, const char *note,
                   bool on);
    void (*pins_changed)(void *app);
    /* By others, of an event that our journal has not. */
    void (*pin_told)(void *app, const struct pin_place *place,
                     const char *note, bool on);
    /* A note was written on an account here (NULL: taken away): others are
     * told. And: by others. */
    void (*noted)(void *app, const char *account, const char *note);
    void (*notes_changed)(void *app);
    /* Others have read all of that account, at that moment (wall ms). */
    void (*others_read)(void *app, const char *account, int64_t at);
    forget_asked *forget;
    /* Tells mirrors that want to know of something that is no event. */
    void (*announce)(void *app, const char *text);
    /* One line for whoever looks at the screen. */
    void (*said)(void *app, const char *text);
    /* The signals have gone over the journal up to that seq. */
    void (*signals_at)(void *app, uint64_t seq);
    /* Tells whoever is at the screen, if there is one (display_ops.alert). */
    void (*alert)(void *app, unsigned how, const char *title,
                  const char *text);
    struct mirrors *(*mirrors)(void *app); /* NULL: none are open */
    /* What became of asking for a replay. */
    void (*recording)(void *app, uint64_t seq, enum recording recording,
                      const char *why);
};

/* Every function but new, open and free may be NULL. */
struct service {
    /* Reads settings, opens nothing. NULL: not wanted, or (err is filled in)
     * not possible as configured. host is borrowed. */
    void *(*new)(const struct service_host *host, struct err *err);
    bool (*open)(void *self, struct err *err);
    /* Committed events: the fresh ones of the batch; of the past: shown and
     * counted, but no news. */
    void (*kept)(void *self, const struct event_batch *batch);
    void (*past)(void *self, const struct event_batch *batch);
    void (*past_complete)(void *self, uint64_t last_seq, size_t events);
    /* The end of a turn in which the journal got events or ticks. */
    void (*committed)(void *self, uint64_t last_seq);
    /* loop_wake() was called: by a thread of the service's own, perhaps. */
    void (*woken)(void *self);
    /* Book and catalogue are others now. */
    void (*reread)(void *self);
    void (*tell)(void *self, struct problems *problems);
    /* Begins nothing more; may be called twice. busy() while something must
     * be waited for, 2 s at most. */
    void (*stop)(void *self);
    bool (*busy)(const void *self);
    /* After the journal is closed: none of its jobs runs any more. */
    void (*free)(void *self);
};

#define SERVICE(name) SERVICE_##name,
enum service_id {
#include "app/services.def"
    SERVICES
};
#undef SERVICE

#define SERVICE(name) extern const struct service service_##name;
#include "app/services.def"
#undef SERVICE

#endif
