/* GET /signals. One answer is bounded in lines and bytes: who gets fewer than
 * it asked for asks again, with `skip`, until there are none. The table is
 * small beside the events, and read in one go. */
#include "serve/signal_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "serve/access.h"
#include "serve/params.h"
#include "serve/searches.h"
#include "signal/table.h"

#include "base/banned.h"

struct signal_lists {
    struct journal *journal;
    const struct viewers *viewers;
    struct server *server;
    struct searches *searches;
};

/* One request: the loop's until it has its turn, then the reader's, then the
 * loop's again. */
struct signal_list {
    struct signal_lists *lists;
    struct signal_filter filter;
    char *account; /* the filter's */
    uint64_t skip, wanted;
    struct buf text;
};

struct signal_lists *signal_lists_new(struct journal *journal,
                                      const struct viewers *viewers)
{
    struct signal_lists *lists = xcalloc(1, sizeof *lists);

    lists->journal = journal;
    lists->viewers = viewers;
    lists->searches = searches_new(journal, LIMIT_SEARCHES);
    return lists;
}

void signal_lists_free(struct signal_lists *lists)
{
    searches_free(lists->searches);
    free(lists);
}

static void list_free(void *ctx)
{
    struct signal_list *list = ctx;

    free(list->account);
    buf_free(&list->text);
    free(list);
}

/* ---- admission ---- */

static bool read_words(struct signal_list *list, const struct request *request,
                       struct err *err)
{
    char text[LIMIT_TEXT];
    bool given;

    if (!params_number(request, "skip", &list->skip, &given) ||
        !params_number(request, "limit", &list->wanted, &given))
        return err_set(err, "skip and limit are numbers");
    if (list->wanted < 1 || list->wanted > LIMIT_EVENTS_LINES)
        return err_set(err, "limit is from 1 to %d", LIMIT_EVENTS_LINES);
    if (!params_flag(request, "all", &list->filter.all, err) ||
        !params_text(request, "account", text, sizeof text, &given, err))
        return false;
    if (given)
        list->filter.account = list->account = text_fold(text);
    return true;
}

static enum admission lists_admit(void *ctx, const struct request *request,
                                  struct answer *answer, void **note)
{
    struct signal_lists *lists = ctx;
    struct signal_list *list;
    struct err err = {""};

    if (!access_granted(lists->viewers, request, NULL)) {
        access_refuse(lists->viewers, answer);
        return ADMIT_ANSWER;
    }
    list = xcalloc(1, sizeof *list);
    list->lists = lists;
    list->wanted = LIMIT_EVENTS_LINES;
    buf_init(&list->text, LIMIT_EVENTS_ANSWER);
    if (!read_words(list, request, &err)) {
        list_free(list);
        params_refuse(answer, err.text);
        return ADMIT_ANSWER;
    }
    *note = list;
    return ADMIT;
}

static void lists_gone(void *ctx, void *note)
{
    (void)ctx;
    list_free(note);
}

/* ---- the reader's thread ---- */

static bool add_row(void *ctx, const struct signal_row *row)
{
    struct signal_list *list = ctx;
    size_t before = list->text.len;

    if (list->skip) {
        list->skip--;
        return true;
    }
    if (!list->wanted)
        return false;
    list->wanted--;
    if (signal_to_json(&list->text, row) && buf_addc(&list->text, '\n'))
        return true;
    list->text.overflow = false;
    buf_truncate(&list->text, before);
    return false;
}

static enum reader_step list_step(void *ctx, struct journal_reader *reader,
                                  struct err *err)
{
    struct signal_list *list = ctx;

    return table_each(reader_db(reader), &list->filter, add_row, list, err)
               ? READER_DONE
               : READER_FAILED;
}

/* ---- the answer ---- */

static void list_answer(void *ctx, struct request_id id, bool ok,
                        const struct err *err)
{
    struct signal_list *list = ctx;
    struct answer answer = {.status = 200};

    (void)err;
    if (ok) {
        answer.content_type = "application/x-ndjson";
        answer.body = list->text.len ? list->text.data : "";
        answer.len = list->text.len;
    } else {
        params_answer(&answer, 500, "the journal cannot be read");
    }
    server_answer(list->lists->server, id, &answer);
    answer_free(&answer);
}

static void lists_complete(void *ctx, struct request_id id, const char *peer,
                           void *note, char *body, size_t len)
{
    static const struct search_ops ops = {.step = list_step,
                                          .answer = list_answer,
                                          .free = list_free};
    struct signal_lists *lists = ctx;
    struct signal_list *list = note;

    (void)peer;
    (void)body;
    (void)len;
    list->filter.now = clock_now_ms();
    searches_ask(lists->searches, lists->server, id, &ops, list);
}

void signal_lists_serve(struct signal_lists *lists, struct server *server)
{
    static const struct route_ops ops = {.admit = lists_admit,
                                         .on_complete = lists_complete,
                                         .on_gone = lists_gone};
    struct route route = {.methods = "GET",
                          .path = "/signals",
                          .ops = &ops,
                          .ctx = lists};

    lists->server = server;
    server_route(server, &route);
}
