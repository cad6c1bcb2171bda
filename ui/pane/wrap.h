/* Text over several lines: broken between words, a word that is wider than a
 * line between graphemes. */
#ifndef TELLTALE_WRAP_H
#define TELLTALE_WRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/term/draw.h"

struct wrap {
    const char *rest; /* what is not yet handed out */
    int cells;        /* of a line */
};

/* text is borrowed. */
struct wrap wrap_start(const char *text, int cells);
/* The next line, not terminated; false: there is none. */
bool wrap_next(struct wrap *wrap, const char **line, size_t *len);
int wrap_lines(const char *text, int cells);
/* Line number piece of pieces; the last has all that is left. */
const char *wrap_piece(const char *text, int cells, int piece, int pieces,
                       size_t *len);
/* Draws it into the rectangle, the last line cut with … if there is more;
 * returns the lines used. */
int wrap_draw(struct draw *draw, struct rect rect, enum role role,
              const char *text);

#endif
