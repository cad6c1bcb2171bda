/* A saved view (views_file.h) may name somebody who is forgotten. */
#ifndef TELLTALE_FORGET_VIEWS_H
#define TELLTALE_FORGET_VIEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "journal/trace.h"

/* Writes the file at journal.views anew without the views whose name or query
 * has one of the traces; *gone is how many. Without such a view the file stays
 * as it is, and there need be none. False with err: it cannot be read or
 * written. The disk is not waited for. Any thread. */
bool forget_views(const char *journal, const struct traces *traces,
                  uint64_t *gone, struct err *err);

#endif
