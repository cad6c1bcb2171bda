/* The fields of the filter language, in one table: the parser, the matcher,
 * completion and error texts all read it. */
#include <string.h>

#include "base/text.h"
#include "base/text_near.h"
#include "event/signal_kind.h"
#include "query/tree.h"

#include "base/banned.h"

static const char *category_word(unsigned bit)
{
    return category_name((enum category)bit);
}

static const char *tone_word(unsigned bit)
{
    return tone_name((enum tone)bit);
}

static const char *hidden_word(unsigned bit)
{
    return bit == HIDDEN_NO ? "no" : hidden_name((enum hidden)bit);
}

static const char *source_word(unsigned bit)
{
    return source_name((enum source)bit);
}

static const char *signal_word(unsigned bit)
{
    return signal_name((enum signal_kind)bit);
}

static const char *has_word(unsigned bit)
{
    static const char *const words[HAS_COUNT] = {"replay", "url", "person",
                                                 "email", "account"};

    return words[bit];
}

#define NAME_MAX_LENGTH 16

#define TEXT_FIELD(name, example, what, ...)                                  \
    {                                                                         \
        name, QUERY_FIELD_TEXT, example, what, {__VA_ARGS__, COLUMN_COUNT},   \
            0, NULL, 0                                                        \
    }
#define SET_FIELD(name, example, what, set, word, bits)                       \
    {                                                                         \
        name, QUERY_FIELD_SET, example, what, {COLUMN_COUNT}, set, word, bits \
    }
#define DEEP_FIELD(name, kind, example, what)                                 \
    {                                                                         \
        name, kind, example, what, {COLUMN_COUNT}, 0, NULL, 0                 \
    }
#define TIME_FIELD(name, kind, example, what)                                 \
    {                                                                         \
        name, kind, example, what, {COLUMN_COUNT}, 0, NULL, 0                 \
    }
/* Alphabetical: the order of completion and of error texts. */
static const struct query_field fields[] = {
    TEXT_FIELD("account", "account:borealis", "an account", COLUMN_ACCOUNT,
               COLUMN_ACCOUNT_ID),
    TIME_FIELD("age", QUERY_FIELD_AGE, "age<1h", "a length of time"),
    DEEP_FIELD("amount", QUERY_FIELD_AMOUNT, "amount>100", "a number"),
    DEEP_FIELD("body", QUERY_FIELD_BODY, "body:timeout", "a text"),
    SET_FIELD("category", "category:billing", "a category", SET_CATEGORY,
              category_word, CATEGORY_COUNT),
    TEXT_FIELD("event", "event:\"feature flag*\"", "an event's name",
               COLUMN_NAME),
    SET_FIELD("has", "has:replay", "what it has", SET_HAS, has_word,
              HAS_COUNT),
    SET_FIELD("hidden", "hidden:internal", "why it is hidden", SET_HIDDEN,
              hidden_word, HIDDEN_COUNT),
    TEXT_FIELD("owner", "owner:csm@", "an owner", COLUMN_OWNER),
    TEXT_FIELD("person", "person:tomas", "a person", COLUMN_PERSON,
               COLUMN_EMAIL, COLUMN_PERSON_ID),
    DEEP_FIELD("prop", QUERY_FIELD_PROPERTY, "prop.plan:scale", "a value"),
    TEXT_FIELD("segment", "segment:enterprise", "a segment", COLUMN_SEGMENT),
    SET_FIELD("signal", "signal:billing", "a signal, or *", SET_SIGNAL,
              signal_word, SIGNAL_COUNT),
    TIME_FIELD("since", QUERY_FIELD_SINCE, "since:09:00", "a time"),
    SET_FIELD("source", "source:webhook", "a source", SET_SOURCE, source_word,
              SOURCE_COUNT),
    SET_FIELD("tone", "tone:bad", "a tone", SET_TONE, tone_word, TONE_COUNT),
    TEXT_FIELD("url", "url:docs", "a part of the address", COLUMN_URL),
};

static bool is_named(const struct query_field *field, const char *name,
                     size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (field->name[i] !=
            (name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]))
            return false;
    return !field->name[len];
}

const struct query_field *query_field_find(const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < sizeof fields / sizeof *fields; i++)
        if (is_named(&fields[i], name, len))
            return &fields[i];
    return NULL;
}

const struct query_field *query_field_near(const char *name, size_t len)
{
    const struct query_field *near = NULL;
    size_t i, least = len < 5 ? 2 : 3; /* changes: too many */

    if (len < 3 || len > NAME_MAX_LENGTH)
        return NULL;
    for (i = 0; query_field_at(i); i++) {
        const char *other = query_field_at(i)->name;
        size_t changes = text_distance(name, len, other, strlen(other));

        if (changes < least) {
            least = changes;
            near = query_field_at(i);
        }
    }
    return near;
}

const struct query_field *query_field_at(size_t index)
{
    return index < sizeof fields / sizeof *fields ? &fields[index] : NULL;
}

bool query_field(size_t index, const char **example, const char **what)
{
    const struct query_field *field = query_field_at(index);

    if (!field)
        return false;
    *example = field->example;
    *what = field->what;
    return true;
}

bool query_field_is_deep(const struct query_field *field)
{
    return field && field->kind >= QUERY_FIELD_PROPERTY;
}

const char *op_text(enum op op)
{
    static const char *const texts[] = {":",  "=", "!=", "<",
                                        "<=", ">", ">=", "~"};

    return texts[op];
}
