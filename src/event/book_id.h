/* Organisation ids as they stand in the cells of spreadsheets. Private to the
 * files of the book. */
#ifndef TELLTALE_BOOK_ID_H
#define TELLTALE_BOOK_ID_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/uuid.h"

/* What an id looks like; most of a book's look alike. */
enum book_id_form { BOOK_ID_OTHER, BOOK_ID_UUID, BOOK_ID_DIGITS };

/* Cleans a cell: blanks of every kind, quotes, braces and a leading "=" go,
 * letters become small, a UUID gets the dashes it lacks. *id is NULL or lives
 * in arena, and so does *written: the id in the letters of the cell, or *id.
 * NULL, or what is wrong, in words. */
const char *book_id_read(const char *cell, struct arena *arena,
                         const char **id, const char **written);
/* Writes the UUID that text is, whatever its case, dashes, blanks and braces;
 * false when it is none. */
bool book_id_to_uuid(const char *text, char out[UUID_TEXT_SIZE]);
enum book_id_form book_id_form(const char *id);
/* True if a cell holds a UUID, cleaned or not. */
bool book_id_is_uuid(const char *cell);

#endif
