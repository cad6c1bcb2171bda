/* The seam between the program and a screen. src/ never includes ui/: main.c
 * hands a struct display_ops to the commands that draw, and the screen gets a
 * struct display_host to ask the program for what it needs. A test can stand
 * on either side. All calls are on the loop's thread. */
#ifndef TELLTALE_DISPLAY_H
#define TELLTALE_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/accounts.h"
#include "event/catalog.h"
#include "event/event.h"
#include "event/links.h"
#include "live/inbox.h"
#include "live/past_piece.h"
#include "live/ring.h"
#include "live/tally.h"
#include "live/usage.h"

/* What the screen shows of the program; filled by the program, read when a
 * frame is drawn. Texts are sanitised and short. */
struct display_status {
    const char *listening;  /* "127.0.0.1:8420" */
    const char *attached;   /* to whom; NULL: events are posted here */
    bool linking;           /* what is read of the past waits for that link */
    const char *hook_url;   /* "http://127.0.0.1:8420/hook/<token>" */
    const char *public_url; /* configured public address, or NULL */
    const char *mirror;     /* "slack ok", "no mirror", … */
    bool mirror_trouble;
    const char *problem; /* worst problem now, one line; NULL: none */
    char problem_mark;   /* '!' or '~' */
    unsigned problems;   /* how many in all */
    bool problem_away;   /* there are some that were put away */
    uint64_t duplicates, refused, waiting;
    uint64_t forgotten; /* not kept: of somebody who is to be forgotten */
    uint64_t rejects;   /* of what was refused: those that can be looked at */
    bool demo;
    const char *accounts_hint; /* where the book is expected */
};

/* One mirror, for the list of them. Texts live until the next turn. */
struct display_mirror {
    const char *name, *type, *state; /* "slack"; "ok", "retrying", "off" … */
    bool on;                         /* not paused, not off */
    uint64_t sent, waiting, parked;  /* events */
    uint64_t unread;                 /* not looked at: it is not on */
    const char *trouble;             /* the last one, "" */
    int64_t next_try;                /* wall ms; CLOCK_NONE */
};

/* One request that was refused, for the list of them. Texts are sanitised and
 * live until the next turn. */
struct display_reject {
    int64_t id, at;                  /* at: wall ms */
    int status;                      /* what was answered */
    const char *why, *peer, *begins; /* peer: NULL when not known */
    uint64_t size;                   /* bytes that came */
    bool whole;                      /* it can be decoded again */
};

/* An event that was marked by hand. Texts and event live until the next
 * turn. */
struct display_pin {
    uint64_t seq;
    int64_t at;                /* of the pin, wall ms */
    const char *note;          /* or NULL */
    const struct event *event; /* without its body; NULL: it is gone */
};

struct display_host {
    void *ctx;
    struct ring *ring;
    struct tally *tally;
    const struct inbox *inbox; /* the signals */
    const struct usage *usage; /* who did how much */
    const struct catalog *catalog;
    const struct link_policy *links;
    const struct uuid *journal_id;
    /* May change between frames. */
    const struct book *(*book)(void *ctx);
    const struct display_status *(*status)(void *ctx);

    /* Calls display_ops.timer once, at that monotonic time or soon after;
     * a later call replaces it, 0 cancels. */
    void (*arm)(void *ctx, int64_t mono_us);
    /* Watches the terminal: readable always once in_fd is set; writable only
     * while wanted. The fds stay the screen's. */
    bool (*watch_input)(void *ctx, int in_fd);
    bool (*watch_output)(void *ctx, int out_fd);
    void (*want_output)(void *ctx, bool wanted);
    /* Stops watching both, before the screen closes them. */
    void (*unwatch)(void *ctx);

    /* Reads a whole event from the journal; found is called later, with NULL
     * when it is gone (forgotten, pruned). The event lives for that call. */
    void (*fetch)(void *ctx, uint64_t seq,
                  void (*found)(void *screen, const struct event *event),
                  void *screen);
    /* Reads events from the journal and asks their bodies the deep terms of a
     * query: judged is called once, now or later, with what
     * query_match_deep() says of each, in that order; NULL: they could not be
     * read, or the program ends. False: nobody can be asked. */
    bool (*judge)(void *ctx, const char *query, const uint64_t *seqs,
                  size_t count, void (*judged)(void *screen, const int *bits),
                  void *screen);
    /* Reads a piece of the journal in the order of time, with the book's names
     * and without bodies. True: the piece is the host's until came is called,
     * once and later, though the program ends; its batch goes with it. */
    bool (*read_past)(void *ctx, struct past_piece *piece,
                      void (*came)(void *screen, struct past_piece *piece),
                      void *screen);
    /* Asks PostHog whether the recording of a session of that project (its
     * address, as in an event) reaches a moment, wall ms; what it says comes
     * later by display_ops.recording, with that seq. False: nobody can be
     * asked (no API key, another project, too many at once). */
    bool (*ask_recording)(void *ctx, uint64_t seq, const char *project_url,
                          const char *session_id, int64_t moment_ms);
    /* The problem that shows is put away until it is over; away false: those
     * that were put away show again. */
    void (*put_away)(void *ctx, bool away);
    /* The mirrors: false when there is none of that index. Switch pauses one
     * that is on and resumes any other; send sends one event on at once,
     * through every mirror that is on: through how many, and what came of it
     * is said by display_ops.said. */
    bool (*mirror)(void *ctx, size_t index, struct display_mirror *out);
    void (*mirror_switch)(void *ctx, size_t index);
    size_t (*mirror_send)(void *ctx, uint64_t seq);
    /* What the user says of a signal: the inbox has it at once, the journal
     * soon after. until: of a snooze, wall ms; note NULL removes it. */
    void (*signal_state)(void *ctx, int64_t id, enum inbox_state state,
                         int64_t until);
    void (*signal_note)(void *ctx, int64_t id, const char *note);
    /* The pins, the newest first: how many, and one; false when there is none
     * of that index. Set pins an event, or gives a pin another note (NULL:
     * none); false: there are too many. display_ops.changed comes when the
     * list is another. */
    size_t (*pins)(void *ctx);
    bool (*pin)(void *ctx, size_t index, struct display_pin *out);
    bool (*pin_set)(void *ctx, uint64_t seq, const char *note);
    void (*pin_remove)(void *ctx, uint64_t seq);
    /* The user's note on an account, until the turn ends; NULL: none. Set
     * writes another, cleaned and cut to LIMIT_NOTE (NULL: none); false: there
     * are too many. display_ops.changed comes when it is another. */
    const char *(*note)(void *ctx, const char *account);
    bool (*note_set)(void *ctx, const char *account, const char *text);
    /* The user has read all of that account: others are told. May be NULL. */
    void (*read)(void *ctx, const char *account);
    /* The user looks at that account, NULL: at none. And who else does: the
     * next name behind *at, which is 0 at first; "" is whoever is at the
     * receiver itself, NULL: nobody more. Both may be NULL. */
    void (*look)(void *ctx, const char *account);
    const char *(*looks)(void *ctx, const char *account, size_t *at);
    /* What was refused, the newest first: how many are listed, and one; false
     * when there is none of that index. Asked for, the list is read anew if
     * there are others; display_ops.changed comes then. */
    size_t (*rejects)(void *ctx);
    bool (*reject)(void *ctx, size_t index, struct display_reject *out);
    /* What is kept of the body of that id, as it came, until the next call;
     * of length 0: nothing. NULL: it is being read, display_ops.changed comes
     * then. */
    const char *(*reject_body)(void *ctx, int64_t id, size_t *len);
    /* Decodes them again; display_ops.said tells what came of it. False with
     * err: that is being done. */
    bool (*rejects_retry)(void *ctx, struct err *err);
    /* Rereads book, catalogue and secrets, beside all else; display_ops.said
     * tells what came of it. */
    void (*reload)(void *ctx);
    void (*quit)(void *ctx);
    /* The filters whose events stand out in the lists; NULL: no more. */
    const char *(*highlight)(void *ctx, size_t index);
    /* Config values of the screen; never NULL ("" when unset). Keys as in
     * options.def: "theme", "glyphs", "panes", "ambiguous_width" … */
    const char *(*option)(void *ctx, const char *name);
    /* Calls each for every line of [keys]. */
    void (*keys)(void *ctx,
                 void (*each)(void *screen, const char *key,
                              const char *command),
                 void *screen);
};

/* How somebody is told, who may look elsewhere; bits. */
enum display_alert {
    ALERT_BELL = 1,
    ALERT_NOTIFY = 2,
    ALERT_TITLE = 4,
    ALERT_HIGHLIGHT = 8, /* of a rule: see display_host.highlight */
};

/* How far forgetting somebody is. */
enum display_forgetting {
    FORGETS_NOBODY,
    FORGETS,         /* it goes on; what is theirs is shown no more */
    FORGOT,          /* nothing of them is left */
    FORGETS_IN_VAIN, /* it failed: what is left of theirs shows again */
};

struct display;
struct display_ops {
    /* Takes the terminal over; NULL with err when there is none. host is
     * borrowed until close. */
    struct display *(*open)(const struct display_host *host, struct err *err);
    /* Restores the terminal; flushes for at most a second. */
    void (*close)(struct display *display);
    void (*input)(struct display *display);   /* terminal readable */
    void (*output)(struct display *display);  /* terminal writable */
    void (*timer)(struct display *display);   /* see host.arm */
    void (*resized)(struct display *display); /* SIGWINCH */
    void (*suspend)(struct display *display); /* SIGTSTP: restore, stop */
    void (*resumed)(struct display *display); /* SIGCONT */
    /* Something shown may have changed; a frame is armed if so. */
    void (*events)(struct display *display, size_t fresh);
    void (*changed)(struct display *display); /* status, book, tally */
    /* So many events of the past are in the journal now: the ring was emptied
     * and is filled anew, so that no number of before means anything. */
    void (*past_came)(struct display *display, size_t events);
    /* So it was since somebody is forgotten: nothing that was read before may
     * stay. */
    void (*forgetting)(struct display *display,
                       enum display_forgetting forgetting);
    /* Somebody else wrote the file of saved views (JOURNAL.views): what is
     * shown of it is read again. */
    void (*views_written)(struct display *display);
    /* One sanitised line for the status row, as after a key. */
    void (*said)(struct display *display, const char *text);
    /* Without a screen: the themes, each in its own look where standard output
     * is a terminal that has colours. */
    void (*themes)(struct buf *out, const char *in_use);
    /* What host.ask_recording found out; why, one sanitised line, is "" but
     * for RECORDING_UNKNOWN. */
    void (*recording)(struct display *display, uint64_t seq,
                      enum recording recording, const char *why);
    /* Tells somebody at once; how is of enum display_alert. */
    void (*alert)(struct display *display, unsigned how, const char *title,
                  const char *text);
    /* Without a display: what the terminal can do and cannot, and what to do
     * about it, a line each; mark is '!', '~' or, of what is so, ' '. Does
     * not take the terminal over. browser: the configured one, or NULL. */
    void (*examine)(const char *browser,
                    void (*say)(void *ctx, char mark, const char *text),
                    void *ctx);
    /* The same of the theme in use and of all that are the user's. */
    void (*examine_themes)(const char *in_use,
                           void (*say)(void *ctx, char mark, const char *text),
                           void *ctx);
    /* Could that line stand in [keys]? False with err. */
    bool (*takes_key)(const char *key, const char *command, struct err *err);
};

#endif
