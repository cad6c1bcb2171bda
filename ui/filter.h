/* The filter's text: `1`…`0` write the categories into it, so that there is
 * one truth and the prompt shows all of it. */
#ifndef TELLTALE_FILTER_H
#define TELLTALE_FILTER_H

#include "base/buf.h"
#include "event/event.h"

/* Appends text with the category put into its `category:` word, or taken out
 * of it if it is there. */
void filter_toggle(struct buf *out, const char *text, enum category category);

#endif
