/* Text → tree: how terms combine, by - and | and parentheses. Terms are read
 * by term.c; matching is match.c. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "query/term.h"

#include "base/banned.h"

#define DEPTH_MAX 64

static void node_add(struct parser *parser, struct node *node,
                     struct node *kid)
{
    struct node **kids;

    /* doubled at each power of two; the arena keeps the old ones */
    if ((node->count & (node->count - 1)) == 0) {
        kids = arena_alloc(&parser->query->arena,
                           (node->count ? node->count * 2 : 1) * sizeof *kids);
        if (node->count)
            memcpy(kids, node->kids, node->count * sizeof *kids);
        node->kids = kids;
    }
    node->kids[node->count++] = kid;
    if (kid->cost > node->cost)
        node->cost = kid->cost;
}

/* --- structure --------------------------------------------------------- */

static void skip_blanks(struct parser *parser)
{
    while (parser_peek(parser) == ' ')
        parser_skip(parser);
}

/* Takes "|", "||" or "OR". */
static bool take_or(struct parser *parser)
{
    if (parser_at_word(parser, "OR")) {
        parser->at += 2;
        return true;
    }
    if (parser_peek(parser) != '|')
        return false;
    parser->at++;
    if (parser_peek(parser) == '|')
        parser->at++;
    return true;
}

/* Takes "AND" or "&&"; what stands side by side is all wanted anyway. */
static bool take_and(struct parser *parser)
{
    bool is = parser_at_word(parser, "AND");

    if (!is && !parser_at_word(parser, "&&"))
        return false;
    parser->at += is ? 3 : 2;
    return true;
}

/* Takes "-", "!" or "NOT". */
static bool take_not(struct parser *parser)
{
    if (parser_at_word(parser, "NOT")) {
        parser->at += 3;
        skip_blanks(parser);
        return true;
    }
    if (parser_peek(parser) != '-' && parser_peek(parser) != '!')
        return false;
    parser_skip(parser);
    return true;
}

static bool at_end_of_all(const struct parser *parser)
{
    char c = parser_peek(parser);

    return !c || c == ')' || c == '|' || parser_at_word(parser, "OR");
}

static struct node *take_any(struct parser *parser);

static struct node *take_group(struct parser *parser)
{
    size_t start = parser->at++;
    struct node *node;

    skip_blanks(parser);
    if (parser_peek(parser) == ')')
        return FAIL(parser, parser->at, "something is needed between ( )");
    if (!parser_peek(parser))
        return FAIL(parser, start, "this ( is never closed");
    node = take_any(parser);
    if (node && parser_peek(parser) != ')')
        return FAIL(parser, start, "this ( is never closed");
    parser->at++;
    return node;
}

static struct node *take_one(struct parser *parser)
{
    struct node *inner, *node;
    size_t start = parser->at;
    char sign = parser_peek(parser);

    if (parser->depth == DEPTH_MAX)
        return FAIL(parser, start, "this is nested too deeply");
    if (take_not(parser)) {
        if (at_end_of_all(parser) || parser_peek(parser) == ' ' ||
            parser_at_word(parser, "AND") || parser_at_word(parser, "&&"))
            return FAIL(parser, parser->at,
                        "what to leave out is needed after %s",
                        sign == '!'   ? "!"
                        : sign == '-' ? "-"
                                      : "NOT");
        parser->depth++;
        inner = take_one(parser);
        parser->depth--;
        if (!inner)
            return NULL;
        node = node_new(parser, NODE_NOT);
        node_add(parser, node, inner);
        return node;
    }
    if (parser_peek(parser) == '(') {
        parser->depth++;
        node = take_group(parser);
        parser->depth--;
        return node;
    }
    return term_take(parser);
}

/* A node with one kid is that kid. */
static struct node *unwrap(struct node *node)
{
    return node->count == 1 ? node->kids[0] : node;
}

static void sort_by_cost(struct parser *parser, struct node *node)
{
    size_t i, used = 0;
    int cost;

    node->order =
        arena_alloc(&parser->query->arena, node->count * sizeof *node->order);
    for (cost = 0; cost <= 3; cost++)
        for (i = 0; i < node->count; i++)
            if (node->kids[i]->cost == cost)
                node->order[used++] = node->kids[i];
}

/* Terms side by side, or with AND between: all must match. */
static struct node *take_all(struct parser *parser)
{
    struct node *node = node_new(parser, NODE_ALL), *kid;
    bool and = false;

    for (;;) {
        skip_blanks(parser);
        if (take_and(parser)) {
            if (and || !node->count)
                return FAIL(parser, parser->at,
                            "something is needed on each side of AND");
            and = true;
            continue;
        }
        if (at_end_of_all(parser))
            break;
        kid = take_one(parser);
        if (!kid)
            return NULL;
        node_add(parser, node, kid);
        and = false;
    }
    if (and)
        return FAIL(parser, parser->at,
                    "something is needed on each side of AND");
    if (!node->count)
        return FAIL(parser, parser->at,
                    "something is needed on each side of | or OR");
    sort_by_cost(parser, node);
    return unwrap(node);
}

static struct node *take_any(struct parser *parser)
{
    struct node *node = node_new(parser, NODE_ANY), *kid;

    do {
        kid = take_all(parser);
        if (!kid)
            return NULL;
        node_add(parser, node, kid);
    } while (take_or(parser));
    return unwrap(node);
}

static bool parse_all(struct parser *parser)
{
    skip_blanks(parser);
    if (parser->at == parser->len)
        return true;
    if (parser_peek(parser) == ')') {
        FAIL(parser, parser->at, "there is no ( for this )");
        return false;
    }
    parser->query->root = take_any(parser);
    if (!parser->query->root)
        return false;
    if (parser->at < parser->len) {
        FAIL(parser, parser->at, "there is no ( for this )");
        return false;
    }
    return true;
}

/* The normalised text may not be longer than what can be parsed again. */
static bool keep_text(struct parser *parser)
{
    struct query *query = parser->query;
    struct buf out;
    bool ok;

    buf_init(&out, QUERY_TEXT_MAX);
    tree_print(&out, query->root);
    ok = buf_ok(&out);
    if (ok)
        query->text = arena_strndup(&query->arena, out.data, out.len);
    else
        FAIL(parser, parser->len, "this is longer than a filter may be");
    buf_free(&out);
    return ok;
}

struct query *query_parse(const char *text, struct query_error *error)
{
    struct query *query = xcalloc(1, sizeof *query);
    struct parser parser = {.query = query, .error = error};

    query->meter = arena_alloc(&query->arena, sizeof *query->meter);
    *query->meter = (struct meter){.steps = 0};
    /* events were sanitised: what is looked for must be, too */
    parser.text =
        text_sanitised(&query->arena, text, strlen(text), QUERY_TEXT_MAX + 4);
    parser.len = strlen(parser.text);
    if (parser.len > QUERY_TEXT_MAX)
        FAIL(&parser, QUERY_TEXT_MAX, "this is longer than a filter may be");
    else if (parse_all(&parser) && keep_text(&parser))
        return query;
    query_free(query);
    return NULL;
}

void query_free(struct query *query)
{
    if (!query)
        return;
    regex_free_all(query);
    arena_free(&query->arena);
    free(query);
}
