/* Nodes in order of the text, strings in a copy of it: each is unescaped and
 * ended where it stands. What is JSON says json_scan.c. */
#include "event/json_tree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "event/json_char.h"
#include "event/json_scan.h"

#include "base/banned.h"

#define EXACT_DIGITS 15 /* as many fit into a double, whatever they are */
#define NODES 16        /* that are allocated at once */

struct json_node {
    cJSON json; /* first: what others see */
    struct slice raw;
    struct json_node *after;
};

struct builder {
    struct json_scan scan;
    struct arena *arena;
    char *copy; /* of the text */
    char *key;  /* of the next value; NULL in an array */
    struct json_node *first, *last;
    struct json_node *room; /* for the next nodes */
    size_t room_left;
    struct json_node *open[LIMIT_JSON_DEPTH];
};

/* ---- strings and numbers ---- */

static void unescape(char *text, char *end)
{
    const char *at = text;
    char *to = text;

    while (at < end) {
        if (*at == '\\')
            at = json_unescape(at, end, &to);
        else
            *to++ = *at++;
    }
    *to = '\0';
}

/* Where the token stands in the copy. */
static char *token_copy(const struct builder *b)
{
    return b->copy + (b->scan.token.at - b->scan.text);
}

/* What is between the quotes of the token. */
static char *take_text(struct builder *b)
{
    char *text = token_copy(b) + 1;
    char *end = text + b->scan.token.len - 2;

    if (b->scan.escaped)
        unescape(text, end);
    else
        *end = '\0';
    return text;
}

/* Whole numbers that a double holds exactly need no strtod(). */
static double read_number(const char *text, size_t len)
{
    size_t at = *text == '-';
    double number = 0;

    if (len > EXACT_DIGITS)
        return strtod(text, NULL);
    for (; at < len && json_digit(text[at]); at++)
        number = number * 10 + (text[at] - '0');
    if (at < len)
        return strtod(text, NULL);
    return *text == '-' ? -number : number;
}

static void set_number(cJSON *node, double number)
{
    node->type = cJSON_Number;
    node->valuedouble = number;
    node->valueint = number >= INT_MAX   ? INT_MAX
                     : number <= INT_MIN ? INT_MIN
                                         : (int)number;
}

static void set_word(cJSON *node, char first)
{
    node->type = first == 't'   ? cJSON_True
                 : first == 'f' ? cJSON_False
                                : cJSON_NULL;
    node->valueint = first == 't';
}

/* ---- nodes ---- */

/* Behind those of the same parent; the first one's prev is the last, as
 * cJSON has it. */
static void link_node(cJSON *parent, cJSON *node)
{
    if (!parent->child) {
        parent->child = node;
    } else {
        node->prev = parent->child->prev;
        node->prev->next = node;
    }
    parent->child->prev = node;
}

static struct json_node *new_node(struct builder *b)
{
    if (!b->room_left) {
        b->room = arena_alloc(b->arena, NODES * sizeof *b->room);
        b->room_left = NODES;
    }
    b->room_left--;
    return b->room++;
}

/* For the token, at the depth that was open before it. */
static struct json_node *add_node(struct builder *b, size_t depth)
{
    struct json_node *node = new_node(b);

    *node = (struct json_node){.json.string = b->key, .raw = b->scan.token};
    b->key = NULL;
    if (b->last)
        b->last->after = node;
    else
        b->first = node;
    b->last = node;
    if (depth)
        link_node(&b->open[depth - 1]->json, &node->json);
    return node;
}

static void open_node(struct builder *b)
{
    size_t depth = b->scan.depth - 1;
    struct json_node *node = add_node(b, depth);

    node->json.type = *node->raw.at == '{' ? cJSON_Object : cJSON_Array;
    b->open[depth] = node;
}

static void close_node(struct builder *b)
{
    struct slice *raw = &b->open[b->scan.depth]->raw;

    raw->len = (size_t)(b->scan.at - raw->at);
}

static void add_scalar(struct builder *b, enum json_token kind)
{
    cJSON *node = &add_node(b, b->scan.depth)->json;

    if (kind == JSON_STRING) {
        node->type = cJSON_String;
        node->valuestring = take_text(b);
    } else if (kind == JSON_NUMBER) {
        set_number(node, read_number(token_copy(b), b->scan.token.len));
    } else {
        set_word(node, *b->scan.token.at);
    }
}

static void take_token(struct builder *b, enum json_token kind)
{
    switch (kind) {
    case JSON_OPEN:
        open_node(b);
        break;
    case JSON_CLOSE:
        close_node(b);
        break;
    case JSON_KEY:
        b->key = take_text(b);
        break;
    default:
        add_scalar(b, kind);
        break;
    }
}

const cJSON *json_tree(struct slice text, struct arena *arena, struct err *err)
{
    struct builder b;
    enum json_token kind;

    if (!json_scan_begin(&b.scan, text, err))
        return NULL;
    b.arena = arena;
    b.copy = arena_strndup(arena, text.at, text.len);
    b.key = NULL;
    b.first = b.last = NULL;
    b.room_left = 0;
    while ((kind = json_scan_next(&b.scan)) > JSON_END)
        take_token(&b, kind);
    if (kind == JSON_END)
        return &b.first->json;
    json_scan_why(&b.scan, err);
    return NULL;
}

struct slice json_raw(const cJSON *node)
{
    return ((const struct json_node *)(const void *)node)->raw;
}

const cJSON *json_after(const cJSON *node)
{
    const struct json_node *after =
        ((const struct json_node *)(const void *)node)->after;

    return after ? &after->json : NULL;
}

/* cJSON_GetObjectItemCaseSensitive() calls strcmp() for each. */
const cJSON *json_member(const cJSON *object, const char *key)
{
    const cJSON *child = object ? object->child : NULL;

    for (; child; child = child->next)
        if (child->string && *child->string == *key &&
            strcmp(child->string, key) == 0)
            return child;
    return NULL;
}
