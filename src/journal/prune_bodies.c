/* Upkeep of bodies that are kept less long than their events. */
#include "journal/pruning.h"

#include "base/limits.h"

#include "base/banned.h"

/* Those of the slice; some may be gone before. */
static bool delete_bodies(struct pruning *pruning, sqlite3 *db,
                          struct err *err)
{
    if (!pruning_run(pruning, db, "DELETE FROM bodies WHERE seq IN pruned", 0,
                     err))
        return false;
    pruning->slice.bodies = (uint64_t)sqlite3_changes(db);
    return !pruning->slice.bodies ||
           pruning_run(
               pruning, db,
               "INSERT INTO counters (name, value) VALUES ('pruned bodies', "
               "?3) ON CONFLICT DO UPDATE SET value = value + ?3",
               (int64_t)pruning->slice.bodies, err);
}

/* What is not known to be old is looked at again. */
static bool save_place(const struct pruning *pruning, sqlite3 *db,
                       struct err *err)
{
    int64_t place = pruning->seq;

    if (pruning->unsure && pruning->unsure <= place)
        place = pruning->unsure - 1;
    return pruning_run(
        pruning, db,
        "INSERT INTO meta (key, value) VALUES ('bodies', ?3) ON "
        "CONFLICT DO UPDATE SET value = ?3",
        place, err);
}

/* In order of seq, from where the last run ended (meta: 'bodies'). */
bool prune_bodies(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE seq > ?2 AND seq <= "
        "?3 AND seq <= ?4 AND " PRUNING_OLD;
    struct stretch next;
    int64_t last;
    bool cut;

    if (!pruning->options.keep_bodies_ms)
        return true;
    pruning->before = pruning->now - pruning->options.keep_bodies_ms;
    if (!pruning->seq &&
        !pruning_ask(pruning, db,
                     "SELECT value FROM meta WHERE key = 'bodies'", 0,
                     &pruning->seq, 1, err))
        return false;
    if (!pruning_look_ahead(pruning, db, &next, err))
        return false;
    if (!next.rows)
        return true;
    if (pruning_note_stretch(pruning, &next)) {
        pruning->again = true;
        return true;
    }
    if (!pruning_begin_slice(db, err) ||
        !pruning_run(pruning, db, find, next.last, err) ||
        !pruning_trim_slice(pruning, db, LIMIT_PRUNE_BYTES, &cut, err) ||
        !pruning_ask(pruning, db, "SELECT max(seq) FROM pruned", 0, &last, 1,
                     err) ||
        !delete_bodies(pruning, db, err))
        return false;
    if (cut)
        pruning->seq = last;
    else
        pruning->seq = next.young ? next.young - 1 : next.last;
    pruning->again = cut || (next.rows == LIMIT_PRUNE_ROWS && !next.young);
    if (pruning->seq > pruning->limit) {
        pruning->seq = pruning->limit;
        pruning->again = false;
        if (!pruning_look_beyond(pruning, db, &next, err))
            return false;
    }
    return save_place(pruning, db, err);
}

/* Those of the past by their own index: all of them, since a backfill may
 * have brought some again that are older than any. */
bool prune_past_bodies(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE flags & 2 AND "
        "received_at < ?1 AND +seq <= ?4 AND (received_at, seq) > (?3, ?2) "
        "ORDER BY "
        "received_at, seq LIMIT 200";
    static const char last[] =
        "SELECT seq, received_at FROM events WHERE seq IN pruned ORDER BY "
        "received_at DESC, seq DESC LIMIT 1";
    int64_t place[2];

    if (!pruning->options.keep_bodies_ms)
        return true;
    pruning->before = pruning->now - pruning->options.keep_bodies_ms;
    if (!pruning_begin_slice(db, err) ||
        !pruning_run(pruning, db, find, pruning->when, err) ||
        !pruning_ask(pruning, db, last, 0, place, 2, err) ||
        !delete_bodies(pruning, db, err))
        return false;
    pruning->again = place[0] != 0;
    pruning->seq = place[0];
    pruning->when = place[1];
    return true;
}
