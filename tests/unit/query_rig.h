/* What the tests of query share: a query that must parse, one that must not,
 * and an event to find. */
#ifndef TELLTALE_QUERY_RIG_H
#define TELLTALE_QUERY_RIG_H

#include <stdbool.h>

#include "query/query.h"
#include "tests/unit/sample.h"

#define NOW (SAMPLE_START + 3600000)

/* Tomás creates a flag, an hour and a half after midnight UTC + 8. */
struct event tomas_creates_a_flag(void);
struct query *parse_query(const char *text); /* or the case fails */
/* Is the event what it asks for, at NOW? */
bool finds_event(const char *text, const struct event *event);
/* The query is wrong at that column, and the reason holds these words. */
void refuses_query(const char *text, int column, const char *says);

#endif
