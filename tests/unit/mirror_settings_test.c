/* [mirror NAME]: what is taken, what is refused, and times of the day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"
#include "mirror/settings.h"
#include "mirror/mirror.h"
#include "tests/unit/sample.h"

#include "base/banned.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static bool load(struct mirror_list *list, const char *text, struct err *err)
{
    struct config *config = config_read("config.ini", text, strlen(text), err);
    bool ok;

    *list = (struct mirror_list){NULL, 0};
    assert_non_null(config);
    ok = mirror_list_load(list, config, err);
    config_free(config);
    return ok;
}

static void defaults_are_as_documented(void **unused)
{
    struct mirror_list list;
    struct err err;

    (void)unused;
    assert_true(load(&list, "[mirror a]\nurl = https://x.example/1\n", &err));
    assert_int_equal(list.count, 1);
    assert_ptr_equal(list.mirrors[0].type, &mirror_slack);
    assert_int_equal(list.mirrors[0].window_ms, 3000);
    assert_int_equal(list.mirrors[0].timeout_ms, 10000);
    assert_int_equal(list.mirrors[0].backoff_max_ms, 300000);
    assert_int_equal(list.mirrors[0].cooldown_ms, 0);
    assert_int_equal(list.mirrors[0].digest_at, -1);
    assert_false(mirror_quiet(&list.mirrors[0], SAMPLE_START, NULL));
    mirror_list_free(&list);
}

static void each_default_is_one_that_may_be_written(void **unused)
{
    static const char *const rows[][2] = {
#define MIRROR(key, kind, field, range, standard, help) {#key, standard},
#include "mirror/mirrors.def"
#undef MIRROR
    };
    size_t tried = 0;

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mirror_list list;
        struct err err = {""};
        char text[200];

        if (!rows[i][1])
            continue;
        snprintf(text, sizeof text,
                 "[mirror a]\nurl = https://x.example/1\n%s = %s\n",
                 rows[i][0], rows[i][1]);
        if (!load(&list, text, &err))
            fail_msg("%s: %s", rows[i][0], err.text);
        mirror_list_free(&list);
        tried++;
    }
    assert_int_equal(tried, 8);
}

/* By the table, so that a new type needs no word here. */
static void a_type_that_is_none_is_told_which_there_are(void **unused)
{
    static const char *const types[] = {
#define TYPE(name) #name,
#include "mirror/types.def"
#undef TYPE
    };
    struct mirror_list list;
    struct err err = {""};
    const char *at;

    (void)unused;
    assert_false(load(&list, "[mirror a]\ntype = fax\n", &err));
    at = strstr(err.text, "config.ini:2: type is ");
    assert_non_null(at);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        at = strstr(at, types[i]);
        assert_non_null(at);
    }
    mirror_list_free(&list);
}

static void what_cannot_be_is_refused_where_it_stands(void **unused)
{
    static const char *const keys[][2] = {
        {"window = 2h", "window"},
        {"window = soon", "window"},
        {"quiet_hours = 8", "quiet_hours"},
        {"quiet_hours = 08:00-08:00", "quiet_hours"},
        {"quiet_hours = 08:00-24:10", "quiet_hours"},
        {"digest = 25:00", "digest"},
        {"redact = names", "redact"},
        {"catch_up = some", "catch_up"},
        {"allow_http = 1", "yes or no"},
        {"line = {who}", "line knows"},
        {"timeout = 2h", "timeout"},
        {"backoff_max = 2h", "backoff_max"},
        {"query = age<", "column"},
        {"query = owner:a@b.example", "owners and segments"},
        {"colour = red", "no setting"},
        {"tpye = json", "no setting tpye; nearest: type"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct mirror_list list;
        struct err err;
        char text[200];

        snprintf(text, sizeof text,
                 "[mirror a]\nurl = https://x.example/1\n%s\n", keys[i][0]);
        assert_false(load(&list, text, &err));
        assert_non_null(strstr(err.text, "config.ini:3: "));
        assert_non_null(strstr(err.text, keys[i][1]));
        assert_null(list.mirrors);
    }
}

static void what_belongs_together_is_asked_for(void **unused)
{
    static const char *const texts[] = {
        "[mirror a]\ntype = slack\n",
        "[mirror a]\nurl = http://x.example/1\n",
        "[mirror a]\nurl = ftp://x.example/1\nallow_http = yes\n",
        "[mirror a]\ntype = json\nurl = https://x.example/1\nline = x\n",
        "[mirror a]\nurl = https://x.example/1 2\n",
        "[mirror a]\nurl = https://x.example/1  # mine\n",
        "[mirror a]\nurl = https://\n",
        "[mirror a]\nurl = https:///x.example/1\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct mirror_list list;
        struct err err;

        assert_false(load(&list, texts[i], &err));
        assert_non_null(strstr(err.text, "[mirror a]"));
        assert_null(strstr(err.text, "x.example"));
    }
}

static void
mirrors_may_share_a_variable_that_children_do_not_get(void **unused)
{
    struct mirror_list list;
    struct err err;

    (void)unused;
    setenv("MIRROR_TEST_TOKEN", "xoxb-fixture", 1);
    assert_true(load(&list,
                     "[mirror a]\ntoken_env = MIRROR_TEST_TOKEN\n"
                     "channel = #a\n[mirror b]\n"
                     "token_env = MIRROR_TEST_TOKEN\nchannel = #b\n",
                     &err));
    assert_string_equal(list.mirrors[0].token, "xoxb-fixture");
    assert_string_equal(list.mirrors[1].token, "xoxb-fixture");
    assert_null(getenv("MIRROR_TEST_TOKEN"));
    mirror_list_free(&list);
    assert_false(load(&list,
                      "[mirror a]\ntoken_env = MIRROR_TEST_TOKEN\n"
                      "channel = #a\n",
                      &err));
    assert_non_null(strstr(err.text, "config.ini:2: "));
}

static void quiet_hours_go_over_midnight(void **unused)
{
    struct mirror_settings s = {.quiet = {19 * 60, 8 * 60}};
    int64_t midnight = SAMPLE_START - 8 * HOUR, until;

    (void)unused;
    assert_false(mirror_quiet(&s, midnight + 19 * HOUR - 1, &until));
    assert_true(mirror_quiet(&s, midnight + 19 * HOUR, &until));
    assert_int_equal(until, midnight + 32 * HOUR);
    assert_true(mirror_quiet(&s, midnight + 8 * HOUR - 1, &until));
    assert_int_equal(until, midnight + 8 * HOUR);
    assert_false(mirror_quiet(&s, midnight + 8 * HOUR, &until));
}

/* In that zone, quiet from and to (minutes), at the moment (UTC seconds). */
struct odd_hour {
    const char *zone;
    int from, to;
    int64_t at;
    int64_t until; /* 0: it is not quiet */
};

static void in_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

/* 2026: Berlin 29 Mar 01:00Z forward, 25 Oct 01:00Z back; New York 8 Mar
 * 07:00Z, 1 Nov 06:00Z; Lord Howe 4 Apr 15:00Z back by half an hour, 3 Oct
 * 15:30Z forward by half an hour; Casablanca 15 Feb 02:00Z back, 22 Mar
 * 02:00Z forward; Kathmandu is +5:45 all year. */
static void quiet_hours_end_when_a_person_expects_it(void **unused)
{
    static const struct odd_hour cases[] = {
        /* 02:30 does not exist: quiet ends as the clock jumps to 03:00. */
        {"Europe/Berlin", 1320, 150, 1774745999, 1774746000},
        {"Europe/Berlin", 1320, 150, 1774746000, 0},
        /* 02:30 comes twice: quiet ends at the first, and stays over. */
        {"Europe/Berlin", 1320, 150, 1792888199, 1792888200},
        {"Europe/Berlin", 1320, 150, 1792888200, 0},
        {"Europe/Berlin", 1320, 150, 1792890000, 0},
        /* It begins at the first 02:30, and stays on. */
        {"Europe/Berlin", 150, 480, 1792888200, 1792911600},
        {"Europe/Berlin", 150, 480, 1792890000, 1792911600},
        {"America/New_York", 1320, 150, 1772953199, 1772953200},
        {"America/New_York", 1320, 150, 1772953200, 0},
        {"America/New_York", 1320, 90, 1793510999, 1793511000},
        {"America/New_York", 1320, 90, 1793513000, 0},
        /* Half an hour: 02:15 does not exist there. */
        {"Australia/Lord_Howe", 1320, 135, 1791041399, 1791041400},
        {"Australia/Lord_Howe", 1320, 135, 1791041400, 0},
        {"Australia/Lord_Howe", 1320, 105, 1775313899, 1775313900},
        {"Australia/Lord_Howe", 1320, 105, 1775314900, 0},
        {"Asia/Kathmandu", 1320, 480, 1774750000, 1774836900 - 86400},
        {"Africa/Casablanca", 1320, 150, 1771119000 - 1, 1771119000},
        {"Africa/Casablanca", 1320, 150, 1771121000, 0},
        {"Africa/Casablanca", 1320, 150, 1774144799, 1774144800},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct odd_hour *c = &cases[i];
        struct mirror_settings s = {.quiet = {c->from, c->to}};
        int64_t until = 0;
        bool quiet;

        in_zone(c->zone);
        quiet = mirror_quiet(&s, c->at * 1000, &until);
        if (quiet != (c->until != 0) || (quiet && until != c->until * 1000))
            fail_msg("%s, case %zu: until %lld", c->zone, i,
                     (long long)(quiet ? until / 1000 : 0));
    }
    in_zone("UTC");
}

/* Once a day, whatever the clocks do. */
static void a_digest_in_an_odd_hour_comes_once_a_day(void **unused)
{
    static const char *const zones[] = {"Europe/Berlin", "America/New_York",
                                        "Australia/Lord_Howe",
                                        "Asia/Kathmandu", "Africa/Casablanca"};
    struct mirror_settings s = {.digest_at = 150};

    (void)unused;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        int64_t at = INT64_C(1767222000000), last_day = -1;
        int days = 0;

        in_zone(zones[i]);
        while (at < INT64_C(1798758000000)) {
            time_t seconds;
            struct tm tm;

            at = mirror_digest_time(&s, at);
            seconds = (time_t)(at / 1000);
            localtime_r(&seconds, &tm);
            assert_int_not_equal(tm.tm_yday, last_day);
            assert_in_range(tm.tm_hour * 60 + tm.tm_min, 150, 210);
            last_day = tm.tm_yday;
            days++;
        }
        assert_in_range(days, 365, 366);
    }
    in_zone("UTC");
}

static void the_digest_is_the_next_one(void **unused)
{
    struct mirror_settings s = {.digest_at = 17 * 60 + 30};
    int64_t midnight = SAMPLE_START - 8 * HOUR;
    int64_t today = midnight + 17 * HOUR + 30 * MINUTE;

    (void)unused;
    assert_int_equal(mirror_digest_time(&s, today - 1), today);
    assert_int_equal(mirror_digest_time(&s, today), today + 24 * HOUR);
    assert_int_equal(mirror_digest_time(&s, midnight), today);
}

/* "Cannot POST /hooks/…" is what many servers answer. */
static void an_answer_never_tells_the_address(void **unused)
{
    struct mirror_settings s = {.type = &mirror_json,
                                .url =
                                    (char *)"https://x.example/hooks/s3cret"};
    struct err why = {""};

    (void)unused;
    assert_int_equal(mirror_judge(&s, 404, "Cannot POST /hooks/s3cret", &why),
                     VERDICT_OFF);
    assert_string_equal(why.text, "it answered 404");
    assert_int_equal(mirror_judge(&s, 422, "hooks/s3cret no", &why),
                     VERDICT_PARK);
    assert_string_equal(why.text, "it answered 422");
    mirror_judge(&s, 500, "unknown hook S3CRET", &why);
    assert_string_equal(why.text, "it answered 500");
    mirror_judge(&s, 503, "<html>down</html>", &why);
    assert_string_equal(why.text, "it answered 503");
    mirror_judge(&s, 404, "no_service", &why);
    assert_string_equal(why.text, "it answered 404 no_service");
    s.url = (char *)"https://x.example/hooks?key=0123456789abcdef&v=1";
    mirror_judge(&s, 500, "bad key 0123456789abcdef", &why);
    assert_string_equal(why.text, "it answered 500");
    mirror_judge(&s, 500, "bad key ..23456789abcd..", &why);
    assert_string_equal(why.text, "it answered 500");
    s.token = (char *)"xoxb-12345678-abcdefgh";
    mirror_judge(&s, 500, "token xoxb-12345678 is gone", &why);
    assert_string_equal(why.text, "it answered 500");
    mirror_judge(&s, 500, "token is gone, v=1", &why);
    assert_string_equal(why.text, "it answered 500 token is gone, v=1");
}

static int in_utc(void **unused)
{
    (void)unused;
    setenv("TZ", "UTC0", 1);
    return 0;
}

static void write_secret(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(chmod(path, 0600), 0);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void a_file_is_read_again_and_what_no_file_gave_stays(void **unused)
{
    char folder[] = "/tmp/telltale-test-XXXXXX", path[64], text[200];
    struct mirror_list list;
    struct mirror_settings *mirror;
    struct err err;

    (void)unused;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/token", folder);
    snprintf(text, sizeof text,
             "[mirror a]\nurl = https://x.example/1\nchannel = c\n"
             "token_file = %s\n",
             path);
    write_secret(path, "first\n");
    assert_true(load(&list, text, &err));
    mirror = &list.mirrors[0];
    write_secret(path, "second\n");
    assert_true(mirror_settings_read_again(mirror, &err));
    assert_string_equal(mirror->token, "second");
    write_secret(path, "has a blank\n");
    assert_false(mirror_settings_read_again(mirror, &err));
    assert_non_null(strstr(err.text, "[mirror a]"));
    assert_int_equal(unlink(path), 0);
    assert_false(mirror_settings_read_again(mirror, &err));
    assert_string_equal(mirror->token, "second");
    assert_string_equal(mirror->url, "https://x.example/1");
    mirror_list_free(&list);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(each_default_is_one_that_may_be_written),
        cmocka_unit_test(a_type_that_is_none_is_told_which_there_are),
        cmocka_unit_test(what_cannot_be_is_refused_where_it_stands),
        cmocka_unit_test(what_belongs_together_is_asked_for),
        cmocka_unit_test(
            mirrors_may_share_a_variable_that_children_do_not_get),
        cmocka_unit_test(quiet_hours_go_over_midnight),
        cmocka_unit_test(quiet_hours_end_when_a_person_expects_it),
        cmocka_unit_test(a_digest_in_an_odd_hour_comes_once_a_day),
        cmocka_unit_test(the_digest_is_the_next_one),
        cmocka_unit_test(an_answer_never_tells_the_address),
        cmocka_unit_test(a_file_is_read_again_and_what_no_file_gave_stays),
    };

    return cmocka_run_group_tests_name("mirror settings", tests, in_utc, NULL);
}
