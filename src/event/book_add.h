/* How a book is filled. Private to accounts.c and book_read.c. */
#ifndef TELLTALE_BOOK_ADD_H
#define TELLTALE_BOOK_ADD_H

#include "base/mem.h"
#include "event/accounts.h"

struct book *book_new(void);
/* Where the texts of its accounts live. */
struct arena *book_arena(struct book *book);
/* Gives it room, from malloc, for as many accounts as will be added. What is
 * added may stand in that room, at its place or behind it. */
void book_adopt(struct book *book, struct account *room);
/* NULL, or the account that has this id already: then nothing is added. */
const struct account *book_add(struct book *book,
                               const struct account *account);
/* A domain, lower case, living as long as the book, of the account added
 * last; NULL, or the other account that has it: then it leads to neither. */
const struct account *book_add_domain(struct book *book, const char *domain);
/* The same for a project, by its number without zeros in front, of the
 * account in the book that has the id of account. False: no room for more. */
bool book_add_team(struct book *book, const struct account *account,
                   int64_t id, const struct account **other);

#endif
