/* Characters taken apart for searching: what text_find.c compares. */
#ifndef TELLTALE_TEXT_FOLD_H
#define TELLTALE_TEXT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/* A plain letter, a sign, or a mark on the letter before it. */
struct fold_piece {
    uint32_t code;
    bool any_case; /* the E of Æ, written Ae or AE */
};

#define FOLD_PIECES 16
/* Takes a character apart, in lower case if fold; returns how many pieces,
 * 1 or more. Doing it to a piece changes nothing more. */
int fold_pieces(uint32_t code, bool fold, struct fold_piece out[FOLD_PIECES]);
/* The keyboard's sign for a typographic quote, apostrophe, hyphen or blank;
 * any other code is itself. */
uint32_t fold_sign(uint32_t code);
/* What may stand on a letter and need not be typed. */
bool fold_is_mark(uint32_t code);

#endif
