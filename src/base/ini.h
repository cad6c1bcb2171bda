/* INI text, as configuration, themes and event catalogues are written:
 *
 *   ; a comment, alone on its line (also #) or after a blank
 *   [section]
 *   key = value
 *     an indented line goes on with the value above, after one blank
 *
 * Lines end with LF, CRLF or CR. Lines, not bytes, are what a user sees in an
 * editor, so every error and every setting carries "file:line". The parser
 * beneath (inih) cuts long lines and names without a word; here that is an
 * error. */
#ifndef TELLTALE_INI_H
#define TELLTALE_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct ini_entry {
    const char *section;   /* "" before the first [section] */
    unsigned section_line; /* two sections of one name differ here; 0: none */
    const char *key;       /* never empty */
    const char *value;     /* continuation lines joined by one blank */
    unsigned line;         /* where the key stands */
    const char *where;     /* "config.ini:12" */
};

/* Called for every setting in the order of the file; pointers are valid
 * during the call. Returning false stops the reading; err should then begin
 * with entry->where. */
typedef bool ini_each(void *ctx, const struct ini_entry *entry,
                      struct err *err);

/* Reads len bytes of text; name is what "file:line" calls it. False with err
 * for a line that is neither section, setting nor comment, a line over
 * LIMIT_CONFIG_LINE bytes, a section or key over 49 bytes, a NUL byte,
 * bytes that are not UTF-8, or what `each` refused. */
bool ini_read(const char *name, const char *text, size_t len, ini_each *each,
              void *ctx, struct err *err);
/* The same for a file of at most LIMIT_CONFIG_FILE bytes; it is called by
 * its path. */
bool ini_load(const char *path, ini_each *each, void *ctx, struct err *err);

#endif
