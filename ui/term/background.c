/* Reads the colour out of the answer, which keys.c hands over. */
#include "ui/term/background.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

/* One of the three parts of a colour, "f" to "ffff", as 0 to 1. */
static bool read_part(const char **at, double *part)
{
    size_t len = strspn(*at, "0123456789abcdefABCDEF");

    if (!len || len > 4)
        return false;
    *part = (double)strtoul(*at, NULL, 16) / (double)((1u << 4 * len) - 1);
    *at += len;
    *at += **at == '/';
    return true;
}

bool background_parse(const char *answer, bool *light)
{
    const char *at = strncmp(answer, "11;rgb", 6) ? NULL : strchr(answer, ':');
    double red, green, blue;

    if (!at)
        return false;
    at++;
    if (!read_part(&at, &red) || !read_part(&at, &green) ||
        !read_part(&at, &blue))
        return false;
    *light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5;
    return true;
}
