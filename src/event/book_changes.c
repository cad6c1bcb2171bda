/* Accounts are the same when their ids are; the rest of a row may change. */
#include "event/book_changes.h"

#include <string.h>

#include "base/banned.h"

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* NULL: they are described alike. */
static const char *difference(const struct account *before,
                              const struct account *after)
{
    if (!same(before->name, after->name))
        return "another name";
    if (!same(before->owner, after->owner))
        return "another owner";
    if (!same(before->segment, after->segment))
        return "another segment";
    if (!same(before->arr, after->arr))
        return "another ARR";
    return same(before->domains, after->domains) ? NULL : "other domains";
}

static void ignore(void *ctx, enum book_change change,
                   const struct account *account, const char *what)
{
    (void)ctx;
    (void)change;
    (void)account;
    (void)what;
}

struct book_changes
book_compare(const struct book *before, const struct book *after,
             void (*each)(void *ctx, enum book_change change,
                          const struct account *account, const char *what),
             void *ctx)
{
    struct book_changes changes = {0};

    if (!each)
        each = ignore;
    for (size_t i = 0; i < book_count(after); i++) {
        const struct account *account = book_at(after, i);
        const struct account *old =
            before ? book_find(before, account->id) : NULL;
        const char *what = old ? difference(old, account) : NULL;

        if (!old) {
            changes.came++;
            each(ctx, BOOK_CAME, account, "");
        } else if (what) {
            changes.other++;
            each(ctx, BOOK_OTHER, account, what);
        }
    }
    for (size_t i = 0; i < book_count(before); i++)
        if (!after || !book_find(after, book_at(before, i)->id)) {
            changes.went++;
            each(ctx, BOOK_WENT, book_at(before, i), "");
        }
    return changes;
}

bool book_changes_any(const struct book_changes *changes)
{
    return changes->came || changes->went || changes->other;
}
