/* What mask_text.c asks mask.c. */
#ifndef TELLTALE_MASK_INTERNAL_H
#define TELLTALE_MASK_INTERNAL_H

#include <stddef.h>

enum mask_kind { MASK_ACCOUNT, MASK_PERSON, MASK_OWNER, MASK_KINDS };

/* "Account" */
const char *mask_kind_name(enum mask_kind kind);
/* Who text begins with, by the number that is shown; NULL: nobody. */
const char *mask_word_at(const char *text, size_t *len);
/* Who is told by exactly that; NULL: nobody. */
const char *mask_known(enum mask_kind kind, const char *text);
/* Whom a number means; NULL: nobody. */
const char *mask_real(enum mask_kind kind, size_t number);

#endif
