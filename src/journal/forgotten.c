/* The list of the forgotten. It knows hashes only: nobody can be read out of
 * it, but whoever comes can be recognised. */
#include "journal/forgotten.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "journal/db.h"

#include "base/banned.h"

#define HASH_SIZE 32
/* What journals of an earlier day call a distinct id, whether it was asked for
 * or found beside an address. */
#define BEFORE "person"

struct forgotten {
    sqlite3_stmt *any, *find, *insert;
    struct uuid salt;
    bool somebody;
};

struct forgotten *forgotten_new(sqlite3 *db, struct err *err)
{
    struct forgotten *forgotten = xcalloc(1, sizeof *forgotten);

    forgotten->any =
        db_prepare(db, "SELECT EXISTS (SELECT 1 FROM forgotten)", true, err);
    forgotten->find =
        db_prepare(db, "SELECT at FROM forgotten WHERE hash = ?", true, err);
    forgotten->insert =
        db_prepare(db,
                   "INSERT INTO forgotten (hash, kind, at) VALUES (?, ?, ?) "
                   "ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
                   true, err);
    if (forgotten->any && forgotten->find && forgotten->insert &&
        db_meta_uuid(db, "salt", &forgotten->salt, err))
        return forgotten;
    forgotten_free(forgotten);
    return NULL;
}

void forgotten_free(struct forgotten *forgotten)
{
    if (!forgotten)
        return;
    sqlite3_finalize(forgotten->any);
    sqlite3_finalize(forgotten->find);
    sqlite3_finalize(forgotten->insert);
    free(forgotten);
}

bool forgotten_refresh(struct forgotten *forgotten, struct err *err)
{
    bool ok = sqlite3_step(forgotten->any) == SQLITE_ROW;

    if (ok)
        forgotten->somebody = sqlite3_column_int(forgotten->any, 0);
    else
        db_fail(sqlite3_db_handle(forgotten->any), err, "the journal");
    sqlite3_reset(forgotten->any);
    return ok;
}

static void hash_of(const struct forgotten *forgotten, const char *kind,
                    const char *text, unsigned char *hash)
{
    bool exact = !strcmp(kind, FORGOTTEN_ID) || !strcmp(kind, FORGOTTEN_ALONE);
    struct buf bytes;

    buf_init(&bytes, 16 * MIB);
    buf_add(&bytes, forgotten->salt.bytes, sizeof forgotten->salt.bytes);
    buf_add(&bytes, kind, strlen(kind) + 1);
    /* Two ids may differ by nothing but their case. */
    for (; *text; text++)
        buf_addc(&bytes, exact ? *text : (char)tolower((unsigned char)*text));
    if (!EVP_Digest(bytes.data, bytes.len, hash, NULL, EVP_sha256(), NULL))
        abort();
    buf_free(&bytes);
}

static bool is_in(struct forgotten *forgotten, const char *kind,
                  const char *text, int64_t at)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    bool found;

    if (!text)
        return false;
    hash_of(forgotten, kind, text, hash);
    sqlite3_bind_blob(forgotten->find, 1, hash, HASH_SIZE, SQLITE_STATIC);
    found = sqlite3_step(forgotten->find) == SQLITE_ROW &&
            at <= sqlite3_column_int64(forgotten->find, 0);
    sqlite3_reset(forgotten->find);
    return found;
}

bool forgotten_has(struct forgotten *forgotten, const struct event *event)
{
    int64_t at = event->occurred_at < event->received_at ? event->occurred_at
                                                         : event->received_at;

    return forgotten->somebody &&
           (is_in(forgotten, FORGOTTEN_EMAIL, event->person.email, at) ||
            is_in(forgotten, FORGOTTEN_ID, event->person.id, at) ||
            (!event->person.email &&
             (is_in(forgotten, FORGOTTEN_ALONE, event->person.id, at) ||
              is_in(forgotten, BEFORE, event->person.id, at))) ||
            is_in(forgotten, FORGOTTEN_ACCOUNT, event->account.id, at));
}

bool forgotten_add(struct forgotten *forgotten, const char *kind,
                   const char *text, int64_t at, struct err *err)
{
    unsigned char hash[EVP_MAX_MD_SIZE];

    hash_of(forgotten, kind, text, hash);
    sqlite3_bind_blob(forgotten->insert, 1, hash, HASH_SIZE, SQLITE_STATIC);
    db_bind_text(forgotten->insert, 2, kind);
    sqlite3_bind_int64(forgotten->insert, 3, at);
    return db_run(forgotten->insert, err);
}
