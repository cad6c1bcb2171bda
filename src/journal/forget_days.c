/* Forgetting what daily counts: theirs go day by day. Where what happened
 * since stays (only_before), the days from that one on lose what is deleted,
 * and are right without going through the events again. */
#include "journal/forgetting.h"

#include "journal/db.h"
#include "journal/sums.h"
#include "journal/zone.h"

#include "base/banned.h"

#define OF_PERSONS "id_set_has(?9, person)"

/* ---- with the events ---- */

/* ?1 to ?4 are the row's key, ?5 and ?6 what it loses. */
static const char *const take_off[] = {
    "UPDATE daily SET count = count - ?5, hidden = hidden - ?6 WHERE day = ?1 "
    "AND account = ?2 AND person = ?3 AND category = ?4",
    "DELETE FROM daily WHERE day = ?1 AND account = ?2 AND person = ?3 AND "
    "category = ?4 AND count <= 0 AND hidden <= 0"};

enum { TIME, KEY, COLUMNS = 6 };

static bool run_with(sqlite3_stmt *take, int32_t day, sqlite3_stmt *event,
                     struct err *err)
{
    sqlite3_bind_int(take, 1, day);
    for (int column = KEY; column < COLUMNS; column++)
        sqlite3_bind_int64(take, column + 1,
                           sqlite3_column_int64(event, column));
    return db_run(take, err);
}

static bool take_all(const struct forgetting *job, sqlite3_stmt *events,
                     sqlite3_stmt *const take[2], struct err *err)
{
    int result;

    while ((result = sqlite3_step(events)) == SQLITE_ROW) {
        int32_t day = zone_day(journal_days(job->journal),
                               sqlite3_column_int64(events, TIME));

        if (!run_with(take[0], day, events, err) ||
            !run_with(take[1], day, events, err))
            return false;
    }
    return result == SQLITE_DONE ||
           db_fail(sqlite3_db_handle(events), err, "the journal");
}

bool forget_take_off_days(const struct forgetting *job, sqlite3 *db,
                          struct err *err)
{
#define COUNTED                                                               \
    "SELECT " SUMS_TIME ", i.account, i.person, e.category, NOT e.hidden, "   \
    "e.hidden > 0 FROM events e JOIN identities i ON i.id = e.who WHERE "     \
    "e.seq IN " ROOM_THEIRS " AND " SUMS_COUNTS " AND "
    sqlite3_stmt *events, *take[2];
    bool ok;

    if (!job->ops.only_before)
        return true;
    events = forgetting_prepare(job, db,
                                job->kind == FORGET_ACCOUNT
                                    ? COUNTED ROOM_OF_ACCOUNT
                                    : COUNTED OF_PERSONS,
                                err);
    take[0] = db_prepare(db, take_off[0], false, err);
    take[1] = db_prepare(db, take_off[1], false, err);
    ok = events && take[0] && take[1] && take_all(job, events, take, err);
    sqlite3_finalize(events);
    sqlite3_finalize(take[0]);
    sqlite3_finalize(take[1]);
    return ok;
}

/* ---- day by day ---- */

#define DAY "DELETE FROM daily WHERE day = ?4 AND "
/* Events of that day may have gone by age, and nobody knows whose they were:
 * none is here that is older. */
#define IN_PART                                                               \
    " AND EXISTS (SELECT 1 FROM counters WHERE name = 'pruned events') AND "  \
    "NOT EXISTS (SELECT 1 FROM hours WHERE events > 0 AND first_at < ?10)"

static bool clear_day(struct forgetting *job, sqlite3 *db, bool in_part,
                      struct err *err)
{
    static const char *const clear[2][2] = {{DAY OF_PERSONS,
                                             DAY OF_PERSONS IN_PART},
                                            {DAY ROOM_OF_ACCOUNT,
                                             DAY ROOM_OF_ACCOUNT IN_PART}};
    sqlite3_stmt *statement =
        forgetting_prepare(job, db,
                           clear[job->kind == FORGET_ACCOUNT][in_part], err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 10,
                       zone_day_start(journal_days(job->journal),
                                      (int32_t)job->to));
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool forget_days(struct forgetting *job, sqlite3 *db, struct err *err)
{
    int32_t last = zone_day(journal_days(job->journal), job->at);

    if (!job->part &&
        !forgetting_find(job, db, "SELECT min(day) - 1 FROM daily", &job->row,
                         err))
        return false;
    job->part = 1;
    if (!forgetting_find(
            job, db, "SELECT coalesce(min(day), ?3) FROM daily WHERE day > ?3",
            &job->to, err))
        return false;
    if (job->to == job->row /* there is none after it */ ||
        (job->ops.only_before && job->to > last))
        return true;
    job->row = job->to;
    job->again = true;
    return clear_day(job, db, job->ops.only_before && job->to == last, err);
}
