/* What the files of tests/screen/actions_test.c share: a case of an action, on a
 * stage of its own. */
#ifndef TELLTALE_TESTS_ACTIONS_H
#define TELLTALE_TESTS_ACTIONS_H

#include <stdbool.h>

#include "stage.h"
#include "ui/pane/action.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }
#define BODY "tests/fixtures/hard_emoji_zwj.json"

/* By action: is there a case of it? */
extern bool action_covered[ACTION_COUNT];
/* The sentence of a case, which covers the action. */
void action_name_case(enum action action, const char *what, char out[160]);
/* The screen, as notes. */
void term_note(const struct term *term);
/* A case: judge says whether it went well. settings as of stage_start(). */
void action_case(enum action action, const char *what,
                 bool (*judge)(struct term *term),
                 const char *const *settings);
/* A press of the mouse. */
void click_at(struct term *term, int row, int col);

/* The cases of each file. */
void check_opening(void);
void check_lists(void);
void check_rejects(void);
void check_screens(void);

#endif
