/* One property of an event as the catalogue needs it: found by name, judged
 * missing or not, and written the way a person reads it. Everything appended
 * here is sanitised. Rules: catalog.ini. */
#ifndef TELLTALE_PROPERTY_H
#define TELLTALE_PROPERTY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "event/slice.h"

struct cJSON;

/* All of them; what is pointed to is borrowed. */
struct properties {
    const struct cJSON *json; /* an object, or NULL */
    struct slice raw;         /* its text, for numbers above 53 bits */
    const char *url;          /* stands in for $current_url, or NULL */
    bool whole;               /* long words are not cut */
};

enum property_kind {
    PROPERTY_MISSING, /* not there, null, or blank text */
    PROPERTY_TEXT,
    PROPERTY_NUMBER,
    PROPERTY_BOOL,
    PROPERTY_LIST,
    PROPERTY_OBJECT,
};
struct property_value {
    enum property_kind kind;
    const char *text;   /* PROPERTY_TEXT: as it came, not sanitised */
    double number;      /* PROPERTY_NUMBER; of a list its length */
    struct slice exact; /* PROPERTY_NUMBER above 53 bits: its digits */
    bool truth;         /* PROPERTY_BOOL */
    bool whole;         /* PROPERTY_TEXT: not to be cut */
};

/* By key, else by dotted path into objects. */
struct property_value property_find(const struct properties *props,
                                    const char *name);

/* Each appends the value, or appends nothing and returns false when the
 * value is missing for this use. */

/* Words: {prop}. With verbatim a name stays as its author wrote it; without,
 * session_replay reads "session replay". Ids and JSON count as missing. */
bool value_words(struct buf *out, const struct property_value *value,
                 bool verbatim);
/* The kind of a query: TrendsQuery reads "trends", HogQLQuery "SQL"; a
 * ...Node, which says how it is drawn, counts as missing. */
bool value_kind_words(struct buf *out, const struct property_value *value);
/* 15,001; with a noun "1 step", "2 steps", and nothing for 0. noun may be
 * "person/people", or NULL. */
bool value_int(struct buf *out, const struct property_value *value,
               const char *noun);
bool value_usd(struct buf *out,
               const struct property_value *value); /* $742.13 */
/* 5 min 18 s, nothing for 0; unit_ms: the value is in milliseconds, else in
 * seconds. */
bool value_dur(struct buf *out, const struct property_value *value,
               bool unit_ms);
bool value_host(struct buf *out, const struct property_value *value);
bool value_path(struct buf *out, const struct property_value *value);

/* True if a word (no blanks) is an id that a machine made, or holds one. */
bool words_opaque(const char *word, size_t len);

/* The plain text of a scalar, not sanitised, for comparing; false for what
 * has none. */
bool value_text(struct buf *out, const struct property_value *value);
/* True if a length of time among these properties is in milliseconds, as
 * browsers count, and not in seconds, as servers do: $lib says who sent it.
 * Without one, what would be more than a day of seconds is. */
bool properties_count_ms(const struct properties *props,
                         const struct property_value *value);
/* There, and neither false nor 0. */
bool value_true(const struct property_value *value);

#endif
