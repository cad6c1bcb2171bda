/* The running mirrors. Two small machines each: planning (read a page,
 * plan it, write the plan) and sending (take a message, send it, settle it).
 * Each has at most one step under way; the arguments of the step live in
 * struct mirror, so whoever ends first leaves nothing dangling. */
#include "mirror/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "mirror/batch.h"
#include "mirror/json.h"
#include "mirror/outbox.h"
#include "mirror/slack.h"

#include "base/banned.h"

#define SLACK_PACE_MS 1000 /* one message a second and channel */
#define BACKOFF_MAX_MS 300000
#define DISK_RETRY_US 1000000 /* after a job of the journal failed */
#define GATHER_US 20000       /* a lone event waits so long for company */
#define SEND_TIMEOUT_MS 10000

/* A page being planned, on the reader's thread. */
struct page {
    uint64_t from, to, target;
    bool more;
};

struct mirror {
    struct mirrors *all;
    const struct mirror_settings *settings;
    enum mirror_state state;
    bool opened, planning, sending, resend_open;
    uint64_t cursor, last_seq;
    uint64_t sent, events, waiting, parked;
    char trouble[200];
    int64_t trouble_since, next_try;
    unsigned failures;
    int64_t not_before; /* wall ms: pace and backoff */
    int64_t planned_us; /* monotonic: when the last plan began */
    struct loop_timer *plan_timer, *send_timer;
    struct cooldowns cooldowns;
    uint64_t transfer;
    struct page page;
    struct outbox_open open;
    struct outbox_plan plan;
    struct outbox_take take;
    struct outbox_settle settle;
};

struct mirrors {
    struct mirrors_options options;
    struct mirror *mirrors;
    size_t count;
    bool stopping;
    uint64_t random;
};

static void kick_send(struct mirror *mirror);
static void arm_plan(struct mirror *mirror);

static void changed(struct mirror *mirror)
{
    const struct mirrors_options *options = &mirror->all->options;

    if (options->changed)
        options->changed(options->ctx);
}

static void set_trouble(struct mirror *mirror, const char *text)
{
    if (!*mirror->trouble)
        mirror->trouble_since = clock_now_ms();
    snprintf(mirror->trouble, sizeof mirror->trouble, "%s", text);
    log_limited(LOG_WARN, "mirror %s: %s", mirror->settings->name, text);
}

/* ---- what runs on the writer's thread: the outbox's steps ---- */

static bool write_open(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct mirror *mirror = ctx;

    return outbox_open(&mirror->open, db, err);
}

static bool write_plan(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct mirror *mirror = ctx;

    return outbox_plan(&mirror->plan, db, err);
}

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

/* ---- planning ---- */

static void free_plan(struct mirror *mirror)
{
    batch_free(mirror->plan.planned, mirror->plan.count);
    mirror->plan.planned = NULL;
    mirror->plan.count = 0;
}

/* On the reader's thread: it touches nothing but page, plan and cooldowns,
 * which the loop leaves alone while planning is set. */
static enum reader_step read_page(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct mirror *mirror = ctx;
    struct page *page = &mirror->page;
    struct reader_range range = {.after = page->from,
                                 .limit = LIMIT_PAGE_ROWS,
                                 .no_bodies =
                                     mirror->settings->type == MIRROR_SLACK};
    struct event_batch *batch = event_batch_new();
    bool ok = reader_page(reader, &range, batch, &page->more, err);

    if (ok) {
        mirror->plan.now = clock_now_ms();
        mirror->plan.planned =
            batch_plan(mirror->settings, &mirror->cooldowns,
                       reader_journal_id(reader), batch->events, batch->count,
                       mirror->plan.now, &mirror->plan.count);
        /* Behind the last event there may be ticks: their seqs count. */
        page->to =
            page->more ? batch->events[batch->count - 1].seq : page->target;
        if (batch->count && batch->events[batch->count - 1].seq > page->to)
            page->to = batch->events[batch->count - 1].seq;
    }
    event_batch_free(batch);
    return ok ? READER_DONE : READER_FAILED;
}

static void plan_failed(struct mirror *mirror, const struct err *err)
{
    free_plan(mirror);
    mirror->planning = false;
    set_trouble(mirror, err->text);
    if (!mirror->all->stopping)
        loop_timer_set(mirror->plan_timer, DISK_RETRY_US);
    changed(mirror);
}

static void plan_written(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    if (!ok) {
        plan_failed(mirror, err);
        return;
    }
    mirror->cursor = mirror->plan.to;
    for (size_t i = 0; i < mirror->plan.count; i++)
        mirror->waiting += mirror->plan.planned[i].events;
    if (mirror->plan.count) {
        kick_send(mirror);
        changed(mirror);
    }
    free_plan(mirror);
    mirror->planning = false;
    if (mirror->page.more)
        loop_timer_set(mirror->plan_timer, 0);
    else
        arm_plan(mirror);
}

static void page_read(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    if (!ok || mirror->all->stopping) {
        plan_failed(mirror, err);
        return;
    }
    mirror->plan.mirror = mirror->settings;
    mirror->plan.from = mirror->page.from;
    mirror->plan.to = mirror->page.to;
    journal_write(mirror->all->options.journal, write_plan, plan_written,
                  mirror);
}

static void plan_now(void *ctx)
{
    struct mirror *mirror = ctx;

    if (mirror->planning || !mirror->opened || mirror->all->stopping ||
        mirror->state != MIRROR_ON || mirror->cursor >= mirror->last_seq)
        return;
    mirror->planning = true;
    mirror->planned_us = clock_mono_us();
    mirror->page =
        (struct page){.from = mirror->cursor, .target = mirror->last_seq};
    journal_read(mirror->all->options.journal, read_page, page_read, mirror);
}

/* The first event after a pause goes at once; the window begins with it. */
static void arm_plan(struct mirror *mirror)
{
    int64_t since = clock_mono_us() - mirror->planned_us;
    int64_t window = mirror->settings->window_ms * 1000;

    if (mirror->planning || !mirror->opened || mirror->all->stopping ||
        mirror->state != MIRROR_ON || mirror->cursor >= mirror->last_seq)
        return;
    loop_timer_set(mirror->plan_timer, mirror->planned_us && since < window
                                           ? window - since
                                           : GATHER_US);
}

/* ---- sending ---- */

/* 1, 2, 4 … 300 s, give or take a fifth, so that many do not come at once
 * when the other side is back. */
static int64_t backoff_ms(struct mirror *mirror)
{
    uint64_t *random = &mirror->all->random;
    int64_t wait = BACKOFF_MAX_MS;

    if (mirror->failures <= 8)
        wait = INT64_C(1000) << (mirror->failures ? mirror->failures - 1 : 0);
    if (wait > BACKOFF_MAX_MS)
        wait = BACKOFF_MAX_MS;
    *random = *random * UINT64_C(6364136223846793005) +
              UINT64_C(1442695040888963407);
    return wait * (800 + (int64_t)(*random >> 33) % 401) / 1000;
}

static enum slack_verdict judge(const struct mirror *mirror,
                                const struct client_answer *answer,
                                struct err *why)
{
    enum slack_verdict verdict =
        slack_judge(answer->status, answer->body,
                    mirror->settings->type == MIRROR_SLACK &&
                        mirror->settings->token,
                    why);

    /* Others say 422 of a body they cannot take. */
    return answer->status == 422 ? SLACK_PARK : verdict;
}

static void settled(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    mirror->sending = false;
    if (!ok) {
        /* The row stays in doubt; it is taken up again. */
        set_trouble(mirror, err->text);
        mirror->not_before = clock_now_ms() + 1000;
    }
    kick_send(mirror);
    changed(mirror);
}

static void settle(struct mirror *mirror, enum outbox_fate fate, int status,
                   int64_t next_try, const char *error)
{
    int64_t now = clock_now_ms();

    mirror->settle = (struct outbox_settle){.mirror = mirror->settings->name,
                                            .id = mirror->take.id,
                                            .now = now,
                                            .next_try = next_try,
                                            .fate = fate,
                                            .status = status};
    snprintf(mirror->settle.error, sizeof mirror->settle.error, "%s", error);
    mirror->next_try = CLOCK_NONE;
    if (fate == FATE_SENT) {
        mirror->sent++;
        mirror->events += mirror->take.events;
        mirror->waiting -= mirror->take.events < mirror->waiting
                               ? mirror->take.events
                               : mirror->waiting;
        mirror->failures = 0;
        mirror->trouble[0] = '\0';
        mirror->not_before =
            now + (mirror->settings->type == MIRROR_SLACK ? SLACK_PACE_MS : 0);
    } else {
        set_trouble(mirror, error);
        mirror->not_before = next_try;
        if (fate == FATE_OFF)
            mirror->state = MIRROR_OFF;
        else if (fate != FATE_PARKED)
            mirror->next_try = next_try;
    }
    journal_write(mirror->all->options.journal, write_settle, settled, mirror);
}

static void answered(struct mirror *mirror, const struct client_answer *answer)
{
    int64_t now = clock_now_ms(), wait;
    struct err why = {""};

    switch (judge(mirror, answer, &why)) {
    case SLACK_SENT:
        settle(mirror, FATE_SENT, answer->status, now, "");
        break;
    case SLACK_LATER:
        mirror->failures++;
        wait = backoff_ms(mirror);
        if (answer->retry_after_ms > wait)
            wait = answer->retry_after_ms;
        settle(mirror, FATE_RETRY, answer->status, now + wait, why.text);
        break;
    case SLACK_PARK:
        settle(mirror, FATE_PARKED, answer->status, now + SLACK_PACE_MS,
               why.text);
        break;
    case SLACK_OFF:
        settle(mirror, FATE_OFF, answer->status, now, why.text);
        break;
    }
}

static void transfer_done(void *ctx, const struct client_answer *answer)
{
    struct mirror *mirror = ctx;
    int64_t now = clock_now_ms();

    mirror->transfer = 0;
    if (answer->outcome == CLIENT_ANSWERED) {
        answered(mirror, answer);
        return;
    }
    mirror->failures++;
    if (answer->outcome == CLIENT_UNSENT)
        settle(mirror, mirror->take.doubt ? FATE_DOUBT : FATE_RETRY, 0,
               now + backoff_ms(mirror), answer->error);
    else
        settle(mirror, mirror->take.doubt ? FATE_PARKED : FATE_DOUBT, 0,
               now + backoff_ms(mirror), answer->error);
}

static bool is_digest(const char *bucket)
{
    return !strcmp(bucket, BUCKET_QUIET) || !strcmp(bucket, BUCKET_DIGEST) ||
           !strcmp(bucket, BUCKET_CATCH_UP);
}

static bool slack_body(const struct mirror_settings *settings,
                       const char *bucket, const char *message,
                       struct buf *body)
{
    struct message *parsed = message_from_json(message, strlen(message));
    bool ok =
        parsed &&
        slack_render(body, parsed, settings->token ? settings->channel : NULL,
                     is_digest(bucket));

    message_free(parsed);
    return ok;
}

static const char *header(struct arena *arena, const char *name,
                          const char *value)
{
    struct buf text;
    const char *line;

    buf_init(&text, 16 * KIB);
    buf_addf(&text, "%s: %s", name, value);
    line = arena_strdup(arena, text.data);
    buf_free(&text);
    return line;
}

/* Standard Webhooks: id, time and signature of the body. */
static size_t sign_headers(const struct mirror_settings *settings,
                           const struct buf *body, struct arena *arena,
                           const char *headers[8], size_t count)
{
    struct uuid id = uuid_random();
    char name[UUID_TEXT_SIZE + 4] = "msg_", seconds[24];
    struct buf signature;

    uuid_format(&id, name + 4);
    snprintf(seconds, sizeof seconds, "%lld",
             (long long)(clock_now_ms() / 1000));
    buf_init(&signature, 4 * KIB);
    if (secret_sign(&settings->signing, name, seconds, body->data, body->len,
                    &signature)) {
        headers[count++] = header(arena, "webhook-id", name);
        headers[count++] = header(arena, "webhook-timestamp", seconds);
        headers[count++] = header(arena, "webhook-signature", signature.data);
    }
    buf_free(&signature);
    return count;
}

bool mirror_request(const struct mirror_settings *settings, const char *bucket,
                    const char *message, struct arena *arena,
                    const char *headers[8], struct buf *body)
{
    size_t count = 0;
    bool ok = settings->type == MIRROR_SLACK
                  ? slack_body(settings, bucket, message, body)
                  : json_render(body, message);

    if (!ok)
        return false;
    headers[count++] = "Content-Type: application/json; charset=utf-8";
    if (settings->token) {
        char bearer[1024];

        snprintf(bearer, sizeof bearer, "Bearer %s", settings->token);
        headers[count++] = header(arena, "Authorization", bearer);
    }
    if (settings->signing.count)
        count = sign_headers(settings, body, arena, headers, count);
    headers[count] = NULL;
    return true;
}

static void send_taken(struct mirror *mirror)
{
    const struct mirror_settings *settings = mirror->settings;
    struct arena arena = ARENA_INIT;
    const char *headers[8];
    struct buf body;

    buf_init(&body, 8 * MIB);
    if (mirror_request(settings, mirror->take.bucket, mirror->take.message,
                       &arena, headers, &body)) {
        struct client_request request = {.url = settings->url,
                                         .headers = headers,
                                         .body = body.data,
                                         .len = body.len,
                                         .allow_http = settings->allow_http,
                                         .timeout_ms = SEND_TIMEOUT_MS,
                                         .max_answer = 64 * KIB};

        mirror->transfer = client_send(mirror->all->options.client, &request,
                                       transfer_done, mirror);
    } else {
        settle(mirror, FATE_PARKED, 0, clock_now_ms(),
               "what the outbox keeps is damaged");
    }
    buf_free(&body);
    arena_free(&arena);
}

static void forget_taken(struct mirror *mirror)
{
    free(mirror->take.bucket);
    free(mirror->take.message);
    mirror->take.bucket = mirror->take.message = NULL;
}

static void set_send_timer(struct mirror *mirror, int64_t at)
{
    int64_t wait = at - clock_now_ms();

    loop_timer_set(mirror->send_timer, wait > 0 ? wait * 1000 : 0);
}

static void taken(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;

    if (!ok) {
        mirror->sending = false;
        set_trouble(mirror, err->text);
        if (!mirror->all->stopping)
            loop_timer_set(mirror->send_timer, DISK_RETRY_US);
        changed(mirror);
        return;
    }
    mirror->waiting = mirror->take.waiting;
    mirror->parked = mirror->take.parked;
    if (mirror->take.id) {
        send_taken(mirror);
        return;
    }
    mirror->sending = false;
    /* A plan may have been written since: look again. */
    if (mirror->resend_open)
        kick_send(mirror);
    else if (mirror->take.next_due != CLOCK_NONE && !mirror->all->stopping)
        set_send_timer(mirror, mirror->take.next_due);
}

static void send_now(void *ctx)
{
    struct mirror *mirror = ctx;

    if (mirror->sending || mirror->state != MIRROR_ON || mirror->all->stopping)
        return;
    forget_taken(mirror);
    mirror->sending = true;
    mirror->resend_open = false;
    mirror->take = (struct outbox_take){.mirror = mirror->settings->name,
                                        .now = clock_now_ms()};
    journal_write(mirror->all->options.journal, write_take, taken, mirror);
}

static void kick_send(struct mirror *mirror)
{
    if (mirror->sending) {
        mirror->resend_open = true;
        return;
    }
    if (mirror->state == MIRROR_ON && mirror->opened && !mirror->all->stopping)
        set_send_timer(mirror, mirror->not_before);
}

/* ---- life ---- */

static void opened(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;
    const struct outbox_open *open = &mirror->open;

    if (!ok) {
        set_trouble(mirror, err->text);
        changed(mirror);
        return;
    }
    mirror->opened = true;
    mirror->cursor = open->cursor;
    mirror->sent = open->sent;
    mirror->events = open->events;
    mirror->waiting = open->waiting;
    mirror->parked = open->parked;
    if (!strcmp(open->state, "paused"))
        mirror->state = MIRROR_PAUSED;
    if (!strcmp(open->state, "off")) {
        mirror->state = MIRROR_OFF;
        set_trouble(mirror, open->reason);
    }
    kick_send(mirror);
    arm_plan(mirror);
    changed(mirror);
}

struct mirrors *mirrors_new(const struct mirrors_options *options)
{
    struct mirrors *mirrors = xcalloc(1, sizeof *mirrors);

    mirrors->options = *options;
    mirrors->count = options->list->count;
    random_bytes(&mirrors->random, sizeof mirrors->random);
    if (mirrors->count)
        mirrors->mirrors = xcalloc(mirrors->count, sizeof *mirrors->mirrors);
    for (size_t i = 0; i < mirrors->count; i++) {
        struct mirror *mirror = &mirrors->mirrors[i];

        mirror->all = mirrors;
        mirror->settings = &options->list->mirrors[i];
        mirror->next_try = CLOCK_NONE;
        mirror->last_seq = journal_stats(options->journal).last_seq;
        mirror->plan_timer = loop_timer_new(options->loop, plan_now, mirror);
        mirror->send_timer = loop_timer_new(options->loop, send_now, mirror);
        mirror->open = (struct outbox_open){.mirror = mirror->settings->name,
                                            .now = clock_now_ms()};
        journal_write(options->journal, write_open, opened, mirror);
    }
    return mirrors;
}

void mirrors_committed(struct mirrors *mirrors, uint64_t last_seq)
{
    for (size_t i = 0; i < mirrors->count; i++) {
        struct mirror *mirror = &mirrors->mirrors[i];
        bool caught_up = mirror->cursor >= mirror->last_seq;

        mirror->last_seq = last_seq;
        if (caught_up)
            arm_plan(mirror);
    }
}

void mirrors_stop(struct mirrors *mirrors)
{
    mirrors->stopping = true;
    for (size_t i = 0; i < mirrors->count; i++) {
        loop_timer_cancel(mirrors->mirrors[i].plan_timer);
        loop_timer_cancel(mirrors->mirrors[i].send_timer);
    }
}

bool mirrors_busy(const struct mirrors *mirrors)
{
    for (size_t i = 0; i < mirrors->count; i++)
        if (mirrors->mirrors[i].sending || mirrors->mirrors[i].planning)
            return true;
    return false;
}

void mirrors_free(struct mirrors *mirrors)
{
    if (!mirrors)
        return;
    for (size_t i = 0; i < mirrors->count; i++) {
        struct mirror *mirror = &mirrors->mirrors[i];

        if (mirror->transfer)
            client_cancel(mirrors->options.client, mirror->transfer);
        loop_timer_free(mirror->plan_timer);
        loop_timer_free(mirror->send_timer);
        forget_taken(mirror);
        free_plan(mirror);
        cooldowns_free(&mirror->cooldowns);
    }
    free(mirrors->mirrors);
    free(mirrors);
}

/* ---- by the user ---- */

static void switched(void *ctx, bool ok, const struct err *err)
{
    if (!ok)
        log_line(LOG_WARN, "mirror: %s", err->text);
    free(ctx);
}

static void switch_to(struct mirror *mirror, enum mirror_state state,
                      const char *name)
{
    struct outbox_switch *change = xcalloc(1, sizeof *change);

    mirror->state = state;
    change->mirror = mirror->settings->name;
    change->state = name;
    change->now = clock_now_ms();
    journal_write(mirror->all->options.journal, outbox_switch, switched,
                  change);
    changed(mirror);
}

void mirrors_pause(struct mirrors *mirrors, size_t index)
{
    if (mirrors->mirrors[index].state == MIRROR_ON)
        switch_to(&mirrors->mirrors[index], MIRROR_PAUSED, "paused");
}

void mirrors_resume(struct mirrors *mirrors, size_t index)
{
    struct mirror *mirror = &mirrors->mirrors[index];

    mirror->failures = 0;
    mirror->not_before = 0;
    mirror->trouble[0] = '\0';
    switch_to(mirror, MIRROR_ON, "on");
    kick_send(mirror);
    arm_plan(mirror);
}

/* One event by hand, written as a plan that moves no cursor. */
struct by_hand {
    struct outbox_plan plan; /* first: what outbox_add() is given */
    struct mirror *mirror;
};

static void hand_written(void *ctx, bool ok, const struct err *err)
{
    struct by_hand *hand = ctx;

    if (ok)
        kick_send(hand->mirror);
    else
        set_trouble(hand->mirror, err->text);
    batch_free(hand->plan.planned, hand->plan.count);
    free(hand);
}

void mirrors_send(struct mirrors *mirrors, size_t index,
                  const struct event *event)
{
    struct mirror *mirror = &mirrors->mirrors[index];
    struct by_hand *hand = xcalloc(1, sizeof *hand);
    int64_t now = clock_now_ms();

    hand->mirror = mirror;
    hand->plan = (struct outbox_plan){
        .mirror = mirror->settings,
        .planned = batch_one(mirror->settings,
                             journal_id(mirrors->options.journal), event, now),
        .count = 1,
        .now = now};
    journal_write(mirrors->options.journal, outbox_add, hand_written, hand);
}

/* ---- shown ---- */

size_t mirrors_count(const struct mirrors *mirrors)
{
    return mirrors->count;
}

struct mirror_status mirrors_status(const struct mirrors *mirrors,
                                    size_t index)
{
    const struct mirror *mirror = &mirrors->mirrors[index];

    return (struct mirror_status){
        .name = mirror->settings->name,
        .type = mirror->settings->type == MIRROR_SLACK ? "slack" : "json",
        .state = mirror->state,
        .sent = mirror->sent,
        .events = mirror->events,
        .waiting = mirror->waiting,
        .parked = mirror->parked,
        .trouble = mirror->trouble,
        .trouble_since = mirror->trouble_since,
        .next_try = mirror->next_try};
}

static const char *state_word(const struct mirror *mirror)
{
    if (mirror->state == MIRROR_OFF)
        return "off";
    if (mirror->state == MIRROR_PAUSED)
        return "paused";
    return *mirror->trouble ? "retrying" : "ok";
}

/* Off is worse than retrying, retrying than paused. */
static int badness(const struct mirror *mirror)
{
    if (mirror->state == MIRROR_OFF)
        return 3;
    if (*mirror->trouble && mirror->state == MIRROR_ON)
        return 2;
    return mirror->state == MIRROR_PAUSED;
}

static const struct mirror *worst(const struct mirrors *mirrors)
{
    const struct mirror *found = &mirrors->mirrors[0];

    for (size_t i = 1; i < mirrors->count; i++)
        if (badness(&mirrors->mirrors[i]) > badness(found))
            found = &mirrors->mirrors[i];
    return found;
}

bool mirrors_summary(const struct mirrors *mirrors, struct buf *out)
{
    const struct mirror *mirror;

    if (!mirrors->count) {
        buf_adds(out, "no mirror");
        return false;
    }
    mirror = worst(mirrors);
    if (mirrors->count > 1 && !badness(mirror))
        buf_addf(out, "%zu mirrors ok", mirrors->count);
    else
        buf_addf(out, "%s %s", mirror->settings->name, state_word(mirror));
    return badness(mirror) > 1;
}

bool mirrors_problem(const struct mirrors *mirrors, int64_t now_ms,
                     struct buf *out)
{
    const struct mirror *mirror = mirrors->count ? worst(mirrors) : NULL;

    if (!mirror || badness(mirror) < 2)
        return false;
    if (mirror->state == MIRROR_OFF) {
        buf_addf(out, "%s is off: %s. Fix it, then resume it in :mirrors.",
                 mirror->settings->name, mirror->trouble);
        return true;
    }
    buf_addf(out, "%s: %s. %llu wait, none lost", mirror->settings->name,
             mirror->trouble, (unsigned long long)mirror->waiting);
    if (mirror->next_try != CLOCK_NONE && mirror->next_try > now_ms)
        buf_addf(out, ", next try in %lld s",
                 (long long)(mirror->next_try - now_ms + 999) / 1000);
    buf_adds(out, ". :mirrors");
    return true;
}
