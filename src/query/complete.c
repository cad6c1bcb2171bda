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
    size_t from;                     /* where what is completed begins */
    const struct query_field *field; /* NULL: a word or a field's name */
    bool is_value;                   /* of a field that is not there */
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
        place.field = query_field_find(text + place.from, name);
        skip = text[place.from + name] == '!' ? 2 : 1;
        place.is_value = !place.field;
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
    const char *field; /* to be put in front, or NULL */
};

static void offer_quoted(void *ctx, const char *word)
{
    struct quoting *quoting = ctx;
    struct buf out;

    buf_init(&out, 4096);
    if (quoting->field)
        buf_addf(&out, "%s:", quoting->field);
    if (query_add_value(&out, word))
        quoting->offer(quoting->ctx, out.data);
    buf_free(&out);
}

static void offer_fields(const char *prefix, complete_offer *offer, void *ctx)
{
    char word[32];
    size_t i;

    for (i = 0; query_field_at(i); i++) {
        const struct query_field *field = query_field_at(i);

        if (!starts(field->name, prefix))
            continue;
        snprintf(word, sizeof word, "%s%s", field->name,
                 field->kind == QUERY_FIELD_AGE        ? "<"
                 : field->kind == QUERY_FIELD_AMOUNT   ? ">"
                 : field->kind == QUERY_FIELD_PROPERTY ? "."
                                                       : ":");
        offer(ctx, word);
    }
}

static void offer_words(const struct query_field *field, const char *prefix,
                        complete_offer *offer, void *ctx)
{
    unsigned bit;

    for (bit = 0; bit < field->bits; bit++)
        if (starts(field->word(bit), prefix))
            offer(ctx, field->word(bit));
}

#define NAMES_LEAST 2 /* letters of a word that may be a name */

/* What a word without a field may be meant to say: it names a category or a
 * signal, an account or a person. */
static void offer_meanings(const char *prefix,
                           const struct complete_source *source,
                           complete_offer *offer, void *ctx)
{
    static const char *const sets[] = {"category", "signal"};
    static const char *const names[] = {"account", "person"};
    size_t i;

    for (i = 0; i < 2; i++) {
        struct quoting quoting = {offer, ctx, sets[i]};

        offer_words(query_field_find(sets[i], strlen(sets[i])), prefix,
                    offer_quoted, &quoting);
    }
    for (i = 0; i < 2 && source && source->values; i++) {
        struct quoting quoting = {offer, ctx, names[i]};

        source->values(source->ctx, names[i], prefix, offer_quoted, &quoting);
    }
}

void query_complete(const char *text, size_t at,
                    const struct complete_source *source,
                    complete_offer *offer, void *ctx, size_t *from)
{
    size_t len = strlen(text);
    struct place place = find_place(text, at > len ? len : at);
    struct quoting quoting = {offer, ctx, NULL};

    *from = place.from;
    if (!place.field) {
        offer_fields(place.prefix, offer, ctx);
        if (!place.is_value && strlen(place.prefix) >= NAMES_LEAST)
            offer_meanings(place.prefix, source, offer, ctx);
    } else if (place.field->word) {
        offer_words(place.field, place.prefix, offer, ctx);
    } else if (place.field->kind == QUERY_FIELD_TEXT && source &&
               source->values) {
        source->values(source->ctx, place.field->name, place.prefix,
                       offer_quoted, &quoting);
    }
    free(place.prefix);
}
