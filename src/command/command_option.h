/* The table command_options.def as data: for command.c, which reads words by
 * it, and for what is made from it (help, completion). */
#ifndef TELLTALE_COMMAND_OPTION_H
#define TELLTALE_COMMAND_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "command/command.h"

/* What a shell completes where a word or a value stands. */
enum offers {
    OFFERS_NOTHING,
    OFFERS_FILES,
    OFFERS_ACCOUNTS,      /* names in the book */
    OFFERS_ORGANISATIONS, /* their ids */
    OFFERS_MIRRORS,       /* names in the settings */
    OFFERS_QUERY,         /* fields of the filter language, accounts, events */
};

/* The tables are ended by a row of COMMAND_none, in the order of the
 * file; command_options[] is indexed by enum command_option_id. */
struct command_option {
    enum command_id command;
    const char *name;     /* "--since" */
    char letter;          /* 'n' for -n, or 0 */
    const char *argument; /* NULL: it has no value */
    enum offers offers;
    const char *verbs; /* those it belongs to; NULL: all */
    const char *help;
};
extern const struct command_option command_options[];

struct command_setting {
    enum command_id command;
    enum option_id id;
    const char *verbs;
    const char *help; /* what it means here; that of options.def by itself */
};
extern const struct command_setting command_settings[];

/* A verb, or (verb NULL) what the words of a command without verbs are. */
struct command_verb {
    enum command_id command;
    const char *verb, *words;
    enum offers offers;
    const char *help;
};
extern const struct command_verb command_verbs[];

/* The row of command's verb, or of its words where it has no verbs; verb
 * NULL is the first. NULL: there is none. */
const struct command_verb *command_verb_find(const struct command *command,
                                             const char *verb);
/* Does what belongs to verbs belong to verb? It does while none is known
 * (NULL). */
bool command_verb_has(const char *verbs, const char *verb);

#endif
