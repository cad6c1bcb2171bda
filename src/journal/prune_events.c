/* Upkeep of events: those that are too old, in order of seq or, of the past,
 * of time; and the oldest of a file that is too large. */
#include "base/clock.h"
#include "journal/pruning.h"

#include "base/limits.h"
#include "journal/db.h"
#include "journal/room.h"

#include "base/banned.h"

/* What the other rooms keep of the slice. */
static bool tell_rooms(const struct pruning *pruning, sqlite3 *db,
                       struct err *err)
{
    const struct journal_room *const *room = journal_rooms(pruning->journal);

    for (; *room; room++)
        for (const char *const *sql = (*room)->parts[ROOM_PRUNED]; sql && *sql;
             sql++)
            if (!pruning_run(pruning, db, *sql, 0, err))
                return false;
    return true;
}

/* Those that a follower will never see. */
static bool count_unread(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char add[] =
        "INSERT INTO counters (name, value) VALUES ('unread events', ?3) ON "
        "CONFLICT DO UPDATE SET value = value + ?3";
    int64_t unread;

    if (!pruning_ask(pruning, db, "SELECT count(*) FROM pruned WHERE seq > ?3",
                     pruning->unread, &unread, 1, err))
        return false;
    pruning->slice.unread = (uint64_t)unread;
    return !unread || pruning_run(pruning, db, add, unread, err);
}

static bool delete_slice(struct pruning *pruning, sqlite3 *db,
                         int64_t *deleted, struct err *err)
{
    static const char count_all[] =
        "INSERT INTO counters (name, value) VALUES ('pruned events', ?3) ON "
        "CONFLICT DO UPDATE SET value = value + ?3";

    *deleted = 0;
    if (!pruning_ask(pruning, db, "SELECT count(*) FROM pruned", 0, deleted, 1,
                     err))
        return false;
    return !*deleted ||
           (tell_rooms(pruning, db, err) && count_unread(pruning, db, err) &&
            pruning_run(pruning, db, "DELETE FROM pins WHERE seq IN pruned", 0,
                        err) &&
            pruning_run(pruning, db, "DELETE FROM events WHERE seq IN pruned",
                        0, err) &&
            pruning_run(pruning, db, count_all, *deleted, err));
}

/* Events of the past, which may be old and have a high seq. */
bool prune_past(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE flags & 2 AND "
        "received_at < ?1 AND +seq <= ?4 ORDER BY received_at LIMIT ?3";
    static const char wait[] = "SELECT 1 FROM events WHERE flags & 2 AND "
                               "received_at < ?1 LIMIT 1";
    int64_t deleted, left = 0;
    bool cut;

    pruning->before = pruning->now - pruning->options.keep_ms;
    if (!pruning_begin_slice(db, err) ||
        !pruning_run(pruning, db, find, LIMIT_PRUNE_ROWS, err) ||
        !pruning_trim_slice(pruning, db, LIMIT_PRUNE_BYTES, &cut, err) ||
        !delete_slice(pruning, db, &deleted, err) ||
        (!deleted && !pruning_ask(pruning, db, wait, 0, &left, 1, err)))
        return false;
    pruning->slice.events = (uint64_t)deleted;
    pruning->slice.waits = !deleted && left;
    pruning->again = deleted > 0;
    return true;
}

/* Whole hours of arrival that should be empty. */
static bool hours_left(const struct pruning *pruning, sqlite3 *db, bool *left,
                       struct err *err)
{
    int64_t found;

    if (!pruning_ask(
            pruning, db,
            "SELECT 1 FROM hours WHERE hour < ?3 AND events > 0 LIMIT 1",
            pruning->before / CLOCK_HOUR_MS, &found, 1, err))
        return false;
    *left = found;
    return true;
}

/* *left behind a bar is looked for once a day in a large journal: what the bar
 * keeps fills hours too. */
static bool look_for_left(const struct pruning *pruning, sqlite3 *db,
                          bool *left, bool *due, struct err *err)
{
    *due = true;
    return hours_left(pruning, db, left, err) &&
           (!pruning->bar || !*left ||
            pruning_is_due(pruning, db, PRUNING_FACTS("walked"), due, err));
}

/* It was looked for, as far as it may go today. */
static bool note_walk(const struct pruning *pruning, sqlite3 *db,
                      struct err *err)
{
    bool left, due;

    return look_for_left(pruning, db, &left, &due, err) &&
           (!pruning->bar || !left || !due ||
            pruning_run(pruning, db, PRUNING_DONE("walked"), pruning->now,
                        err));
}

/* The walk goes on where there is more to be found. Behind a bar that is only
 * what came from elsewhere. */
static bool go_on(struct pruning *pruning, sqlite3 *db,
                  const struct stretch *next, bool deleted, struct err *err)
{
    bool more = next->rows == LIMIT_PRUNE_ROWS, left, due;

    if (!look_for_left(pruning, db, &left, &due, err))
        return false;
    pruning->again = more && (deleted || !next->young || (left && due));
    return more || note_walk(pruning, db, err);
}

bool prune_events(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char find[] =
        "INSERT INTO pruned SELECT seq FROM events WHERE seq > ?2 AND seq <= "
        "?3 AND seq <= ?4 AND " PRUNING_OLD;
    struct stretch next;
    int64_t deleted;
    bool cut;

    pruning->before = pruning->now - pruning->options.keep_ms;
    if (!pruning_look_ahead(pruning, db, &next, err))
        return false;
    if (pruning_note_stretch(pruning, &next)) {
        pruning->again = true;
        return true;
    }
    if (!pruning_begin_slice(db, err) ||
        !pruning_run(pruning, db, find, next.last, err) ||
        !pruning_trim_slice(pruning, db, LIMIT_PRUNE_BYTES, &cut, err) ||
        !delete_slice(pruning, db, &deleted, err))
        return false;
    pruning->slice.events = (uint64_t)deleted;
    if (cut) {
        pruning->again = true;
        return true;
    }
    if (next.last > pruning->limit)
        return pruning_look_beyond(pruning, db, &next, err) &&
               note_walk(pruning, db, err);
    pruning->seq = next.last;
    return go_on(pruning, db, &next, deleted > 0, err);
}

bool prune_surplus(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    static const char size[] =
        "SELECT (p.page_count - f.freelist_count) * s.page_size FROM "
        "pragma_page_count p, pragma_freelist_count f, pragma_page_size s";
    static const char find[] = "INSERT INTO pruned SELECT seq FROM events "
                               "WHERE seq <= ?4 ORDER BY seq LIMIT ?3";
    int64_t bytes, deleted, surplus;
    bool cut;

    if (!pruning->options.max_bytes)
        return true;
    if (!pruning_ask(pruning, db, size, 0, &bytes, 1, err))
        return false;
    surplus = bytes - (int64_t)pruning->options.max_bytes;
    if (surplus <= 0)
        return true;
    /* A disk has an end, whoever has not read what is on it. */
    if (surplus > (int64_t)pruning->options.max_bytes / 4)
        pruning->limit = INT64_MAX;
    if (surplus > LIMIT_PRUNE_BYTES)
        surplus = LIMIT_PRUNE_BYTES;
    if (!pruning_begin_slice(db, err) ||
        !pruning_run(pruning, db, find, LIMIT_PRUNE_ROWS, err) ||
        !pruning_trim_slice(pruning, db, surplus, &cut, err) ||
        !delete_slice(pruning, db, &deleted, err))
        return false;
    pruning->slice.surplus = (uint64_t)deleted;
    pruning->slice.waits = !deleted && pruning->limit < INT64_MAX;
    pruning->again = deleted > 0;
    return true;
}
