/* Names of somebody, found in whatever way a body can have them: in any case,
 * escaped as in JSON (\u0040), in addresses and forms (%40, also twice), in
 * HTML (&#64;) and mail (=40), one inside the other, and in base64. A name is
 * found as a whole word only: jonas@a.example is not in bigjonas@a.example. */
#ifndef TELLTALE_TRACE_H
#define TELLTALE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "base/err.h"

enum trace_kind {
    TRACE_NAME, /* goes wherever it stands */
    TRACE_HINT, /* too common for that: what was refused may be theirs if it
                   is the whole of a value */
};

struct traces;

struct traces *traces_new(void);
void traces_free(struct traces *traces); /* NULL is allowed */
/* Copies; NULL, "" and what is there already are left out. False: there are
 * LIMIT_TRACES, and it is none of them. */
bool traces_add(struct traces *traces, enum trace_kind kind, const char *text);

/* Is a name there, or, with hints, a hint? */
bool traces_find(const struct traces *traces, const char *text, size_t len,
                 bool hints);
/* Overwrites the names, byte for byte, so that what is around them stays where
 * it is, and JSON stays JSON. How many there were. */
size_t traces_blot(const struct traces *traces, char *text, size_t len);

/* For SQL on this connection: trace_in(text), trace_hint(text) (with hints),
 * trace_blot(text). NULL takes them away again. */
bool traces_teach(const struct traces *traces, sqlite3 *db, struct err *err);

#endif
