/* What the commands that receive have in common: log, app, lines, counts. */
#ifndef TELLTALE_WATCH_H
#define TELLTALE_WATCH_H

#include <stdbool.h>

#include "app/app.h"
#include "command/command.h"

struct watch_options {
    struct app_options app; /* config, command, kept and turn are filled in */
    bool print;             /* one line per event to standard output */
    bool hidden;            /* print hidden ones too */
    int64_t print_from;     /* wall ms: nothing that was received before */
    const char *backfill;   /* the past is fetched, from then; NULL: none */
    /* The app is open and about to run; NULL: nothing to do. closing comes
     * when it has run, before app_close(). */
    void (*on_open)(void *ctx, struct app *app);
    void (*on_close)(void *ctx);
    void *ctx;
};

/* Receives until the end; returns the exit code, errors printed. */
int watch_receive(struct command_context *context,
                  const struct watch_options *options);
/* True when there is no screen to draw on, or none is wanted. */
bool watch_is_plain(const struct command_context *context);

#endif
