/* The book of business from PostHog: the place where it is kept is found, and
 * read page by page. */
#ifndef TELLTALE_POSTHOG_BOOK_H
#define TELLTALE_POSTHOG_BOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "posthog/book_find.h"
#include "posthog/api_sequence.h"

/* Asks for the accounts, a page at a time, and makes a CSV of them. Its
 * fields are its own, but for find's (see there), rows and csv. It points
 * into itself: it stays where it was opened. */
struct book_query {
    struct book_find find;
    struct api_sequence finding;
    bool is_found;
    struct buf sql, page; /* filled in; of this page */
    char last[129];       /* the key behind which the page begins */
    bool over;
    size_t rows;
    /* A header, all columns of the query under their own names, one row an
     * organisation, ordered by organization_id. */
    struct buf csv;
};

/* setting is accounts_sql: a word of book_source.h, a query that gives
 * columns organization_id and organization_name and carries no LIMIT, or
 * NULL: the places are tried in order. roles as in book_terms. False with
 * err, and nothing to close: no e-mail where one is needed, or one that must
 * not stand in a query. */
bool book_query_open(struct book_query *query, const char *setting,
                     const char *email, const char *roles, struct err *err);
void book_query_close(struct book_query *query);
/* The sequence that fills in csv; the query must outlive it. */
struct api_sequence book_query_sequence(struct book_query *query);

/* Makes csv the file at path, at once or not at all; the one that was there,
 * which a person may have kept, stays beside it as PATH.old. */
bool book_store(const char *path, const struct buf *csv, struct err *err);

#endif
