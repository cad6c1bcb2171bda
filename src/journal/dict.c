/* Dictionaries: asked of the cache first, then of the database, and only
 * then made. */
#include "journal/dict.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/cache.h"
#include "journal/db.h"

#include "base/banned.h"

#define DIGEST_SIZE 16

enum statement {
    FIND_TEXT,
    ADD_TEXT,
    FIND_ORIGIN,
    ADD_ORIGIN,
    FIND_ACCOUNT,
    ADD_ACCOUNT,
    FIND_PERSON,
    ADD_PERSON,
    FIND_IDENTITY,
    ADD_IDENTITY,
    STATEMENT_COUNT
};

static const char *const statements_sql[STATEMENT_COUNT] = {
    [FIND_TEXT] = "SELECT id FROM texts WHERE text = ?",
    [ADD_TEXT] = "INSERT INTO texts (text) VALUES (?)",
    [FIND_ORIGIN] = "SELECT id FROM origins WHERE journal = ?",
    [ADD_ORIGIN] = "INSERT INTO origins (journal) VALUES (?)",
    [FIND_ACCOUNT] = "SELECT id FROM accounts WHERE key = ?1",
    [ADD_ACCOUNT] =
        "INSERT INTO accounts (key, name, listed) VALUES (?1, ?2, ?3)",
    [FIND_PERSON] = "SELECT id FROM persons WHERE account = ?1 AND key = ?2",
    [ADD_PERSON] = "INSERT INTO persons (account, key, email, name) "
                   "VALUES (?1, ?2, ?3, ?4)",
    [FIND_IDENTITY] =
        "SELECT id, account, person FROM identities WHERE digest = ?",
    [ADD_IDENTITY] =
        "INSERT INTO identities (digest, account, person, account_key, "
        "account_name, listed, person_id, email, person_name, person_link) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

struct dict {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct cache texts, origins, identities;
    struct buf tuple; /* an identity as bytes, reused */
};

struct dict *dict_new(sqlite3 *db, struct err *err)
{
    struct dict *dict = xcalloc(1, sizeof *dict);

    dict->db = db;
    cache_init(&dict->texts);
    cache_init(&dict->origins);
    cache_init(&dict->identities);
    buf_init(&dict->tuple, 16 * MIB);
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        dict->statements[i] = db_prepare(db, statements_sql[i], true, err);
        if (!dict->statements[i]) {
            dict_free(dict);
            return NULL;
        }
    }
    return dict;
}

void dict_free(struct dict *dict)
{
    if (!dict)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(dict->statements[i]);
    cache_free(&dict->texts);
    cache_free(&dict->origins);
    cache_free(&dict->identities);
    buf_free(&dict->tuple);
    free(dict);
}

void dict_forget(struct dict *dict)
{
    cache_clear(&dict->texts);
    cache_clear(&dict->origins);
    cache_clear(&dict->identities);
}

/* Steps a bound look-up; ids[0…columns) are its row, or 0 without one. */
static bool find(sqlite3_stmt *statement, int64_t *ids, int columns,
                 struct err *err)
{
    int result = sqlite3_step(statement);

    for (int i = 0; i < columns; i++)
        ids[i] = result == SQLITE_ROW ? sqlite3_column_int64(statement, i) : 0;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        db_fail(sqlite3_db_handle(statement), err, "the journal");
    sqlite3_reset(statement);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

/* Runs a bound insert; *id is the new row's. */
static bool add(struct dict *dict, enum statement which, int64_t *id,
                struct err *err)
{
    if (!db_run(dict->statements[which], err))
        return false;
    *id = sqlite3_last_insert_rowid(dict->db);
    return true;
}

bool dict_text(struct dict *dict, const char *text, int64_t *id,
               struct err *err)
{
    int64_t ids[CACHE_IDS] = {0};
    const int64_t *known;
    size_t len;

    *id = 0;
    if (!text)
        return true;
    len = strlen(text);
    known = cache_get(&dict->texts, text, len);
    if (known) {
        *id = known[0];
        return true;
    }
    db_bind_text(dict->statements[FIND_TEXT], 1, text);
    if (!find(dict->statements[FIND_TEXT], ids, 1, err))
        return false;
    db_bind_text(dict->statements[ADD_TEXT], 1, text);
    if (!ids[0] && !add(dict, ADD_TEXT, &ids[0], err))
        return false;
    cache_put(&dict->texts, text, len, ids);
    *id = ids[0];
    return true;
}

bool dict_origin(struct dict *dict, const struct uuid *journal, int64_t *id,
                 struct err *err)
{
    size_t size = sizeof journal->bytes;
    int64_t ids[CACHE_IDS] = {0};
    const int64_t *known = cache_get(&dict->origins, journal->bytes, size);

    if (known) {
        *id = known[0];
        return true;
    }
    sqlite3_bind_blob(dict->statements[FIND_ORIGIN], 1, journal->bytes,
                      (int)size, SQLITE_STATIC);
    if (!find(dict->statements[FIND_ORIGIN], ids, 1, err))
        return false;
    sqlite3_bind_blob(dict->statements[ADD_ORIGIN], 1, journal->bytes,
                      (int)size, SQLITE_STATIC);
    if (!ids[0] && !add(dict, ADD_ORIGIN, &ids[0], err))
        return false;
    cache_put(&dict->origins, journal->bytes, size, ids);
    *id = ids[0];
    return true;
}

static bool find_account(struct dict *dict,
                         const struct event_account *account, int64_t *id,
                         struct err *err)
{
    sqlite3_stmt *insert = dict->statements[ADD_ACCOUNT];

    *id = 0;
    if (!account->id)
        return true;
    db_bind_text(dict->statements[FIND_ACCOUNT], 1, account->id);
    if (!find(dict->statements[FIND_ACCOUNT], id, 1, err) || *id)
        return *id != 0;
    db_bind_text(insert, 1, account->id);
    db_bind_text(insert, 2, account->name);
    sqlite3_bind_int(insert, 3, account->listed);
    return add(dict, ADD_ACCOUNT, id, err);
}

static const char *person_key(const struct event_person *person)
{
    if (person->id)
        return person->id;
    return person->email ? person->email : person->name;
}

static bool find_person(struct dict *dict, const struct event_person *person,
                        int64_t account, int64_t *id, struct err *err)
{
    sqlite3_stmt *look = dict->statements[FIND_PERSON];
    sqlite3_stmt *insert = dict->statements[ADD_PERSON];
    const char *key = person_key(person);

    *id = 0;
    if (!key)
        return true;
    sqlite3_bind_int64(look, 1, account);
    db_bind_text(look, 2, key);
    if (!find(look, id, 1, err) || *id)
        return *id != 0;
    sqlite3_bind_int64(insert, 1, account);
    db_bind_text(insert, 2, key);
    db_bind_text(insert, 3, person->email);
    db_bind_text(insert, 4, person->name);
    return add(dict, ADD_PERSON, id, err);
}

/* One byte says whether a text is there, then it and its NUL. */
static void tuple_add(struct buf *tuple, const char *text)
{
    buf_addc(tuple, text ? '1' : '0');
    if (text)
        buf_add(tuple, text, strlen(text) + 1);
}

static void tuple_of(struct buf *tuple, const struct event *event)
{
    buf_clear(tuple);
    buf_addc(tuple, event->account.listed ? '1' : '0');
    tuple_add(tuple, event->account.id);
    tuple_add(tuple, event->account.name);
    tuple_add(tuple, event->person.id);
    tuple_add(tuple, event->person.email);
    tuple_add(tuple, event->person.name);
    tuple_add(tuple, event->links.person);
}

static bool add_identity(struct dict *dict, const struct event *event,
                         const unsigned char *digest, int64_t *ids,
                         struct err *err)
{
    sqlite3_stmt *insert = dict->statements[ADD_IDENTITY];

    if (!find_account(dict, &event->account, &ids[1], err) ||
        !find_person(dict, &event->person, ids[1], &ids[2], err))
        return false;
    sqlite3_bind_blob(insert, 1, digest, DIGEST_SIZE, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, ids[1]);
    sqlite3_bind_int64(insert, 3, ids[2]);
    db_bind_text(insert, 4, event->account.id);
    db_bind_text(insert, 5, event->account.name);
    sqlite3_bind_int(insert, 6, event->account.listed);
    db_bind_text(insert, 7, event->person.id);
    db_bind_text(insert, 8, event->person.email);
    db_bind_text(insert, 9, event->person.name);
    db_bind_text(insert, 10, event->links.person);
    return add(dict, ADD_IDENTITY, &ids[0], err);
}

static bool look_up_identity(struct dict *dict, const struct event *event,
                             int64_t *ids, struct err *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    sqlite3_stmt *look = dict->statements[FIND_IDENTITY];

    if (!EVP_Digest(dict->tuple.data, dict->tuple.len, digest, NULL,
                    EVP_sha256(), NULL))
        return err_set(err, "OpenSSL has no SHA-256");
    sqlite3_bind_blob(look, 1, digest, DIGEST_SIZE, SQLITE_STATIC);
    if (!find(look, ids, CACHE_IDS, err))
        return false;
    return ids[0] || add_identity(dict, event, digest, ids, err);
}

bool dict_identity(struct dict *dict, const struct event *event,
                   struct identity *out, struct err *err)
{
    int64_t ids[CACHE_IDS];
    const int64_t *known;

    tuple_of(&dict->tuple, event);
    if (!buf_ok(&dict->tuple))
        return err_set(err, "the names of an event are too long");
    known = cache_get(&dict->identities, dict->tuple.data, dict->tuple.len);
    if (!known) {
        if (!look_up_identity(dict, event, ids, err))
            return false;
        cache_put(&dict->identities, dict->tuple.data, dict->tuple.len, ids);
        known = ids;
    }
    *out = (struct identity){.id = known[0],
                             .account = known[1],
                             .person = known[2]};
    return true;
}
