/* Forgetting in the files that were kept beside a journal. */
#ifndef TELLTALE_FORGET_ASIDE_H
#define TELLTALE_FORGET_ASIDE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "journal/whom.h"

/* Names the files that forget_aside() will go through. */
void forget_say_aside(const char *path, FILE *out);
/* Deletes them, by every name they go by, from each file that was kept aside:
 * one that is no sound journal is made into one of what can be read of it;
 * where that cannot be done, and where all of it is in the journal, the file
 * is deleted. Says what was done of each. False with err: a file stays as it
 * was. */
bool forget_aside(const char *path, const struct whom *whom, struct err *err);

#endif
