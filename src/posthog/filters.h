/* Which events PostHog sends: the catalogue's names, for the organisations of
 * the book. One list of organisations for all names, as PostHog's own event
 * stream has it: a list at each name costs PostHog a hundred times as much
 * for every event of the project. Source of the meaning: PostHog's
 * cdp/filters.py and hogql/property.py. */
#ifndef TELLTALE_POSTHOG_FILTERS_H
#define TELLTALE_POSTHOG_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "event/accounts.h"
#include "event/catalog.h"
#include "event/teams.h"

struct cJSON;

/* Each is a destination of its own: PostHog joins the rules of one by AND. */
enum filters_kind {
    FILTERS_EVENTS, /* whatever carries the organisation as a group */
    FILTERS_DOCS,   /* pageviews of docs, by the person's organisation */
    FILTERS_TEAMS,  /* what carries only the number of a project */
};

/* No organisation's id: stands beside the only one of a list. */
#define FILTERS_NOBODY "(no other organisation)"

/* Whose events. */
struct filters_for {
    const struct catalog *catalog;
    const struct book *book;
    size_t first, count;       /* accounts of the book */
    int group_index;           /* which $group_N is the organisation */
    const struct teams *teams; /* NULL: none are known */
};

/* The caller deletes them. */
struct cJSON *filters_make(enum filters_kind kind,
                           const struct filters_for *whom);
/* False with err unless every entry names an event and there is a list of
 * whose they are: to PostHog an empty list means everything, and so does no
 * entry at all. */
bool filters_are_narrow(const struct cJSON *filters, struct err *err);
/* That list, an array of texts and numbers that filters own, also as older
 * telltales made it, at each entry; NULL: there is none. */
const struct cJSON *filters_listed(const struct cJSON *filters);

#endif
