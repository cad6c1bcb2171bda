/* An error is one line that a user can act on: what is wrong, where, and
 * where it helps, what to do. Functions that can fail take a struct err
 * that they fill only when they fail. */
#ifndef TELLTALE_ERR_H
#define TELLTALE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

struct err {
    char text[512];
};

/* Exit statuses of every command. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_CONFIG = 3,
    EXIT_REFUSED = 4,
    EXIT_INTERRUPTED = 130,
};

/* Both write one line into err (NULL is allowed: nobody asked) and return
 * false, so that `return err_set(err, …)` reads well. err_errno adds ": <errno
 * text>". Control characters in the result, those that turn its direction, and
 * what is no UTF-8 (a character that was cut in two) become '?'. */
bool err_set(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool err_errno(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
