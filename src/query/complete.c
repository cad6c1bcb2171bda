/* Completion: what could stand where the cursor is. It reads the text before
 * the cursor only roughly, as it is not a whole query yet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "query/tree.h"

#include "base/banned.h"

/* The word before the cursor, taken apart. */
struct place {
    size_t from;               /* where what is completed begins */
    const struct field *field; /* NULL: a word or a field's name */
    char *prefix;
};

/* Beginning of the word that ends at at; blanks in quotes belong to it. */
static size_t word_start(const char *text, size_t at)
{
    size_t i, start = 0;
    bool quoted = false;

    for (i = 0; i < at; i++) {
        if (text[i] == '\\' && quoted && i + 1 < at)
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && strchr(" ()|", text[i]))
            start = i + 1;
    }
    while (start < at && text[start] == '-')
        start++;
    return start;
}

/* Beginning of the last of several values, behind the comma. */
static size_t value_start(const char *text, size_t from, size_t at)
{
    size_t i, start = from;
    bool quoted = false;

    for (i = from; i < at; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && text[i] == ',')
            start = i + 1;
    }
    return start;
}

static struct place find_place(const char *text, size_t at)
{
    struct place place = {.from = word_start(text, at)};
    size_t name = 0, skip;

    while (place.from + name < at && !strchr(":=!", text[place.from + name]))
        name++;
    if (place.from + name < at) {
        place.field = field_find(text + place.from, name);
        skip = text[place.from + name] == '!' ? 2 : 1;
        if (place.field)
            place.from = value_start(text, place.from + name + skip, at);
    }
    if (place.from > at)
        place.from = at;
    skip = place.from < at && text[place.from] == '"';
    place.prefix = xstrndup(text + place.from + skip, at - place.from - skip);
    return place;
}

static bool starts(const char *word, const char *prefix)
{
    size_t len = strlen(prefix);
    char *head;
    bool same;

    if (strlen(word) < len)
        return false;
    head = xstrndup(word, len);
    same = text_casecmp(head, prefix) == 0;
    free(head);
    return same;
}

/* Values from the caller are quoted where they must be. */
struct quoting {
    complete_offer *offer;
    void *ctx;
};

static void offer_quoted(void *ctx, const char *word)
{
    struct quoting *quoting = ctx;
    struct buf out;

    buf_init(&out, 4096);
    if (query_add_value(&out, word))
        quoting->offer(quoting->ctx, out.data);
    buf_free(&out);
}

static void offer_fields(const char *prefix, complete_offer *offer, void *ctx)
{
    char word[32];
    size_t i;

    for (i = 0; field_at(i); i++) {
        const struct field *field = field_at(i);

        if (!starts(field->name, prefix))
            continue;
        snprintf(word, sizeof word, "%s%s", field->name,
                 field->kind == FIELD_AGE        ? "<"
                 : field->kind == FIELD_AMOUNT   ? ">"
                 : field->kind == FIELD_PROPERTY ? "."
                                                 : ":");
        offer(ctx, word);
    }
}

void query_complete(const char *text, size_t at,
                    const struct complete_source *source,
                    complete_offer *offer, void *ctx, size_t *from)
{
    size_t len = strlen(text);
    struct place place = find_place(text, at > len ? len : at);
    struct quoting quoting = {offer, ctx};
    unsigned bit;

    *from = place.from;
    if (!place.field)
        offer_fields(place.prefix, offer, ctx);
    else if (place.field->word)
        for (bit = 0; bit < place.field->bits; bit++) {
            if (starts(place.field->word(bit), place.prefix))
                offer(ctx, place.field->word(bit));
        }
    else if (place.field->kind == FIELD_TEXT && source && source->values)
        source->values(source->ctx, place.field->name, place.prefix,
                       offer_quoted, &quoting);
    free(place.prefix);
}
