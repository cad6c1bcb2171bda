/* The book from PostHog: what is new, gone and different in it, then the
 * file. The query is posthog/book's. */
#include "command/pull.h"

#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "command/command.h"
#include "event/book_changes.h"
#include "net/control.h"
#include "posthog/book.h"
#include "posthog/book_sql.h"
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
                            "the query gives no accounts: the book stays as "
                            "it is");
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

int pull_accounts(struct posthog *posthog, const struct config *config,
                  bool dry, bool *changed)
{
    const char *path = config_text(config, OPTION_accounts);
    const char *sql = config_text(config, OPTION_posthog_accounts_sql);
    struct book_query query;
    struct talk talk;
    struct err err = {""};
    int code;

    *changed = false;
    if (!path)
        return command_fail(EXIT_CONFIG,
                            "no home directory: set HOME or --accounts");
    if (!book_query_open(&query, book_sql(sql),
                         config_text(config, OPTION_posthog_owner), &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    talk = book_query_talk(&query);
    if (posthog_hold(posthog, &talk, &err))
        code = put_book(config, path, &query.csv, dry, changed);
    else
        code = command_fail(EXIT_FAILED, "%s", err.text);
    book_query_close(&query);
    return code;
}
