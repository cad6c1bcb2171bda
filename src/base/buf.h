/* Growable bytes that always have a maximum (curl's dynbuf is the model).
 *
 * data is never NULL and always NUL-terminated after len bytes, so it can
 * be handed to anything that takes a C string. A buffer that would grow past
 * its maximum keeps what it has, remembers that it overflowed, and every
 * later append fails too: check once, at the end, with buf_ok(). */
#ifndef TELLTALE_BUF_H
#define TELLTALE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
    char *data;
    size_t len, cap, max; /* cap: at most max and the NUL */
    bool overflow;
};

/* max is the most bytes it will ever hold. Allocates nothing yet. */
void buf_init(struct buf *buf, size_t max);
void buf_free(struct buf *buf);
/* Empties it and forgets an overflow; keeps the memory. */
void buf_clear(struct buf *buf);

/* buf_add() when there is no room yet. */
bool buf_add_growing(struct buf *buf, const void *bytes, size_t len);
static inline bool buf_add(struct buf *buf, const void *bytes, size_t len)
{
    if (len >= buf->cap - buf->len || buf->overflow)
        return buf_add_growing(buf, bytes, len);
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return true;
}
static inline bool buf_addc(struct buf *buf, char c)
{
    return buf_add(buf, &c, 1);
}
bool buf_adds(struct buf *buf, const char *text);
/* Two digits a byte. */
bool buf_add_hex(struct buf *buf, const unsigned char *bytes, size_t len);
/* As a JSON string with its quotes; bytes that are no UTF-8 stay as they are. */
bool buf_add_json(struct buf *buf, const char *text, size_t len);
bool buf_addf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Where the next bytes go, with room for len of them to be written there and
 * then said to buf_grew(): up to end. NULL and an overflow if they are too
 * many. */
char *buf_room(struct buf *buf, size_t len);
void buf_grew(struct buf *buf, const char *end);
/* Removes the first len bytes (all of them if there are fewer). */
void buf_consume(struct buf *buf, size_t len);
/* Shortens it to len bytes; never lengthens. */
void buf_truncate(struct buf *buf, size_t len);
static inline bool buf_ok(const struct buf *buf)
{
    return !buf->overflow;
}
/* Takes the bytes out: the caller frees them; the buffer is empty again. */
char *buf_take(struct buf *buf);

#endif
