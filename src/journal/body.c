/* Packing and unpacking for SQLite. The dictionary is body.dict, made of
 * invented bodies by dictionary.py: it holds nobody's text, and is a part of
 * what a journal needs to be read. */
#include "journal/body.h"

#include <pthread.h>
#include <stdlib.h>

#include <zstd.h>

#include "base/embed.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

extern const struct embedded body_dictionary[];

#define LEVEL 1 /* higher ones cost more than they save: 4.7 at 1, 4.9 at 3 */
#define TEXT_MAX ((sqlite3_uint64)1 << 30)

enum encoding { ENCODING_TEXT, ENCODING_PACKED };

/* Digested once, then only read, by all connections. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static ZSTD_CDict *packing;
static ZSTD_DDict *unpacking;

static void digest(void)
{
    const struct embedded *file = &body_dictionary[0];

    packing = ZSTD_createCDict(file->text, file->len, LEVEL);
    unpacking = ZSTD_createDDict(file->text, file->len);
}

/* A connection's; it is used by one thread at a time. */
struct coder {
    ZSTD_CCtx *packer;
    ZSTD_DCtx *unpacker;
    int users; /* SQL functions that point here */
};

static void drop_coder(void *ctx)
{
    struct coder *coder = ctx;

    if (--coder->users)
        return;
    ZSTD_freeCCtx(coder->packer);
    ZSTD_freeDCtx(coder->unpacker);
    free(coder);
}

static void pack(sqlite3_context *call, int count, sqlite3_value **values)
{
    struct coder *coder = sqlite3_user_data(call);
    const void *text = sqlite3_value_text(values[0]);
    size_t len = (size_t)sqlite3_value_bytes(values[0]);
    size_t room = ZSTD_compressBound(len), packed;
    void *out;

    (void)count;
    if (!text)
        return; /* NULL stays NULL */
    out = sqlite3_malloc64(room);
    if (!out) {
        sqlite3_result_error_nomem(call);
        return;
    }
    packed =
        ZSTD_compress_usingCDict(coder->packer, out, room, text, len, packing);
    if (ZSTD_isError(packed)) {
        sqlite3_free(out);
        sqlite3_result_error(call, ZSTD_getErrorName(packed), -1);
        return;
    }
    sqlite3_result_blob64(call, out, packed, sqlite3_free);
}

static void unpack(sqlite3_context *call, const void *packed, size_t len,
                   sqlite3_int64 size)
{
    struct coder *coder = sqlite3_user_data(call);
    char *out;
    size_t got;

    if (size < 0 || (sqlite3_uint64)size > TEXT_MAX ||
        ZSTD_getFrameContentSize(packed, len) != (unsigned long long)size)
        return; /* damaged: NULL */
    out = sqlite3_malloc64((sqlite3_uint64)size + 1);
    if (!out) {
        sqlite3_result_error_nomem(call);
        return;
    }
    got = ZSTD_decompress_usingDDict(coder->unpacker, out, (size_t)size,
                                     packed, len, unpacking);
    if (ZSTD_isError(got) || got != (size_t)size) {
        sqlite3_free(out);
        return;
    }
    sqlite3_result_text64(call, out, got, sqlite3_free, SQLITE_UTF8);
}

static void text(sqlite3_context *call, int count, sqlite3_value **values)
{
    (void)count;
    if (sqlite3_value_type(values[0]) != SQLITE_INTEGER)
        return;
    switch (sqlite3_value_int(values[0])) {
    case ENCODING_TEXT:
        sqlite3_result_value(call, values[2]);
        break;
    case ENCODING_PACKED:
        if (sqlite3_value_type(values[2]) == SQLITE_BLOB)
            unpack(call, sqlite3_value_blob(values[2]),
                   (size_t)sqlite3_value_bytes(values[2]),
                   sqlite3_value_int64(values[1]));
        break;
    default:
        break;
    }
}

static bool add(sqlite3 *db, const char *name, int count, struct coder *coder,
                void (*call)(sqlite3_context *, int, sqlite3_value **),
                struct err *err)
{
    coder->users++;
    return sqlite3_create_function_v2(db, name, count,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                      coder, call, NULL, NULL,
                                      drop_coder) == SQLITE_OK ||
           err_set(err, "cannot pack bodies: %s", sqlite3_errmsg(db));
}

bool body_register(sqlite3 *db, struct err *err)
{
    struct coder *coder = xcalloc(1, sizeof *coder);

    pthread_once(&once, digest);
    coder->packer = ZSTD_createCCtx();
    coder->unpacker = ZSTD_createDCtx();
    return add(db, "body_text", 3, coder, text, err) &&
           add(db, "body_pack", 1, coder, pack, err);
}
