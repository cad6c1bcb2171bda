/* Text → one term: a word, a phrase, or a field with its values. What is not
 * understood is refused with the place and a way out. How terms combine is
 * parse.c. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "query/parser.h"

#include "base/banned.h"

#define VALUES_MAX 256
#define WORDS_TOLD 6 /* of a field, in an error */

/* --- errors ------------------------------------------------------------ */

static void *fail_unknown(struct parser *parser, size_t offset, size_t len)
{
    const char *name = parser->text + offset;
    const struct field *near = field_near(name, len);
    int shown = len > 40 ? 40 : (int)len;

    if (near)
        return FAIL(parser, offset, "there is no field %.*s; %s?", shown, name,
                    near->name);
    return FAIL(parser, offset, "there is no field %.*s; in quotes it is text",
                shown, name);
}

static void *fail_need(struct parser *parser, size_t offset,
                       const struct field *field)
{
    struct buf words;
    unsigned bit;

    if (!field->word || field->bits > WORDS_TOLD)
        return FAIL(parser, offset, "%s is needed here, like %s", field->what,
                    field->example);
    buf_init(&words, 512);
    for (bit = 0; bit < field->bits; bit++)
        buf_addf(&words, "%s%s",
                 !bit                     ? ""
                 : bit + 1 == field->bits ? " or "
                                          : ", ",
                 field->word(bit));
    FAIL(parser, offset, "%s is needed here: %s", field->what, words.data);
    buf_free(&words);
    return NULL;
}

static void *fail_later(struct parser *parser, size_t offset)
{
    return FAIL(parser, offset,
                "properties cannot be filtered yet; words, account:, event:, "
                "url: can");
}

/* --- characters -------------------------------------------------------- */

static bool ends_word(const struct parser *parser)
{
    char c = parser_peek(parser);

    return !c || c == ' ' || c == '(' || c == ')' || c == '|' || c == '"' ||
           parser_at_word(parser, "&&");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '$' || is_digit(c);
}

/* --- values ------------------------------------------------------------ */

static struct node *term_node(struct parser *parser, const struct field *field,
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

/* A mark that stood on a bracket or a quote has lost its base. */
static char *clean(struct parser *parser, const char *text, size_t len)
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

/* Reads "…" with \" and \\ in it; the quote is at parser->at. */
static char *take_quoted(struct parser *parser)
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
    return clean(parser, out, used);
}

static char *take_bare(struct parser *parser, bool commas)
{
    size_t start = parser->at;

    while (!ends_word(parser) && !(commas && parser_peek(parser) == ','))
        parser_skip(parser);
    return clean(parser, parser->text + start, parser->at - start);
}

/* As it is compared: with regard to case or without. */
static const char *prepared(struct parser *parser, const char *text,
                            bool any_case)
{
    char *copy = any_case ? text_fold(text) : text_plain(text);
    const char *kept = arena_strdup(&parser->query->arena, copy);

    free(copy);
    return kept;
}

static struct value *add_value(struct parser *parser, struct term *term,
                               const char *text, enum value_mode mode,
                               size_t offset)
{
    struct value *values;

    if (parser->query->values == VALUES_MAX)
        return FAIL(parser, offset, "this is more than a filter can hold");
    values =
        arena_alloc(&parser->query->arena, (term->count + 1) * sizeof *values);
    if (term->count)
        memcpy(values, term->values, term->count * sizeof *values);
    term->values = values;
    values += term->count++;
    values->text = text;
    values->mode = mode;
    values->needle = mode == VALUE_FOLDED || mode == VALUE_CASED
                         ? prepared(parser, text, mode == VALUE_FOLDED)
                         : text;
    values->index = parser->query->values++;
    return values;
}

static enum value_mode text_mode(enum op op, const char *text)
{
    if (strcmp(text, "is_set") == 0)
        return VALUE_ANY;
    if (strcmp(text, "is_not_set") == 0)
        return VALUE_NONE;
    if (op != OP_CONTAINS)
        return VALUE_EQUAL;
    return strchr(text, '*') ? VALUE_GLOB : VALUE_FOLDED;
}

/* The bits whose words a value stands for: any part of a word, or with = all
 * of it. */
static unsigned word_bits(const struct field *field, enum op op,
                          const char *text)
{
    char *needle = text_fold(text);
    unsigned bit, mask = 0;

    for (bit = 0; bit < field->bits; bit++) {
        const char *word = field->word(bit);

        if (op == OP_CONTAINS ? text_contains_folded(word, needle)
                              : strcmp(word, needle) == 0)
            mask |= 1u << bit;
    }
    if (strcmp(field->name, "hidden") == 0 && strcmp(needle, "yes") == 0)
        mask = ~(1u << HIDDEN_NO) & ((1u << field->bits) - 1);
    free(needle);
    return mask;
}

static struct value *take_value(struct parser *parser, struct term *term)
{
    size_t start = parser->at;
    bool quoted = parser_peek(parser) == '"';
    const char *text = quoted ? take_quoted(parser) : take_bare(parser, true);
    struct value *value;
    unsigned bits;

    if (!text)
        return NULL;
    if (!*text)
        return fail_need(parser, start, term->field);
    if (term->field->kind == FIELD_TEXT) {
        if (strcmp(term->field->name, "owner") == 0 && strcmp(text, "me") == 0)
            return FAIL(parser, start,
                        "a part of the address is needed here, like "
                        "owner:csm@");
        return add_value(parser, term, text, text_mode(term->op, text), start);
    }
    bits = word_bits(term->field, term->op, text);
    if (!bits)
        return fail_need(parser, start, term->field);
    value = add_value(parser, term, text, VALUE_EQUAL, start);
    term->mask |= bits;
    return value;
}

static struct node *take_values(struct parser *parser,
                                const struct field *field, enum op op)
{
    struct node *node =
        term_node(parser, field, op, field->kind == FIELD_TEXT ? 1 : 0);

    if (op != OP_CONTAINS && op != OP_IS && op != OP_IS_NOT)
        return FAIL(parser, parser->at, "%s takes : or = or !=, like %s",
                    field->name, field->example);
    do {
        if (node->term->count)
            parser->at++;
        if (!take_value(parser, node->term))
            return NULL;
    } while (parser_peek(parser) == ',');
    if (strcmp(field->name, "hidden") == 0)
        parser->query->asks_hidden = true;
    if (field->columns[0] == COLUMN_OWNER ||
        field->columns[0] == COLUMN_SEGMENT)
        parser->query->asks_book = true;
    return node;
}

/* --- regular expressions ----------------------------------------------- */

/* Length of what is between / and /, if that is what is here: the second one
 * ends a word, so that a path is none. 0: something else. */
static size_t regex_length(const struct parser *parser)
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
    struct value *value =
        add_value(parser, node->term, text, VALUE_REGEX, offset);

    if (!value)
        return NULL;
    value->needle = without_escapes(parser, text);
    if (!value_compile(parser->query, value, !pattern_has_capital(text),
                       parser->error ? &parser->error->err : NULL))
        return parser_fail(parser, offset);
    return node;
}

static struct node *take_regex(struct parser *parser)
{
    size_t start = parser->at, len = regex_length(parser);

    parser->at += len + 2;
    return add_regex(parser, term_node(parser, NULL, OP_REGEX, 2),
                     clean(parser, parser->text + start + 1, len), start);
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
    return clean(parser, parser->text + start, parser->at - start);
}

static struct node *take_match(struct parser *parser,
                               const struct field *field)
{
    struct node *node = term_node(parser, field, OP_REGEX, 1);
    size_t start = parser->at;
    const char *text = parser_peek(parser) == '"' ? take_quoted(parser)
                                                  : take_pattern(parser);

    if (!text)
        return NULL;
    if (!*text)
        return FAIL(parser, start,
                    "a regular expression is needed here, like url~docs/.*");
    if (field->columns[0] == COLUMN_OWNER ||
        field->columns[0] == COLUMN_SEGMENT)
        parser->query->asks_book = true;
    return add_regex(parser, node, text, start);
}

/* --- time -------------------------------------------------------------- */

static struct node *take_age(struct parser *parser, const struct field *field,
                             enum op op)
{
    struct node *node = term_node(parser, field, op, 0);
    size_t start = parser->at;
    const char *text = take_bare(parser, false);

    if (op != OP_LESS && op != OP_LESS_IS && op != OP_MORE && op != OP_MORE_IS)
        return FAIL(parser, start, "age takes < or >, like age<1h");
    if (!clock_parse_length(text, &node->term->ms))
        return FAIL(parser, start,
                    "a length of time is needed here, like age<1h, 30m or "
                    "2d");
    parser->query->ages = true;
    return add_value(parser, node->term, text, VALUE_EQUAL, start) ? node
                                                                   : NULL;
}

static struct node *take_since(struct parser *parser,
                               const struct field *field, enum op op)
{
    struct node *node = term_node(parser, field, op, 0);
    struct term *term = node->term;
    size_t start = parser->at;
    const char *text = parser_peek(parser) == '"' ? take_quoted(parser)
                                                  : take_bare(parser, false);

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
    return add_value(parser, term, text, VALUE_EQUAL, start) ? node : NULL;
}

/* --- terms ------------------------------------------------------------- */

/* The operator at text, which is at most left bytes; its length in *len. */
static bool read_op(const char *text, size_t left, enum op *op, size_t *len)
{
    bool is = left > 1 && text[1] == '=';

    if (!left)
        return false;
    *len = is && text[0] != ':' && text[0] != '=' && text[0] != '~' ? 2 : 1;
    switch (text[0]) {
    case ':':
        *op = OP_CONTAINS;
        return true;
    case '=':
        *op = OP_IS;
        return true;
    case '~':
        *op = OP_REGEX;
        return true;
    case '!':
        *op = OP_IS_NOT;
        return is;
    case '<':
        *op = is ? OP_LESS_IS : OP_LESS;
        return true;
    case '>':
        *op = is ? OP_MORE_IS : OP_MORE;
        return true;
    default:
        return false;
    }
}

/* Length of a field's name at the parser's place, 0 when none is there; an
 * address (https://…) is not one. */
static size_t field_name(const struct parser *parser, enum op *op,
                         size_t *op_len)
{
    const char *text = parser->text + parser->at;
    size_t left = parser->len - parser->at, len = 0;

    if (!left || is_digit(text[0]) || !is_name_char(text[0]))
        return 0;
    while (len < left && is_name_char(text[len]))
        len++;
    if (!read_op(text + len, left - len, op, op_len))
        return 0;
    if (*op == OP_CONTAINS && left - len > 2 && text[len + 1] == '/' &&
        text[len + 2] == '/')
        return 0;
    return len;
}

static bool is_number(const char *text)
{
    char *end;

    strtod(text, &end);
    return end != text && !*end;
}

/* A field that is not built in is a property of the event. */
static struct node *take_property(struct parser *parser, size_t name_len,
                                  enum op op, size_t op_len)
{
    size_t start = parser->at;
    const char *name = parser->text + start, *value;

    if (op == OP_CONTAINS && memchr(name, '.', name_len) == NULL)
        return fail_unknown(parser, start, name_len);
    parser->at += name_len + op_len;
    if (op >= OP_LESS && op <= OP_MORE_IS) {
        value = take_bare(parser, false);
        if (!is_number(value))
            return FAIL(parser, start + name_len + op_len,
                        "a number is needed here, like %.*s%s100",
                        name_len > 40 ? 40 : (int)name_len, name, op_text(op));
    }
    return fail_later(parser, start);
}

static struct node *take_field(struct parser *parser, size_t name_len,
                               enum op op, size_t op_len)
{
    size_t start = parser->at;
    const struct field *field = field_find(parser->text + start, name_len);

    if (!field)
        return take_property(parser, name_len, op, op_len);
    if (field->kind == FIELD_LATER)
        return fail_later(parser, start);
    parser->at += name_len + op_len;
    if (op == OP_REGEX && field->kind == FIELD_TEXT)
        return take_match(parser, field);
    if (field->kind == FIELD_AGE)
        return take_age(parser, field, op);
    if (field->kind == FIELD_SINCE)
        return take_since(parser, field, op);
    return take_values(parser, field, op);
}

static struct node *take_word(struct parser *parser)
{
    struct node *node = term_node(parser, NULL, OP_CONTAINS, 2);
    size_t start = parser->at;
    bool quoted = parser_peek(parser) == '"';
    const char *text = quoted ? take_quoted(parser) : take_bare(parser, false);

    if (!text)
        return NULL;
    if (!*text)
        return FAIL(parser, start, "a text is needed between the quotes");
    return add_value(parser, node->term, text,
                     text_has_capital(text) ? VALUE_CASED : VALUE_FOLDED,
                     start)
               ? node
               : NULL;
}

struct node *term_take(struct parser *parser)
{
    size_t len, op_len = 0;
    enum op op = OP_CONTAINS;

    if (regex_length(parser))
        return take_regex(parser);
    len = field_name(parser, &op, &op_len);
    return len ? take_field(parser, len, op, op_len) : take_word(parser);
}
