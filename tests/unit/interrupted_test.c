/* What is done in the journal's file fails as a whole: each of these is
 * interrupted by SQLite at one step after the other, as a disk would that
 * cannot be read there, and must never say that it went well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "journal/cursor.h"
#include "journal/db.h"
#include "journal/exports.h"
#include "journal/forgotten.h"
#include "journal/pins.h"
#include "journal/pruning.h"
#include "journal/recount.h"
#include "journal/sweep.h"
#include "mirror/outbox.h"
#include "mirror/type.h"
#include "query/query.h"
#include "signal/table.h"
#include "source/feed_meant.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define READER "somebody"
#define MIRROR "team"
#define SLICES_MOST 100 /* a sweep that never fails and never ends */

static const struct uuid elsewhere = {.bytes = {1, 2, 3}};
static int steps_left;
static bool interrupted;

static int on_step(void *ctx)
{
    (void)ctx;
    if (steps_left-- > 0)
        return 0;
    interrupted = true;
    return 1;
}

typedef bool deed(sqlite3 *db, struct err *err);

/* Does it, and takes it back. Interrupted at that step; false: it was over
 * before. */
static bool stopped_at(sqlite3 *db, const char *what, deed *call, int step)
{
    struct err err = {""};
    bool ok;

    assert_true(db_exec(db, "BEGIN IMMEDIATE", &err));
    steps_left = step;
    interrupted = false;
    sqlite3_progress_handler(db, 1, on_step, NULL);
    ok = call(db, &err);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    if (interrupted && ok)
        fail_msg("%s: interrupted at step %d, and says it went well", what,
                 step);
    if (ok == interrupted || !ok != (err.text[0] != '\0'))
        fail_msg("%s: step %d: %s", what, step, err.text);
    return interrupted;
}

/* All steps at the beginning, where most of the statements are, then some. */
static int stops_anywhere(sqlite3 *db, const char *what, deed *call)
{
    int step = 0, stops = 0;

    for (; stopped_at(db, what, call, step); step += 1 + step / 100)
        stops++;
    if (stops < 3)
        fail_msg("%s: it does nothing that could be interrupted", what);
    return stops;
}

#define STOPS(db, deed) stops_anywhere(db, #deed, deed)

/* ---- cursors, pins, exports ---- */

static bool opens_a_cursor(sqlite3 *db, struct err *err)
{
    uint64_t seq = 3;

    return cursor_open(db, "new", &seq, err);
}

static bool finds_a_cursor(sqlite3 *db, struct err *err)
{
    uint64_t seq;

    return cursor_find(db, READER, &seq, err);
}

static bool finds_the_slowest(sqlite3 *db, struct err *err)
{
    char name[] = READER, *readers[] = {name};
    int64_t seq;

    return cursor_slowest(db, readers, 1, &seq, err);
}

static bool moves_a_cursor(sqlite3 *db, struct err *err)
{
    return cursor_move(db, READER, 2, 4, err);
}

static bool goes_on_elsewhere(sqlite3 *db, struct err *err)
{
    struct uuid origin;
    uint64_t seq;

    return cursor_move_there(db, READER, &elsewhere, 9, err) &&
           cursor_put_there(db, READER, &elsewhere, 4, err) &&
           cursor_find_there(db, READER, &origin, &seq, err);
}

static bool keeps_a_text(sqlite3 *db, struct err *err)
{
    char *text = NULL;
    bool ok = cursor_write_text(db, "place", "here", err) &&
              cursor_read_text(db, "place", &text, err);

    free(text);
    return ok;
}

static bool pins(sqlite3 *db, struct err *err)
{
    struct pin_place place;
    bool there, full;
    uint64_t seq;

    return pins_place(db, 5, &elsewhere, &place, &there, err) &&
           pins_find(db, &place, &elsewhere, &seq, err) &&
           pins_set(db, 5, NOW, "look", &full, err) && pins_remove(db, 5, err);
}

static bool go_on(void *ctx, const struct export_note *note)
{
    (void)ctx;
    (void)note;
    return true;
}

static bool notes_an_export(sqlite3 *db, struct err *err)
{
    struct export_note note = {.id = 7, .at = NOW, .target = "ada, csv"};

    return exports_note(db, &note, err) && exports_each(db, go_on, NULL, err);
}

static struct forgotten *forgotten;

static bool forgets(sqlite3 *db, struct err *err)
{
    struct event event = sample("one");
    bool has;

    (void)db;
    event.person.email = "ada@example.org";
    return forgotten_add(forgotten, FORGOTTEN_EMAIL, event.person.email,
                         NOW + DAY_MS, err) &&
           forgotten_refresh(forgotten, err) &&
           forgotten_has(forgotten, &event, &has, err) && has;
}

static bool is_told(void *ctx, const struct uuid *salt, const char *kind,
                    const unsigned char *hash, int64_t at)
{
    (void)ctx;
    (void)salt;
    (void)kind;
    (void)hash;
    (void)at;
    return true;
}

static bool tells_whom(sqlite3 *db, struct err *err)
{
    return forgotten_each(db, NULL, is_told, NULL, err);
}

static bool tells_whom_once(sqlite3 *db, struct err *err)
{
    static const unsigned char hash[FORGOTTEN_HASH];

    return forgotten_each_untold(db, READER, is_told, NULL, err) &&
           forgotten_set_told(db, READER, hash, NOW, err);
}

static bool begins_and_ends(sqlite3 *db, struct err *err)
{
    int64_t at = 0;

    return forgotten_begin(db, FORGOTTEN_ID, "p1", NOW, err) &&
           forgotten_begun(db, FORGOTTEN_ID, "p1", &at, err) && at == NOW &&
           forgotten_end(db, FORGOTTEN_ID, "p1", NOW, err);
}

static void is_meant(void *ctx, enum forget_kind kind, const char *text,
                     int64_t at)
{
    (void)kind;
    (void)at;
    *(bool *)ctx = !strcmp(text, "ada@example.org");
}

static bool looks_whom_it_means(sqlite3 *db, struct err *err)
{
    struct feed_hash hash = {.at = NOW};
    bool found = false;

    forgotten_hash(&hash.salt, FORGOTTEN_EMAIL, "ada@example.org", hash.bytes);
    return feed_meant(db, &hash.salt, &hash, 1, is_meant, &found, err) &&
           found;
}

static void what_is_noted_in_passing(void **state)
{
    struct rig *rig = *state;
    struct err err = {""};
    sqlite3 *db;
    uint64_t seq = 2;
    struct event ada = sample("one");

    ada.person.email = "ada@example.org";
    rig_fill(rig, 20);
    append_one(rig, ada);
    rig_close(rig);
    db = db_open(rig->path, &err);
    assert_non_null(db);
    assert_true(cursor_open(db, READER, &seq, &err));
    STOPS(db, opens_a_cursor);
    STOPS(db, finds_a_cursor);
    STOPS(db, finds_the_slowest);
    STOPS(db, moves_a_cursor);
    STOPS(db, goes_on_elsewhere);
    STOPS(db, keeps_a_text);
    STOPS(db, pins);
    STOPS(db, notes_an_export);
    forgotten = forgotten_new(db, &err);
    assert_non_null(forgotten);
    STOPS(db, forgets);
    assert_true(forgets(db, &err));
    STOPS(db, tells_whom);
    STOPS(db, tells_whom_once);
    STOPS(db, begins_and_ends);
    STOPS(db, looks_whom_it_means);
    forgotten_free(forgotten);
    db_close(db);
    rig_open(rig);
}

/* ---- an outbox ---- */

static char bucket[] = BUCKET_LIVE, message[] = "[{\"seq\":1}]";
static struct planned planned = {.bucket = bucket,
                                 .message = message,
                                 .events = 1,
                                 .first_seq = 1,
                                 .last_seq = 1,
                                 .due = NOW};
static char mirror_name[] = MIRROR;
static struct mirror_settings settings = {.name = mirror_name,
                                          .type = &mirror_json};

static bool opens_the_outbox(sqlite3 *db, struct err *err)
{
    struct outbox_open open = {.mirror = &settings, .now = NOW};

    return outbox_open(&open, db, err);
}

static bool plans(sqlite3 *db, struct err *err)
{
    struct outbox_plan plan = {.mirror = &settings,
                               .planned = &planned,
                               .count = 1,
                               .now = NOW};

    return outbox_add(&plan, db, err);
}

static bool take(sqlite3 *db, struct outbox_take *taken, struct err *err)
{
    bool ok;

    *taken =
        (struct outbox_take){.mirror = MIRROR, .now = NOW + 1, .count = true};
    ok = outbox_take(taken, db, err);
    free(taken->bucket);
    free(taken->message);
    return ok;
}

static bool takes(sqlite3 *db, struct err *err)
{
    struct outbox_take taken;

    return take(db, &taken, err);
}

static bool settles(sqlite3 *db, enum outbox_fate fate, struct err *err)
{
    struct outbox_settle settle = {.mirror = MIRROR,
                                   .id = 1,
                                   .now = NOW,
                                   .next_try = NOW + 1000,
                                   .fate = fate,
                                   .status = 500,
                                   .error = "it is ill"};

    return outbox_settle(&settle, db, err);
}

static bool settles_as_sent(sqlite3 *db, struct err *err)
{
    return settles(db, FATE_SENT, err);
}

static bool settles_as_parked(sqlite3 *db, struct err *err)
{
    return settles(db, FATE_PARKED, err);
}

static bool settles_for_later(sqlite3 *db, struct err *err)
{
    return settles(db, FATE_RETRY, err);
}

static bool settles_as_off(sqlite3 *db, struct err *err)
{
    return settles(db, FATE_OFF, err);
}

static bool settles_as_nothing(sqlite3 *db, struct err *err)
{
    return settles(db, FATE_NOTHING, err);
}

static bool switches_on(sqlite3 *db, struct err *err)
{
    struct outbox_switch change = {.mirror = MIRROR,
                                   .state = "on",
                                   .now = NOW};

    return outbox_switch(&change, db, err);
}

static void what_becomes_of_a_message(void **state)
{
    struct rig *rig = *state;
    struct err err = {""};
    sqlite3 *db;

    rig_fill(rig, 5);
    rig_close(rig);
    db = db_open(rig->path, &err);
    assert_non_null(db);
    settings.query = query_parse("tone:bad", NULL);
    STOPS(db, opens_the_outbox);
    assert_true(opens_the_outbox(db, &err));
    STOPS(db, takes); /* nothing */
    STOPS(db, plans);
    assert_true(plans(db, &err));
    STOPS(db, plans); /* one more of the same bucket */
    STOPS(db, takes);
    assert_true(takes(db, &err));
    STOPS(db, settles_as_sent);
    STOPS(db, settles_as_parked);
    STOPS(db, settles_for_later);
    STOPS(db, settles_as_off);
    STOPS(db, settles_as_nothing);
    STOPS(db, switches_on);
    STOPS(db, opens_the_outbox);
    query_free(settings.query);
    db_close(db);
    rig_open(rig);
}

/* ---- upkeep ---- */

static struct pruning pruning;

static void begin_pruning(struct rig *rig)
{
    pruning = (struct pruning){.journal = rig->journal,
                               .options = {.now_ms = NOW + 90 * DAY_MS,
                                           .keep_ms = DAY_MS,
                                           .keep_bodies_ms = DAY_MS,
                                           .max_bytes = 1},
                               .now = NOW + 90 * DAY_MS,
                               .before = NOW + 89 * DAY_MS,
                               .unread = INT64_MAX,
                               .limit = INT64_MAX};
}

#define STAGE(name)                                                           \
    static bool name##_stage(sqlite3 *db, struct err *err)                    \
    {                                                                         \
        struct pruning copy = pruning;                                        \
                                                                              \
        return name(&copy, db, err);                                          \
    }
STAGE(prune_look_at_clock)
STAGE(prune_past)
STAGE(prune_events)
STAGE(prune_surplus)
STAGE(prune_bodies)
STAGE(prune_past_bodies)

static bool trusts_the_clock(sqlite3 *db, struct err *err)
{
    int64_t lead;

    return prune_trust_clock(db, NOW, err) &&
           prune_clock_lead(db, NOW + 9 * DAY_MS, &lead, err);
}

static bool sweeps(sqlite3 *db, struct err *err)
{
    struct sweep sweep = {.tables = "prune"};
    bool more = true;

    for (int slices = 0; more; slices++) {
        assert_in_range(slices, 0, SLICES_MOST);
        if (!sweep_slice(&sweep, db, &more, err))
            return false;
    }
    return true;
}

/* With the journal open, whose rooms the stages ask. */
static void what_is_deleted(void **state)
{
    struct rig *rig = *state;
    struct err err = {""};
    sqlite3 *db;

    rig_fill(rig, 20);
    begin_pruning(rig);
    db = db_open(rig->path, &err);
    assert_non_null(db);
    STOPS(db, prune_look_at_clock_stage);
    STOPS(db, prune_past_stage);
    STOPS(db, prune_events_stage);
    STOPS(db, prune_surplus_stage);
    STOPS(db, prune_bodies_stage);
    STOPS(db, prune_past_bodies_stage);
    STOPS(db, trusts_the_clock);
    STOPS(db, sweeps);
    db_close(db);
}

/* ---- signals ---- */

static const struct signal conclusion = {.kind = SIGNAL_first_touch,
                                         .category = SIGNAL_NO_CATEGORY,
                                         .seq = 1,
                                         .fired_at = NOW,
                                         .sentence = "first of all",
                                         .numbers = "{}"};

static bool concludes(sqlite3 *db, struct err *err)
{
    return table_conclude(db, &conclusion, err);
}

static bool lets_go(sqlite3 *db, struct err *err)
{
    size_t gone = 0;

    return table_let_go(db, 7, 30, &gone, err);
}

static bool says_done(sqlite3 *db, struct err *err)
{
    struct signal_change change = {.id = 1,
                                   .state = STATE_DONE,
                                   .note = "called",
                                   .at = NOW};

    return table_change(db, &change, err);
}

static bool looks_at_signals(sqlite3 *db, struct err *err)
{
    struct signal_about about = {.kind = SIGNAL_first_touch,
                                 .category = SIGNAL_NO_CATEGORY};
    int64_t newest;
    bool open;

    return table_find(db, &about, &newest, err) &&
           table_newest(db, &newest, err) &&
           table_is_open(db, newest, NOW, &open, err);
}

static void what_is_concluded(void **state)
{
    struct rig *rig = *state;
    struct err err = {""};
    sqlite3 *db;

    rig_fill(rig, 5);
    journal_tick(rig->journal, NOW + 89 * DAY_MS);
    journal_tick(rig->journal, NOW + 90 * DAY_MS);
    rig_close(rig);
    db = db_open(rig->path, &err);
    assert_non_null(db);
    STOPS(db, concludes);
    assert_true(concludes(db, &err));
    STOPS(db, lets_go);
    STOPS(db, says_done);
    STOPS(db, looks_at_signals);
    db_close(db);
    rig_open(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_is_noted_in_passing),
        RIG_CASE(what_becomes_of_a_message),
        RIG_CASE(what_is_deleted),
        RIG_CASE(what_is_concluded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
