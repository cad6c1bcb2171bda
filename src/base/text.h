/* Text from strangers: making it harmless, its width in cells, searching it.
 * Everything shown anywhere went through text_sanitise() once, at the border;
 * bytes that bypass the record go through it again. */
#ifndef TELLTALE_TEXT_H
#define TELLTALE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"

/* Appends a copy of text that no terminal, browser or log can misread:
 * malformed bytes, C0 (but blank for TAB, CR, LF), DEL, C1 and what Unicode
 * says is no character become U+FFFD; private use, and what a newer Unicode
 * than the library's may have assigned, stay; bidi controls, zero-width and
 * format characters, variation selectors, tags and skin tones go; ZWJ goes,
 * with the picture it joined; combining marks without a base become U+FFFD,
 * and at most 4 stay on one base. Doing it twice changes nothing more. At most
 * max bytes are appended, never part of a grapheme. False only when out
 * overflowed. */
bool text_sanitise(struct buf *out, const char *text, size_t len, size_t max);
/* The same into an arena; NULL for NULL. */
char *text_sanitised(struct arena *arena, const char *text, size_t len,
                     size_t max);

/* One user-perceived character at text: its bytes (0 at the end) and how
 * many cells a terminal gives it (1 or 2; 0 only for a mark that a cut text
 * begins with). Text must be sanitised. */
struct grapheme {
    size_t bytes;
    int width;
};
struct grapheme text_grapheme(const char *text, size_t len);
/* Cells of sanitised text. */
int text_width(const char *text);
int text_width_n(const char *text, size_t len);
/* The longest prefix in whole graphemes that fits into cells; *width, if
 * given, is what it fills (may be one less than cells before a wide one). */
size_t text_fit(const char *text, size_t len, int cells, int *width);
/* Appends text cut to cells: whole if it fits, else with "…" (or ellipsis),
 * never a blank before it, never part of a grapheme. Returns its width. */
int text_cut(struct buf *out, const char *text, int cells,
             const char *ellipsis);

/* Whether it has letters that are written from right to left. */
bool text_is_rtl(const char *text);
/* Appends a sanitised text; one with such letters as an isolate (U+2068 …
 * U+2069), so that it turns round nothing beside it. For lines and for what is
 * sent on; in cells each letter has its place. False if out overflowed. */
bool text_add_isolated(struct buf *out, const char *text);

/* Searching. A plain letter finds the one with something on it too (tomas
 * finds Tomás, lodz Łódź, strasse Straße), not the other way round; composed
 * or in pieces, and with typographic or plain quotes, hyphens and blanks, is
 * all the same. The needle must be prepared: by text_fold() to search
 * without regard to case, by text_plain() with. */
char *text_fold(const char *text);  /* caller frees */
char *text_plain(const char *text); /* caller frees */
bool text_contains_folded(const char *hay, const char *needle);
/* Where it is, and how many bytes of hay that is, the marks behind it with
 * them; NULL: nowhere. */
const char *text_find_folded(const char *hay, const char *needle, size_t *len);
/* Equal but for how letters are composed and signs are set. */
bool text_same(const char *a, const char *b);
/* A letter that Unicode calls a capital (or a title's) is in it. */
bool text_has_capital(const char *text);
/* Letters and the marks on them made one again (NFC): free() it; NULL when
 * there is nothing to do. */
char *text_compose(const char *text);
/* Each of them in at most *left steps, which are taken off it: 0 then, with
 * false, if they did not suffice. A step compares a byte or passes over
 * eight, whatever a stranger's text repeats. */
bool text_find(const char *hay, const char *needle, bool fold, size_t *left);
bool text_starts(const char *text, const char *needle, bool fold,
                 size_t *left);
bool text_find_glob(const char *pattern, const char *text, size_t *left);
/* Match of a whole name, compared as text_contains_folded() does, against a
 * pattern in which '*' stands for any run of characters. */
bool text_glob(const char *pattern, const char *text);
int text_casecmp(const char *a, const char *b); /* ASCII only */

/* Ambiguous-width characters (East Asian) count two cells when set. */
void text_set_ambiguous_wide(bool wide);

#endif
