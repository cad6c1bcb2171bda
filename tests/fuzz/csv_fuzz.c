/* A book of business in any state: whatever is read can be found again, and
 * its texts are harmless. */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/accounts.h"
#include "fuzz.h"
#include "base/banned.h"

static void require_harmless(const char *text)
{
    struct buf again;

    if (!text)
        return;
    buf_init(&again, 4 * LIMIT_TEXT);
    text_sanitise(&again, text, strlen(text), 4 * LIMIT_TEXT);
    REQUIRE(strcmp(again.data, text) == 0);
    buf_free(&again);
}

static void require_found(const struct book *book, size_t index)
{
    const struct account *account = book_at(book, index);

    REQUIRE(*account->id && *account->name && account->line > 0);
    REQUIRE(book_find(book, account->id) == account);
    require_harmless(account->id);
    require_harmless(account->name);
    require_harmless(account->owner);
    require_harmless(account->segment);
    require_harmless(account->arr);
    require_harmless(account->domains);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct book_report report;
    struct err err = {{0}};
    struct book *book;

    if (size > 64 * KIB)
        return 0;
    book = book_read("a.csv", (const char *)data, size, &report, &err);
    if (!book) {
        REQUIRE(strncmp(err.text, "a.csv:", 6) == 0);
        return 0;
    }
    REQUIRE(report.accounts == book_count(book));
    for (size_t i = 0; i < report.problem_count; i++)
        require_harmless(report.problems[i]);
    for (size_t i = 0; i < book_count(book); i++)
        require_found(book, i);
    book_free(book);
    return 0;
}
