/* A journal that a made-up world (tests/sim/world.h) wrote, exported and
 * imported into an empty one, concludes the same from the same events; and
 * when somebody was forgotten in between, the same from then on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/limits.h"
#include "event/archive.h"
#include "event/links.h"
#include "source/file_intake.h"
#include "tests/sim/world.h"
#include "tests/unit/follow_rig.h"

#include "base/banned.h"

#define DAYS_LIVED 112
#define FORGOTTEN_ON 75
#define FIRMS_MAX 15 /* people: of larger ones one says as much as two */
#define STEP 7       /* days between two looks of the signals */

/* ---- the world ---- */

static uint32_t event_number;

static struct event event_of(const struct world *world,
                             const struct happening *what, char *person,
                             size_t size)
{
    struct event event =
        with_uuid(what->docs ? "$pageview" : "thing done", ++event_number);

    snprintf(person, size, "p-%d-%d", what->firm, what->person);
    event.category =
        what->docs ? CATEGORY_ENGAGEMENT : (enum category)what->category;
    event.occurred_at = what->at;
    event.received_at = what->at + 1200;
    event.account = (struct event_account){.id = world->firms[what->firm].id,
                                           .name = "Firm",
                                           .listed = true};
    event.person = (struct event_person){.id = person};
    if (what->docs)
        event.url = "https://posthog.com/docs/feature-flags/x";
    return event;
}

static void live_day(struct rig *rig, struct world *world, int day)
{
    static struct event events[2000];
    static char people[2000][32];
    struct outcome outcome = {.done = false};
    size_t count = 0;

    world_live(world, day);
    for (size_t i = 0; i < world->count && count < 2000; i++)
        if (world->firms[world->list[i].firm].size <= FIRMS_MAX) {
            events[count] = event_of(world, &world->list[i], people[count],
                                     sizeof people[count]);
            count++;
        }
    journal_append(rig->journal, batch_of(events, count), note_outcome,
                   &outcome, 0);
    journal_tick(rig->journal, (WORLD_FIRST_DAY + day + 1) * DAY_MS);
    rig_drain_until(rig, &outcome.done);
    assert_true(outcome.ok);
    change(rig, "SELECT 1");
}

static void live(struct stage *stage, struct world *world, int from, int to)
{
    for (int day = from; day < to; day++) {
        live_day(stage->rig, world, day);
        if (day % STEP == STEP - 1 || day == to - 1)
            stage_follow(stage);
    }
}

/* ---- from one journal into another ---- */

static void take_ticks(struct file_intake *intake, struct rig *rig,
                       sqlite3_stmt *ticks, int *row, uint64_t before)
{
    for (; *row == SQLITE_ROW &&
           (uint64_t)sqlite3_column_int64(ticks, 0) < before;
         *row = sqlite3_step(ticks)) {
        struct outcome outcome = {.done = false};
        struct event_batch *batch = file_intake_take(intake);

        if (batch) {
            journal_append(rig->journal, batch, note_outcome, &outcome, 0);
            rig_drain_until(rig, &outcome.done);
            assert_true(outcome.ok);
        }
        journal_tick(rig->journal, sqlite3_column_int64(ticks, 1));
        change(rig, "SELECT 1");
    }
}

static void take_line(struct file_intake *intake, const struct event *event,
                      const struct uuid *journal)
{
    struct err err = {""};
    int64_t tick;
    struct buf line;

    buf_init(&line, 64 * KIB);
    assert_true(archive_event(&line, event, journal));
    if (file_intake_add(intake, line.data, line.len, &tick, NULL, &err) !=
        FILE_EVENT)
        fail_msg("%s: %s", err.text, line.data);
    buf_free(&line);
}

static void replay(struct rig *from, struct rig *to)
{
    static const struct link_policy links = {0};
    static const struct decoder decoder = {.links = &links};
    struct journal_reader *reader = rig_reader(from);
    struct reader_range range = {0};
    struct file_intake intake;
    struct err err = {""};
    sqlite3_stmt *ticks = NULL;
    bool more = true;
    int row;

    assert_int_equal(sqlite3_prepare_v2(reader_db(reader),
                                        "SELECT seq, at FROM ticks ORDER BY "
                                        "seq",
                                        -1, &ticks, NULL),
                     SQLITE_OK);
    file_intake_init(&intake, &decoder);
    row = sqlite3_step(ticks);
    while (more) {
        struct event_batch *batch = event_batch_new();

        assert_true(reader_page(reader, &range, batch, &more, &err));
        for (size_t i = 0; i < batch->count; i++) {
            take_ticks(&intake, to, ticks, &row, batch->events[i].seq);
            take_line(&intake, &batch->events[i], reader_journal_id(reader));
            range.after = batch->events[i].seq;
        }
        event_batch_free(batch);
    }
    take_ticks(&intake, to, ticks, &row, UINT64_MAX);
    sqlite3_finalize(ticks);
    file_intake_free(&intake);
    reader_close(reader);
}

/* ---- what they concluded ---- */

static char *concluded(struct rig *rig, int since)
{
    static const char sql[] =
        "SELECT group_concat(kind || ' ' || a.key || ' ' || coalesce(p.key, "
        "'-') || ' ' || category || ' ' || fired_at || ' ' || sentence || ' ' "
        "|| numbers || ' ' || opener || ' ' || state || ' ' || (SELECT "
        "coalesce(group_concat(hex(uuid)), 'none') FROM json_each(evidence) j "
        "JOIN events e ON e.seq = j.value), char(10)) FROM (SELECT * FROM "
        "signals JOIN signal_numbers ON signal = id WHERE fired_at >= ?1 "
        "ORDER BY id) s JOIN accounts a ON a.id = s.account LEFT JOIN persons "
        "p ON p.id = s.person";
    struct journal_reader *reader = rig_reader(rig);
    sqlite3_stmt *row = NULL;
    const char *text;
    char *copy;

    assert_int_equal(sqlite3_prepare_v2(reader_db(reader), sql, -1, &row,
                                        NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(row, 1, (WORLD_FIRST_DAY + since) * DAY_MS);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    text = (const char *)sqlite3_column_text(row, 0);
    copy = strdup(text ? text : "");
    sqlite3_finalize(row);
    reader_close(reader);
    return copy;
}

static unsigned lines_of(const char *text)
{
    unsigned lines = *text != '\0';

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* The first line that differs is easier to read than all of them. */
static void assert_same(const char *one, const char *other)
{
    while (*one && *other) {
        size_t len = strcspn(one, "\n"), its = strcspn(other, "\n");

        if (len != its || strncmp(one, other, len) != 0)
            fail_msg("%.*s\nbut replayed\n%.*s", (int)len, one, (int)its,
                     other);
        one += len + (one[len] == '\n');
        other += its + (other[its] == '\n');
    }
    assert_string_equal(one, other);
}

/* Replays the first journal into the second, and compares what was said since
 * that day; how much that was. */
static unsigned compare(struct stage *stage, struct rig *other, int since)
{
    struct stage again = stage_of(other);
    char *first, *second;
    unsigned count;

    replay(stage->rig, other);
    stage_begin(&again);
    stage_follow(&again);
    first = concluded(stage->rig, since);
    second = concluded(other, since);
    count = lines_of(first);
    assert_same(first, second);
    free(first);
    free(second);
    stage_end(&again);
    return count;
}

/* Whom the world has most of in the largest account of those that are lived
 * with. */
static void forget_somebody(struct stage *stage, const struct world *world)
{
    char id[32];
    bool done = false;

    for (int firm = 0; firm < WORLD_ACCOUNTS; firm++)
        if (world->firms[firm].size == FIRMS_MAX) {
            snprintf(id, sizeof id, "p-%d-%d", firm,
                     world->firms[firm].champion >= 0
                         ? world->firms[firm].champion
                         : 0);
            break;
        }
    journal_forget(stage->rig->journal, FORGET_PERSON, id,
                   (WORLD_FIRST_DAY + FORGOTTEN_ON) * DAY_MS + 1,
                   note_forgotten, &done);
    rig_drain_until(stage->rig, &done);
}

static unsigned check_seed(struct rig *rig, uint64_t seed, bool forget)
{
    struct world *world = world_new(seed);
    struct stage stage = stage_of(rig);
    void *other = NULL;
    unsigned count;

    event_number = 0;
    assert_int_equal(rig_setup(&other), 0);
    stage_begin(&stage);
    live(&stage, world, 0, forget ? FORGOTTEN_ON : DAYS_LIVED);
    if (forget) {
        forget_somebody(&stage, world);
        live(&stage, world, FORGOTTEN_ON, DAYS_LIVED);
    }
    count = compare(&stage, other, forget ? FORGOTTEN_ON : 0);
    stage_end(&stage);
    rig_teardown(&other);
    world_free(world);
    return count;
}

static void check_seeds(void **state, const uint64_t *seeds, size_t count,
                        bool forget)
{
    for (size_t i = 0; i < count; i++) {
        unsigned found = check_seed(*state, seeds[i], forget);

        print_message("# seed %u: %u signals\n", (unsigned)seeds[i], found);
        assert_true(found >= (forget ? 5 : 30));
        rig_teardown(state);
        rig_setup(state);
    }
}

static void a_world_that_is_replayed_concludes_the_same(void **state)
{
    static const uint64_t seeds[] = {11, 12, 13};

    check_seeds(state, seeds, 3, false);
}

static void so_does_one_in_which_somebody_was_forgotten(void **state)
{
    static const uint64_t seeds[] = {21, 22};

    check_seeds(state, seeds, 2, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(a_world_that_is_replayed_concludes_the_same),
        RIG_CASE(so_does_one_in_which_somebody_was_forgotten),
    };

    setenv("TZ", "UTC0", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
