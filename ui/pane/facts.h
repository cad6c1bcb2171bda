/* The facts of an event's detail: account, person, when, where, event,
 * replay; each a value and what more there is to say. */
#ifndef TELLTALE_FACTS_H
#define TELLTALE_FACTS_H

#include <stdint.h>

#include "event/accounts.h"
#include "event/event.h"
#include "ui/term/draw.h"

enum fact {
    FACT_ACCOUNT,
    FACT_PERSON,
    FACT_WHEN,
    FACT_WHERE,
    FACT_EVENT,
    FACT_REPLAY,
    FACT_COUNT
};

struct fact_text {
    const char *label;
    char value[256], more[256];
};

/* now is the wall clock in ms; draw gives the marks; book may be NULL. */
void facts_fill(const struct event *event, const struct book *book,
                int64_t now, struct draw *draw, enum fact which,
                struct fact_text *fact);

#endif
