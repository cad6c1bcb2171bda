/* The places where a PostHog may keep who looks after which account: a word
 * for accounts_sql each, and the query that reads it. */
#ifndef TELLTALE_POSTHOG_BOOK_SOURCE_H
#define TELLTALE_POSTHOG_BOOK_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* What a query may need to know; NULL or "" is not known. */
struct book_terms {
    const char *email;  /* whose accounts */
    const char *user;   /* the number of that person at PostHog */
    const char *roles;  /* "CSM, Account executive", or "any" */
    const char *mrr;    /* the id of the property that holds it */
    const char *prefix; /* in front of the tables of Salesforce */
};

struct book_source {
    const char *word;  /* for accounts_sql */
    const char *label; /* for people */
    const char *sql;   /* with marks in braces, as book_source_fill() has */
};

#define BOOK_SOURCES 3u
/* In the order in which they are tried. */
extern const struct book_source book_sources[BOOK_SOURCES];
/* Those of PostHog's own, whose relationships have roles. */
#define BOOK_ROLES (&book_sources[0])

/* The one that a setting names; NULL: the setting is a query, or unset. */
const struct book_source *book_source_named(const char *setting);

/* Appends the query without what would end it early, and the marks filled
 * in: {email}, with or without quotes around it, {user}, {roles}, {mrr} and
 * {prefix}. False with err when one is needed that is not known, or must not
 * stand in a query. */
bool book_source_fill(const char *sql, const struct book_terms *terms,
                      struct buf *out, struct err *err);
/* The two that find out what {mrr} and {prefix} are, and the one that names
 * the roles somebody has: {user} in it. */
extern const char book_sql_mrr[], book_sql_prefix[], book_sql_roles[];
/* The number of somebody who is not the owner of the key: {email} in it. */
extern const char book_sql_user[];

/* True for an address that is safe to stand in a query: letters, digits and
 * ._+- around one @, a dot behind it. */
bool book_email_valid(const char *email);

#endif
