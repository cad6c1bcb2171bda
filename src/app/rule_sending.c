/* Firings → the outboxes of mirrors: the events of a page in as few messages
 * as the mirror's type allows, each signal in one of its own. */
#include "app/rule_sending.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "journal/reader.h"
#include "mirror/batch.h"
#include "mirror/signal_page.h"
#include "signal/table.h"

#include "base/banned.h"

static size_t find_mirror(const struct mirrors *mirrors, const char *name)
{
    for (size_t i = 0; mirrors && name && i < mirrors_count(mirrors); i++)
        if (!strcmp(mirrors_status(mirrors, i).name, name))
            return i;
    return RULE_NO_MIRROR;
}

bool rule_sending_open(struct rule_sending *sending,
                       const struct rule_list *list, struct mirrors *mirrors)
{
    bool bodies = false;

    *sending = (struct rule_sending){.mirrors = mirrors};
    for (size_t i = 0; i < list->count; i++) {
        size_t mirror = find_mirror(mirrors, list->rules[i].mirror);

        sending->mirror_of[i] = mirror;
        if (mirror == RULE_NO_MIRROR)
            continue;
        bodies |= mirrors_settings(mirrors, mirror)->type->needs_properties;
    }
    return bodies;
}

/* ---- on the reader's thread ---- */

static bool plan_row(void *ctx, const struct signal_row *row)
{
    signal_plan_now(ctx, row);
    return true;
}

static bool plan_signals(struct outbox_plan *plan, struct sqlite3 *db,
                         const struct rule_firing *firing,
                         const int64_t *signals, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < firing->events; i++) {
        struct signal_filter filter = {.all = true,
                                       .id = signals[firing->which[i]]};

        ok = !filter.id || table_each(db, &filter, plan_row, plan, err);
    }
    return ok;
}

static void plan_events(struct outbox_plan *plan, const struct uuid *journal,
                        const struct rule_firing *firing,
                        const struct event *events, const int64_t *signals)
{
    const struct event **those =
        xreallocarray(NULL, firing->events, sizeof(const struct event *));
    size_t count = 0;

    for (size_t i = 0; i < firing->events; i++)
        if (!signals[firing->which[i]])
            those[count++] = &events[firing->which[i]];
    plan->planned = batch_now(plan->mirror, journal, those, count, plan->now,
                              &plan->count);
    free(those);
}

bool rule_sending_plan(struct rule_sending *sending,
                       struct journal_reader *reader,
                       const struct rule_firing *firings, size_t fired,
                       const struct event *events, const int64_t *signals,
                       struct err *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < fired; i++) {
        size_t mirror = sending->mirror_of[firings[i].rule];
        struct outbox_plan *plan = &sending->plans[firings[i].rule];

        if (mirror == RULE_NO_MIRROR)
            continue;
        plan->mirror = mirrors_settings(sending->mirrors, mirror);
        plan->now = clock_now_ms();
        plan_events(plan, reader_journal_id(reader), &firings[i], events,
                    signals);
        ok = plan_signals(plan, reader_db(reader), &firings[i], signals, err);
    }
    return ok;
}

/* ---- on the writer's thread ---- */

bool rule_sending_write(struct rule_sending *sending, struct sqlite3 *db,
                        struct err *err)
{
    for (size_t i = 0; i < LIMIT_RULES; i++)
        if (sending->plans[i].count &&
            !outbox_add(&sending->plans[i], db, err))
            return false;
    return true;
}

/* ---- on the loop ---- */

void rule_sending_written(struct rule_sending *sending)
{
    for (size_t i = 0; i < LIMIT_RULES; i++) {
        const struct outbox_plan *plan = &sending->plans[i];
        uint64_t events = 0;

        for (size_t j = 0; j < plan->count; j++)
            events += plan->planned[j].events;
        if (events)
            mirrors_planned(sending->mirrors, sending->mirror_of[i], events);
    }
}

void rule_sending_drop(struct rule_sending *sending)
{
    for (size_t i = 0; i < LIMIT_RULES; i++) {
        batch_free(sending->plans[i].planned, sending->plans[i].count);
        sending->plans[i] = (struct outbox_plan){0};
    }
}
