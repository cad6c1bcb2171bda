/* The table of settings, options.def, as data: for config.c, which fills it
 * with values, and for what is made from it (help, manual). */
#ifndef TELLTALE_OPTION_H
#define TELLTALE_OPTION_H

#include <stdbool.h>

#include "config/config.h"
#include "config/value.h"

struct option {
    const char *section, *key;
    enum config_type type;
    const char *standard, *argument, *help;
};
extern const struct option options[OPTION_COUNT];

/* "--receiver-max-body" and "TELLTALE_RECEIVER_MAX_BODY". */
#define OPTION_NAME_SIZE 96
void option_flag(enum option_id id, char out[OPTION_NAME_SIZE]);
void option_variable(enum option_id id, char out[OPTION_NAME_SIZE]);
/* The option a flag ("--theme=night") names; OPTION_COUNT: none. *value is
 * what follows '=', or NULL. */
enum option_id option_by_flag(const char *word, const char **value);

#endif
