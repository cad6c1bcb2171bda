/* Where a PostHog keeps the list of accounts: queries known by a word, and
 * finding out which of them makes sense. */
#ifndef TELLTALE_POSTHOG_BOOK_SQL_H
#define TELLTALE_POSTHOG_BOOK_SQL_H

#include "base/err.h"
#include "posthog/api.h"

/* accounts_sql as set (NULL: not set) → HogQL: the words salesforce, which
 * is also what unset means, and vitally stand for queries of ours; anything
 * else is the query itself. Valid as long as setting is. */
const char *book_sql(const char *setting);

/* The first of the words whose table this PostHog has; NULL: none, with err
 * when it could not be asked, which is empty otherwise. */
const char *book_sql_find(struct posthog *posthog, struct err *err);

#endif
