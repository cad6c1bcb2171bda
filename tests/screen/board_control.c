/* What the board is told to do while it runs; which words there are, board.c
 * says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "live/usage.h"
#include "tests/screen/board.h"
#include "ui/ui.h"
#include "base/banned.h"

/* "title|text", by every means. */
static void alert(struct board *board, const char *line)
{
    size_t title = strcspn(line, "|");
    char *copy = xstrdup(line);

    copy[title] = '\0';
    ui_display()->alert(board->display,
                        ALERT_BELL | ALERT_NOTIFY | ALERT_TITLE, copy,
                        line[title] ? copy + title + 1 : "");
    free(copy);
}

#define TICK_MS 30000 /* of the rate in the status row */
#define BEFORE_MS 1200

/* The clock stands between two events: never so shortly before a tick that the
 * screen waits for it and is not still. */
static int64_t next_moment(int64_t now)
{
    return now % TICK_MS > TICK_MS - BEFORE_MS ? (now / TICK_MS + 1) * TICK_MS
                                               : now + 2;
}

/* Like one of the first, now. What is fetched of it is what that one was. */
static void make_event(struct board *board, struct event *out)
{
    size_t at;

    board->dice =
        board->dice * UINT64_C(6364136223846793005) + 1442695040888963407;
    at = (size_t)(board->dice >> 33) % board->template_count;
    clock_pin(next_moment(clock_now_ms()));
    *out = *board->held[at];
    out->occurred_at = out->received_at = clock_now_ms();
    out->flags &= ~(unsigned)EVENT_BACKFILLED;
}

static void feed(struct board *board, size_t count)
{
    for (size_t i = 0; i < count && board->template_count; i++) {
        struct event event;

        make_event(board, &event);
        board_add(board, &event, true);
    }
    tally_tick(board->host.tally, clock_now_ms());
    ui_display()->events(board->display, count);
}

/* What may come between a frame and a key. */
static bool obey_between(struct board *board, const char *line,
                         const char *arg)
{
    if (!strcmp(line, "hold")) {
        board->held_up = true;
    } else if (!strncmp(line, "late ", 5)) {
        board->late = strtoll(arg, NULL, 10);
    } else if (!strncmp(line, "strangers ", 10)) {
        size_t count = strtoul(arg, NULL, 10);

        board_add_strangers(board, count);
        ui_display()->events(board->display, count);
    } else if (!strncmp(line, "pin ", 4)) {
        board->host.pin_set(board, strtoull(arg, NULL, 10), NULL);
        ui_display()->changed(board->display);
    } else if (!strcmp(line, "forget")) {
        usage_take(board->usage, usage_new(usage_today(board->usage)));
        ui_display()->changed(board->display);
    } else if (!strcmp(line, "refill")) {
        board_refill_usage(board);
        ui_display()->changed(board->display);
    } else {
        return false;
    }
    return true;
}

/* As when the receiver takes one out of the inbox. */
static void drop_signal(struct board *board, int64_t id)
{
    struct inbox *left = inbox_new();

    for (size_t i = 0; i < inbox_count(board->inbox); i++)
        if (inbox_at(board->inbox, i)->id != id)
            inbox_add(left, inbox_at(board->inbox, i));
    inbox_take(board->inbox, left);
    ui_display()->changed(board->display);
}

/* As when somebody is forgotten: of their events nothing can be read. */
static void forget_events(struct board *board, const char *email)
{
    for (size_t i = 0; i < board->held_count; i++)
        if (board->held[i]->person.email &&
            !strcmp(board->held[i]->person.email, email))
            board->held[i]->seq = 0;
    ui_display()->forgetting(board->display, FORGOT);
}

static void obey(struct board *board, const char *line)
{
    const char *arg = strchr(line, ' ');

    arg = arg ? arg + 1 : "";
    if (obey_between(board, line, arg))
        return;
    if (!strncmp(line, "body ", 5)) {
        board_arrive(board, arg, 0);
    } else if (!strncmp(line, "past ", 5)) {
        board_arrive(board, arg, EVENT_BACKFILLED);
    } else if (!strncmp(line, "clock ", 6)) {
        clock_pin(clock_parse(arg, strlen(arg)));
        tally_tick(board->host.tally, clock_now_ms());
        ui_display()->changed(board->display);
    } else if (!strncmp(line, "problem", 7)) {
        snprintf(board->problem, sizeof board->problem, "%s", arg);
        board->status.problem = *arg ? board->problem : NULL;
        board->status.problems = *arg != 0;
        ui_display()->changed(board->display);
    } else if (!strncmp(line, "mirror ", 7)) {
        snprintf(board->mirror, sizeof board->mirror, "%s", arg);
        board->status.mirror = board->mirror;
        ui_display()->changed(board->display);
    } else if (!strcmp(line, "reject")) {
        board->rejects++;
        board->status.rejects++;
        ui_display()->changed(board->display);
    } else if (!strncmp(line, "said ", 5)) {
        ui_display()->said(board->display, arg);
    } else if (!strncmp(line, "came ", 5)) {
        ui_display()->past_came(board->display, strtoul(arg, NULL, 10));
    } else if (!strncmp(line, "forget ", 7)) {
        forget_events(board, arg);
    } else if (!strncmp(line, "unsignal ", 9)) {
        drop_signal(board, strtol(arg, NULL, 10));
    } else if (!strncmp(line, "feed ", 5)) {
        feed(board, strtoul(arg, NULL, 10));
    } else if (!strcmp(line, "still")) {
        board->wants_still = true;
    } else if (!strcmp(line, "repaint")) {
        ui_display()->resumed(board->display);
    } else if (!strncmp(line, "alert ", 6)) {
        alert(board, arg);
    } else if (!strncmp(line, "pieces ", 7)) {
        board->piece_credit += strtoul(arg, NULL, 10);
    } else if (!strncmp(line, "recording ", 10)) {
        snprintf(board->recording, sizeof board->recording, "%s", arg);
    } else if (!strcmp(line, "stop")) {
        board->stop = true;
    }
}

void board_read_control(struct board *board, int *fd)
{
    char bytes[1024];
    ssize_t got = read(*fd, bytes, sizeof bytes);
    char *end;

    if (got <= 0) {
        *fd = -1;
        return;
    }
    buf_add(&board->control, bytes, (size_t)got);
    while (!board->stop && (end = strchr(board->control.data, '\n'))) {
        *end = '\0';
        obey(board, board->control.data);
        buf_consume(&board->control, (size_t)(end - board->control.data) + 1);
    }
}
