/* Sending: takes the next message that is due (which marks it as being sent),
 * sends it, and settles what became of it. A fate that is known but could
 * not be written is written again, not guessed: only an answer that never
 * came leaves a message in doubt. */
#include "mirror/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/uuid.h"

#include "base/banned.h"

#define RETRY_AFTER_MAX_MS CLOCK_DAY_MS
#define LOOK_MAX_MS 60000 /* clocks are set, laptops sleep */
#define COUNT_EVERY_US (60 * 1000000LL)

static bool write_take(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct mirror *mirror = ctx;

    return outbox_take(&mirror->take, db, err);
}

static bool write_settle(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct mirror *mirror = ctx;

    return outbox_settle(&mirror->settle, db, err);
}

/* 1, 2, 4 … backoff_max, give or take a fifth, so that many do not come at
 * once when the other side is back. */
static int64_t backoff_ms(struct mirror *mirror, unsigned failures)
{
    int64_t wait = mirror->settings->backoff_max_ms;
    uint64_t *random = &mirror->all->random;

    if (failures <= 12 && INT64_C(1000) << (failures - !!failures) < wait)
        wait = INT64_C(1000) << (failures - !!failures);
    *random = *random * UINT64_C(6364136223846793005) +
              UINT64_C(1442695040888963407);
    return wait * (800 + (int64_t)(*random >> 33) % 401) / 1000;
}

static void hold(struct mirror *mirror, int64_t wait_ms)
{
    mirror->not_before = clock_mono_us() + wait_ms * 1000;
}

/* ---- settling ---- */

static void on_settled(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    mirror->unsettled = !ok;
    if (!ok && !mirror->all->stopping) {
        mirror_trouble(mirror, err->text);
        loop_timer_set(mirror->send_timer, MIRROR_DISK_RETRY_US);
        mirror_changed(mirror);
        return;
    }
    mirror->sending = false;
    mirror_kick_send(mirror);
    mirror_changed(mirror);
}

static void take_off(uint64_t *count, unsigned events)
{
    *count -= events < *count ? events : *count;
}

static void count_fate(struct mirror *mirror, enum outbox_fate fate)
{
    unsigned events = mirror->take.events;

    if (fate == FATE_NOTHING) {
        take_off(&mirror->waiting, events);
    } else if (fate == FATE_SENT) {
        take_off(&mirror->waiting, events);
        mirror->sent++;
        mirror->events += events;
        mirror->failures = 0;
        mirror->trouble[0] = '\0';
    } else if (fate == FATE_PARKED) {
        take_off(&mirror->waiting, events);
        mirror->parked += events;
    } else if (fate == FATE_OFF) {
        mirror_set_state(mirror, MIRROR_OFF);
        mirror_say_off(mirror);
    }
}

/* wait_ms: before anything is sent again. */
static void settle(struct mirror *mirror, enum outbox_fate fate, int status,
                   int64_t wait_ms, const char *error)
{
    int64_t now = clock_now_ms();
    bool retry = fate == FATE_RETRY || fate == FATE_DOUBT;

    /* A message that was in doubt stays so, until it is known to be taken. */
    if (fate == FATE_RETRY && mirror->take.doubt)
        fate = FATE_DOUBT;
    mirror->settle = (struct outbox_settle){.mirror = mirror->settings->name,
                                            .id = mirror->take.id,
                                            .now = now,
                                            .next_try = now + wait_ms,
                                            .fate = fate,
                                            .doubt = mirror->take.doubt,
                                            .status = status};
    snprintf(mirror->settle.error, sizeof mirror->settle.error, "%s", error);
    hold(mirror, wait_ms);
    mirror->next_try = retry ? now + wait_ms : CLOCK_NONE;
    if (fate != FATE_SENT && fate != FATE_NOTHING)
        mirror_trouble(mirror, error);
    count_fate(mirror, fate);
    journal_write(mirror->all->options.journal, write_settle, on_settled,
                  mirror);
}

static int64_t pace_ms(const struct mirror *mirror)
{
    return mirror->settings->type->pace_ms;
}

/* Perhaps it was taken: once more, and then it is parked. */
static void in_doubt(struct mirror *mirror, int status, const char *error)
{
    enum outbox_fate fate = mirror->take.doubt ? FATE_PARKED : FATE_DOUBT;

    settle(mirror, fate, status, backoff_ms(mirror, ++mirror->failures),
           error);
}

static void answered(struct mirror *mirror, const struct client_answer *answer)
{
    struct err why = {""};
    int64_t wait;

    switch (
        mirror_judge(mirror->settings, answer->status, answer->body, &why)) {
    case VERDICT_SENT:
        settle(mirror, FATE_SENT, answer->status, pace_ms(mirror), "");
        break;
    case VERDICT_LATER:
        wait = backoff_ms(mirror, ++mirror->failures);
        if (answer->retry_after_ms > wait)
            wait = answer->retry_after_ms;
        if (wait > RETRY_AFTER_MAX_MS)
            wait = RETRY_AFTER_MAX_MS;
        settle(mirror, FATE_RETRY, answer->status, wait, why.text);
        break;
    case VERDICT_DOUBT:
        in_doubt(mirror, answer->status, why.text);
        break;
    case VERDICT_PARK:
        settle(mirror, FATE_PARKED, answer->status, pace_ms(mirror), why.text);
        break;
    case VERDICT_OFF:
        settle(mirror, FATE_OFF, answer->status, 0, why.text);
        break;
    }
}

static void on_answer(void *ctx, const struct client_answer *answer)
{
    struct mirror *mirror = ctx;

    mirror->transfer = 0;
    if (answer->outcome == CLIENT_ANSWERED) {
        answered(mirror, answer);
        return;
    }
    if (answer->outcome == CLIENT_DOUBT)
        in_doubt(mirror, 0, answer->error);
    else
        settle(mirror, FATE_RETRY, 0, backoff_ms(mirror, ++mirror->failures),
               answer->error);
}

/* ---- taking ---- */

/* The same for every attempt of a message, another one for every message. */
static void message_id(const struct mirror *mirror, char *out, size_t size)
{
    char journal[UUID_TEXT_SIZE];

    uuid_format(journal_id(mirror->all->options.journal), journal);
    snprintf(out, size, "msg_%s_%llx_%llx", journal,
             (unsigned long long)mirror->take.created,
             (unsigned long long)mirror->take.id);
}

static void send_taken(struct mirror *mirror)
{
    const struct mirror_settings *settings = mirror->settings;
    struct mirror_content content = {
        .bucket = mirror->take.bucket,
        .message = mirror->take.message,
        .report = mirror->digest ? digest_report(mirror->digest) : NULL};
    struct arena arena = ARENA_INIT;
    const char *headers[8];
    char id[96];
    struct buf body;

    message_id(mirror, id, sizeof id);
    content.id = id;
    buf_init(&body, 8 * MIB);
    if (mirror_request(settings, &content, &arena, headers, &body)) {
        struct client_request request = {.url = settings->url,
                                         .headers = headers,
                                         .body = body.data,
                                         .len = body.len,
                                         .allow_http = settings->allow_http,
                                         .timeout_ms =
                                             (unsigned)settings->timeout_ms,
                                         .max_answer = 64 * KIB};

        mirror->transfer = client_send(mirror->all->options.client, &request,
                                       on_answer, mirror);
    } else {
        settle(mirror, FATE_PARKED, 0, 0, "what the outbox keeps is damaged");
    }
    buf_free(&body);
    arena_free(&arena);
}

void mirror_forget_taken(struct mirror *mirror)
{
    free(mirror->take.bucket);
    free(mirror->take.message);
    mirror->take.bucket = mirror->take.message = NULL;
}

static bool says_nothing(const struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (!report_is_quiet(&report->accounts[i]))
            return false;
    return true;
}

/* Sends what was taken, with its report. */
static void on_gathered(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    /* It was not sent, and is in no more doubt than it was. */
    if (!ok)
        settle(mirror, FATE_RETRY, 0, backoff_ms(mirror, ++mirror->failures),
               err->text);
    else if (says_nothing(digest_report(mirror->digest)))
        settle(mirror, FATE_NOTHING, 0, 0, "");
    else
        send_taken(mirror);
}

/* Nothing is due: looks again when something will be, or quiet hours end. */
static void wait_for_due(struct mirror *mirror)
{
    int64_t now = clock_now_ms(), until, wait = LOOK_MAX_MS;
    int64_t next = mirror->take.next_due;

    if (mirror_quiet(mirror->settings, now, &until) &&
        (next == CLOCK_NONE || until < next))
        next = until;
    if (next == CLOCK_NONE || mirror->all->stopping)
        return;
    if (next - now < wait)
        wait = next > now ? next - now : 0;
    loop_timer_set(mirror->send_timer, wait * 1000);
}

static void take_counts(struct mirror *mirror)
{
    const struct outbox_counts *counts = &mirror->take.counts;

    if (!mirror->take.count)
        return;
    mirror->counted_us = clock_mono_us();
    if (mirror->waiting == counts->waiting &&
        mirror->parked == counts->parked && mirror->pruned == counts->pruned)
        return;
    mirror->waiting = counts->waiting;
    mirror->parked = counts->parked;
    mirror->pruned = counts->pruned;
    mirror_changed(mirror);
}

static void on_taken(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    if (!ok) {
        mirror->sending = false;
        if (mirror->all->stopping)
            return;
        mirror_trouble(mirror, err->text);
        loop_timer_set(mirror->send_timer, MIRROR_DISK_RETRY_US);
        mirror_changed(mirror);
        return;
    }
    take_counts(mirror);
    if (mirror->take.id && !mirror->all->stopping) {
        if (!mirror_gather(mirror, on_gathered))
            send_taken(mirror);
        return;
    }
    mirror->sending = false;
    if (mirror->look_again)
        mirror_kick_send(mirror);
    else
        wait_for_due(mirror);
}

void mirror_send_now(void *ctx)
{
    struct mirror *mirror = ctx;
    int64_t now = clock_now_ms();

    if (mirror->unsettled) {
        journal_write(mirror->all->options.journal, write_settle, on_settled,
                      mirror);
        return;
    }
    if (mirror->sending || mirror->state != MIRROR_ON || mirror->all->stopping)
        return;
    mirror_forget_taken(mirror);
    mirror_forget_digest(mirror);
    mirror->sending = true;
    mirror->look_again = false;
    mirror->take = (struct outbox_take){
        .mirror = mirror->settings->name,
        .now = now,
        .urgent_only = mirror_quiet(mirror->settings, now, NULL),
        .count = clock_mono_us() - mirror->counted_us > COUNT_EVERY_US};
    journal_write(mirror->all->options.journal, write_take, on_taken, mirror);
}

void mirror_kick_send(struct mirror *mirror)
{
    int64_t wait = mirror->not_before - clock_mono_us();

    if (mirror->sending) {
        mirror->look_again = true;
        return;
    }
    if (mirror->state == MIRROR_ON && mirror->opened && !mirror->all->stopping)
        loop_timer_set(mirror->send_timer, wait > 0 ? wait : 0);
}
