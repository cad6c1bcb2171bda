/* What JSON's text is made of, for the two files of slice.h. */
#ifndef TELLTALE_JSON_CHAR_H
#define TELLTALE_JSON_CHAR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool json_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool json_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline int json_hex(char c)
{
    if (json_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static inline size_t json_bom(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

#endif
