/* The book of business: the accounts somebody owns, from a CSV. */
#ifndef TELLTALE_ACCOUNTS_H
#define TELLTALE_ACCOUNTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct account {
    const char *id;      /* organisation id, trimmed, lower case */
    const char *written; /* the same in the book's own letters, for whoever
                            compares them one by one; id where it is so */
    const char *name;    /* sanitised; the id when the CSV has none */
    const char *owner;   /* e-mail, or the name the CSV has, or NULL */
    const char *segment; /* or NULL */
    const char *arr;     /* as written, or NULL */
    const char *domains; /* blank-separated e-mail domains, or NULL */
    const char *teams;   /* its projects, as written, or NULL */
    unsigned line;       /* in the CSV */
};

struct book;

/* Called for every row that is left out, or not wholly taken, in the order of
 * the file: "accounts.csv:12: no organisation id", sanitised. */
typedef void book_told(void *ctx, const char *problem);

/* What a reading found, for `accounts check` and the title row. */
struct book_report {
    size_t accounts, duplicates, bad_rows;
    /* Up to 20 lines "accounts.csv:12: no organisation id", sanitised. */
    char problems[20][160];
    size_t problem_count;
};

/* Reads a CSV: any column order, the names that HubSpot, Salesforce, Vitally
 * and PostHog give columns, a title above them or none; UTF-8 or UTF-16, with
 * a BOM or without, Windows-1252; comma, semicolon, tab or bar; quotes with
 * newlines, CRLF. Rows that are no account are reported and left out: no id,
 * a sum, an id unlike most others; the first of duplicates stays. NULL when
 * the file cannot be read or has no organisation id column; err is
 * "file:line: what". report may be NULL. */
struct book *book_load(const char *path, struct book_report *report,
                       struct err *err);
struct book *book_read(const char *name, const char *text, size_t len,
                       struct book_report *report, struct err *err);
/* book_load() on a thread that others wait for: NULL, and err says that it is
 * given up, soon after *abandoned is set. */
struct book *book_load_unless(const char *path, struct book_report *report,
                              const atomic_bool *abandoned, struct err *err);
/* book_load() that tells what report has no room for, too. */
struct book *book_load_told(const char *path, struct book_report *report,
                            book_told *told, void *ctx, struct err *err);
void book_free(struct book *book); /* NULL is allowed */

size_t book_count(const struct book *book); /* 0 for NULL */
/* In the order of the file; valid while the book lives. */
const struct account *book_at(const struct book *book, size_t index);
/* By organisation id in any case, padded or not, a UUID with or without its
 * dashes; NULL: not in the book. */
const struct account *book_find(const struct book *book, const char *id);
/* By the domain of an e-mail address: only domains that columns of
 * the CSV list (domain, website …) for one account, or what is below them;
 * never a free-mail domain. */
const struct account *book_find_email(const struct book *book,
                                      const char *email);
/* The projects that columns of the CSV (team_id, project_ids …) give to one
 * account, in no order: true with the next one, *cursor begins at 0. A project
 * that two accounts claim is of neither. */
bool book_next_team(const struct book *book, size_t *cursor, int64_t *id,
                    const struct account **account);
/* True for gmail.com and its like. */
bool accounts_free_mail(const char *domain);

#endif
