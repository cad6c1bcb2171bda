/* journal: which events are the same, whatever has sent them, and the order
 * of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "journal/journal.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

static void the_same_uuid_is_kept_once(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {with_uuid("a", 1), with_uuid("b", 2),
                             with_uuid("a again", 1)};
    struct outcome outcome = rig_append(rig, events, 3);
    uint64_t first = outcome.seqs[0];

    assert_true(outcome.ok);
    assert_int_equal(outcome.token, 7);
    assert_int_equal(outcome.fresh, 2);
    assert_int_equal(outcome.duplicates, 1);
    assert_int_equal(outcome.seqs[2], first);
    assert_true(outcome.flags[2] & EVENT_DUPLICATE);
    assert_false(outcome.flags[1] & EVENT_DUPLICATE);
    outcome = rig_append(rig, events, 1);
    assert_int_equal(outcome.fresh, 0);
    assert_int_equal(outcome.seqs[0], first);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
    assert_int_equal(journal_stats(rig->journal).events, 2);
    assert_int_equal(journal_stats(rig->journal).duplicates, 2);
}

static void the_same_key_is_kept_once(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {sample("a"), sample("b"), sample("c")};
    struct outcome outcome;

    events[0].key = events[2].key = "msg_1/0";
    events[1].key = "msg_1/1";
    outcome = rig_append(rig, events, 3);
    assert_int_equal(outcome.fresh, 2);
    assert_int_equal(outcome.seqs[2], outcome.seqs[0]);
    assert_int_equal(rig_append(rig, events + 1, 1).duplicates, 1);
}

static void events_without_a_key_are_never_merged(void **state)
{
    struct rig *rig = *state;
    struct event events[] = {sample("a"), sample("a"), sample("a")};

    events[1].key = "";
    events[2].key = "";
    assert_int_equal(rig_append(rig, events, 3).fresh, 3);
    assert_int_equal(rig_append(rig, events, 3).fresh, 3);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 6);
}

#define HOLDER                                                                \
    "SELECT e.seq FROM events e JOIN origins o ON o.id = e.origin WHERE "     \
    "e.origin_seq = 12 AND o.journal = (SELECT journal FROM origins WHERE "   \
    "id = 1)"

static struct event at_place(struct event event, int64_t received_at)
{
    event.key = NULL;
    event.has_origin = true;
    event.origin_id = numbered(5);
    event.origin_seq = 12;
    event.received_at = received_at;
    return event;
}

static void one_place_in_another_journal_is_one_event(void **state)
{
    struct rig *rig = *state;
    struct event event = sample("a");
    uint64_t seq;

    event.has_origin = true;
    event.origin_id = numbered(5);
    event.origin_seq = 12;
    seq = append_one(rig, event);
    assert_int_equal(append_one(rig, event), seq);
    event.origin_seq = 13;
    assert_int_not_equal(append_one(rig, event), seq);
    event.origin_id = numbered(6);
    event.origin_seq = 12;
    assert_int_not_equal(append_one(rig, event), seq);
}

/* That journal was put back to an older copy, and gave its seqs out anew. */
static void another_event_at_a_place_is_kept_and_has_the_place(void **state)
{
    struct rig *rig = *state;
    struct event before = at_place(with_uuid("before", 1), NOW);
    struct event since = at_place(with_uuid("since", 2), NOW + 5);
    uint64_t lost = append_one(rig, before), seq = append_one(rig, since);

    assert_int_not_equal(seq, lost);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(append_one(rig, before), lost);
        assert_int_equal(append_one(rig, since), seq);
    }
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
    assert_int_equal(ask(rig, HOLDER), (int64_t)seq);
}

static void of_two_at_a_place_the_one_received_last_has_it(void **state)
{
    struct rig *rig = *state;
    uint64_t seq = append_one(rig, at_place(with_uuid("since", 2), NOW + 5));

    assert_int_not_equal(append_one(rig,
                                    at_place(with_uuid("before", 1), NOW)),
                         seq);
    assert_int_equal(ask(rig, HOLDER), (int64_t)seq);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events WHERE origin IS "
                              "NOT NULL AND origin_seq = 12"),
                     2);
}

/* Nothing but when each was received tells them apart; they come in any
 * order, again and again, and one beyond those that are known by a place. */
static void many_without_a_name_at_a_place_are_known_apart(void **state)
{
    struct rig *rig = *state;
    uint64_t seqs[17];

    for (int i = 0; i < 17; i++)
        seqs[i] = append_one(rig, at_place(sample("a"), NOW + (i * 7 % 17)));
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 17);
    for (int round = 0; round < 2; round++)
        for (int i = 16; i >= 0; i--)
            assert_int_equal(append_one(rig, at_place(sample("a"),
                                                      NOW + (i * 7 % 17))),
                             seqs[i]);
    assert_int_not_equal(append_one(rig, at_place(sample("a"), NOW + 99)),
                         seqs[16]);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 18);
    assert_int_equal(ask(rig,
                         "SELECT count(*) FROM events WHERE origin IS NULL"),
                     1);
    assert_int_equal(ask(rig, HOLDER), 18);
}

static void one_with_a_uuid_is_not_one_without(void **state)
{
    struct rig *rig = *state;
    uint64_t seq = append_one(rig, at_place(sample("a"), NOW));

    assert_int_not_equal(append_one(rig, at_place(with_uuid("a", 1), NOW)),
                         seq);
    assert_int_equal(append_one(rig, at_place(sample("a"), NOW)), seq);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
}

static void a_key_tells_two_apart_that_came_at_the_same_time(void **state)
{
    struct rig *rig = *state;
    struct event one = at_place(sample("a"), NOW), other = one, bare = one;
    uint64_t seq;

    one.key = "msg_1/0";
    other.key = "msg_1/1";
    bare.key = NULL;
    seq = append_one(rig, one);
    assert_int_equal(append_one(rig, bare), seq);
    assert_int_not_equal(append_one(rig, other), seq);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
}

static void our_own_event_coming_back_is_known(void **state)
{
    struct rig *rig = *state;
    struct event event = sample("a");
    uint64_t seq = append_one(rig, event);

    event.has_origin = true;
    event.origin_id = *journal_id(rig->journal);
    event.origin_seq = seq;
    assert_int_equal(append_one(rig, event), seq);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 1);
}

static void our_own_event_without_a_name_is_known_by_its_place(void **state)
{
    struct rig *rig = *state;
    struct event event = sample("a");
    uint64_t seq;

    event.key = NULL;
    seq = append_one(rig, event);
    event.has_origin = true;
    event.origin_id = *journal_id(rig->journal);
    event.origin_seq = seq;
    assert_int_equal(append_one(rig, event), seq);
    event.received_at++;
    assert_int_not_equal(append_one(rig, event), seq);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
}

/* A backup was put back, and what came since has the seqs of what is
 * imported now. */
static void a_seq_of_ours_hides_no_other_event(void **state)
{
    struct rig *rig = *state;
    struct event lost = with_uuid("lost", 1);

    lost.has_origin = true;
    lost.origin_id = *journal_id(rig->journal);
    lost.origin_seq = append_one(rig, with_uuid("since", 2));
    assert_int_not_equal(append_one(rig, lost), lost.origin_seq);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
    assert_int_not_equal(append_one(rig, lost), lost.origin_seq);
    assert_int_equal(ask(rig, "SELECT count(*) FROM events"), 2);
    assert_int_equal(
        ask(rig, "SELECT count(*) FROM events WHERE origin IS NOT NULL"), 0);
}

static void a_seq_is_never_given_out_again(void **state)
{
    struct rig *rig = *state;
    uint64_t seq;

    append_one(rig, sample("a"));
    seq = append_one(rig, sample("b"));
    change(rig, "DELETE FROM events");
    assert_int_equal(ask(rig, "SELECT count(*) FROM bodies"), 0);
    assert_true(append_one(rig, sample("c")) > seq);
    seq = append_one(rig, sample("d"));
    change(rig, "DELETE FROM events");
    rig_close(rig);
    rig_open(rig);
    assert_int_equal(journal_stats(rig->journal).last_seq, seq);
    assert_true(append_one(rig, sample("e")) > seq);
}

static void ticks_share_the_order_of_events(void **state)
{
    struct rig *rig = *state;
    uint64_t before = append_one(rig, sample("a"));
    uint64_t after;

    journal_tick(rig->journal, NOW + 60000);
    after = append_one(rig, sample("b"));
    assert_int_equal(after, before + 2);
    assert_int_equal(ask(rig, "SELECT seq FROM ticks"), before + 1);
    assert_int_equal(ask(rig, "SELECT at FROM ticks"), NOW + 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(the_same_uuid_is_kept_once),
        RIG_CASE(the_same_key_is_kept_once),
        RIG_CASE(events_without_a_key_are_never_merged),
        RIG_CASE(one_place_in_another_journal_is_one_event),
        RIG_CASE(another_event_at_a_place_is_kept_and_has_the_place),
        RIG_CASE(of_two_at_a_place_the_one_received_last_has_it),
        RIG_CASE(many_without_a_name_at_a_place_are_known_apart),
        RIG_CASE(one_with_a_uuid_is_not_one_without),
        RIG_CASE(a_key_tells_two_apart_that_came_at_the_same_time),
        RIG_CASE(our_own_event_coming_back_is_known),
        RIG_CASE(our_own_event_without_a_name_is_known_by_its_place),
        RIG_CASE(a_seq_of_ours_hides_no_other_event),
        RIG_CASE(a_seq_is_never_given_out_again),
        RIG_CASE(ticks_share_the_order_of_events),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("the same event", tests, NULL, NULL);
}
