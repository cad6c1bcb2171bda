/* Screen share: while it is on, nothing that leaves the screen (cells, copies,
 * notices) names anybody. Accounts, people and owners become numbers that stay
 * theirs until the program ends; quoted text becomes “…”, an address its host.
 * There is one screen, and one mask.
 *
 * Whoever shows a name asks here for it; while the mask is off the answer is
 * what was given. Results are valid until mask_forget(). */
#ifndef TELLTALE_MASK_H
#define TELLTALE_MASK_H

#include <stdbool.h>

#include "base/buf.h"
#include "event/event.h"
#include "live/display.h"
#include "query/query.h"
#include "ui/term/draw.h"

#define MASK_NO_RAW "Not shown while the screen is shared: it may name people."

bool mask_on(void);
void mask_set(bool on);
/* Somebody is forgotten, or the screen closes: numbers begin anew. */
void mask_forget(void);
/* What is known of accounts by now, so that text in which they are named can
 * be masked; for each frame. Does nothing while it is off. */
void mask_learn(const struct display_host *host);

/* … and of the people of the newest events, for a notice about them. */
void mask_learn_newest(const struct ring *ring);

/* "Account 2", or "A2" where cells do not suffice. Off: the name, else the id;
 * NULL when there is neither. */
#define MASK_ANY_CELLS 1000
const char *mask_account(const char *id, const char *name, int cells);
/* "Person 14". Off: name, else e-mail, else id; NULL: nobody. Any may be
 * NULL; who is told by two of them is one person from then on. */
const char *mask_person(const char *id, const char *name, const char *email,
                        int cells);
/* "Owner 1": who has an account, in the book. */
const char *mask_owner(const char *owner, int cells);
/* The same for who did an event. */
const char *mask_event_person(const struct event *event, int cells);

/* Text that may name somebody: a sentence, a message. Appends it masked; off:
 * as it is. False if out overflowed. */
bool mask_add(struct buf *out, const char *text);
/* What the user wrote: nobody knows whom that names, so "…" stands for it. */
const char *mask_own_words(const char *text);
/* A value out of a body, of which nobody knows what it is: only numbers and
 * the like are shown. */
bool mask_add_value(struct buf *out, const char *value, bool is_string);
/* Draws such text, cut to the cells; returns those used. */
int mask_draw(struct draw *draw, int y, int x, int cells, enum role role,
              const char *text);
/* The same as mask_add() of a filter: its fields, and of their values those
 * that name nobody. What does not parse is “…”. */
bool mask_add_query(struct buf *out, const char *text);
/* A filter with "Account 2" or A2, as they are shown, turned into what is
 * meant by it; else the same. */
bool mask_reveal_query(struct buf *out, const char *text);
/* Does it name somebody? An address that does is not copied. */
bool mask_hides(const char *text);

#endif
