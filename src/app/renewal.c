/* The book on a schedule: PostHog is asked who is in it, the file is written
 * when that is another book, and the destination there is made to fit or, if
 * that was not asked for, looked at. One talk after the other, in the loop;
 * what goes wrong is told on the screen, and tried again the next time. */
#include "app/internal.h"

#include <stdlib.h>

#include "app/plan.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "event/book_changes.h"
#include "posthog/apply.h"
#include "posthog/asker.h"
#include "posthog/book.h"

#include "base/banned.h"

#define FIRST_MS INT64_C(60000)   /* after the start */
#define AGAIN_MS INT64_C(3600000) /* after a failure */
/* A book that has lost so much is more likely a table being loaded anew. */
#define LOST_LEAST 5

struct renewal {
    struct app *app;
    struct asker *asker;
    struct loop_timer *timer;
    int64_t every_ms;

    bool asking; /* the query is open */
    struct book_query query;

    struct apply *apply;
    struct book *book; /* what apply says the names by */
    size_t differing;  /* destinations that are not as they should be */

    struct err problem;
};

static void wait_for(struct renewal *renewal, int64_t ms)
{
    loop_timer_set(renewal->timer, ms * 1000);
}

static void conclude(struct renewal *renewal, const char *problem)
{
    int64_t ms = renewal->every_ms;

    err_set(&renewal->problem, "%s", problem ? problem : "");
    if (problem) {
        log_line(LOG_WARN, "the book from PostHog: %s", problem);
        if (ms > AGAIN_MS)
            ms = AGAIN_MS;
    }
    app_changed(renewal->app);
    wait_for(renewal, ms);
}

/* The destination. */

static void end_apply(struct renewal *renewal)
{
    apply_free(renewal->apply);
    renewal->apply = NULL;
    book_free(renewal->book);
    renewal->book = NULL;
}

static void on_step(void *ctx, const char *name, enum apply_step step,
                    const char *difference)
{
    static const char *const words[] = {"is as it should be", "created",
                                        "updated", "deleted"};
    struct renewal *renewal = ctx;

    (void)difference;
    if (step == APPLY_SAME)
        return;
    renewal->differing++;
    if (config_flag(renewal->app->config, OPTION_posthog_update))
        log_line(LOG_NOTE, "destination \"%s\" %s", name, words[step]);
}

static void on_applied(void *ctx, const struct err *err)
{
    struct renewal *renewal = ctx;
    bool updates = config_flag(renewal->app->config, OPTION_posthog_update);

    end_apply(renewal);
    if (err)
        conclude(renewal, err->text);
    else if (renewal->differing && !updates)
        conclude(renewal, "the destination does not fit it: telltale "
                          "destination update");
    else
        conclude(renewal, NULL);
}

/* The plan's book is read from the file: ours may be another before the talk
 * is over. The rest of a plan is needed only here. */
static bool plan_apply(struct renewal *renewal, struct err *err)
{
    struct app *app = renewal->app;
    bool updates = config_flag(app->config, OPTION_posthog_update);
    struct destination_plan plan;
    struct buf name, url;

    renewal->differing = 0;
    renewal->book =
        book_load(config_text(app->config, OPTION_accounts), NULL, err);
    if (!renewal->book)
        return false;
    buf_init(&name, 4 * KIB);
    buf_init(&url, 8 * KIB);
    if (plan_make(&plan, app->config, &app->parts, &app->tokens, &name, &url,
                  err)) {
        plan.book = renewal->book;
        renewal->apply =
            apply_new(&plan, APPLY_EXISTING | (updates ? 0 : APPLY_DRY),
                      on_step, renewal, err);
    }
    buf_free(&name);
    buf_free(&url);
    return renewal->apply != NULL;
}

/* Without an address that PostHog posts to there is none to look at. */
static void look_at_destination(struct renewal *renewal)
{
    struct talk talk;
    struct err err = {""};

    if (!config_text(renewal->app->config, OPTION_public_url)) {
        conclude(renewal, NULL);
        return;
    }
    if (!plan_apply(renewal, &err)) {
        end_apply(renewal);
        conclude(renewal, err.text);
        return;
    }
    talk = apply_talk(renewal->apply);
    asker_hold(renewal->asker, &talk, on_applied, renewal);
}

/* The book. */

static bool is_plausible(const struct book *before, const struct book *after,
                         struct err *err)
{
    size_t had = book_count(before), has = book_count(after);

    if (!has)
        return err_set(err, "the query gives no accounts: the book stays as "
                            "it is");
    return had < LOST_LEAST || has >= had / 2 ||
           err_set(err,
                   "the query gives %zu accounts, %zu before: not taken; "
                   "telltale accounts pull takes them",
                   has, had);
}

/* True when the file holds what PostHog says. */
static bool take_book(struct renewal *renewal, const struct buf *csv,
                      struct err *err)
{
    struct app *app = renewal->app;
    struct book *after =
        book_read("PostHog's answer", csv->data, csv->len, NULL, err);
    struct book_changes changes;
    bool ok;

    if (!after)
        return false;
    changes = book_compare(app->parts.book, after, NULL, NULL);
    ok = is_plausible(app->parts.book, after, err);
    book_free(after);
    if (!ok || !book_changes_any(&changes))
        return ok;
    if (!book_store(config_text(app->config, OPTION_accounts), csv, err))
        return false;
    log_line(LOG_NOTE, "the book from PostHog: %zu new, %zu gone, %zu changed",
             changes.came, changes.went, changes.other);
    return app_reload(app, err);
}

static void end_query(struct renewal *renewal)
{
    if (renewal->asking)
        book_query_close(&renewal->query);
    renewal->asking = false;
}

static void on_book(void *ctx, const struct err *err)
{
    struct renewal *renewal = ctx;
    struct err why = {""};
    bool taken = !err && take_book(renewal, &renewal->query.csv, &why);

    end_query(renewal);
    if (taken)
        look_at_destination(renewal);
    else
        conclude(renewal, err ? err->text : why.text);
}

static void on_timer(void *ctx)
{
    struct renewal *renewal = ctx;
    const struct config *config = renewal->app->config;
    struct talk talk;
    struct err err = {""};

    if (!book_query_open(&renewal->query,
                         config_text(config, OPTION_posthog_accounts_sql),
                         config_text(config, OPTION_posthog_owner),
                         config_text(config, OPTION_posthog_role), &err)) {
        conclude(renewal, err.text);
        return;
    }
    renewal->asking = true;
    talk = book_query_talk(&renewal->query);
    asker_hold(renewal->asker, &talk, on_book, renewal);
}

static void on_waiting(void *ctx, unsigned seconds)
{
    struct renewal *renewal = ctx;

    err_set(&renewal->problem, "%s; it asks to wait %u s",
            posthog_limit(seconds), seconds);
    app_changed(renewal->app);
}

void renewal_open(struct app *app)
{
    struct renewal *renewal;

    if (!app->posthog || !config_text(app->config, OPTION_posthog_refresh) ||
        !config_text(app->config, OPTION_accounts))
        return;
    renewal = xcalloc(1, sizeof *renewal);
    renewal->app = app;
    renewal->every_ms = config_number(app->config, OPTION_posthog_refresh);
    renewal->asker = asker_new(app->loop, app_client(app), app->posthog);
    asker_on_waiting(renewal->asker, on_waiting, renewal);
    renewal->timer = loop_timer_new(app->loop, on_timer, renewal);
    wait_for(renewal,
             renewal->every_ms < FIRST_MS ? renewal->every_ms : FIRST_MS);
    app->renewal = renewal;
}

const char *renewal_problem(const struct app *app)
{
    return app->renewal && app->renewal->problem.text[0]
               ? app->renewal->problem.text
               : NULL;
}

void renewal_stop(struct app *app)
{
    if (!app->renewal)
        return;
    loop_timer_cancel(app->renewal->timer);
    asker_stop(app->renewal->asker);
}

void renewal_free(struct app *app)
{
    struct renewal *renewal = app->renewal;

    if (!renewal)
        return;
    asker_free(renewal->asker);
    loop_timer_free(renewal->timer);
    end_query(renewal);
    end_apply(renewal);
    free(renewal);
    app->renewal = NULL;
}
