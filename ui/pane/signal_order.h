/* What lists of signals share: which stands first at this moment, and how its
 * tone looks. */
#ifndef TELLTALE_SIGNAL_ORDER_H
#define TELLTALE_SIGNAL_ORDER_H

#include <stdbool.h>

#include "live/inbox.h"
#include "live/tally.h"
#include "ui/term/draw.h"
#include "ui/term/theme.h"

struct screen;

/* Something happened in it within the half hour, whoever did it. */
bool account_works_now(const struct tally_account *account, int64_t now);

struct inbox_key signal_key(const struct screen *screen,
                            const struct inbox_signal *signal);
/* What it is called now: "working now" is "was working" once nobody does. */
const char *signal_called(const struct screen *screen,
                          const struct inbox_signal *signal);
const char *signal_mark(const struct inbox_signal *signal); /* "!" "~" "+" */
enum role signal_role(const struct inbox_signal *signal);
/* The open ones of an account, in the order of lists, at most so many of them;
 * returns how many are written. id may be NULL. */
size_t signal_keys(const struct screen *screen, const char *id,
                   struct inbox_key *keys, size_t most);
/* "! billing  ~ champion +1": the worst open one of an account, the others
 * that have room, and how many more there are. */
void signal_draw_open(const struct screen *screen, struct draw *draw,
                      struct rect rect, const char *id);

#endif
