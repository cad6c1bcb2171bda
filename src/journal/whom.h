/* Whom a journal knows by an address, a distinct id or an organisation id:
 * what forgetting takes, and not more. Identity is what was asked for. An
 * address takes a distinct id along where no other address ever came with it,
 * an id an address where both came with nothing else; a server's id, or a
 * shared mailbox, makes nobody out of many. */
#ifndef TELLTALE_WHOM_H
#define TELLTALE_WHOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/event.h"
#include "journal/id_set.h"

enum whom_kind {
    WHOM_EMAIL,   /* and the ids that are theirs alone */
    WHOM_PERSON,  /* a distinct id */
    WHOM_ACCOUNT, /* an organisation id */
};

struct whom;

/* Reads all identities: for a reader. NULL with err. Nobody is known by that
 * text: whom_identities() is empty. */
struct whom *whom_find(sqlite3 *db, enum whom_kind kind, const char *text,
                       struct err *err);
void whom_free(struct whom *whom); /* NULL is allowed */

enum whom_kind whom_kind(const struct whom *whom);
const char *whom_text(const struct whom *whom);
/* Of identities.id; of persons.id that have no other, also as a JSON array,
 * which SQL can go through. */
const struct id_set *whom_identities(const struct whom *whom);
const struct id_set *whom_person_ids(const struct whom *whom);
const char *whom_persons(const struct whom *whom);
/* Is it of them? Knows what forgotten.h will be told. */
bool whom_has(const struct whom *whom, const struct event *event);

/* The names they go by. */
enum whom_name {
    WHOM_NAME_EMAIL,  /* an address */
    WHOM_NAME_ID,     /* a distinct id that is theirs alone */
    WHOM_NAME_SHARED, /* one that is not: only preview */
    WHOM_NAME_OTHER,  /* an address besides theirs that goes all the same,
                         since the id was asked for */
    WHOM_NAME_FULL,   /* what nobody else is called */
};
size_t whom_names(const struct whom *whom);
const char *whom_name(const struct whom *whom, size_t index,
                      enum whom_name *kind);

/* How much there is of them; reads all events: for a reader. */
struct whom_events {
    uint64_t count;
    int64_t first_ms, last_ms; /* received; 0: none */
    uint64_t people;           /* distinct, by id or else by address */
    uint64_t nameless;         /* events of ids that others use, too, in which
                                  no address says whose they are: they stay */
};
bool whom_count(const struct whom *whom, sqlite3 *db, struct whom_events *out,
                struct err *err);

#endif
