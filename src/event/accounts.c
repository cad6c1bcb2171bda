/* The book of business: accounts in the order of the file, found by id and
 * by e-mail domain. What a CSV looks like is base/csv.c's and book_row.c's;
 * when to read it again is the caller's. */
#include "event/accounts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/book_row.h"
#include "base/banned.h"

/* A key and the account it leads to; NULL key: a free place. */
struct place {
    const char *key;
    size_t account;
    bool shared; /* a domain of two accounts leads to neither */
};

struct places {
    struct place *places;
    size_t count, size; /* size: a power of two, or 0 */
};

struct book {
    struct arena arena;
    struct account *accounts;
    size_t count;
    struct places ids, domains;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t hash(const char *key, size_t len)
{
    uint64_t value = 14695981039346656037u;

    for (size_t i = 0; i < len; i++)
        value = (value ^ (unsigned char)lower(key[i])) * 1099511628211u;
    return (size_t)(value ^ value >> 32);
}

static bool same(const char *key, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (key[i] != lower(text[i]))
            return false;
    return !key[len];
}

/* The place of a key, in any case: taken, or the free one for it. */
static struct place *find_place(const struct places *table, const char *key,
                                size_t len)
{
    size_t at = hash(key, len) & (table->size - 1);

    while (table->places[at].key && !same(table->places[at].key, key, len))
        at = (at + 1) & (table->size - 1);
    return &table->places[at];
}

static void grow(struct places *table)
{
    struct places old = *table;

    if (2 * (table->count + 1) <= table->size)
        return;
    table->size = old.size ? 2 * old.size : 64;
    table->places = xcalloc(table->size, sizeof *table->places);
    for (size_t i = 0; i < old.size; i++)
        if (old.places[i].key)
            *find_place(table, old.places[i].key, strlen(old.places[i].key)) =
                old.places[i];
    free(old.places);
}

/* Returns the place of key, new (leading to account) or old. key is lower
 * case and outlives the table. */
static struct place *take_place(struct places *table, const char *key,
                                size_t account)
{
    struct place *place;

    grow(table);
    place = find_place(table, key, strlen(key));
    if (!place->key) {
        *place = (struct place){.key = key, .account = account};
        table->count++;
    }
    return place;
}

/* ---- reading ---- */

struct reading {
    struct book *book;
    struct book_columns columns;
    struct book_report *report;
    const char *name; /* of the file, without directories */
    size_t size;      /* of book->accounts */
    bool has_columns;
};

static void note(struct reading *reading, unsigned line, const char *what)
{
    struct book_report *report = reading->report;
    size_t most = sizeof report->problems / sizeof *report->problems;

    if (report->problem_count < most)
        snprintf(report->problems[report->problem_count++],
                 sizeof *report->problems, "%.48s:%u: %.96s", reading->name,
                 line, what);
}

static void bad_row(struct reading *reading, unsigned line, const char *what)
{
    reading->report->bad_rows++;
    note(reading, line, what);
}

/* A domain that two accounts claim would tell half the people wrong. */
static void add_domains(struct reading *reading, size_t index)
{
    struct book *book = reading->book;
    const struct account *account = &book->accounts[index];
    const char *at = account->domains ? account->domains : "";
    char what[97];

    while (*at) {
        size_t len = strcspn(at, " ");
        struct place *place =
            take_place(&book->domains, arena_strndup(&book->arena, at, len),
                       index);

        if (place->account != index && !place->shared) {
            place->shared = true;
            snprintf(what, sizeof what,
                     "%.40s is in line %u too: not used to find accounts",
                     place->key, book->accounts[place->account].line);
            note(reading, account->line, what);
        }
        at += len;
        at += strspn(at, " ");
    }
}

static void add_account(struct reading *reading, const struct account *account)
{
    struct book *book = reading->book;
    const struct place *place =
        take_place(&book->ids, account->id, book->count);
    char what[97];

    if (place->account != book->count) {
        reading->report->duplicates++;
        snprintf(what, sizeof what, "the organisation id of line %u again",
                 book->accounts[place->account].line);
        note(reading, account->line, what);
        return;
    }
    if (book->count == reading->size) {
        reading->size = reading->size ? 2 * reading->size : 64;
        book->accounts = xreallocarray(book->accounts, reading->size,
                                       sizeof *book->accounts);
    }
    book->accounts[book->count++] = *account;
    add_domains(reading, book->count - 1);
}

static void read_data(struct reading *reading, const struct csv_row *row)
{
    struct account account;
    const char *wrong =
        row_read(&reading->columns, row, &account, &reading->book->arena);

    if (wrong)
        bad_row(reading, row->line, wrong);
    else
        add_account(reading, &account);
}

/* Rows above the header, a report's title for one, are passed over; a file
 * without a header may still show which column holds the ids. */
static void read_row(void *ctx, const struct csv_row *row)
{
    struct reading *reading = ctx;

    if (row->open_quote) {
        bad_row(reading, row->line, "a quote is opened and never closed");
    } else if (reading->has_columns) {
        read_data(reading, row);
    } else if (columns_read(&reading->columns, row)) {
        reading->has_columns = true;
    } else if (columns_guess(&reading->columns, row)) {
        reading->has_columns = true;
        read_data(reading, row);
    }
}

static bool read_all(struct reading *reading, const char *name,
                     const char *text, size_t len, struct err *err)
{
    if (len >= 2 &&
        (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return err_set(err, "%s:1: this is UTF-16; save it as CSV UTF-8",
                       name);
    if (!csv_read(text, len, read_row, reading))
        return err_set(err, "%s: too many quotes that are never closed", name);
    if (!reading->has_columns)
        return err_set(err,
                       "%s:1: no column with organisation ids "
                       "(organization_id, Posthog_Org_ID__c …)",
                       name);
    if (reading->columns.weak_id && reading->book->count == 0 &&
        reading->report->bad_rows > 0)
        return err_set(err,
                       "%s:1: no column with organisation ids: those there "
                       "are no UUIDs; call it organization_id",
                       name);
    return true;
}

struct book *book_read(const char *name, const char *text, size_t len,
                       struct book_report *report, struct err *err)
{
    struct book *book = xcalloc(1, sizeof *book);
    struct book_report own;
    struct reading reading = {.book = book,
                              .report = report ? report : &own,
                              .name = file_base(name)};

    memset(reading.report, 0, sizeof *reading.report);
    if (!read_all(&reading, name, text, len, err)) {
        book_free(book);
        return NULL;
    }
    reading.report->accounts = book->count;
    return book;
}

struct book *book_load(const char *path, struct book_report *report,
                       struct err *err)
{
    size_t len;
    char *text = file_slurp(path, LIMIT_CSV_FILE, &len, err);
    struct book *book;

    if (!text)
        return NULL;
    book = book_read(path, text, len, report, err);
    free(text);
    return book;
}

void book_free(struct book *book)
{
    if (!book)
        return;
    arena_free(&book->arena);
    free(book->accounts);
    free(book->ids.places);
    free(book->domains.places);
    free(book);
}

/* ---- finding ---- */

size_t book_count(const struct book *book)
{
    return book ? book->count : 0;
}

const struct account *book_at(const struct book *book, size_t index)
{
    return &book->accounts[index];
}

static const struct account *lookup(const struct book *book,
                                    const struct places *table,
                                    const char *key, size_t len)
{
    const struct place *place;

    if (table->size == 0)
        return NULL;
    place = find_place(table, key, len);
    if (!place->key || place->shared)
        return NULL;
    return &book->accounts[place->account];
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

const struct account *book_find(const struct book *book, const char *id)
{
    size_t len;

    if (!book || !id)
        return NULL;
    while (blank(*id))
        id++;
    len = strlen(id);
    while (len > 0 && blank(id[len - 1]))
        len--;
    return lookup(book, &book->ids, id, len);
}

/* A domain of the book covers what is below it: eu.acme.example belongs to
 * acme.example. */
const struct account *book_find_email(const struct book *book,
                                      const char *email)
{
    const char *domain = email ? strrchr(email, '@') : NULL;
    const struct account *account = NULL;

    if (!book || !domain || accounts_free_mail(domain + 1))
        return NULL;
    while (domain && strchr(domain + 1, '.') && !account) {
        size_t len = strlen(domain + 1);

        while (len > 0 && (blank(domain[len]) || domain[len] == '.'))
            len--;
        account = lookup(book, &book->domains, domain + 1, len);
        domain = strchr(domain + 1, '.');
    }
    return account;
}
