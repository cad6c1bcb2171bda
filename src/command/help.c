/* --help, of telltale and of each command. Rows have two columns, and lines
 * end before the 80th; nothing is said here that is not in a table. */
#include "command/help.h"

#include <string.h>

#include "command/command_option.h"
#include "config/option.h"
#include "base/banned.h"

#define WIDTH 79
#define LONG_ARGUMENT 48
#define COLUMN 23 /* where explanations begin, and go on */

/* Appends the words of text, the first at cell at, each line's next ones at
 * indent. Text of the tables is ASCII. */
static void add_wrapped(struct buf *out, const char *text, size_t at,
                        size_t indent)
{
    bool first = true;

    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t len = strcspn(text, " ");

        if (!first && at + 1 + len > WIDTH) {
            buf_addf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            buf_addc(out, ' ');
            at++;
        }
        buf_add(out, text, len);
        at += len;
        text += len;
        first = false;
    }
    buf_addc(out, '\n');
}

static void add_row(struct buf *out, const char *left, const char *help)
{
    size_t used = strlen(left) + 2;

    buf_addf(out, "  %s", left);
    if (used >= COLUMN) {
        buf_addc(out, '\n');
        used = 0;
    }
    buf_addf(out, "%*s", (int)(COLUMN - used), "");
    add_wrapped(out, help, COLUMN, COLUMN);
}

/* "--theme NAME", of what a setting may be called with. */
static void add_setting(struct buf *out, const struct command_setting *row)
{
    const char *argument = options[row->id].argument;
    char flag[OPTION_NAME_SIZE];

    if (argument && strlen(argument) > LONG_ARGUMENT)
        argument = "WHAT"; /* which, is said below */
    option_flag(row->id, flag);
    buf_addf(out, "%s%s%s", flag, argument ? " " : "",
             argument ? argument : "");
}

/* "-n N" or "--since T": as short as it can be written. */
static void add_short(struct buf *out, const struct command_option *row)
{
    if (row->letter)
        buf_addf(out, "-%c", row->letter);
    else
        buf_adds(out, row->name);
    if (row->argument)
        buf_addf(out, " %s", row->argument);
}

/* ---- how it is called ---- */

static void add_brackets(struct buf *line, const char *verbs, const char *verb,
                         const struct command_option *option,
                         const struct command_setting *setting)
{
    if (!command_verb_has(verbs, verb))
        return;
    buf_adds(line, " [");
    if (option)
        add_short(line, option);
    else
        add_setting(line, setting);
    buf_addc(line, ']');
}

/* One line; row is the verb's, or that of the words, or NULL. */
static void add_usage(struct buf *out, const struct command *command,
                      const struct command_verb *row)
{
    const char *verb = row ? row->verb : NULL;
    struct buf line;

    buf_init(&line, 4096);
    buf_addf(&line, "telltale %s", command->name);
    if (verb)
        buf_addf(&line, " %s", verb);
    if (row && *row->words)
        buf_addf(&line, " %s", row->words);
    for (const struct command_option *own = command_options; own->command;
         own++)
        if (own->command == command->id)
            add_brackets(&line, own->verbs, verb, own, NULL);
    for (const struct command_setting *own = command_settings; own->command;
         own++)
        if (own->command == command->id)
            add_brackets(&line, own->verbs, verb, NULL, own);
    add_wrapped(out, line.data, 0, sizeof "telltale" + strlen(command->name));
    buf_free(&line);
}

static void add_usages(struct buf *out, const struct command *command)
{
    const struct command_verb *row = command_verb_find(command, NULL);

    if (!row)
        add_usage(out, command, NULL);
    for (row = command_verbs; row->command; row++)
        if (row->command == command->id)
            add_usage(out, command, row);
}

/* ---- what each means ---- */

static void explain_words(struct buf *out, const struct command *command)
{
    struct buf left;

    buf_init(&left, 1024);
    for (const struct command_verb *row = command_verbs; row->command; row++) {
        if (row->command != command->id)
            continue;
        buf_clear(&left);
        buf_addf(&left, "%s%s%s", row->verb ? row->verb : "",
                 row->verb && *row->words ? " " : "", row->words);
        add_row(out, left.data, row->help);
    }
    buf_free(&left);
}

static void explain_options(struct buf *out, const struct command *command)
{
    struct buf left;

    buf_init(&left, 1024);
    for (const struct command_option *row = command_options; row->command;
         row++) {
        if (row->command != command->id)
            continue;
        buf_clear(&left);
        if (row->letter)
            buf_addf(&left, "-%c, ", row->letter);
        buf_addf(&left, "%s%s%s", row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        add_row(out, left.data, row->help);
    }
    buf_free(&left);
}

static void explain_settings(struct buf *out, const struct command *command)
{
    struct buf left;

    buf_init(&left, 1024);
    for (const struct command_setting *row = command_settings; row->command;
         row++) {
        if (row->command != command->id)
            continue;
        buf_clear(&left);
        add_setting(&left, row);
        add_row(out, left.data, row->help ? row->help : options[row->id].help);
    }
    buf_free(&left);
}

/* A row above tells of it already. */
static bool is_said(const void *ctx, enum option_id id)
{
    const struct command *command = ctx;

    for (const struct command_setting *row = command_settings;
         command && row->command; row++)
        if (row->command == command->id && row->id == id)
            return true;
    return false;
}

static void help_of(struct buf *out, const struct command *command)
{
    size_t before;

    add_usages(out, command);
    buf_adds(out, "\n  ");
    add_wrapped(out, command->help, 2, 2);
    buf_addc(out, '\n');
    before = out->len;
    explain_words(out, command);
    explain_options(out, command);
    explain_settings(out, command);
    if (out->len > before)
        buf_addc(out, '\n');
}

void command_help(const struct command *command, struct buf *out)
{
    if (command) {
        help_of(out, command);
    } else {
        buf_adds(out, "telltale shows what the people in your accounts are "
                      "doing, live.\n\n");
        for (size_t i = 0; i < command_count; i++)
            buf_addf(out, "  telltale %-11s %s\n", commands[i].name,
                     commands[i].help);
        buf_adds(out, "\ntelltale COMMAND --help says more of each; man "
                      "telltale says all.\n\n");
    }
    config_help(out, is_said, command);
}
