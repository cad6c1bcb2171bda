/* Growing, and nothing else: what the bytes mean is the callers' business. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "base/banned.h"

/* What data points to before the first byte: never written to. */
static char nothing[1];

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.data = nothing, .max = max};
}

void buf_free(struct buf *buf)
{
    if (buf->data != nothing)
        free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf_truncate(buf, 0);
    buf->overflow = false;
}

/* Makes room for len more bytes and the NUL. */
static bool reserve(struct buf *buf, size_t len)
{
    size_t cap;

    if (buf->overflow || len > buf->max - buf->len) {
        buf->overflow = true;
        return false;
    }
    if (buf->len + len < buf->cap)
        return true;
    cap = buf->cap ? buf->cap : 64;
    while (cap <= buf->len + len)
        cap *= 2;
    if (cap - 1 > buf->max)
        cap = buf->max + 1;
    buf->data = xrealloc(buf->data == nothing ? NULL : buf->data, cap);
    buf->cap = cap;
    buf->data[buf->len] = '\0';
    return true;
}

bool buf_add_growing(struct buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len))
        return false;
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return true;
}

bool buf_adds(struct buf *buf, const char *text)
{
    return buf_add(buf, text, strlen(text));
}

bool buf_add_hex(struct buf *buf, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++)
        if (!buf_addc(buf, digits[bytes[i] >> 4]) ||
            !buf_addc(buf, digits[bytes[i] & 15]))
            return false;
    return true;
}

static bool is_plain_json(char c)
{
    return c != '"' && c != '\\' && (unsigned char)c >= 0x20;
}

bool buf_add_json(struct buf *buf, const char *text, size_t len)
{
    const char *end = text + len;

    buf_addc(buf, '"');
    while (text < end) {
        const char *plain = text;

        while (text < end && is_plain_json(*text))
            text++;
        buf_add(buf, plain, (size_t)(text - plain));
        if (text == end)
            break;
        if ((unsigned char)*text < 0x20)
            buf_addf(buf, "\\u%04x", (unsigned)*text++);
        else
            buf_addf(buf, "\\%c", *text++);
    }
    return buf_addc(buf, '"');
}

bool buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || !reserve(buf, (size_t)len)) {
        va_end(again);
        buf->overflow = true;
        return false;
    }
    if (len) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    return true;
}

char *buf_room(struct buf *buf, size_t len)
{
    return reserve(buf, len) ? buf->data + buf->len : NULL;
}

void buf_grew(struct buf *buf, const char *end)
{
    buf->len = (size_t)(end - buf->data);
    buf->data[buf->len] = '\0';
}

void buf_consume(struct buf *buf, size_t len)
{
    if (len >= buf->len) {
        buf_truncate(buf, 0);
        return;
    }
    memmove(buf->data, buf->data + len, buf->len - len);
    buf_truncate(buf, buf->len - len);
}

void buf_truncate(struct buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->data[len] = '\0';
}

char *buf_take(struct buf *buf)
{
    char *data = buf->data == nothing ? xstrdup("") : buf->data;

    buf_init(buf, buf->max);
    return data;
}
