/* Editing of one word in the filter's text. What the text means is
 * query.h's. */
#include "ui/filter.h"

#include <stdbool.h>
#include <string.h>

#include "base/banned.h"

#define WORD "category:"

/* A place in the text, and whether it is inside quotes or parentheses. */
struct scan {
    bool quoted;
    int depth;
};

static bool at_top(const struct scan *scan)
{
    return !scan->quoted && !scan->depth;
}

static void step(struct scan *scan, char c)
{
    if (c == '"')
        scan->quoted = !scan->quoted;
    else if (!scan->quoted && c == '(')
        scan->depth++;
    else if (!scan->quoted && c == ')')
        scan->depth--;
}

/* The set written behind `category:` in value, or 0 if any part is no
 * category's name. */
static unsigned read_set(const char *value, size_t len)
{
    unsigned set = 0;

    while (len) {
        size_t part = 0;
        enum category category;
        char name[16];

        while (part < len && value[part] != ',')
            part++;
        if (!part || part >= sizeof name)
            return 0;
        memcpy(name, value, part);
        name[part] = '\0';
        if (!category_parse(name, &category))
            return 0;
        set |= 1u << category;
        part += part < len;
        value += part;
        len -= part;
    }
    return set;
}

/* The word `category:…` at the top level that is a plain set. */
static bool find_word(const char *text, size_t *from, size_t *to,
                      unsigned *set)
{
    struct scan scan = {0};
    size_t word = strlen(WORD);

    for (size_t i = 0; text[i]; i++) {
        if (at_top(&scan) && (!i || text[i - 1] == ' ') &&
            !strncmp(text + i, WORD, word)) {
            *from = i;
            *to = i + strcspn(text + i, " ");
            *set = read_set(text + i + word, *to - i - word);
            if (*set)
                return true;
        }
        step(&scan, text[i]);
    }
    return false;
}

static bool has_choice(const char *text)
{
    struct scan scan = {0};

    for (size_t i = 0; text[i]; i++) {
        if (at_top(&scan) && text[i] == '|')
            return true;
        step(&scan, text[i]);
    }
    return false;
}

static void write_set(struct buf *out, unsigned set)
{
    const char *before = WORD;

    for (int i = 0; i < CATEGORY_COUNT; i++) {
        if (!(set & 1u << i))
            continue;
        buf_addf(out, "%s%s", before, category_name((enum category)i));
        before = ",";
    }
}

void filter_toggle(struct buf *out, const char *text, enum category category)
{
    size_t from = 0, to = 0;
    unsigned set = 0;
    bool choice = has_choice(text);

    text += strspn(text, " ");
    if (choice || !find_word(text, &from, &to, &set))
        from = to = 0;
    set ^= 1u << category;
    buf_add(out, text, from);
    write_set(out, set);
    if (!set)
        to += strspn(text + to, " ");
    else if (text[to] && text[to] != ' ')
        buf_addc(out, ' ');
    if (choice)
        buf_addf(out, "(%s)", text);
    else
        buf_adds(out, text + to);
}
