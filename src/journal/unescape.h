/* One character of a text in which a stranger may have escaped it. */
#ifndef TELLTALE_UNESCAPE_H
#define TELLTALE_UNESCAPE_H

#include <stddef.h>
#include <stdint.h>

/* Escapes inside escapes that are looked through. */
#define UNESCAPE_DEPTH 4
/* No character takes more bytes than this. */
#define UNESCAPE_MAX 48

struct unit {
    uint32_t code;
    size_t len; /* bytes that it takes in the text; 0: the end */
};

/* The character at position at, with that many layers of escapes taken away;
 * 0: as it stands. A byte that is no UTF-8 has a code of its own. */
struct unit unescape_at(const char *text, size_t len, size_t at, int depth);

#endif
