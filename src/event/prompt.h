/* What a person asked an AI, found in what an event brought; only for those
 * who decided to keep and show it ([privacy] prompts). */
#ifndef TELLTALE_PROMPT_H
#define TELLTALE_PROMPT_H

#include "base/mem.h"
#include "event/event.h"
#include "event/json_tree.h"

/* The text of "prompt", of the last message of a user in "$ai_input", or in
 * "$ai_input_state", whatever way it was sent, below root; in arena, not
 * sanitised, or NULL. */
const char *prompt_find(const cJSON *root, struct arena *arena);
/* Puts the first line of it behind the sentence, in quotes, and flags it. */
void prompt_quote(const char *prompt, struct event *event,
                  struct arena *arena);
/* The sentence without what prompt_quote() put there; into arena. */
const char *prompt_unquoted(const struct event *event, struct arena *arena);

#endif
