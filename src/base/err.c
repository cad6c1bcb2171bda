/* Writing an error's one line. Printing it is somebody else's. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* What a stranger sent may be quoted in an error; a terminal must not act
 * on it. Bytes above 0x7f are UTF-8 that the caller sanitised. */
static void blank_controls(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
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
