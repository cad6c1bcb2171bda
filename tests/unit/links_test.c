/* links: what may be opened, and what is made from ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/links.h"

#include "base/banned.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define PROJECT "https://us.posthog.com/project/2"
#define SESSION "01a09ee6-3f2f-7354-86ee-5c1ce7331933"

static const char *const hosts[] = {"help.example", "*.wiki.example",
                                    "lab.example:8443", NULL};
static const struct link_policy policy = {.hosts = hosts};

static void addresses_of_known_hosts_may_be_opened(void **state)
{
    static const char *const good[] = {
        PROJECT,
        "https://us.posthog.com",
        "HTTPS://US.POSTHOG.COM/x",
        "http://us.posthog.com/x?y=1#z",
        "https://eu.posthog.com/project/9",
        "https://help.example:444/",
        "https://a.b.wiki.example/%E3%81%B2",
        "https://lab.example:8443/",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(links_allowed(&policy, PROJECT, good[i], NULL, 0));
    assert_true(links_allowed(NULL, "http://[::1]:8000/project/1",
                              "http://[::1]:8000/x", NULL, 0));
}

static void all_others_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://us.posthog.com/",
        "//us.posthog.com/",
        "https:us.posthog.com",
        "https:///us.posthog.com",
        "https://us.posthog.com.evil.example/project/2",
        "https://evil-us.posthog.com/",
        "https://us.posthog.com@evil.example/",
        "https://us.posthog.com:443@evil.example/",
        "https://user:word@us.posthog.com/",
        "https://us.posthog.com\\@evil.example/",
        "https://us.posthog.com%2eevil.example/",
        "https://us.posthog.com./",
        "https://us.posthog.com:8000/",
        "https://us.posthog.com:/",
        "https://us.posthog.com:443x/",
        "https://us.posth\xc3\xb6g.com/",
        "https://wiki.example/",
        "https://xwiki.example/",
        "https://lab.example/",
        "https://help.example.evil.example/",
        "https://us.posthog.com/a b",
        "https://us.posthog.com/'",
        "https://us.posthog.com/\"",
        "https://us.posthog.com/`id`",
        "https://us.posthog.com/<x>",
        "https://us.posthog.com/\\",
        "https://us.posthog.com/\n",
        "https://us.posthog.com/\x1b[2J",
        "https://us.posthog.com/|x",
        "https://us.posthog.com/\xc3\xa9",
        " https://us.posthog.com/",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(links_allowed(&policy, PROJECT, bad[i], NULL, 0));
}

static void the_refused_host_is_told(void **state)
{
    char host[32];

    (void)state;
    assert_false(links_allowed(&policy, PROJECT,
                               "https://us.posthog.com.evil.example/x", host,
                               sizeof host));
    assert_string_equal(host, "us.posthog.com.evil.example");
    assert_false(links_allowed(&policy, PROJECT, "https://\x1b]0;x", host, 8));
    assert_null(strchr(host, '\x1b'));
}

static struct event filled(const struct link_policy *rules,
                           struct link_hints hints, const char *session,
                           struct arena *arena)
{
    struct event event = {.occurred_at = 1789373163942,
                          .received_at = 1789373163942};

    event.person.id = "invite_a/b c?";
    event.has_uuid =
        uuid_parse("01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794", 36, &event.uuid);
    links_fill(rules, &hints, session, &event, arena);
    return event;
}

static void links_are_made_of_the_project_and_ids(void **state)
{
    struct arena arena = ARENA_INIT;
    struct event event =
        filled(NULL, (struct link_hints){.source = PROJECT "/functions/x"},
               SESSION, &arena);

    (void)state;
    assert_string_equal(event.project_url, PROJECT);
    assert_string_equal(event.session_id, SESSION);
    assert_string_equal(event.links.replay, PROJECT
                        "/replay/" SESSION "?t=2026-09-14T08:06:03.942Z");
    assert_string_equal(event.links.person,
                        PROJECT "/person/invite_a%2Fb%20c%3F");
    assert_string_equal(event.links.event,
                        PROJECT "/events/01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794"
                                "/2026-09-14T08%3A06%3A03.942Z");
    arena_free(&arena);
}

static void the_payloads_own_links_are_kept_where_allowed(void **state)
{
    struct arena arena = ARENA_INIT;
    struct link_hints hints = {
        .replay = PROJECT "/replay/" SESSION "?t=42",
        .person = PROJECT "/person/x",
        .event = PROJECT "/events/y/z",
    };
    struct event event = filled(NULL, hints, SESSION, &arena);

    (void)state;
    assert_string_equal(event.links.replay, hints.replay);
    assert_string_equal(event.links.person, hints.person);
    assert_string_equal(event.links.event, hints.event);
    arena_free(&arena);
}

static void a_look_alike_host_is_replaced_by_the_projects(void **state)
{
    struct arena arena = ARENA_INIT;
    struct link_hints hints = {
        .replay =
            "https://us.posthog.com.evil.example/project/2/replay/" SESSION,
        .event = PROJECT "/events/y/z",
    };
    struct event event = filled(NULL, hints, SESSION, &arena);

    (void)state;
    assert_non_null(strstr(event.links.replay, PROJECT "/replay/" SESSION));
    arena_free(&arena);
}

static void a_session_id_that_is_none_has_no_replay(void **state)
{
    static const char *const bad[] = {
        "0199';touch /tmp/pwned;'$(id)`id`",
        "a_b",
        "a.b",
        "\xc3\xa9",
        ("0123456789012345678901234567890123456789"
         "0123456789012345678901234567890"),
    };
    struct arena arena = ARENA_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct link_hints hints = {.project_url = PROJECT,
                                   .replay = PROJECT "/replay/x?t=1 --new"};
        struct event event = filled(NULL, hints, bad[i], &arena);

        assert_null(event.session_id);
        assert_null(event.links.replay);
        assert_int_equal(links_replay_state(&event, event.received_at),
                         REPLAY_NONE);
    }
    arena_free(&arena);
}

static void a_replay_address_alone_says_session_and_project(void **state)
{
    struct arena arena = ARENA_INIT;
    struct link_hints hints = {.replay = PROJECT "/replay/" SESSION "?t=42"};
    struct event event = filled(NULL, hints, NULL, &arena);

    (void)state;
    assert_string_equal(event.session_id, SESSION);
    assert_string_equal(event.project_url, PROJECT);
    assert_string_equal(event.links.replay, hints.replay);
    hints.replay = "https://evil.example/project/2/replay/" SESSION;
    event = filled(NULL, hints, NULL, &arena);
    assert_null(event.project_url);
    assert_null(event.links.replay);
    hints.replay = PROJECT "/replay/?t=2026-09-14T08:19:51.106Z";
    assert_null(filled(NULL, hints, NULL, &arena).session_id);
    arena_free(&arena);
}

static void a_configured_project_decides_whom_to_believe(void **state)
{
    struct arena arena = ARENA_INIT;
    const struct link_policy own = {.project_url =
                                        "https://hog.lab.example/project/7/"};
    struct link_hints hints = {.event =
                                   "https://evil.example/project/2/events/x"};
    struct event event = filled(&own, hints, SESSION, &arena);

    (void)state;
    assert_string_equal(event.project_url,
                        "https://hog.lab.example/project/7");
    assert_non_null(strstr(event.links.event, "https://hog.lab.example/"));
    arena_free(&arena);
}

static void older_addresses_say_projects(void **state)
{
    struct arena arena = ARENA_INIT;
    struct link_hints hints = {
        .event = "https://us.posthog.com/projects/1/events/1234"};
    struct event event = filled(NULL, hints, SESSION, &arena);

    (void)state;
    assert_string_equal(event.project_url,
                        "https://us.posthog.com/projects/1");
    arena_free(&arena);
}

static void a_replay_is_young_for_ten_minutes(void **state)
{
    struct event event = {.occurred_at = 1000000000,
                          .received_at = 1000000000,
                          .session_id = SESSION};

    (void)state;
    assert_int_equal(links_replay_state(&event, 1000000000), REPLAY_YOUNG);
    assert_int_equal(links_replay_state(&event,
                                        1000000000 + REPLAY_READY_MS - 1),
                     REPLAY_YOUNG);
    assert_int_equal(links_replay_state(&event, 1000000000 + REPLAY_READY_MS),
                     REPLAY_READY);
}

/* Read in today, recorded long ago; or by a clock that is ahead. */
static void a_replay_of_the_past_is_ready(void **state)
{
    int64_t now = INT64_C(1789380000000);
    struct event event = {.occurred_at = now - 76 * INT64_C(86400000),
                          .received_at = now,
                          .flags = EVENT_CLOCK_OFF | EVENT_BACKFILLED,
                          .session_id = SESSION};

    (void)state;
    assert_int_equal(links_replay_state(&event, now), REPLAY_READY);
    event.occurred_at = now + INT64_C(86400000);
    assert_int_equal(links_replay_state(&event, now), REPLAY_YOUNG);
    assert_int_equal(links_replay_state(&event, now + REPLAY_READY_MS),
                     REPLAY_READY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_known_hosts_may_be_opened),
        cmocka_unit_test(all_others_are_refused),
        cmocka_unit_test(the_refused_host_is_told),
        cmocka_unit_test(links_are_made_of_the_project_and_ids),
        cmocka_unit_test(the_payloads_own_links_are_kept_where_allowed),
        cmocka_unit_test(a_look_alike_host_is_replaced_by_the_projects),
        cmocka_unit_test(a_session_id_that_is_none_has_no_replay),
        cmocka_unit_test(a_replay_address_alone_says_session_and_project),
        cmocka_unit_test(a_configured_project_decides_whom_to_believe),
        cmocka_unit_test(older_addresses_say_projects),
        cmocka_unit_test(a_replay_is_young_for_ten_minutes),
        cmocka_unit_test(a_replay_of_the_past_is_ready),
    };

    return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
