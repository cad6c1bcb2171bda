/* Links out of the screen: opened by posix_spawn of the opener (never a
 * shell, never what the policy refuses), copied natively or by OSC 52, and
 * replays that are opened once they are ready. */
#ifndef TELLTALE_UI_LINKS_H
#define TELLTALE_UI_LINKS_H

#include <stdint.h>

#include "ui/action.h"

struct screen;

/* The actions replay, replay_ready, replays, person, event, url, copy and
 * copy_json, for the event seq; says on the status row what it did. */
void links_action(struct screen *screen, enum action action, uint64_t seq);
/* Opens one address if the policy allows it, with the message. */
void links_open(struct screen *screen, const char *project_url,
                const char *url);
void links_copy(struct screen *screen, const char *text, const char *what);

#endif
