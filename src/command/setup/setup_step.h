/* What the steps of `telltale setup` share. */
#ifndef TELLTALE_SETUP_STEP_H
#define TELLTALE_SETUP_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "command/command.h"
#include "command/setup/receiver.h"
#include "posthog/api.h"
#include "posthog/key.h"

#define SETUP_ANSWER 1024 /* bytes that an answer may have, and a NUL */

struct setup {
    struct config *config;
    bool talk;               /* there is somebody to ask */
    bool any_host;           /* nobody said where PostHog is */
    bool typed;              /* the key was typed in, and is not kept yet */
    bool known;              /* PostHog has taken the key */
    bool by_hand;            /* the book is a CSV, since no query gave one */
    bool kept;               /* the settings file was changed, and told */
    bool board, past;        /* wanted at the end: on it, 28 days of it */
    struct posthog *posthog; /* NULL: not yet */
    struct key_facts facts;  /* about the key */
    struct receiver receiver;
    long owner; /* the telltale that receives; 0: receiver */
};

/* A step returns an exit code, after it has said what it did or what is
 * wrong; the first that is not EXIT_DONE is the last. */
typedef int setup_step(struct setup *setup);
int setup_in_order(struct setup *setup, setup_step *const *steps,
                   size_t count);

/* The settings file, with what is known now. */
setup_step setup_keep;

/* Makes an answer what is kept, in place; false with err when it makes no
 * sense, and the question is asked again. */
typedef bool setup_tidy(char *answer, size_t size, struct err *err);
/* Asks for an option that nothing has set yet; an empty answer leaves it
 * unset. tidy may be NULL. An exit code, EXIT_FAILED after the end of input
 * was told. */
int setup_ask(struct setup *setup, enum option_id id, const char *prompt,
              const char *standard, setup_tidy *tidy);
/* Says that the input has ended; returns EXIT_FAILED. */
int setup_ended(void);

#endif
