/* What terms of every kind are made of: operators, numbers, and how a text is
 * compared. */
#include <stdlib.h>
#include <string.h>

#include "query/term.h"

#include "base/banned.h"

bool term_read_op(const char *text, size_t left, enum op *op, size_t *len)
{
    /* the longer ones first: < is in <= */
    static const enum op ops[] = {OP_IS_NOT,   OP_LESS_IS, OP_MORE_IS,
                                  OP_CONTAINS, OP_IS,      OP_LESS,
                                  OP_MORE,     OP_REGEX};
    size_t i;

    for (i = 0; i < sizeof ops / sizeof *ops; i++) {
        *len = strlen(op_text(ops[i]));
        *op = ops[i];
        if (*len <= left && memcmp(text, op_text(*op), *len) == 0)
            return true;
    }
    *len = 0;
    return false;
}

enum query_value_mode term_text_mode(enum op op, const char *text)
{
    if (strcmp(text, "is_set") == 0)
        return QUERY_VALUE_ANY;
    if (strcmp(text, "is_not_set") == 0)
        return QUERY_VALUE_NONE;
    if (op != OP_CONTAINS)
        return QUERY_VALUE_EQUAL;
    return strchr(text, '*') ? QUERY_VALUE_GLOB : QUERY_VALUE_FOLDED;
}

bool term_read_number(const char *text, double *out)
{
    char *end;

    text += *text == '$';
    *out = strtod(text, &end);
    return end != text && !*end && *out == *out;
}
