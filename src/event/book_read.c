/* Reading a CSV into a book. First the header is looked for, wherever it
 * stands and whatever delimits; then every row is read by it; and only when
 * all are there is it known what an id of this book looks like, and so which
 * rows are none. What cells mean is book_columns.c's, book_id.c's and
 * book_row.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/charset.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/accounts.h"
#include "event/book_add.h"
#include "event/book_id.h"
#include "event/book_row.h"
#include "event/book_team.h"
#include "base/banned.h"

#define HEADER_ROWS 200 /* a header is among the first so many */
#define ABANDON_ROWS 4096

/* ---- the header ---- */

enum header_rank { HEADER_NONE, HEADER_GUESSED, HEADER_WEAK, HEADER_SURE };

struct header {
    enum header_rank rank;
    struct book_columns columns;
    unsigned line; /* where the header begins, or the first row if guessed */
    char delimiter;
    unsigned looked; /* rows */
};

static void take_header(struct header *header, enum header_rank rank,
                        const struct book_columns *columns, unsigned line)
{
    if (rank <= header->rank)
        return;
    header->rank = rank;
    header->columns = *columns;
    header->line = line;
}

/* Rows above the header, a report's title for one, are passed over; a file
 * without a header may still show which column holds the ids. */
static enum csv_verdict look_at_row(void *ctx, const struct csv_row *row)
{
    struct header *header = ctx;
    struct book_columns columns;

    if (header->looked++ == HEADER_ROWS)
        return CSV_STOP;
    if (row->open_quote)
        return CSV_TAKEN;
    if (columns_guess(&columns, row)) {
        take_header(header, HEADER_GUESSED, &columns, row->line);
        return CSV_STOP;
    }
    if (columns_read(&columns, row))
        take_header(header, columns.weak_id ? HEADER_WEAK : HEADER_SURE,
                    &columns, row->line);
    return header->rank == HEADER_SURE ? CSV_STOP : CSV_TAKEN;
}

/* The delimiter is the one by which there is a header. */
static void find_header(struct header *best, const char *text, size_t len)
{
    static const char delimiters[] = ",;\t|";

    *best = (struct header){.rank = HEADER_NONE};
    for (const char *at = delimiters; *at; at++) {
        struct header header = {.delimiter = *at};

        csv_read(text, len, *at, look_at_row, &header);
        if (header.rank > best->rank ||
            (header.rank == best->rank && header.rank != HEADER_NONE &&
             header.columns.count > best->columns.count))
            *best = header;
    }
}

/* ---- the rows ---- */

struct bad_row {
    unsigned line;
    const char *what;
};

struct reading {
    struct book *book;
    struct header header;
    struct book_report *report;
    const char *name; /* of the file, without directories */
    book_told *told;
    void *ctx;
    const atomic_bool *abandoned; /* NULL: it is read to its end */

    struct account *accounts;
    size_t count, size;
    struct bad_row *bad;
    size_t bad_count, bad_size;
    size_t uuids, numbers; /* of the ids */
    bool teams_full;
};

/* Looked at every few thousand rows. */
static bool is_abandoned(const struct reading *reading, size_t row)
{
    return row % ABANDON_ROWS == 0 && reading->abandoned &&
           atomic_load(reading->abandoned);
}

static void add_bad(struct reading *reading, unsigned line, const char *what)
{
    if (reading->bad_count == reading->bad_size) {
        reading->bad_size = reading->bad_size ? 2 * reading->bad_size : 64;
        reading->bad = xreallocarray(reading->bad, reading->bad_size,
                                     sizeof *reading->bad);
    }
    reading->bad[reading->bad_count++] = (struct bad_row){line, what};
}

static void add_row(struct reading *reading, const struct account *account)
{
    enum book_id_form form = book_id_form(account->id);

    if (reading->count == reading->size) {
        reading->size = reading->size ? 2 * reading->size : 64;
        reading->accounts = xreallocarray(reading->accounts, reading->size,
                                          sizeof *reading->accounts);
    }
    reading->accounts[reading->count++] = *account;
    reading->uuids += form == BOOK_ID_UUID;
    reading->numbers += form == BOOK_ID_DIGITS;
}

/* Does a line have a UUID where ids are? Quotes are not looked at. */
static bool line_has_id(const struct header *header, const char *line,
                        size_t len, size_t *fields)
{
    bool found = false;
    size_t from = 0;

    *fields = 0;
    for (size_t i = 0; i <= len; i++) {
        char cell[64];

        if (i < len && line[i] != header->delimiter)
            continue;
        if (*fields == header->columns.id && i - from < sizeof cell) {
            memcpy(cell, line + from, i - from);
            cell[i - from] = '\0';
            found = book_id_is_uuid(cell);
        }
        ++*fields;
        from = i + 1;
    }
    return found;
}

static bool has_id(const struct header *header, const struct csv_row *row)
{
    return header->columns.id < row->count &&
           book_id_is_uuid(row->fields[header->columns.id]);
}

/* A row of several lines is a quoted line break, or a quote that was left
 * open and swallowed rows: one of its lines has an id where a row has it or,
 * where ids are no UUIDs, is as long as a row while this one is not. */
static bool swallows_row(const struct header *header,
                         const struct csv_row *row)
{
    const char *at = row->tail, *end = row->tail + row->tail_len;
    size_t columns = header->columns.count, fields;
    bool odd = columns > 1 && row->count != columns && !has_id(header, row);

    while (at < end) {
        size_t len = 0;

        while (at + len < end && at[len] != '\n' && at[len] != '\r')
            len++;
        if (line_has_id(header, at, len, &fields) ||
            (odd && fields >= columns))
            return true;
        at += len + 1;
    }
    return false;
}

static enum csv_verdict read_row(void *ctx, const struct csv_row *row)
{
    struct reading *reading = ctx;
    const struct header *header = &reading->header;
    struct account account;
    const char *wrong;

    if (is_abandoned(reading, row->line))
        return CSV_STOP;
    if (row->line < header->line ||
        (row->line == header->line && header->rank != HEADER_GUESSED))
        return CSV_TAKEN;
    if (row->open_quote) {
        add_bad(reading, row->line, "a quote is opened and never closed");
        return CSV_TAKEN;
    }
    if (row->tail && swallows_row(header, row))
        return CSV_OPEN_QUOTE;
    wrong =
        row_read(&header->columns, row, &account, book_arena(reading->book));
    if (wrong)
        add_bad(reading, row->line, wrong);
    else
        add_row(reading, &account);
    return CSV_TAKEN;
}

/* ---- the book ---- */

static void note(struct reading *reading, unsigned line, const char *what)
{
    struct book_report *report = reading->report;
    size_t most = sizeof report->problems / sizeof *report->problems;
    char said[sizeof *report->problems], problem[sizeof said];
    struct buf clean; /* of what was cut in the middle of a character */

    snprintf(said, sizeof said, "%.48s:%u: %.96s", reading->name, line, what);
    buf_init(&clean, 4 * sizeof said);
    text_sanitise(&clean, said, strlen(said), sizeof said - 1);
    snprintf(problem, sizeof problem, "%s", clean.data);
    buf_free(&clean);
    if (report->problem_count < most)
        memcpy(report->problems[report->problem_count++], problem,
               sizeof problem);
    if (reading->told)
        reading->told(reading->ctx, problem);
}

/* Tells of the rows that were bad before a line. */
static size_t tell_bad(struct reading *reading, size_t from, unsigned line)
{
    while (from < reading->bad_count && reading->bad[from].line < line) {
        reading->report->bad_rows++;
        note(reading, reading->bad[from].line, reading->bad[from].what);
        from++;
    }
    return from;
}

/* What is wrong with an id beside all others of the book, or NULL: an id is a
 * UUID, or what most look like. */
static const char *judge_id(const struct reading *reading,
                            const struct account *account)
{
    enum book_id_form form = book_id_form(account->id);

    if (columns_is_id_name(account->id))
        return "the header again";
    if (form == BOOK_ID_UUID)
        return NULL;
    if (2 * reading->uuids > reading->count)
        return "the organisation id is no UUID, as most are";
    if (form != BOOK_ID_DIGITS && reading->numbers > 2 &&
        2 * reading->numbers > reading->count)
        return "the organisation id is no number, as most are";
    if (reading->uuids && !account->name &&
        reading->header.columns.name != BOOK_NO_COLUMN)
        return "the organisation id is no UUID, and there is no name";
    return NULL;
}

static void add_domains(struct reading *reading, const struct account *account)
{
    struct arena *arena = book_arena(reading->book);
    const char *at = account->domains ? account->domains : "";
    char what[97];

    while (*at) {
        size_t len = strcspn(at, " ");
        const char *domain = arena_strndup(arena, at, len);
        const struct account *other = book_add_domain(reading->book, domain);

        if (other) {
            snprintf(what, sizeof what,
                     "%.40s is in line %u too: not used to find accounts",
                     domain, other->line);
            note(reading, account->line, what);
        }
        at += len;
        at += strspn(at, " ");
    }
}

static void note_team(struct reading *reading, const struct account *account,
                      const char *word, const char *wrong)
{
    char what[97];

    snprintf(what, sizeof what, "\"%s\" is %s", word, wrong);
    note(reading, account->line, what);
}

static void add_team(struct reading *reading, const struct account *account,
                     int64_t number)
{
    const struct account *other;
    char what[97];

    if (!book_add_team(reading->book, account, number, &other)) {
        if (!reading->teams_full)
            note(reading, account->line,
                 "more projects than are kept: those from here are not used");
        reading->teams_full = true;
    } else if (other) {
        snprintf(what, sizeof what,
                 "project %lld is in line %u too: of neither account",
                 (long long)number, other->line);
        note(reading, account->line, what);
    }
}

static void add_teams(struct reading *reading, const struct account *account)
{
    const char *at = account->teams ? account->teams : "";
    char word[TEAM_WORD_SIZE];
    enum team_word kind;
    int64_t number;

    while ((kind = team_next(&at, &number, word)) != TEAM_END) {
        if (kind == TEAM_NUMBER)
            add_team(reading, account, number);
        else if (kind == TEAM_WRONG)
            note_team(reading, account, word, "no project's number");
        else
            note_team(reading, account, word,
                      "one project or two: write them with ;");
    }
}

static void add_account(struct reading *reading, const struct account *account)
{
    struct account named = *account;
    const struct account *other;
    char what[97];

    if (!named.name)
        named.name = named.id;
    other = book_add(reading->book, &named);
    add_teams(reading, &named);
    if (!other) {
        add_domains(reading, &named);
        return;
    }
    reading->report->duplicates++;
    snprintf(what, sizeof what, "the organisation id of line %u again",
             other->line);
    note(reading, named.line, what);
}

static void fill_book(struct reading *reading)
{
    size_t told = 0;

    book_adopt(reading->book, reading->accounts);
    for (size_t i = 0; i < reading->count && !is_abandoned(reading, i); i++) {
        const struct account *account = &reading->accounts[i];
        const char *wrong = judge_id(reading, account);

        told = tell_bad(reading, told, account->line);
        if (wrong) {
            reading->report->bad_rows++;
            note(reading, account->line, wrong);
        } else {
            add_account(reading, account);
        }
    }
    reading->accounts = NULL; /* they are the book's */
    tell_bad(reading, told, (unsigned)-1);
    reading->report->accounts = book_count(reading->book);
}

static bool read_all(struct reading *reading, const char *name,
                     const char *text, size_t len, struct err *err)
{
    find_header(&reading->header, text, len);
    if (reading->header.rank == HEADER_NONE)
        return err_set(err,
                       "%s:1: no column with organisation ids "
                       "(organization_id, Posthog_Org_ID__c …)",
                       name);
    if (!csv_read(text, len, reading->header.delimiter, read_row, reading))
        return err_set(err, "%s: too many quotes that are never closed", name);
    if (reading->header.columns.weak_id && !reading->count &&
        reading->bad_count)
        return err_set(err,
                       "%s:1: no column with organisation ids: those there "
                       "are no UUIDs; call it organization_id",
                       name);
    fill_book(reading);
    return !is_abandoned(reading, 0) || err_set(err, "%s: given up", name);
}

/* how: told, ctx and abandoned, and report or NULL. */
static struct book *read_how(struct reading how, const char *name,
                             const char *text, size_t len, struct err *err)
{
    struct book *book = book_new();
    struct book_report own;
    struct buf utf8;
    bool ok;

    how.book = book;
    how.name = file_base(name);
    how.report = how.report ? how.report : &own;
    memset(how.report, 0, sizeof *how.report);
    buf_init(&utf8, 2 * LIMIT_CSV_FILE);
    ok = charset_add_utf16(&utf8, text, len)
             ? read_all(&how, name, utf8.data, utf8.len, err)
             : read_all(&how, name, text, len, err);
    buf_free(&utf8);
    free(how.bad);
    if (ok)
        return book;
    free(how.accounts);
    book_free(book);
    return NULL;
}

struct book *book_read(const char *name, const char *text, size_t len,
                       struct book_report *report, struct err *err)
{
    return read_how((struct reading){.report = report}, name, text, len, err);
}

struct book *book_load_told(const char *path, struct book_report *report,
                            book_told *told, void *ctx, struct err *err)
{
    size_t len;
    char *text = file_slurp(path, LIMIT_CSV_FILE, &len, err);
    struct book *book;

    if (!text)
        return NULL;
    book =
        read_how((struct reading){.report = report, .told = told, .ctx = ctx},
                 path, text, len, err);
    free(text);
    return book;
}

struct book *book_load_unless(const char *path, struct book_report *report,
                              const atomic_bool *abandoned, struct err *err)
{
    size_t len;
    char *text = file_slurp_unless(path, LIMIT_CSV_FILE, &len, abandoned, err);
    struct book *book;

    if (!text)
        return NULL;
    book = read_how((struct reading){.report = report, .abandoned = abandoned},
                    path, text, len, err);
    free(text);
    return book;
}

struct book *book_load(const char *path, struct book_report *report,
                       struct err *err)
{
    return book_load_told(path, report, NULL, NULL, err);
}
