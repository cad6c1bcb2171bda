/* Chunked bodies (RFC 9112, 7.1), decoded as they come. Pure: no sockets. */
#ifndef TELLTALE_DECHUNK_H
#define TELLTALE_DECHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum dechunk_state {
    DECHUNK_SIZE, /* hex digits */
    DECHUNK_PAD,  /* blanks behind the size */
    DECHUNK_EXT,  /* ";…" up to CR: ignored */
    DECHUNK_SIZE_LF,
    DECHUNK_DATA,
    DECHUNK_DATA_CR,
    DECHUNK_DATA_LF,
    DECHUNK_TRAILER, /* at the start of a trailer line */
    DECHUNK_NAME,    /* within the name of one */
    DECHUNK_FIELD,   /* behind its colon */
    DECHUNK_FIELD_LF,
    DECHUNK_END_LF,
    DECHUNK_END,
};

/* Zeroed: at the start of a body. */
struct dechunk {
    enum dechunk_state state;
    uint32_t left;     /* of the chunk */
    unsigned digits;   /* of its size */
    unsigned overhead; /* bytes of extensions and trailers so far */
};

enum dechunk_result {
    DECHUNK_MORE,
    DECHUNK_DONE, /* the body is complete */
    DECHUNK_BAD,  /* not chunked coding */
    DECHUNK_FULL, /* more than out holds */
};

/* Appends what data decodes to; *used is how many bytes belonged to the
 * body (less than len only when it ended or failed). */
enum dechunk_result dechunk_feed(struct dechunk *dechunk, const char *data,
                                 size_t len, struct buf *out, size_t *used);

#endif
