/* What the commands share: the table, reading a command's own options, and
 * saying what is wrong. */
#include "command/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/value.h"
#include "base/banned.h"

const struct command commands[] = {
#define COMMAND(id, name, usage, help) {name, usage, help, command_##id},
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

/* The options that only one command has. */
static const struct {
    const char *name, *details;
} details[] = {
    {"watch", "  --hidden             print hidden events too\n"},
    {"demo", "  --rate N             events a minute (20)\n"
             "  --seed S             the same S, the same story\n"},
    {"tail", "  -n, --lines N        the newest N that match, or all (20; all "
             "with --since)\n"
             "  --since T            what came since 2h, 09:00, 2026-09-14 or "
             "\"2026-09-14 08:30\"\n"
             "  -f, --follow         go on with what comes\n"
             "  --hidden             print hidden events too\n"
             "  --                   what follows is QUERY, whatever it looks "
             "like\n"},
    {"watch",
     "  --backfill T         fetch the past from PostHog first, from 28d "
     "ago …\n"},
    {"accounts",
     "  --dry-run            say what would change, write nothing\n"
     "  --update             update the destination at PostHog too\n"},
    {"signals",
     "  --all                also what is done, sleeps or was withdrawn\n"
     "  --account A          only of the account with that id, or that part "
     "of a name\n"
     "  UNTIL                tomorrow, week, 3d or a date; nothing is "
     "tomorrow\n"},
    {"backfill", "  --since T            from 28d ago (28d), 2026-09-14 …\n"
                 "  --until T            up to then; now\n"},
    {"destination",
     "  --dry-run            say what would change, change nothing\n"
     "  --force              send also what PostHog does not show: secrets\n"
     "  --json               show only the JSON\n"
     "  --secrets            show token and signing secret in it\n"
     "  --yes                delete without a second look\n"},
    {"check", "  --events             count the names that the catalogue does "
              "not know, with\n"
              "                       sections for events.ini\n"
              "  --mirror NAME        send a test message to [mirror NAME]\n"
              "  --dry-run            print it instead\n"
              "  --posthog            ask PostHog what it has of this\n"
              "  --journal            read all of the journal, save what can "
              "be read of a damaged one\n"
              "                       (--salvage, where --journal names a "
              "FILE)\n"
              "  --zone ZONE          count days in this zone from now on, "
              "like Europe/Berlin\n"
              "  --trust-clock        the clock is right: what it calls older "
              "than keep may go\n"},
};

const char *command_details(const char *name)
{
    for (size_t i = 0; i < sizeof details / sizeof *details; i++)
        if (!strcmp(details[i].name, name))
            return details[i].details;
    return "";
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

static bool refuse_option(const struct command_context *context,
                          const struct command_option *options, size_t count,
                          const char *word)
{
    const char *names[16], *nearest;
    size_t used = 0;

    while (used < count && used < 15) {
        names[used] = options[used].name;
        used++;
    }
    names[used] = NULL;
    nearest = value_nearest(word, names);
    if (!nearest)
        nearest = config_nearest_flag(word);
    command_fail(EXIT_USAGE, "%s: no option %s%s%s", context->name, word,
                 nearest ? "; nearest: " : "", nearest ? nearest : "");
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
    if (!option->value || !strchr("0123456789", word[2]))
        return false;
    *value = word + 2;
    return true;
}

/* Takes argv[*at] if it is one of the options; *bad when its value is
 * missing. */
static bool take_option(const struct command_context *context,
                        const struct command_option *options, size_t count,
                        int *at, bool *bad)
{
    const char *value;

    for (size_t i = 0; i < count; i++) {
        if (!names_option(&options[i], context->argv[*at], &value))
            continue;
        if (options[i].flag) {
            *options[i].flag = true;
            return true;
        }
        if (!value && *at + 1 < context->argc)
            value = context->argv[++*at];
        if (!value) {
            command_fail(EXIT_USAGE, "%s needs a value", options[i].name);
            *bad = true;
        }
        *options[i].value = value;
        return true;
    }
    return false;
}

bool command_words(const struct command_context *context,
                   const struct command_option *options, size_t count,
                   struct buf *words)
{
    bool ended = false, bad = false;

    for (int at = 0; at < context->argc; at++) {
        const char *word = context->argv[at];

        if (!ended && !strcmp(word, "--")) {
            ended = true;
            continue;
        }
        if (!ended && take_option(context, options, count, &at, &bad)) {
            if (bad)
                return false;
            continue;
        }
        if (!ended && !strncmp(word, "--", 2))
            return refuse_option(context, options, count, word);
        if (!words) {
            command_fail(EXIT_USAGE, "%s takes no word \"%s\"", context->name,
                         word);
            return false;
        }
        buf_addf(words, "%s%s", words->len ? " " : "", word);
    }
    return true;
}
