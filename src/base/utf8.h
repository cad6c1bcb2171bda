/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
#ifndef TELLTALE_UTF8_H
#define TELLTALE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xfffdu /* what stands for what is none */

/* True if all len bytes are well-formed. On false *at, if given, is the offset
 * of the first byte that is not. */
bool utf8_valid(const char *text, size_t len, size_t *at);
/* Decodes one code point; returns its length, 0 at the end, and -1 (as
 * U+FFFD of one byte: *code = 0xfffd) for a malformed byte. */
int utf8_decode(const char *text, size_t len, uint32_t *code);
/* Writes 1 to 4 bytes; returns how many. */
int utf8_encode(uint32_t code, char out[4]);

/* A byte that goes on with a code point. */
static inline bool utf8_goes_on(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The same of two. */
static inline bool utf8_both_go_on(unsigned char a, unsigned char b)
{
    return (((a ^ 0x80) | (b ^ 0x80)) & 0xc0) == 0;
}

#endif
