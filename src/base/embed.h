/* Text files compiled into the program: the event catalogue, themes, the
 * scripts of shells. embed.sh makes the tables at build time. */
#ifndef TELLTALE_EMBED_H
#define TELLTALE_EMBED_H

#include <stddef.h>

/* A table ends with a NULL name. Declare it where it is used, as
 * `extern const struct embedded catalog_files[];`. */
struct embedded {
    const char *name; /* the file's own name: "catalog.ini" */
    const char *text; /* len bytes and a NUL */
    size_t len;
};

#endif
