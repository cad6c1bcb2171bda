/* Interned strings: each distinct text is kept once and named by a small
 * number, so that a million events share their names and a filter judges a
 * text once. Number 0 is always the absent text (NULL). */
#ifndef TELLTALE_INTERN_H
#define TELLTALE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intern;

struct intern *intern_new(void);
void intern_free(struct intern *pool);

/* The id of text, taking one reference; equal texts share an id. NULL is 0. */
uint32_t intern_take(struct intern *pool, const char *text);
/* Looks it up without taking a reference; 0 when it is not there. */
uint32_t intern_find(const struct intern *pool, const char *text);
/* Gives one reference back; the last one frees the text and its id may be
 * given out again, with another stamp. */
void intern_release(struct intern *pool, uint32_t id);
/* Valid until the last reference goes; NULL for 0. */
const char *intern_text(const struct intern *pool, uint32_t id);
/* Lets the processor fetch the text (near) or the way to it (not near) while
 * something else is done; of use when many texts are read in no order. */
void intern_expect(const struct intern *pool, uint32_t id, bool near);
/* Changes each time the id is given to another text: what was concluded of
 * an id holds only while its stamp is the same. Never 0. */
uint32_t intern_stamp(const struct intern *pool, uint32_t id);
/* How often an id was given to another text so far, over all ids; and which
 * id it was at change number `number` (from 0), or 0 when that is too long
 * ago to be remembered: then anything may have changed. */
uint64_t intern_changes(const struct intern *pool);
uint32_t intern_changed(const struct intern *pool, uint64_t number);
/* One more than the largest id ever given out. */
uint32_t intern_limit(const struct intern *pool);
size_t intern_bytes(const struct intern *pool); /* memory, all told */

#endif
