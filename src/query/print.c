/* Tree → text: the normalised form, which parses to an equal tree; and
 * values made fit to stand in a query. */
#include <string.h>

#include "base/text.h"
#include "base/text_fold.h"
#include "base/utf8.h"
#include "query/tree.h"

#include "base/banned.h"

/* A typographic quote, hyphen or blank, which the parser takes for another. */
static bool has_sign(const char *text)
{
    size_t len = strlen(text), at = 0;
    uint32_t code;
    int n;

    for (; (n = utf8_decode(text + at, len - at, &code)) != 0;
         at += n < 0 ? 1 : (size_t)n)
        if (code >= 0x80 && fold_sign(code) < 0x80 && fold_sign(code) != '\'')
            return true;
    return false;
}

static bool is_operator(const char *word)
{
    return !text_casecmp(word, "or") || !text_casecmp(word, "and") ||
           !text_casecmp(word, "not") || strstr(word, "&&");
}

static void print_quoted(struct buf *out, const char *text)
{
    buf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *text);
    }
    buf_addc(out, '"');
}

bool query_add_value(struct buf *out, const char *value)
{
    if (*value && !value[strcspn(value, " \"()|,")] && !has_sign(value) &&
        !strstr(value, "&&"))
        return buf_adds(out, value);
    print_quoted(out, value);
    return buf_ok(out);
}

static void print_word(struct buf *out, const char *word)
{
    if (strchr("-!/", word[0]) || !strncmp(word, "prop.", 5) ||
        word[strcspn(word, " \"()|:=<>~")] || has_sign(word) ||
        is_operator(word))
        print_quoted(out, word);
    else
        buf_adds(out, word);
}

static void print_property(struct buf *out, const char *name)
{
    buf_addc(out, '.');
    if (name[strcspn(name, " \"()|,:=!<>~")] || has_sign(name) ||
        strstr(name, "&&"))
        print_quoted(out, name);
    else
        buf_adds(out, name);
}

/* Values as somebody else wants them to be shown. */
struct shown {
    query_show *show; /* NULL: as they are */
    void *ctx;
};

static const struct shown as_it_is = {NULL, NULL};

static void show_term(struct buf *out, const struct term *term,
                      const struct shown *shown)
{
    const char *field = term->field ? term->field->name : NULL;

    if (field)
        buf_addf(out, "%s%s", field, op_text(term->op));
    for (size_t i = 0; i < term->count; i++) {
        if (i)
            buf_addc(out, ',');
        shown->show(shown->ctx, out, field, term->values[i].text);
    }
}

static void print_term(struct buf *out, const struct term *term,
                       const struct shown *shown)
{
    size_t i;

    if (shown->show) {
        show_term(out, term, shown);
        return;
    }
    if (!term->field && term->values[0].mode == QUERY_VALUE_REGEX) {
        buf_addf(out, "/%s/", term->values[0].text);
        return;
    }
    if (!term->field) {
        print_word(out, term->values[0].text);
        return;
    }
    buf_adds(out, term->field->name);
    if (term->field->kind == QUERY_FIELD_PROPERTY)
        print_property(out, term->property);
    buf_adds(out, op_text(term->op));
    for (i = 0; i < term->count; i++) {
        if (i)
            buf_addc(out, ',');
        query_add_value(out, term->values[i].text);
    }
}

static void print_node(struct buf *out, const struct node *node, bool group,
                       const struct shown *shown)
{
    size_t i;

    if (node->kind == NODE_TERM) {
        print_term(out, node->term, shown);
        return;
    }
    if (node->kind == NODE_NOT) {
        buf_addc(out, '-');
        print_node(out, node->kids[0], true, shown);
        return;
    }
    if (group)
        buf_addc(out, '(');
    for (i = 0; i < node->count; i++) {
        if (i)
            buf_adds(out, node->kind == NODE_ANY ? " | " : " ");
        print_node(out, node->kids[i],
                   node->kind == NODE_ALL && node->kids[i]->kind == NODE_ANY,
                   shown);
    }
    if (group)
        buf_addc(out, ')');
}

void tree_print(struct buf *out, const struct node *node)
{
    if (node)
        print_node(out, node, false, &as_it_is);
}

bool query_add_shown(struct buf *out, const struct query *query,
                     query_show *show, void *ctx)
{
    const struct shown shown = {show, ctx};

    if (query->root)
        print_node(out, query->root, false, &shown);
    return buf_ok(out);
}

const char *query_text(const struct query *query)
{
    return query->text;
}

bool query_is_empty(const struct query *query)
{
    return !query->root;
}

/* --- categories -------------------------------------------------------- */

static bool asks_one_of(const struct node *node, const char *const *fields)
{
    if (node->kind != NODE_TERM || !node->term->field ||
        node->term->op == OP_IS_NOT)
        return false;
    while (*fields && strcmp(node->term->field->name, *fields) != 0)
        fields++;
    return *fields != NULL;
}

static const char *const category_field[] = {"category", NULL};

static bool asks_category(const struct node *node)
{
    return asks_one_of(node, category_field);
}

unsigned query_categories(const struct query *query)
{
    const struct node *root = query->root;
    unsigned mask = (1u << CATEGORY_COUNT) - 1;
    bool asked = false;
    size_t i;

    if (!root)
        return 0;
    if (asks_category(root))
        return root->term->mask;
    if (root->kind != NODE_ALL)
        return 0;
    for (i = 0; i < root->count; i++)
        if (asks_category(root->kids[i])) {
            mask &= root->kids[i]->term->mask;
            asked = true;
        }
    return asked ? mask : 0;
}

static void print_categories(struct buf *out, unsigned mask)
{
    unsigned bit;
    bool first = true;

    for (bit = 0; bit < CATEGORY_COUNT; bit++) {
        if (!(mask & 1u << bit))
            continue;
        buf_addf(out, "%s%s", first ? "category=" : ",",
                 category_name((enum category)bit));
        first = false;
    }
}

/* A blank before each but what begins at start; what is one thing or another
 * needs no parentheses if nothing else is asked. */
static void print_rest(struct buf *out, const struct query *query,
                       const char *const *without, size_t start)
{
    const struct node *root = query ? query->root : NULL;
    bool all = root && root->kind == NODE_ALL;

    for (size_t i = 0; root && i < (all ? root->count : 1); i++) {
        const struct node *kid = all ? root->kids[i] : root;

        if (asks_one_of(kid, without))
            continue;
        if (out->len > start)
            buf_addc(out, ' ');
        print_node(out, kid,
                   kid->kind == NODE_ANY && (all || out->len > start),
                   &as_it_is);
    }
}

bool query_add_without(struct buf *out, const struct query *query,
                       const char *const *fields)
{
    const struct node *root = query ? query->root : NULL;

    if (root && root->kind == NODE_ANY)
        print_node(out, root, true, &as_it_is);
    else
        print_rest(out, query, fields, out->len);
    return buf_ok(out);
}

bool query_add_with_categories(struct buf *out, const struct query *query,
                               unsigned mask)
{
    size_t start = out->len;

    print_categories(out, mask);
    print_rest(out, query, category_field, start);
    return buf_ok(out);
}
