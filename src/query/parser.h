/* What the two halves of the parser share: where it is in the text, how it
 * fails, how nodes are made. Private to parse.c and term.c. */
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
/* Does the word OR, AND or NOT, or || or &&, stand here by itself? */
bool parser_at_word(const struct parser *parser, const char *word);

struct node *node_new(struct parser *parser, enum node_kind kind);

/* A word, a phrase or a field with its values. */
struct node *term_take(struct parser *parser);

#endif
