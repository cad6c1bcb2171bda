/* The running mirrors: their life, and what the user does to them. Planning
 * is plan.c, sending deliver.c. */
#include "mirror/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/uuid.h"

#include "base/banned.h"

static bool write_open(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct mirror *mirror = ctx;

    return outbox_open(&mirror->open, db, err);
}

/* ---- life ---- */

static void on_opened(void *ctx, bool ok, const struct err *err)
{
    struct mirror *mirror = ctx;
    const struct outbox_open *open = &mirror->open;

    if (!ok) {
        mirror_trouble(mirror, err->text);
        if (!mirror->all->stopping)
            loop_timer_set(mirror->open_timer, MIRROR_DISK_RETRY_US);
        mirror_changed(mirror);
        return;
    }
    mirror->opened = true;
    mirror->trouble[0] = '\0';
    mirror->sent = open->sent;
    mirror->events = open->events;
    mirror->waiting = open->counts.waiting;
    mirror->parked = open->counts.parked;
    mirror->pruned = open->counts.pruned;
    mirror->counted_us = clock_mono_us();
    if (!strcmp(open->state, "paused"))
        mirror->state = MIRROR_PAUSED;
    if (!strcmp(open->state, "off")) {
        mirror->state = MIRROR_OFF;
        mirror_trouble(mirror, open->reason);
        mirror_say_off(mirror);
    }
    mirror_set_state(mirror, mirror->state);
    mirror_kick_send(mirror);
    mirror_changed(mirror);
}

/* Until the journal lets it, which a full disk may not. */
static void open_mirror(struct mirror *mirror)
{
    mirror->open = (struct outbox_open){.mirror = mirror->settings,
                                        .now = clock_now_ms()};
    journal_write(mirror->all->options.journal, write_open, on_opened, mirror);
}

static void on_plan_timer(void *ctx)
{
    struct mirror *mirror = ctx;

    follower_wake(mirror->follower);
}

static void on_open_timer(void *ctx)
{
    struct mirror *mirror = ctx;

    if (!mirror->all->stopping)
        open_mirror(mirror);
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
        mirror->plan_timer =
            loop_timer_new(options->loop, on_plan_timer, mirror);
        mirror->send_timer =
            loop_timer_new(options->loop, mirror_send_now, mirror);
        mirror->open_timer =
            loop_timer_new(options->loop, on_open_timer, mirror);
        mirror->unread_timer =
            loop_timer_new(options->loop, mirror_count_unread, mirror);
        mirror_follow(mirror);
        open_mirror(mirror);
    }
    return mirrors;
}

void mirrors_committed(struct mirrors *mirrors, uint64_t last_seq)
{
    for (size_t i = 0; i < mirrors->count; i++) {
        struct mirror *mirror = &mirrors->mirrors[i];

        follower_committed(mirror->follower, last_seq);
        mirror_count_unread(mirror);
    }
}

void mirrors_concluded(struct mirrors *mirrors)
{
    for (size_t i = 0; i < mirrors->count; i++)
        if (query_asks_signals(mirrors->mirrors[i].settings->query))
            follower_nudge(mirrors->mirrors[i].follower);
}

void mirrors_stop(struct mirrors *mirrors)
{
    if (mirrors->stopping)
        return;
    mirrors->stopping = true;
    for (size_t i = 0; i < mirrors->count; i++) {
        struct mirror *mirror = &mirrors->mirrors[i];

        loop_timer_cancel(mirror->plan_timer);
        loop_timer_cancel(mirror->send_timer);
        loop_timer_cancel(mirror->open_timer);
        loop_timer_cancel(mirror->unread_timer);
        follower_stop(mirror->follower);
        if (mirror->unsettled)
            mirror_send_now(mirror);
    }
}

bool mirrors_busy(const struct mirrors *mirrors)
{
    for (size_t i = 0; i < mirrors->count; i++) {
        const struct mirror *mirror = &mirrors->mirrors[i];

        if (mirror->sending || follower_busy(mirror->follower))
            return true;
    }
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
        loop_timer_free(mirror->open_timer);
        loop_timer_free(mirror->unread_timer);
        mirror_forget_taken(mirror);
        mirror_forget_digest(mirror);
        follower_free(mirror->follower);
        mirror_free_plan(mirror);
        cooldowns_free(&mirror->cooldowns);
    }
    free(mirrors->mirrors);
    free(mirrors);
}

/* ---- by the user ---- */

struct switching {
    struct outbox_switch change; /* first: what outbox_switch() is given */
    struct mirror *mirror;
    enum mirror_state before, after;
    struct kept_call kept; /* done may be NULL */
};

/* A start would find it as it was. */
static void take_back(const struct switching *switching, const struct err *err)
{
    struct mirror *mirror = switching->mirror;

    if (mirror->state == switching->after)
        mirror_set_state(mirror, switching->before);
    mirror_trouble(mirror, err->text);
    mirror_kick_send(mirror);
    mirror_changed(mirror);
}

static void on_switched(void *ctx, bool ok, const struct err *err)
{
    struct switching *switching = ctx;
    const struct kept_call *kept = &switching->kept;

    if (!ok)
        take_back(switching, err);
    if (kept->done)
        kept->done(kept->ctx, kept->token, ok, err);
    free(switching);
}

static void switch_to(struct mirror *mirror, enum mirror_state state,
                      const char *name, const struct kept_call *kept)
{
    struct switching *switching = xcalloc(1, sizeof *switching);

    switching->mirror = mirror;
    switching->before = mirror->state;
    switching->after = state;
    if (kept)
        switching->kept = *kept;
    mirror_set_state(mirror, state);
    switching->change =
        (struct outbox_switch){mirror->settings->name, name, clock_now_ms()};
    journal_write_owned(mirror->all->options.journal, outbox_switch,
                        on_switched, switching, free);
    mirror_changed(mirror);
}

static bool is_open(const struct mirror *mirror, struct err *err)
{
    return mirror->opened || err_set(err, "%s is not read yet: try again",
                                     mirror->settings->name);
}

bool mirrors_pause(struct mirrors *mirrors, size_t index,
                   const struct kept_call *kept, struct err *err)
{
    struct mirror *mirror = &mirrors->mirrors[index];

    if (!is_open(mirror, err))
        return false;
    if (mirror->state == MIRROR_OFF)
        return err_set(err, "nothing is sent: it is off");
    switch_to(mirror, MIRROR_PAUSED, "paused", kept);
    return true;
}

/* Not while a message is under way: what its answer says is told without the
 * address that it went to. */
static bool read_address(struct mirrors *mirrors, size_t index,
                         struct err *err)
{
    struct mirror *mirror = &mirrors->mirrors[index];
    struct err why;

    if (mirror->sending ||
        mirror_settings_read_again(&mirrors->options.list->mirrors[index],
                                   &why))
        return true;
    mirror_trouble(mirror, why.text);
    mirror_changed(mirror);
    return err_set(err, "%s", why.text);
}

bool mirrors_resume(struct mirrors *mirrors, size_t index,
                    const struct kept_call *kept, struct err *err)
{
    struct mirror *mirror = &mirrors->mirrors[index];

    if (!is_open(mirror, err) || !read_address(mirrors, index, err))
        return false;
    mirror->failures = 0;
    mirror->not_before = 0;
    mirror->next_try = CLOCK_NONE;
    mirror->counted_us = 0;
    mirror->trouble[0] = '\0';
    switch_to(mirror, MIRROR_ON, "on", kept);
    mirror_kick_send(mirror);
    return true;
}

/* One event by hand, written as a plan that moves no cursor. */
struct by_hand {
    struct outbox_plan plan; /* first: what outbox_add() is given */
    struct mirror *mirror;
};

static void free_hand(void *ctx)
{
    struct by_hand *hand = ctx;

    batch_free(hand->plan.planned, hand->plan.count);
    free(hand);
}

static void on_hand_written(void *ctx, bool ok, const struct err *err)
{
    struct by_hand *hand = ctx;
    struct mirror *mirror = hand->mirror;

    if (ok) {
        mirror->waiting++;
        mirror_kick_send(mirror);
    } else {
        mirror_trouble(mirror, err->text);
    }
    mirror_changed(mirror);
    free_hand(hand);
}

void mirrors_send(struct mirrors *mirrors, size_t index,
                  const struct event *event)
{
    struct mirror *mirror = &mirrors->mirrors[index];
    struct by_hand *hand = xcalloc(1, sizeof *hand);
    int64_t now = clock_now_ms();

    hand->mirror = mirror;
    hand->plan = (struct outbox_plan){.mirror = mirror->settings, .now = now};
    hand->plan.planned =
        batch_now(mirror->settings, journal_id(mirrors->options.journal),
                  &event, 1, now, &hand->plan.count);
    journal_write_owned(mirrors->options.journal, outbox_add, on_hand_written,
                        hand, free_hand);
}

const struct mirror_settings *mirrors_settings(const struct mirrors *mirrors,
                                               size_t index)
{
    return mirrors->mirrors[index].settings;
}

/* One that is not open yet counts them when it is. */
void mirrors_planned(struct mirrors *mirrors, size_t index, uint64_t events)
{
    struct mirror *mirror = &mirrors->mirrors[index];

    if (!mirror->opened)
        return;
    mirror->waiting += events;
    mirror_kick_send(mirror);
    mirror_changed(mirror);
}
