/* Compiles sentence templates and fills them in. A template is a flat list
 * of parts; parts of one bracket carry its number and stand or fall
 * together. */
#include "event/template.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/banned.h"

enum filter {
    FILTER_WORDS,
    FILTER_INT,
    FILTER_USD,
    FILTER_DUR,
    FILTER_HOST,
    FILTER_PATH,
    FILTER_IF,
};

struct part {
    struct part *next;
    unsigned bracket;   /* 0: outside any */
    const char *text;   /* literal text; NULL: a property */
    const char **names; /* NULL-terminated, tried in order */
    enum filter filter;
    const char *word; /* of int, dur and if; NULL: none */
    bool quoted;      /* stands between “ and ” */
};

struct template
{
    struct part *first;
};

struct compiler {
    const char *at;
    struct arena *arena;
    struct err *err;
    struct part **tail;
    unsigned brackets;
    bool inside;
};

static struct part *add_part(struct compiler *compiler)
{
    struct part *part = arena_alloc(compiler->arena, sizeof *part);

    *part =
        (struct part){.bracket = compiler->inside ? compiler->brackets : 0};
    *compiler->tail = part;
    compiler->tail = &part->next;
    return part;
}

static void add_literal(struct compiler *compiler, size_t len)
{
    struct buf clean;

    buf_init(&clean, 8 * LIMIT_TEXT);
    text_sanitise(&clean, compiler->at, len, LIMIT_TEXT);
    if (clean.len > 0)
        add_part(compiler)->text =
            arena_strndup(compiler->arena, clean.data, clean.len);
    buf_free(&clean);
    compiler->at += len;
}

/* "a,b" → {"a", "b", NULL}. */
static bool read_names(struct compiler *compiler, struct part *part,
                       const char *text, size_t len)
{
    size_t count = 1, n = 0;

    for (size_t i = 0; i < len; i++)
        count += text[i] == ',';
    part->names =
        arena_alloc(compiler->arena, (count + 1) * sizeof *part->names);
    while (n < count) {
        const char *comma = memchr(text, ',', len);
        size_t piece = comma ? (size_t)(comma - text) : len;

        part->names[n] = arena_trimmed(compiler->arena, text, piece);
        if (!*part->names[n++])
            return err_set(compiler->err,
                           "a property name is missing in \"{}\"");
        text += piece + (comma != NULL);
        len -= piece + (comma != NULL);
    }
    part->names[n] = NULL;
    return true;
}

/* A filter takes no word, may take one, or a unit of time. */
static const struct filter_rule {
    const char *name;
    enum filter filter;
    enum { NO_WORD, MAY_WORD, UNIT_WORD } word;
} filter_rules[] = {
    {"int", FILTER_INT, MAY_WORD},  {"usd", FILTER_USD, NO_WORD},
    {"dur", FILTER_DUR, UNIT_WORD}, {"host", FILTER_HOST, NO_WORD},
    {"path", FILTER_PATH, NO_WORD}, {"if", FILTER_IF, MAY_WORD},
};

static const struct filter_rule *find_filter(const char *name)
{
    for (size_t i = 0; i < sizeof filter_rules / sizeof *filter_rules; i++)
        if (strcmp(filter_rules[i].name, name) == 0)
            return &filter_rules[i];
    return NULL;
}

/* "int step" after the bar. */
static bool read_filter(struct compiler *compiler, struct part *part,
                        const char *text, size_t len)
{
    const char *all = arena_trimmed(compiler->arena, text, len);
    size_t cut = strcspn(all, " \t");
    const char *name = arena_strndup(compiler->arena, all, cut);
    const char *word =
        arena_trimmed(compiler->arena, all + cut, strlen(all + cut));
    const struct filter_rule *rule = find_filter(name);

    if (!rule)
        return err_set(compiler->err,
                       "unknown filter \"|%s\" (int, usd, dur ms, dur s, "
                       "dur, host, path, if)",
                       name);
    if (rule->word == NO_WORD && *word)
        return err_set(compiler->err, "\"|%s\" takes no \"%s\"", name, word);
    if (rule->word == UNIT_WORD && *word && strcmp(word, "ms") != 0 &&
        strcmp(word, "s") != 0)
        return err_set(compiler->err,
                       "\"|dur\" is \"|dur ms\", \"|dur s\" or, by $lib, "
                       "\"|dur\"");
    part->filter = rule->filter;
    part->word =
        *word ? text_sanitised(compiler->arena, word, strlen(word), LIMIT_TEXT)
              : NULL;
    return true;
}

static bool ends_with_quote(const char *start, const char *at)
{
    size_t len = strlen("“");

    return (size_t)(at - start) >= len && memcmp(at - len, "“", len) == 0;
}

/* {a,b|int step} */
static bool read_property(struct compiler *compiler, const char *start)
{
    const char *body = compiler->at + 1;
    size_t len = strcspn(body, "{}[]"), names = strcspn(body, "|{}[]");
    struct part *part;

    if (body[len] != '}')
        return err_set(compiler->err, "\"{\" without \"}\"");
    part = add_part(compiler);
    part->quoted = ends_with_quote(start, compiler->at);
    compiler->at = body + len + 1;
    if (!read_names(compiler, part, body, names))
        return false;
    return names == len ||
           read_filter(compiler, part, body + names + 1, len - names - 1);
}

static bool open_bracket(struct compiler *compiler)
{
    if (compiler->inside)
        return err_set(compiler->err, "\"[\" inside \"[ ]\"");
    compiler->inside = true;
    compiler->brackets++;
    compiler->at++;
    return true;
}

static bool close_bracket(struct compiler *compiler)
{
    if (!compiler->inside)
        return err_set(compiler->err, "\"]\" without \"[\"");
    compiler->inside = false;
    compiler->at++;
    return true;
}

static bool read_part(struct compiler *compiler, const char *start)
{
    switch (*compiler->at) {
    case '{':
        return read_property(compiler, start);
    case '[':
        return open_bracket(compiler);
    case ']':
        return close_bracket(compiler);
    case '}':
        return err_set(compiler->err, "\"}\" without \"{\"");
    default:
        add_literal(compiler, strcspn(compiler->at, "{}[]"));
        return true;
    }
}

struct template *template_compile(const char *text, struct arena *arena,
                                  struct err *err)
{
    struct template *template = arena_alloc(arena, sizeof *template);
    struct compiler compiler = {.at = text,
                                .arena = arena,
                                .err = err,
                                .tail = &template->first};

    template->first = NULL;
    while (*compiler.at)
        if (!read_part(&compiler, text))
            return NULL;
    if (compiler.inside) {
        err_set(err, "\"[\" without \"]\"");
        return NULL;
    }
    return template;
}

/* {x|if} and {x|if v}: the first of the names that is there decides. */
static bool holds(const struct part *part, const struct properties *props)
{
    struct property_value value = {.kind = PROPERTY_MISSING};
    struct buf text;
    bool same;

    for (size_t i = 0; part->names[i] && value.kind == PROPERTY_MISSING; i++)
        value = property_find(props, part->names[i]);
    if (!part->word)
        return value_true(&value);
    buf_init(&text, LIMIT_BODY);
    same =
        value_text(&text, &value) && text_casecmp(text.data, part->word) == 0;
    buf_free(&text);
    return same;
}

/* A property that holds what kind of query something is. */
static bool is_kind(const char *name)
{
    static const char *const tails[] = {"query_kind", "source_kind"};
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t tail = strlen(tails[i]);

        if (len >= tail && strcmp(name + len - tail, tails[i]) == 0)
            return true;
    }
    return false;
}

static bool add_duration(const struct part *part,
                         const struct property_value *value,
                         const struct properties *props, struct buf *out)
{
    bool unit_ms = part->word ? strcmp(part->word, "ms") == 0
                              : properties_count_ms(props, value);

    return value_dur(out, value, unit_ms);
}

static bool add_value(const struct part *part, const char *name,
                      const struct property_value *value,
                      const struct properties *props, struct buf *out)
{
    switch (part->filter) {
    case FILTER_WORDS:
        return is_kind(name) ? value_kind_words(out, value)
                             : value_words(out, value, part->quoted);
    case FILTER_INT:
        return value_int(out, value, part->word);
    case FILTER_USD:
        return value_usd(out, value);
    case FILTER_DUR:
        return add_duration(part, value, props, out);
    case FILTER_HOST:
        return value_host(out, value);
    case FILTER_PATH:
        return value_path(out, value);
    case FILTER_IF:
        break;
    }
    return false;
}

static bool add_rendered(const struct part *part,
                         const struct properties *props, struct buf *out)
{
    if (part->text)
        return buf_adds(out, part->text);
    if (part->filter == FILTER_IF)
        return holds(part, props);
    for (size_t i = 0; part->names[i]; i++) {
        struct property_value value = property_find(props, part->names[i]);

        if (add_value(part, part->names[i], &value, props, out))
            return true;
    }
    return false;
}

/* Renders the run of parts that share part's bracket; returns what follows
 * it, or sets *failed when a property outside brackets is missing. */
static const struct part *render_run(const struct part *part,
                                     const struct properties *props,
                                     struct buf *out, bool *failed)
{
    unsigned bracket = part->bracket;
    size_t mark = out->len;
    bool kept = true;

    for (; part && part->bracket == bracket; part = part->next)
        if (kept && !add_rendered(part, props, out)) {
            kept = false;
            *failed = bracket == 0;
            buf_truncate(out, mark);
        }
    return part;
}

/* What a vanished bracket leaves at the start, in the middle and at the end:
 * separators with nothing before them, double blanks. */
static void add_tidied(struct buf *out, const char *text)
{
    size_t start = out->len, len;

    for (;;) {
        while (*text == ' ' || *text == ',' || *text == ':')
            text++;
        if (strncmp(text, "·", strlen("·")) != 0)
            break;
        text += strlen("·");
    }
    for (; *text; text++) {
        if (*text == ' ' && (text[1] == ' ' || text[1] == ',' || !text[1]))
            continue;
        buf_addc(out, *text);
    }
    len = out->len;
    while (len > start && out->data[len - 1] == ' ')
        len--;
    buf_truncate(out, len);
}

/* Made harmless once more: a mark may have sat on a blank that is gone, a
 * picture may have come to stand beside another. */
static void add_joined(struct buf *out, const char *text)
{
    struct buf tidied;

    buf_init(&tidied, LIMIT_BODY);
    add_tidied(&tidied, text);
    text_sanitise(out, tidied.data, tidied.len, LIMIT_BODY);
    buf_free(&tidied);
}

bool template_render(const struct template *template,
                     const struct properties *props, struct buf *out)
{
    const struct part *part = template->first;
    size_t mark = out->len;
    bool failed = false;
    struct buf joined;

    buf_init(&joined, LIMIT_BODY);
    while (part && !failed)
        part = render_run(part, props, &joined, &failed);
    if (!failed)
        add_joined(out, joined.data);
    buf_free(&joined);
    return out->len > mark;
}

struct property_value template_subject(const struct template *template,
                                       const struct properties *props)
{
    struct property_value value = {.kind = PROPERTY_MISSING};

    for (const struct part *part = template->first; part; part = part->next) {
        if (part->text || part->filter != FILTER_IF)
            continue;
        for (size_t i = 0; part->names[i] && value.kind == PROPERTY_MISSING;
             i++)
            value = property_find(props, part->names[i]);
        break;
    }
    return value;
}
