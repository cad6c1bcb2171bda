/* app/usage_service: who did how much, read from the journal's sums, is the
 * same as what is added event by event; over a journal of our own and a clock
 * that stands still. */
#include <setjmp.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/service.h"
#include "app/usage_service.h"
#include "base/clock.h"
#include "journal/forget.h"
#include "journal/zone.h"
#include "live/usage.h"
#include "tests/unit/journal_rig.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define ACCOUNT "01abc"
#define TODAY INT32_C(20000)

static bool changed;

static void note_changed(void *app)
{
    assert_null(app);
    changed = true;
}

static struct service_host host;
static void *service;

static void begin(struct rig *rig)
{
    struct err err = {""};

    host = (struct service_host){.screen = true,
                                 .journal = rig->journal,
                                 .changed = note_changed};
    changed = false;
    service = service_usage.new(&host, &err);
    assert_non_null(service);
    assert_true(service_usage.open(service, &err));
}

static void start(struct rig *rig)
{
    begin(rig);
    rig_drain_until(rig, &changed);
}

static void reread(struct rig *rig)
{
    changed = false;
    usage_service_reread(service);
    rig_drain_until(rig, &changed);
}

static const struct usage *usage_now(void)
{
    return usage_service_usage(service);
}

static const struct usage_account *account_now(const char *id)
{
    const struct usage_account *account = usage_find(usage_now(), id);

    assert_non_null(account);
    return account;
}

static uint32_t sum_now(const char *id)
{
    return usage_sum(usage_now(), account_now(id), 0, USAGE_DAYS);
}

static int32_t day_of(const struct rig *rig, int64_t at)
{
    return zone_day(journal_days(rig->journal), at);
}

/* What is kept goes to the service, and to a usage beside it, if there is
 * one. */
struct keeping {
    struct rig *rig;
    struct usage *beside;
    bool done;
};

static void on_kept(void *ctx, uint64_t token, struct append_result *result)
{
    struct keeping *keeping = ctx;
    const struct event_batch *batch = result->batch;

    (void)token;
    assert_true(result->ok);
    service_usage.kept(service, batch);
    for (size_t i = 0; keeping->beside && i < batch->count; i++)
        usage_event(keeping->beside, &batch->events[i],
                    day_of(keeping->rig, event_time(&batch->events[i])));
    event_batch_free(result->batch);
    keeping->done = true;
}

static void keep_beside(struct rig *rig, const struct event *events,
                        size_t count, struct usage *beside)
{
    struct keeping keeping = {.rig = rig, .beside = beside};

    journal_append(rig->journal, batch_of(events, count), on_kept, &keeping,
                   1);
    rig_drain_until(rig, &keeping.done);
}

static void keep(struct rig *rig, struct event event)
{
    keep_beside(rig, &event, 1, NULL);
}

static int setup(void **state)
{
    clock_pin(NOW);
    return rig_setup(state);
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    journal_close(rig->journal);
    rig->journal = NULL;
    if (service)
        service_usage.free(service);
    service = NULL;
    return rig_teardown(state);
}

static struct event of_person(uint32_t number, const char *id,
                              const char *name)
{
    struct event event = with_uuid("a", number);

    event.person.id = id;
    event.person.email = NULL;
    event.person.name = name;
    return event;
}

static const struct usage_person *find_person(const struct usage *usage,
                                              const char *id, const char *key)
{
    for (uint32_t i = 0; i < usage_people(usage); i++) {
        const struct usage_person *person = usage_person(usage, i);
        const char *of = usage_account(usage, person->account)->id;

        if (!strcmp(person->key, key) && !strcmp(of ? of : "", id ? id : ""))
            return person;
    }
    return NULL;
}

static void accounts_agree(const struct usage *a,
                           const struct usage_account *x,
                           const struct usage *b)
{
    const struct usage_account *y = usage_find(b, x->id);

    assert_non_null(y);
    if (x->id)
        assert_string_equal(x->name, y->name);
    for (int back = 0; back < USAGE_DAYS; back++)
        assert_int_equal(usage_on(a, x, back), usage_on(b, y, back));
    for (int c = 0; c < CATEGORY_COUNT; c++) {
        for (int back = 0; back < USAGE_MONTH; back++)
            assert_int_equal(usage_category_on(a, x, (enum category)c, back),
                             usage_category_on(b, y, (enum category)c, back));
        assert_int_equal(x->first[c].day, y->first[c].day);
        assert_int_equal(x->last[c].day, y->last[c].day);
    }
}

static void people_agree(const struct usage *a, const struct usage_person *x,
                         const struct usage *b)
{
    const struct usage_person *y =
        find_person(b, usage_account(a, x->account)->id, x->key);

    assert_non_null(y);
    assert_string_equal(x->name, y->name);
    assert_int_equal(x->active, y->active);
    assert_int_equal(x->month, y->month);
    assert_int_equal(x->before, y->before);
    assert_memory_equal(x->by_category, y->by_category, sizeof x->by_category);
}

static void agree(const struct usage *a, const struct usage *b)
{
    assert_int_equal(usage_today(a), usage_today(b));
    for (size_t i = 0; i < usage_accounts(a); i++)
        accounts_agree(a, usage_account(a, i), b);
    for (uint32_t i = 0; i < usage_people(a); i++)
        people_agree(a, usage_person(a, i), b);
}

/* Some of the last 80 days; those of more than a week ago came late. */
static struct event random_event(uint64_t *random, uint32_t number)
{
    struct event event = sample_event(random, number);
    int64_t at = NOW - (int64_t)sample_random(random, 80) * DAY_MS;

    event.has_uuid = true;
    event.uuid = numbered(number);
    event.raw_len = strlen(event.raw);
    event.occurred_at = at;
    event.received_at = NOW;
    if (at < NOW - 7 * DAY_MS)
        event.flags |= EVENT_BACKFILLED;
    return event;
}

static void sums_that_are_read_are_those_that_are_added(void **state)
{
    enum { COUNT = 40, BATCHES = 20 };
    struct rig *rig = *state;
    struct usage *beside = usage_new(day_of(rig, NOW));
    struct event events[COUNT];
    uint64_t random = 11;

    start(rig);
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        for (uint32_t i = 0; i < COUNT; i++)
            events[i] = random_event(&random, batch * COUNT + i + 1);
        keep_beside(rig, events, COUNT, beside);
        if (batch == BATCHES / 2)
            reread(rig);
    }
    assert_true(usage_accounts(beside) > 5);
    agree(beside, usage_now());
    reread(rig);
    agree(beside, usage_now());
    usage_free(beside);
}

static void what_is_kept_again_counts_once(void **state)
{
    struct rig *rig = *state;

    start(rig);
    keep(rig, with_uuid("a", 1));
    keep(rig, with_uuid("a", 1));
    assert_int_equal(sum_now(ACCOUNT), 1);
    reread(rig);
    assert_int_equal(sum_now(ACCOUNT), 1);
}

static void a_day_that_ended_is_yesterday(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 2);

    start(rig);
    keep(rig, with_uuid("a", 1));
    service_usage.committed(service, 1);
    assert_int_equal(usage_fill(usage_now()), 1);
    clock_advance(DAY_MS);
    event.occurred_at = event.received_at = NOW + DAY_MS;
    keep(rig, event);
    changed = false;
    service_usage.committed(service, 2);
    rig_drain_until(rig, &changed);
    assert_int_equal(usage_fill(usage_now()), 2);
    assert_int_equal(usage_today(usage_now()), day_of(rig, NOW + DAY_MS));
    assert_int_equal(usage_on(usage_now(), account_now(ACCOUNT), 0), 1);
    assert_int_equal(usage_on(usage_now(), account_now(ACCOUNT), 1), 1);
}

static void what_comes_late_counts_on_its_day_and_names_nobody(void **state)
{
    struct rig *rig = *state;
    struct event event = of_person(2, "p1", "Old Name");

    start(rig);
    keep(rig, of_person(1, "p1", "New Name"));
    event.flags = EVENT_BACKFILLED;
    event.account.name = "Old Labs";
    event.occurred_at = NOW - 40 * DAY_MS;
    keep(rig, event);
    for (int i = 0; i < 2; i++) {
        const struct usage_person *person =
            find_person(usage_now(), ACCOUNT, "p1");

        assert_string_equal(person->name, "New Name");
        assert_string_equal(account_now(ACCOUNT)->name, "Alder & Finch Labs");
        assert_int_equal(person->month, 1);
        assert_int_equal(person->before, 1);
        assert_int_equal(usage_on(usage_now(), account_now(ACCOUNT), 40), 1);
        reread(rig);
    }
}

static void what_is_too_old_to_count_is_a_first_time(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 2);

    start(rig);
    keep(rig, with_uuid("a", 1));
    event.flags = EVENT_BACKFILLED;
    event.occurred_at = NOW - 200 * DAY_MS;
    keep(rig, event);
    for (int i = 0; i < 2; i++) {
        const struct usage_account *account = account_now(ACCOUNT);

        assert_int_equal(sum_now(ACCOUNT), 1);
        assert_int_equal(account->first[CATEGORY_FLAGS].day,
                         day_of(rig, NOW - 200 * DAY_MS));
        assert_int_equal(account->last[CATEGORY_FLAGS].day,
                         day_of(rig, NOW - 2000));
        reread(rig);
    }
}

static void what_is_hidden_and_what_is_a_test_counts_for_nothing(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 1);

    start(rig);
    event.hidden = HIDDEN_INTERNAL;
    keep(rig, event);
    keep(rig, of_person(2, "telltale-test", NULL));
    keep(rig, of_person(3, "distinct-id", NULL));
    assert_null(usage_find(usage_now(), ACCOUNT));
    keep(rig, with_uuid("a", 4));
    assert_int_equal(sum_now(ACCOUNT), 1);
    reread(rig);
    assert_int_equal(sum_now(ACCOUNT), 1);
    assert_int_equal(usage_heads(usage_now(), account_now(ACCOUNT)).month, 1);
}

static void an_account_in_no_book_counts_like_another(void **state)
{
    struct rig *rig = *state;
    struct event event = with_uuid("a", 1);

    start(rig);
    event.account = (struct event_account){.id = "02new", .name = "New"};
    keep(rig, event);
    event = with_uuid("a", 2);
    event.account = (struct event_account){.id = NULL};
    keep(rig, event);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sum_now("02new"), 1);
        assert_string_equal(account_now("02new")->name, "New");
        assert_int_equal(sum_now(NULL), 1);
        reread(rig);
    }
}

static void who_is_forgotten_is_gone_when_it_is_filled_again(void **state)
{
    struct rig *rig = *state;
    struct event event = of_person(1, "p1", "Ann");
    bool done = false;

    start(rig);
    event.person.email = "ann@example.com";
    keep(rig, event);
    keep(rig, of_person(2, "p2", "Ben"));
    journal_forget(rig->journal, FORGET_EMAIL, "ann@example.com", NOW,
                   note_forgotten, &done);
    rig_drain_until(rig, &done);
    reread(rig);
    assert_int_equal(sum_now(ACCOUNT), 1);
    assert_null(find_person(usage_now(), ACCOUNT, "p1"));
    assert_int_equal(usage_heads(usage_now(), account_now(ACCOUNT)).month, 1);
    keep(rig, of_person(3, "p2", "Ben"));
    assert_int_equal(find_person(usage_now(), ACCOUNT, "p2")->month, 2);
}

/* Holds the reader's thread up before each slice of what is read: the start,
 * the people and the first day, the second day … An event that comes then is
 * of the day that is next, or of one that is read already. */
struct gate {
    sem_t closed, open;
    int times;
    bool done;
};

static enum reader_step
stand_in_the_way(void *ctx, struct journal_reader *reader, struct err *err)
{
    struct gate *gate = ctx;

    (void)reader;
    (void)err;
    sem_post(&gate->closed);
    sem_wait(&gate->open);
    return --gate->times ? READER_AGAIN : READER_DONE;
}

static void note_gate(void *ctx, bool ok, const struct err *err)
{
    (void)err;
    assert_true(ok);
    ((struct gate *)ctx)->done = true;
}

/* The reader's thread stands still when it returns. */
static void shut(struct rig *rig, struct gate *gate)
{
    sem_init(&gate->closed, 0, 0);
    sem_init(&gate->open, 0, 0);
    journal_read(rig->journal, stand_in_the_way, note_gate, gate);
    sem_wait(&gate->closed);
}

static void leave(struct rig *rig, struct gate *gate)
{
    rig_drain_until(rig, &changed);
    rig_drain_until(rig, &gate->done);
    sem_destroy(&gate->closed);
    sem_destroy(&gate->open);
}

static void who_comes_while_it_is_read_counts_once(void **state)
{
    enum { TIMES = 6 };
    static const char *const ids[TIMES] = {"a1", "a2", "a3", "a4", "a5", "a6"};
    static const int backs[TIMES] = {0, 0, 1, 1, 3, 3};
    struct rig *rig = *state;
    struct gate gate = {.times = TIMES};

    shut(rig, &gate);
    begin(rig);
    for (uint32_t i = 0; i < TIMES; i++) {
        struct event event = of_person(i + 1, ids[i], i % 2 ? "Ann" : NULL);

        event.person.email = "ann@example.com";
        event.account.id = ids[i];
        event.occurred_at -= backs[i] * DAY_MS;
        if (i)
            sem_wait(&gate.closed);
        keep(rig, event);
        sem_post(&gate.open);
    }
    leave(rig, &gate);
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(sum_now(ids[i]), 1);
        assert_int_equal(find_person(usage_now(), ids[i], ids[i])->month, 1);
    }
}

static void is_known_by(const char *key, const char *name)
{
    const struct usage_person *person = find_person(usage_now(), key, key);

    assert_non_null(person);
    assert_string_equal(person->name, name);
    assert_string_equal(account_now(key)->name, "Alder & Finch Labs");
}

/* Also who comes when all days are read, and only first times are not. */
static void who_comes_while_it_is_read_is_known_by_name(void **state)
{
    enum { TIMES = USAGE_DAYS + 2 };
    static char ids[TIMES][2][8];
    struct rig *rig = *state;
    struct gate gate = {.times = TIMES};

    shut(rig, &gate);
    begin(rig);
    for (uint32_t i = 0; i < TIMES; i++) {
        for (uint32_t j = 0; j < 2; j++) {
            struct event event =
                of_person(2 * i + j + 1, ids[i][j], j ? "Ann" : NULL);

            snprintf(ids[i][j], sizeof ids[i][j], "%c%u", j ? 'n' : 'm', i);
            event.person.email = "ann@example.com";
            event.account.id = ids[i][j];
            if (i && !j)
                sem_wait(&gate.closed);
            keep(rig, event);
        }
        assert_false(changed);
        sem_post(&gate.open);
    }
    leave(rig, &gate);
    for (int i = 0; i < TIMES; i++) {
        is_known_by(ids[i][0], "ann@example.com");
        is_known_by(ids[i][1], "Ann");
    }
}

/* What is told to be read again while it is read holds what changed since. */
static void who_is_forgotten_while_it_is_read_is_gone(void **state)
{
    struct rig *rig = *state;
    struct gate gate = {.times = 1};

    start(rig);
    keep(rig, of_person(1, "p1", "Ann"));
    keep(rig, of_person(2, "p2", "Ben"));
    changed = false;
    shut(rig, &gate);
    usage_service_reread(service);
    change(rig, "DELETE FROM daily WHERE person = 1");
    usage_service_reread(service);
    keep(rig, of_person(3, "p2", "Ben"));
    assert_false(changed);
    sem_post(&gate.open);
    leave(rig, &gate);
    assert_int_equal(sum_now(ACCOUNT), 2);
    assert_int_equal(usage_fill(usage_now()), 2);
}

static void who_is_there_lately_has_room_before_who_was_once(void **state)
{
    struct rig *rig = *state;

    change(rig, "INSERT INTO accounts (key, last_at) VALUES ('old', 1);"
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                "n WHERE i < 50000) INSERT INTO persons (account, key, "
                "last_at) SELECT 1, 'p' || i, 1 FROM n");
    append_one(rig, of_person(1, "young", "Young"));
    start(rig);
    assert_false(usage_partial(usage_now()));
    assert_int_equal(find_person(usage_now(), ACCOUNT, "young")->month, 1);
}

static void accounts_of_the_book_have_room_before_others(void **state)
{
    struct rig *rig = *state;

    change(rig, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                "n WHERE i < 5000) INSERT INTO accounts (key, listed, "
                "last_at) SELECT 'o' || i, i = 7, 1 FROM n");
    append_one(rig, with_uuid("a", 1));
    start(rig);
    assert_true(usage_partial(usage_now()));
    assert_int_equal(sum_now(ACCOUNT), 1);
    assert_int_equal(sum_now("o7"), 0);
    assert_null(usage_find(usage_now(), "o8"));
}

static void ties_stand_in_one_order_however_often_it_is_filled(void **state)
{
    struct rig *rig = *state;
    struct event event;

    start(rig);
    keep(rig, of_person(1, "p1", "Ann"));
    keep(rig, of_person(2, "p2", "Ben"));
    keep(rig, of_person(3, "p3", "Cleo"));
    event = of_person(4, "p1", "Ann");
    event.occurred_at += 90000;
    event.received_at += 90000;
    keep(rig, event);
    for (int i = 0; i < 3; i++) {
        const struct usage_account *account = account_now(ACCOUNT);
        uint32_t ann = account->first[CATEGORY_FLAGS].person;

        assert_string_equal(usage_person(usage_now(), ann)->key, "p1");
        assert_int_equal(account->last[CATEGORY_FLAGS].person, ann);
        assert_string_equal(usage_person(usage_now(), ann + 1)->key, "p2");
        assert_string_equal(usage_person(usage_now(), ann + 2)->key, "p3");
        reread(rig);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(sums_that_are_read_are_those_that_are_added),
        CASE(what_is_kept_again_counts_once),
        CASE(a_day_that_ended_is_yesterday),
        CASE(what_comes_late_counts_on_its_day_and_names_nobody),
        CASE(what_is_too_old_to_count_is_a_first_time),
        CASE(what_is_hidden_and_what_is_a_test_counts_for_nothing),
        CASE(an_account_in_no_book_counts_like_another),
        CASE(who_is_forgotten_is_gone_when_it_is_filled_again),
        CASE(who_is_forgotten_while_it_is_read_is_gone),
        CASE(who_comes_while_it_is_read_counts_once),
        CASE(who_comes_while_it_is_read_is_known_by_name),
        CASE(who_is_there_lately_has_room_before_who_was_once),
        CASE(accounts_of_the_book_have_room_before_others),
        CASE(ties_stand_in_one_order_however_often_it_is_filled),
    };

    return cmocka_run_group_tests_name("usage service", tests, NULL, NULL);
}
