/* Which project of a customer is whose: for the few events that carry the
 * number of a project (team_id) and neither an organisation nor a person. */
#ifndef TELLTALE_TEAMS_H
#define TELLTALE_TEAMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "event/accounts.h"

struct team {
    int64_t id;
    const char *account; /* organisation id, lower case */
};

struct teams;

/* Reads a CSV of team_id and organization_id, in that order, with or without
 * a header. NULL with err "file:line: what" when it cannot be read, or a row
 * makes no sense. Text ends with a NUL behind len bytes. */
struct teams *teams_load(const char *path, struct err *err);
struct teams *teams_read(const char *name, const char *text, size_t len,
                         struct err *err);
/* Adds those that columns of the book name; those that were there win. *teams
 * may be NULL, and is where there are none. */
void teams_add_book(struct teams **teams, const struct book *book);
void teams_free(struct teams *teams); /* NULL is allowed */

size_t teams_count(const struct teams *teams); /* 0 for NULL */
/* In order of their numbers. Valid while the teams live. */
struct team teams_at(const struct teams *teams, size_t index);
/* The organisation of a project; NULL: not known. */
const char *teams_account(const struct teams *teams, int64_t id);

#endif
