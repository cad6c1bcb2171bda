/* Clearing the dictionaries: names, texts and persons that no event uses any
 * more. Events are gone through slice by slice, then each dictionary is; what
 * is appended meanwhile is seen before anything is deleted. On the writer's
 * thread. */
#ifndef TELLTALE_SWEEP_H
#define TELLTALE_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"
#include "journal/id_set.h"

/* SQL: the key of a row whose name has gone; another one where somebody goes
 * by just that. A person's is one of their account alone: so says the index
 * that finds it. */
#define PRUNED_NAME(table, among)                                             \
    "'pruned ' || id || CASE WHEN EXISTS (SELECT 1 FROM " table               \
    " o WHERE " among "o.key = 'pruned ' || " table                           \
    ".id) THEN ' ' || hex(randomblob(8)) ELSE '' END"
#define PRUNED_PERSON                                                         \
    PRUNED_NAME("persons", "o.account = persons.account AND ")
#define PRUNED_ACCOUNT PRUNED_NAME("accounts", "")
#define PRUNED_NOT_YET                                                        \
    "key <> 'pruned ' || id AND key NOT GLOB 'pruned ' || id || ' *'"

/* Zero-initialised, or "{.persons = …}". One at a time: journal_prune() and
 * journal_forget() wait for nobody, so each begins with its own tables. */
struct sweep {
    const char *tables;           /* a word of its own: "prune", "forget" */
    const struct id_set *persons; /* that go whole; NULL: only their names,
                                     since days were counted by them */
    const char *account; /* an organisation id that goes whole, or NULL */
    int stage;
    int64_t seq;   /* events seen up to here */
    int64_t row;   /* and of the dictionary, rows looked at */
    uint64_t rows; /* deleted or cleared */
};

/* Does one slice, inside the transaction that is open; *more says whether
 * there is another. */
bool sweep_slice(struct sweep *sweep, sqlite3 *db, bool *more,
                 struct err *err);

#endif
