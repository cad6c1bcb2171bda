/* A flat array of nodes in document order, each knowing where its subtree
 * ends; the rows shown are the nodes whose ancestors are all open. */
#include "ui/pane/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/slice.h"

#include "base/banned.h"

#define MAX_NODES 20000
#define MAX_DEPTH 64 /* deeper containers show as one text */
#define MAX_VALUE 2048

struct node {
    const char *key, *value; /* in the arena */
    int depth;
    size_t end; /* index after its subtree */
    bool folds, open, text;
    size_t at, len; /* its value in json; 0 bytes: it has none */
};

struct tree {
    struct arena arena;
    char *json;
    struct node *nodes;
    size_t count, size;
    size_t properties;
    size_t *rows; /* indices of the nodes that show */
    size_t row_count;
};

static size_t add_node(struct tree *tree, const char *key, const char *value,
                       int depth)
{
    if (tree->count == tree->size) {
        tree->size = tree->size ? tree->size * 2 : 64;
        tree->nodes =
            xreallocarray(tree->nodes, tree->size, sizeof *tree->nodes);
    }
    tree->nodes[tree->count] = (struct node){.key = key,
                                             .value = value,
                                             .depth = depth,
                                             .end = tree->count + 1};
    return tree->count++;
}

/* A string's contents, anything else as it is written; sanitised. */
static const char *value_text(struct tree *tree, struct slice value)
{
    struct buf text;
    const char *result;

    buf_init(&text, MIB * 4);
    if (slice_kind(value) != '"' || !slice_string(value, &text)) {
        buf_clear(&text);
        buf_add(&text, value.at,
                value.len < MAX_VALUE ? value.len : MAX_VALUE);
    }
    result = text_sanitised(&tree->arena, text.data, text.len, MAX_VALUE);
    buf_free(&text);
    return result;
}

static const char *key_text(struct tree *tree, struct slice key,
                            size_t element, bool array)
{
    char quoted[280], number[32];

    if (array) {
        snprintf(number, sizeof number, "[%zu]", element);
        return arena_strdup(&tree->arena, number);
    }
    if (key.len < sizeof quoted - 2) {
        quoted[0] = '"';
        memcpy(quoted + 1, key.at, key.len);
        quoted[key.len + 1] = '"';
        return value_text(tree, (struct slice){quoted, key.len + 2});
    }
    return text_sanitised(&tree->arena, key.at, key.len, 256);
}

static bool is_container(struct slice value)
{
    return slice_kind(value) == '{' || slice_kind(value) == '[';
}

static void add_children(struct tree *tree, struct slice container, int depth,
                         bool posthogs);

static const char *entries_text(struct tree *tree, size_t entries)
{
    char text[48];

    snprintf(text, sizeof text, "%zu %s", entries,
             entries == 1 ? "entry" : "entries");
    return arena_strdup(&tree->arena, text);
}

static size_t count_children(struct slice container)
{
    const char *cursor = NULL;
    struct slice key, value;
    size_t count = 0;

    while (slice_next(container, &cursor, &key, &value))
        count++;
    return count;
}

static void keep_place(struct tree *tree, size_t index, struct slice value)
{
    tree->nodes[index].at = (size_t)(value.at - tree->json);
    tree->nodes[index].len = value.len;
}

static void add_value(struct tree *tree, const char *key, struct slice value,
                      int depth)
{
    size_t entries, index;

    if (!is_container(value) || depth >= MAX_DEPTH) {
        index = add_node(tree, key, value_text(tree, value), depth);
        tree->nodes[index].text =
            is_container(value) || slice_kind(value) == '"';
        keep_place(tree, index, value);
        return;
    }
    entries = count_children(value);
    index = add_node(tree, key, entries_text(tree, entries), depth);
    keep_place(tree, index, value);
    if (!entries)
        return;
    add_children(tree, value, depth + 1, false);
    tree->nodes[index].folds = true;
    tree->nodes[index].end = tree->count;
}

/* At the top, posthogs chooses between properties that begin with `$` and
 * the others. */
static void add_children(struct tree *tree, struct slice container, int depth,
                         bool posthogs)
{
    bool array = slice_kind(container) == '[';
    bool top = depth == 0 || posthogs;
    const char *cursor = NULL;
    struct slice key, value;
    size_t element = 0;

    while (tree->count < MAX_NODES &&
           slice_next(container, &cursor, &key, &value)) {
        bool theirs = key.len && *key.at == '$';

        if (!top || array || theirs == posthogs)
            add_value(tree, key_text(tree, key, element, array), value, depth);
        element++;
    }
}

static size_t count_theirs(struct slice object)
{
    const char *cursor = NULL;
    struct slice key, value;
    size_t count = 0;

    if (slice_kind(object) == '{')
        while (slice_next(object, &cursor, &key, &value))
            count += key.len && *key.at == '$';
    return count;
}

static void show_rows(struct tree *tree)
{
    size_t i = 0;

    tree->row_count = 0;
    while (i < tree->count) {
        const struct node *node = &tree->nodes[i];

        tree->rows[tree->row_count++] = i;
        i = node->folds && !node->open ? node->end : i + 1;
    }
}

struct tree *tree_new(const char *json, size_t len)
{
    struct tree *tree = xcalloc(1, sizeof *tree);
    struct slice object = {NULL, len};
    size_t theirs;
    char note[64];

    tree->json = xstrndup(json, len);
    object.at = tree->json;
    theirs = count_theirs(object);
    if (is_container(object)) {
        tree->properties = count_children(object);
        add_children(tree, object, 0, false);
    }
    if (theirs) {
        size_t index;

        snprintf(note, sizeof note, "%zu of PostHog's own", theirs);
        index = add_node(tree, "$…", arena_strdup(&tree->arena, note), 0);
        add_children(tree, object, 1, true);
        tree->nodes[index].folds = true;
        tree->nodes[index].end = tree->count;
    }
    tree->rows = xcalloc(tree->count + 1, sizeof *tree->rows);
    show_rows(tree);
    return tree;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    arena_free(&tree->arena);
    free(tree->json);
    free(tree->nodes);
    free(tree->rows);
    free(tree);
}

size_t tree_count(const struct tree *tree)
{
    return tree->properties;
}

size_t tree_rows(const struct tree *tree)
{
    return tree->row_count;
}

struct tree_row tree_row(const struct tree *tree, size_t index)
{
    const struct node *node = &tree->nodes[tree->rows[index]];

    return (struct tree_row){.key = node->key,
                             .value = node->value,
                             .depth = node->depth,
                             .folds = node->folds,
                             .open = node->open,
                             .text = node->text};
}

void tree_toggle(struct tree *tree, size_t index)
{
    struct node *node = &tree->nodes[tree->rows[index]];

    node->open = !node->open;
    if (node->folds)
        show_rows(tree);
}

bool tree_copy(const struct tree *tree, size_t index, struct buf *out)
{
    const struct node *node = &tree->nodes[tree->rows[index]];
    struct slice value = {tree->json + node->at, node->len};
    struct buf text;
    bool ok;

    if (!node->len)
        return false;
    if (slice_kind(value) != '"')
        return buf_add(out, value.at, value.len);
    buf_init(&text, LIMIT_BODY);
    ok = slice_string(value, &text) &&
         text_sanitise(out, text.data, text.len, LIMIT_BODY);
    buf_free(&text);
    return ok;
}

/* Opens what the node at index lies in, and says which row it is now. */
static size_t reveal(struct tree *tree, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (tree->nodes[i].folds && tree->nodes[i].end > index)
            tree->nodes[i].open = true;
    show_rows(tree);
    for (size_t row = 0; row < tree->row_count; row++)
        if (tree->rows[row] == index)
            return row;
    return 0;
}

bool tree_find(struct tree *tree, const char *folded, size_t from,
               bool backwards, size_t *index, size_t *left)
{
    size_t start = from < tree->row_count ? tree->rows[from] : 0;

    for (size_t step = 1; step <= tree->count && *left; step++) {
        size_t i = backwards ? (start + tree->count - step) % tree->count
                             : (start + step) % tree->count;
        const struct node *node = &tree->nodes[i];

        if (text_find(node->key, folded, true, left) ||
            text_find(node->value, folded, true, left)) {
            *index = reveal(tree, i);
            return true;
        }
    }
    return false;
}
