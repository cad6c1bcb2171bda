/* net/nats_url: addresses of NATS, and that nothing secret of one is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "net/nats_url.h"

#include "base/banned.h"

static struct nats_url read_good(const char *text, bool open)
{
    struct nats_url url;
    struct err err = {""};

    if (!nats_url_read(text, open, &url, &err))
        fail_msg("%s: %s", text, err.text);
    return url;
}

static void a_host_alone_is_enough(void **state)
{
    struct nats_url url = read_good("nats://127.0.0.1", false);

    (void)state;
    assert_int_equal(url.count, 1);
    assert_string_equal(url.servers[0], "nats://127.0.0.1:4222");
    assert_string_equal(url.stream, "TELLTALE");
    assert_string_equal(url.shown, "127.0.0.1:4222/TELLTALE");
    assert_false(url.tls);
    assert_null(url.user);
    assert_null(url.token);
    nats_url_free(&url);
}

static void servers_stand_between_commas_and_the_stream_behind(void **state)
{
    struct nats_url url =
        read_good("tls://n1.example,n2.example:4333,[2001:db8::1]:1/MINE-2",
                  false);

    (void)state;
    assert_true(url.tls);
    assert_int_equal(url.count, 3);
    assert_string_equal(url.servers[0], "nats://n1.example:4222");
    assert_string_equal(url.servers[1], "nats://n2.example:4333");
    assert_string_equal(url.servers[2], "nats://[2001:db8::1]:1");
    assert_string_equal(url.stream, "MINE-2");
    nats_url_free(&url);
}

static void a_name_and_password_may_have_any_letters(void **state)
{
    struct nats_url url =
        read_good("nats://u%40x:p@s:s/w%3ford%@localhost:1/S", false);

    (void)state;
    assert_string_equal(url.user, "u@x");
    assert_string_equal(url.password, "p@s:s/w?ord%");
    assert_string_equal(url.shown, "localhost:1/S");
    nats_url_free(&url);
    url = read_good("nats://t0k%65n@[::1]/", false);
    assert_null(url.user);
    assert_string_equal(url.token, "t0ken");
    assert_string_equal(url.stream, "TELLTALE");
    nats_url_free(&url);
}

static void beyond_this_machine_it_is_tls_or_allowed(void **state)
{
    static const char *const far[] = {"nats://n1.example",
                                      "nats://10.0.0.1",
                                      "nats://127.0.0.1.example",
                                      "nats://localhost.example",
                                      "nats://127.0.0.1,n2",
                                      "nats://[::2]"};
    struct nats_url url;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_false(nats_url_read(far[i], false, &url, &err));
        assert_non_null(strstr(err.text, "in the open"));
        url = read_good(far[i], true);
        nats_url_free(&url);
    }
}

static void what_is_none_is_refused_and_nothing_secret_is_said(void **state)
{
    static const char *const bad[] = {
        "nats://",
        "nats:///S",
        "http://user:s3cret@localhost",
        "nats://user:s3cret@",
        "nats://user:s3cret@/S",
        "nats://user:s3cret@localhost:0",
        "nats://user:s3cret@localhost:65536",
        "nats://user:s3cret@localhost:12x",
        "nats://user:s3cret@localhost,",
        "nats://user:s3cret@[::1",
        "nats://user:s3cret@[x]",
        "nats://user:s3cret@local host",
        "nats://user:s3cret@localhost/a.b",
        "nats://user:s3cret@localhost/a/b",
        "nats://user:s3cret@localhost/>",
        "nats://user:s3cret@localhost?x=1",
        "nats://user:s3cret@1,2,3,4,5,6,7,8,9",
    };
    struct nats_url url;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {""};

        if (nats_url_read(bad[i], true, &url, &err))
            fail_msg("%s is taken", bad[i]);
        assert_true(*err.text);
        assert_null(strstr(err.text, "s3cret"));
    }
    assert_true(nats_url_is("nats://x"));
    assert_true(nats_url_is("tls://"));
    assert_false(nats_url_is("webhook"));
    assert_false(nats_url_is(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_alone_is_enough),
        cmocka_unit_test(servers_stand_between_commas_and_the_stream_behind),
        cmocka_unit_test(a_name_and_password_may_have_any_letters),
        cmocka_unit_test(beyond_this_machine_it_is_tls_or_allowed),
        cmocka_unit_test(what_is_none_is_refused_and_nothing_secret_is_said),
    };

    return cmocka_run_group_tests_name("nats_url", tests, NULL, NULL);
}
