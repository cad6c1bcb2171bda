/* Small files, whole. */
#ifndef TELLTALE_FILE_H
#define TELLTALE_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"

struct stat;

/* Everything in the file at path, NUL-terminated (len excludes that NUL; the
 * text may hold others). The caller frees it. NULL, with err "path: what",
 * when it cannot be read, is a directory or holds more than max bytes. */
char *file_slurp(const char *path, size_t max, size_t *len, struct err *err);
/* From now on file_slurp() refuses what one might have to wait for, a pipe
 * say: for who has taken the signals that would end such a wait. */
void file_wait_for_none(void);
/* False, with err, when something else is at path than a regular file; one
 * that is not there may be made yet. */
bool file_is_regular(const char *path, struct err *err);
/* The same for a thread that others wait for: gives up, with NULL and "path:
 * given up", soon after *abandoned is set, also while a pipe is silent. */
char *file_slurp_unless(const char *path, size_t max, size_t *len,
                        const atomic_bool *abandoned, struct err *err);
/* The last part of a path, for messages; points into path. */
const char *file_base(const char *path);

/* The name of what belongs to the file at path, "…/journal.db" and "-wal".
 * The caller frees it. */
char *file_name_with(const char *path, const char *suffix);

/* When it was last written to, as finely as the system knows. */
struct timespec file_changed(const struct stat *info);

#endif
