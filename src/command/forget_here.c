/* Forgetting without a telltale that runs: the journal is opened here. */
#include "command/forget_here.h"

#include "base/clock.h"
#include "command/journal_here.h"

#include "base/banned.h"

struct waiting {
    bool done, ok;
    struct forget_result result;
    struct err err;
};

static void forgotten(void *ctx, bool ok, const struct forget_result *result,
                      const struct err *err)
{
    struct waiting *waiting = ctx;

    waiting->ok = ok;
    waiting->result = *result;
    waiting->err = *err;
    waiting->done = true;
}

bool forget_here(const char *path, enum forget_kind kind, const char *text,
                 struct forget_result *result, struct err *err)
{
    struct waiting waiting = {.done = false};
    struct journal_here *here = journal_here_open(path, err);

    if (!here)
        return false;
    journal_forget(journal_here_journal(here), kind, text, clock_now_ms(),
                   forgotten, &waiting);
    while (!waiting.done)
        journal_here_wait(here);
    journal_here_close(here);
    if (result)
        *result = waiting.result;
    *err = waiting.err;
    return waiting.ok;
}
