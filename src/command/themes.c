/* `telltale themes`: what the themes look like. The screen draws them; here
 * they are asked for and printed. */
#include "command/command.h"

#include <stdio.h>

#include "base/limits.h"
#include "live/display.h"
#include "base/banned.h"

int command_themes(struct command_context *context)
{
    struct buf out;

    if (!command_words(context, NULL, NULL))
        return EXIT_USAGE;
    buf_init(&out, MIB);
    context->display->themes(&out, config_text(context->config, OPTION_theme));
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
    printf("theme = NAME in the settings chooses one, t on the board the "
           "next.\n");
    return EXIT_DONE;
}
