/* Text → one term: a word, a phrase, or a field with its values. What is not
 * understood is refused with the place and a way out. How terms combine is
 * parse.c. */
#include "query/term.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#include "base/banned.h"

/* --- errors ------------------------------------------------------------ */

static void add_fields(struct buf *out)
{
    size_t i;

    for (i = 0; query_field_at(i); i++)
        buf_addf(out, "%s%s", i ? ", " : "", query_field_at(i)->name);
}

static void *fail_unknown(struct parser *parser, size_t offset, size_t len)
{
    const char *name = parser->text + offset;
    const struct query_field *near = query_field_near(name, len);
    int shown = len > 40 ? 40 : (int)len;
    struct buf fields;

    buf_init(&fields, 512);
    add_fields(&fields);
    if (near)
        FAIL(parser, offset, "there is no field %.*s; %s? There are %s", shown,
             name, near->name, fields.data);
    else
        FAIL(parser, offset,
             "there is no field %.*s; in quotes it is text. There are %s",
             shown, name, fields.data);
    buf_free(&fields);
    return NULL;
}

/* Categories are too many for a line. */
static bool words_are_told(const struct query_field *field)
{
    return field->word && field->set != SET_CATEGORY;
}

static void *fail_need(struct parser *parser, size_t offset,
                       const struct query_field *field)
{
    struct buf words;
    unsigned bit;

    if (!words_are_told(field))
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

/* --- values ------------------------------------------------------------ */

/* The bits whose words a value stands for: any part of a word, or with = all
 * of it. */
static unsigned word_bits(const struct query_field *field, enum op op,
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
    if (field->set == SET_SIGNAL && strcmp(needle, "*") == 0)
        mask = (1u << field->bits) - 1;
    free(needle);
    return mask;
}

/* `me` is whoever query_set_me() named. */
static const char *who_is_me(struct parser *parser, size_t offset)
{
    if (query_me())
        return query_me();
    return FAIL(parser, offset,
                "who you are is not known: set owner in [posthog], or write "
                "a part of the address, like owner:csm@");
}

static struct query_value *add_text(struct parser *parser, struct term *term,
                                    const char *text, size_t offset)
{
    enum column first = term->field->columns[0];
    struct query_value *value;
    const char *me = NULL;

    if (first == COLUMN_OWNER && strcmp(text, "me") == 0) {
        me = who_is_me(parser, offset);
        if (!me)
            return NULL;
    }
    value =
        term_add(parser, term, text, term_text_mode(term->op, text), offset);
    if (value && me) {
        value->mode = QUERY_VALUE_FOLDED;
        value->needle = parser_prepared(parser, me, true);
    }
    if (value && (first == COLUMN_ACCOUNT || first == COLUMN_PERSON) &&
        !term_add_id(parser, value, offset))
        return NULL;
    return value;
}

static struct query_value *take_value(struct parser *parser, struct term *term)
{
    size_t start = parser->at;
    bool quoted = parser_peek(parser) == '"';
    const char *text =
        quoted ? parser_quoted(parser) : parser_bare(parser, true);
    struct query_value *value;
    unsigned bits;

    if (!text)
        return NULL;
    if (!*text)
        return fail_need(parser, start, term->field);
    if (term->field->kind == QUERY_FIELD_TEXT)
        return add_text(parser, term, text, start);
    bits = word_bits(term->field, term->op, text);
    if (!bits)
        return fail_need(parser, start, term->field);
    value = term_add(parser, term, text, QUERY_VALUE_EQUAL, start);
    term->mask |= bits;
    return value;
}

static struct node *take_values(struct parser *parser,
                                const struct query_field *field, enum op op)
{
    struct node *node =
        term_node(parser, field, op, field->kind == QUERY_FIELD_TEXT ? 1 : 0);

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
    return node;
}

/* --- terms ------------------------------------------------------------- */

/* Length of a field's name at the parser's place, 0 when none is there; an
 * address (https://…) is not one. */
static size_t field_name(const struct parser *parser, enum op *op,
                         size_t *op_len)
{
    const char *text = parser->text + parser->at;
    size_t left = parser->len - parser->at, len = 0;

    if (!left || parser_is_digit(text[0]) || !parser_is_name(text[0]))
        return 0;
    while (len < left && parser_is_name(text[len]))
        len++;
    if (!term_read_op(text + len, left - len, op, op_len))
        return 0;
    if (*op == OP_CONTAINS && left - len > 2 && text[len + 1] == '/' &&
        text[len + 2] == '/')
        return 0;
    return len;
}

/* amount>100: a property that is compared with a number needs no prop. */
static struct node *take_number_of(struct parser *parser, size_t name_len,
                                   enum op op, size_t op_len)
{
    size_t start = parser->at;
    double number;
    const char *name =
        arena_strndup(&parser->query->arena, parser->text + start, name_len);
    struct parser after = *parser;

    after.at += name_len + op_len;
    if (op < OP_LESS || op > OP_MORE_IS ||
        (query_field_near(name, name_len) &&
         !term_read_number(parser_bare(&after, false), &number)))
        return fail_unknown(parser, start, name_len);
    parser->at += name_len + op_len;
    return term_take_deep(parser, query_field_find("prop", 4), name, op);
}

static bool is_property(const char *name, size_t len)
{
    return len > 5 && memcmp(name, "prop.", 5) == 0;
}

static struct node *take_property(struct parser *parser)
{
    const char *name;
    enum op op;

    parser->at += 5;
    name = term_take_property_name(parser, &op);
    return name ? term_take_deep(parser, query_field_find("prop", 4), name, op)
                : NULL;
}

static void note_book(struct parser *parser, const struct query_field *field)
{
    if (field->kind == QUERY_FIELD_TEXT &&
        (field->columns[0] == COLUMN_OWNER ||
         field->columns[0] == COLUMN_SEGMENT))
        parser->query->asks_book = true;
}

static struct node *take_field(struct parser *parser, size_t name_len,
                               enum op op, size_t op_len)
{
    size_t start = parser->at;
    const struct query_field *field =
        query_field_find(parser->text + start, name_len);

    if (!field)
        return take_number_of(parser, name_len, op, op_len);
    parser->at += name_len + op_len;
    note_book(parser, field);
    switch (field->kind) {
    case QUERY_FIELD_AGE:
        return term_take_age(parser, field, op);
    case QUERY_FIELD_SINCE:
        return term_take_since(parser, field, op);
    case QUERY_FIELD_PROPERTY:
        return FAIL(parser, start,
                    "the name of the property is needed here, like %s",
                    field->example);
    case QUERY_FIELD_AMOUNT:
    case QUERY_FIELD_BODY:
        return term_take_deep(parser, field, NULL, op);
    case QUERY_FIELD_TEXT:
        if (op == OP_REGEX)
            return term_take_pattern(parser, term_node(parser, field, op, 1));
        break;
    case QUERY_FIELD_SET:
        parser->query->asks_signals |= field->set == SET_SIGNAL;
        break;
    }
    return take_values(parser, field, op);
}

static struct node *take_word(struct parser *parser)
{
    struct node *node = term_node(parser, NULL, OP_CONTAINS, 2);
    size_t start = parser->at;
    bool quoted = parser_peek(parser) == '"';
    const char *text =
        quoted ? parser_quoted(parser) : parser_bare(parser, false);

    if (!text)
        return NULL;
    if (!*text)
        return FAIL(parser, start, "a text is needed between the quotes");
    return term_add(parser, node->term, text,
                    text_has_capital(text) ? QUERY_VALUE_CASED
                                           : QUERY_VALUE_FOLDED,
                    start)
               ? node
               : NULL;
}

struct node *term_take(struct parser *parser)
{
    size_t len, op_len = 0;
    enum op op = OP_CONTAINS;

    if (term_regex_length(parser))
        return term_take_regex(parser);
    if (is_property(parser->text + parser->at, parser->len - parser->at))
        return take_property(parser);
    len = field_name(parser, &op, &op_len);
    return len ? take_field(parser, len, op, op_len) : take_word(parser);
}
