/* net/quota: bytes in flight, in all, per peer, and unauthenticated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "net/quota.h"

static struct quota *quota;

static int set_up(void **state)
{
    (void)state;
    quota = quota_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quota_free(quota);
    return 0;
}

static struct quota_claim claim_for(const char *peer, bool anonymous)
{
    return (struct quota_claim){.peer = quota_peer_take(quota, peer),
                                .anonymous = anonymous};
}

static void drop(struct quota_claim *claim)
{
    quota_release(quota, claim);
    quota_peer_release(quota, claim->peer);
}

static void one_peer_cannot_take_everything(void **state)
{
    struct quota_claim a = claim_for("192.0.2.1", false);
    struct quota_claim b = claim_for("192.0.2.1", false);
    struct quota_claim other = claim_for("192.0.2.2", false);

    (void)state;
    assert_ptr_equal(a.peer, b.peer);
    assert_true(quota_grow(quota, &a, LIMIT_IN_FLIGHT_PEER - 1));
    assert_true(quota_grow(quota, &b, 1));
    assert_false(quota_grow(quota, &b, 1));
    assert_true(quota_grow(quota, &other, 1));
    assert_int_equal(quota_used(quota), LIMIT_IN_FLIGHT_PEER + 1);
    quota_release(quota, &a);
    assert_true(quota_grow(quota, &b, 1));
    drop(&a);
    drop(&b);
    drop(&other);
    assert_int_equal(quota_used(quota), 0);
}

static void all_peers_together_are_bounded(void **state)
{
    static const char *const peers[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3",
                                        "192.0.2.4"};
    struct quota_claim claims[4], last = claim_for("192.0.2.5", false);
    struct quota_claim stranger = claim_for("192.0.2.1", true);

    (void)state;
    for (int i = 0; i < 4; i++) {
        claims[i] = claim_for(peers[i], false);
        assert_true(quota_grow(quota, &claims[i], LIMIT_IN_FLIGHT_KNOWN / 4));
    }
    assert_false(quota_grow(quota, &last, 1));
    assert_false(quota_grow(quota, &last, SIZE_MAX));
    assert_true(quota_grow(quota, &stranger, LIMIT_IN_FLIGHT_ANON));
    assert_false(quota_grow(quota, &stranger, SIZE_MAX));
    assert_int_equal(quota_used(quota), LIMIT_IN_FLIGHT);
    for (int i = 0; i < 4; i++)
        drop(&claims[i]);
    assert_true(quota_grow(quota, &last, 1));
    drop(&last);
    drop(&stranger);
}

static void strangers_share_a_part_of_their_own(void **state)
{
    struct quota_claim stranger = claim_for("127.0.0.1", true);
    struct quota_claim known = claim_for("127.0.0.1", false);

    (void)state;
    assert_true(quota_grow(quota, &stranger, LIMIT_IN_FLIGHT_ANON));
    assert_false(quota_grow(quota, &stranger, 1));
    assert_true(quota_grow(quota, &known, LIMIT_IN_FLIGHT_PEER));
    assert_int_equal(quota_used(quota),
                     LIMIT_IN_FLIGHT_ANON + LIMIT_IN_FLIGHT_PEER);
    drop(&stranger);
    drop(&known);
    assert_int_equal(quota_used(quota), 0);
}

static void only_who_holds_what_is_lacking_is_a_rival(void **state)
{
    struct quota_claim a = claim_for("192.0.2.1", false);
    struct quota_claim b = claim_for("192.0.2.1", false);
    struct quota_claim other = claim_for("192.0.2.2", false);
    struct quota_claim stranger = claim_for("192.0.2.1", true);
    struct quota_claim idle = claim_for("192.0.2.1", false);

    (void)state;
    assert_true(quota_grow(quota, &a, LIMIT_IN_FLIGHT_PEER));
    assert_true(quota_grow(quota, &other, 1));
    assert_true(quota_grow(quota, &stranger, LIMIT_IN_FLIGHT_ANON));
    assert_false(quota_grow(quota, &b, 1));
    assert_true(quota_is_rival(&b, 1, &a));
    assert_false(quota_is_rival(&b, 1, &other));
    assert_false(quota_is_rival(&b, 1, &stranger));
    assert_false(quota_is_rival(&b, 1, &idle));
    assert_true(quota_is_rival(&stranger, 1, &stranger));
    assert_false(quota_is_rival(&stranger, 1, &a));
    drop(&a);
    drop(&b);
    drop(&other);
    drop(&stranger);
    drop(&idle);
}

static void everybody_is_a_rival_when_all_is_used(void **state)
{
    struct quota_claim a = claim_for("192.0.2.1", false);
    struct quota_claim b = claim_for("192.0.2.2", false);
    struct quota_claim c = claim_for("192.0.2.3", false);
    struct quota_claim last = claim_for("192.0.2.4", false);

    (void)state;
    assert_true(quota_grow(quota, &a, LIMIT_IN_FLIGHT_PEER));
    assert_true(quota_grow(quota, &b, LIMIT_IN_FLIGHT_PEER));
    assert_true(quota_grow(quota, &c, LIMIT_IN_FLIGHT_PEER));
    assert_false(quota_grow(quota, &last, 1));
    assert_true(quota_is_rival(&last, 1, &a));
    drop(&a);
    drop(&b);
    drop(&c);
    drop(&last);
}

static void who_has_proved_himself_is_a_stranger_no_longer(void **state)
{
    struct quota_claim signed_one = claim_for("192.0.2.1", true);
    struct quota_claim stranger = claim_for("192.0.2.1", true);
    struct quota_claim full = claim_for("192.0.2.1", false);

    (void)state;
    assert_true(quota_grow(quota, &signed_one, 1000));
    quota_confirm(quota, &signed_one);
    assert_false(signed_one.anonymous);
    assert_int_equal(signed_one.bytes, 1000);
    assert_true(quota_grow(quota, &stranger, LIMIT_IN_FLIGHT_ANON));
    assert_true(quota_grow(quota, &full, LIMIT_IN_FLIGHT_PEER - 1000));
    quota_confirm(quota, &stranger);
    assert_true(stranger.anonymous);
    assert_int_equal(stranger.bytes, LIMIT_IN_FLIGHT_ANON);
    drop(&signed_one);
    drop(&stranger);
    drop(&full);
    assert_int_equal(quota_used(quota), 0);
}

#define QUOTA_TEST(name)                                                      \
    cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUOTA_TEST(one_peer_cannot_take_everything),
        QUOTA_TEST(all_peers_together_are_bounded),
        QUOTA_TEST(strangers_share_a_part_of_their_own),
        QUOTA_TEST(only_who_holds_what_is_lacking_is_a_rival),
        QUOTA_TEST(everybody_is_a_rival_when_all_is_used),
        QUOTA_TEST(who_has_proved_himself_is_a_stranger_no_longer),
    };

    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
