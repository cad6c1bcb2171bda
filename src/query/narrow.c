/* Does one query's text show that its matches are among another's? Then
 * typing a further character need not judge everything again. It never says
 * yes wrongly; no only costs time. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "query/tree.h"

#include "base/banned.h"

static bool node_implies(const struct node *narrow, const struct node *wide);

/* Does a text with narrow in it always have wide in it? */
static bool value_implies(const struct value *narrow, const struct value *wide)
{
    if (narrow->mode == wide->mode &&
        strcmp(narrow->needle, wide->needle) == 0)
        return true;
    if (narrow->mode == VALUE_GLOB || narrow->mode == VALUE_REGEX)
        return wide->mode == VALUE_ANY;
    if (narrow->mode == VALUE_NONE || narrow->mode == VALUE_ANY)
        return false;
    switch (wide->mode) {
    case VALUE_FOLDED:
        return text_contains_folded(narrow->needle, wide->needle);
    case VALUE_CASED:
        return narrow->mode != VALUE_FOLDED &&
               text_contains(narrow->needle, wide->needle);
    case VALUE_ANY:
        return true;
    default:
        return false;
    }
}

static bool values_imply(const struct term *narrow, const struct term *wide)
{
    size_t i, k;

    for (i = 0; i < narrow->count; i++) {
        for (k = 0; k < wide->count; k++)
            if (value_implies(&narrow->values[i], &wide->values[k]))
                break;
        if (k == wide->count)
            return false;
    }
    return true;
}

static bool term_implies(const struct term *narrow, const struct term *wide)
{
    bool not = narrow->op == OP_IS_NOT;

    if (narrow->field != wide->field || not != (wide->op == OP_IS_NOT))
        return false;
    if (!narrow->field || narrow->field->kind == FIELD_TEXT)
        return not ? values_imply(wide, narrow) : values_imply(narrow, wide);
    if (narrow->field->kind == FIELD_SET)
        return not ? !(wide->mask & ~narrow->mask)
                   : !(narrow->mask & ~wide->mask);
    return narrow->field->kind == FIELD_SINCE && narrow->since == SINCE_AT &&
           wide->since == SINCE_AT && narrow->ms >= wide->ms;
}

static bool any_kid_implies(const struct node *narrow, const struct node *wide)
{
    size_t i;

    for (i = 0; i < narrow->count; i++)
        if (node_implies(narrow->kids[i], wide))
            return true;
    return false;
}

static bool implies_any_kid(const struct node *narrow, const struct node *wide)
{
    size_t i;

    for (i = 0; i < wide->count; i++)
        if (node_implies(narrow, wide->kids[i]))
            return true;
    return false;
}

static bool all_kids_imply(const struct node *narrow, const struct node *wide)
{
    size_t i;

    for (i = 0; i < narrow->count; i++)
        if (!node_implies(narrow->kids[i], wide))
            return false;
    return true;
}

static bool implies_all_kids(const struct node *narrow,
                             const struct node *wide)
{
    size_t i;

    for (i = 0; i < wide->count; i++)
        if (!node_implies(narrow, wide->kids[i]))
            return false;
    return true;
}

static bool node_implies(const struct node *narrow, const struct node *wide)
{
    if (wide->kind == NODE_ALL)
        return implies_all_kids(narrow, wide);
    if (narrow->kind == NODE_ANY)
        return all_kids_imply(narrow, wide);
    if (narrow->kind == NODE_ALL && any_kid_implies(narrow, wide))
        return true;
    if (wide->kind == NODE_ANY)
        return implies_any_kid(narrow, wide);
    if (narrow->kind == NODE_NOT && wide->kind == NODE_NOT)
        return node_implies(wide->kids[0], narrow->kids[0]);
    return narrow->kind == NODE_TERM && wide->kind == NODE_TERM &&
           term_implies(narrow->term, wide->term);
}

bool query_narrows(const struct query *wide, const struct query *narrow)
{
    if (!wide->root)
        return true;
    if (!narrow->root || wide->ages || narrow->ages ||
        wide->book != narrow->book)
        return false;
    return node_implies(narrow->root, wide->root);
}
