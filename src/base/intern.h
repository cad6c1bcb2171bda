/* Interned strings: each distinct text is kept once and named by a small
 * number, so that a million events share their names and a filter judges a
 * text once. Number 0 is always the absent text (NULL). */
#ifndef TELLTALE_INTERN_H
#define TELLTALE_INTERN_H

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
/* Changes each time the id is given to another text: what was concluded of
 * an id holds only while its stamp is the same. Never 0. */
uint32_t intern_stamp(const struct intern *pool, uint32_t id);
/* One more than the largest id ever given out. */
uint32_t intern_limit(const struct intern *pool);
size_t intern_bytes(const struct intern *pool); /* memory, all told */

#endif
