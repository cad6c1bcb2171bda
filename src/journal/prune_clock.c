/* The clock of upkeep: which reading of the machine's is believed (prune.h). */
#include "journal/pruning.h"

#include "base/clock.h"

#include "base/banned.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)

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
    if (now_ms - clock > DAY_MS)
        *lead_ms = now_ms - clock;
    return true;
}

static int64_t moved_on(int64_t clock, const struct prune_options *options)
{
    int64_t lead = options->now_ms - clock;

    if (lead <= 0)
        return clock;
    if (lead <= DAY_MS)
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
    if (options->now_ms - next > DAY_MS)
        pruning->result.held_ms = options->now_ms - next;
    pruning->now = next < options->now_ms ? next : options->now_ms;
    return set_clock(db, next, err);
}
