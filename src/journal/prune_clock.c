/* The clock of upkeep: which reading of the machine's is believed (prune.h). */
#include "journal/pruning.h"

#include "base/clock.h"

#include "base/banned.h"

#define SENDERS 8 /* events by whose times a clock is put back */

static bool set_clock(sqlite3 *db, int64_t ms, struct err *err)
{
    const struct pruning pruning = {.before = ms};

    return pruning_run(&pruning, db,
                       "INSERT INTO meta (key, value) VALUES ('clock', ?1) ON "
                       "CONFLICT DO UPDATE SET value = ?1",
                       0, err);
}

/* Where the journal has none, its newest time: not one that is of a clock that
 * was never set. */
static bool get_clock(sqlite3 *db, int64_t now, int64_t *clock,
                      struct err *err)
{
    const struct pruning pruning = {.before = now};
    int64_t found[1];

    if (!pruning_ask(
            &pruning, db,
            "SELECT coalesce((SELECT value FROM meta WHERE key = 'clock' AND "
            "value >= ?7), (SELECT max(last_at) FROM hours WHERE last_at "
            "BETWEEN ?7 AND ?1 AND events > 0), ?1)",
            0, found, 1, err))
        return false;
    *clock = found[0];
    return true;
}

bool prune_trust_clock(sqlite3 *db, int64_t now_ms, struct err *err)
{
    return set_clock(db, now_ms, err);
}

bool prune_clock_lead(sqlite3 *db, int64_t now_ms, int64_t *lead_ms,
                      struct err *err)
{
    int64_t clock;

    *lead_ms = 0;
    if (!get_clock(db, now_ms, &clock, err))
        return false;
    if (now_ms - clock > CLOCK_DAY_MS)
        *lead_ms = now_ms - clock;
    return true;
}

/* Of the newest events received here as they came and timed by who sent them:
 * enough say the machine's time, and none a later one. */
static bool senders_agree(sqlite3 *db, int64_t now, bool *agree,
                          struct err *err)
{
    static const char sql[] =
        "SELECT count(iif(max(occurred_at, received_at) <= ?1 + ?3 AND "
        "min(occurred_at, received_at) >= ?1 - ?3, 1, NULL)), "
        "count(iif(occurred_at > ?1 + ?3, 1, NULL)) FROM (SELECT occurred_at, "
        "received_at, origin, flags FROM events ORDER BY seq DESC LIMIT "
        "200) WHERE " PRUNING_OWN " AND occurred_at <> received_at";
    const struct pruning pruning = {.before = now};
    int64_t row[2];

    if (!pruning_ask(&pruning, db, sql, CLOCK_DAY_MS, row, 2, err))
        return false;
    *agree = row[0] >= SENDERS && !row[1];
    return true;
}

bool prune_put_clock_back(sqlite3 *db, int64_t now_ms, int64_t *clock,
                          struct err *err)
{
    const struct pruning pruning = {.before = now_ms};
    bool agree;

    if (!pruning_ask(&pruning, db,
                     "SELECT value FROM meta WHERE key = 'clock'", 0, clock, 1,
                     err))
        return false;
    if (*clock && *clock <= now_ms + CLOCK_DAY_MS)
        return true;
    if (!senders_agree(db, now_ms, &agree, err))
        return false;
    if (!agree)
        return true;
    *clock = now_ms;
    return set_clock(db, now_ms, err);
}

static int64_t moved_on(int64_t clock, const struct prune_options *options)
{
    int64_t lead = options->now_ms - clock;

    if (lead <= 0)
        return clock;
    if (lead <= CLOCK_DAY_MS)
        return options->now_ms;
    clock += options->ran_ms * (lead <= PRUNE_ASK_MS ? 2 : 1);
    return clock < options->now_ms ? clock : options->now_ms;
}

bool prune_look_at_clock(struct pruning *pruning, sqlite3 *db, struct err *err)
{
    const struct prune_options *options = &pruning->options;
    int64_t clock, next;

    if (!get_clock(db, options->now_ms, &clock, err))
        return false;
    next = moved_on(clock, options);
    if (options->now_ms - next > CLOCK_DAY_MS)
        pruning->result.held_ms = options->now_ms - next;
    pruning->now = next < options->now_ms ? next : options->now_ms;
    return set_clock(db, next, err);
}
