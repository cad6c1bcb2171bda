/* What events that are still there added to `daily` is taken out where it is
 * and put where it belongs; what older ones added is nobody's to move. */
#include "journal/recount.h"

#include <stdlib.h>
#include <string.h>

#include "journal/db.h"
#include "journal/sums.h"
#include "journal/zone.h"

#include "base/banned.h"

struct zones {
    struct zone_days *from, *to;
};

/* moved_day(to, ms): the day in the zone to go to, or in the old one. */
static void moved_day(sqlite3_context *call, int count, sqlite3_value **values)
{
    const struct zones *zones = sqlite3_user_data(call);

    (void)count;
    sqlite3_result_int(call,
                       zone_day(sqlite3_value_int(values[0]) ? zones->to
                                                             : zones->from,
                                sqlite3_value_int64(values[1])));
}

static const char steps[] =
    "CREATE TEMP TABLE moved AS SELECT moved_day(0, t) AS day, moved_day(1, "
    "t) AS next, account, person, category, sum(NOT hidden) AS count, "
    "sum(hidden) AS hidden FROM (SELECT " SUMS_TIME
    " AS t, coalesce(i.account, 0) AS account, coalesce(i.person, 0) AS "
    "person, e.category, e.hidden > 0 AS hidden FROM events e LEFT JOIN "
    "identities i ON i.id = e.who WHERE " SUMS_COUNTS
    ") WHERE moved_day(0, t) <> moved_day(1, "
    "t) "
    "GROUP BY 1, 2, 3, 4, 5;"
    "UPDATE daily SET count = max(0, daily.count - m.count), hidden = max(0, "
    "daily.hidden - m.hidden) FROM (SELECT day, account, person, category, "
    "sum(count) AS count, sum(hidden) AS hidden FROM moved GROUP BY 1, 2, 3, "
    "4) AS m WHERE daily.day = m.day AND daily.account = m.account AND "
    "daily.person = m.person AND daily.category = m.category;"
    "INSERT INTO daily (day, account, person, category, count, hidden) "
    "SELECT next, account, person, category, sum(count), sum(hidden) FROM "
    "moved WHERE true GROUP BY 1, 2, 3, 4 ON CONFLICT DO UPDATE SET count = "
    "count + excluded.count, hidden = hidden + excluded.hidden;"
    "DELETE FROM daily WHERE count = 0 AND hidden = 0;";

static bool set_zone(sqlite3 *db, const char *zone, struct err *err)
{
    sqlite3_stmt *set =
        db_prepare(db, "UPDATE meta SET value = ? WHERE key = 'zone'", false,
                   err);
    bool ok = set != NULL;

    if (ok) {
        db_bind_text(set, 1, zone);
        ok = db_run(set, err);
    }
    sqlite3_finalize(set);
    return ok;
}

static bool move(sqlite3 *db, const char *zone, struct recount *out,
                 struct err *err)
{
    int64_t events = 0, kept = 0;
    bool ok =
        db_exec(db, "DROP TABLE IF EXISTS temp.moved; BEGIN IMMEDIATE", err) &&
        db_exec(db, steps, err) &&
        db_number(db, "SELECT coalesce(sum(count + hidden), 0) FROM moved",
                  &events, err) &&
        db_number(db,
                  "SELECT count(*) FROM daily WHERE day < (SELECT "
                  "coalesce(moved_day(1, min(received_at)), 1 << 30) FROM "
                  "events) - 1",
                  &kept, err) &&
        set_zone(db, zone, err) && db_exec(db, "COMMIT", err);

    out->events = (uint64_t)events;
    out->kept = (uint64_t)kept;
    return ok;
}

bool recount_in_zone(sqlite3 *db, const char *zone, struct recount *out,
                     struct err *err)
{
    struct zones zones = {NULL, NULL};
    char *before;
    bool ok;

    if (!zone_is_known(zone))
        return err_set(err,
                       "%s is no time zone that this machine knows, like "
                       "Europe/Berlin (is tzdata installed?)",
                       zone);
    before = db_meta_text(db, "zone", err);
    if (!before)
        return false;
    zones.from = zone_days_new(before);
    zones.to = zone_days_new(zone);
    free(before);
    ok = !sqlite3_create_function(db, "moved_day", 2, SQLITE_UTF8, &zones,
                                  moved_day, NULL, NULL) &&
         move(db, zone, out, err);
    if (!ok && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_create_function(db, "moved_day", 2, SQLITE_UTF8, NULL, NULL, NULL,
                            NULL);
    zone_days_free(zones.from);
    zone_days_free(zones.to);
    return ok;
}
