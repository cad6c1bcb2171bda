/* The facts of an event's detail: account, a note on it, person, when, where,
 * event, replay; each a value and what more there is to say. */
#ifndef TELLTALE_FACTS_H
#define TELLTALE_FACTS_H

#include <stdbool.h>

#include "event/event.h"

struct screen;

enum fact {
    FACT_ACCOUNT,
    FACT_NOTE,
    FACT_PERSON,
    FACT_WHEN,
    FACT_WHERE,
    FACT_EVENT,
    FACT_REPLAY,
    FACT_COUNT
};

#define FACT_SIZE 1024 /* bytes: a note, and more */
struct fact_text {
    const char *label;
    char value[FACT_SIZE], more[256];
    bool whole; /* on as many lines as it takes; else on a few */
};

/* Of a note that is not there the value is "", and whole: no line. */
void facts_fill(const struct screen *screen, const struct event *event,
                enum fact which, struct fact_text *fact);

#endif
