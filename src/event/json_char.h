/* What JSON's text is made of, for slice.c, json_scan.c and
 * json_tree.c. */
#ifndef TELLTALE_JSON_CHAR_H
#define TELLTALE_JSON_CHAR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/hex.h"

static inline bool json_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool json_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline size_t json_bom(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* at stands on a backslash; writes what the escape means, which is never
 * longer, and moves *to behind it. Returns what follows. */
const char *json_unescape(const char *at, const char *end, char **to);

#endif
