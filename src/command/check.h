/* What the parts of `telltale check` share. Each finds out one kind of thing
 * and adds what it found; nothing is made and nothing is changed. */
#ifndef TELLTALE_CHECK_H
#define TELLTALE_CHECK_H

#include <stdbool.h>

#include "app/decode_context.h"
#include "command/findings.h"
#include "config/config.h"
#include "live/display.h"

struct check {
    const struct config *config;
    struct decode_context decode; /* without a book it has none */
    struct findings *findings;
};

/* check_settings.c: files of settings, secrets, the address, who may look. */
void check_settings(struct check *check);
/* What only the screen can judge: themes, [keys]. display may be NULL. */
void check_screen(struct check *check, const struct display_ops *display);

/* check_queries.c: mirrors, rules, saved views: what they ask for, and in the
 * journal (NULL: there is none) what became of mirrors. */
struct journal_reader;
void check_queries(struct check *check, struct journal_reader *reader);

#endif
