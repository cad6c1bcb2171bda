/* The rig of the tests of retention. It tests nothing itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/prune_rig.h"

#include "base/banned.h"

void note_pruned(void *ctx, bool ok, const struct prune_result *result,
                 const struct err *err)
{
    struct pruned *pruned = ctx;

    assert_string_equal(err->text, "");
    pruned->ok = ok;
    pruned->result = *result;
    pruned->done = true;
}

struct prune_result prune_by(struct rig *rig,
                             const struct prune_options *options)
{
    struct pruned pruned = {.done = false};

    journal_prune(rig->journal, options, note_pruned, &pruned);
    rig_drain_until(rig, &pruned.done);
    assert_true(pruned.ok);
    return pruned.result;
}

void prune_trust(struct rig *rig, int64_t clock)
{
    char sql[128];

    snprintf(sql, sizeof sql, "REPLACE INTO meta VALUES ('clock', %lld)",
             (long long)clock);
    change(rig, sql);
}

struct event at(int64_t when, uint32_t number, const char *person)
{
    struct event event = with_uuid("a", number);

    event.occurred_at = event.received_at = when;
    event.person.id = person;
    return event;
}
