/* An incremental decoder for chunked bodies. Sizes have at most 8 digits,
 * extensions and trailers are read away and bounded, line ends are CRLF. */
#include "net/dechunk.h"

#include <stdbool.h>

#include "base/hex.h"
#include "net/http_rules.h"
#include "base/banned.h"

#define MAX_DIGITS 8
#define MAX_OVERHEAD 4096

static bool step(struct dechunk *dechunk, enum dechunk_state next, bool ok)
{
    dechunk->state = next;
    return ok;
}

/* Behind the digits: blanks, an extension, the end of the line, nothing
 * else. What another reader would take for part of the size must not pass. */
static bool take_size_end(struct dechunk *dechunk, char c)
{
    if (c == ';')
        return step(dechunk, DECHUNK_EXT, true);
    if (c == ' ' || c == '\t') {
        dechunk->state = DECHUNK_PAD;
        return ++dechunk->overhead <= MAX_OVERHEAD;
    }
    return step(dechunk, DECHUNK_SIZE_LF, c == '\r');
}

static bool take_size(struct dechunk *dechunk, char c)
{
    int digit = hex_digit(c);

    if (digit >= 0) {
        dechunk->left = dechunk->left * 16 + (uint32_t)digit;
        return ++dechunk->digits <= MAX_DIGITS;
    }
    if (!dechunk->digits)
        return false;
    return take_size_end(dechunk, c);
}

/* Bytes that are read and dropped: extensions and trailers. */
static bool skip(struct dechunk *dechunk, char c, enum dechunk_state after)
{
    if (c == '\r')
        return step(dechunk, after, true);
    if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
        return false;
    return ++dechunk->overhead <= MAX_OVERHEAD;
}

/* A trailer is a field: a name of token characters, and a colon. */
static bool take_name(struct dechunk *dechunk, char c)
{
    if (c == ':' && dechunk->state == DECHUNK_NAME)
        return step(dechunk, DECHUNK_FIELD, true);
    dechunk->state = DECHUNK_NAME;
    return http_is_token(c) && ++dechunk->overhead <= MAX_OVERHEAD;
}

static bool size_ends(struct dechunk *dechunk, char c)
{
    bool last = !dechunk->left;

    dechunk->digits = 0;
    return step(dechunk, last ? DECHUNK_TRAILER : DECHUNK_DATA, c == '\n');
}

/* Every state but DATA takes one byte; false: malformed. */
static bool take_byte(struct dechunk *dechunk, char c)
{
    switch (dechunk->state) {
    case DECHUNK_SIZE:
        return take_size(dechunk, c);
    case DECHUNK_PAD:
        return take_size_end(dechunk, c);
    case DECHUNK_EXT:
        return skip(dechunk, c, DECHUNK_SIZE_LF);
    case DECHUNK_SIZE_LF:
        return size_ends(dechunk, c);
    case DECHUNK_DATA_CR:
        return step(dechunk, DECHUNK_DATA_LF, c == '\r');
    case DECHUNK_DATA_LF:
        return step(dechunk, DECHUNK_SIZE, c == '\n');
    case DECHUNK_TRAILER:
        if (c == '\r')
            return step(dechunk, DECHUNK_END_LF, true);
        return take_name(dechunk, c);
    case DECHUNK_NAME:
        return take_name(dechunk, c);
    case DECHUNK_FIELD:
        return skip(dechunk, c, DECHUNK_FIELD_LF);
    case DECHUNK_FIELD_LF:
        return step(dechunk, DECHUNK_TRAILER, c == '\n');
    case DECHUNK_END_LF:
        return step(dechunk, DECHUNK_END, c == '\n');
    case DECHUNK_DATA:
    case DECHUNK_END:
        break;
    }
    return false;
}

static size_t take_data(struct dechunk *dechunk, size_t len)
{
    size_t take = len < dechunk->left ? len : dechunk->left;

    dechunk->left -= (uint32_t)take;
    if (!dechunk->left)
        dechunk->state = DECHUNK_DATA_CR;
    return take;
}

enum dechunk_result dechunk_feed(struct dechunk *dechunk, const char *data,
                                 size_t len, struct buf *out, size_t *used)
{
    *used = 0;
    while (*used < len && dechunk->state != DECHUNK_END) {
        if (dechunk->state == DECHUNK_DATA) {
            size_t take = take_data(dechunk, len - *used);

            if (!buf_add(out, data + *used, take))
                return DECHUNK_FULL;
            *used += take;
        } else if (!take_byte(dechunk, data[(*used)++])) {
            return DECHUNK_BAD;
        }
    }
    return dechunk->state == DECHUNK_END ? DECHUNK_DONE : DECHUNK_MORE;
}
