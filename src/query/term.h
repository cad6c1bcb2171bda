/* Terms: a word, a phrase, a pattern, or a field with its values. Each
 * function reads one where the parser is, and goes behind it; NULL when it
 * is none, with the parser's error. */
#ifndef TELLTALE_TERM_H
#define TELLTALE_TERM_H

#include "query/parser.h"

/* Any term. */
struct node *term_take(struct parser *parser);

/* term_regex.c. Length of what is between / and /, if that is what is here:
 * the second one ends a word, so that a path is none. 0: something else. */
size_t term_regex_length(const struct parser *parser);
struct node *term_take_regex(struct parser *parser);
/* The pattern of the term, behind its ~; *node is it. */
struct node *term_take_pattern(struct parser *parser, struct node *node);

/* term_time.c: behind the operator. */
struct node *term_take_age(struct parser *parser,
                           const struct query_field *field, enum op op);
struct node *term_take_since(struct parser *parser,
                             const struct query_field *field, enum op op);

/* term_property.c: what only the event's body can tell. property is the
 * arena's, NULL for body: and amount. Behind the operator. */
struct node *term_take_deep(struct parser *parser,
                            const struct query_field *field,
                            const char *property, enum op op);
/* The name of a property and the operator behind it, where prop. was read. */
const char *term_take_property_name(struct parser *parser, enum op *op);

/* term_text.c: the operator at text, which is at most left bytes; its length
 * in *len. */
bool term_read_op(const char *text, size_t left, enum op *op, size_t *len);
/* How a text is compared: is_set, with *, as a whole, or a part of it. */
enum query_value_mode term_text_mode(enum op op, const char *text);
/* A number, perhaps with $ in front. */
bool term_read_number(const char *text, double *out);

#endif
