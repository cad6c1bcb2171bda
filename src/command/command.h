/* A subcommand is one function in one file; the table is commands.def. */
#ifndef TELLTALE_COMMAND_H
#define TELLTALE_COMMAND_H

#include "config/config.h"
#include "live/display.h"

struct command_context {
    const struct config *config;
    /* The screen, handed in by main.c; NULL where there is none. */
    const struct display_ops *display;
    int argc;    /* words left for the command, its name not among them */
    char **argv;
};

/* Returns an enum exit_code. Errors were printed to standard error. */
typedef int command_run(struct command_context *context);

#define COMMAND(id, name, usage, help) command_run command_##id;
#include "command/commands.def"
#undef COMMAND

#endif
