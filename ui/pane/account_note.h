/* The user's notes on accounts, as the screen says them. */
#ifndef TELLTALE_ACCOUNT_NOTE_H
#define TELLTALE_ACCOUNT_NOTE_H

#include <stdbool.h>

struct screen;

/* The note on an account, as it was written; valid until the turn ends. NULL:
 * there is none, or id is NULL. */
const char *account_note(const struct screen *screen, const char *id);
/* The same as it may be shown (ui/pane/mask.h). */
const char *account_note_shown(const struct screen *screen, const char *id);
/* Is it short enough for a note? False: it said why. */
bool account_note_fits(struct screen *screen, const char *text);

#endif
