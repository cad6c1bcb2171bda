/* A row of the table events, with all that it refers to, as a struct event:
 * what a query must select, and how it is read. Private to the journal. */
#ifndef TELLTALE_EVENT_ROW_H
#define TELLTALE_EVENT_ROW_H

#include <stddef.h>

#include <sqlite3.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "event/event.h"

/* "SELECT " ROW_COLUMNS "FROM events e " ROW_JOINS: without the body, or with
 * it by the other two. In the order of event_row_read(). */
#define ROW_COLUMNS ROW_LIGHT ", NULL, NULL, NULL "
#define ROW_COLUMNS_BODY                                                      \
    ROW_LIGHT                                                                 \
    ", b.props_at, b.props_len, body_text(b.encoding, b.size, b.raw) "
#define ROW_LIGHT                                                             \
    "e.seq, e.received_at, e.uuid, e.key, o.journal, e.origin_seq, "          \
    "e.occurred_at, n.text, e.category, e.tone, e.hidden, e.source, "         \
    "e.flags, i.account_key, i.account_name, i.listed, i.person_id, "         \
    "i.email, i.person_name, i.person_link, f.text, p.text, e.sentence, "     \
    "e.url, e.session, e.replay_link, e.event_link"
#define ROW_JOINS                                                             \
    "LEFT JOIN identities i ON i.id = e.who "                                 \
    "LEFT JOIN texts n ON n.id = e.name "                                     \
    "LEFT JOIN texts f ON f.id = e.fold "                                     \
    "LEFT JOIN texts p ON p.id = e.project "                                  \
    "LEFT JOIN origins o ON o.id = e.origin "
#define ROW_JOINS_BODY ROW_JOINS "LEFT JOIN bodies b ON b.seq = e.seq "

/* The columns by which a row has its place. */
enum { ROW_SEQ, ROW_RECEIVED_AT };

/* Reads the row on which the statement stands; text goes into arena. The
 * journal's id is the origin of what has no other. */
void event_row_read(sqlite3_stmt *statement, const struct uuid *journal_id,
                    struct arena *arena, struct event *event);
/* Puts count events, whose text is in its arena, behind those that the batch
 * holds. */
void event_rows_add(struct event_batch *batch, const struct event *rows,
                    size_t count);

#endif
