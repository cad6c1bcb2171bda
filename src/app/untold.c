#include "app/untold.h"

#include "base/buf.h"
#include "base/limits.h"
#include "journal/acts.h"
#include "signal/table.h"

#include "base/banned.h"

bool untold_signal(struct sqlite3 *db, const struct signal_change *change,
                   bool *full, struct err *err)
{
    struct act_note note = {.verb = signal_change_verb(change),
                            .who = "",
                            .at = change->at};
    struct buf subject;
    bool ok;

    buf_init(&subject, 64);
    act_subject_signal(&subject, change->noted, change->id);
    note.subject = subject.data;
    ok = acts_keep(db, &note, 0, full, err);
    buf_free(&subject);
    return ok;
}

bool untold_pin(struct sqlite3 *db, const struct pin_place *place,
                uint64_t seq, bool on, int64_t at, bool *full, struct err *err)
{
    struct act_note note = {.verb = on ? "pin" : "unpin", .who = "", .at = at};
    struct buf subject;
    bool ok;

    buf_init(&subject, 80);
    act_subject_pin(&subject, place);
    note.subject = subject.data;
    ok = acts_keep(db, &note, seq, full, err);
    buf_free(&subject);
    return ok;
}

bool untold_account(struct sqlite3 *db, const char *account, bool noted,
                    int64_t at, bool *full, struct err *err)
{
    struct act_note note = {.verb = noted ? "note" : "read",
                            .who = "",
                            .at = at};
    struct buf subject;
    bool ok;

    buf_init(&subject, LIMIT_TEXT + 16);
    act_subject_account(&subject, noted, account);
    note.subject = subject.data;
    ok = acts_keep(db, &note, 0, full, err);
    buf_free(&subject);
    return ok;
}
