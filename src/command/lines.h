/* Lines to standard output that never hold up the loop: a pipe or terminal
 * that is not read fills a bounded buffer, and what does not fit is left out
 * and counted. */
#ifndef TELLTALE_LINES_H
#define TELLTALE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

struct lines;

/* closed is called once when nobody reads standard output any more (EPIPE).
 * What cannot be written for another reason is left out, counted and told in
 * the log. */
struct lines *lines_new(struct loop *loop, void (*closed)(void *ctx),
                        void *ctx, struct err *err);
/* Waits up to a second for what is still to be written. */
void lines_free(struct lines *lines);

/* Where to add a line, its newline with it; then lines_end(). */
struct buf *lines_begin(struct lines *lines);
void lines_end(struct lines *lines);
/* Writes what can be written now: at the end of a turn. */
void lines_flush(struct lines *lines);
uint64_t lines_left_out(const struct lines *lines);

#endif
