/* Forgetting without a telltale that runs: the journal is opened, and its
 * threads are waited for. */
#include "command/forget_here.h"

#include <pthread.h>

#include "base/clock.h"

#include "base/banned.h"

/* What stands in for a loop: wait until the journal's threads say so. */
struct forgetting {
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake, done, ok;
    struct forget_result result;
    struct err err;
};

static void wake(void *ctx)
{
    struct forgetting *forgetting = ctx;

    pthread_mutex_lock(&forgetting->mutex);
    forgetting->awake = true;
    pthread_cond_signal(&forgetting->woken);
    pthread_mutex_unlock(&forgetting->mutex);
}

static void forgotten(void *ctx, bool ok, const struct forget_result *result,
                      const struct err *err)
{
    struct forgetting *forgetting = ctx;

    forgetting->ok = ok;
    forgetting->result = *result;
    forgetting->err = *err;
    forgetting->done = true;
}

bool forget_here(const char *path, enum forget_kind kind, const char *text,
                 struct forget_result *result, struct err *err)
{
    struct forgetting forgetting = {.done = false};
    struct journal_options options = {.path = path,
                                      .wake = wake,
                                      .wake_ctx = &forgetting};
    struct journal *journal;

    pthread_mutex_init(&forgetting.mutex, NULL);
    pthread_cond_init(&forgetting.woken, NULL);
    journal = journal_open(&options, NULL, err);
    if (journal)
        journal_forget(journal, kind, text, clock_now_ms(), forgotten,
                       &forgetting);
    while (journal && !forgetting.done) {
        pthread_mutex_lock(&forgetting.mutex);
        while (!forgetting.awake)
            pthread_cond_wait(&forgetting.woken, &forgetting.mutex);
        forgetting.awake = false;
        pthread_mutex_unlock(&forgetting.mutex);
        journal_drain(journal);
    }
    journal_close(journal);
    pthread_cond_destroy(&forgetting.woken);
    pthread_mutex_destroy(&forgetting.mutex);
    if (!journal)
        return false;
    if (result)
        *result = forgetting.result;
    *err = forgetting.err;
    return forgetting.ok;
}
