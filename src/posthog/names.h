/* The names of the events that PostHog is asked for: the catalogue's, letter
 * by letter. PostHog compares names so in a filter, and finds them by an
 * index so in a query; a '*' of the catalogue stands for the names that are
 * known to matter. */
#ifndef TELLTALE_POSTHOG_NAMES_H
#define TELLTALE_POSTHOG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "event/catalog.h"

/* Docs pages carry no organisation of their own: they are asked for by the
 * person's. */
#define NAME_PAGEVIEW "$pageview"

/* Called for each name of each row, in the catalogue's order, maybe more
 * than once. */
typedef void names_each(void *ctx, const struct catalog_row *row,
                        const char *name);
void names_visit(const struct catalog *catalog, names_each *each, void *ctx);
/* The same for names with a '*' behind which no name is known. */
void names_visit_vague(const struct catalog *catalog, names_each *each,
                       void *ctx);

/* Events that carry neither a group nor a person, so that no filter on
 * organisations lets them through; only the project's number (team_id) says
 * whose they are. NULL-terminated. */
extern const char *const names_without_account[];
bool name_has_no_account(const char *name);

#endif
