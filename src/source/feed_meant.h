/* Whom another telltale's hashes mean in this journal. */
#ifndef TELLTALE_FEED_MEANT_H
#define TELLTALE_FEED_MEANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "journal/forget.h"
#include "journal/forgotten.h"

struct sqlite3;

struct feed_hash {
    unsigned char bytes[FORGOTTEN_HASH];
    struct uuid salt;
    int64_t at;     /* wall ms: what they did until then */
    uint64_t place; /* in a stream; 0: none */
};

/* Tells each name that one of the hashes stands for and of which there is
 * something to forget. They are of that salt, and are sorted here. Any thread,
 * with its own connection. False with err: it may have missed some. */
bool feed_meant(struct sqlite3 *db, const struct uuid *salt,
                struct feed_hash *hashes, size_t count,
                void (*found)(void *ctx, enum forget_kind kind,
                              const char *text, int64_t at),
                void *ctx, struct err *err);

#endif
