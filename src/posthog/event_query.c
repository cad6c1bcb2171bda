/* The query for events of the past. Pages go by key (time, uuid): PostHog
 * refuses OFFSET, and a key does not slip when events come in between. Times
 * are compared as milliseconds and uuids as text, so that their order does
 * not hang on a time zone or on how a column is stored. */
#include "posthog/event_query.h"

#include <string.h>

#include "base/clock.h"
#include "posthog/names.h"

#include "base/banned.h"

#define MAX_ID 128
#define MAX_NAME 200

#define COLUMNS                                                               \
    "SELECT toString(uuid) AS " ROW_UUID ", event AS " ROW_NAME               \
    ", toUnixTimestamp64Milli(timestamp) AS " ROW_MS                          \
    ", distinct_id AS " ROW_DISTINCT_ID ", properties AS " ROW_PROPERTIES     \
    ", toString(person_id) AS " ROW_PERSON                                    \
    ", person.properties AS " ROW_PERSON_PROPERTIES " FROM events WHERE "

/* Organisation ids are UUIDs, or short words in other projects. */
static bool is_plain_id(const char *id)
{
    size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-_.:@");

    return len && len <= MAX_ID && !id[len];
}

/* Nothing that ends a HogQL text or means something inside of one. */
static bool is_plain_name(const char *name)
{
    size_t len = strlen(name);

    if (!len || len > MAX_NAME)
        return false;
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == 0x7f ||
            strchr("'\"`\\%{}", *name))
            return false;
    return true;
}

/* ---- accounts ---- */

/* Appends 'a','b',… */
static void put_accounts(struct event_query *query, const struct book *book)
{
    for (size_t i = 0; i < book_count(book); i++) {
        const char *id = book_at(book, i)->id;

        if (!is_plain_id(id)) {
            query->left_out++;
            continue;
        }
        buf_addf(&query->where, "%s'%s'", query->accounts ? "," : "", id);
        query->accounts++;
    }
}

/* Some carry neither a group nor a person: there, the project's number
 * counts. */
static void put_teams(struct event_query *query, const struct teams *teams)
{
    if (!teams_count(teams))
        return;
    buf_adds(&query->where, " OR (event IN (");
    for (size_t i = 0; names_without_account[i]; i++)
        buf_addf(&query->where, "%s'%s'", i ? "," : "",
                 names_without_account[i]);
    buf_adds(&query->where, ") AND toString(properties.team_id) IN (");
    for (size_t i = 0; i < teams_count(teams); i++)
        buf_addf(&query->where, "%s'%lld'", i ? "," : "",
                 (long long)teams_at(teams, i).id);
    buf_adds(&query->where, "))");
}

/* Docs pages and a few others carry no organisation: there, the person's
 * counts. */
static void put_who(struct event_query *query, const struct decoder *decoder,
                    int group_index)
{
    buf_addf(&query->where,
             "(lower(ifNull(nullIf(toString(properties.`$group_%d`), ''), "
             "toString(person.properties.organization_id))) IN (",
             group_index);
    put_accounts(query, decoder->book);
    buf_addc(&query->where, ')');
    put_teams(query, decoder->teams);
    buf_addc(&query->where, ')');
}

/* ---- names ---- */

static bool is_plain_property(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789_$",
                    name[i]))
            return false;
    return len > 0;
}

/* The '*' of the catalogue; what else ILIKE takes for a sign only makes it
 * match more. */
static void put_pattern(struct buf *out, const char *value)
{
    for (; *value; value++)
        buf_addc(out, *value == '*' ? '%' : *value);
}

/* " AND …" for "property = value" and "property ~ value". */
static bool put_condition(struct buf *out, const char *condition)
{
    size_t sign = strcspn(condition, "=~");
    size_t len = sign;
    const char *value = condition + sign;

    while (len && condition[len - 1] == ' ')
        len--;
    if (!*value || !is_plain_property(condition, len))
        return false;
    value += 1 + strspn(value + 1, " ");
    if (!is_plain_name(value))
        return false;
    buf_addf(out, " AND toString(properties.`%.*s`) ILIKE '%s", (int)len,
             condition, condition[sign] == '~' ? "%" : "");
    put_pattern(out, value);
    buf_addf(out, "%s'", condition[sign] == '~' ? "%" : "");
    return true;
}

static void put_name(struct event_query *query, const char *name,
                     const char *condition)
{
    struct buf *out = &query->where;
    size_t before = out->len;

    if (!is_plain_name(name)) {
        query->left_out++;
        return;
    }
    buf_adds(out, query->names ? " OR (" : "(");
    buf_addf(out, "event = '%s'", name);
    if (condition && !put_condition(out, condition)) {
        buf_truncate(out, before);
        query->left_out++;
        return;
    }
    buf_addc(out, ')');
    query->names++;
}

/* Rows of category other say things better, they do not ask for more. */
static void visit(void *ctx, const struct catalog_row *row, const char *name)
{
    if (row->category != CATEGORY_OTHER)
        put_name(ctx, name, row->condition);
}

static void visit_vague(void *ctx, const struct catalog_row *row,
                        const char *name)
{
    struct event_query *query = ctx;

    (void)name;
    query->left_out += row->category != CATEGORY_OTHER;
}

bool event_query_open(struct event_query *query, const struct decoder *decoder,
                      int group_index, struct err *err)
{
    memset(query, 0, sizeof *query);
    buf_init(&query->where, EVENT_QUERY_MAX);
    buf_addc(&query->where, '(');
    names_visit(decoder->catalog, visit, query);
    names_visit_vague(decoder->catalog, visit_vague, query);
    buf_adds(&query->where, ") AND ");
    put_who(query, decoder, group_index);
    if (buf_ok(&query->where) && query->accounts && query->names)
        return true;
    if (!buf_ok(&query->where))
        err_set(err, "the book is too large for one query: %zu accounts",
                book_count(decoder->book));
    else if (!query->accounts)
        err_set(err, "there is no account in the book: see telltale "
                     "accounts check");
    else
        err_set(err, "no event has a name and a category");
    event_query_close(query);
    return false;
}

void event_query_close(struct event_query *query)
{
    buf_free(&query->where);
}

/* Without the bodies: PostHog looks at two columns. */
void event_query_first(const struct event_query *query, int64_t since_ms,
                       int64_t until_ms, struct buf *sql)
{
    char from[CLOCK_ISO_SIZE], until[CLOCK_ISO_SIZE];

    clock_format_iso(since_ms, from);
    clock_format_iso(until_ms, until);
    buf_addf(sql,
             "SELECT count() AS events, toUnixTimestamp64Milli("
             "min(timestamp)) AS first_ms FROM events WHERE timestamp >= "
             "toDateTime('%s') AND timestamp < toDateTime('%s') AND ",
             from, until);
    buf_add(sql, query->where.data, query->where.len);
    buf_adds(sql, " LIMIT 1");
}

void event_query_page(const struct event_query *query,
                      const struct row_place *after, int64_t until_ms,
                      struct buf *sql)
{
    char from[CLOCK_ISO_SIZE], until[CLOCK_ISO_SIZE];
    long long ms = (long long)after->ms;

    clock_format_iso(after->ms, from);
    clock_format_iso(until_ms, until);
    buf_addf(sql,
             COLUMNS "timestamp >= toDateTime('%s') AND timestamp < "
                     "toDateTime('%s') AND ",
             from, until);
    if (*after->uuid)
        buf_addf(sql,
                 "(" ROW_MS " > %lld OR (" ROW_MS " = %lld AND " ROW_UUID
                 " > '%s')) AND ",
                 ms, ms, after->uuid);
    buf_add(sql, query->where.data, query->where.len);
    buf_adds(sql, " ORDER BY " ROW_MS ", " ROW_UUID);
}
