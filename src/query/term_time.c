/* Terms of time: age<1h, since:09:00. */
#include "base/clock.h"
#include "query/term.h"

#include "base/banned.h"

struct node *term_take_age(struct parser *parser,
                           const struct query_field *field, enum op op)
{
    struct node *node = term_node(parser, field, op, 0);
    size_t start = parser->at;
    const char *text = parser_bare(parser, false);

    if (op != OP_LESS && op != OP_LESS_IS && op != OP_MORE && op != OP_MORE_IS)
        return FAIL(parser, start, "age takes < or >, like age<1h");
    if (!clock_parse_length(text, &node->term->ms))
        return FAIL(parser, start,
                    "a length of time is needed here, like age<1h, 30m or "
                    "2d");
    parser->query->ages = true;
    return term_add(parser, node->term, text, QUERY_VALUE_EQUAL, start) ? node
                                                                        : NULL;
}

struct node *term_take_since(struct parser *parser,
                             const struct query_field *field, enum op op)
{
    struct node *node = term_node(parser, field, op, 0);
    struct term *term = node->term;
    size_t start = parser->at;
    const char *text = parser_peek(parser) == '"' ? parser_quoted(parser)
                                                  : parser_bare(parser, false);

    if (!text)
        return NULL;
    if (op != OP_CONTAINS)
        return FAIL(parser, start, "since takes :, like since:09:00");
    if (clock_parse_time(text, &term->ms))
        term->since = SINCE_CLOCK;
    else if (clock_parse_length(text, &term->ms))
        term->since = SINCE_LENGTH;
    else if (clock_parse_local(text, &term->ms))
        term->since = SINCE_AT;
    else
        return FAIL(parser, start,
                    "a time is needed here, like since:09:00, 2h or "
                    "2026-09-14");
    parser->query->ages |= term->since != SINCE_AT;
    return term_add(parser, term, text, QUERY_VALUE_EQUAL, start) ? node
                                                                  : NULL;
}
