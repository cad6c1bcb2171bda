/* Ranges in raw JSON. cJSON keeps no offsets, rounds numbers above 53 bits
 * and takes raw control bytes; this scanner does not build anything, it only
 * says where a value stands, strictly by RFC 8259. A tree: json_tree.h. */
#ifndef TELLTALE_SLICE_H
#define TELLTALE_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct slice {
    const char *at;
    size_t len;
};

/* True if text is one JSON value (white space and a BOM around it allowed),
 * valid UTF-8, nested at most LIMIT_JSON_DEPTH deep. Otherwise err says what
 * and at which byte. Never recurses. */
bool slice_check(const char *text, size_t len, struct err *err);

/* True if the text of a string is JSON itself: an object, a list, or such in
 * a string once more. */
bool slice_holds_json(const char *text, size_t len);

/* The value of `key` in the object at `object`, of the first occurrence (as
 * cJSON finds it); keys are compared after unescaping. False: not there, or
 * not an object. text must have passed slice_check(). */
bool slice_member(struct slice object, const char *key, struct slice *out);
/* The same for count keys at once: out gets a value for each, of length 0 for
 * those that are not there. */
void slice_members(struct slice object, const char *const *keys, size_t count,
                   struct slice *out);
/* A dotted path ("event.properties.$groups.organization"): at each step the
 * longest key that is there wins, so keys with dots are found too. */
bool slice_path(struct slice value, const char *path, struct slice *out);
/* Steps through an array or object: *cursor starts at NULL; key is empty for
 * arrays and still escaped, quotes excluded, for objects. */
bool slice_next(struct slice container, const char **cursor, struct slice *key,
                struct slice *value);

/* What stands at `at` behind white space: a whole value, or, where none
 * begins, nothing (len 0; at is then end or a ',', ':', ']' or '}'). */
struct slice slice_value(const char *at, const char *end);

/* The value that is all of text, without BOM and white space around it. */
struct slice slice_trim(const char *text, size_t len);

/* Steps through every string in json, at any depth, that is no key; *cursor
 * starts at NULL. */
bool slice_next_string(struct slice json, const char **cursor,
                       struct slice *out);

/* First byte of the value: one of { [ " t f n or the start of a number. */
char slice_kind(struct slice value);
/* Unescapes a string value: lone surrogates and \u0000 become U+FFFD. */
bool slice_string(struct slice value, struct buf *out);

/* Appends value with white space between tokens removed and, inside strings,
 * what cannot be seen escaped as \u00XX (DEL, C1, bidi controls, zero-width
 * and tag characters) and private use, too; everything else byte for byte,
 * numbers verbatim. */
bool slice_compact(struct buf *out, struct slice value);

/* Copies text so that cJSON's own parser does not trip: unpaired \uD8xx…\uDFxx
 * and \u0000 become \uFFFD (same length). text is not changed. */
void slice_defuse(const char *text, size_t len, char *out);

#endif
