/* The digest of a day stays within the limits of Slack, and of those that are
 * posted to like Slack, and speaks of every account. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "mirror/mirror.h"
#include "mirror/slack.h"
#include "tests/unit/sample.h"
#include "tests/unit/slack_rig.h"

#include "base/banned.h"

static const char *random_text(uint64_t *state, struct report *report)
{
    static char text[900];

    return arena_strdup(&report->arena, hostile(state, text, sizeof text));
}

static void random_lines(uint64_t *state, struct report *report,
                         struct report_account *account)
{
    account->event_count = sample_random(state, REPORT_EVENTS + 1);
    account->replay_count = sample_random(state, REPORT_REPLAYS + 1);
    account->person_count = sample_random(state, REPORT_PEOPLE + 1);
    for (size_t i = 0; i < account->event_count; i++)
        account->events[i] = (struct report_event){
            .tone = (enum tone)sample_random(state, TONE_COUNT),
            .person =
                sample_random(state, 4) ? random_text(state, report) : NULL,
            .sentence = random_text(state, report)};
    for (size_t i = 0; i < account->replay_count; i++)
        account->replays[i] =
            (struct report_event){.sentence = random_text(state, report),
                                  .replay = "https://x.example/replay/1"};
    for (size_t i = 0; i < account->person_count; i++)
        account->people[i] =
            (struct report_person){random_text(state, report), 1, 1};
}

static void random_signals(uint64_t *state, struct report *report,
                           struct report_account *account)
{
    for (uint32_t i = sample_random(state, 4); i > 0; i--) {
        struct report_signal *signal =
            arena_alloc(&report->arena, sizeof *signal);

        *signal = (struct report_signal){
            .next = account->signals,
            .tone = (enum tone)sample_random(state, TONE_COUNT),
            .title = "billing",
            .person = random_text(state, report),
            .sentence = random_text(state, report),
            .opener = random_text(state, report)};
        account->signals = signal;
    }
}

static void random_report(uint64_t *state, struct report *report)
{
    *report = (struct report){.count = 1 + sample_random(state, 120),
                              .day_count = 1,
                              .to_ms = SAMPLE_START};
    report->accounts = xcalloc(report->count, sizeof *report->accounts);
    for (size_t i = 0; i < report->count; i++) {
        struct report_account *account = &report->accounts[i];

        account->id = "";
        account->name = random_text(state, report);
        account->now.events = sample_random(state, 3) ? 1 + i : 0;
        account->before.events = sample_random(state, 30);
        if (!sample_random(state, 3))
            random_signals(state, report, account);
        if (account->now.events)
            random_lines(state, report, account);
        report->now.events += account->now.events;
    }
}

/* Accounts that a report speaks of: by name, or as a count. */
static size_t accounts_told(const struct buf *out)
{
    cJSON *object = cJSON_Parse(out->data);
    const cJSON *block;
    size_t told = 0;
    bool heading = true;

    cJSON_ArrayForEach(block,
                       cJSON_GetObjectItemCaseSensitive(object, "blocks"))
    {
        const char *text =
            text_at(cJSON_GetObjectItemCaseSensitive(block, "text"), "text");
        unsigned more;

        if (sscanf(text, "_and %u more account", &more) == 1)
            told += more;
        else if (!heading && strncmp(text, "No events: ", 11) != 0)
            told++;
        heading = false;
    }
    cJSON_Delete(object);
    return told;
}

static void a_report_stays_within_every_limit(void **unused)
{
    uint64_t state = 77;

    (void)unused;
    for (int round = 0; round < 60; round++) {
        struct report report;
        struct buf out;
        size_t loud = 0;

        random_report(&state, &report);
        for (size_t i = 0; i < report.count; i++)
            loud += !report_is_quiet(&report.accounts[i]);
        buf_init(&out, MIB);
        assert_true(slack_report(&out, &report, NULL));
        check_limits(&out);
        assert_int_equal(accounts_told(&out), loud);
        buf_free(&out);
        report_free(&report);
    }
}

static size_t text_length(const struct mirror_settings *settings,
                          const struct report *report)
{
    struct mirror_content content = {.bucket = "digest", .report = report};
    struct buf out;
    cJSON *object;
    size_t len;

    buf_init(&out, MIB);
    assert_true(mirror_slack.render(settings, &content, &out));
    object = cJSON_Parse(out.data);
    len = strlen(text_at(object, "text"));
    cJSON_Delete(object);
    buf_free(&out);
    return len;
}

static void a_report_for_others_is_text_that_fits(void **unused)
{
    struct mirror_settings discord = {
        .type = &mirror_slack,
        .url = (char *)"https://discord.com/api/webhooks/1/x/slack"};
    struct mirror_settings mattermost = {
        .type = &mirror_slack,
        .url = (char *)"https://m.example/hooks/abcdefghijklmnopqrstuvwxyz"};
    uint64_t state = 78;

    (void)unused;
    for (int round = 0; round < 40; round++) {
        struct report report;

        random_report(&state, &report);
        assert_in_range(text_length(&discord, &report), 100, 1900);
        assert_in_range(text_length(&mattermost, &report), 100, 3800);
        report_free(&report);
    }
}

/* One account and what is said of it. */
static void assert_counted(struct report_account account, const char *words)
{
    struct report report = {.count = 1, .day_count = 1, .to_ms = SAMPLE_START};
    struct buf out;

    account.id = "a";
    account.name = "Alder";
    report.accounts = &account;
    report.now = account.now;
    buf_init(&out, MIB);
    assert_true(slack_report(&out, &report, NULL));
    assert_non_null(strstr(out.data, words));
    buf_free(&out);
}

static void people_and_changes_are_told_where_they_say_something(void **unused)
{
    (void)unused;
    assert_counted((struct report_account){.now = {.events = 1, .people = 1}},
                   "Alder* · 1 event\"");
    assert_counted((struct report_account){.now = {.events = 3, .people = 2}},
                   "Alder* · 3 events by 2 people\"");
    assert_counted((struct report_account){.now = {.events = 3, .people = 1},
                                           .before = {.events = 9}},
                   "Alder* · 3 events\"");
    assert_counted((struct report_account){.now = {.events = 3, .people = 1},
                                           .before = {.events = 10}},
                   "Alder* · 3 events, ▼ 70 %\"");
}

/* Of an account of which there is much else, too. */
static void what_happened_is_told_line_by_line(void **unused)
{
    struct report_account account = {.now = {.events = 3, .people = 1},
                                     .event_count = 3,
                                     .replay_count = 1};

    (void)unused;
    account.events[0] = (struct report_event){.sentence = "bought credits"};
    account.events[1] = (struct report_event){.sentence = "hit a limit"};
    account.events[2] = (struct report_event){.sentence = "made a survey"};
    account.replays[0] =
        (struct report_event){.sentence = "was stuck",
                              .replay = "https://x.example/replay/1"};
    assert_counted(account, "bought credits");
    assert_counted(account, "hit a limit");
    assert_counted(account, "made a survey");
    assert_counted(account, "was stuck <https://x.example/replay/1|Replay>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_stays_within_every_limit),
        cmocka_unit_test(a_report_for_others_is_text_that_fits),
        cmocka_unit_test(people_and_changes_are_told_where_they_say_something),
        cmocka_unit_test(what_happened_is_told_line_by_line),
    };

    return cmocka_run_group_tests_name("slack digest", tests, NULL, NULL);
}
