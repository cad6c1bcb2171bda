/* The book from PostHog: what is new, gone and different in it, then the
 * file. The query is posthog/book's. */
#include "command/pull.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "command/command.h"
#include "config/path.h"
#include "event/accounts.h"
#include "posthog/book.h"
#include "posthog/book_sql.h"
#include "base/banned.h"

#define SHOWN_MAX 50

struct changes {
    size_t came, went, other, shown;
};

/* The first of many changes are printed, the rest counted. */
static void show(struct changes *changes, char mark,
                 const struct account *account, const char *what)
{
    if (changes->shown++ < SHOWN_MAX)
        printf("%c %-36s  %s%s\n", mark, account->id, account->name, what);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static const char *difference(const struct account *before,
                              const struct account *after)
{
    if (!same(before->name, after->name))
        return "  (another name)";
    if (!same(before->owner, after->owner))
        return "  (another owner)";
    if (!same(before->segment, after->segment))
        return "  (another segment)";
    if (!same(before->arr, after->arr))
        return "  (another ARR)";
    return same(before->domains, after->domains) ? NULL : "  (other domains)";
}

static void compare(const struct book *before, const struct book *after,
                    struct changes *changes)
{
    for (size_t i = 0; i < book_count(after); i++) {
        const struct account *account = book_at(after, i);
        const struct account *old = book_find(before, account->id);
        const char *what = old ? difference(old, account) : NULL;

        if (!old) {
            changes->came++;
            show(changes, '+', account, "");
        } else if (what) {
            changes->other++;
            show(changes, '~', account, what);
        }
    }
    for (size_t i = 0; i < book_count(before); i++)
        if (!book_find(after, book_at(before, i)->id)) {
            changes->went++;
            show(changes, '-', book_at(before, i), "");
        }
    if (changes->shown > SHOWN_MAX)
        printf("  and %zu more\n", changes->shown - SHOWN_MAX);
}

/* The book as it was stays at hand: it may have been kept by hand. */
static bool keep_old(const char *path, struct err *err)
{
    struct buf old;
    size_t len;
    char *text;
    bool ok;

    if (access(path, F_OK))
        return path_make_parents(path, err);
    text = file_slurp(path, LIMIT_CSV_FILE, &len, err);
    if (!text)
        return false;
    buf_init(&old, 16 * KIB);
    buf_addf(&old, "%s.old", path);
    ok = config_write_file(old.data, text, len, err);
    buf_free(&old);
    free(text);
    return ok;
}

static int conclude(const char *path, const struct buf *csv,
                    const struct book *book, const struct changes *changes,
                    bool dry)
{
    struct err err = {""};
    bool any = changes->came + changes->went + changes->other > 0;

    printf("%zu accounts: %zu new, %zu gone, %zu changed%s\n",
           book_count(book), changes->came, changes->went, changes->other,
           dry && any ? "; nothing was written" : "");
    if (dry || !any)
        return EXIT_DONE;
    if (!keep_old(path, &err) ||
        !config_write_file(path, csv->data, csv->len, &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    printf("written to %s; telltale destination update tells PostHog\n",
           path);
    return EXIT_DONE;
}

/* csv is PostHog's answer; an empty one never replaces a book. */
static int put_book(const char *path, const struct buf *csv, bool dry,
                    bool *changed)
{
    struct changes changes = {0};
    struct err err = {""};
    struct book_report report;
    struct book *before = NULL, *after;
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
    compare(before, after, &changes);
    *changed = changes.came + changes.went + changes.other > 0;
    code = conclude(path, csv, after, &changes, dry);
    book_free(before);
    book_free(after);
    return code;
}

int pull_accounts(struct posthog *posthog, const struct config *config,
                  bool dry, bool *changed)
{
    const char *path = config_text(config, OPTION_accounts);
    const char *sql = config_text(config, OPTION_posthog_accounts_sql);
    struct err err = {""};
    struct buf csv;
    size_t rows;
    int code;

    *changed = false;
    if (!path)
        return command_fail(EXIT_CONFIG,
                            "no home directory: set HOME or --accounts");
    buf_init(&csv, LIMIT_CSV_FILE);
    if (!book_pull(posthog, book_sql(sql),
                   config_text(config, OPTION_posthog_owner), &csv, &rows,
                   &err))
        code = command_fail(EXIT_FAILED, "%s", err.text);
    else
        code = put_book(path, &csv, dry, changed);
    buf_free(&csv);
    return code;
}
