/* Our destinations among those of a project: a sequence that reads the whole
 * list, and what the list leaves out. */
#ifndef TELLTALE_POSTHOG_SEARCH_H
#define TELLTALE_POSTHOG_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "posthog/api_sequence.h"

struct cJSON;

/* Its fields are its own, but for found. */
struct search {
    const char *name;
    struct buf path;     /* of the next page, or of one destination */
    bool listed;         /* the list is through */
    int lacking;         /* the next of found to look at */
    struct cJSON *found; /* an array of them in order, inputs and all */
};

/* A part: which kind of destination, and which of several of that kind. */
#define SEARCH_PARTS_MAX ((size_t)1000) /* of a kind */
static inline size_t search_part_number(size_t kind, size_t at)
{
    return kind * SEARCH_PARTS_MAX + at;
}

/* Looks for webhook destinations called as search_part_name() says; name is
 * borrowed. */
void search_open(struct search *search, const char *name);
void search_close(struct search *search);
struct api_sequence search_sequence(struct search *search);

/* "name", "name 2", "name 3" …; "name docs", "name docs 2" …; and "name
 * projects" for the third kind. */
void search_part_name(const char *name, size_t part, struct buf *out);
/* The one that is called so, the search's; NULL: there is none. */
const struct cJSON *search_called(const struct search *search,
                                  const char *name);
/* Which part a destination is. */
size_t search_part_of(const struct search *search,
                      const struct cJSON *function);

#endif
