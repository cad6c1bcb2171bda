/* The words that betray somebody, and which of them a text begins with. */
#ifndef TELLTALE_MASK_WORDS_H
#define TELLTALE_MASK_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mask_words;

struct mask_words *mask_words_new(void);
void mask_words_free(struct mask_words *words);
/* whom, borrowed, is what mask_words_find() answers with; who has a word
 * already keeps it. part: of a name; it counts in these letters only, else in
 * any case (of ASCII). */
void mask_words_add(struct mask_words *words, const char *text, size_t len,
                    bool part, void *whom);
/* Whom the longest word that text begins with betrays, and its length; NULL:
 * nobody. Words of Latin letters end where the letters do. */
void *mask_words_find(struct mask_words *words, const char *text, size_t *len);
/* How often a word was held against another text so far, for tests. */
uint64_t mask_words_compared(const struct mask_words *words);

#endif
