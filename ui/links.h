/* Links out of the screen: opened by posix_spawn of the opener (never a
 * shell, never what the policy refuses), copied, and replays that are opened
 * once they are ready. */
#ifndef TELLTALE_UI_LINKS_H
#define TELLTALE_UI_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "event/links.h"

struct screen;
struct links;
struct replays;

struct links *links_new(struct screen *screen);
void links_free(struct links *links); /* NULL is allowed */

/* Reads the event of that seq from the journal (0: none is selected) and acts
 * on it, later perhaps; what was done, or why not, is said on the status row.
 * The acts below are meant. */
typedef void links_act(struct links *links, const struct event *event);
void links_on_event(struct links *links, uint64_t seq, links_act *act);

/* The replay at once, and once it is ready. */
void links_open_replay(struct links *links, const struct event *event);
void links_queue_replay(struct links *links, const struct event *event);
void links_open_person(struct links *links, const struct event *event);
void links_open_event(struct links *links, const struct event *event);
/* The page that was visited. */
void links_open_url(struct links *links, const struct event *event);
/* Its replay, else its own page, else the person's; NULL: it has none. */
const char *links_best(const struct event *event);
/* That is copied. */
void links_copy_best(struct links *links, const struct event *event);
void links_copy_json(struct links *links, const struct event *event);

/* Opens an address if the policy allows it, and says what came of it; false:
 * it was not opened. */
bool links_open(struct links *links, const char *project_url, const char *url);
/* Those that wait. */
struct replays *links_replays(struct links *links);
/* What PostHog said of the replay of that event; why: see display.h. */
void links_recording(struct links *links, uint64_t seq,
                     enum recording recording, const char *why);
/* Asks for and opens what is due by now. */
void links_look(struct links *links);
/* Copies natively or through the terminal; what is "the link". */
void links_copy(struct links *links, const char *text, const char *what);

#endif
