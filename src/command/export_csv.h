/* Events as rows of a table that spreadsheets open (RFC 4180). */
#ifndef TELLTALE_EXPORT_CSV_H
#define TELLTALE_EXPORT_CSV_H

#include <stdbool.h>

#include "base/buf.h"
#include "event/event.h"

/* Both append one row with its CR LF. */
bool export_csv_header(struct buf *out);
bool export_csv_row(struct buf *out, const struct event *event,
                    const struct uuid *journal_id);
/* Appends one cell. A spreadsheet takes text that begins with = + - @, TAB,
 * CR or LF for a formula and would run it: such text gets an apostrophe in
 * front. NULL is an empty cell. */
bool export_csv_cell(struct buf *out, const char *text);

#endif
