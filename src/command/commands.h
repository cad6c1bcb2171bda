/* From the row of a command to the function that it is. */
#ifndef TELLTALE_COMMANDS_H
#define TELLTALE_COMMANDS_H

#include "command/command.h"

/* Runs context->command; its enum exit_code. */
int command_run(struct command_context *context);

#endif
