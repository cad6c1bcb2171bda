/* Looking at eight bytes at once, as one number ("Bit Twiddling Hacks"). What
 * is found is marked by the top bit of its byte; of several marks only the
 * first is sure to be right, ask again behind it for the next. */
#ifndef TELLTALE_BYTES_H
#define TELLTALE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BYTES_ONES UINT64_C(0x0101010101010101)
#define BYTES_TOPS (BYTES_ONES * 0x80)

/* The first byte of text is the lowest, whatever the machine. */
static inline uint64_t bytes_load(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word)
                                                  : word;
}

/* Marks those equal to c. */
static inline uint64_t bytes_equal(uint64_t word, unsigned char c)
{
    word ^= BYTES_ONES * c;
    return (word - BYTES_ONES) & ~word & BYTES_TOPS;
}

/* Marks those below c, which is at most 0x80. */
static inline uint64_t bytes_below(uint64_t word, unsigned char c)
{
    return (word - BYTES_ONES * c) & ~word & BYTES_TOPS;
}

/* Index of the first mark; there must be one. */
static inline size_t bytes_first(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

#endif
