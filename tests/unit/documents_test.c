/* Every command line of telltale's that a document shows is one that telltale
 * takes: read by the tables, as main.c does, and not run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "command/command.h"
#include "config/config.h"

#define WORDS_MAX 32

/* What is complained of is not for the one who reads the tests. */
static int silence(void **state)
{
    (void)state;
    return freopen("/dev/null", "w", stderr) ? 0 : -1;
}

/* ---- a line into words ---- */

/* One word as a shell would read it, its quotes taken off in place; NULL at
 * the end, and where the command line ends: at a comment, a pipe, another
 * command. */
static char *next_word(char **line)
{
    char *at = *line, *word, *to, quote = '\0';

    at += strspn(at, " \t");
    if (!*at || strchr("#|>;&<)", *at))
        return NULL;
    word = to = at;
    for (; *at && (quote || !strchr(" \t;|)", *at)); at++) {
        if (quote ? *at == quote : *at == '"' || *at == '\'')
            quote = quote ? '\0' : *at;
        else
            *to++ = *at;
    }
    if (*at && strchr(" \t", *at))
        at++;
    *to = '\0';
    *line = at;
    return word;
}

static int split(char *line, char **words)
{
    int count = 0;
    char *word;

    while (count < WORDS_MAX && (word = next_word(&line)))
        words[count++] = word;
    words[count] = NULL;
    return count;
}

/* ---- is it taken ---- */

/* `check --journal` without a file, as main.c has it. */
static void name_salvage(char **words, int count)
{
    static char salvage[] = "--salvage";

    if (count > 2 && !strcmp(words[1], "check") &&
        !strcmp(words[count - 1], "--journal"))
        words[count - 1] = salvage;
}

/* The settings file of an example is not there. */
static int leave_out_file(char **words, int count)
{
    int kept = 0;

    for (int i = 0; i < count; i++)
        if (!strcmp(words[i], "--config") && i + 1 < count)
            i++;
        else
            words[kept++] = words[i];
    words[kept] = NULL;
    return kept;
}

static bool words_are_taken(struct config *config, int count, char **words)
{
    const struct command *named = count > 1 ? command_find(words[1]) : NULL;
    int first = named ? 2 : 1;
    struct command_context context = {.config = config};
    const char *verb;
    struct buf rest;
    bool taken;

    if (count > 1 && !named && words[1][0] != '-')
        return false;
    context.command = named ? named : &commands[0];
    context.argc = count - first;
    context.argv = words + first;
    buf_init(&rest, 8 * KIB);
    taken = command_words(&context, &verb, &rest);
    buf_free(&rest);
    return taken;
}

static bool is_taken(const char *text)
{
    char line[1024], *words[WORDS_MAX + 1];
    struct config *config;
    struct err err;
    int count, code;
    bool taken;

    snprintf(line, sizeof line, "%s", text);
    count = split(line, words);
    for (int i = 0; i < count; i++)
        if (!strcmp(words[i], "--help") || !strcmp(words[i], "--version"))
            return true;
    name_salvage(words, count);
    count = leave_out_file(words, count);
    config = config_load(&count, words, &code, &err);
    if (!config)
        return false;
    taken = words_are_taken(config, count, words);
    config_free(config);
    return taken;
}

/* ---- what documents show ---- */

static size_t lines, wrong;

/* Words left out ("…") and sets of words ("[X]") are no command lines, nor is
 * the name of the event that tells of silence. */
static void look_at(const char *name, const char *text, size_t len)
{
    char line[1024];

    snprintf(line, sizeof line, "%.*s", (int)len, text);
    for (char *at = line; *at; at++)
        if (*at == '\n')
            *at = ' ';
    if (strncmp(line, "telltale ", 9) || strstr(line, "…") ||
        strchr(line, '[') || strstr(line, " COMMAND") ||
        !strcmp(line, "telltale silence"))
        return;
    lines++;
    if (is_taken(line))
        return;
    wrong++;
    printf("# %s shows what telltale does not take: %s\n", name, line);
}

/* A block of code, a command a line; returns where it ends. */
static const char *look_into_block(const char *name, const char *at)
{
    while (*at && strncmp(at, "```", 3)) {
        size_t len = strcspn(at, "\n"), skip = strspn(at, " ");

        if (!strncmp(at + skip, "```", 3))
            return at + skip + 3;
        if (!strncmp(at + skip, "sudo ", 5))
            skip += 5;
        look_at(name, at + skip, len - skip);
        at += len + (at[len] == '\n');
    }
    return *at ? at + 3 : at;
}

static void look_into(const char *name, const char *text)
{
    const char *at = text;

    while ((at = strchr(at, '`'))) {
        if (!strncmp(at, "```", 3)) {
            at = look_into_block(name, at + strcspn(at, "\n"));
        } else {
            size_t len = strcspn(++at, "`");

            look_at(name, at, len);
            at += len + (at[len] == '`');
        }
    }
}

static void documents_show_what_is_taken(void **state)
{
    const char *tree = getenv("TESTS_SRC");
    char pattern[4096];
    glob_t found;

    (void)state;
    assert_non_null(tree);
    snprintf(pattern, sizeof pattern, "%s/*.md", tree);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    snprintf(pattern, sizeof pattern, "%s/doc/*.md", tree);
    assert_int_equal(glob(pattern, GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct err err = {""};
        size_t len;
        char *text = file_slurp(found.gl_pathv[i], MIB, &len, &err);

        if (!text)
            fail_msg("%s", err.text);
        look_into(file_base(found.gl_pathv[i]), text);
        free(text);
    }
    globfree(&found);
    assert_int_equal(wrong, 0);
    assert_true(lines > 40);
}

static void what_is_not_taken_is_noticed(void **state)
{
    (void)state;
    assert_false(is_taken("telltale wacht"));
    assert_false(is_taken("telltale tail --nonsense"));
    assert_false(is_taken("telltale tail -n"));
    assert_false(is_taken("telltale serve now"));
    assert_false(is_taken("telltale check --screen-theme"));
    assert_false(is_taken("telltale accounts nonsense # pull"));
    assert_true(is_taken("telltale"));
    assert_true(is_taken("telltale check --journal"));
    assert_true(is_taken("telltale tail --since '2026-09-14 08:30' | wc -l"));
    assert_true(is_taken("telltale accounts pull # nonsense"));
    assert_true(is_taken("telltale --config north.ini serve"));
    assert_false(is_taken("telltale --config north.ini sreve"));
}

static void every_place_of_a_command_line_is_looked_at(void **state)
{
    (void)state;
    lines = 0;
    look_into("x", "Say `telltale tail` or `telltale\ncheck`.\n"
                   "```sh\ntelltale serve   # here\n"
                   "  sudo telltale serve\nnot telltale\n```\n"
                   "and `telltale accounts pull`, `telltale COMMAND`.\n"
                   "1. x\n   ```\n   telltale tail -n 3\n   ```\n"
                   "`telltale tail -f`\n");
    assert_int_equal(lines, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_of_a_command_line_is_looked_at),
        cmocka_unit_test(what_is_not_taken_is_noticed),
        cmocka_unit_test(documents_show_what_is_taken),
    };

    return cmocka_run_group_tests_name("documents", tests, silence, NULL);
}
