/* command: the table of what commands take, and what is made of it: the
 * parser, --help and the manual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/command_option.h"
#include "command/help.h"
#include "config/option.h"

static const struct command *command_of(enum command_id id)
{
    for (size_t i = 0; i < command_count; i++)
        if (commands[i].id == id)
            return &commands[i];
    fail_msg("a row of a command that is not in commands.def");
    return NULL;
}

/* What is complained of is not for the one who reads the tests. */
static int silence(void **state)
{
    (void)state;
    return freopen("/dev/null", "w", stderr) ? 0 : -1;
}

/* Reads up to four words, in one text with blanks between. */
static bool take(struct command_context *context, const struct command *of,
                 const char *line, const char **verb, struct buf *words)
{
    static char text[256];
    static char *argv[5];
    int argc = 0;

    snprintf(text, sizeof text, "%s", line);
    for (char *at = strtok(text, " "); at && argc < 4; at = strtok(NULL, " "))
        argv[argc++] = at;
    *context =
        (struct command_context){.command = of, .argc = argc, .argv = argv};
    return command_words(context, verb, words);
}

/* The first verb the option belongs to, and a blank; or "". */
static void verb_for(const struct command *command, const char *verbs,
                     char out[32])
{
    const struct command_verb *row = command_verb_find(command, NULL);

    out[0] = '\0';
    if (verbs)
        snprintf(out, 32, "%.*s ", (int)strcspn(verbs, " "), verbs);
    else if (row && row->verb)
        snprintf(out, 32, "%s ", row->verb);
}

static void each_option_is_taken_by_its_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMAND_OPTION_COUNT; i++) {
        const struct command_option *row = &command_options[i];
        const struct command *command = command_of(row->command);
        struct command_context context;
        char verb[32], line[128], want[8];

        snprintf(want, sizeof want, "%s", row->argument ? "7" : "");
        verb_for(command, row->verbs, verb);
        snprintf(line, sizeof line, "%s%s %s", verb, row->name, want);
        assert_true(take(&context, command, line, NULL, NULL));
        assert_string_equal(context.given[i], want);
        if (row->argument) {
            snprintf(line, sizeof line, "%s%s=7", verb, row->name);
            assert_true(take(&context, command, line, NULL, NULL));
            assert_string_equal(context.given[i], want);
            snprintf(line, sizeof line, "%s%s", verb, row->name);
            assert_false(take(&context, command, line, NULL, NULL));
        } else {
            snprintf(line, sizeof line, "%s%s=7", verb, row->name);
            assert_false(take(&context, command, line, NULL, NULL));
        }
        if (!row->letter)
            continue;
        snprintf(line, sizeof line, "%s-%c%s", verb, row->letter, want);
        assert_true(take(&context, command, line, NULL, NULL));
        assert_string_equal(context.given[i], want);
    }
}

static bool is_taken(const struct command *command, const char *name)
{
    for (const struct command_option *row = command_options; row->command;
         row++)
        if (row->command == command->id && !strcmp(row->name, name))
            return true;
    return false;
}

static void no_command_takes_what_is_anothers(void **state)
{
    size_t refused = 0;

    (void)state;
    for (size_t c = 0; c < command_count; c++)
        for (const struct command_option *row = command_options; row->command;
             row++) {
            struct command_context context;
            char line[64];

            if (is_taken(&commands[c], row->name))
                continue;
            snprintf(line, sizeof line, "%s 7", row->name);
            assert_false(take(&context, &commands[c], line, NULL, NULL));
            refused++;
        }
    assert_true(refused > 100);
}

static void an_option_of_another_verb_is_refused(void **state)
{
    struct command_context context;
    const char *verb;

    (void)state;
    assert_true(take(&context, command_find("accounts"), "pull --dry-run",
                     &verb, NULL));
    assert_string_equal(verb, "pull");
    assert_true(take(&context, command_find("accounts"), "--dry-run pull",
                     &verb, NULL));
    assert_false(take(&context, command_find("accounts"), "list --dry-run",
                      &verb, NULL));
    assert_false(
        take(&context, command_find("accounts"), "--dry-run", &verb, NULL));
}

static void each_verb_is_taken_and_no_other_word(void **state)
{
    struct command_context context;
    const char *verb;
    struct buf words;

    (void)state;
    buf_init(&words, KIB);
    for (const struct command_verb *row = command_verbs; row->command; row++) {
        const struct command *command = command_of(row->command);
        char line[64];

        if (!row->verb)
            continue;
        buf_clear(&words);
        snprintf(line, sizeof line, "%s a b", row->verb);
        assert_int_equal(take(&context, command, line, &verb, &words),
                         *row->words != '\0');
        assert_string_equal(words.data, *row->words ? "a b" : "");
        assert_true(take(&context, command, row->verb, &verb, &words));
        assert_string_equal(verb, row->verb);
        assert_false(take(&context, command, "nonesuch", &verb, &words));
        assert_true(take(&context, command, "", &verb, &words));
        assert_ptr_equal(command_verb_find(command, verb),
                         command_verb_find(command, NULL));
    }
    assert_false(take(&context, command_find("serve"), "now", NULL, &words));
    buf_free(&words);
}

static void words_of_a_filter_are_joined(void **state)
{
    struct command_context context;
    struct buf words;

    (void)state;
    buf_init(&words, KIB);
    assert_true(take(&context, command_find("tail"), "-category:billing -n 3",
                     NULL, &words));
    assert_string_equal(words.data, "-category:billing");
    assert_string_equal(command_value(&context, ARG_tail_lines), "3");
    assert_false(command_flag(&context, ARG_tail_follow));
    buf_clear(&words);
    assert_true(
        take(&context, command_find("tail"), "a -- --lines -f", NULL, &words));
    assert_string_equal(words.data, "a --lines -f");
    assert_null(command_value(&context, ARG_tail_lines));
    buf_free(&words);
}

/* Verbs that an option names are the command's. */
static void options_name_verbs_that_are_there(void **state)
{
    (void)state;
    for (const struct command_option *row = command_options; row->command;
         row++) {
        char verbs[64];

        snprintf(verbs, sizeof verbs, "%s", row->verbs ? row->verbs : "");
        for (char *at = strtok(verbs, " "); at; at = strtok(NULL, " "))
            assert_non_null(command_verb_find(command_of(row->command), at));
    }
}

static void help_explains(const struct buf *help, const char *left)
{
    char line[128];

    snprintf(line, sizeof line, "\n  %s", left);
    if (!strstr(help->data, line))
        fail_msg("--help has no line of %s", left);
}

static void help_explains_all_that_is_taken(void **state)
{
    (void)state;
    for (size_t c = 0; c < command_count; c++) {
        struct buf help;
        char left[96];

        buf_init(&help, MIB);
        command_help(&commands[c], &help);
        for (const struct command_option *row = command_options; row->command;
             row++) {
            if (row->command != commands[c].id)
                continue;
            snprintf(left, sizeof left, "-%c, %s", row->letter, row->name);
            help_explains(&help, row->letter ? left : row->name);
        }
        for (const struct command_verb *row = command_verbs; row->command;
             row++)
            if (row->command == commands[c].id)
                help_explains(&help, row->verb ? row->verb : row->words);
        buf_free(&help);
    }
}

static void help_says_nothing_twice(void **state)
{
    (void)state;
    for (const struct command_setting *row = command_settings; row->command;
         row++) {
        char flag[OPTION_NAME_SIZE], left[OPTION_NAME_SIZE + 4];
        struct buf help;
        char *at;

        buf_init(&help, MIB);
        for (size_t c = 0; c < command_count; c++)
            if (commands[c].id == row->command)
                command_help(&commands[c], &help);
        option_flag(row->id, flag);
        snprintf(left, sizeof left, "\n  %s", flag);
        at = strstr(help.data, left);
        assert_non_null(at);
        for (at = strstr(at + 1, left); at; at = strstr(at + 1, left))
            assert_null(strchr(" \n", at[strlen(left)]));
        buf_free(&help);
    }
}

static void help_of_watch_explains_backfill(void **state)
{
    struct buf help;

    (void)state;
    buf_init(&help, MIB);
    command_help(command_find("watch"), &help);
    assert_non_null(strstr(help.data, "\n  --backfill T"));
    assert_non_null(strstr(help.data, "\n  --hidden"));
    buf_free(&help);
}

static void help_of_commands_fits_a_terminal(void **state)
{
    (void)state;
    for (size_t c = 0; c < command_count; c++) {
        struct buf help;
        char *end;

        buf_init(&help, MIB);
        command_help(&commands[c], &help);
        end = strstr(help.data, "Settings, as flags:");
        assert_non_null(end);
        *end = '\0';
        for (char *line = strtok(help.data, "\n"); line;
             line = strtok(NULL, "\n"))
            assert_true(strlen(line) < 80);
        buf_free(&help);
    }
}

/* ---- the manual ---- */

/* It as the build makes it, from the tables of this tree. */
static void make_manual(struct buf *out)
{
    const char *tree = getenv("TESTS_SRC");
    char command[4096], piece[4096];
    size_t got;
    FILE *made;

    assert_non_null(tree);
    snprintf(command, sizeof command,
             "awk -v tree='%s' -f '%s/doc/tables.awk' "
             "'%s/doc/telltale.1.in'",
             tree, tree, tree);
    made = popen(command, "r");
    assert_non_null(made);
    while ((got = fread(piece, 1, sizeof piece, made)) > 0)
        buf_add(out, piece, got);
    assert_int_equal(pclose(made), 0);
}

/* text as roff writes it: dashes with a backslash. */
static void add_roff(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_addf(out, "%s%c", *text == '-' ? "\\" : "", *text);
}

/* The part of the manual about the command, up to the next one. */
static char *section_of(const struct buf *manual, const char *name)
{
    char head[64], *start, *end, *copy;

    snprintf(head, sizeof head, "\n.TP\n.B %s\n", name);
    start = strstr(manual->data, head);
    if (!start)
        fail_msg("the manual has no command %s", name);
    copy = strdup(start + strlen(head));
    assert_non_null(copy);
    end = strstr(copy, "\n.TP\n.B ");
    if (end)
        *end = '\0';
    end = strstr(copy, "\n.SH");
    if (end)
        *end = '\0';
    return copy;
}

static void manual_has(const char *section, const char *bold, const char *help)
{
    struct buf want;

    buf_init(&want, 8 * KIB);
    buf_adds(&want, "\"");
    add_roff(&want, bold);
    if (!strstr(section, want.data))
        fail_msg("the manual has no %s", bold);
    buf_clear(&want);
    add_roff(&want, help);
    if (!strstr(section, want.data))
        fail_msg("the manual does not say of %s: %s", bold, help);
    buf_free(&want);
}

static void the_manual_has_all_that_is_taken(void **state)
{
    struct buf manual;

    (void)state;
    buf_init(&manual, MIB);
    make_manual(&manual);
    for (const struct command_option *row = command_options; row->command;
         row++) {
        char *section = section_of(&manual, command_of(row->command)->name);
        char bold[64];

        snprintf(bold, sizeof bold, "-%c, %s", row->letter, row->name);
        manual_has(section, row->letter ? bold : row->name, row->help);
        free(section);
    }
    for (const struct command_verb *row = command_verbs; row->command; row++) {
        char *section = section_of(&manual, command_of(row->command)->name);

        manual_has(section, row->verb ? row->verb : row->words, row->help);
        free(section);
    }
    buf_free(&manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_option_is_taken_by_its_command),
        cmocka_unit_test(no_command_takes_what_is_anothers),
        cmocka_unit_test(an_option_of_another_verb_is_refused),
        cmocka_unit_test(each_verb_is_taken_and_no_other_word),
        cmocka_unit_test(words_of_a_filter_are_joined),
        cmocka_unit_test(options_name_verbs_that_are_there),
        cmocka_unit_test(help_explains_all_that_is_taken),
        cmocka_unit_test(help_says_nothing_twice),
        cmocka_unit_test(help_of_watch_explains_backfill),
        cmocka_unit_test(help_of_commands_fits_a_terminal),
        cmocka_unit_test(the_manual_has_all_that_is_taken),
    };

    return cmocka_run_group_tests(tests, silence, NULL);
}
