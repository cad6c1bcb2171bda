/* The journal's dictionaries, as the writer uses them: a text, a journal, an
 * identity becomes the id of its row, which is made when it is new. Lives on
 * the writer's thread, inside its transaction. */
#ifndef TELLTALE_DICT_H
#define TELLTALE_DICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"

struct sqlite3;
struct dict;

struct dict *dict_new(struct sqlite3 *db, struct err *err);
void dict_free(struct dict *dict); /* NULL is allowed */
/* Forgets cached ids: rows may have gone (rollback, deletes). */
void dict_forget(struct dict *dict);

/* *id is 0 for NULL. */
bool dict_text(struct dict *dict, const char *text, int64_t *id,
               struct err *err);
bool dict_origin(struct dict *dict, const struct uuid *journal, int64_t *id,
                 struct err *err);

struct identity {
    int64_t id;
    int64_t account, person; /* 0: none */
};
bool dict_identity(struct dict *dict, const struct event *event,
                   struct identity *out, struct err *err);

#endif
