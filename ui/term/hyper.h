/* Hyperlinks (OSC 8) on cells. Curses knows none: it says which cells change,
 * and what it writes is followed here to know where each letter lands, so
 * that links are put around those whose cells have one. Letters, colours and
 * places stay as curses wrote them. */
#ifndef TELLTALE_HYPER_H
#define TELLTALE_HYPER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct hyper;

struct hyper *hyper_new(int rows, int cols);
void hyper_free(struct hyper *hyper); /* NULL is allowed */
/* Nothing is known of what stands there any more. */
void hyper_resize(struct hyper *hyper, int rows, int cols);

/* Another frame is drawn: no cell is to have a link, but those of
 * hyper_want(). url has printable ASCII only, else it is no link. */
void hyper_clear(struct hyper *hyper);
void hyper_want(struct hyper *hyper, int y, int x, int cells, const char *url);

/* Appends what curses wrote with the links of the cells it wrote to. False:
 * something in it is not known here, so that no place is sure any more; out
 * has all of it, and there are no links from then on. */
bool hyper_weave(struct hyper *hyper, const char *bytes, size_t len,
                 struct buf *out);
/* The next row from y on in which a cell has another link than it is to have,
 * since curses had nothing to write there; -1: there is none. */
int hyper_wrong(const struct hyper *hyper, int y);

/* Does the terminal that the environment names show links? */
bool hyper_known(void);

#endif
