/* Forgetting somebody: every table, then the bytes in the file. */
#ifndef TELLTALE_FORGET_H
#define TELLTALE_FORGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"

enum forget_kind {
    FORGET_EMAIL,   /* and what that person did under the same distinct ids */
    FORGET_PERSON,  /* a distinct id */
    FORGET_ACCOUNT, /* an organisation id */
};

struct forget_result {
    uint64_t events;   /* deleted */
    uint64_t mentions; /* blotted out in what others did */
    uint64_t messages; /* deleted before they were sent on */
    uint64_t rejects;  /* refused bodies deleted */
    bool unreadable;   /* false: somebody reads the log just now; the bytes
                          go with the next checkpoint */
};
typedef void forget_done(void *ctx, bool ok,
                         const struct forget_result *result,
                         const struct err *err);

/* Deletes in slices, so that events are taken in meanwhile, and remembers a
 * salted hash: nothing that happened before at comes back. What was sent on
 * already cannot be taken back. done is called on the loop's thread, unless
 * the journal is closed before; then it must be asked again. */
void journal_forget(struct journal *journal, enum forget_kind kind,
                    const char *text, int64_t at, forget_done *done,
                    void *ctx);

#endif
