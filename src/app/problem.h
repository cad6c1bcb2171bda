/* What is wrong, gathered for the title row: the worst is told, the others
 * are counted. */
#ifndef TELLTALE_PROBLEM_H
#define TELLTALE_PROBLEM_H

#include <stddef.h>

/* From worst to least; the order in which they are told. */
enum problem_rank {
    PROBLEM_JOURNAL,
    PROBLEM_FILES,
    PROBLEM_REFUSED,
    PROBLEM_UNREADABLE,
    PROBLEM_LINK,
    PROBLEM_POLLING,
    PROBLEM_SILENCE,
    PROBLEM_WAITING,
    PROBLEM_CLOCK,
    PROBLEM_ZONE,
    PROBLEM_MIRROR,
    PROBLEM_PUBLISH,
    PROBLEM_REFRESH,
    PROBLEM_BOOK,
    PROBLEM_BACKFILL,
};

struct problems {
    unsigned away; /* bits by rank: put away, not told until they are over */
    unsigned present;        /* bits: there is one, told or not */
    unsigned count;          /* of those that are told */
    enum problem_rank worst; /* of text; only while count */
    char mark;               /* '!' or '~' */
    char text[256];
};

/* text is made harmless and cut. */
void problem_add(struct problems *problems, enum problem_rank rank, char mark,
                 const char *text);

#endif
