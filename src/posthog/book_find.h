/* Which of the places where a PostHog may keep accounts holds somebody's: a
 * sequence that finds out what the queries need to know, counts what each
 * place would give, and takes the first that gives any. */
#ifndef TELLTALE_POSTHOG_BOOK_FIND_H
#define TELLTALE_POSTHOG_BOOK_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "posthog/book_source.h"
#include "posthog/api_sequence.h"

/* Its fields are its own, but for source, accounts and notes. */
struct book_find {
    const struct book_source *candidates;
    size_t count, at;        /* of them; the one that is looked at */
    struct book_source own;  /* a query of the user's */
    struct book_terms terms; /* points to the texts here */
    char email[256], roles[512];
    char user[24], mrr[64], prefix[128];
    size_t step;
    bool once, elsewhere; /* asked in this step; the key is another's */
    struct buf sql;       /* of the question, or of the source */
    int64_t found[BOOK_SOURCES], nameless[BOOK_SOURCES]; /* −1: not there */
    char why[BOOK_SOURCES][160];                         /* it is not */

    const struct book_source *source; /* that was taken; NULL: none is there */
    int64_t accounts;                 /* it gives */
    /* What a person should know, a line each: what the others would have
     * given, who is left out, and why there is nobody. Sanitised. */
    struct buf notes;
};

/* setting is accounts_sql, NULL when unset; roles as in book_terms. False
 * with err, and nothing to close, when the e-mail does not do. */
bool book_find_open(struct book_find *find, const char *setting,
                    const char *email, const char *roles, struct err *err);
void book_find_close(struct book_find *find);
/* The sequence; the find must outlive it. It fails when no source is there. */
struct api_sequence book_find_sequence(struct book_find *find);

#endif
