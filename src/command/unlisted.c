/* Who sends events and is in nobody's book: the book may have a gap, or the
 * destination's filter is too wide. Reads the journal, changes nothing. */
#include "command/unlisted.h"

#include <stdio.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "command/command.h"
#include "event/accounts.h"
#include "journal/reader.h"
#include "base/banned.h"

static const char sql[] =
    "SELECT a.key, a.name, a.last_at, coalesce(sum(d.count), 0) AS events "
    "FROM accounts a LEFT JOIN daily d ON d.account = a.id "
    "GROUP BY a.id ORDER BY events DESC, a.key";

static const char *column(sqlite3_stmt *rows, int which)
{
    const unsigned char *text = sqlite3_column_text(rows, which);

    return text ? (const char *)text : "";
}

static void print_row(sqlite3_stmt *rows)
{
    char last[CLOCK_DATE_SIZE] = "-";

    if (sqlite3_column_type(rows, 2) != SQLITE_NULL)
        clock_date(sqlite3_column_int64(rows, 2), last);
    printf("%8lld  %-10s  %-36s  %s\n",
           (long long)sqlite3_column_int64(rows, 3), last, column(rows, 0),
           column(rows, 1));
}

static int print_rows(struct journal_reader *reader, const struct book *book)
{
    sqlite3_stmt *rows = NULL;
    size_t count = 0;
    int state = sqlite3_prepare_v2(reader_db(reader), sql, -1, &rows, NULL);

    while (state == SQLITE_OK || state == SQLITE_ROW) {
        state = sqlite3_step(rows);
        if (state == SQLITE_ROW && !book_find(book, column(rows, 0))) {
            print_row(rows);
            count++;
        }
    }
    sqlite3_finalize(rows);
    if (state != SQLITE_DONE)
        return command_fail(EXIT_FAILED, "the journal: %s",
                            sqlite3_errmsg(reader_db(reader)));
    fprintf(stderr, "telltale: %zu %s not in the book\n", count,
            count == 1 ? "organisation is" : "organisations are");
    return EXIT_DONE;
}

int unlisted_print(const struct config *config)
{
    const char *path = config_text(config, OPTION_journal);
    const char *accounts = config_text(config, OPTION_accounts);
    struct err err = {""};
    struct journal_reader *reader;
    struct book *book = NULL;
    int code;

    if (!path)
        return command_fail(EXIT_CONFIG,
                            "no home directory: set HOME or --journal");
    if (accounts && !access(accounts, F_OK)) {
        book = book_load(accounts, NULL, &err);
        if (!book)
            return command_fail(EXIT_CONFIG, "%s", err.text);
    }
    reader = reader_open(path, &err);
    code = reader ? print_rows(reader, book)
                  : command_fail(EXIT_FAILED, "%s", err.text);
    reader_close(reader);
    book_free(book);
    return code;
}
