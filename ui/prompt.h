/* The prompt: one line of input in the last rows, with history, completion
 * and an error under its column. What the text means, the caller says. */
#ifndef TELLTALE_UI_PROMPT_H
#define TELLTALE_UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "query/query.h"
#include "ui/term/draw.h"
#include "ui/term/keys.h"

struct screen;
struct prompt;

enum prompt_kind {
    PROMPT_FILTER,
    PROMPT_FIND,
    PROMPT_COMMAND,
    PROMPT_TIME,
    PROMPT_KINDS
};

/* The filter starts with the filter's text; the others empty. */
struct prompt *prompt_new(struct screen *screen, enum prompt_kind kind,
                          const char *text);
void prompt_free(struct prompt *prompt);
enum prompt_kind prompt_kind(const struct prompt *prompt);
const char *prompt_text(const struct prompt *prompt);
/* The filter's text, as it was when the prompt was opened. */
const char *prompt_began(const struct prompt *prompt);

/* CHANGED: the text is another; a filter or a time is then to be judged. */
enum prompt_end { PROMPT_OPEN, PROMPT_CHANGED, PROMPT_ENTERED, PROMPT_LEFT };
enum prompt_end prompt_key(struct prompt *prompt, const struct key *key);
/* What is wrong with the text: said under its column, and it cannot be
 * entered. NULL: nothing is. */
void prompt_judge(struct prompt *prompt, const struct query_error *error);
/* Into the last two rows (the last one when rect has one), its list above
 * them. */
void prompt_draw(const struct prompt *prompt, struct draw *draw,
                 struct rect rect);
int prompt_rows(const struct prompt *prompt, int screen_rows); /* 2, or 1 */

#endif
