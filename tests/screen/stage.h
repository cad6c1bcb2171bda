/* What the screen tests put on the board: the fixtures' morning, at its
 * moment, in a terminal of some size. */
#ifndef TELLTALE_STAGE_H
#define TELLTALE_STAGE_H

#include "term.h"

enum bodies { BODIES_NONE, BODIES_MORNING, BODIES_HOSTILE };

/* settings: "theme=night" …, NULL-terminated, or NULL; extra as for
 * term_start(). Waits for the first frame. */
struct term *stage_start(int rows, int cols, enum bodies bodies,
                         const char *const *settings,
                         const char *const *extra);
/* Types key by key; "\033" and so on are one key each. Each is followed by a
 * whole frame. */
void stage_keys(struct term *term, const char *const *keys);
/* The board is told a line and gets a key before it has drawn what came of
 * it; false: no frame followed. */
bool stage_between(struct term *term, const char *line, const char *key);
/* A fixture arrives live, or late: as one of the past. */
void stage_body(struct term *term, const char *file);
void stage_past(struct term *term, const char *file);
/* One case; of one that is not good the screen is told. Ends the terminal. */
void stage_case(struct term *term, bool good, const char *sentence);
/* $TESTS_SRC/name, valid until the next call but three. */
const char *stage_path(const char *name);

#endif
