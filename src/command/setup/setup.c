/* `telltale setup`: from nothing to a live feed, step by step: the key, the
 * project, the settings, the book, the public address, the destination, a
 * test that arrives, the board. What flags, environment and settings say
 * already is not asked; every step can be repeated and nothing is done
 * twice. The steps are setup_*.c, what they share is setup_step.c; here are their
 * order and their end. */
#include "command/setup/setup.h"

#include <stdio.h>

#include "command/ask.h"
#include "base/banned.h"

/* The receiver goes on while the question is open: nothing is missed. */
static int finish(struct setup *setup)
{
    int code = setup_keep_key(setup);

    if (setup->owner) {
        printf(setup_is_polled(setup)
                   ? "Start the telltale that runs again: it asks then.\n"
                   : "The telltale that runs shows what comes.\n");
        return code;
    }
    setup->board = setup->talk && ask_yes("Open the board now?");
    if (setup->board)
        setup->past = ask_yes("And fetch what happened in the last 28 days?");
    else
        printf("telltale opens the board, telltale serve receives without "
               "one: while one\nof them runs, events arrive. telltale "
               "backfill fetches what happened before.\n");
    return code;
}

static int open_board(struct command_context *context, bool past)
{
    static char option[] = "--backfill", since[] = "28d";
    char *words[] = {option, since, NULL};

    context->command = command_find("watch");
    context->argc = past ? 2 : 0;
    context->argv = words;
    return command_watch(context);
}

int command_setup(struct command_context *context)
{
    static setup_step *const steps[] = {setup_check_address, setup_key,
                                        setup_book, setup_destination, finish};
    struct setup setup = {.config = context->config, .talk = ask_possible()};
    struct err err = {""};
    int code;

    if (!command_words(context, NULL, NULL))
        return EXIT_USAGE;
    if (!receiver_fork(&setup.receiver, context, &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    code = setup_in_order(&setup, steps, sizeof steps / sizeof *steps);
    receiver_end(&setup.receiver);
    key_free(&setup.facts);
    posthog_close(setup.posthog);
    return setup.board ? open_board(context, setup.past) : code;
}
