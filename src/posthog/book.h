/* The book of business from PostHog's warehouse: one HogQL query of the
 * user's, read page by page. */
#ifndef TELLTALE_POSTHOG_BOOK_H
#define TELLTALE_POSTHOG_BOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "posthog/talk.h"

/* True for an address that is safe to stand in a query: letters, digits and
 * ._+- around one @, a dot behind it. */
bool book_email_valid(const char *email);

/* Asks for the accounts, a page at a time, and makes a CSV of them. Its
 * fields are its own, but for rows and csv. */
struct book_query {
    struct buf sql, page; /* filled in; of this page */
    char last[129];       /* the key behind which the page begins */
    bool over;
    size_t rows;
    /* A header, all columns of the query under their own names, one row an
     * organisation, ordered by organization_id. */
    struct buf csv;
};

/* {email}, with or without quotes around it, is replaced in sql, which must
 * give columns organization_id and organization_name and carry no LIMIT.
 * False with err, and nothing to close: no e-mail where one is needed, or one
 * that must not stand in a query. */
bool book_query_open(struct book_query *query, const char *sql,
                     const char *email, struct err *err);
void book_query_close(struct book_query *query);
/* The talk that fills in csv; the query must outlive it. */
struct talk book_query_talk(struct book_query *query);

/* Makes csv the file at path, at once or not at all; the one that was there,
 * which a person may have kept, stays beside it as PATH.old. */
bool book_store(const char *path, const struct buf *csv, struct err *err);

#endif
