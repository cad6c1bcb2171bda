/* The properties of an event as a folding tree: rows over raw JSON text, of
 * which only the open ones are shown. PostHog's own properties (their names
 * begin with `$`) are one folded row at the end. Draws nothing. */
#ifndef TELLTALE_PANE_TREE_H
#define TELLTALE_PANE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct tree;

struct tree_row {
    const char *key;   /* sanitised; of an array element "[3]" */
    const char *value; /* sanitised and short; "3 entries" for containers */
    int depth;         /* 0: a property */
    bool folds, open;  /* has rows below it; they are shown. Of one without:
                          its value is to be shown whole */
    bool text;         /* a string, or a part of JSON: it may say anything */
};

/* json is the properties as event_properties() writes them; copied. */
struct tree *tree_new(const char *json, size_t len);
void tree_free(struct tree *tree);          /* NULL is allowed */
size_t tree_count(const struct tree *tree); /* properties, PostHog's too */

/* The rows that show now. */
size_t tree_rows(const struct tree *tree);
struct tree_row tree_row(const struct tree *tree, size_t index);
void tree_toggle(struct tree *tree, size_t index);
/* Appends the value of a row: a string's contents, sanitised, or JSON. False:
 * the row has none of its own, or out overflowed. */
bool tree_copy(const struct tree *tree, size_t index, struct buf *out);
/* Looks for folded text (text_fold) in keys and values after row `from`
 * (before it if backwards), in closed rows too, which are opened for it. The
 * row it stands in then; false: nowhere, or not in *left steps, as text_find()
 * counts them: they are taken off, and 0 is left if they did not suffice. */
bool tree_find(struct tree *tree, const char *folded, size_t from,
               bool backwards, size_t *index, size_t *left);

#endif
