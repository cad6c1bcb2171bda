/* Does one query's text show that its matches are among another's? Then
 * typing a further character need not judge everything again. It never says
 * yes wrongly; no only costs time. Trees in trees are compared in more ways
 * than they have nodes: it has so many steps, and then says no. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "query/tree.h"

#include "base/banned.h"

static bool node_implies(const struct node *narrow, const struct node *wide,
                         size_t *left);

/* One step; false when there is none left. */
static bool spend(size_t *left)
{
    if (*left)
        --*left;
    return *left > 0;
}

/* Does a text with narrow in it always have wide in it? */
static bool value_implies(const struct query_value *narrow,
                          const struct query_value *wide, size_t *left)
{
    if (!spend(left))
        return false;
    if (narrow->mode == wide->mode &&
        strcmp(narrow->needle, wide->needle) == 0)
        return true;
    if (narrow->mode == QUERY_VALUE_GLOB || narrow->mode == QUERY_VALUE_REGEX)
        return wide->mode == QUERY_VALUE_ANY;
    if (narrow->mode == QUERY_VALUE_NONE || narrow->mode == QUERY_VALUE_ANY)
        return false;
    switch (wide->mode) {
    case QUERY_VALUE_FOLDED:
        return text_find(narrow->needle, wide->needle, true, left);
    case QUERY_VALUE_CASED:
        return narrow->mode != QUERY_VALUE_FOLDED &&
               text_find(narrow->needle, wide->needle, false, left);
    case QUERY_VALUE_ANY:
        return true;
    default:
        return false;
    }
}

/* The same of ids, which are judged from their beginning. */
static bool id_implies(const struct query_value *narrow,
                       const struct query_value *wide, size_t *left)
{
    if (narrow->mode == QUERY_VALUE_NEVER)
        return true;
    if (wide->mode == QUERY_VALUE_BEGINS)
        return (narrow->mode == QUERY_VALUE_BEGINS ||
                narrow->mode == QUERY_VALUE_EQUAL) &&
               text_starts(narrow->needle, wide->needle, true, left);
    return wide->mode == QUERY_VALUE_FOLDED &&
           text_find(narrow->needle, wide->needle, true, left);
}

static bool both_imply(const struct query_value *narrow,
                       const struct query_value *wide, size_t *left)
{
    return value_implies(narrow, wide, left) &&
           (!wide->id ||
            id_implies(narrow->id ? narrow->id : narrow, wide->id, left));
}

static bool values_imply(const struct term *narrow, const struct term *wide,
                         size_t *left)
{
    size_t i, k;

    for (i = 0; i < narrow->count; i++) {
        for (k = 0; k < wide->count; k++)
            if (both_imply(&narrow->values[i], &wide->values[k], left))
                break;
        if (k == wide->count)
            return false;
    }
    return true;
}

/* Of the same property, and of numbers the same comparison. */
static bool same_question(const struct term *narrow, const struct term *wide)
{
    if (narrow->property && strcmp(narrow->property, wide->property) != 0)
        return false;
    return narrow->op == wide->op ||
           (narrow->op == OP_IS && wide->op == OP_CONTAINS &&
            narrow->field->kind != QUERY_FIELD_AMOUNT);
}

static bool term_implies(const struct term *narrow, const struct term *wide,
                         size_t *left)
{
    bool not = narrow->op == OP_IS_NOT;

    if (narrow->field != wide->field || not != (wide->op == OP_IS_NOT))
        return false;
    if (query_field_is_deep(narrow->field) && !same_question(narrow, wide))
        return false;
    if (!narrow->field || narrow->field->kind == QUERY_FIELD_TEXT ||
        query_field_is_deep(narrow->field))
        return not ? values_imply(wide, narrow, left)
                   : values_imply(narrow, wide, left);
    if (narrow->field->kind == QUERY_FIELD_SET)
        return not ? !(wide->mask & ~narrow->mask)
                   : !(narrow->mask & ~wide->mask);
    return narrow->field->kind == QUERY_FIELD_SINCE &&
           narrow->since == SINCE_AT && wide->since == SINCE_AT &&
           narrow->ms >= wide->ms;
}

static bool any_kid_implies(const struct node *narrow, const struct node *wide,
                            size_t *left)
{
    size_t i;

    for (i = 0; i < narrow->count && *left; i++)
        if (node_implies(narrow->kids[i], wide, left))
            return true;
    return false;
}

static bool implies_any_kid(const struct node *narrow, const struct node *wide,
                            size_t *left)
{
    size_t i;

    for (i = 0; i < wide->count && *left; i++)
        if (node_implies(narrow, wide->kids[i], left))
            return true;
    return false;
}

static bool all_kids_imply(const struct node *narrow, const struct node *wide,
                           size_t *left)
{
    size_t i;

    for (i = 0; i < narrow->count; i++)
        if (!node_implies(narrow->kids[i], wide, left))
            return false;
    return true;
}

static bool implies_all_kids(const struct node *narrow,
                             const struct node *wide, size_t *left)
{
    size_t i;

    for (i = 0; i < wide->count; i++)
        if (!node_implies(narrow, wide->kids[i], left))
            return false;
    return true;
}

static bool node_implies(const struct node *narrow, const struct node *wide,
                         size_t *left)
{
    if (!spend(left))
        return false;
    if (wide->kind == NODE_ALL)
        return implies_all_kids(narrow, wide, left);
    if (narrow->kind == NODE_ANY)
        return all_kids_imply(narrow, wide, left);
    if (narrow->kind == NODE_ALL && any_kid_implies(narrow, wide, left))
        return true;
    if (wide->kind == NODE_ANY)
        return implies_any_kid(narrow, wide, left);
    if (narrow->kind == NODE_NOT && wide->kind == NODE_NOT)
        return node_implies(wide->kids[0], narrow->kids[0], left);
    return narrow->kind == NODE_TERM && wide->kind == NODE_TERM &&
           term_implies(narrow->term, wide->term, left);
}

bool query_narrows(const struct query *wide, const struct query *narrow)
{
    size_t left = LIMIT_SLICE_STEPS;

    return query_narrows_within(wide, narrow, &left);
}

bool query_narrows_within(const struct query *wide, const struct query *narrow,
                          size_t *left)
{
    if (!wide->root)
        return true;
    if (!narrow->root || wide->ages || narrow->ages ||
        wide->book != narrow->book)
        return false;
    if (!strcmp(query_text(wide), query_text(narrow)))
        return true;
    return node_implies(narrow->root, wide->root, left);
}
