/* What the query API answered, as bodies such as a webhook of PostHog's
 * default payload brings: from there on an event of the past is decoded,
 * redacted and worded like one that arrived by itself. */
#ifndef TELLTALE_ROWS_H
#define TELLTALE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

/* The columns that rows_to_body() reads, by name and in any order;
 * event_query.c asks for them. */
#define ROW_UUID "event_uuid"
#define ROW_NAME "event_name"
#define ROW_MS "event_ms" /* whole milliseconds since 1970 */
#define ROW_DISTINCT_ID "event_distinct_id"
#define ROW_PROPERTIES "event_properties" /* an object, or JSON in a text */
#define ROW_PERSON "event_person"         /* the person's id */
#define ROW_PERSON_PROPERTIES "event_person_properties"

/* A place in the order of pages: by time, then by uuid. */
struct row_place {
    int64_t ms;
    char uuid[UUID_TEXT_SIZE]; /* lower case; "": before all of that time */
};

struct row_page {
    size_t rows;           /* in the answer */
    size_t skipped;        /* of those: no uuid, name or time */
    struct row_place last; /* the last good row's; as it was when none */
};

/* Appends a JSON list with one object a row to body. project_url is
 * "https://us.posthog.com/project/2". answer is the JSON of a finished
 * query, as answered at once or inside a query_status. False with err: not
 * JSON, an error of PostHog's, a column missing, or too large for body. */
bool rows_to_body(const char *answer, size_t len, const char *project_url,
                  struct buf *body, struct row_page *page, struct err *err);

#endif
