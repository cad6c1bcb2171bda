/* Regular expressions as terms: /pattern/, and field~pattern. What a pattern
 * may cost is regex.c's. */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "query/term.h"

#include "base/banned.h"

size_t term_regex_length(const struct parser *parser)
{
    const char *text = parser->text + parser->at;
    struct parser behind = *parser;
    size_t len = 1;
    char after;

    if (text[0] != '/')
        return 0;
    while (text[len] && text[len] != '/')
        len += text[len] == '\\' && text[len + 1] ? 2 : 1;
    behind.at += len + 1;
    after = text[len] ? parser_peek(&behind) : 'x';
    return after == '\0' || after == ' ' || after == ')' || after == '|'
               ? len - 1
               : 0;
}

/* A capital in a pattern, but for those that escapes are written with. */
static bool pattern_has_capital(const char *text)
{
    char plain[LIMIT_PATTERN + 1];
    size_t used = 0;

    while (*text && used < LIMIT_PATTERN) {
        if (text[0] != '\\' || !text[1]) {
            plain[used++] = *text++;
            continue;
        }
        text += 2;
        if ((text[-1] == 'x' || text[-1] == 'p' || text[-1] == 'P') &&
            *text == '{')
            text += strcspn(text, "}");
    }
    plain[used] = '\0';
    return text_has_capital(plain);
}

/* \/ is a / to the compiler. */
static const char *without_escapes(struct parser *parser, const char *text)
{
    char *out = arena_strdup(&parser->query->arena, text);
    size_t used = 0;

    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == '/')
            continue;
        out[used++] = *text;
        if (text[0] == '\\' && text[1])
            out[used++] = *++text;
    }
    out[used] = '\0';
    return out;
}

static struct node *add_regex(struct parser *parser, struct node *node,
                              const char *text, size_t offset)
{
    struct query_value *value =
        term_add(parser, node->term, text, QUERY_VALUE_REGEX, offset);

    if (!value)
        return NULL;
    value->needle = without_escapes(parser, text);
    if (!query_value_compile(parser->query, value, !pattern_has_capital(text),
                             parser->error ? &parser->error->err : NULL))
        return parser_fail(parser, offset);
    return node;
}

struct node *term_take_regex(struct parser *parser)
{
    size_t start = parser->at, len = term_regex_length(parser);

    parser->at += len + 2;
    return add_regex(parser, term_node(parser, NULL, OP_REGEX, 2),
                     parser_clean(parser, parser->text + start + 1, len),
                     start);
}

/* Up to a blank, or a parenthesis that was not opened in it. */
static char *take_pattern(struct parser *parser)
{
    size_t start = parser->at;
    int depth = 0;

    for (; parser_peek(parser) && parser_peek(parser) != ' ';
         parser_skip(parser)) {
        char c = parser->text[parser->at];

        if (depth == 0 && (c == ')' || c == '|'))
            break;
        depth += (c == '(') - (c == ')');
    }
    return parser_clean(parser, parser->text + start, parser->at - start);
}

struct node *term_take_pattern(struct parser *parser, struct node *node)
{
    size_t start = parser->at;
    const char *text = parser_peek(parser) == '"' ? parser_quoted(parser)
                                                  : take_pattern(parser);

    if (!text)
        return NULL;
    if (!*text)
        return FAIL(parser, start,
                    "a regular expression is needed here, like url~docs/.*");
    return add_regex(parser, node, text, start);
}
