/* FNV-1a: a hash of bytes, the same in every run and on every machine. Who
 * chooses the bytes can make them collide: where strangers do, that must cost
 * little (intern.c has one of its own). */
#ifndef TELLTALE_HASH_H
#define TELLTALE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(14695981039346656037)

/* What a hash becomes with one more byte, with more of them, with a text. */
static inline uint64_t hash_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * UINT64_C(1099511628211);
}

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++)
        hash = hash_byte(hash, at[i]);
    return hash;
}

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = hash_byte(hash, (unsigned char)*text);
    return hash;
}

#endif
