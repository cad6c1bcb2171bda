/* net/nats_session: a session that ends while it is still being opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/nats_session.h"

#include "base/banned.h"

static struct nats_session opened(void)
{
    struct nats_session session = {.number = 0};

    nats_session_open(&session);
    return session;
}

static void one_that_did_not_connect_is_done(void **state)
{
    struct nats_session session = opened();

    (void)state;
    assert_true(nats_session_is_done(&session));
}

static void
it_is_done_when_the_connection_and_the_subscription_are(void **state)
{
    struct nats_session session = opened();

    (void)state;
    nats_session_connected(&session);
    assert_false(nats_session_is_done(&session));
    nats_session_subscribed(&session);
    nats_session_closed(&session);
    assert_true(session.failed);
    assert_false(nats_session_is_done(&session));
    nats_session_unsubscribed(&session);
    assert_true(nats_session_is_done(&session));
}

/* libnats may close a connection before Connect() has returned it, and end a
 * subscription before it has said that it will tell of it. */
static void an_end_that_comes_first_is_not_taken_back(void **state)
{
    struct nats_session session = opened();

    (void)state;
    nats_session_closed(&session);
    nats_session_connected(&session);
    assert_true(session.failed);
    assert_true(nats_session_is_done(&session));
    nats_session_unsubscribed(&session);
    nats_session_subscribed(&session);
    assert_true(nats_session_is_done(&session));
}

static void the_next_one_knows_nothing_of_the_one_before(void **state)
{
    struct nats_session session = opened();

    (void)state;
    nats_session_connected(&session);
    nats_session_subscribed(&session);
    nats_session_closed(&session);
    nats_session_unsubscribed(&session);
    nats_session_open(&session);
    assert_int_equal(session.number, 2);
    assert_false(session.failed);
    nats_session_connected(&session);
    assert_false(nats_session_is_done(&session));
}

static void an_answer_to_an_older_hello_begins_nothing(void **state)
{
    struct nats_session session = opened();

    (void)state;
    nats_session_open(&session);
    assert_false(nats_session_begin(&session, 1, 500));
    assert_false(session.begun);
    assert_true(nats_session_begin(&session, 2, 7));
    assert_true(session.begun);
    assert_int_equal(session.after, 7);
    nats_session_open(&session);
    assert_false(session.begun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_did_not_connect_is_done),
        cmocka_unit_test(
            it_is_done_when_the_connection_and_the_subscription_are),
        cmocka_unit_test(an_end_that_comes_first_is_not_taken_back),
        cmocka_unit_test(the_next_one_knows_nothing_of_the_one_before),
        cmocka_unit_test(an_answer_to_an_older_hello_begins_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
