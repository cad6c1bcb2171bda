/* Forgetting the events: theirs go, and what others did loses their names. */
#include "journal/forgetting.h"

#include "base/limits.h"
#include "journal/db.h"

#include "base/banned.h"

#define OF_OTHERS ROOM_BEFORE " AND NOT " ROOM_OF_THEM

bool forget_look_at_events(struct forgetting *job, sqlite3 *db,
                           struct err *err)
{
    static const char rows[] =
        "SELECT seq, coalesce(b.size, 0), " OF_OTHERS ", CASE WHEN " OF_OTHERS
        " THEN body_text(b.encoding, b.size, b.raw) END, sentence, url, key, "
        "session, replay_link, event_link FROM events LEFT JOIN bodies b "
        "USING (seq) WHERE seq > ?3 ORDER BY seq LIMIT 500";

    _Static_assert(LIMIT_FORGET_ROWS == 500, "as the statement says");
    if (!forgetting_look(job, db, rows, false, err))
        return false;
    if (!job->to)
        job->to = job->last;
    return true;
}

static bool delete_theirs(struct forgetting *job, sqlite3 *db, struct err *err)
{
    static const char *const before[] = {
        "DELETE FROM acts WHERE id IN (SELECT act FROM acts_untold WHERE "
        "event IN " ROOM_THEIRS ")",
        "DELETE FROM pins WHERE seq IN " ROOM_THEIRS,
        "DELETE FROM replays WHERE seq IN " ROOM_THEIRS};

    if (!forgetting_run_rooms(job, db, ROOM_EVENTS, &job->slice.messages, err))
        return false;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (!forgetting_run(job, db, before[i], NULL, err))
            return false;
    return forget_take_off_days(job, db, err) &&
           forgetting_run(job, db,
                          "DELETE FROM events WHERE seq IN " ROOM_THEIRS,
                          &job->slice.events, err);
}

static bool write_body(struct forgetting *job, sqlite3 *db,
                       const struct forget_found *found, struct err *err)
{
    sqlite3_stmt *update = db_prepare(
        db,
        "UPDATE bodies SET encoding = 1, dict = 1, raw = body_pack(?2) WHERE "
        "seq = ?1",
        false, err);
    bool ok = update != NULL;

    if (ok) {
        sqlite3_bind_int64(update, 1, found->row);
        sqlite3_bind_text64(update, 2, found->body, found->len, SQLITE_STATIC,
                            SQLITE_UTF8);
        ok = db_run(update, err);
    }
    sqlite3_finalize(update);
    if (ok)
        job->slice.mentions += (uint64_t)sqlite3_changes(db);
    return ok;
}

static bool blot_event(struct forgetting *job, sqlite3 *db,
                       const struct forget_found *found, struct err *err)
{
    static const char in_words[] =
        "UPDATE events SET sentence = trace_blot(sentence), url = "
        "trace_blot(url), key = trace_blot(key) || CASE WHEN trace_in(key) "
        "AND EXISTS (SELECT 1 FROM events o WHERE o.key = "
        "trace_blot(events.key)) THEN ' ' || seq ELSE '' END, session = "
        "trace_blot(session), replay_link = trace_blot(replay_link), "
        "event_link = trace_blot(event_link) WHERE " ROOM_SLICE
        " AND " ROOM_BEFORE;

    return (!found->body || write_body(job, db, found, err)) &&
           (!found->words ||
            forgetting_run_row(job, db, in_words, found->row, NULL, err));
}

bool forget_events(struct forgetting *job, sqlite3 *db, struct err *err)
{
    bool all;

    if ((!job->written && !delete_theirs(job, db, err)) ||
        !forgetting_write(job, db, blot_event, &all, err))
        return false;
    if (all)
        job->row = job->to;
    job->looked = !all;
    job->again = job->row < job->last;
    return true;
}
