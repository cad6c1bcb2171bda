/* A tree of JSON text, of cJSON's nodes, so that its functions read it; made
 * here, since cJSON's own parser is slower by far, gives no offsets and trips
 * over \u0000, unpaired surrogates and long numbers. Read only: nothing of
 * it may be added to, taken out or deleted. */
#ifndef TELLTALE_JSON_TREE_H
#define TELLTALE_JSON_TREE_H

#include <cjson/cJSON.h>

#include "base/mem.h"
#include "event/slice.h"

/* The tree of text that slice_check() would pass; else NULL, with its err.
 * It lies in arena, strings and all; text must outlive it for json_raw(). */
const cJSON *json_tree(struct slice text, struct arena *arena,
                       struct err *err);
/* Where a node of such a tree stands in its text, without white space. */
struct slice json_raw(const cJSON *node);
/* The node that begins after this one in the text, at any depth; NULL at the
 * end. The root is the first. */
const cJSON *json_after(const cJSON *node);

/* The first member of that name; NULL: there is none. object may be NULL or
 * anything else, and of a tree of cJSON's own. */
const cJSON *json_member(const cJSON *object, const char *key);

#endif
