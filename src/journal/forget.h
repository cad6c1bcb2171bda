/* Forgetting somebody: every table, then the bytes in the file. */
#ifndef TELLTALE_FORGET_H
#define TELLTALE_FORGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/journal.h"
#include "journal/whom.h"

enum forget_kind {
    FORGET_EMAIL = WHOM_EMAIL,     /* and the ids that are theirs alone */
    FORGET_PERSON = WHOM_PERSON,   /* a distinct id */
    FORGET_ACCOUNT = WHOM_ACCOUNT, /* an organisation id */
};
/* As the list of the forgotten calls it (forgotten.h). */
const char *forget_called(enum forget_kind kind);

struct forget_result {
    uint64_t events;     /* deleted */
    uint64_t mentions;   /* blotted out in what others did */
    uint64_t messages;   /* deleted, or blotted, before they were sent on */
    uint64_t rejects;    /* refused bodies deleted */
    uint64_t views;      /* saved views deleted, in the file beside it */
    uint64_t unsearched; /* names beyond LIMIT_TRACES: where others wrote one
                            of these, and no other, it stays */
    uint64_t done, of;   /* seqs gone through, seqs to go through */
    bool unreadable;     /* false: somebody reads the log just now; the bytes
                          go with the next checkpoint */
};
typedef void forget_done(void *ctx, bool ok,
                         const struct forget_result *result,
                         const struct err *err);

/* What goes, while it goes. */
struct forget_goes {
    const struct whom *whom; /* whom the journal knows by that name */
    int64_t at;              /* what happened until then */
    uint64_t noted; /* or came here up to this seq: before it was asked */
};
bool forget_takes(const struct forget_goes *goes, const struct event *event);

/* What is told meanwhile, on the loop's thread. */
struct forget_ops {
    /* Once that is known; lives until done returns. The file of saved views is
     * without them already. */
    void (*known)(void *ctx, const struct forget_goes *goes);
    void (*progress)(void *ctx, const struct forget_result *result);
    forget_done *done;
    /* Of who was forgotten elsewhere: what happened after at stays, with what
     * was counted, concluded and written of it, though it came here before
     * this was asked. */
    bool only_before;
};

/* Deletes in slices, so that events are taken in meanwhile, and remembers a
 * salted hash: nothing that happened before at comes back. What was sent on
 * already cannot be taken back. done is called once, unless the journal is
 * closed before; then it must be asked again. ops is copied; known and
 * progress may be NULL. One at a time. */
void journal_forget_by(struct journal *journal, enum forget_kind kind,
                       const char *text, int64_t at,
                       const struct forget_ops *ops, void *ctx);
/* The same with nothing told but the end. */
void journal_forget(struct journal *journal, enum forget_kind kind,
                    const char *text, int64_t at, forget_done *done,
                    void *ctx);

/* How it is lent: what whoever goes by that name did until `at` (wall ms) is
 * to be forgotten. over is called once and later, unless the journal is closed
 * before. False: not now, try again. */
typedef void forget_over(void *ctx, bool ok);
typedef bool forget_asked(void *ctx, enum forget_kind kind, const char *text,
                          int64_t at, forget_over *over, void *over_ctx);

#endif
