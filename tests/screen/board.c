/* A host for the screen without loop, receiver or journal: bodies from files
 * through the decoder into ring and tally, poll() for the rest. Golden
 * screens stand on it: what they show depends on the files alone.
 *
 *     board CONFIG... -- BODY...     (CONFIG: name=value, as in options.def;
 *                                     key.NAME=command; mirrors=N;
 *                                     highlight=QUERY; rejects=N; signals=FILE; usage=FILE)
 *
 * The bodies are there at the start, in the order they happened. On
 * descriptor 3 it takes lines: `body FILE` arrives live, `past FILE` late, as
 * one of the past, `clock TIME` sets the clock, `problem TEXT`, `mirror TEXT`,
 * `alert TITLE|TEXT`, `stop`; `feed N`: so many events, 2 ms apart (but for a gap), like some
 * that are there, always the same ones; `still`: writes STILL_MARK, which is
 * no cell, once nothing is left to be drawn; `repaint`: every cell is written again; with posthog=yes, `recording ready|short|none|unknown WHY` is
 * PostHog's next answer: who asked gets it, or who asks next. What is beyond
 * ring_events=N is the past: it is read by past_piece=N events at a time, with
 * past_hold=yes no more than `pieces N` allows, with no_journal=yes not. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "event/decode.h"
#include "live/display.h"
#include "live/view.h"
#include "ui/ui.h"
#include "tests/screen/term.h"
#include "base/banned.h"

#define HELD_MAX 4096
#define BOARD_MIRRORS 64 /* more than telltale takes: a list that scrolls */

#define BOARD_PINS 8
#define BOARD_NOTES 8

#define PIECES 32

struct board_piece {
    struct past_piece *piece;
    void (*came)(void *screen, struct past_piece *piece);
    void *screen;
};

struct board {
    struct display_host host;
    struct display_status status;
    struct display *display;
    struct decoder decoder;
    struct book *book;
    struct link_policy links;
    struct uuid id;
    struct inbox *inbox;
    struct usage *usage;
    char **settings; /* "name=value" */
    int setting_count;
    struct event *held[HELD_MAX]; /* all events, for fetch */
    size_t held_count;
    struct event_batch *batches[HELD_MAX]; /* … which live in these */
    size_t batch_count;
    uint64_t seq;
    int in, out;
    bool want_output, stop, wants_still;
    uint64_t dice;         /* of feed */
    size_t template_count; /* of held: those there were at the start */
    int64_t due;
    char problem[256], mirror[64];
    char mirror_name[32], reject_begins[48];
    size_t mirrors, rejects;
    bool paused[BOARD_MIRRORS];
    struct display_pin pins[BOARD_PINS];
    char pin_notes[BOARD_PINS][64];
    size_t pin_count;
    struct {
        char account[64], text[LIMIT_NOTE + 1];
    } notes[BOARD_NOTES];
    uint64_t asked; /* the event whose recording is asked for; 0: none */
    struct board_piece pieces[PIECES]; /* of the past, that are asked for */
    size_t piece_count, piece_credit;
    char recording[256]; /* the answer that waits for a question; "" */
    struct buf control;
};

static int wake[2];

static void caught(int signal)
{
    char byte = (char)signal;
    ssize_t ignored = write(wake[1], &byte, 1);

    (void)ignored;
}

/* ---- host ---- */

static const struct book *host_book(void *ctx)
{
    return ((struct board *)ctx)->book;
}

static const struct display_status *host_status(void *ctx)
{
    return &((struct board *)ctx)->status;
}

static void host_arm(void *ctx, int64_t mono_us)
{
    ((struct board *)ctx)->due = mono_us;
}

static bool host_watch_input(void *ctx, int fd)
{
    ((struct board *)ctx)->in = fd;
    return true;
}

static bool host_watch_output(void *ctx, int fd)
{
    ((struct board *)ctx)->out = fd;
    return true;
}

static void host_want_output(void *ctx, bool wanted)
{
    ((struct board *)ctx)->want_output = wanted;
}

static void host_unwatch(void *ctx)
{
    struct board *board = ctx;

    board->in = board->out = -1;
}

static void host_fetch(void *ctx, uint64_t seq,
                       void (*found)(void *screen, const struct event *event),
                       void *screen)
{
    struct board *board = ctx;

    for (size_t i = 0; i < board->held_count; i++)
        if (board->held[i]->seq == seq) {
            found(screen, board->held[i]);
            return;
        }
    found(screen, NULL);
}

static const struct event *held(const struct board *board, uint64_t seq)
{
    for (size_t i = 0; i < board->held_count; i++)
        if (board->held[i]->seq == seq)
            return board->held[i];
    return NULL;
}

static const char *host_option(void *ctx, const char *name);

static bool host_judge(void *ctx, const char *text, const uint64_t *seqs,
                       size_t count,
                       void (*judged)(void *screen, const int *bits),
                       void *screen)
{
    struct query *query = query_parse(text, NULL);
    int *bits = calloc(count, sizeof *bits);

    for (size_t i = 0; i < count; i++)
        if (held(ctx, seqs[i]))
            bits[i] = query_match_deep(query, held(ctx, seqs[i]));
    judged(screen, bits);
    free(bits);
    query_free(query);
    return true;
}

/* What is held is the journal, in the order it came. Where a walk is: the
 * index of what it comes to next, and one more. */
static void begin_walk(const struct board *board, struct reader_walk *walk)
{
    size_t at = 0;

    while (at < board->held_count &&
           (walk->from.seq ? board->held[at]->seq != walk->from.seq
                           : board->held[at]->received_at < walk->from.ms))
        at++;
    if (!walk->from.seq && !walk->from.ms && walk->newest_first)
        at = board->held_count;
    if (walk->from.seq && !walk->newest_first)
        at++;
    walk->live = at + 1;
    walk->begun = true;
}

static void read_piece(const struct board *board, struct past_piece *piece)
{
    struct reader_walk *walk = &piece->walk;
    struct event_batch *batch = event_batch_new();
    size_t most = strtoul(host_option((void *)board, "past_piece"), NULL, 10);
    size_t at;

    if (!walk->begun)
        begin_walk(board, walk);
    if (!most || most > piece->want)
        most = piece->want;
    batch->events = arena_alloc(&batch->arena, most * sizeof *batch->events);
    for (at = walk->live - 1; batch->count < most;
         at += walk->newest_first ? (size_t)-1 : 1) {
        if (walk->newest_first ? !at : at >= board->held_count)
            break;
        batch->events[batch->count++] = *board->held[at - walk->newest_first];
    }
    walk->live = at + 1;
    piece->more = walk->newest_first ? at > 0 : at < board->held_count;
    piece->batch = batch;
    piece->ok = true;
}

static bool host_read_past(void *ctx, struct past_piece *piece,
                           void (*came)(void *screen,
                                        struct past_piece *piece),
                           void *screen)
{
    struct board *board = ctx;

    if (board->piece_count == PIECES)
        return false;
    board->pieces[board->piece_count++] =
        (struct board_piece){piece, came, screen};
    return true;
}

static bool gives_piece(const struct board *board)
{
    return board->piece_count &&
           (board->piece_credit || !*host_option((void *)board, "past_hold"));
}

static void give_piece(struct board *board)
{
    struct board_piece first = board->pieces[0];

    board->piece_credit -= board->piece_credit > 0;
    memmove(board->pieces, board->pieces + 1,
            --board->piece_count * sizeof first);
    read_piece(board, first.piece);
    first.came(first.screen, first.piece);
    ui_display()->changed(board->display);
}

static void host_reload(void *ctx)
{
    (void)ctx;
}

static void host_quit(void *ctx)
{
    ((struct board *)ctx)->stop = true;
}

static const char *host_option(void *ctx, const char *name);

/* One at most: highlight=QUERY. */
static const char *host_highlight(void *ctx, size_t index)
{
    const char *query = host_option(ctx, "highlight");

    return index || !*query ? NULL : query;
}

static const char *host_option(void *ctx, const char *name)
{
    const struct board *board = ctx;
    size_t len = strlen(name);

    for (int i = 0; i < board->setting_count; i++)
        if (!strncmp(board->settings[i], name, len) &&
            board->settings[i][len] == '=')
            return board->settings[i] + len + 1;
    if (!strcmp(name, "panes"))
        return "billing ai flags";
    return "";
}

/* One question at a time. */
static bool host_ask_recording(void *ctx, uint64_t seq,
                               const char *project_url, const char *session_id,
                               int64_t moment_ms)
{
    struct board *board = ctx;

    (void)project_url;
    (void)session_id;
    (void)moment_ms;
    if (!*host_option(board, "posthog") || board->asked)
        return false;
    board->asked = seq;
    return true;
}

static void host_keys(void *ctx,
                      void (*each)(void *screen, const char *key,
                                   const char *command),
                      void *screen)
{
    const struct board *board = ctx;

    for (int i = 0; i < board->setting_count; i++) {
        const char *value = strchr(board->settings[i], '=');
        char key[16];

        if (!value || strncmp(board->settings[i], "key.", 4))
            continue;
        snprintf(key, sizeof key, "%.*s",
                 (int)(value - board->settings[i] - 4),
                 board->settings[i] + 4);
        each(screen, key, value + 1);
    }
}

static bool host_mirror(void *ctx, size_t index, struct display_mirror *out)
{
    struct board *board = ctx;

    if (index >= board->mirrors)
        return false;
    snprintf(board->mirror_name, sizeof board->mirror_name, "mirror-%02zu",
             index + 1);
    *out = (struct display_mirror){
        .name = board->mirror_name,
        .type = "json",
        .state = board->paused[index] ? "paused" : "ok",
        .on = !board->paused[index],
        .trouble = "",
        .next_try = CLOCK_NONE,
    };
    return true;
}

/* The inbox alone: there is no journal. */
static void host_signal_state(void *ctx, int64_t id, enum inbox_state state,
                              int64_t until)
{
    inbox_set_state(((struct board *)ctx)->inbox, id, state, until);
}

static void host_signal_note(void *ctx, int64_t id, const char *note)
{
    inbox_set_note(((struct board *)ctx)->inbox, id, note);
}

static void host_put_away(void *ctx, bool away)
{
    struct board *board = ctx;

    board->status.problem_away = away;
    board->status.problem = away || !*board->problem ? NULL : board->problem;
}

static void host_mirror_switch(void *ctx, size_t index)
{
    struct board *board = ctx;

    board->paused[index] = !board->paused[index];
}

/* The newest has the highest number; the second has no body. */
static size_t host_pins(void *ctx)
{
    return ((struct board *)ctx)->pin_count;
}

static bool host_pin(void *ctx, size_t index, struct display_pin *out)
{
    const struct board *board = ctx;
    size_t at = board->pin_count - 1 - index; /* the newest first */

    if (index >= board->pin_count)
        return false;
    *out = board->pins[at];
    out->note = *board->pin_notes[at] ? board->pin_notes[at] : NULL;
    return true;
}

static void host_pin_remove(void *ctx, uint64_t seq)
{
    struct board *board = ctx;

    for (size_t i = 0; i < board->pin_count; i++)
        if (board->pins[i].seq == seq) {
            board->pin_count--;
            board->pins[i] = board->pins[board->pin_count];
            memcpy(board->pin_notes[i], board->pin_notes[board->pin_count],
                   sizeof board->pin_notes[i]);
        }
}

static bool host_pin_set(void *ctx, uint64_t seq, const char *note)
{
    struct board *board = ctx;
    size_t at = board->pin_count;

    host_pin_remove(ctx, seq);
    at = board->pin_count;
    if (at == BOARD_PINS)
        return false;
    board->pins[at] =
        (struct display_pin){.seq = seq, .event = held(board, seq)};
    snprintf(board->pin_notes[at], sizeof board->pin_notes[at], "%s",
             note ? note : "");
    board->pin_count++;
    return true;
}

/* The place of the account's note, or a free one; BOARD_NOTES: there is none. */
static size_t note_place(const struct board *board, const char *account)
{
    size_t at = 0;

    while (at < BOARD_NOTES && *board->notes[at].account &&
           strcmp(board->notes[at].account, account) != 0)
        at++;
    return at;
}

static const char *host_note(void *ctx, const char *account)
{
    const struct board *board = ctx;
    size_t at = note_place(board, account);

    return at < BOARD_NOTES && *board->notes[at].text ? board->notes[at].text
                                                      : NULL;
}

static bool host_note_set(void *ctx, const char *account, const char *text)
{
    struct board *board = ctx;
    size_t at = note_place(board, account);

    if (at == BOARD_NOTES)
        return false;
    snprintf(board->notes[at].account, sizeof board->notes[at].account, "%s",
             account);
    snprintf(board->notes[at].text, sizeof board->notes[at].text, "%s",
             text ? text : "");
    return true;
}

static size_t host_rejects(void *ctx)
{
    return ((struct board *)ctx)->rejects;
}

static bool host_reject(void *ctx, size_t index, struct display_reject *out)
{
    struct board *board = ctx;
    size_t number = board->rejects - index;

    if (index >= board->rejects)
        return false;
    snprintf(board->reject_begins, sizeof board->reject_begins,
             "{\"reject\": %zu, ", number);
    *out = (struct display_reject){
        .id = (int64_t)number,
        .at = clock_now_ms() - (int64_t)index * 60000,
        .status = index == 1 ? 401 : 400,
        .why = index == 1 ? "the token is missing or wrong"
                          : "not JSON: a value is needed at byte 13",
        .peer = "192.0.2.7",
        .begins = index == 1 ? "" : board->reject_begins,
        .size = index == 1 ? 0 : 1234,
        .whole = index != 1};
    return true;
}

static const char *host_reject_body(void *ctx, int64_t id, size_t *len)
{
    static const char body[] = "{\"reject\": \033[31mred, \nsecond line";
    struct board *board = ctx;

    *len = id == (int64_t)board->rejects - 1 ? 0 : sizeof body - 1;
    return *len ? body : "";
}

static bool host_rejects_retry(void *ctx, struct err *err)
{
    struct board *board = ctx;

    if (board->rejects < 2)
        return err_set(err, "they are being decoded already");
    board->rejects--;
    board->status.rejects--;
    return true;
}

/* ---- events ---- */

/* The batch is kept: fetch hands its events out. */
static void decode_file(struct board *board, const char *path,
                        struct event_batch *batch)
{
    struct arrival arrival = {.source = SOURCE_WEBHOOK,
                              .received_at = clock_now_ms(),
                              .follow_clock = true};
    struct decoded decoded = {0};
    struct err err;
    size_t len;
    char *body = file_slurp(path, 4 * MIB, &len, &err);

    if (!body || !decode_body(&board->decoder, &arrival, body, len, batch,
                              &decoded, &err))
        fprintf(stderr, "board: %s: %s\n", path, err.text);
    free(body);
}

static void hold(struct board *board, struct event_batch *batch)
{
    if (board->batch_count == HELD_MAX)
        abort();
    board->batches[board->batch_count++] = batch;
    for (size_t i = 0; i < batch->count; i++)
        if (board->held_count < HELD_MAX)
            board->held[board->held_count++] = &batch->events[i];
}

static int by_time(const void *a, const void *b)
{
    const struct event *x = *(struct event *const *)a;
    const struct event *y = *(struct event *const *)b;

    return (x->occurred_at > y->occurred_at) -
           (x->occurred_at < y->occurred_at);
}

static void add(struct board *board, struct event *event, bool live)
{
    event->seq = ++board->seq;
    ring_push(board->host.ring, event);
    tally_add(board->host.tally, event, live);
    usage_event(board->usage, event, clock_day(event_time(event)));
}

static void load(struct board *board, char **files, int count)
{
    for (int i = 0; i < count; i++) {
        struct event_batch *batch = event_batch_new();

        decode_file(board, files[i], batch);
        hold(board, batch);
    }
    qsort(board->held, board->held_count, sizeof *board->held, by_time);
    for (size_t i = 0; i < board->held_count; i++)
        add(board, board->held[i], false);
    board->template_count = board->held_count;
}

/* flags: EVENT_BACKFILLED, or 0. */
static void arrive(struct board *board, const char *path, unsigned flags)
{
    struct event_batch *batch = event_batch_new();

    decode_file(board, path, batch);
    hold(board, batch);
    for (size_t i = 0; i < batch->count; i++) {
        batch->events[i].flags |= flags;
        add(board, &batch->events[i], true);
    }
    ui_display()->events(board->display, batch->count);
}

/* ---- control ---- */

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
        add(board, &event, true);
    }
    tally_tick(board->host.tally, clock_now_ms());
    ui_display()->events(board->display, count);
}

static void obey(struct board *board, const char *line)
{
    const char *arg = strchr(line, ' ');

    arg = arg ? arg + 1 : "";
    if (!strncmp(line, "body ", 5)) {
        arrive(board, arg, 0);
    } else if (!strncmp(line, "past ", 5)) {
        arrive(board, arg, EVENT_BACKFILLED);
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

static void read_control(struct board *board, int *fd)
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

/* After everything else in a turn, as from a network. */
static void answer_recording(struct board *board)
{
    static const char *const words[] = {[RECORDING_READY] = "ready",
                                        [RECORDING_SHORT] = "short",
                                        [RECORDING_NONE] = "none",
                                        [RECORDING_UNKNOWN] = "unknown"};
    char answer[sizeof board->recording], *why;
    uint64_t seq = board->asked;

    memcpy(answer, board->recording, sizeof answer);
    why = answer + strcspn(answer, " ");
    if (*why)
        *why++ = '\0';
    board->recording[0] = '\0';
    board->asked = 0;
    for (int i = 0; i <= RECORDING_UNKNOWN; i++)
        if (!strcmp(answer, words[i]))
            ui_display()->recording(board->display, seq, (enum recording)i,
                                    why);
}

static void read_signals(struct board *board)
{
    const struct display_ops *ops = ui_display();
    char signal;

    if (read(wake[0], &signal, 1) != 1)
        return;
    if (signal == SIGWINCH)
        ops->resized(board->display);
    else if (signal == SIGTSTP)
        ops->suspend(board->display);
    else if (signal == SIGCONT)
        ops->resumed(board->display);
    else
        board->stop = true;
}

static int wait_ms(const struct board *board)
{
    int64_t left;

    if (gives_piece(board))
        return 0;
    if (!board->due)
        return -1;
    left = (board->due - clock_mono_us() + 999) / 1000;
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

#define STILL_US 1000000 /* nothing changes for so long by itself */

static bool is_still(const struct board *board)
{
    struct pollfd ask[2] = {{.fd = board->in, .events = POLLIN},
                            {.fd = 3, .events = POLLIN}};

    return !board->want_output && !board->piece_count &&
           poll(ask, 2, 0) == 0 &&
           (!board->due || board->due - clock_mono_us() > STILL_US);
}

static void say_still(struct board *board)
{
    ssize_t ignored = write(board->out, STILL_MARK, sizeof STILL_MARK - 1);

    (void)ignored;
    board->wants_still = false;
}

static void run(struct board *board)
{
    const struct display_ops *ops = ui_display();
    int control = 3;

    while (!board->stop) {
        struct pollfd ask[4] = {
            {.fd = board->in, .events = POLLIN},
            {.fd = board->want_output ? board->out : -1, .events = POLLOUT},
            {.fd = control, .events = POLLIN},
            {.fd = wake[0], .events = POLLIN},
        };
        int ready = poll(ask, 4, wait_ms(board));

        if (ready < 0 && errno != EINTR)
            break;
        if (ready > 0 && ask[3].revents)
            read_signals(board);
        if (ready > 0 && ask[0].revents && !board->stop)
            ops->input(board->display);
        if (ready > 0 && ask[1].revents && !board->stop)
            ops->output(board->display);
        if (ready > 0 && ask[2].revents && !board->stop)
            read_control(board, &control);
        if (!board->stop && board->due && clock_mono_us() >= board->due) {
            board->due = 0;
            ops->timer(board->display);
        }
        if (!board->stop && board->asked && *board->recording)
            answer_recording(board);
        if (board->wants_still && is_still(board))
            say_still(board);
        if (!board->stop && gives_piece(board))
            give_piece(board);
    }
}

static size_t ring_events(struct board *board)
{
    const char *text = host_option(board, "ring_events");

    return *text ? (size_t)strtoul(text, NULL, 10) : 10000;
}

static size_t mirrors(struct board *board)
{
    size_t count = strtoul(host_option(board, "mirrors"), NULL, 10);

    return count < BOARD_MIRRORS ? count : LIMIT_MIRRORS;
}

static void fill_host(struct board *board, const struct catalog *catalog)
{
    board->host = (struct display_host){
        .ctx = board,
        .ring = ring_new(ring_events(board), 64 * MIB),
        .tally = tally_new(),
        .inbox = board->inbox,
        .usage = board->usage,
        .catalog = catalog,
        .links = &board->links,
        .journal_id = &board->id,
        .book = host_book,
        .status = host_status,
        .arm = host_arm,
        .watch_input = host_watch_input,
        .watch_output = host_watch_output,
        .want_output = host_want_output,
        .unwatch = host_unwatch,
        .fetch = host_fetch,
        .judge = host_judge,
        .read_past = host_read_past,
        .ask_recording = host_ask_recording,
        .mirror = host_mirror,
        .put_away = host_put_away,
        .mirror_switch = host_mirror_switch,
        .signal_state = host_signal_state,
        .signal_note = host_signal_note,
        .pins = host_pins,
        .pin = host_pin,
        .pin_set = host_pin_set,
        .pin_remove = host_pin_remove,
        .note = host_note,
        .note_set = host_note_set,
        .rejects = host_rejects,
        .reject = host_reject,
        .reject_body = host_reject_body,
        .rejects_retry = host_rejects_retry,
        .reload = host_reload,
        .quit = host_quit,
        .option = host_option,
        .keys = host_keys,
        .highlight = host_highlight,
    };
    if (*host_option(board, "no_journal"))
        board->host.read_past = NULL;
    board->mirrors = mirrors(board);
    board->status = (struct display_status){
        .listening = "127.0.0.1:8420",
        .hook_url = "http://127.0.0.1:8420/hook/q3VhM9rT0bXw6LkZc8JdYA",
        .mirror = "no mirror",
        .problem_mark = '!',
        .accounts_hint = "~/.config/telltale/accounts.csv",
    };
    board->rejects = strtoul(host_option(board, "rejects"), NULL, 10);
    board->status.rejects = board->rejects;
}

static void read_book(struct board *board)
{
    const char *path = host_option(board, "accounts");
    struct err err;

    if (!*path)
        return;
    board->book = book_load(path, NULL, &err);
    if (!board->book)
        fprintf(stderr, "board: %s\n", err.text);
    board->decoder.book = board->book;
    tally_set_book(board->host.tally, board->book);
}

/* A line of a table of signals: columns as in tests/screen/signals.tsv. */
static void add_signal(struct board *board, char *line)
{
    enum {
        STATE,
        UNTIL,
        FIRED,
        TONE,
        TITLE,
        ACCOUNT_ID,
        ACCOUNT,
        PERSON,
        SENTENCE,
        FIRST,
        SECOND,
        EVIDENCE,
        FIELDS
    };
    static const char *const states[] = {"new", "seen", "snoozed", "done"};
    char *fields[FIELDS] = {NULL}, *at;
    struct inbox_signal signal = {.id = (int64_t)inbox_count(board->inbox) + 1,
                                  .category = INBOX_NO_CATEGORY};

    for (int i = 0; i < FIELDS; i++) {
        fields[i] = line;
        line += strcspn(line, "\t\n");
        if (*line)
            *line++ = '\0';
        if (!*fields[i] || !strcmp(fields[i], "-"))
            fields[i] = NULL;
    }
    for (int i = 0; i < 4; i++)
        if (!strcmp(fields[STATE], states[i]))
            signal.state = (enum inbox_state)i;
    if (fields[UNTIL])
        signal.until = clock_parse(fields[UNTIL], strlen(fields[UNTIL]));
    signal.fired_at = clock_parse(fields[FIRED], strlen(fields[FIRED]));
    tone_parse(fields[TONE], &signal.tone);
    signal.title = fields[TITLE];
    signal.working = !strcmp(fields[TITLE], "working now");
    signal.account_id = fields[ACCOUNT_ID];
    signal.account = fields[ACCOUNT];
    signal.person = signal.person_id = fields[PERSON];
    signal.sentence = fields[SENTENCE];
    signal.openers[0] = fields[FIRST];
    signal.openers[1] = fields[SECOND];
    for (at = fields[EVIDENCE]; at && *at; at += strspn(at, " "))
        signal.evidence[signal.evidence_count++] = strtoull(at, &at, 10);
    inbox_add(board->inbox, &signal);
}

/* A line of the past: columns as in tests/screen/usage.tsv. */
static void add_past(struct board *board, char *line)
{
    char *rest = line, *fields[6] = {NULL}, *day;
    struct usage_count count = {0};

    for (int i = 0; i < 6; i++) {
        fields[i] = rest;
        rest += strcspn(rest, "\t");
        if (*rest)
            *rest++ = '\0';
    }
    category_parse(fields[4], &count.category);
    count.account = usage_add_account(board->usage, fields[0], fields[1]);
    count.person = usage_add_person(board->usage, count.account, fields[2],
                                    fields[3], NULL);
    for (day = fields[5]; *day; day += strspn(day, " ")) {
        count.day = usage_today(board->usage) - (int)strtol(day, &day, 10);
        count.events = *day == ':' ? (uint32_t)strtoul(day + 1, &day, 10) : 1;
        usage_saw(board->usage, count.person,
                  clock_day_start(count.day) + 12 * 3600000);
        usage_add(board->usage, &count);
    }
}

static void read_lines(struct board *board, const char *path,
                       void (*each)(struct board *board, char *line))
{
    struct err err;
    char *text, *line;
    size_t len;

    if (!*path)
        return;
    text = file_slurp(path, MIB, &len, &err);
    if (!text) {
        fprintf(stderr, "board: %s\n", err.text);
        return;
    }
    for (line = text; *line;
         line += strcspn(line, "\n"), line += *line == '\n') {
        char *copy = xstrndup(line, strcspn(line, "\n"));

        if (*copy && *copy != '#')
            each(board, copy);
        free(copy);
    }
    free(text);
}

static void catch_signals(void)
{
    static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT,
                                  SIGTERM,  SIGHUP,  SIGINT};
    struct sigaction action = {.sa_handler = caught};

    if (pipe(wake) < 0)
        abort();
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

static void drop_pieces(struct board *board)
{
    for (size_t i = 0; i < board->piece_count; i++) {
        struct board_piece *piece = &board->pieces[i];

        piece->piece->batch = event_batch_new();
        piece->came(piece->screen, piece->piece);
    }
}

static void clean_up(struct board *board, struct catalog *catalog)
{
    drop_pieces(board);
    ring_free(board->host.ring);
    tally_free(board->host.tally);
    inbox_free(board->inbox);
    usage_free(board->usage);
    for (size_t i = 0; i < board->batch_count; i++)
        event_batch_free(board->batches[i]);
    book_free(board->book);
    catalog_free(catalog);
    buf_free(&board->control);
}

int main(int argc, char **argv)
{
    static const char *const hosts[] = {"us.posthog.com", "eu.posthog.com",
                                        NULL};
    static const char *const machines[] = {"cache_warming", "alert", "export",
                                           "subscription", NULL};
    static const char *const staff[] = {"hedgehog-staff.example", NULL};
    static struct board board = {.in = -1, .out = -1};
    struct hide_rules hide = {staff, machines, true};
    struct catalog *catalog = catalog_new();
    struct err err;
    int i = 1;

    catch_signals();
    board.settings = argv + 1;
    while (i < argc && strcmp(argv[i], "--"))
        i++;
    board.setting_count = i - 1;
    board.links.hosts = hosts;
    board.decoder = (struct decoder){.catalog = catalog,
                                     .links = &board.links,
                                     .hide = &hide};
    buf_init(&board.control, 64 * KIB);
    board.inbox = inbox_new();
    board.usage = usage_new(clock_day(clock_now_ms()));
    fill_host(&board, catalog);
    read_lines(&board, host_option(&board, "signals"), add_signal);
    read_lines(&board, host_option(&board, "usage"), add_past);
    usage_set_complete(board.usage);
    read_book(&board);
    if (i + 1 < argc)
        load(&board, argv + i + 1, argc - i - 1);
    tally_tick(board.host.tally, clock_now_ms());
    board.display = ui_display()->open(&board.host, &err);
    if (!board.display) {
        fprintf(stderr, "board: %s\n", err.text);
        return 1;
    }
    run(&board);
    ui_display()->close(board.display);
    clean_up(&board, catalog);
    return 0;
}
