/* The parser: where it is in the text, how it fails, how nodes, terms and
 * values are made. Private to the files that read a query, which lie on it
 * and not on one another. */
#ifndef TELLTALE_PARSER_H
#define TELLTALE_PARSER_H

#include "query/tree.h"

#define QUERY_TEXT_MAX 4096

struct parser {
    struct query *query;
    const char *text; /* sanitised */
    size_t len, at;
    int depth;
    struct query_error *error;
};

/* Notes where an error is; returns NULL, as every failing parser function
 * does. */
void *parser_fail(struct parser *parser, size_t offset);
/* The same with its text. */
#define FAIL(parser, offset, ...)                                             \
    (err_set((parser)->error ? &(parser)->error->err : NULL, __VA_ARGS__),    \
     parser_fail((parser), (offset)))

/* The character it is at, as the keyboard has it: a typographic quote is a
 * ", a no-break blank is ' '. NUL at the end. */
char parser_peek(const struct parser *parser);
/* Goes behind it. */
void parser_skip(struct parser *parser);
/* Does the word OR, AND or NOT, in any case, or || or &&, stand here by
 * itself? word is in capitals. */
bool parser_at_word(const struct parser *parser, const char *word);
bool parser_is_digit(char c);
bool parser_is_name(char c); /* of a field */

/* Text of the query's arena, made harmless: a mark that stood on a bracket or
 * a quote has lost its base. */
char *parser_clean(struct parser *parser, const char *text, size_t len);
/* Reads "…" with \" and \\ in it; the quote is where it is. */
char *parser_quoted(struct parser *parser);
/* Reads up to the end of the word, or with commas up to a comma. */
char *parser_bare(struct parser *parser, bool commas);

/* A text of the arena as it is compared: with regard to case or without. */
const char *parser_prepared(struct parser *parser, const char *text,
                            bool any_case);

struct node *node_new(struct parser *parser, enum node_kind kind);
/* cost: what judging it takes. 0: numbers; 1: a few texts; 2: long ones; 3:
 * the event's body. */
struct node *term_node(struct parser *parser, const struct query_field *field,
                       enum op op, int cost);
/* The text must be the arena's. */
struct query_value *term_add(struct parser *parser, struct term *term,
                             const char *text, enum query_value_mode mode,
                             size_t offset);
/* Ids are judged otherwise than names: from their beginning, so that no
 * letter matches what a machine made up. */
bool term_add_id(struct parser *parser, struct query_value *value,
                 size_t offset);

#endif
