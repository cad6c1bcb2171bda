/* Writing an error's one line. Printing it is somebody else's. */
#include "base/err.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#include "base/banned.h"

/* U+0080 to U+009F, and the characters that turn the direction of a line:
 * U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. How many bytes
 * it has; 0 for others. */
static size_t hidden_at(const unsigned char *text)
{
    if (text[0] == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f)
        return 2;
    if (text[0] == 0xd8 && text[1] == 0x9c)
        return 2;
    if (text[0] != 0xe2)
        return 0;
    if (text[1] == 0x80 && (text[2] == 0x8e || text[2] == 0x8f ||
                            (text[2] >= 0xaa && text[2] <= 0xae)))
        return 3;
    return text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9 ? 3 : 0;
}

/* What a stranger sent may be quoted in an error; a terminal must not act
 * on it, wherever the caller forgot to clean it, or cut a character in two. */
static void blank_controls(char *text)
{
    char *out = text;

    while (*text) {
        size_t hidden = hidden_at((const unsigned char *)text);
        uint32_t code;
        int len = utf8_decode(text, strnlen(text, 4), &code);

        if (hidden || (unsigned char)*text < 0x20 || *text == 0x7f ||
            len <= 0) {
            *out++ = '?';
            text += hidden ? hidden : 1;
        } else {
            memmove(out, text, (size_t)len);
            out += len;
            text += len;
        }
    }
    *out = '\0';
}

bool err_set(struct err *err, const char *format, ...)
{
    va_list args;

    if (!err)
        return false;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    blank_controls(err->text);
    return false;
}

bool err_errno(struct err *err, const char *format, ...)
{
    int saved = errno;
    va_list args;
    size_t used;

    if (!err)
        return false;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s",
             strerror(saved));
    blank_controls(err->text);
    errno = saved;
    return false;
}
