/* What the commands share: their names, reading a command's own words, and
 * saying what is wrong. */
#include "command/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/text_near.h"
#include "command/command_option.h"
#include "base/banned.h"

const struct command commands[] = {
#define COMMAND(id, name, help) {COMMAND_##id, name, help},
#include "command/commands.def"
#undef COMMAND
};
const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static void discard_output(void)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    dup2(fd, STDOUT_FILENO);
    close(fd);
}

bool command_unwritten(bool *gone, struct err *err)
{
    bool interrupted = errno == EINTR;

    *gone = errno == EPIPE || interrupted;
    err_errno(err, "standard output");
    if (interrupted)
        discard_output();
    clearerr(stdout); /* or main() says it once more */
    return false;
}

int command_fail(int code, const char *format, ...)
{
    struct err err;
    char text[sizeof err.text];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(&err, "%s", text);
    fprintf(stderr, "telltale: %s\n", err.text);
    return code;
}

bool command_wrong_query(const char *text, const struct query_error *error)
{
    size_t len = strlen(text);
    struct buf clean;

    buf_init(&clean, 4 * len);
    text_sanitise(&clean, text, len, 4 * len);
    command_fail(EXIT_USAGE, "%s", error->err.text);
    fprintf(stderr, "  %s\n  %*s^\n", clean.data, error->column, "");
    buf_free(&clean);
    return false;
}

bool command_flag(const struct command_context *context,
                  enum command_option_id id)
{
    return context->given[id] != NULL;
}

const char *command_value(const struct command_context *context,
                          enum command_option_id id)
{
    return context->given[id];
}

static bool is_own(const struct command_context *context, size_t option)
{
    return command_options[option].command == context->command->id;
}

static bool refuse_option(const struct command_context *context,
                          const char *word)
{
    const char *names[COMMAND_OPTION_COUNT + 1], *nearest;
    size_t used = 0;

    for (size_t i = 0; i < COMMAND_OPTION_COUNT; i++)
        if (is_own(context, i))
            names[used++] = command_options[i].name;
    names[used] = NULL;
    nearest = text_nearest(word, names);
    if (!nearest)
        nearest = config_nearest_flag(word);
    command_fail(EXIT_USAGE, "%s: no option %s%s%s", context->command->name,
                 word, nearest ? "; nearest: " : "", nearest ? nearest : "");
    return false;
}

/* Does word name this option? *value is what is written into it: "-n20",
 * "--since=5m". */
static bool names_option(const struct command_option *option, const char *word,
                         const char **value)
{
    size_t len = strlen(option->name);

    *value = NULL;
    if (!strncmp(word, option->name, len) &&
        (!word[len] || word[len] == '=')) {
        *value = word[len] ? word + len + 1 : NULL;
        return true;
    }
    if (!option->letter || word[0] != '-' || word[1] != option->letter)
        return false;
    if (!word[2])
        return true;
    if (!option->argument || !strchr("0123456789", word[2]))
        return false;
    *value = word + 2;
    return true;
}

/* Keeps its value, the next word if it has to; *at stands on its last. */
static bool take_value(struct command_context *context, size_t option,
                       const char *value, int *at)
{
    const struct command_option *row = &command_options[option];

    if (!row->argument && value) {
        command_fail(EXIT_USAGE, "%s takes no value", row->name);
        return false;
    }
    if (!row->argument)
        value = "";
    else if (!value && *at + 1 < context->argc)
        value = context->argv[++*at];
    if (!value) {
        command_fail(EXIT_USAGE, "%s needs a value: %s", row->name,
                     row->argument);
        return false;
    }
    context->given[option] = value;
    return true;
}

/* Takes argv[*at] if it is one of the options; *bad when its value is none. */
static bool take_option(struct command_context *context, int *at, bool *bad)
{
    const char *value;

    for (size_t i = 0; i < COMMAND_OPTION_COUNT; i++) {
        if (!is_own(context, i) ||
            !names_option(&command_options[i], context->argv[*at], &value))
            continue;
        *bad = !take_value(context, i, value, at);
        return true;
    }
    return false;
}

/* "list, unlisted, check or pull". */
static void list_verbs(const struct command *command, struct buf *out)
{
    const struct command_verb *last = NULL;

    for (const struct command_verb *row = command_verbs; row->command; row++)
        if (row->command == command->id)
            last = row;
    for (const struct command_verb *row = command_verbs; row->command; row++)
        if (row->command == command->id)
            buf_addf(out, "%s%s",
                     !out->len     ? ""
                     : row == last ? " or "
                                   : ", ",
                     row->verb);
}

static bool refuse_verb(const struct command_context *context,
                        const char *word)
{
    struct buf verbs;

    buf_init(&verbs, KIB);
    list_verbs(context->command, &verbs);
    command_fail(EXIT_USAGE, "%s takes %s, not \"%s\"", context->command->name,
                 verbs.data, word);
    buf_free(&verbs);
    return false;
}

/* "signals list", or the command's name alone. */
static void name_both(const struct command_context *context, const char *verb,
                      char *out, size_t size)
{
    snprintf(out, size, "%s%s%s", context->command->name, verb ? " " : "",
             verb ? verb : "");
}

/* An option of another verb would be taken for nothing. */
static bool check_verb(const struct command_context *context, const char *verb)
{
    for (size_t i = 0; i < COMMAND_OPTION_COUNT; i++) {
        const struct command_option *row = &command_options[i];
        char both[64];

        if (!context->given[i] || command_verb_has(row->verbs, verb))
            continue;
        name_both(context, verb, both, sizeof both);
        command_fail(EXIT_USAGE, "%s: no option %s; it belongs to %s %s", both,
                     row->name, context->command->name, row->verbs);
        return false;
    }
    return true;
}

/* Where another telltale is, in place of what is here: no verb, but a word of
 * the first one. */
static bool is_address(const char *word)
{
    return !strncmp(word, "http://", 7) || !strncmp(word, "https://", 8);
}

/* The verb, if none was there before, or one of the words. */
static bool take_word(const struct command_context *context, const char *word,
                      const struct command_verb **row, bool *named,
                      struct buf *words)
{
    char both[64];

    if (*row && (*row)->verb && !*named) {
        *named = true;
        if (*(*row)->words && is_address(word))
            return take_word(context, word, row, named, words);
        *row = command_verb_find(context->command, word);
        return *row || refuse_verb(context, word);
    }
    if (!words || !*row || !*(*row)->words) {
        name_both(context, *row ? (*row)->verb : NULL, both, sizeof both);
        command_fail(EXIT_USAGE, "%s takes no word \"%s\"", both, word);
        return false;
    }
    buf_addf(words, "%s%s", words->len ? " " : "", word);
    return true;
}

bool command_words(struct command_context *context, const char **verb,
                   struct buf *words)
{
    const struct command_verb *row = command_verb_find(context->command, NULL);
    bool ended = false, bad = false, named = false;
    int kept = 0;

    for (int at = 0; at < context->argc; at++) {
        char *word = context->argv[at];

        if (!ended && !strcmp(word, "--"))
            ended = true;
        else if (!ended && take_option(context, &at, &bad)) {
            if (bad)
                return false;
        } else if (!ended && !strncmp(word, "--", 2))
            return refuse_option(context, word);
        else if (!take_word(context, word, &row, &named, words))
            return false;
        else
            context->argv[kept++] = word;
    }
    context->argc = kept;
    if (verb)
        *verb = row ? row->verb : NULL;
    return check_verb(context, row ? row->verb : NULL);
}

char **command_each(const struct command_context *context, int *count)
{
    *count = context->argc;
    return context->argv;
}
