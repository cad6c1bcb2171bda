/* The label of an event: whose account it is in, by the book of now. */
#ifndef TELLTALE_DECODE_RELABEL_H
#define TELLTALE_DECODE_RELABEL_H

#include "event/accounts.h"
#include "event/event.h"

/* Labels an event again after the book changed: account name and listed. */
void decode_relabel(const struct book *book, struct event *event,
                    struct arena *arena);

#endif
