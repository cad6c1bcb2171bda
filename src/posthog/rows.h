/* What the query API answered, as bodies such as a webhook of PostHog's
 * default payload brings: from there on an event of the past is decoded,
 * redacted and worded like one that arrived by itself. A page is several
 * bodies, each small enough to be decoded, and kept, in one go. */
#ifndef TELLTALE_POSTHOG_ROWS_H
#define TELLTALE_POSTHOG_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

/* The columns that rows_to_bodies() reads, by name and in any order;
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

/* JSON lists with one object a row, one behind the other. Its fields are its
 * own. */
struct row_bodies {
    struct buf text;
    size_t *ends; /* of each, in text */
    size_t count, room;
    size_t rows; /* of the one that is being put together; 0: none is */
};

/* The size that a body does not grow beyond once it has a row, and the rows
 * that it has at most. */
#define ROW_BODY_BYTES ((size_t)64 * 1024)
#define ROW_BODY_ROWS 64

/* max is the most bytes of all of them. Allocates nothing yet. */
void row_bodies_init(struct row_bodies *bodies, size_t max);
void row_bodies_free(struct row_bodies *bodies);
/* One of them, by its place below count; valid until they are freed. */
const char *row_body(const struct row_bodies *bodies, size_t which,
                     size_t *len);

/* Appends the rows to bodies. project_url is
 * "https://us.posthog.com/project/2". answer is the JSON of a finished
 * query, as answered at once or inside a query_status. False with err: not
 * JSON, an error of PostHog's, a column missing, or too large for bodies. */
bool rows_to_bodies(const char *answer, size_t len, const char *project_url,
                    struct row_bodies *bodies, struct row_page *page,
                    struct err *err);

#endif
