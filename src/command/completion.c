/* `telltale completion`: the script that a shell needs to complete the words
 * of telltale. The scripts know no word of it themselves: complete.c does. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "base/banned.h"

extern const struct embedded completion_files[];

int command_completion(struct command_context *context)
{
    const char *shell;

    if (!command_words(context, &shell, NULL))
        return EXIT_USAGE;
    for (const struct embedded *file = completion_files; file->name; file++) {
        const char *dot = strrchr(file->name, '.');

        if (dot && !strcmp(dot + 1, shell))
            fwrite(file->text, 1, file->len, stdout);
    }
    return EXIT_DONE;
}
