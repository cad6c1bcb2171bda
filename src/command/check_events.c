/* Which events came that the catalogue has no row for, and the rows that
 * would tell them. The journal counts. */
#include "command/check_events.h"

#include <string.h>

#include <sqlite3.h>

#include "base/intern.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/banned.h"

#define SECTIONS_MAX 50
#define ID_MAX 40    /* bytes of a section's id */
#define NAME_MAX 150 /* bytes of a name in a line of events.ini */

static const char sql[] =
    "SELECT t.text, count(*) AS events FROM events e "
    "JOIN texts t ON t.id = e.name WHERE trim(t.text) <> '' "
    "GROUP BY t.text ORDER BY events DESC, t.text";

struct names {
    const struct catalog *catalog;
    struct intern *ids; /* of the sections so far */
    struct findings *findings;
    struct buf *sections;
    size_t names;
    unsigned long long events;
};

/* Calls each for every name that is not known. */
static bool walk(struct journal_reader *reader, struct names *names,
                 bool (*each)(struct names *names, const char *name,
                              unsigned long long events),
                 struct err *err)
{
    sqlite3_stmt *rows = NULL;
    int state = sqlite3_prepare_v2(reader_db(reader), sql, -1, &rows, NULL);
    bool more = true;

    while (more && (state == SQLITE_OK || state == SQLITE_ROW)) {
        state = sqlite3_step(rows);
        if (state == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(rows, 0);

            if (name && !catalog_knows(names->catalog, name))
                more = each(names, name,
                            (unsigned long long)sqlite3_column_int64(rows, 1));
        }
    }
    sqlite3_finalize(rows);
    if (more && state != SQLITE_DONE)
        return err_set(err, "the journal: %s",
                       sqlite3_errmsg(reader_db(reader)));
    return true;
}

static bool count(struct names *names, const char *name,
                  unsigned long long events)
{
    (void)name;
    names->names++;
    names->events += events;
    return true;
}

static bool tell_name(struct names *names, const char *name,
                      unsigned long long events)
{
    finding_add(names->findings, FINDING_NOTE, "events", "%8llu  %s", events,
                name);
    return true;
}

/* ---- sections ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

/* "Quokka petted!" → quokka-petted. */
static void add_id(struct buf *out, const char *name)
{
    for (; *name && out->len < ID_MAX; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name;

        if (is_word(c))
            buf_addc(out, c);
        else if (out->len && out->data[out->len - 1] != '-')
            buf_addc(out, '-');
    }
    while (out->len && out->data[out->len - 1] == '-')
        buf_truncate(out, out->len - 1);
    if (!out->len)
        buf_adds(out, "event");
}

/* A section of the same id would change that row. */
static bool is_taken(const struct names *names, const char *id)
{
    if (intern_find(names->ids, id))
        return true;
    for (size_t i = 0; i < catalog_rows(names->catalog); i++)
        if (text_casecmp(catalog_row(names->catalog, i).id, id) == 0)
            return true;
    return false;
}

static void add_free_id(struct names *names, struct buf *out, const char *name)
{
    size_t end;

    add_id(out, name);
    end = out->len;
    for (unsigned n = 2; is_taken(names, out->data); n++) {
        buf_truncate(out, end);
        buf_addf(out, "-%u", n);
    }
    intern_take(names->ids, out->data);
}

/* Bytes of name that a line has room for, in whole graphemes. */
static size_t line_fit(const char *name)
{
    size_t len = strlen(name), fits = 0, bytes;

    while (fits < len) {
        bytes = text_grapheme(name + fits, len - fits).bytes;
        if (!bytes || fits + bytes > NAME_MAX)
            break;
        fits += bytes;
    }
    return fits;
}

/* What the notation gives a meaning, and blanks at the ends, any text stands
 * for; so does what is too long for a line. */
static void add_pattern(struct buf *out, const char *name)
{
    size_t fits = line_fit(name);

    for (size_t i = 0; i < fits; i++) {
        bool end = i == 0 || i + 1 == fits;
        bool any = strchr(";=~#", name[i]) || (end && name[i] == ' ');

        buf_addc(out, any ? '*' : name[i]);
    }
    if (name[fits])
        buf_addc(out, '*');
}

static void add_sentence(struct buf *out, const char *name)
{
    struct buf plain;

    buf_init(&plain, 2 * LIMIT_TEXT);
    for (; *name; name++)
        if (!strchr("[]{}", *name))
            buf_addc(&plain, strchr(";#", *name) ? ' ' : *name);
    text_cut(out, plain.data, ID_MAX, "…");
    buf_free(&plain);
}

static bool add_section(struct names *names, const char *name,
                        unsigned long long events)
{
    struct buf text, id;

    (void)events;
    buf_init(&text, 8 * LIMIT_TEXT);
    buf_init(&id, 256);
    add_free_id(names, &id, name);
    buf_addf(&text, "\n[%s]\nnames = ", id.data);
    buf_free(&id);
    add_pattern(&text, name);
    buf_adds(&text, "\ncategory = other\ntone = info\nsentence = ");
    add_sentence(&text, name);
    buf_addc(&text, '\n');
    buf_adds(names->sections, text.data);
    buf_free(&text);
    return ++names->names < SECTIONS_MAX;
}

static void add_head(const struct names *names, const char *path)
{
    buf_addf(names->sections,
             "\n; For %s: change category, tone and sentence\n; as you like "
             "(man telltale, EVENT NAMES).",
             path);
    if (names->names > SECTIONS_MAX)
        buf_addf(names->sections, " These are the first %d of %zu.",
                 SECTIONS_MAX, names->names);
    buf_addc(names->sections, '\n');
}

bool check_events(struct journal_reader *reader, const struct catalog *catalog,
                  const char *path, struct findings *findings,
                  struct buf *sections, struct err *err)
{
    struct names names = {.catalog = catalog,
                          .findings = findings,
                          .sections = sections};
    bool done = walk(reader, &names, count, err);

    if (!done)
        return false;
    finding_add(findings, FINDING_FACT, "names",
                "%zu that the catalogue does not know, in %llu event%s",
                names.names, names.events, names.events == 1 ? "" : "s");
    done = walk(reader, &names, tell_name, err);
    if (!done || !names.names || !path)
        return done;
    add_head(&names, path);
    names.names = 0;
    names.ids = intern_new();
    done = walk(reader, &names, add_section, err);
    intern_free(names.ids);
    return done;
}
