/* Lists of words in settings, and the kinds of words that a list may be of. */
#ifndef TELLTALE_LIST_H
#define TELLTALE_LIST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/value.h"

/* Appends the words of text to out, a blank between them, as those who look
 * for them want them: apart at blanks, commas and semicolons, without quotes
 * around them; of CONFIG_DOMAINS and CONFIG_HOSTS the bare name, lower case
 * (@x.example, *.x.example, https://x.example/ and "x.example." are domains).
 * limits are the words of CONFIG_CHOICES. False with err for a word that could
 * match nothing. */
bool list_read(enum config_type type, const char *limits, const char *text,
               struct buf *out, struct err *err);

#endif
