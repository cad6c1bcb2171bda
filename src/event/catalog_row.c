/* Reading one section of catalog.ini into a row, key by key, so that each
 * error can name its line. */
#include "event/catalog_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/banned.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

struct row *row_new(const char *id)
{
    struct row *row = xcalloc(1, sizeof *row);

    row->id = text_sanitised(&row->arena, id, strlen(id), LIMIT_TEXT);
    row->fold = FOLD_SAME;
    row->template = template_compile("", &row->arena, NULL);
    row->names = arena_alloc(&row->arena, 2 * sizeof *row->names);
    row->names[0] = row->id; /* until names are given */
    row->names[1] = NULL;
    return row;
}

void row_free(struct row *row)
{
    if (!row)
        return;
    arena_free(&row->arena);
    free(row);
}

/* "prop = value" or "prop ~ value" after the last comma of names. */
static bool read_condition(struct row *row, const char *text,
                           const char *where, struct err *err)
{
    size_t name = strcspn(text, "=~");
    const char *value = text + name + 1;

    if (strchr(value, ';'))
        return err_set(err,
                       "%s: the condition comes last and holds for all "
                       "names",
                       where);
    row->condition = arena_trimmed(&row->arena, text, strlen(text));
    row->contains = text[name] == '~';
    row->property = arena_trimmed(&row->arena, text, name);
    row->wanted = arena_trimmed(&row->arena, value, strlen(value));
    if (!*row->property || !*row->wanted)
        return err_set(err,
                       "%s: a condition is \"property = value\" or "
                       "\"property ~ text\"",
                       where);
    return true;
}

/* Where the condition begins: the first comma that has "=" or "~" after it
 * before the next comma. Names may hold commas of their own. */
static const char *find_condition(const char *text)
{
    const char *comma = strchr(text, ',');

    while (comma) {
        size_t stop = strcspn(comma + 1, ",=~;");

        if (comma[1 + stop] == '=' || comma[1 + stop] == '~')
            return comma;
        comma = strchr(comma + 1, ',');
    }
    return NULL;
}

/* "insight created; dashboard *, prop = value" */
static bool set_names(struct row *row, const char *value, const char *where,
                      struct err *err)
{
    const char *condition = find_condition(value);
    size_t len = condition ? (size_t)(condition - value) : strlen(value);
    size_t count = 1, n = 0;

    for (size_t i = 0; i < len; i++)
        count += value[i] == ';';
    row->names = arena_alloc(&row->arena, (count + 1) * sizeof *row->names);
    for (const char *at = value; n < count; n++) {
        const char *end = memchr(at, ';', len);
        size_t piece = end ? (size_t)(end - at) : len;

        row->names[n] = arena_trimmed(&row->arena, at, piece);
        if (!*row->names[n])
            return err_set(err, "%s: an event name is missing", where);
        at += piece + (end != NULL);
        len -= piece + (end != NULL);
    }
    row->names[n] = NULL;
    row->condition = row->property = row->wanted = NULL;
    return !condition || read_condition(row, condition + 1, where, err);
}

static bool set_category(struct row *row, const char *value, const char *where,
                         struct err *err)
{
    if (category_parse(value, &row->category))
        return true;
    return err_set(err,
                   "%s: unknown category \"%s\" (billing, ai, flags, "
                   "analytics, replay, surveys, pipelines, errors, "
                   "engagement, team, other)",
                   where, value);
}

static bool bad_tone(const char *where, const char *word, struct err *err)
{
    return err_set(err,
                   "%s: unknown tone \"%s\" (good, info, warn, bad; "
                   "\"warn (false info)\" is info when the value is false)",
                   where, word);
}

/* "warn" or "warn (false info)" */
static bool set_tone(struct row *row, const char *value, const char *where,
                     struct err *err)
{
    size_t open = strcspn(value, "(");
    const char *word = arena_trimmed(&row->arena, value, open);
    const char *inner, *then;
    size_t close, cut;

    row->tone_value = NULL;
    if (!tone_parse(word, &row->tone))
        return bad_tone(where, value, err);
    if (!value[open])
        return true;
    close = strcspn(value + open, ")");
    if (value[open + close] != ')' || value[open + close + 1])
        return bad_tone(where, value, err);
    inner = arena_trimmed(&row->arena, value + open + 1, close - 1);
    cut = strlen(inner);
    while (cut > 0 && !blank(inner[cut - 1]))
        cut--;
    then = inner + cut;
    row->tone_value = arena_trimmed(&row->arena, inner, cut);
    if (!*row->tone_value || !tone_parse(then, &row->tone_then))
        return bad_tone(where, value, err);
    return true;
}

/* "trace, $ai_trace_id" */
static bool set_parts(struct row *row, const char *value, size_t name,
                      const char *where, struct err *err)
{
    static const char *const taken[] = {"yes", "never", "day"};
    const char *by = value + name + 1;

    row->fold = arena_trimmed(&row->arena, value, name);
    row->fold_by = arena_trimmed(&row->arena, by, strlen(by));
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (text_casecmp(row->fold, taken[i]) == 0)
            return err_set(err, "%s: folds = %s takes no property", where,
                           taken[i]);
    if (!*row->fold || !*row->fold_by)
        return err_set(err, "%s: folds by a property is \"name, property\"",
                       where);
    return true;
}

static bool set_folds(struct row *row, const char *value, const char *where,
                      struct err *err)
{
    size_t name = strcspn(value, ",");

    row->fold_by = NULL;
    if (!name || *value == '=')
        return err_set(err,
                       "%s: folds is yes, never, day, a name, or a name, a "
                       "comma and a property",
                       where);
    if (value[name])
        return set_parts(row, value, name, where, err);
    if (text_casecmp(value, "yes") == 0)
        row->fold = FOLD_SAME;
    else if (text_casecmp(value, "never") == 0)
        row->fold = NULL;
    else if (text_casecmp(value, "day") == 0)
        row->fold = FOLD_DAY;
    else
        row->fold =
            text_sanitised(&row->arena, value, strlen(value), LIMIT_TEXT);
    return true;
}

static bool set_template(struct row *row, struct template **into,
                         const char *value, const char *where, struct err *err)
{
    struct err what = {{0}};
    struct template *template = template_compile(value, &row->arena, &what);

    if (!template)
        return err_set(err, "%s: %s", where, what.text);
    *into = template;
    return true;
}

static bool set_sentence(struct row *row, const char *value, const char *where,
                         struct err *err)
{
    return set_template(row, &row->template, value, where, err);
}

/* Nothing takes the one of catalog.ini away. */
static bool set_folded(struct row *row, const char *value, const char *where,
                       struct err *err)
{
    row->folded = NULL;
    return !*value || set_template(row, &row->folded, value, where, err);
}

static bool set_title(struct row *row, const char *value, const char *where,
                      struct err *err)
{
    (void)row;
    (void)value;
    (void)where;
    (void)err;
    return true;
}

static const struct {
    const char *name;
    bool (*set)(struct row *row, const char *value, const char *where,
                struct err *err);
} keys[ROW_KEY_COUNT] = {
    [ROW_NAMES] = {"names", set_names},
    [ROW_TITLE] = {"title", set_title},
    [ROW_CATEGORY] = {"category", set_category},
    [ROW_TONE] = {"tone", set_tone},
    [ROW_FOLDS] = {"folds", set_folds},
    [ROW_SENTENCE] = {"sentence", set_sentence},
    [ROW_FOLDED] = {"folded", set_folded},
};

bool row_set(struct row *row, const char *key, const char *value,
             const char *where, enum row_key *which, struct err *err)
{
    for (int i = 0; i < ROW_KEY_COUNT; i++) {
        if (strcmp(keys[i].name, key) != 0)
            continue;
        *which = (enum row_key)i;
        row->texts[i] = text_sanitised(&row->arena, value, strlen(value),
                                       LIMIT_CONFIG_FILE);
        return keys[i].set(row, row->texts[i], where, err);
    }
    return err_set(err,
                   "%s: unknown key \"%s\" (names, title, category, tone, "
                   "folds, sentence, folded)",
                   where, key);
}

struct row *row_copy(const struct row *row)
{
    struct row *copy = row_new(row->id);
    enum row_key which;

    for (int i = 0; i < ROW_KEY_COUNT; i++)
        if (row->texts[i])
            row_set(copy, keys[i].name, row->texts[i], "", &which, NULL);
    return copy;
}

bool row_holds(const struct row *row, const struct properties *props)
{
    struct property_value value;
    struct buf text;
    char *folded;
    bool holds;

    if (!row->condition)
        return true;
    value = property_find(props, row->property);
    buf_init(&text, LIMIT_BODY);
    holds = value_text(&text, &value);
    if (holds && row->contains) {
        folded = text_fold(row->wanted);
        holds = text_contains_folded(text.data, folded);
        free(folded);
    } else if (holds) {
        holds = text_glob(row->wanted, text.data);
    }
    buf_free(&text);
    return holds;
}

enum tone row_tone(const struct row *row, const struct properties *props)
{
    enum tone tone = row->tone;
    struct property_value value;
    struct buf text;

    if (!row->tone_value)
        return tone;
    value = template_subject(row->template, props);
    buf_init(&text, LIMIT_BODY);
    if (value_text(&text, &value) &&
        text_casecmp(text.data, row->tone_value) == 0)
        tone = row->tone_then;
    buf_free(&text);
    return tone;
}
