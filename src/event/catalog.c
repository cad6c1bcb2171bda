/* The catalogue of events: rows in order, the first that fits wins. Names
 * are looked up in a hash table, names with '*' in a short list after it;
 * both know the row they belong to, so the order of the rows decides. What a
 * row says is catalog_row.c's, how a sentence is made template.c's. */
#include "event/catalog.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/embed.h"
#include "base/hash.h"
#include "base/ini.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/catalog_row.h"
#include "event/json_tree.h"
#include "base/banned.h"

#define OWN_NAME_CELLS 120
#define NO_ROW ((size_t)-1)

extern const struct embedded catalog_files[];

struct entry {
    const char *name; /* NULL: a free place of the hash table */
    size_t row;
};

struct catalog {
    struct row **rows;
    size_t count;
    size_t added; /* rows of users' own that stand in front */
    struct entry *exact;
    size_t places; /* of exact: a power of two */
    struct entry *wild;
    size_t wild_count;
};

static void index_free(struct catalog *catalog)
{
    free(catalog->exact);
    free(catalog->wild);
    catalog->exact = catalog->wild = NULL;
    catalog->places = catalog->wild_count = 0;
}

void catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    for (size_t i = 0; i < catalog->count; i++)
        row_free(catalog->rows[i]);
    free(catalog->rows);
    index_free(catalog);
    free(catalog);
}

/* Of ASCII lower case: names match in any case. */
static size_t name_hash(const char *name)
{
    uint64_t hash = HASH_START;

    for (; *name; name++)
        hash = hash_byte(hash, (unsigned char)ascii_lower(*name));
    return (size_t)(hash ^ hash >> 32);
}

static void index_name(struct catalog *catalog, const char *name, size_t row)
{
    size_t place;

    if (strchr(name, '*')) {
        catalog->wild[catalog->wild_count++] = (struct entry){name, row};
        return;
    }
    place = name_hash(name) & (catalog->places - 1);
    while (catalog->exact[place].name)
        place = (place + 1) & (catalog->places - 1);
    catalog->exact[place] = (struct entry){name, row};
}

/* Rows are indexed in order, so among equal names the earlier row stands in
 * the earlier place. */
static void index_build(struct catalog *catalog)
{
    size_t names = 0;

    index_free(catalog);
    for (size_t i = 0; i < catalog->count; i++)
        for (const char **name = catalog->rows[i]->names; *name; name++)
            names++;
    catalog->places = 16;
    while (catalog->places < 2 * names)
        catalog->places *= 2;
    catalog->exact = xcalloc(catalog->places, sizeof *catalog->exact);
    catalog->wild = xcalloc(names + 1, sizeof *catalog->wild);
    for (size_t i = 0; i < catalog->count; i++)
        for (const char **name = catalog->rows[i]->names; *name; name++)
            index_name(catalog, *name, i);
}

static size_t find_id(struct row *const *rows, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (text_casecmp(rows[i]->id, id) == 0)
            return i;
    return NO_ROW;
}

/* The rows of one file, until all of it is known to be good. */
struct loader {
    struct catalog *catalog;
    struct row **rows;
    size_t count;
    unsigned section_line, seen;
    bool builtin;
};

static bool begin_row(struct loader *loader, const struct ini_entry *entry,
                      struct err *err)
{
    struct catalog *catalog = loader->catalog;
    size_t known = find_id(catalog->rows, catalog->count, entry->section);
    struct row *row;

    if (!*entry->section)
        return err_set(err, "%s: a [section] is needed before \"%s\"",
                       entry->where, entry->key);
    if (find_id(loader->rows, loader->count, entry->section) != NO_ROW)
        return err_set(err, "%s: section [%s] stands twice", entry->where,
                       entry->section);
    row = known == NO_ROW ? row_new(entry->section)
                          : row_copy(catalog->rows[known]);
    row->builtin = loader->builtin;
    loader->rows =
        xreallocarray(loader->rows, loader->count + 1, sizeof(struct row *));
    loader->rows[loader->count++] = row;
    loader->section_line = entry->section_line;
    loader->seen = 0;
    return true;
}

static bool read_entry(void *ctx, const struct ini_entry *entry,
                       struct err *err)
{
    struct loader *loader = ctx;
    enum row_key which;

    if (loader->count == 0 || entry->section_line != loader->section_line)
        if (!begin_row(loader, entry, err))
            return false;
    if (!row_set(loader->rows[loader->count - 1], entry->key, entry->value,
                 entry->where, &which, err))
        return false;
    if (loader->seen & 1u << which)
        return err_set(err, "%s: \"%s\" stands twice in [%s]", entry->where,
                       entry->key, entry->section);
    loader->seen |= 1u << which;
    return true;
}

static void insert_row(struct catalog *catalog, size_t at, struct row *row)
{
    catalog->rows =
        xreallocarray(catalog->rows, catalog->count + 1, sizeof(struct row *));
    memmove(catalog->rows + at + 1, catalog->rows + at,
            (catalog->count - at) * sizeof(struct row *));
    catalog->rows[at] = row;
    catalog->count++;
}

/* A section with the id of a row takes its place; a new one goes in front of
 * the built-in rows, so that it can claim their names. */
static void commit(struct loader *loader)
{
    struct catalog *catalog = loader->catalog;

    for (size_t i = 0; i < loader->count; i++) {
        struct row *row = loader->rows[i];
        size_t known = find_id(catalog->rows, catalog->count, row->id);

        if (known != NO_ROW) {
            row_free(catalog->rows[known]);
            catalog->rows[known] = row;
        } else if (loader->builtin) {
            insert_row(catalog, catalog->count, row);
        } else {
            insert_row(catalog, catalog->added++, row);
        }
    }
    index_build(catalog);
}

static void loader_end(struct loader *loader, bool good)
{
    if (good)
        commit(loader);
    else
        for (size_t i = 0; i < loader->count; i++)
            row_free(loader->rows[i]);
    free(loader->rows);
}

struct catalog *catalog_new(void)
{
    struct catalog *catalog = xcalloc(1, sizeof *catalog);
    struct loader loader = {.catalog = catalog, .builtin = true};
    struct err err = {{0}};

    if (!ini_read(catalog_files->name, catalog_files->text, catalog_files->len,
                  read_entry, &loader, &err)) {
        fprintf(stderr, "telltale: built-in %s\n", err.text);
        abort();
    }
    loader_end(&loader, true);
    return catalog;
}

bool catalog_load(struct catalog *catalog, const char *path, struct err *err)
{
    struct loader loader = {.catalog = catalog};
    bool good = ini_load(path, read_entry, &loader, err);

    loader_end(&loader, good);
    return good;
}

bool catalog_read(struct catalog *catalog, const char *name, const char *text,
                  size_t len, struct err *err)
{
    struct loader loader = {.catalog = catalog};
    bool good = ini_read(name, text, len, read_entry, &loader, err);

    loader_end(&loader, good);
    return good;
}

/* The first row with exactly this name whose condition holds; any row for
 * NULL props. */
static size_t match_exact(const struct catalog *catalog, const char *name,
                          const struct properties *props)
{
    size_t mask = catalog->places - 1, place = name_hash(name) & mask;

    for (; catalog->exact[place].name; place = (place + 1) & mask) {
        const struct entry *entry = &catalog->exact[place];

        if (text_casecmp(entry->name, name) == 0 &&
            (!props || row_holds(catalog->rows[entry->row], props)))
            return entry->row;
    }
    return NO_ROW;
}

/* The same among names with '*', before row `before`. */
static size_t match_wild(const struct catalog *catalog, const char *name,
                         const struct properties *props, size_t before)
{
    for (size_t i = 0; i < catalog->wild_count; i++) {
        const struct entry *entry = &catalog->wild[i];

        if (entry->row >= before)
            break;
        if (text_glob(entry->name, name) &&
            (!props || row_holds(catalog->rows[entry->row], props)))
            return entry->row;
    }
    return NO_ROW;
}

static const struct row *match(const struct catalog *catalog, const char *name,
                               const struct properties *props)
{
    size_t exact, wild;

    if (!*name)
        return NULL;
    exact = match_exact(catalog, name, props);
    wild = match_wild(catalog, name, props, exact);
    if (wild != NO_ROW)
        return catalog->rows[wild];
    return exact == NO_ROW ? NULL : catalog->rows[exact];
}

bool catalog_knows(const struct catalog *catalog, const char *name)
{
    return match(catalog, name, NULL) != NULL;
}

static void own_name(struct buf *out, const char *name)
{
    struct buf clean;

    buf_init(&clean, 4 * LIMIT_TEXT);
    text_sanitise(&clean, name, strlen(name), LIMIT_TEXT);
    if (clean.data[strspn(clean.data, " ")])
        text_cut(out, clean.data, OWN_NAME_CELLS, "…");
    else
        buf_adds(out, "(no name)");
    buf_free(&clean);
}

/* At most LIMIT_SENTENCE bytes, whole graphemes, "…" where it was cut. */
static char *bounded(struct arena *arena, const struct buf *sentence)
{
    struct buf cut;
    char *text;

    if (sentence->len <= LIMIT_SENTENCE)
        return arena_strndup(arena, sentence->data, sentence->len);
    buf_init(&cut, 2 * LIMIT_SENTENCE);
    text_sanitise(&cut, sentence->data, sentence->len,
                  LIMIT_SENTENCE - strlen("…"));
    buf_adds(&cut, "…");
    text = arena_strndup(arena, cut.data, cut.len);
    buf_free(&cut);
    return text;
}

/* As in struct event: the row's, and which part of its group this is. */
static const char *fold_of(const struct row *row,
                           const struct properties *props, struct arena *arena)
{
    struct property_value value = {.kind = PROPERTY_MISSING};
    const char *fold = row->fold;
    struct buf text;

    if (row->fold_by)
        value = property_find(props, row->fold_by);
    buf_init(&text, LIMIT_BODY);
    if (value_text(&text, &value)) {
        unsigned part = name_hash(text.data) & ((1u << FOLD_PART_BITS) - 1);

        buf_clear(&text);
        buf_addf(&text, "=%s%c%0*x", row->fold, FOLD_PART, FOLD_PART_BITS / 4,
                 part);
        fold = text.data;
    }
    fold = arena_strdup(arena, fold);
    buf_free(&text);
    return fold;
}

void catalog_apply(const struct catalog *catalog, struct event *event,
                   const struct cJSON *props, struct slice raw_props,
                   struct arena *arena)
{
    struct properties given = {props, raw_props, event->url, false};
    const char *name = event->name ? event->name : "";
    const struct row *row = match(catalog, name, &given);
    struct buf sentence;

    buf_init(&sentence, LIMIT_BODY);
    if (row) {
        event->category = row->category;
        event->tone = row_tone(row, &given);
        event->fold = fold_of(row, &given, arena);
    } else {
        event->category = CATEGORY_OTHER;
        event->tone = TONE_INFO;
        event->fold = FOLD_SAME;
        event->flags |= EVENT_UNKNOWN;
    }
    if (!row || !template_render(row->template, &given, &sentence))
        own_name(&sentence, name);
    event->sentence = bounded(arena, &sentence);
    buf_free(&sentence);
}

/* The sentence without a limit, of the row it was made from; NULL: another
 * row would be taken today, or it says another thing. */
static const char *render_whole(const struct catalog *catalog,
                                const struct event *event,
                                struct properties *given, struct arena *arena)
{
    const struct row *row =
        match(catalog, event->name ? event->name : "", given);
    const char *whole = NULL;
    struct buf text;

    buf_init(&text, LIMIT_BODY);
    if (row && template_render(row->template, given, &text) &&
        !strcmp(text.data, event->sentence)) {
        buf_clear(&text);
        given->whole = true;
        if (template_render(row->template, given, &text))
            whole = bounded(arena, &text);
    }
    buf_free(&text);
    return whole;
}

const char *catalog_whole(const struct catalog *catalog,
                          const struct event *event, struct slice props,
                          struct arena *arena)
{
    struct arena tree = ARENA_INIT;
    struct properties given = {NULL, props, event->url, false};
    const char *whole = NULL;
    struct err err;

    if (event->sentence && strstr(event->sentence, "…")) {
        given.json = json_tree(props, &tree, &err);
        whole = render_whole(catalog, event, &given, arena);
    }
    arena_free(&tree);
    return whole;
}

/* "settings" of "settings", "trace" of "=trace/0f3a9"; 0 for what is no
 * group. */
static size_t group_name(const char *fold, const char **name)
{
    *name = fold;
    if (*fold != *FOLD_SAME)
        return strlen(fold);
    *name = fold + 1;
    return strchr(fold, FOLD_PART) ? strcspn(fold + 1, "/") : 0;
}

static const struct row *find_folded(const struct catalog *catalog,
                                     const char *name, size_t len)
{
    for (size_t i = 0; i < catalog->count; i++) {
        const struct row *row = catalog->rows[i];

        if (row->folded && row->fold && strlen(row->fold) == len &&
            strncmp(row->fold, name, len) == 0)
            return row;
    }
    return NULL;
}

bool catalog_folded(const struct catalog *catalog, const char *fold,
                    size_t events, size_t names, struct buf *out)
{
    cJSON name_count = {.type = cJSON_Number,
                        .string = (char[]){"names"},
                        .valuedouble = (double)names};
    cJSON event_count = {.type = cJSON_Number,
                         .string = (char[]){"events"},
                         .valuedouble = (double)events,
                         .next = &name_count};
    cJSON object = {.type = cJSON_Object, .child = &event_count};
    struct properties counts = {.json = &object};
    const char *name;
    size_t len = fold ? group_name(fold, &name) : 0;
    const struct row *row = len ? find_folded(catalog, name, len) : NULL;

    return row && template_render(row->folded, &counts, out);
}

size_t catalog_rows(const struct catalog *catalog)
{
    return catalog->count;
}

struct catalog_row catalog_row(const struct catalog *catalog, size_t index)
{
    const struct row *row = catalog->rows[index];
    const char *sentence = row->texts[ROW_SENTENCE];

    return (struct catalog_row){
        .id = row->id,
        .title = row->texts[ROW_TITLE],
        .names = row->names,
        .condition = row->condition,
        .category = row->category,
        .tone = row->tone,
        .sentence = sentence ? sentence : "",
        .builtin = row->builtin,
    };
}
