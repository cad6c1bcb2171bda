/* `telltale accounts`: the book of business as telltale reads it. `list`
 * prints it, `check` says what is wrong with a file, this one or another;
 * `pull`, the only one that changes it, is in pull.c. */
#include "command/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "command/ask.h"
#include "command/destination_target.h"
#include "command/posthog.h"
#include "command/pull.h"
#include "command/unlisted.h"
#include "event/accounts.h"
#include "base/banned.h"

#define NAME_CELLS 32
#define COLUMNS 4

static const char *column(const struct account *account, int which)
{
    switch (which) {
    case 0:
        return account->name;
    case 1:
        return account->owner ? account->owner : "-";
    case 2:
        return account->segment ? account->segment : "-";
    default:
        return account->domains ? account->domains : "-";
    }
}

/* Cells of each column but the last, which is as long as it is. */
static void measure(const struct book *book, int cells[COLUMNS])
{
    for (int c = 0; c < COLUMNS; c++) {
        cells[c] = 0;
        for (size_t i = 0; i < book_count(book); i++) {
            int width = text_width(column(book_at(book, i), c));

            if (width > cells[c])
                cells[c] = width < NAME_CELLS ? width : NAME_CELLS;
        }
    }
}

/* id, name, owner, segment, domains, two blanks between. */
static void print_account(const struct account *account,
                          const int cells[COLUMNS])
{
    struct buf line;

    buf_init(&line, 64 * KIB);
    buf_addf(&line, "%-36s", account->id);
    for (int c = 0; c < COLUMNS; c++) {
        int width;

        buf_adds(&line, "  ");
        width = text_cut(&line, column(account, c), cells[c], "…");
        for (; c < COLUMNS - 1 && width < cells[c]; width++)
            buf_addc(&line, ' ');
    }
    puts(line.data);
    buf_free(&line);
}

/* given: the file was named for this alone, and not by the settings. */
static int fail_unread(const char *path, bool given, const struct err *err)
{
    if (!given && access(path, F_OK) && errno == ENOENT)
        return command_fail(EXIT_CONFIG,
                            "there is no book of accounts at %s: telltale "
                            "accounts pull makes it of what PostHog has, "
                            "--accounts FILE is another",
                            path);
    return command_fail(EXIT_CONFIG, "%s", err->text);
}

static int list(const char *path)
{
    struct book_report report;
    struct err err = {""};
    struct book *book = book_load(path, &report, &err);
    int cells[COLUMNS];

    if (!book)
        return fail_unread(path, false, &err);
    measure(book, cells);
    for (size_t i = 0; i < book_count(book); i++)
        print_account(book_at(book, i), cells);
    fprintf(stderr, "telltale: %zu %s\n", book_count(book),
            book_count(book) == 1 ? "account" : "accounts");
    if (report.problem_count > 0)
        fprintf(stderr, "telltale: %zu %s left out: telltale accounts check\n",
                report.bad_rows + report.duplicates,
                report.bad_rows + report.duplicates == 1 ? "row is"
                                                         : "rows are");
    book_free(book);
    return EXIT_DONE;
}

static size_t with_domains(const struct book *book)
{
    size_t count = 0;

    for (size_t i = 0; i < book_count(book); i++)
        count += book_at(book, i)->domains != NULL;
    return count;
}

static void add_problem(void *ctx, const char *problem)
{
    buf_addf(ctx, "! %s\n", problem);
}

static int check(const char *path, bool given)
{
    struct book_report report;
    struct err err = {""};
    struct buf problems;
    struct book *book;

    buf_init(&problems, 8 * LIMIT_CSV_FILE);
    book = book_load_told(path, &report, add_problem, &problems, &err);
    if (!book) {
        buf_free(&problems);
        return fail_unread(path, given, &err);
    }
    printf("%s: %zu accounts, %zu with e-mail domains, %zu duplicates, "
           "%zu bad rows\n",
           path, book_count(book), with_domains(book), report.duplicates,
           report.bad_rows);
    if (problems.len)
        fputs(problems.data, stdout);
    if (!buf_ok(&problems))
        printf("! and more\n");
    buf_free(&problems);
    book_free(book);
    return report.problem_count > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int update_destination(struct posthog *posthog,
                              const struct config *config)
{
    struct err err = {""};
    struct destination_target target;
    int code;

    if (!destination_target_open(&target, config, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    code = destination_target_apply(&target, posthog, 0);
    destination_target_close(&target);
    return code;
}

/* The book has changed: does PostHog hear of it? Without a public address
 * there is no destination that could. */
static bool wants_update(const struct config *config)
{
    return config_text(config, OPTION_public_url) && ask_possible() &&
           ask_yes("Tell PostHog now?");
}

static int pull(const struct command_context *context)
{
    bool dry = command_flag(context, ARG_accounts_dry_run);
    bool update = command_flag(context, ARG_accounts_update);
    struct pull_result result;
    struct posthog *posthog = command_posthog(context->config);
    int code;

    if (!posthog)
        return EXIT_CONFIG;
    code = pull_accounts(posthog, context->config, dry, &result);
    if (code == EXIT_DONE && !dry &&
        (update || (result.changed && wants_update(context->config))))
        code = update_destination(posthog, context->config);
    posthog_close(posthog);
    return code;
}

static int run(const struct command_context *context, const char *verb,
               const char *file)
{
    const char *path = config_text(context->config, OPTION_accounts);

    if (strcmp(verb, "check") == 0 && *file)
        path = file;
    if (!path)
        return command_fail(EXIT_CONFIG,
                            "no home directory: set HOME or --accounts");
    if (strcmp(verb, "list") == 0)
        return list(path);
    if (strcmp(verb, "check") == 0)
        return check(path, *file);
    if (strcmp(verb, "unlisted") == 0)
        return unlisted_print(context->config);
    return pull(context);
}

int command_accounts(struct command_context *context)
{
    const char *verb;
    struct buf file;
    int code = EXIT_USAGE;

    buf_init(&file, 4 * KIB);
    if (command_words(context, &verb, &file))
        code = run(context, verb, file.data);
    buf_free(&file);
    return code;
}
