/* The book from PostHog: what is new, gone and different in it, then the
 * file. The query is posthog/book's. */
#include "command/pull.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/plan.h"
#include "base/file.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/posthog.h"
#include "config/edit.h"
#include "config/path.h"
#include "event/book_changes.h"
#include "net/control.h"
#include "posthog/api_blocking.h"
#include "posthog/book.h"
#include "posthog/join.h"
#include "base/banned.h"

#define SHOWN_MAX 50

/* The first of many changes are printed, the rest counted. */
static void show(void *ctx, enum book_change change,
                 const struct account *account, const char *what)
{
    static const char marks[] = {'+', '-', '~'};
    size_t *shown = ctx;

    if ((*shown)++ >= SHOWN_MAX)
        return;
    printf("%c %-36s  %s%s%s%s\n", marks[change], account->id, account->name,
           *what ? "  (" : "", what, *what ? ")" : "");
}

/* A telltale that runs would look at the file in a while: it may now. */
static void tell_owner(const struct config *config)
{
    const char *journal = config_text(config, OPTION_journal);
    struct buf reply;

    buf_init(&reply, 64 * KIB);
    if (journal)
        control_ask(journal, "{\"do\":\"reload\"}", &reply, NULL);
    buf_free(&reply);
}

static int conclude(const char *path, const struct buf *csv,
                    const struct book *book,
                    const struct book_changes *changes, bool dry)
{
    struct err err = {""};
    bool any = book_changes_any(changes);

    printf("%zu accounts: %zu new, %zu gone, %zu changed%s\n",
           book_count(book), changes->came, changes->went, changes->other,
           dry && any ? "; nothing was written" : "");
    if (dry || !any)
        return EXIT_DONE;
    if (!book_store(path, csv, &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    printf("written to %s\n", path);
    return EXIT_DONE;
}

/* csv is PostHog's answer; an empty one never replaces a book. */
static int put_book(const struct config *config, const char *path,
                    const struct buf *csv, bool dry, bool *changed)
{
    struct book_changes changes;
    struct err err = {""};
    struct book_report report;
    struct book *before = NULL, *after;
    size_t shown = 0;
    int code;

    after = book_read("PostHog's answer", csv->data, csv->len, &report, &err);
    if (!after)
        return command_fail(EXIT_FAILED, "%s", err.text);
    for (size_t i = 0; i < report.problem_count; i++)
        fprintf(stderr, "telltale: %s\n", report.problems[i]);
    if (!book_count(after)) {
        book_free(after);
        return command_fail(EXIT_FAILED,
                            "the query gives no accounts that can stream: the "
                            "book stays as it is");
    }
    if (!access(path, F_OK))
        before = book_load(path, NULL, &err);
    changes = book_compare(before, after, show, &shown);
    if (shown > SHOWN_MAX)
        printf("  and %zu more\n", shown - SHOWN_MAX);
    *changed = book_changes_any(&changes);
    code = conclude(path, csv, after, &changes, dry);
    if (code == EXIT_DONE && *changed && !dry)
        tell_owner(config);
    book_free(before);
    book_free(after);
    return code;
}

/* In the settings file, where the person finds it. */
static bool keep_index(const struct config *config, struct err *err)
{
    const char *path = config_text(config, OPTION_config);
    struct buf text;
    bool changed = false, ok = path != NULL;
    size_t len;
    char *old;

    buf_init(&text, LIMIT_CONFIG_FILE);
    if (path && !access(path, F_OK)) {
        old = file_slurp(path, LIMIT_CONFIG_FILE, &len, err);
        ok = old && buf_add(&text, old, len);
        free(old);
    }
    if (ok) {
        edit_put(&text, config, OPTION_posthog_group_index, &changed);
        ok = path_make_parents(path, err) &&
             config_write_file(path, text.data, text.len, err);
    }
    buf_free(&text);
    return ok;
}

/* The group that joins is taken, unless somebody has set one. */
static void take_index(struct config *config, const struct join *join)
{
    char index[2] = {(char)('0' + join->best), '\0'};
    struct err err = {""};

    config_set(config, OPTION_posthog_group_index, index, "PostHog", NULL);
    if (keep_index(config, &err))
        printf("group        the organisation is $group_%s (group_index = %s, "
               "kept in %s)\n",
               index, index, config_text(config, OPTION_config));
    else
        fprintf(stderr, "telltale: group_index = %s is not kept: %s\n", index,
                err.text);
}

/* Do its ids mean anything there? What is wrong is said, and no more: the
 * book is what PostHog says it is. */
static void say_join(struct posthog *posthog, struct config *config, bool dry,
                     const struct buf *csv)
{
    struct book *book =
        book_read("PostHog's answer", csv->data, csv->len, NULL, NULL);
    struct err err = {""};
    struct join join;
    struct buf line;

    if (!join_ask(posthog, book, &join, &err)) {
        printf("~ whether the accounts send events: %s\n", err.text);
        book_free(book);
        return;
    }
    if (!dry && !config_text(config, OPTION_posthog_group_index) &&
        join_is_elsewhere(&join, 0))
        take_index(config, &join);
    buf_init(&line, 4 * KIB);
    join_say(&join, group_index(config), &line);
    fputs(line.data, stdout);
    buf_free(&line);
    book_free(book);
}

/* Which place was taken, and what a person should know of it. */
static void say_found(const struct book_query *query, const char **word)
{
    *word = query->find.source ? query->find.source->word : "";
    fputs(query->find.notes.data, stdout);
}

int pull_accounts(struct posthog *posthog, struct config *config, bool dry,
                  struct pull_result *result)
{
    const char *path = config_text(config, OPTION_accounts);
    struct book_query query;
    struct api_sequence sequence;
    struct err err = {""};
    int code;

    *result = (struct pull_result){.word = ""};
    if (!path)
        return command_fail(EXIT_CONFIG,
                            "no home directory: set HOME or --accounts");
    if (!book_query_open(&query,
                         config_text(config, OPTION_posthog_accounts_sql),
                         config_text(config, OPTION_posthog_owner),
                         config_text(config, OPTION_posthog_role), &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    sequence = book_query_sequence(&query);
    code = posthog_run(posthog, &sequence, &err);
    say_found(&query, &result->word);
    if (code)
        code = put_book(config, path, &query.csv, dry, &result->changed);
    else
        code = posthog_failed(posthog, &err);
    if (code == EXIT_DONE)
        say_join(posthog, config, dry, &query.csv);
    book_query_close(&query);
    return code;
}
