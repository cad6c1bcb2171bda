/* What stands in for a loop: the journal's threads say that there is something
 * to deliver, and it is delivered here. */
#include "command/journal_here.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/rooms.h"
#include "base/mem.h"

#include "base/banned.h"

struct journal_here {
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake;
    struct journal *journal;
};

static void wake(void *ctx)
{
    struct journal_here *here = ctx;

    pthread_mutex_lock(&here->mutex);
    here->awake = true;
    pthread_cond_signal(&here->woken);
    pthread_mutex_unlock(&here->mutex);
}

struct journal_here *journal_here_open(const char *path, struct err *err)
{
    struct journal_here *here = xcalloc(1, sizeof *here);
    struct journal_options options = {.path = path,
                                      .rooms = app_rooms,
                                      .wake = wake,
                                      .wake_ctx = here};

    pthread_mutex_init(&here->mutex, NULL);
    pthread_cond_init(&here->woken, NULL);
    here->journal = journal_open(&options, NULL, err);
    if (here->journal)
        return here;
    journal_here_close(here);
    return NULL;
}

struct journal *journal_here_journal(struct journal_here *here)
{
    return here->journal;
}

void journal_here_wait(struct journal_here *here)
{
    pthread_mutex_lock(&here->mutex);
    while (!here->awake)
        pthread_cond_wait(&here->woken, &here->mutex);
    here->awake = false;
    pthread_mutex_unlock(&here->mutex);
    journal_drain(here->journal);
}

void journal_here_close(struct journal_here *here)
{
    if (!here)
        return;
    if (here->journal)
        journal_close(here->journal);
    pthread_cond_destroy(&here->woken);
    pthread_mutex_destroy(&here->mutex);
    free(here);
}
