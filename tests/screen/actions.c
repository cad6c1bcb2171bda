/* A case of an action, and what covers the table. */
#include "actions.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "tap.h"
#include "base/banned.h"

bool action_covered[ACTION_COUNT];

void action_name_case(enum action action, const char *what, char out[160])
{
    action_covered[action] = true;
    snprintf(out, 160, "%s: %s", action_row(action)->command, what);
}

void term_note(const struct term *term)
{
    struct buf text;

    buf_init(&text, MIB);
    term_text(term, &text);
    for (char *at = text.data; *at; at += strcspn(at, "\n") + 1)
        note("|%.*s|", (int)strcspn(at, "\n"), at);
    buf_free(&text);
}

void action_case(enum action action, const char *what,
                 bool (*judge)(struct term *term), const char *const *settings)
{
    struct term *term = stage_start(24, 80, BODIES_MORNING, settings, NULL);
    char sentence[160];
    bool good;

    action_name_case(action, what, sentence);
    good = judge(term);
    if (!good)
        term_note(term);
    ok(good, sentence);
    term_free(term);
}

void click_at(struct term *term, int row, int col)
{
    char click[32];

    snprintf(click, sizeof click, "\033[<0;%d;%dM", col + 1, row + 1);
    stage_keys(term, KEYS(click));
}
