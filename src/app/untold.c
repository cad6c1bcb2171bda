/* Names the subject of each deed and writes its act. Telling it is
 * source/feed_tell.c. */
#include "app/untold.h"

#include "base/buf.h"
#include "base/limits.h"
#include "journal/acts.h"
#include "signal/table.h"

#include "base/banned.h"

/* Frees the subject. */
static bool keep(struct sqlite3 *db, struct buf *subject, const char *verb,
                 int64_t at, uint64_t event, bool *full, struct err *err)
{
    struct act_row row = {.subject = subject->data,
                          .verb = verb,
                          .who = "",
                          .at = at};
    bool ok = acts_keep(db, &row, event, full, err);

    buf_free(subject);
    return ok;
}

bool untold_signal(struct sqlite3 *db, const struct signal_change *change,
                   bool *full, struct err *err)
{
    struct buf subject;

    buf_init(&subject, 64);
    act_subject_signal(&subject, change->noted, change->id);
    return keep(db, &subject, signal_change_verb(change), change->at, 0, full,
                err);
}

bool untold_pin(struct sqlite3 *db, const struct pin_place *place,
                uint64_t seq, bool on, int64_t at, bool *full, struct err *err)
{
    struct buf subject;

    buf_init(&subject, 80);
    act_subject_pin(&subject, place);
    return keep(db, &subject, on ? "pin" : "unpin", at, seq, full, err);
}

bool untold_account(struct sqlite3 *db, const char *account, bool noted,
                    int64_t at, bool *full, struct err *err)
{
    struct buf subject;

    buf_init(&subject, LIMIT_TEXT + 16);
    act_subject_account(&subject, noted, account);
    return keep(db, &subject, noted ? "note" : "read", at, 0, full, err);
}
