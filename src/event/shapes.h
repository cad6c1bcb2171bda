/* An element of a body, and what stands at the paths of payload.h in it. There
 * is no branch per sender; a new one is a path more. */
#ifndef TELLTALE_SHAPES_H
#define TELLTALE_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/mem.h"
#include "event/payload.h"

/* One element of a body; its nodes are json_tree()'s. */
struct shape {
    const struct payload_paths *extra; /* or NULL */
    const cJSON *root;                 /* where paths begin */
    const cJSON *outer; /* tried second: the body around root, or NULL */
    bool unrendered;    /* a placeholder of PostHog's stood in for a value */
};

/* Looks for the event: in value itself, or in an object it wraps ("data",
 * "payload", …; also a list of events: then root is that array). */
struct shape shape_of(const struct payload_paths *extra, const cJSON *value);

/* The first value that is there, is not null and, for all fields but the
 * properties, is a text or a number. NULL: none. */
const cJSON *shape_node(struct shape *shape, enum payload_field field);
/* The same as text, trimmed, not sanitised, never empty; numbers as they
 * were written. NULL: none; placeholders are none and are remembered. Only
 * the event's name keeps white space at its ends: PostHog filters by it. */
const char *shape_text(struct shape *shape, enum payload_field field,
                       struct arena *arena);
/* The first text that fits_text says yes to. */
const char *shape_text_if(struct shape *shape, enum payload_field field,
                          bool (*fits_text)(const char *text),
                          struct arena *arena);
/* JSON in a string that value wraps ("body", "payload", …), or NULL: valid
 * as long as value. Only for objects that shape_of() found no event in. */
const char *shape_wrapped(const struct shape *shape);
/* True if a path of the field leads somewhere, even to null. */
bool shape_mentions(const struct shape *shape, enum payload_field field);
/* The same of any path below the root. */
const char *shape_at(struct shape *shape, const char *path,
                     struct arena *arena);
/* Gives texts that are JSON the members they stand for, where events keep
 * such (properties, event, person, …), levels deep. Before shape_of(). */
void shape_unfold(cJSON *value, int levels, struct arena *arena);
/* True for what a bot posts for people to read: its names are the poster's,
 * not of whom it tells. */
bool shape_is_message(const struct shape *shape);
/* text between and without white space at its ends. */
const char *shape_trim(struct arena *arena, const char *text, size_t len);

#endif
