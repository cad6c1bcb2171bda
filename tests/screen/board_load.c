/* What the board holds: events from bodies, signals and the past from tables,
 * a book. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tests/screen/board.h"
#include "ui/ui.h"
#include "base/banned.h"

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

void board_add(struct board *board, struct event *event, bool live)
{
    event->seq = ++board->seq;
    ring_push(board->host.ring, event);
    tally_add(board->host.tally, event, live);
    usage_event(board->usage, event, clock_day(event_time(event)));
}

/* So many before all of them, one a minute, like the oldest. */
static void hold_older(struct board *board, size_t count)
{
    struct event_batch *batch = event_batch_new();
    const struct event *oldest = board->held[0];

    for (size_t i = 1; i < board->held_count; i++)
        if (board->held[i]->occurred_at < oldest->occurred_at)
            oldest = board->held[i];
    batch->events = arena_alloc(&batch->arena, count * sizeof *batch->events);
    for (; batch->count < count; batch->count++) {
        struct event *event = &batch->events[batch->count];

        *event = *oldest;
        event->occurred_at -= (int64_t)(batch->count + 1) * 60000;
        event->received_at -= (int64_t)(batch->count + 1) * 60000;
    }
    hold(board, batch);
}

void board_load(struct board *board, char **files, int count)
{
    size_t older = strtoul(board_option(board, "older"), NULL, 10);

    for (int i = 0; i < count; i++) {
        struct event_batch *batch = event_batch_new();

        decode_file(board, files[i], batch);
        hold(board, batch);
    }
    if (older && board->held_count)
        hold_older(board, older);
    qsort(board->held, board->held_count, sizeof *board->held, by_time);
    for (size_t i = 0; i < board->held_count; i++)
        board_add(board, board->held[i], false);
    board->template_count = board->held_count;
}

void board_arrive(struct board *board, const char *path, unsigned flags)
{
    struct event_batch *batch = event_batch_new();

    decode_file(board, path, batch);
    hold(board, batch);
    for (size_t i = 0; i < batch->count; i++) {
        batch->events[i].flags |= flags;
        batch->events[i].received_at += board->late;
        board_add(board, &batch->events[i], true);
    }
    ui_display()->events(board->display, batch->count);
}

void board_add_strangers(struct board *board, size_t count)
{
    for (size_t i = 0; i < count && board->template_count; i++) {
        struct event event = *board->held[board->template_count - 1];
        char id[32];

        snprintf(id, sizeof id, "stranger-%llu",
                 (unsigned long long)board->seq);
        event.account.id = event.account.name = id;
        event.occurred_at = event.received_at = clock_now_ms();
        board_add(board, &event, true);
    }
}

void board_refill_usage(struct board *board)
{
    struct usage *usage = usage_new(usage_today(board->usage));

    for (size_t i = 0; i < board->held_count; i++)
        usage_event(usage, board->held[i],
                    clock_day(event_time(board->held[i])));
    usage_take(board->usage, usage);
}

void board_read_book(struct board *board)
{
    const char *path = board_option(board, "accounts");
    struct err err;

    if (!*path)
        return;
    board->book = book_load(path, NULL, &err);
    if (!board->book)
        fprintf(stderr, "board: %s\n", err.text);
    board->decoder.book = board->book;
    tally_set_book(board->host.tally, board->book);
}

/* By the name, of the events that are there; else the name itself. */
static const char *person_id(const struct board *board, const char *account,
                             const char *name)
{
    for (size_t i = 0; account && name && i < board->held_count; i++) {
        const struct event *event = board->held[i];

        if (event->account.id && !strcmp(event->account.id, account) &&
            event->person.name && !strcmp(event->person.name, name))
            return event->person.id;
    }
    return name;
}

void board_add_signal(struct board *board, char *line)
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
    signal.person = fields[PERSON];
    signal.person_id = person_id(board, fields[ACCOUNT_ID], fields[PERSON]);
    signal.sentence = fields[SENTENCE];
    signal.openers[0] = fields[FIRST];
    signal.openers[1] = fields[SECOND];
    for (at = fields[EVIDENCE]; at && *at; at += strspn(at, " "))
        signal.evidence[signal.evidence_count++] = strtoull(at, &at, 10);
    inbox_add(board->inbox, &signal);
}

void board_add_past(struct board *board, char *line)
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

void board_read_lines(struct board *board, const char *path,
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
