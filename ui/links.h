/* Links out of the screen: opened by posix_spawn of the opener (never a
 * shell, never what the policy refuses), copied, and replays that are opened
 * once they are ready. */
#ifndef TELLTALE_UI_LINKS_H
#define TELLTALE_UI_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "event/links.h"
#include "ui/pane/action.h"

struct screen;
struct links;

struct links *links_new(struct screen *screen);
void links_free(struct links *links); /* NULL is allowed */

/* The actions replay, replay_ready, replays, person, event, url, copy and
 * copy_json, for the event seq (0: none selected); says on the status row
 * what it did. */
void links_action(struct links *links, enum action action, uint64_t seq);
/* What PostHog said of the replay of that event; why: see display.h. */
void links_recording(struct links *links, uint64_t seq,
                     enum recording recording, const char *why);
/* Asks for and opens what is due by now. */
void links_look(struct links *links);
/* Copies natively or through the terminal; what is "the link". */
void links_copy(struct links *links, const char *text, const char *what);

/* The clipboard's program may have ended. */
void links_look_copy(struct links *links);

#endif
