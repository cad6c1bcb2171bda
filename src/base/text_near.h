/* Which of some names a word was probably meant to be. */
#ifndef TELLTALE_TEXT_NEAR_H
#define TELLTALE_TEXT_NEAR_H

#include <stddef.h>

/* Letters to change, add or leave out to make one of the other (Levenshtein);
 * '-' and '_' are equal, and so are capital letters and small ones. Names of
 * more than LIMIT_NEAR_NAME bytes are that far from all. */
size_t text_distance(const char *a, size_t a_len, const char *b, size_t b_len);
/* The entry of names (NULL-terminated) that is nearest to word, the first of
 * several; NULL when none is near: more than every third letter is another. */
const char *text_nearest(const char *word, const char *const *names);

#endif
