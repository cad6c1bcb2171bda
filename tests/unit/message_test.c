/* Messages: every event is in exactly one place, whatever is merged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "mirror/message.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

/* What all groups and the rest speak of. */
static unsigned counted(const struct message *message)
{
    unsigned total = message->other_events;

    for (size_t i = 0; i < message->group_count; i++) {
        const struct message_group *group = message->groups[i];

        assert_true(group->line_count <= MESSAGE_LINES);
        assert_true(group->line_count <= group->events);
        assert_true(group->people_count <= MESSAGE_PEOPLE);
        total += group->events;
    }
    return total;
}

static struct message *random_message(uint64_t *state, uint64_t *seq,
                                      unsigned events, uint32_t accounts)
{
    struct message *message = message_new();

    for (unsigned i = 0; i < events; i++) {
        struct event event = sample_event(state, ++*seq);
        char id[24];

        snprintf(id, sizeof id, "org-%u", sample_random(state, accounts));
        event.account.id = sample_random(state, 9) ? id : NULL;
        message_add(message, &event, NULL);
    }
    return message;
}

static void every_event_is_counted_once(void **unused)
{
    uint64_t state = 7, seq = 0;

    (void)unused;
    for (int round = 0; round < 200; round++) {
        unsigned events = 1 + sample_random(&state, 300);
        struct message *message =
            random_message(&state, &seq, events,
                           1 + sample_random(&state, 90));

        assert_int_equal(message->events, events);
        assert_int_equal(counted(message), events);
        assert_int_equal(message->last_seq, seq);
        assert_int_equal(message->first_seq, seq - events + 1);
        message_free(message);
    }
}

static void merging_and_keeping_lose_nothing(void **unused)
{
    uint64_t state = 11, seq = 0;

    (void)unused;
    for (int round = 0; round < 60; round++) {
        struct message *all = random_message(&state, &seq, 5, 3);
        unsigned total = 5;

        for (int more = 0; more < 6; more++) {
            unsigned events = 1 + sample_random(&state, 200);
            struct message *next =
                random_message(&state, &seq, events,
                               1 + sample_random(&state, 60));
            struct buf json;

            message_merge(all, next);
            message_free(next);
            total += events;
            buf_init(&json, 4 * MIB);
            assert_true(message_to_json(&json, all));
            message_free(all);
            all = message_from_json(json.data, json.len);
            buf_free(&json);
            assert_non_null(all);
            assert_int_equal(all->events, total);
            assert_int_equal(counted(all), total);
            assert_int_equal(all->last_seq, seq);
        }
        message_free(all);
    }
}

static void what_is_bad_keeps_its_line(void **unused)
{
    uint64_t state = 3;
    struct message *message = message_new();
    bool kept = false;

    (void)unused;
    for (uint64_t seq = 1; seq <= 50; seq++) {
        struct event event = sample_event(&state, seq);

        event.account.id = "one";
        event.tone = seq == 2 ? TONE_BAD : TONE_INFO;
        message_add(message, &event, NULL);
    }
    for (size_t i = 0; i < message->groups[0]->line_count; i++)
        kept = kept || message->groups[0]->lines[i].seq == 2;
    assert_true(kept);
    assert_int_equal(message->groups[0]->lines[MESSAGE_LINES - 1].seq, 50);
    message_free(message);
}

static void a_damaged_row_is_no_message(void **unused)
{
    static const char *const damaged[] = {
        "", "{", "[]", "null", "{}", "\"text\"", "{\"groups\":3}"};

    (void)unused;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        assert_null(message_from_json(damaged[i], strlen(damaged[i])));
}

static void an_address_is_masked_beyond_writing_to_it(void **unused)
{
    struct arena arena = ARENA_INIT;

    (void)unused;
    assert_string_equal(message_mask(&arena, "maya@alderfinch.example"),
                        "m…@alderfinch.example");
    assert_null(strstr(message_mask(&arena, "émile@x.example"), "mile"));
    assert_null(strstr(message_mask(&arena, "no address"), "address"));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_counted_once),
        cmocka_unit_test(merging_and_keeping_lose_nothing),
        cmocka_unit_test(what_is_bad_keeps_its_line),
        cmocka_unit_test(a_damaged_row_is_no_message),
        cmocka_unit_test(an_address_is_masked_beyond_writing_to_it),
    };

    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
