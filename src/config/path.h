/* Paths: where the user's files are (XDG), and making them safely. */
#ifndef TELLTALE_PATH_H
#define TELLTALE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The home directory, from HOME or the user database; NULL when there is
 * none. Caller frees, as everywhere here. */
char *path_home(void);
/* "~" and "~/x" become the home directory's; anything else is copied. NULL
 * when there is no home. */
char *path_expand(const char *path);
/* name seen from the directory of file; an absolute name stays. */
char *path_beside(const char *file, const char *name);
/* Where path really leads: symbolic links are followed, a last one too that
 * leads to a file not there yet. As given when that cannot be found out. The
 * caller frees it. */
char *path_real(const char *path);
/* A name beside path that no other process uses. */
char *path_temporary(const char *path);
/* A new file to write, mode 0600, in place of what a killed process may have
 * left there; -1 with errno. */
int path_create(const char *path);
/* The file at path holds text now, or what it held before, never half of it;
 * mode 0600. The disk is not waited for: for what may be lost when the
 * machine stops. */
bool path_replace(const char *path, const char *text, size_t len);
/* Makes the directories above path, mode 0700, where they are missing. */
bool path_make_parents(const char *path, struct err *err);

#endif
