/* Who is who, by the identities that the journal keeps: combinations of an
 * organisation, a distinct id, an address and a name, as they came. */
#include "journal/whom.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

#define CHAINS 4096 /* who has very many names is looked up in these */

struct name {
    enum whom_name kind;
    char *text;
    size_t next; /* of the chain, from 1; 0: none */
};

/* Ids of rows; as a JSON array, too. */
struct numbers {
    struct id_set set;
    struct buf json;
};

struct whom {
    enum whom_kind kind;
    char *text;
    struct numbers identities, persons;
    struct name *names;
    size_t count, cap;
    size_t chains[CHAINS]; /* the last of each, from 1; 0: none */
};

/* ?1 is the text. Columns: id, distinct id, address, name; whether the id is
 * theirs alone, and whether the address is. */
static const char *const find_sql[] = {
    [WHOM_EMAIL] =
        "WITH asked(p) AS MATERIALIZED (SELECT DISTINCT person_id FROM "
        "identities WHERE lower(email) = lower(?1) AND person_id IS NOT "
        "NULL), shared(p) AS MATERIALIZED (SELECT DISTINCT person_id FROM "
        "identities WHERE person_id IN asked AND lower(email) <> lower(?1)) "
        "SELECT id, person_id, email, person_name, person_id IS NOT NULL AND "
        "person_id NOT IN shared, 1 FROM identities WHERE lower(email) = "
        "lower(?1) OR (email IS NULL AND person_id IN asked AND person_id "
        "NOT IN shared)",
    [WHOM_PERSON] =
        "WITH mail(e) AS MATERIALIZED (SELECT DISTINCT lower(email) FROM "
        "identities WHERE person_id = ?1 AND email IS NOT NULL), one(e) AS "
        "MATERIALIZED (SELECT e FROM mail WHERE (SELECT count(*) FROM mail) = "
        "1 AND NOT EXISTS (SELECT 1 FROM identities WHERE lower(email) = e "
        "AND person_id <> ?1)) SELECT id, person_id, email, person_name, 1, "
        "lower(email) IN one FROM identities WHERE person_id = ?1 OR "
        "lower(email) IN one",
    [WHOM_ACCOUNT] =
        "WITH beside(e) AS MATERIALIZED (SELECT DISTINCT lower(email) FROM "
        "identities WHERE account_key IS NOT lower(?1) AND email IS NOT "
        "NULL), ids(p) AS MATERIALIZED (SELECT DISTINCT person_id FROM "
        "identities WHERE account_key IS NOT lower(?1) AND person_id IS NOT "
        "NULL) SELECT id, person_id, email, person_name, person_id IS NOT "
        "NULL AND person_id NOT IN ids, email IS NOT NULL AND lower(email) "
        "NOT IN beside FROM identities WHERE account_key = lower(?1)",
};
enum { ID, PERSON_ID, EMAIL, NAME, ID_ALONE, EMAIL_ALONE };

/* Of an address the same however it is written. */
static size_t chain_of(const char *text)
{
    uint64_t hash = HASH_START;

    for (const char *at = text; *at; at++)
        hash = hash_byte(hash, (unsigned char)tolower((unsigned char)*at));
    return hash % CHAINS;
}

static void add_name(struct whom *whom, enum whom_name kind, const char *text)
{
    size_t *chain;

    if (!text || !*text)
        return;
    chain = &whom->chains[chain_of(text)];
    for (size_t at = *chain; at; at = whom->names[at - 1].next)
        if (!strcmp(whom->names[at - 1].text, text) &&
            whom->names[at - 1].kind == kind)
            return;
    if (whom->count == whom->cap) {
        whom->cap = whom->cap ? 2 * whom->cap : 16;
        whom->names =
            xreallocarray(whom->names, whom->cap, sizeof *whom->names);
    }
    whom->names[whom->count++] = (struct name){kind, xstrdup(text), *chain};
    *chain = whom->count;
}

static void begin_numbers(struct numbers *numbers)
{
    buf_init(&numbers->json, LIMIT_WHOM_IDS);
    buf_addc(&numbers->json, '[');
}

static void add_number(struct numbers *numbers, int64_t number)
{
    id_set_add(&numbers->set, number);
    if (numbers->json.len > 1)
        buf_addc(&numbers->json, ',');
    buf_addf(&numbers->json, "%lld", (long long)number);
}

static void end_numbers(struct numbers *numbers)
{
    id_set_sort(&numbers->set);
    buf_addc(&numbers->json, ']');
}

static void free_numbers(struct numbers *numbers)
{
    id_set_free(&numbers->set);
    buf_free(&numbers->json);
}

static const char *column(sqlite3_stmt *row, int index)
{
    return (const char *)sqlite3_column_text(row, index);
}

static void read_row(struct whom *whom, sqlite3_stmt *row)
{
    add_number(&whom->identities, sqlite3_column_int64(row, ID));
    add_name(whom,
             sqlite3_column_int(row, ID_ALONE) ? WHOM_NAME_ID
                                               : WHOM_NAME_SHARED,
             column(row, PERSON_ID));
    add_name(whom,
             sqlite3_column_int(row, EMAIL_ALONE) ? WHOM_NAME_EMAIL
                                                  : WHOM_NAME_OTHER,
             column(row, EMAIL));
}

static bool read_identities(struct whom *whom, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *find = db_prepare(db, find_sql[whom->kind], false, err);
    int result;

    if (!find)
        return false;
    db_bind_text(find, 1, whom->text);
    while ((result = sqlite3_step(find)) == SQLITE_ROW)
        read_row(whom, find);
    if (result != SQLITE_DONE)
        db_fail(db, err, "the journal");
    sqlite3_finalize(find);
    end_numbers(&whom->identities);
    return result == SQLITE_DONE &&
           (buf_ok(&whom->identities.json) ||
            err_set(err, "they go by too many names"));
}

/* ?1 is the array of identities; each row is a number or a text. */
static bool each_row(struct whom *whom, sqlite3 *db, const char *sql,
                     void (*take)(struct whom *whom, sqlite3_stmt *row),
                     struct err *err)
{
    sqlite3_stmt *find = db_prepare(db, sql, false, err);
    int result;

    if (!find)
        return false;
    db_bind_text(find, 1, whom->identities.json.data);
    while ((result = sqlite3_step(find)) == SQLITE_ROW)
        take(whom, find);
    if (result != SQLITE_DONE)
        db_fail(db, err, "the journal");
    sqlite3_finalize(find);
    return result == SQLITE_DONE;
}

static void take_person(struct whom *whom, sqlite3_stmt *row)
{
    add_number(&whom->persons, sqlite3_column_int64(row, 0));
}

static void take_full_name(struct whom *whom, sqlite3_stmt *row)
{
    add_name(whom, WHOM_NAME_FULL, column(row, 0));
}

#define THEIRS "(SELECT value FROM json_each(?1))"

static bool read_rest(struct whom *whom, sqlite3 *db, struct err *err)
{
    static const char persons[] =
        "SELECT DISTINCT person FROM identities WHERE id IN " THEIRS
        " AND person > 0 AND person NOT IN (SELECT person FROM identities "
        "WHERE id NOT IN " THEIRS ")";
    static const char names[] =
        "SELECT DISTINCT person_name FROM identities WHERE id IN " THEIRS
        " AND person_name IS NOT NULL AND lower(person_name) NOT IN (SELECT "
        "lower(person_name) FROM identities WHERE person_name IS NOT NULL "
        "AND id NOT IN " THEIRS ")";
    bool ok = each_row(whom, db, persons, take_person, err) &&
              each_row(whom, db, names, take_full_name, err);

    end_numbers(&whom->persons);
    return ok;
}

/* What was asked for is a name of theirs even if nobody has it. */
static void add_asked(struct whom *whom)
{
    if (whom->kind == WHOM_EMAIL)
        add_name(whom, WHOM_NAME_EMAIL, whom->text);
    else
        add_name(whom, WHOM_NAME_ID, whom->text);
}

struct whom *whom_find(sqlite3 *db, enum whom_kind kind, const char *text,
                       struct err *err)
{
    struct whom *whom = xcalloc(1, sizeof *whom);

    whom->kind = kind;
    whom->text = xstrdup(text);
    begin_numbers(&whom->identities);
    begin_numbers(&whom->persons);
    add_asked(whom);
    if (read_identities(whom, db, err) && read_rest(whom, db, err))
        return whom;
    whom_free(whom);
    return NULL;
}

void whom_free(struct whom *whom)
{
    if (!whom)
        return;
    for (size_t i = 0; i < whom->count; i++)
        free(whom->names[i].text);
    free(whom->names);
    free(whom->text);
    free_numbers(&whom->identities);
    free_numbers(&whom->persons);
    free(whom);
}

enum whom_kind whom_kind(const struct whom *whom)
{
    return whom->kind;
}

const char *whom_text(const struct whom *whom)
{
    return whom->text;
}

const struct id_set *whom_identities(const struct whom *whom)
{
    return &whom->identities.set;
}

const struct id_set *whom_person_ids(const struct whom *whom)
{
    return &whom->persons.set;
}

const char *whom_persons(const struct whom *whom)
{
    return whom->persons.json.data;
}

size_t whom_names(const struct whom *whom)
{
    return whom->count;
}

const char *whom_name(const struct whom *whom, size_t index,
                      enum whom_name *kind)
{
    *kind = whom->names[index].kind;
    return whom->names[index].text;
}

static bool has(const struct whom *whom, enum whom_name kind, const char *text)
{
    const struct name *name;
    size_t at = text ? whom->chains[chain_of(text)] : 0;

    for (; at; at = name->next) {
        name = &whom->names[at - 1];
        if (name->kind == kind &&
            !(kind == WHOM_NAME_EMAIL ? strcasecmp(name->text, text)
                                      : strcmp(name->text, text)))
            return true;
    }
    return false;
}

bool whom_has(const struct whom *whom, const struct event *event)
{
    const struct event_person *person = &event->person;

    if (whom->kind == WHOM_ACCOUNT)
        return event->account.id && !strcasecmp(event->account.id, whom->text);
    if (has(whom, WHOM_NAME_EMAIL, person->email))
        return true;
    return has(whom, WHOM_NAME_ID, person->id) &&
           (!person->email || whom->kind == WHOM_PERSON);
}

/* ---- counting ---- */

/* By the ids that others use, too. */
static bool count_nameless(const struct whom *whom, sqlite3 *db,
                           struct whom_events *out, struct err *err)
{
    sqlite3_stmt *count;
    bool ok = true;

    for (size_t i = 0; ok && i < whom->count; i++) {
        if (whom->names[i].kind != WHOM_NAME_SHARED ||
            whom->kind != WHOM_EMAIL)
            continue;
        count = db_prepare(db,
                           "SELECT count(*) FROM events WHERE who IN (SELECT "
                           "id FROM identities WHERE person_id = ?1 AND email "
                           "IS NULL)",
                           false, err);
        if (!count)
            return false;
        db_bind_text(count, 1, whom->names[i].text);
        ok = sqlite3_step(count) == SQLITE_ROW;
        out->nameless += ok ? (uint64_t)sqlite3_column_int64(count, 0) : 0;
        if (!ok)
            db_fail(db, err, "the journal");
        sqlite3_finalize(count);
    }
    return ok;
}

bool whom_count(const struct whom *whom, sqlite3 *db, struct whom_events *out,
                struct err *err)
{
    sqlite3_stmt *count = db_prepare(
        db,
        "SELECT count(*), coalesce(min(received_at), 0), "
        "coalesce(max(received_at), 0), count(DISTINCT coalesce("
        "lower(i.email), i.person_id, i.person_name)) FROM events e JOIN "
        "identities i ON i.id = e.who WHERE who IN " THEIRS,
        false, err);
    bool ok;

    *out = (struct whom_events){0};
    if (!count)
        return false;
    db_bind_text(count, 1, whom->identities.json.data);
    ok = sqlite3_step(count) == SQLITE_ROW;
    if (ok) {
        out->count = (uint64_t)sqlite3_column_int64(count, 0);
        out->first_ms = sqlite3_column_int64(count, 1);
        out->last_ms = sqlite3_column_int64(count, 2);
        out->people = (uint64_t)sqlite3_column_int64(count, 3);
    } else {
        db_fail(db, err, "the journal");
    }
    sqlite3_finalize(count);
    return ok && count_nameless(whom, db, out, err);
}
