/* webhook: what becomes of bodies while the hand that decodes large ones is
 * held. The server's side is played here, the journal is real. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/decode_context.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "config/config.h"
#include "source/webhook.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define LARGE (2 * MIB - 1)
#define BODIES 12

/* ---- the server's side ---- */

static struct sent {
    struct buf body;
    int status; /* 0: not answered */
    bool confirmed;
} sent[BODIES];
static struct route hook;
static struct server *const server = (struct server *)sent;

void server_route(struct server *to, const struct route *route)
{
    assert_ptr_equal(to, server);
    hook = *route;
}

void server_answer(struct server *to, struct request_id id,
                   const struct answer *answer)
{
    assert_ptr_equal(to, server);
    assert_int_equal(sent[id.slot].status, 0);
    sent[id.slot].status = answer->status;
}

void server_confirm(struct server *to, struct request_id id)
{
    assert_ptr_equal(to, server);
    sent[id.slot].confirmed = true;
}

void server_take_body(struct server *to, struct request_id id, struct buf *out)
{
    assert_ptr_equal(to, server);
    *out = sent[id.slot].body;
    buf_init(&sent[id.slot].body, LARGE + 1);
}

/* Names and values in turn, ended by NULL. */
bool request_header(const struct request *request, const char *name, char *out,
                    size_t size)
{
    for (const char *const *words = request->impl; *words; words += 2)
        if (!strcmp(*words, name)) {
            snprintf(out, size, "%s", words[1]);
            return true;
        }
    return false;
}

/* ---- who sends ---- */

struct stage {
    struct rig *rig;
    struct config *config;
    struct decode_context decode;
    struct secret_set signing;
    struct webhook *webhook;
};

static void wake(void *ctx)
{
    struct rig *rig = ctx;

    pthread_mutex_lock(&rig->mutex);
    rig->wakes++;
    pthread_cond_signal(&rig->woken);
    pthread_mutex_unlock(&rig->mutex);
}

static void begin(struct stage *stage, struct rig *rig)
{
    struct err err = {""};
    struct webhook_options options = {.journal = rig->journal,
                                      .decoder = &stage->decode.decoder,
                                      .signing = &stage->signing,
                                      .wake = wake,
                                      .wake_ctx = rig};

    *stage = (struct stage){.rig = rig,
                            .config = config_read("config.ini", "", 0, &err)};
    if (!secret_set_add(&stage->signing, SECRET, &err) ||
        !decode_context_open(&stage->decode, stage->config, NULL, &err))
        fail_msg("%s", err.text);
    stage->webhook = webhook_new(&options);
    webhook_serve(stage->webhook, server);
    for (size_t i = 0; i < BODIES; i++)
        sent[i] = (struct sent){.status = 0};
}

static void end(struct stage *stage)
{
    webhook_free(stage->webhook);
    decode_context_close(&stage->decode);
    secret_set_free(&stage->signing);
    config_free(stage->config);
    for (size_t i = 0; i < BODIES; i++)
        buf_free(&sent[i].body);
}

/* A body of that length, signed or by somebody who only says so. */
static void send(const struct stage *stage, uint32_t slot, size_t len,
                 bool sign)
{
    static const char head[] = "{\"event\":\"insight created\",\"x\":\"";
    struct buf *body = &sent[slot].body, signature;
    struct request_id id = {slot, 1};
    struct answer answer = {0};
    char seconds[32], name[32];
    void *note = NULL;

    snprintf(seconds, sizeof seconds, "%lld",
             (long long)(clock_now_ms() / 1000));
    snprintf(name, sizeof name, "msg_%u", (unsigned)slot);
    buf_init(body, LARGE + 1);
    buf_adds(body, head);
    while (body->len < len - 2)
        buf_addc(body, 'x');
    buf_adds(body, "\"}");
    buf_init(&signature, KIB);
    if (sign)
        assert_true(secret_sign(&stage->signing, name, seconds, body->data,
                                body->len, &signature));
    else
        buf_adds(&signature, "v1,AAAA");
    {
        const char *words[] = {"webhook-id",
                               name,
                               "webhook-timestamp",
                               seconds,
                               "webhook-signature",
                               signature.data,
                               NULL};
        struct request request = {.path = "/hook", .impl = words};

        assert_int_equal(hook.ops->admit(hook.ctx, &request, &answer, &note),
                         ADMIT_ANON);
    }
    buf_free(&signature);
    hook.ops->on_complete(hook.ctx, id, "127.0.0.1", note, body->data,
                          body->len);
}

static void until_answered(struct stage *stage, uint32_t slot)
{
    while (!sent[slot].status) {
        webhook_woken(stage->webhook);
        webhook_turn_end(stage->webhook);
        journal_drain(stage->rig->journal);
        if (sent[slot].status)
            return;
        pthread_mutex_lock(&stage->rig->mutex);
        while (!stage->rig->wakes)
            pthread_cond_wait(&stage->rig->woken, &stage->rig->mutex);
        stage->rig->wakes = 0;
        pthread_mutex_unlock(&stage->rig->mutex);
    }
}

/* ---- */

static void
strangers_who_fill_their_share_hold_up_nobody_who_signs(void **state)
{
    uint32_t strangers = LIMIT_IN_FLIGHT_ANON / LARGE + 1;
    struct stage stage;

    begin(&stage, *state);
    webhook_hold(stage.webhook, true);
    for (uint32_t i = 0; i < strangers; i++)
        send(&stage, i, LARGE, false);
    send(&stage, strangers, 100, true);
    until_answered(&stage, strangers);
    assert_int_equal(sent[strangers].status, 200);
    assert_true(sent[strangers].confirmed);
    send(&stage, strangers + 1, LARGE, true);
    assert_int_equal(sent[strangers + 1].status, 0);
    assert_true(sent[strangers + 1].confirmed);
    send(&stage, strangers + 2, LARGE, false);
    assert_int_equal(sent[strangers + 2].status, 401);
    for (uint32_t i = 0; i < strangers; i++)
        assert_int_equal(sent[i].status, 0);
    webhook_hold(stage.webhook, false);
    until_answered(&stage, strangers + 1);
    assert_int_equal(sent[strangers + 1].status, 200);
    for (uint32_t i = 0; i < strangers; i++)
        assert_int_equal(sent[i].status, 401);
    assert_int_equal(webhook_stats(stage.webhook).unavailable, 0);
    end(&stage);
}

/* What was let past is counted with those who are known: once there is room
 * again, all goes its usual way. */
static void what_strangers_held_is_given_back(void **state)
{
    struct stage stage;

    begin(&stage, *state);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < BODIES; i++) {
            buf_free(&sent[i].body);
            sent[i] = (struct sent){.status = 0};
            send(&stage, i, LARGE, i % 2);
        }
        for (uint32_t i = 0; i < BODIES; i++) {
            until_answered(&stage, i);
            assert_int_equal(sent[i].status, i % 2 ? 200 : 401);
        }
    }
    assert_false(webhook_busy(stage.webhook));
    end(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(strangers_who_fill_their_share_hold_up_nobody_who_signs),
        RIG_CASE(what_strangers_held_is_given_back),
    };

    return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
