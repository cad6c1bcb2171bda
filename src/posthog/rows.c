/* Rows of a query → bodies of PostHog's default shape. Values are copied as
 * the ranges they are, so that numbers stay as PostHog wrote them. It asks
 * nobody and decodes nothing: what a body means is event/decode's affair. */
#include "posthog/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "event/slice.h"
#include "event/url.h"

#include "base/banned.h"

enum column {
    UUID,
    NAME,
    MS,
    DISTINCT_ID,
    PROPERTIES,
    PERSON,
    PERSON_PROPERTIES,
    COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
    [UUID] = ROW_UUID,
    [NAME] = ROW_NAME,
    [MS] = ROW_MS,
    [DISTINCT_ID] = ROW_DISTINCT_ID,
    [PROPERTIES] = ROW_PROPERTIES,
    [PERSON] = ROW_PERSON,
    [PERSON_PROPERTIES] = ROW_PERSON_PROPERTIES,
};

struct rows {
    const char *project_url;
    size_t places[COLUMN_COUNT]; /* which value of a row it is */
};

/* ---- bodies ---- */

void row_bodies_init(struct row_bodies *bodies, size_t max)
{
    *bodies = (struct row_bodies){.count = 0};
    buf_init(&bodies->text, max);
}

void row_bodies_free(struct row_bodies *bodies)
{
    buf_free(&bodies->text);
    free(bodies->ends);
    bodies->ends = NULL;
    bodies->count = bodies->room = bodies->rows = 0;
}

static size_t start_of(const struct row_bodies *bodies, size_t which)
{
    return which ? bodies->ends[which - 1] : 0;
}

const char *row_body(const struct row_bodies *bodies, size_t which,
                     size_t *len)
{
    size_t start = start_of(bodies, which);

    *len = bodies->ends[which] - start;
    return bodies->text.data + start;
}

static void end_body(struct row_bodies *bodies)
{
    if (!bodies->rows)
        return;
    buf_addc(&bodies->text, ']');
    if (bodies->count == bodies->room) {
        bodies->room = bodies->room * 2 + 16;
        bodies->ends =
            xreallocarray(bodies->ends, bodies->room, sizeof *bodies->ends);
    }
    bodies->ends[bodies->count++] = bodies->text.len;
    bodies->rows = 0;
}

static bool has_room(const struct row_bodies *bodies, size_t len)
{
    return bodies->rows < ROW_BODY_ROWS &&
           bodies->text.len - start_of(bodies, bodies->count) + len <
               ROW_BODY_BYTES;
}

static void put_in_body(struct row_bodies *bodies, const char *row, size_t len)
{
    if (!has_room(bodies, len))
        end_body(bodies);
    buf_addc(&bodies->text, bodies->rows++ ? ',' : '[');
    buf_add(&bodies->text, row, len);
}

/* ---- the answer ---- */

/* A string's text in full; false for anything that is none. */
static bool text_of(struct slice value, struct buf *out)
{
    buf_clear(out);
    return slice_kind(value) == '"' && slice_string(value, out) && buf_ok(out);
}

/* True unless the answer says that the query failed. */
static bool went_well(struct slice answer, struct err *err)
{
    struct slice why;
    struct buf text;
    bool failed;

    if (!slice_path(answer, "error", &why) || slice_kind(why) == 'n' ||
        slice_kind(why) == 'f')
        return true;
    buf_init(&text, 400);
    failed = text_of(why, &text) && text.len;
    err_set(err, "PostHog could not run the query: %s",
            failed ? text.data : "it does not say why");
    buf_free(&text);
    return false;
}

/* The object that holds columns and results. */
static bool find_table(struct slice answer, struct slice *table,
                       struct err *err)
{
    struct slice status, results;

    *table = answer;
    if (slice_member(answer, "query_status", &status) &&
        slice_kind(status) == '{') {
        if (!went_well(status, err))
            return false;
        if (slice_member(status, "results", &results) &&
            slice_kind(results) == '{')
            *table = results;
    }
    return went_well(*table, err);
}

static bool read_columns(struct rows *rows, struct slice table,
                         struct err *err)
{
    struct slice columns, key, value;
    const char *cursor = NULL;
    bool found[COLUMN_COUNT] = {false};
    struct buf name;
    size_t place = 0;

    if (!slice_member(table, "columns", &columns) ||
        slice_kind(columns) != '[')
        return err_set(err, "PostHog's answer has no columns");
    buf_init(&name, LIMIT_TEXT);
    for (; slice_next(columns, &cursor, &key, &value); place++)
        for (int i = 0; text_of(value, &name) && i < COLUMN_COUNT; i++)
            if (!found[i] && !strcmp(name.data, column_names[i])) {
                found[i] = true;
                rows->places[i] = place;
            }
    buf_free(&name);
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (!found[i])
            return err_set(err, "PostHog's answer has no column %s",
                           column_names[i]);
    return true;
}

/* ---- one row ---- */

static bool read_uuid(struct slice value, char out[UUID_TEXT_SIZE])
{
    struct uuid uuid;

    if (slice_kind(value) != '"' || value.len < 2 ||
        !uuid_parse(value.at + 1, value.len - 2, &uuid))
        return false;
    uuid_format(&uuid, out);
    return true;
}

/* A whole number, bare or in quotes: some drivers write 64 bits as text. */
static bool read_ms(struct slice value, int64_t *out)
{
    char digits[24] = "";
    char *end;

    if (slice_kind(value) == '"' && value.len >= 2)
        value = (struct slice){value.at + 1, value.len - 2};
    if (!value.len || value.len >= sizeof digits)
        return false;
    memcpy(digits, value.at, value.len);
    *out = strtoll(digits, &end, 10);
    return !*end && *out >= 0;
}

/* The object at value, or in the text that it is; {} for all else. */
static void put_object(struct buf *out, struct slice value)
{
    struct buf text;

    buf_init(&text, value.len + 1);
    if (text_of(value, &text))
        value = slice_check(text.data, text.len, NULL)
                    ? slice_trim(text.data, text.len)
                    : (struct slice){"", 0};
    if (value.len && slice_kind(value) == '{')
        buf_add(out, value.at, value.len);
    else
        buf_adds(out, "{}");
    buf_free(&text);
}

static void put_string(struct buf *out, struct slice value)
{
    if (slice_kind(value) == '"')
        buf_add(out, value.at, value.len);
    else
        buf_adds(out, "null");
}

static void put_person(struct buf *out, const struct rows *rows,
                       const struct slice *values)
{
    struct buf id;

    buf_init(&id, LIMIT_TEXT);
    buf_adds(out, "\"person\":{\"id\":");
    put_string(out, values[PERSON]);
    buf_adds(out, ",\"properties\":");
    put_object(out, values[PERSON_PROPERTIES]);
    if (text_of(values[DISTINCT_ID], &id) && id.len) {
        buf_addf(out, ",\"url\":\"%s/person/", rows->project_url);
        url_escape(out, id.data);
        buf_addc(out, '"');
    }
    buf_addc(out, '}');
    buf_free(&id);
}

static void put_row(struct buf *out, const struct rows *rows,
                    const struct slice *values, const struct row_place *place)
{
    char time[CLOCK_ISO_SIZE];

    clock_format_iso(place->ms, time);
    buf_addf(out, "{\"event\":{\"uuid\":\"%s\",\"event\":", place->uuid);
    put_string(out, values[NAME]);
    buf_adds(out, ",\"distinct_id\":");
    put_string(out, values[DISTINCT_ID]);
    buf_adds(out, ",\"properties\":");
    put_object(out, values[PROPERTIES]);
    buf_addf(out, ",\"timestamp\":\"%s\",\"url\":\"%s/events/%s/", time,
             rows->project_url, place->uuid);
    url_escape(out, time);
    buf_adds(out, "\"},");
    put_person(out, rows, values);
    buf_addc(out, '}');
}

/* False for a row without what makes it an event. */
static bool read_row(const struct rows *rows, struct slice row,
                     struct slice values[COLUMN_COUNT],
                     struct row_place *place)
{
    const char *cursor = NULL;
    struct slice key, value;
    size_t found = 0;

    for (size_t at = 0; slice_next(row, &cursor, &key, &value); at++)
        for (int i = 0; i < COLUMN_COUNT; i++)
            if (rows->places[i] == at) {
                values[i] = value;
                found++;
            }
    return found == COLUMN_COUNT && read_uuid(values[UUID], place->uuid) &&
           read_ms(values[MS], &place->ms) && slice_kind(values[NAME]) == '"';
}

/* Properties so deep that the whole would not be read are left out. */
static void add_row(struct row_bodies *bodies, const struct rows *rows,
                    struct slice values[COLUMN_COUNT],
                    const struct row_place *place)
{
    static const struct slice none = {"{}", 2};
    struct buf one;

    buf_init(&one, bodies->text.max);
    buf_addc(&one, '[');
    put_row(&one, rows, values, place);
    buf_addc(&one, ']');
    if (!slice_check(one.data, one.len, NULL)) {
        values[PROPERTIES] = values[PERSON_PROPERTIES] = none;
        buf_truncate(&one, 1);
        put_row(&one, rows, values, place);
        buf_addc(&one, ']');
    }
    put_in_body(bodies, one.data + 1, one.len - 2);
    if (!buf_ok(&one))
        bodies->text.overflow = true;
    buf_free(&one);
}

bool rows_to_bodies(const char *answer, size_t len, const char *project_url,
                    struct row_bodies *bodies, struct row_page *page,
                    struct err *err)
{
    struct rows rows = {.project_url = project_url};
    struct slice whole, table, results, key, row;
    struct slice values[COLUMN_COUNT];
    const char *cursor = NULL;

    page->rows = page->skipped = 0;
    if (!slice_check(answer, len, err))
        return false;
    whole = slice_trim(answer, len);
    if (!find_table(whole, &table, err) || !read_columns(&rows, table, err))
        return false;
    if (!slice_member(table, "results", &results) ||
        slice_kind(results) != '[')
        return err_set(err, "PostHog's answer has no results");
    while (slice_next(results, &cursor, &key, &row)) {
        struct row_place place;

        page->rows++;
        if (slice_kind(row) == '[' && read_row(&rows, row, values, &place)) {
            add_row(bodies, &rows, values, &place);
            page->last = place;
        } else {
            page->skipped++;
        }
    }
    end_body(bodies);
    return buf_ok(&bodies->text) ||
           err_set(err, "PostHog's answer is too large to be read");
}
