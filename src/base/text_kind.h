/* What the sanitiser does with a code point, from Unicode's properties. */
#ifndef TELLTALE_TEXT_KIND_H
#define TELLTALE_TEXT_KIND_H

#include <stdbool.h>
#include <stdint.h>

enum text_kind {
    KIND_BASE,    /* stays, and marks may stand on it */
    KIND_PICTURE, /* the same; a ZWJ may join another one to it */
    KIND_FLAG,    /* regional indicator: two make one flag */
    KIND_MARK,    /* stays only on a base */
    KIND_VOWEL,   /* conjoining jamo: stays only on a Hangul base */
    KIND_JOINER,
    KIND_DROP,
    KIND_BLANK,
    KIND_BAD
};

enum text_kind text_kind_of(uint32_t code);
bool text_is_hangul(uint32_t code);

#endif
