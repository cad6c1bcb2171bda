/* The table of settings and what is derived from it without any value: the
 * names of flags and variables, the help, the nearest name to a wrong one. */
#include "config/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text_near.h"
#include "base/banned.h"

extern char **environ;

const struct option options[OPTION_COUNT] = {
#define OPTION(id, section, key, type, standard, argument, help)              \
    {section, key, CONFIG_##type, standard, argument, help},
#include "config/options.def"
#undef OPTION
};

static bool in_main(const struct option *option)
{
    return !strcmp(option->section, "main");
}

void option_flag(enum option_id id, char out[OPTION_NAME_SIZE])
{
    const struct option *option = &options[id];

    snprintf(out, OPTION_NAME_SIZE, "--%s%s%s",
             in_main(option) ? "" : option->section,
             in_main(option) ? "" : "-", option->key);
    for (char *at = out; *at; at++)
        if (*at == '_')
            *at = '-';
}

void option_variable(enum option_id id, char out[OPTION_NAME_SIZE])
{
    const struct option *option = &options[id];

    snprintf(out, OPTION_NAME_SIZE, "TELLTALE_%s%s%s",
             in_main(option) ? "" : option->section,
             in_main(option) ? "" : "_", option->key);
    for (char *at = out; *at; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
}

enum option_id option_by_flag(const char *word, const char **value)
{
    size_t len = strcspn(word, "=");
    char name[OPTION_NAME_SIZE];

    *value = word[len] ? word + len + 1 : NULL;
    for (int id = 0; id < OPTION_COUNT; id++) {
        option_flag((enum option_id)id, name);
        if (strlen(name) == len && !strncmp(word, name, len))
            return (enum option_id)id;
    }
    return OPTION_COUNT;
}

const char *config_nearest_flag(const char *word)
{
    static char names[OPTION_COUNT][OPTION_NAME_SIZE];
    const char *list[OPTION_COUNT + 3];
    size_t count = 0;

    for (int id = 0; id < OPTION_COUNT; id++) {
        if (options[id].type == CONFIG_SECRET)
            continue;
        option_flag((enum option_id)id, names[id]);
        list[count++] = names[id];
    }
    list[count++] = "--help";
    list[count++] = "--version";
    list[count] = NULL;
    return text_nearest(word, list);
}

/* Variables of ours that are no setting: a test's clock and the like. */
static bool is_internal(const char *name, size_t len)
{
    static const char *const known[] = {"TELLTALE_CLOCK", "TELLTALE_FRAMES",
                                        "TELLTALE_SEED"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == len && !strncmp(known[i], name, len))
            return true;
    return len >= 14 && !strncmp(name, "TELLTALE_TEST_", 14);
}

static bool is_variable(const char *name, size_t len)
{
    char known[OPTION_NAME_SIZE];

    for (int id = 0; id < OPTION_COUNT; id++) {
        option_variable((enum option_id)id, known);
        if (strlen(known) == len && !strncmp(known, name, len))
            return true;
    }
    return is_internal(name, len);
}

void config_unknown_environment(struct buf *out)
{
    for (char **entry = environ; *entry; entry++) {
        size_t len = strcspn(*entry, "=");

        if (strncmp(*entry, "TELLTALE_", 9) || is_variable(*entry, len))
            continue;
        buf_addf(out, "%s%.*s", out->len ? " " : "", (int)len, *entry);
    }
}

/* "--listen ADDR:PORT", with what a number or choice may be. */
static void usage_of(enum option_id id, struct buf *out)
{
    const struct option *option = &options[id];
    char name[OPTION_NAME_SIZE];

    if (option->type == CONFIG_SECRET) {
        option_variable(id, name);
        buf_adds(out, name);
        return;
    }
    option_flag(id, name);
    buf_adds(out, name);
    if (option->type == CONFIG_NUMBER)
        buf_adds(out, " N");
    else if (option->argument)
        buf_addf(out, " %s", option->argument);
}

#define HELP_COLUMN 32
static void help_row(enum option_id id, struct buf *out)
{
    const struct option *option = &options[id];
    const char *standard = option->standard;
    size_t start = out->len, used;

    buf_adds(out, "  ");
    usage_of(id, out);
    used = out->len - start;
    if (used >= HELP_COLUMN) {
        buf_addc(out, '\n');
        used = 0;
    }
    buf_addf(out, "%*s%s", (int)(HELP_COLUMN - used), "", option->help);
    if (standard && *standard && option->type != CONFIG_FLAG &&
        *standard != '@')
        buf_addf(out, " (%s)", standard);
    if (standard && option->type == CONFIG_FLAG && !strcmp(standard, "yes"))
        buf_adds(out, " (yes; =no turns it off)");
    buf_addc(out, '\n');
}

void config_help(struct buf *out,
                 bool (*is_said)(const void *ctx, enum option_id id),
                 const void *ctx)
{
    const char *section = "main";

    buf_adds(out, "Settings, as flags:\n");
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (is_said && is_said(ctx, (enum option_id)id))
            continue;
        if (strcmp(options[id].section, section)) {
            section = options[id].section;
            buf_addf(out, "\n[%s]\n", section);
        }
        help_row((enum option_id)id, out);
    }
    buf_adds(out, "\nEach is also a line in config.ini (listen = ...) and a "
                  "variable (TELLTALE_LISTEN).\n"
                  "Flags win over variables, variables over the file.\n");
}
