/* Decoding again what was refused: the owner does it, since it shows the
 * events that come of it; where there is none, this process is the owner for
 * so long. */
#include "command/rejects_retry.h"

#include <stdio.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "command/journal_here.h"
#include "command/owner_ask.h"
#include "journal/owner.h"
#include "journal/reject_retry.h"

#include "base/banned.h"

#define LOOK_MS 50

/* ---- here ---- */

struct retrying {
    bool done, ok;
    struct reject_retry_result result;
    struct err err;
};

static void on_kept(void *ctx, const struct event_batch *batch)
{
    (void)ctx;
    (void)batch;
}

static void on_done(void *ctx, bool ok,
                    const struct reject_retry_result *result,
                    const struct err *err)
{
    struct retrying *retrying = ctx;

    retrying->ok = ok;
    retrying->result = *result;
    retrying->err = *err;
    retrying->done = true;
}

static bool retry_here(const char *path, const struct decoder *decoder,
                       struct reject_retry_result *result, struct err *err)
{
    static const struct reject_retry_ops ops = {on_kept, on_done};
    struct retrying retrying = {.done = false};
    struct journal_here *here = journal_here_open(path, err);
    struct reject_retry *retry;

    if (!here)
        return false;
    retry =
        reject_retry_new(journal_here_journal(here), decoder, &ops, &retrying);
    reject_retry_begin(retry, &retrying.err); /* none runs yet */
    while (!retrying.done)
        journal_here_wait(here);
    journal_here_close(here);
    reject_retry_free(retry);
    *result = retrying.result;
    *err = retrying.err;
    return retrying.ok;
}

/* ---- by the telltale that runs ---- */

/* True while it runs; *ok is false, with err, when it ended badly. */
static bool look(const char *path, struct reject_retry_result *result,
                 bool *ok, struct err *err)
{
    cJSON *answer =
        owner_ask(path, "{\"do\":\"retry rejects progress\"}", err);
    const char *failed = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "failed"));
    bool runs =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "running"));

    *ok = answer && (!failed || err_set(err, "%s", failed));
    result->tried = owner_number(answer, "tried");
    result->decoded = owner_number(answer, "decoded");
    result->events = owner_number(answer, "events");
    cJSON_Delete(answer);
    return runs;
}

static bool retry_by_owner(const char *path,
                           struct reject_retry_result *result, struct err *err)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    cJSON *answer = owner_ask(path, "{\"do\":\"retry rejects\"}", err);
    bool ok;

    cJSON_Delete(answer);
    if (!answer)
        return false;
    while (look(path, result, &ok, err))
        nanosleep(&pause, NULL);
    return ok;
}

bool rejects_retry(const char *path, const struct decoder *decoder,
                   struct err *err)
{
    struct reject_retry_result result = {0};
    bool ok = owner_find(path) ? retry_by_owner(path, &result, err)
                               : retry_here(path, decoder, &result, err);
    unsigned long long left = result.tried - result.decoded;

    if (!ok)
        return false;
    fprintf(stderr,
            "telltale: %llu of %llu refused bodies decoded, %llu new %s; "
            "%llu %s refused\n",
            (unsigned long long)result.decoded,
            (unsigned long long)result.tried,
            (unsigned long long)result.events,
            result.events == 1 ? "event" : "events", left,
            left == 1 ? "stays" : "stay");
    return true;
}
