/* The book of business from PostHog's warehouse: one HogQL query of the
 * user's, read page by page. */
#ifndef TELLTALE_POSTHOG_BOOK_H
#define TELLTALE_POSTHOG_BOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "posthog/api.h"

/* What is asked when the settings say nothing else: Salesforce's tables. */
extern const char *const book_sql_salesforce;

/* True for an address that is safe to stand in a query: letters, digits and
 * ._+- around one @, a dot behind it. */
bool book_email_valid(const char *email);

/* Runs sql, in which {email} (with or without quotes around it) is replaced,
 * and appends a CSV with a header: all its columns under their own names, one
 * row an organisation, ordered by organization_id. sql must give columns
 * organization_id and organization_name and carry no LIMIT. False with err;
 * *rows is how many there are. */
bool book_pull(struct posthog *posthog, const char *sql, const char *email,
               struct buf *csv, size_t *rows, struct err *err);

#endif
