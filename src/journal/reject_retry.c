/* A page of bodies from the reader's thread, decoded on the loop's, appended,
 * deleted in a job behind that; then the next page. */
#include "journal/reject_retry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "journal/db.h"

#include "base/banned.h"

#define PAGE_ROWS 1 /* of 64 KiB at most: decoded in one turn of the loop */

struct body {
    int64_t id, at;
    char *text;
    size_t len;
    char *content_type, *webhook_id; /* or NULL */
    bool taken;                      /* its events are committed */
};

struct reject_retry {
    struct journal *journal;
    const struct decoder *decoder;
    struct reject_retry_ops ops;
    void *ctx;
    bool runs, failed;
    int64_t after; /* the last id that was tried */
    struct body page[PAGE_ROWS];
    size_t count, waiting; /* in the page; of those, to be committed */
    struct reject_retry_result result;
};

static void clear_page(struct reject_retry *retry)
{
    for (size_t i = 0; i < retry->count; i++) {
        free(retry->page[i].text);
        free(retry->page[i].content_type);
        free(retry->page[i].webhook_id);
    }
    retry->count = 0;
}

static void finish(struct reject_retry *retry, bool ok, const struct err *err)
{
    clear_page(retry);
    retry->runs = false;
    retry->ops.on_done(retry->ctx, ok, &retry->result, err);
}

/* ---- a page of them ---- */

static char *copy_column(sqlite3_stmt *rows, int column)
{
    const char *text = (const char *)sqlite3_column_text(rows, column);

    return text ? xstrdup(text) : NULL;
}

static void take_row(struct reject_retry *retry, sqlite3_stmt *rows)
{
    struct body *body = &retry->page[retry->count++];
    const char *text = sqlite3_column_blob(rows, 2);

    body->id = sqlite3_column_int64(rows, 0);
    body->at = sqlite3_column_int64(rows, 1);
    body->len = (size_t)sqlite3_column_bytes(rows, 2);
    body->text = xstrndup(text ? text : "", body->len);
    body->content_type = copy_column(rows, 3);
    body->webhook_id = copy_column(rows, 4);
    body->taken = false;
}

/* On the reader's thread. Of a body that was too long only the beginning is
 * kept, of a request without one nothing. */
static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    static const char sql[] =
        "SELECT id, at, body, content_type, webhook_id FROM rejects LEFT JOIN "
        "reject_headers ON reject = id WHERE id > ?1 AND status = 400 AND "
        "size > 0 AND length(body) = size ORDER BY id LIMIT ?2";
    struct reject_retry *retry = ctx;
    sqlite3_stmt *rows = db_prepare(reader_db(reader), sql, false, err);
    int result;

    if (!rows)
        return READER_FAILED;
    sqlite3_bind_int64(rows, 1, retry->after);
    sqlite3_bind_int(rows, 2, PAGE_ROWS);
    while ((result = sqlite3_step(rows)) == SQLITE_ROW)
        take_row(retry, rows);
    if (result != SQLITE_DONE)
        db_fail(reader_db(reader), err, "the journal");
    sqlite3_finalize(rows);
    return result == SQLITE_DONE ? READER_DONE : READER_FAILED;
}

static void on_page(void *ctx, bool ok, const struct err *err);

static void next_page(struct reject_retry *retry)
{
    clear_page(retry);
    journal_read(retry->journal, read_page, on_page, retry);
}

/* ---- off the list ---- */

static bool delete_taken(void *ctx, sqlite3 *db, struct err *err)
{
    struct reject_retry *retry = ctx;
    sqlite3_stmt *delete =
        db_prepare(db, "DELETE FROM rejects WHERE id = ?1 AND at = ?2", false,
                   err);
    bool ok = delete != NULL;

    for (size_t i = 0; ok && i < retry->count; i++) {
        if (!retry->page[i].taken)
            continue;
        sqlite3_bind_int64(delete, 1, retry->page[i].id);
        sqlite3_bind_int64(delete, 2, retry->page[i].at);
        ok = db_run(delete, err);
    }
    sqlite3_finalize(delete);
    return ok;
}

static void on_deleted(void *ctx, bool ok, const struct err *err)
{
    struct reject_retry *retry = ctx;

    if (ok && !retry->failed)
        next_page(retry);
    else if (ok)
        finish(retry, false,
               &(struct err){"the journal cannot be written: try again"});
    else
        finish(retry, false, err);
}

/* ---- decoding ---- */

static void on_committed(void *ctx, uint64_t token,
                         struct append_result *result)
{
    struct reject_retry *retry = ctx;

    retry->failed = retry->failed || !result->ok;
    if (result->ok) {
        retry->page[token].taken = true;
        retry->result.decoded++;
        retry->result.events += result->fresh;
        retry->ops.on_kept(retry->ctx, result->batch);
    }
    event_batch_free(result->batch);
    if (!--retry->waiting)
        journal_write(retry->journal, delete_taken, on_deleted, retry);
}

/* As it would have been when it came. What has no key of its own gets that of
 * its row, so that it is taken once however often it is decoded. */
static void decode(struct reject_retry *retry, size_t index)
{
    const struct body *body = &retry->page[index];
    struct event_batch *batch = event_batch_new();
    char key[64];
    struct arrival arrival = {.source = SOURCE_WEBHOOK,
                              .received_at = body->at,
                              .content_type = body->content_type,
                              .webhook_id =
                                  body->webhook_id ? body->webhook_id : key};
    struct decoded decoded = {0};
    struct err err = {""};

    snprintf(key, sizeof key, "reject/%" PRId64 "/%" PRId64, body->id,
             body->at);
    retry->result.tried++;
    if (!decode_body(retry->decoder, &arrival, body->text, body->len, batch,
                     &decoded, &err) ||
        !batch->count) {
        event_batch_free(batch);
        return;
    }
    retry->waiting++;
    journal_append(retry->journal, batch, on_committed, retry, index);
}

static void on_page(void *ctx, bool ok, const struct err *err)
{
    struct reject_retry *retry = ctx;

    if (!ok || !retry->count) {
        finish(retry, ok, err);
        return;
    }
    retry->after = retry->page[retry->count - 1].id;
    for (size_t i = 0; i < retry->count; i++)
        decode(retry, i);
    if (!retry->waiting)
        next_page(retry);
}

/* ---- outside ---- */

struct reject_retry *reject_retry_new(struct journal *journal,
                                      const struct decoder *decoder,
                                      const struct reject_retry_ops *ops,
                                      void *ctx)
{
    struct reject_retry *retry = xcalloc(1, sizeof *retry);

    retry->journal = journal;
    retry->decoder = decoder;
    retry->ops = *ops;
    retry->ctx = ctx;
    return retry;
}

void reject_retry_free(struct reject_retry *retry)
{
    if (!retry)
        return;
    clear_page(retry);
    free(retry);
}

bool reject_retry_runs(const struct reject_retry *retry)
{
    return retry->runs;
}

bool reject_retry_begin(struct reject_retry *retry, struct err *err)
{
    if (retry->runs)
        return err_set(err, "they are being decoded already");
    retry->runs = true;
    retry->failed = false;
    retry->after = 0;
    retry->result = (struct reject_retry_result){0};
    next_page(retry);
    return true;
}
