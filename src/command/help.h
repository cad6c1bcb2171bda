/* What --help prints: made of commands.def, command_options.def and
 * options.def, and of nothing else. */
#ifndef TELLTALE_HELP_H
#define TELLTALE_HELP_H

#include "base/buf.h"
#include "command/command.h"

/* Appends the help of a command: how it is called, what each word and option
 * means, all settings. NULL: what telltale is, and its commands. */
void command_help(const struct command *command, struct buf *out);

#endif
