/* Which events PostHog sends: the catalogue's names, each only for the
 * organisations of the book. Source of the meaning: PostHog's cdp/filters.py
 * and hogql/property.py. */
#ifndef TELLTALE_POSTHOG_FILTERS_H
#define TELLTALE_POSTHOG_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "event/accounts.h"
#include "event/catalog.h"

struct cJSON;

/* The filters for count accounts of the book from first on; the caller
 * deletes them. Every event name of the catalogue that PostHog can be asked
 * for (no '*') has an entry with a list of organisations. Pageviews come only
 * from docs, by the person's organisation: they carry none themselves. */
struct cJSON *filters_make(const struct catalog *catalog,
                           const struct book *book, size_t first,
                           size_t count);
/* False with err unless every entry names an event and lists organisations:
 * to PostHog an empty list means everything, and so does no entry at all. */
bool filters_are_narrow(const struct cJSON *filters, struct err *err);
/* The organisations listed in filters' first list, as an array of strings
 * that filters own; NULL: there is none. */
const struct cJSON *filters_organizations(const struct cJSON *filters);

#endif
