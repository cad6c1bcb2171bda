/* Text of other encodings than UTF-8, as spreadsheets save it. */
#ifndef TELLTALE_CHARSET_H
#define TELLTALE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* If bytes are UTF-16 (a byte order mark, or NULs where Latin letters have
 * them), appends them to out as UTF-8 without the mark; surrogates that stand
 * alone become U+FFFD. False: they are not, nothing was appended. */
bool charset_add_utf16(struct buf *out, const char *bytes, size_t len);
/* Appends bytes of Windows-1252, of which Latin-1 is a part, as UTF-8. */
void charset_add_1252(struct buf *out, const char *bytes, size_t len);

#endif
