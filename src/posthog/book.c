/* Accounts by HogQL: asks for page after page by key (PostHog refuses
 * OFFSET, and does not say whether there is more) of what book_find.c found,
 * and makes a CSV of what comes. Reading that CSV is event/accounts' affair,
 * as with any other. */
#include "posthog/book.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/limits.h"
#include "config/path.h"
#include "base/banned.h"

#define SQL_MAX (64 * KIB)
/* Of a page: few enough that PostHog gives all of them. */
#define PAGE_ROWS 1000

/* The rows whose key comes after the last one. */
static void page_sql(struct book_query *query)
{
    struct buf *out = &query->page;

    buf_clear(out);
    buf_addf(out, "SELECT * FROM (\n%s\n) WHERE toString(organization_id) > ",
             query->sql.data);
    posthog_quote(out, query->last);
    buf_addf(out, " ORDER BY toString(organization_id) LIMIT %d", PAGE_ROWS);
}

static void add_field(struct buf *csv, const char *text)
{
    if (!text[strcspn(text, ",;\t\"\r\n")] && *text != ' ') {
        buf_adds(csv, text);
        return;
    }
    buf_addc(csv, '"');
    for (; *text; text++)
        buf_adds(csv, *text == '"' ? "\"\"" : (char[]){*text, '\0'});
    buf_addc(csv, '"');
}

/* Numbers and truth as JSON writes them; null and nested values: nothing. */
static void add_value(struct buf *csv, const cJSON *value)
{
    if (cJSON_IsString(value))
        add_field(csv, value->valuestring);
    else if (cJSON_IsNumber(value))
        buf_addf(csv, "%.15g", value->valuedouble);
    else if (cJSON_IsBool(value))
        buf_adds(csv, cJSON_IsTrue(value) ? "true" : "false");
}

static void add_row(struct buf *csv, const cJSON *row)
{
    const cJSON *value;
    bool first = true;

    cJSON_ArrayForEach(value, row)
    {
        if (!first)
            buf_addc(csv, ',');
        add_value(csv, value);
        first = false;
    }
    buf_addc(csv, '\n');
}

static bool columns_fit(const cJSON *answer, int *key, struct err *err)
{
    *key = posthog_column(answer, "organization_id");
    if (*key < 0)
        return err_set(err, "accounts_sql gives no column organization_id: "
                            "name one with AS");
    if (posthog_column(answer, "organization_name") < 0)
        return err_set(err, "accounts_sql gives no column organization_name: "
                            "name one with AS");
    return true;
}

/* An id as toString() writes it: text, or a whole number. */
static bool read_key(const cJSON *value, char *out, size_t size)
{
    int len = -1;

    if (cJSON_IsString(value))
        len = snprintf(out, size, "%s", value->valuestring);
    else if (cJSON_IsNumber(value) && fabs(value->valuedouble) < 1e15)
        len = snprintf(out, size, "%.0f", value->valuedouble);
    return len > 0 && (size_t)len < size;
}

/* One page into csv. */
static bool add_page(struct book_query *query, const cJSON *answer,
                     struct err *err)
{
    const cJSON *results = cJSON_GetObjectItemCaseSensitive(answer, "results");
    const cJSON *row;
    char id[sizeof query->last] = "";
    int key;

    if (!columns_fit(answer, &key, err))
        return false;
    if (!query->csv.len)
        add_row(&query->csv,
                cJSON_GetObjectItemCaseSensitive(answer, "columns"));
    cJSON_ArrayForEach(row, results)
    {
        if (!read_key(cJSON_GetArrayItem(row, key), id, sizeof id))
            return err_set(err, "a row of accounts_sql has no "
                                "organization_id");
        add_row(&query->csv, row);
        query->rows++;
    }
    if (*id && strcmp(id, query->last) <= 0)
        return err_set(err, "PostHog repeats rows of accounts_sql: has it a "
                            "LIMIT or ORDER BY of its own?");
    if (*id)
        memcpy(query->last, id, sizeof id);
    return buf_ok(&query->csv) ||
           err_set(err, "more accounts than fit a file");
}

/* A page that is not full is the last: PostHog does not say hasMore of a
 * query with a LIMIT of its own. */
static bool is_full(const cJSON *answer)
{
    return cJSON_GetArraySize(
               cJSON_GetObjectItemCaseSensitive(answer, "results")) >=
           PAGE_ROWS;
}

/* True when the source is found; the rest is its pages. */
static bool find(struct book_query *query, struct question *question,
                 struct err *err)
{
    if (query->is_found)
        return true;
    if (query->finding.next(query->finding.ctx, question, err) || *err->text)
        return false;
    query->is_found = true;
    return book_source_fill(query->find.source->sql, &query->find.terms,
                            &query->sql, err);
}

static bool next(void *ctx, struct question *question, struct err *err)
{
    struct book_query *query = ctx;

    *question = (struct question){.sql = NULL};
    if (!find(query, question, err))
        return question->sql || question->method;
    if (query->over)
        return false;
    page_sql(query);
    *question = (struct question){.sql = query->page.data};
    return true;
}

static bool take(void *ctx, const cJSON *answer, struct err *err)
{
    struct book_query *query = ctx;

    if (!query->is_found)
        return query->finding.take(query->finding.ctx, answer, err);
    query->over = !is_full(answer);
    return add_page(query, answer, err);
}

static bool refused(void *ctx, struct err *why)
{
    struct book_query *query = ctx;

    return !query->is_found && query->finding.refused(query->finding.ctx, why);
}

bool book_query_open(struct book_query *query, const char *setting,
                     const char *email, const char *roles, struct err *err)
{
    *query = (struct book_query){.over = false};
    if (!book_find_open(&query->find, setting, email, roles, err))
        return false;
    query->finding = book_find_sequence(&query->find);
    buf_init(&query->sql, SQL_MAX);
    buf_init(&query->page, 2 * SQL_MAX);
    buf_init(&query->csv, LIMIT_CSV_FILE);
    return true;
}

void book_query_close(struct book_query *query)
{
    book_find_close(&query->find);
    buf_free(&query->sql);
    buf_free(&query->page);
    buf_free(&query->csv);
}

struct api_sequence book_query_sequence(struct book_query *query)
{
    return (struct api_sequence){.ctx = query,
                                 .next = next,
                                 .take = take,
                                 .refused = refused};
}

static bool keep_old(const char *path, struct err *err)
{
    struct buf old;
    size_t len;
    char *text;
    bool ok;

    if (access(path, F_OK))
        return path_make_parents(path, err);
    text = file_slurp(path, LIMIT_CSV_FILE, &len, err);
    if (!text)
        return false;
    buf_init(&old, 16 * KIB);
    buf_addf(&old, "%s.old", path);
    ok = config_write_file(old.data, text, len, err);
    buf_free(&old);
    free(text);
    return ok;
}

bool book_store(const char *path, const struct buf *csv, struct err *err)
{
    return keep_old(path, err) &&
           config_write_file(path, csv->data, csv->len, err);
}
