/* `telltale setup`: from nothing to a live feed, step by step: the key, the
 * project, the settings, the book, the public address, the destination, a test
 * that arrives, the board. What flags, environment and settings say already is
 * not asked; every step can be repeated and nothing is done twice. The steps
 * are setup_*.c, what they share is setup_step.c; here are their order and
 * their end. */
#include "command/setup/setup.h"

#include <stdio.h>
#include <strings.h>

#include "command/ask.h"
#include "base/banned.h"

/* The end of the input is no. */
static void ask_board(struct setup *setup)
{
    char answer[16];

    printf("\nAll is there. Enter opens the board and fetches the last 28 "
           "days, which signals\njudge by; board opens it without them, no "
           "leaves.\n");
    while (ask_line("Open the board", "yes", false, answer, sizeof answer)) {
        setup->past = !strcasecmp(answer, "yes") || !strcasecmp(answer, "y");
        setup->board = setup->past || !strcasecmp(answer, "board");
        if (setup->board || !strcasecmp(answer, "no") ||
            !strcasecmp(answer, "n"))
            return;
        printf("yes, board or no?\n");
    }
}

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
    if (setup->talk)
        ask_board(setup);
    if (!setup->board)
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
