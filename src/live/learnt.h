/* What the bodies of events said about a query's deep terms, by the events'
 * numbers in the ring: it is asked of each body once. Private to the view. */
#ifndef TELLTALE_LEARNT_H
#define TELLTALE_LEARNT_H

#include <stddef.h>
#include <stdint.h>

struct learnt {
    struct learnt_block {
        uint64_t first; /* number */
        uint16_t *bits; /* LEARNT_BLOCK of them */
    } * blocks;         /* in order of numbers */
    size_t count, cap;
    size_t last; /* the one asked last */
};

#define LEARNT_BLOCK 1024

/* bits are those of query_match_deep(). */
void learnt_put(struct learnt *learnt, uint64_t number, int bits);
/* QUERY_UNREAD: not known yet. */
int learnt_get(struct learnt *learnt, uint64_t number);
/* Forgets what is below. */
void learnt_drop(struct learnt *learnt, uint64_t oldest);
void learnt_free(struct learnt *learnt); /* all of it; it can be used anew */

#endif
