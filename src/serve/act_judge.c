/* Reads what stands and says which of two is the newer. Doing it is act.c and
 * act_verbs.c. */
#include "serve/act_judge.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/event.h"
#include "journal/acts.h"
#include "journal/forgotten.h"
#include "serve/feed_line.h"
#include "signal/act_text.h"

#include "base/banned.h"

struct standing {
    struct sqlite3 *db;
    const struct uuid *ours;
    int64_t now, at;
    const char *by;
    struct act_verdict *verdict;
    bool failed;
    struct err *err;
};

void act_verdict_free(struct act_verdict *verdict)
{
    buf_free(&verdict->stands);
}

/* Of what nothing is left, nothing stands. */
static bool take_standing(void *ctx, const struct act_row *row)
{
    struct standing *standing = ctx;
    struct act_verdict *verdict = standing->verdict;
    struct buf rest;

    if (!strcmp(row->who, standing->by) &&
        row->at - standing->at <= ACT_SAME_MS)
        return false;
    buf_init(&rest, MIB);
    standing->failed =
        !act_text_line(&rest, standing->db, standing->ours, row, standing->now,
                       &verdict->older, standing->err);
    if (verdict->older)
        feed_line_say(&verdict->stands, FEED_LINES, "act", 0, rest.data);
    if (verdict->stands.len) /* without its newline */
        buf_truncate(&verdict->stands, verdict->stands.len - 1);
    verdict->act = row->id;
    buf_free(&rest);
    return false;
}

bool act_judge(struct sqlite3 *db, const struct uuid *ours,
               const char *subject, const struct act_when *when,
               const char *by, struct act_verdict *out, struct err *err)
{
    struct standing standing = {.db = db,
                                .ours = ours,
                                .now = clock_now_ms(),
                                .at = when->at,
                                .by = by,
                                .verdict = out,
                                .err = err};
    int64_t id, at;

    buf_free(&out->stands);
    *out = (struct act_verdict){.act = 0};
    buf_init(&out->stands, MIB + KIB);
    if (!when->late)
        return true;
    if (!acts_find(db, subject, &id, &at, err))
        return false;
    if (!id || at < when->at || at > standing.now)
        return true;
    return acts_each(db, id - 1, take_standing, &standing, err) &&
           !standing.failed;
}

bool act_stands(struct sqlite3 *db, struct act_row *row,
                struct act_verdict *verdict, struct err *err)
{
    if (!acts_add(db, row, err))
        return false;
    verdict->act = row->id;
    return true;
}

bool act_judge_account(struct sqlite3 *db, const char *account,
                       const struct act_when *when, bool *gone,
                       struct err *err)
{
    const struct event event = {.occurred_at = when->at,
                                .received_at = when->at,
                                .account.id = account};
    struct forgotten *forgotten;
    bool ok;

    *gone = false;
    if (!when->late)
        return true;
    forgotten = forgotten_new(db, err);
    ok = forgotten && forgotten_refresh(forgotten, err) &&
         forgotten_has(forgotten, &event, gone, err);
    forgotten_free(forgotten);
    return ok;
}
