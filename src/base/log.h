/* Lines for the operator: to standard error, or to a file while a screen is
 * drawn, never to the terminal behind curses' back. Everything is sanitised
 * again here, since a stranger's words may be in it. Nobody is waited for: a
 * line that is not taken at once is left out, and how many those were is said
 * as soon as one is taken. */
#ifndef TELLTALE_LOG_H
#define TELLTALE_LOG_H

#include <stdbool.h>

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_DEBUG };

/* Where lines go: a path (opened 0600, appended), or NULL for standard
 * error. On the main thread, as all that sets something here; lines may come
 * from any. */
bool log_open(const char *path, struct err *err);
void log_set_level(enum log_level level);
/* Says nothing while standard error is a terminal (a screen is on it) and no
 * file is set. */
void log_set_quiet_tty(bool quiet);
/* Opens the same path again, after it was moved away (SIGHUP of logrotate).
 * False with err: lines go on to the old file. */
bool log_reopen(struct err *err);
void log_close(void);

void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, at most once a second for each place that calls it; says how
 * many it left out. */
#define log_limited(level, ...)                                               \
    do {                                                                      \
        static struct log_limit limit_;                                       \
        log_line_limited(&limit_, level, __VA_ARGS__);                        \
    } while (0)
struct log_limit {
    long long next_us;
    unsigned left_out;
};
void log_line_limited(struct log_limit *limit, enum log_level level,
                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
