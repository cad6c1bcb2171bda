/* The log of an open journal (SQLite's -wal), as its bytes stand in the file,
 * and what SQLite's index of it (-shm) says of them. Formats:
 * https://www.sqlite.org/walformat.html
 *
 * Reads by SQLite's own descriptors and mapping: a log that was removed is
 * read all the same, and none of its locks is dropped. */
#ifndef TELLTALE_WAL_H
#define TELLTALE_WAL_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#define WAL_SALT_SIZE 8

struct wal {
    sqlite3 *db; /* the caller's, and must outlive it */
    size_t page_size;
    unsigned char salt[WAL_SALT_SIZE]; /* of the log, when last it was right */
};

/* Every one of that many frames, by its sums: what a start after a crash
 * would believe. */
bool wal_is_whole(const struct wal *wal, size_t frames);
/* Its two ends only: its beginning, and that a commit ends there. */
bool wal_has_ends(struct wal *wal, size_t frames);
/* Other programs may have gone on with it, or have copied all of it into the
 * database and begun it anew: true when it is all that the index says, and
 * that is not less than the frames that were there. *frames becomes what is
 * there. */
bool wal_is_as_indexed(struct wal *wal, size_t *frames);

#endif
