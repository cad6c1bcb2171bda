/* What an event was sent as, broken into lines. */
#ifndef TELLTALE_RAW_TEXT_H
#define TELLTALE_RAW_TEXT_H

#include <stddef.h>

#include "ui/term/draw.h"

/* All zero: no text, no lines. */
struct raw_text {
    char *text;    /* sanitised */
    size_t *lines; /* offsets of the lines, and an end */
    size_t count;  /* of the lines; 0 until raw_text_fit() */
    int width;     /* what they were broken for */
};

/* raw of len bytes, made harmless; of more than fits in memory's share the
 * beginning, and a word about the rest. */
void raw_text_set(struct raw_text *raw, const char *bytes, size_t len);
void raw_text_clear(struct raw_text *raw);
/* Breaks the lines anew if the width is another. */
void raw_text_fit(struct raw_text *raw, int width);
void raw_text_draw(const struct raw_text *raw, struct draw *draw,
                   struct rect rect, size_t line);

#endif
