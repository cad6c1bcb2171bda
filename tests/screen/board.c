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
 * `alert TITLE|TEXT`, `stop`; `unsignal ID` takes that one out of the inbox;
 * `feed N`: so many events, 2 ms apart (but for a gap), like some that are
 * there, always the same ones; `strangers N`: so many events of organisations
 * that nobody knew; `refill`, `forget`: the usage is filled anew, with nothing
 * but the events that are there, or with nobody; `pin SEQ`: somebody else pins
 * that event; `late MS`: so long is what arrives from then on on its way;
 * `hold`: no frame is drawn before the next input, whatever comes;
 * `still`: writes STILL_MARK, which is no cell, once nothing is left to be
 * drawn, or at once while that is held up; `repaint`: every cell is written
 * again; `forget EMAIL`: their events can be read no more; with posthog=yes,
 * `recording ready|short|none|unknown WHY` is
 * PostHog's next answer: who asked gets it, or who asks next. What is beyond
 * ring_events=N is the past, as are older=N more events like the oldest: it is
 * read by past_piece=N events at a time, with past_hold=yes no more than
 * `pieces N` allows, with no_journal=yes not. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "ui/ui.h"
#include "tests/screen/board.h"
#include "tests/screen/term.h"
#include "base/banned.h"

static int wake[2];

static void caught(int signal)
{
    char byte = (char)signal;
    ssize_t ignored = write(wake[1], &byte, 1);

    (void)ignored;
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

    if (board_gives_piece(board))
        return 0;
    if (!board->due || board->held_up)
        return -1;
    left = (board->due - clock_mono_us() + 999) / 1000;
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

#define STILL_US 1000000 /* nothing changes for so long by itself */

static bool is_still(const struct board *board)
{
    struct pollfd ask[3] = {{.fd = board->in, .events = POLLIN},
                            {.fd = 3, .events = POLLIN},
                            {.fd = wake[0], .events = POLLIN}};

    return !board->want_output && !board->piece_count &&
           poll(ask, 3, 0) == 0 &&
           (board->held_up || !board->due ||
            board->due - clock_mono_us() > STILL_US);
}

static void say_still(struct board *board)
{
    ssize_t ignored = write(board->out, STILL_MARK, sizeof STILL_MARK - 1);

    (void)ignored;
    board->wants_still = false;
}

static void take_input(struct board *board)
{
    ui_display()->input(board->display);
    board->held_up = false;
}

static bool is_due(const struct board *board)
{
    return !board->stop && !board->held_up && board->due &&
           clock_mono_us() >= board->due;
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
            take_input(board);
        if (ready > 0 && ask[1].revents && !board->stop)
            ops->output(board->display);
        if (ready > 0 && ask[2].revents && !board->stop)
            board_read_control(board, &control);
        if (is_due(board)) {
            board->due = 0;
            ops->timer(board->display);
        }
        if (!board->stop && board->asked && *board->recording)
            answer_recording(board);
        if (board->wants_still && is_still(board))
            say_still(board);
        if (!board->stop && board_gives_piece(board))
            board_give_piece(board);
    }
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

static void clean_up(struct board *board, struct catalog *catalog)
{
    board_drop_pieces(board);
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
    board_fill_host(&board, catalog);
    board_read_lines(&board, board_option(&board, "usage"), board_add_past);
    usage_set_complete(board.usage);
    board_read_book(&board);
    if (i + 1 < argc)
        board_load(&board, argv + i + 1, argc - i - 1);
    board_read_lines(&board, board_option(&board, "signals"),
                     board_add_signal);
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
