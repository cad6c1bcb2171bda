/* A queue before the journal's reader. What is read, and what is answered, is
 * the business of who asks. */
#include "serve/searches.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "serve/params.h"

#include "base/banned.h"

struct search {
    struct search *next;
    struct searches *searches;
    struct server *server;
    struct request_id id;
    const struct search_ops *ops;
    void *ctx;
    int64_t deadline_us;
    bool reading; /* else it waits for its turn */
};

struct searches {
    struct journal *journal;
    struct search *first; /* asked for, not yet answered; newest first */
    unsigned at_once, reading;
};

struct searches *searches_new(struct journal *journal, unsigned at_once)
{
    struct searches *searches = xcalloc(1, sizeof *searches);

    searches->journal = journal;
    searches->at_once = at_once;
    return searches;
}

static void search_free(struct search *search)
{
    search->ops->free(search->ctx);
    free(search);
}

void searches_free(struct searches *searches)
{
    while (searches->first) {
        struct search *search = searches->first;

        searches->first = search->next;
        search_free(search);
    }
    free(searches);
}

static void take_out(struct search *search)
{
    struct search **at = &search->searches->first;

    while (*at != search)
        at = &(*at)->next;
    *at = search->next;
}

static void refuse_late(struct search *search)
{
    struct answer answer = {.status = 0};

    params_answer(&answer, 503, "too many ask at once, ask again");
    answer.headers = "Retry-After: 1\r\n";
    server_answer(search->server, search->id, &answer);
    answer_free(&answer);
}

/* The one that has waited longest; NULL: none does. */
static struct search *next_waiting(const struct searches *searches)
{
    struct search *found = NULL;

    for (struct search *search = searches->first; search;
         search = search->next)
        /* What is freed was taken out before. */
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        if (!search->reading)
            found = search;
    return found;
}

static enum reader_step search_step(void *ctx, struct journal_reader *reader,
                                    struct err *err)
{
    struct search *search = ctx;

    return search->ops->step(search->ctx, reader, err);
}

static void on_done(void *ctx, bool ok, const struct err *err);

static void start_waiting(struct searches *searches)
{
    struct search *search;

    while (searches->reading < searches->at_once &&
           (search = next_waiting(searches))) {
        if (clock_mono_us() >= search->deadline_us) {
            take_out(search);
            refuse_late(search);
            search_free(search);
            continue;
        }
        search->reading = true;
        searches->reading++;
        if (search->ops->begin)
            search->ops->begin(search->ctx);
        journal_read(searches->journal, search_step, on_done, search);
    }
}

static void on_done(void *ctx, bool ok, const struct err *err)
{
    struct search *search = ctx;
    struct searches *searches = search->searches;

    take_out(search);
    searches->reading--;
    search->ops->answer(search->ctx, search->id, ok, err);
    search_free(search);
    start_waiting(searches);
}

void searches_ask(struct searches *searches, struct server *server,
                  struct request_id id, const struct search_ops *ops,
                  void *ctx)
{
    struct search *search = xcalloc(1, sizeof *search);

    *search = (struct search){.next = searches->first,
                              .searches = searches,
                              .server = server,
                              .id = id,
                              .ops = ops,
                              .ctx = ctx,
                              .deadline_us = clock_mono_us() + SEARCH_US};
    searches->first = search;
    start_waiting(searches);
}
