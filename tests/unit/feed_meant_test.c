/* Whom another telltale's hashes mean: who did something until then, and of
 * whom a forgetting has left something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "journal/forget.h"
#include "source/feed_meant.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define EMAIL "jonas@alderfinch.example"
#define HOUR_MS INT64_C(3600000)

/* The newest that was found. */
struct found {
    size_t count;
    enum forget_kind kind;
    int64_t at;
};

static void note_found(void *ctx, enum forget_kind kind, const char *text,
                       int64_t at)
{
    struct found *found = ctx;

    (void)text;
    found->count++;
    found->kind = kind;
    found->at = at;
}

static struct found meant(struct rig *rig, struct feed_hash *hashes,
                          size_t count)
{
    struct journal_reader *reader = rig_reader(rig);
    struct found found = {.count = 0};
    struct err err = {""};

    assert_true(feed_meant(reader_db(reader), &hashes->salt, hashes, count,
                           note_found, &found, &err));
    assert_string_equal(err.text, "");
    reader_close(reader);
    return found;
}

static struct feed_hash hash_of(const char *kind, const char *text, int64_t at)
{
    struct feed_hash hash = {.salt = numbered(7), .at = at};

    forgotten_hash(&hash.salt, kind, text, hash.bytes);
    return hash;
}

static struct found meant_by(struct rig *rig, const char *kind,
                             const char *text, int64_t at)
{
    struct feed_hash hash = hash_of(kind, text, at);

    return meant(rig, &hash, 1);
}

static void append_at(struct rig *rig, const char *id, const char *email,
                      uint32_t number, int64_t at)
{
    struct event event = with_uuid("a", number);

    event.person.id = id;
    event.person.email = email;
    event.occurred_at = event.received_at = at;
    append_one(rig, event);
}

static void who_did_something_until_then_is_meant(void **state)
{
    struct rig *rig = *state;

    append_at(rig, "p1", EMAIL, 1, NOW);
    append_at(rig, "p2", NULL, 2, NOW);
    assert_int_equal(meant_by(rig, FORGOTTEN_EMAIL, EMAIL, NOW).count, 1);
    assert_int_equal(meant_by(rig, FORGOTTEN_EMAIL, EMAIL, NOW - 1).count, 0);
    assert_int_equal(meant_by(rig, FORGOTTEN_ID, "p1", NOW).kind,
                     FORGET_PERSON);
    assert_int_equal(meant_by(rig, FORGOTTEN_ALONE, "p1", NOW).count, 0);
    assert_int_equal(meant_by(rig, FORGOTTEN_ALONE, "p2", NOW).count, 1);
    assert_int_equal(meant_by(rig, FORGOTTEN_ACCOUNT, "01ABC", NOW).kind,
                     FORGET_ACCOUNT);
}

/* A stream has each time. */
static void who_is_told_twice_is_meant_up_to_the_later(void **state)
{
    struct rig *rig = *state;
    struct feed_hash hashes[] = {
        hash_of(FORGOTTEN_EMAIL, EMAIL, NOW),
        hash_of(FORGOTTEN_EMAIL, EMAIL, NOW + HOUR_MS),
        hash_of(FORGOTTEN_EMAIL, EMAIL, NOW - HOUR_MS),
        hash_of(FORGOTTEN_EMAIL, "another@alderfinch.example", NOW)};
    size_t count = sizeof hashes / sizeof *hashes;

    append_at(rig, "p1", EMAIL, 1, NOW);
    for (size_t turn = 0; turn < count; turn++) {
        struct feed_hash first = hashes[0];

        assert_int_equal(meant(rig, hashes, count).at, NOW + HOUR_MS);
        memmove(hashes, hashes + 1, (count - 1) * sizeof *hashes);
        hashes[count - 1] = first;
    }
}

/* ---- what did not come to its end ---- */

struct run {
    bool begun, done, ok;
};

static void note_progress(void *ctx, const struct forget_result *result)
{
    struct run *run = ctx;

    (void)result;
    run->begun = true;
}

static void note_done(void *ctx, bool ok, const struct forget_result *result,
                      const struct err *err)
{
    struct run *run = ctx;

    (void)result;
    (void)err;
    run->done = true;
    run->ok = ok;
}

static const struct forget_ops ops = {.progress = note_progress,
                                      .done = note_done,
                                      .only_before = true};

static void begin_to_forget(struct rig *rig, enum forget_kind kind,
                            const char *text, int64_t at)
{
    struct run run = {.begun = false};

    journal_forget_by(rig->journal, kind, text, at, &ops, &run);
    rig_drain_until(rig, &run.begun);
    rig_close(rig);
    assert_false(run.done);
    rig_open(rig);
}

static void forget(struct rig *rig, enum forget_kind kind, const char *text,
                   int64_t at)
{
    struct run run = {.begun = false};

    journal_forget_by(rig->journal, kind, text, at, &ops, &run);
    rig_drain_until(rig, &run.done);
    assert_true(run.ok);
}

static int64_t old_notes(struct rig *rig)
{
    return ask(rig, "SELECT count(*) FROM notes WHERE text = 'old'");
}

static void prepare(struct rig *rig)
{
    append_at(rig, "p1", EMAIL, 1, NOW - HOUR_MS);
    append_at(rig, "p1", EMAIL, 2, NOW + HOUR_MS);
    change(rig, "INSERT INTO notes (about, subject, text, at) VALUES "
                "('person', 'p1', 'old', 1)");
}

static void
who_is_forgotten_in_part_is_meant_though_they_came_back(void **state)
{
    struct rig *rig = *state;
    struct found found;

    prepare(rig);
    begin_to_forget(rig, FORGET_EMAIL, EMAIL, NOW);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
    assert_int_equal(old_notes(rig), 1);
    found = meant_by(rig, FORGOTTEN_EMAIL, EMAIL, NOW);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.at, NOW);
    forget(rig, found.kind, EMAIL, found.at);
    assert_int_equal(old_notes(rig), 0);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
    assert_int_equal(meant_by(rig, FORGOTTEN_EMAIL, EMAIL, NOW).count, 0);
}

/* Two receivers know them, or the clock of one was set. */
static void what_was_begun_ends_as_it_was_begun(void **state)
{
    struct rig *rig = *state;
    struct found found;

    prepare(rig);
    begin_to_forget(rig, FORGET_PERSON, "p1", NOW);
    found = meant_by(rig, FORGOTTEN_ID, "p1", NOW - 2 * HOUR_MS);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.at, NOW);
}

static void who_is_alone_behind_an_id_is_meant_again_too(void **state)
{
    struct rig *rig = *state;
    struct found found;

    append_at(rig, "p2", NULL, 1, NOW - HOUR_MS);
    append_at(rig, "p2", NULL, 2, NOW + HOUR_MS);
    found = meant_by(rig, FORGOTTEN_ALONE, "p2", NOW);
    assert_int_equal(found.count, 1);
    begin_to_forget(rig, found.kind, "p2", found.at);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
    assert_int_equal(meant_by(rig, FORGOTTEN_ALONE, "p2", NOW).count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(who_did_something_until_then_is_meant),
        RIG_CASE(who_is_told_twice_is_meant_up_to_the_later),
        RIG_CASE(who_is_forgotten_in_part_is_meant_though_they_came_back),
        RIG_CASE(what_was_begun_ends_as_it_was_begun),
        RIG_CASE(who_is_alone_behind_an_id_is_meant_again_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
