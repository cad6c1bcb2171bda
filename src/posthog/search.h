/* Our destinations among those of a project: a talk that reads the whole
 * list, and what the list leaves out. */
#ifndef TELLTALE_POSTHOG_SEARCH_H
#define TELLTALE_POSTHOG_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "posthog/talk.h"

struct cJSON;

/* Its fields are its own, but for found. */
struct search {
    const char *name;
    struct buf path;     /* of the next page, or of one destination */
    bool listed;         /* the list is through */
    int lacking;         /* the next of found to look at */
    struct cJSON *found; /* an array of them in order, inputs and all */
};

/* Looks for webhook destinations called name, "name 2", "name 3" …; name is
 * borrowed. */
void search_open(struct search *search, const char *name);
void search_close(struct search *search);
struct talk search_talk(struct search *search);

/* "name" for part 0, "name 2" for part 1 … */
void search_part_name(const char *name, size_t part, struct buf *out);
/* The part's destination, the search's; NULL: there is none. */
const struct cJSON *search_part(const struct search *search, size_t part);
/* Which part a destination is. */
size_t search_part_of(const struct search *search,
                      const struct cJSON *function);

#endif
