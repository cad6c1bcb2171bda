/* Above all commands, and called by main.c alone: whoever wants what they
 * share takes command.h. */
#include "command/commands.h"

#include "base/banned.h"

static int (*const runs[])(struct command_context *) = {
#define COMMAND(id, name, help) [COMMAND_##id] = command_##id,
#include "command/commands.def"
#undef COMMAND
};

int command_run(struct command_context *context)
{
    return runs[context->command->id](context);
}
