/* The rows of command_options.def. Reading words by them is command.c. */
#include "command/command_option.h"

#include <string.h>

#include "base/banned.h"

const struct command_option command_options[] = {
#define COMMAND_OPTION(command, id, name, letter, argument, offers, verbs,    \
                       help)                                                  \
    {COMMAND_##command, name, letter, argument, OFFERS_##offers, verbs, help},
#include "command/command_options.def"
    {.command = COMMAND_none},
};

const struct command_setting command_settings[] = {
#define COMMAND_SETTING(command, id, verbs, help)                             \
    {COMMAND_##command, OPTION_##id, verbs, help},
#include "command/command_options.def"
    {.command = COMMAND_none},
};

const struct command_verb command_verbs[] = {
#define COMMAND_VERB(command, verb, words, offers, help)                      \
    {COMMAND_##command, #verb, words, OFFERS_##offers, help},
#define COMMAND_WORD(command, word, offers, help)                             \
    {COMMAND_##command, NULL, word, OFFERS_##offers, help},
#include "command/command_options.def"
    {.command = COMMAND_none},
};

const struct command_verb *command_verb_find(const struct command *command,
                                             const char *verb)
{
    for (const struct command_verb *row = command_verbs; row->command; row++)
        if (row->command == command->id &&
            (!verb || (row->verb && !strcmp(row->verb, verb))))
            return row;
    return NULL;
}

bool command_verb_has(const char *verbs, const char *verb)
{
    size_t len;

    if (!verbs || !verb)
        return true;
    for (len = strlen(verb); *verbs; verbs += strspn(verbs, " ")) {
        size_t size = strcspn(verbs, " ");

        if (size == len && !strncmp(verbs, verb, len))
            return true;
        verbs += size;
    }
    return false;
}
