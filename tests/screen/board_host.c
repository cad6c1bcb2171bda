/* What the screen asks of the board, and what it tells it to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "live/view.h"
#include "tests/screen/board.h"
#include "base/banned.h"

const char *board_option(void *ctx, const char *name)
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

const struct event *board_held(const struct board *board, uint64_t seq)
{
    for (size_t i = 0; i < board->held_count; i++)
        if (board->held[i]->seq == seq)
            return board->held[i];
    return NULL;
}

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

static bool host_judge(void *ctx, const char *text, const uint64_t *seqs,
                       size_t count,
                       void (*judged)(void *screen, const int *bits),
                       void *screen)
{
    struct query *query = query_parse(text, NULL);
    int *bits = calloc(count, sizeof *bits);

    for (size_t i = 0; i < count; i++)
        if (board_held(ctx, seqs[i]))
            bits[i] = query_match_deep(query, board_held(ctx, seqs[i]));
    judged(screen, bits);
    free(bits);
    query_free(query);
    return true;
}

static void host_reload(void *ctx)
{
    (void)ctx;
}

static void host_quit(void *ctx)
{
    ((struct board *)ctx)->stop = true;
}

/* One at most: highlight=QUERY. */
static const char *host_highlight(void *ctx, size_t index)
{
    const char *query = board_option(ctx, "highlight");

    return index || !*query ? NULL : query;
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
    if (!*board_option(board, "posthog") || board->asked)
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

    size_t left = 0;

    for (size_t i = 0; i < board->pin_count; i++)
        if (board->pins[i].seq != seq) {
            board->pins[left] = board->pins[i];
            memmove(board->pin_notes[left++], board->pin_notes[i],
                    sizeof board->pin_notes[i]);
        }
    board->pin_count = left;
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
        (struct display_pin){.seq = seq, .event = board_held(board, seq)};
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

static size_t ring_events(struct board *board)
{
    const char *text = board_option(board, "ring_events");

    return *text ? (size_t)strtoul(text, NULL, 10) : 10000;
}

static size_t mirrors(struct board *board)
{
    size_t count = strtoul(board_option(board, "mirrors"), NULL, 10);

    return count < BOARD_MIRRORS ? count : LIMIT_MIRRORS;
}

void board_fill_host(struct board *board, const struct catalog *catalog)
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
        .read_past = board_read_past,
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
        .option = board_option,
        .keys = host_keys,
        .highlight = host_highlight,
    };
    if (*board_option(board, "no_journal"))
        board->host.read_past = NULL;
    board->mirrors = mirrors(board);
    board->status = (struct display_status){
        .listening = "127.0.0.1:8420",
        .hook_url = "http://127.0.0.1:8420/hook/q3VhM9rT0bXw6LkZc8JdYA",
        .mirror = "no mirror",
        .problem_mark = '!',
        .accounts_hint = "~/.config/telltale/accounts.csv",
    };
    board->rejects = strtoul(board_option(board, "rejects"), NULL, 10);
    board->status.rejects = board->rejects;
}
