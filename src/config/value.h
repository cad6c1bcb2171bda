/* One setting's value: text that was checked and read as its type. */
#ifndef TELLTALE_VALUE_H
#define TELLTALE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* What options.def calls TEXT, PATH, … */
enum config_type {
    CONFIG_TEXT,
    CONFIG_PATH,   /* ~ is expanded */
    CONFIG_NUMBER, /* limits are "1..65535" */
    CONFIG_SIZE,   /* bytes: "2M" */
    CONFIG_LENGTH, /* milliseconds: "90d" */
    CONFIG_FLAG,   /* yes or no */
    CONFIG_LIST,   /* words */
    CONFIG_DOMAINS,
    CONFIG_HOSTS,
    CONFIG_CHOICES, /* words; limits are "one|two|three" */
    CONFIG_SECRET,
    CONFIG_HEADER, /* the name of an HTTP header that carries a secret */
    CONFIG_CHOICE, /* limits are "one|two|three" */
};

struct config_value {
    char *text;     /* as written, "~" expanded; NULL: unset */
    int64_t number; /* of NUMBER, SIZE, LENGTH, FLAG */
    char **words;   /* of lists: NULL-terminated, in one allocation */
};

/* LIST, DOMAINS, HOSTS or CHOICES: text is then the words as config/list.h
 * reads them, a blank between. */
bool value_is_list(enum config_type type);

/* Reads text. On false err says what it should have been, without naming the
 * setting: "\"2Q\" is no size, like 2M". value is then untouched. */
bool value_read(enum config_type type, const char *limits, const char *text,
                struct config_value *value, struct err *err);
void value_clear(struct config_value *value); /* wipes the text */

/* Equal but for '-' and '_'. */
bool value_same_name(const char *a, const char *b);

#endif
