/* Terms that only the event's body can tell: prop.plan:scale, amount>100,
 * body:timeout. They are judged by deep.c. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "query/term.h"

#include "base/banned.h"

/* Up to an operator, of which *op_len is then the length: properties have
 * names like $feature/new-nav. */
static size_t name_length(const struct parser *parser, enum op *op,
                          size_t *op_len)
{
    const char *text = parser->text + parser->at;
    size_t left = parser->len - parser->at, len = 0;

    while (len < left && !strchr(" \"()|,", text[len]) &&
           !term_read_op(text + len, left - len, op, op_len))
        len++;
    return len;
}

static const char *take_name(struct parser *parser, enum op *op,
                             size_t *op_len)
{
    const char *name;
    size_t len;

    if (parser_peek(parser) == '"') {
        name = parser_quoted(parser);
        term_read_op(parser->text + parser->at, parser->len - parser->at, op,
                     op_len);
        return name;
    }
    len = name_length(parser, op, op_len);
    name = parser_clean(parser, parser->text + parser->at, len);
    parser->at += len;
    return name;
}

const char *term_take_property_name(struct parser *parser, enum op *op)
{
    size_t op_len = 0;
    const char *name = take_name(parser, op, &op_len);

    if (!name)
        return NULL;
    if (!*name)
        return FAIL(parser, parser->at,
                    "the name of the property is needed here, like "
                    "prop.plan:scale");
    if (!op_len)
        return FAIL(parser, parser->at,
                    "an operator is needed here, like prop.plan:scale or "
                    "prop.seats>10");
    parser->at += op_len;
    return name;
}

static struct node *take_number(struct parser *parser, struct node *node,
                                const char *name)
{
    size_t start = parser->at;
    const char *text = parser_bare(parser, false);

    if (!term_read_number(text, &node->term->number))
        return FAIL(parser, start, "a number is needed here, like %.40s%s100",
                    name,
                    node->term->op == OP_CONTAINS ? ">"
                                                  : op_text(node->term->op));
    return term_add(parser, node->term, text, QUERY_VALUE_EQUAL, start) ? node
                                                                        : NULL;
}

static struct node *take_texts(struct parser *parser, struct node *node)
{
    struct term *term = node->term;

    do {
        size_t start;
        const char *text;

        if (term->count)
            parser->at++;
        start = parser->at;
        text = parser_peek(parser) == '"' ? parser_quoted(parser)
                                          : parser_bare(parser, true);
        if (!text)
            return NULL;
        if (!*text)
            return FAIL(parser, start, "%s is needed here, like %s",
                        term->field->what, term->field->example);
        if (!term_add(parser, term, text, term_text_mode(term->op, text),
                      start))
            return NULL;
    } while (parser_peek(parser) == ',');
    return node;
}

struct node *term_take_deep(struct parser *parser,
                            const struct query_field *field,
                            const char *property, enum op op)
{
    struct query *query = parser->query;
    size_t start = parser->at;
    bool compares = op >= OP_LESS && op <= OP_MORE_IS;
    struct node *node;

    if (query->deep == LIMIT_DEEP_TERMS)
        return FAIL(parser, start,
                    "a filter may ask %d things of the properties",
                    LIMIT_DEEP_TERMS);
    if (field->kind == QUERY_FIELD_BODY &&
        (compares || op == OP_IS || op == OP_IS_NOT))
        return FAIL(parser, start, "body takes : or ~, like body:timeout");
    if (field->kind == QUERY_FIELD_AMOUNT && op == OP_REGEX)
        return FAIL(parser, start, "a number is needed here, like amount>100");
    node = term_node(parser, field, op, 3);
    node->term->property = property;
    node->term->deep = query->deep++;
    if (op == OP_REGEX)
        return term_take_pattern(parser, node);
    if (field->kind == QUERY_FIELD_AMOUNT || compares)
        return take_number(parser, node, property ? property : field->name);
    return take_texts(parser, node);
}
