/* Which names of events a query asks for that nothing is called: what was
 * mistyped matches nothing, and says so nowhere else. */
#include <string.h>

#include "base/limits.h"
#include "query/tree.h"

#include "base/banned.h"

struct search {
    const char *const *names;
    size_t count;
    void (*each)(void *ctx, const char *value);
    void *ctx;
};

/* What is too costly to judge is not accused. */
static bool holds_of_any(const struct search *search,
                         const struct query_value *value)
{
    for (size_t i = 0; i < search->count; i++) {
        size_t left = LIMIT_ROW_STEPS;

        if (query_value_holds(value, search->names[i], &left) || !left)
            return true;
    }
    return false;
}

static void look_at_term(const struct search *search, const struct term *term)
{
    if (!term->field || term->field->kind != QUERY_FIELD_TEXT ||
        term->field->columns[0] != COLUMN_NAME || term->op == OP_IS_NOT)
        return;
    for (size_t i = 0; i < term->count; i++) {
        const struct query_value *value = &term->values[i];

        if (value->mode != QUERY_VALUE_NONE && !holds_of_any(search, value))
            search->each(search->ctx, value->text);
    }
}

static void look_at(const struct search *search, const struct node *node)
{
    if (node->kind == NODE_TERM)
        look_at_term(search, node->term);
    else if (node->kind != NODE_NOT)
        for (size_t i = 0; i < node->count; i++)
            look_at(search, node->kids[i]);
}

void query_names_without(const struct query *query, const char *const *names,
                         size_t count,
                         void (*each)(void *ctx, const char *value), void *ctx)
{
    const struct search search = {names, count, each, ctx};

    if (query->root)
        look_at(&search, query->root);
}
