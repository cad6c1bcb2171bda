/* Forgetting without a telltale that runs: the journal is opened here. */
#include "command/forget_here.h"

#include "base/clock.h"
#include "command/journal_here.h"

#include "base/banned.h"

struct forgetting {
    bool done, ok;
    struct forget_result result;
    struct err err;
};

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
    struct journal_here *here = journal_here_open(path, err);

    if (!here)
        return false;
    journal_forget(journal_here_journal(here), kind, text, clock_now_ms(),
                   forgotten, &forgetting);
    while (!forgetting.done)
        journal_here_wait(here);
    journal_here_close(here);
    if (result)
        *result = forgetting.result;
    *err = forgetting.err;
    return forgetting.ok;
}
