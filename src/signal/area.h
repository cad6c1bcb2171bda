/* Which area of the product a page is about, by its address: the table
 * areas.ini, which is compiled in, and what the user says about it. */
#ifndef TELLTALE_SIGNAL_AREA_H
#define TELLTALE_SIGNAL_AREA_H

#include <stdbool.h>

#include "base/err.h"

struct areas;

/* As the table has them. */
struct areas *areas_new(void);
void areas_free(struct areas *areas); /* NULL is allowed */
/* A path ("docs/surveys") and the name of a category, or "none". What was
 * said before about that path is so no more. False with err, without where. */
bool areas_set(struct areas *areas, const char *path, const char *category,
               struct err *err);
/* The category whose area the page at that address is about, or -1. url may
 * be NULL. */
int areas_find(const struct areas *areas, const char *url);

#endif
