/* A subcommand is one function in one file; the table is commands.def. What
 * it takes beside the settings, its options, verbs and words, is in the table
 * command_options.def: command_words() takes what stands there and nothing
 * else. */
#ifndef TELLTALE_COMMAND_H
#define TELLTALE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "live/display.h"
#include "query/query.h"

enum command_option_id {
#define COMMAND_OPTION(command, id, ...) ARG_##command##_##id,
#include "command/command_options.def"
    COMMAND_OPTION_COUNT
};

struct command_context {
    struct config *config; /* setup adds what it is told */
    /* The screen, handed in by main.c; NULL where there is none. */
    const struct display_ops *display;
    const struct command *command; /* the row that runs */
    int argc; /* words left for the command, its name not among them */
    char **argv;
    /* What command_words() read, by enum command_option_id; pieces of argv.
     * NULL: not given; an option without a value is "". */
    const char *given[COMMAND_OPTION_COUNT];
};

/* Each returns an enum exit_code. Errors were printed to standard error. */
#define COMMAND(id, name, help)                                               \
    int command_##id(struct command_context *context);
#include "command/commands.def"
#undef COMMAND

enum command_id {
    COMMAND_none, /* ends tables */
#define COMMAND(id, name, help) COMMAND_##id,
#include "command/commands.def"
#undef COMMAND
};

/* What a command is called. Running it is command_run() (commands.h), which
 * alone knows them all. */
struct command {
    enum command_id id;
    const char *name, *help;
};
extern const struct command commands[];
extern const size_t command_count;
const struct command *command_find(const char *name); /* NULL: none */

/* Reads the words of the command by its rows in the table: options into
 * context->given, the verb, and what is left, joined by blanks, into words
 * (initialised by the caller; NULL where the command takes none). *verb is the
 * one that was given, else the command's first; it may be NULL where the
 * command has none, and does not stand in words. "-x" that is no option is a
 * word ("-category:billing"), "--x" never is; "--" ends the options. False
 * after printing what is wrong: return EXIT_USAGE. */
bool command_words(struct command_context *context, const char **verb,
                   struct buf *words);
/* The same words one by one, the verb among them: names of files have blanks.
 * After command_words(). */
char **command_each(const struct command_context *context, int *count);
/* What command_words() read: is it there, and its value (NULL: not given). */
bool command_flag(const struct command_context *context,
                  enum command_option_id id);
const char *command_value(const struct command_context *context,
                          enum command_option_id id);

/* What `check` says of settings that cannot be read; the exit code. */
int check_unreadable(const struct err *why, bool json);

/* Standard output did not take what was printed: false, with err, which is for
 * the caller to tell, and only here. *gone: that is no fault, since nobody
 * reads it any more, or a signal came while its reader was waited for (errno
 * is EINTR); what is left is then not written at the end either. */
bool command_unwritten(bool *gone, struct err *err);

/* Says on standard error what is wrong with text, which is no query, and
 * where; false. */
bool command_wrong_query(const char *text, const struct query_error *error);

/* Prints "telltale: …" to standard error; returns code. */
int command_fail(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
