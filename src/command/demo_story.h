/* The demo's made-up book of business and what its people do: a champion, a
 * newcomer to flags who reads the docs and then creates flags, an account
 * going quiet, a failed payment, a trial, weekends. Everything is drawn from
 * a seed, so the same seed tells the same story. It only writes webhook
 * bodies; sending them is demo.c's. */
#ifndef TELLTALE_DEMO_STORY_H
#define TELLTALE_DEMO_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct story;

/* now_ms is when the story begins; four weeks of history lie before it. */
struct story *story_new(uint64_t seed, int64_t now_ms);
void story_free(struct story *story);

/* The accounts, as the CSV that `telltale accounts` reads. */
const char *story_book(void);

/* Appends up to count events of the history, oldest first, as one JSON
 * array. False when the history is told. */
bool story_history(struct story *story, size_t count, struct buf *out);

/* Appends what happens next, at now_ms: the beats of the first minute in
 * their order, then ordinary work. */
void story_next(struct story *story, int64_t now_ms, struct buf *out);
/* The wait before the next event at a rate per minute: irregular, as people
 * are. */
int64_t story_wait_us(struct story *story, double per_minute);

#endif
