/* A subcommand is one function in one file; the table is commands.def. */
#ifndef TELLTALE_COMMAND_H
#define TELLTALE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "live/display.h"

struct command_context {
    struct config *config; /* setup adds what it is told */
    /* The screen, handed in by main.c; NULL where there is none. */
    const struct display_ops *display;
    const char *name; /* the command's */
    int argc;         /* words left for the command, its name not among them */
    char **argv;
};

/* Returns an enum exit_code. Errors were printed to standard error. */
typedef int command_run(struct command_context *context);

#define COMMAND(id, name, usage, help) command_run command_##id;
#include "command/commands.def"
#undef COMMAND

struct command {
    const char *name, *usage, *help;
    command_run *run;
};
extern const struct command commands[];
extern const size_t command_count;
const struct command *command_find(const char *name); /* NULL: none */

/* Lines of --help about the options that only this command has; "". */
const char *command_details(const char *name);

/* A command's own options, for command_words(). One of flag and value is
 * set; both stay as they are when the option is not given. */
struct command_option {
    const char *name; /* "--since" */
    char letter;      /* 'n' for -n, or 0 */
    bool *flag;
    const char **value;
};

/* Reads the command's options (count of them) and joins what is left by
 * blanks into words; NULL where none are taken. "-x" that is no option is a
 * word ("-category:billing"), "--x" never is; "--" ends the options. False
 * after printing what is wrong: return EXIT_USAGE. */
bool command_words(const struct command_context *context,
                   const struct command_option *options, size_t count,
                   struct buf *words);

/* Prints "telltale: …" to standard error; returns code. */
int command_fail(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
