/* What is dropped before anything is written, and who is hidden. */
#ifndef TELLTALE_REDACT_H
#define TELLTALE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "event/event.h"
#include "event/slice.h"

struct redaction;

/* list: property names separated by blanks or commas, '*' allowed. A name is
 * found in every way in which a sender may write it as a key: see cover.h. */
#define REDACT_DEFAULT                                                        \
    "prompt $ai_input $ai_output $ai_output_choices $ai_input_state "         \
    "$ai_output_state $ai_tools $ai_error"
struct redaction *redaction_new(const char *list);
/* What may hold a prompt or an answer: REDACT_DEFAULT, list besides, and of
 * other AI properties what is no short word or number. */
struct redaction *redaction_new_prompts(const char *list);
void redaction_free(struct redaction *redaction);
struct cJSON;
/* A quick look at a tree of json_tree.h: false if redaction_apply() would
 * find nothing to drop in its text. */
bool redaction_concerns(const struct redaction *redaction,
                        const struct cJSON *root);
/* Appends json (which passed slice_check) with the value of every covered
 * key, at any depth, replaced by null, also in strings that are JSON
 * themselves; a string that would be JSON but for a fault, or that has a
 * covered name as in an address or a form ("?prompt=…"), ends before it. All
 * else byte for byte. False if there is nothing to drop: out is then as it
 * was. */
bool redaction_apply(const struct redaction *redaction, struct slice json,
                     struct buf *out);

/* Takes out of an event that was kept whole what must not be shown: its raw
 * text and its sentence, into arena. redaction NULL: nothing. */
void redaction_conceal(const struct redaction *redaction, struct event *event,
                       struct arena *arena);

/* How many bytes at the front of a body that is no JSON may be kept: up to
 * where a covered name first stands, since what follows may be its value. */
size_t redaction_cut(const struct redaction *redaction, const char *text,
                     size_t len);

/* Who is hidden by default (counted, kept, shown with one key). */
struct hide_rules {
    const char *const *internal_domains; /* NULL-terminated, lower case */
    const char *const *machine_sources;  /* "cache_warming", "alert", … */
    bool impersonated;
};
/* props may be NULL. */
enum hidden hide_judge(const struct hide_rules *rules, const char *email,
                       const struct cJSON *props);

#endif
