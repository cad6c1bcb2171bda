/* The parser's place in the text, the characters it stands on, and how nodes,
 * terms and values are made. It knows no rule of the language: parse.c has
 * how terms combine, the term_*.c what a term is. */
#include "query/parser.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/text_fold.h"
#include "base/utf8.h"

#include "base/banned.h"

#define VALUES_MAX 256
#define ID_BEGINNING 5 /* characters of an id that are no chance */

void *parser_fail(struct parser *parser, size_t offset)
{
    if (parser->error) {
        parser->error->offset = offset;
        parser->error->column = text_width_n(parser->text, offset);
    }
    return NULL;
}

/* The code point it is at, and its bytes (0 at the end). */
static int code_at(const struct parser *parser, uint32_t *code)
{
    int n =
        utf8_decode(parser->text + parser->at, parser->len - parser->at, code);

    return n < 0 ? 1 : n;
}

char parser_peek(const struct parser *parser)
{
    char c = parser->at < parser->len ? parser->text[parser->at] : '\0';
    uint32_t code;

    if (!(c & 0x80) || !code_at(parser, &code))
        return c;
    code = fold_sign(code);
    return code < 0x80 && code != '\'' ? (char)code : c;
}

void parser_skip(struct parser *parser)
{
    uint32_t code;

    parser->at += (size_t)code_at(parser, &code);
}

/* Word is in capitals; text may be written as one likes. */
static bool starts_with(const char *text, const char *word)
{
    for (; *word; text++, word++)
        if ((*text >= 'a' && *text <= 'z' ? *text - 32 : *text) != *word)
            return false;
    return true;
}

bool parser_at_word(const struct parser *parser, const char *word)
{
    size_t len = strlen(word);
    struct parser after = *parser;
    char c;

    if (parser->len - parser->at < len ||
        !starts_with(parser->text + parser->at, word))
        return false;
    after.at += len;
    c = parser_peek(&after);
    return !c || word[0] == '&' || c == ' ' || c == '(' || c == ')' ||
           c == '|';
}

struct node *node_new(struct parser *parser, enum node_kind kind)
{
    struct node *node = arena_alloc(&parser->query->arena, sizeof *node);

    *node = (struct node){.kind = kind};
    return node;
}

static bool ends_word(const struct parser *parser)
{
    char c = parser_peek(parser);

    return !c || c == ' ' || c == '(' || c == ')' || c == '|' || c == '"' ||
           parser_at_word(parser, "&&");
}

bool parser_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool parser_is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '$' || parser_is_digit(c);
}

/* --- terms and values --------------------------------------------------- */

struct node *term_node(struct parser *parser, const struct query_field *field,
                       enum op op, int cost)
{
    struct node *node = node_new(parser, NODE_TERM);

    node->term = arena_alloc(&parser->query->arena, sizeof *node->term);
    *node->term = (struct term){.field = field, .op = op};
    parser->query->reads_sentences |= !field;
    parser->query->reads_urls |= field && field->columns[0] == COLUMN_URL;
    node->cost = cost;
    return node;
}

char *parser_clean(struct parser *parser, const char *text, size_t len)
{
    return text_sanitised(&parser->query->arena, text, len, 3 * len);
}

/* What closes the quote that opens at text: the same at a keyboard; any of
 * “ ” „ for one of them, any of « » for one of those, or that plain one. */
static bool closes(const struct parser *parser, const char *opening)
{
    const char *text = parser->text + parser->at;
    bool angle = (unsigned char)opening[0] == 0xc2;

    if (text[0] == '"' || opening[0] == '"')
        return text[0] == '"';
    return parser_peek(parser) == '"' &&
           ((unsigned char)text[0] == 0xc2) == angle;
}

char *parser_quoted(struct parser *parser)
{
    size_t start = parser->at, used = 0;
    char *out = arena_alloc(&parser->query->arena, parser->len - start + 1);

    parser_skip(parser);
    while (!closes(parser, parser->text + start)) {
        if (parser->text[parser->at] == '\\' && parser->at + 1 < parser->len)
            parser->at++;
        if (!parser_peek(parser))
            return FAIL(parser, start, "this \" is never closed");
        out[used++] = parser->text[parser->at++];
    }
    parser_skip(parser);
    return parser_clean(parser, out, used);
}

char *parser_bare(struct parser *parser, bool commas)
{
    size_t start = parser->at;

    while (!ends_word(parser) && !(commas && parser_peek(parser) == ','))
        parser_skip(parser);
    return parser_clean(parser, parser->text + start, parser->at - start);
}

const char *parser_prepared(struct parser *parser, const char *text,
                            bool any_case)
{
    char *copy = any_case ? text_fold(text) : text_plain(text);
    const char *kept = arena_strdup(&parser->query->arena, copy);

    free(copy);
    return kept;
}

struct query_value *term_add(struct parser *parser, struct term *term,
                             const char *text, enum query_value_mode mode,
                             size_t offset)
{
    struct query_value *values;

    if (parser->query->values == VALUES_MAX)
        return FAIL(parser, offset, "this is more than a filter can hold");
    values =
        arena_alloc(&parser->query->arena, (term->count + 1) * sizeof *values);
    if (term->count)
        memcpy(values, term->values, term->count * sizeof *values);
    term->values = values;
    values += term->count++;
    *values = (struct query_value){.text = text, .mode = mode};
    values->needle =
        mode == QUERY_VALUE_FOLDED || mode == QUERY_VALUE_CASED
            ? parser_prepared(parser, text, mode == QUERY_VALUE_FOLDED)
            : text;
    values->index = parser->query->values++;
    return values;
}

bool term_add_id(struct parser *parser, struct query_value *value,
                 size_t offset)
{
    struct query_value *id;

    if (value->mode != QUERY_VALUE_FOLDED)
        return true;
    if (parser->query->values == VALUES_MAX) {
        FAIL(parser, offset, "this is more than a filter can hold");
        return false;
    }
    id = arena_alloc(&parser->query->arena, sizeof *id);
    *id = *value;
    id->index = parser->query->values++;
    id->mode = strchr(id->needle, '@')             ? QUERY_VALUE_FOLDED
               : strlen(id->needle) < ID_BEGINNING ? QUERY_VALUE_NEVER
                                                   : QUERY_VALUE_BEGINS;
    value->id = id;
    return true;
}
