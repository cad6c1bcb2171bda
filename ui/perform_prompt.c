/* A key that goes to the prompt: what is typed is tried at once, and done when
 * it is entered. It is not the line itself, nor what stands over it
 * (prompt.c). */
#include <string.h>

#include "base/moment.h"
#include "ui/pane/stream.h"
#include "ui/perform.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

/* While one types, what is not whole yet is no mistake. */
static bool is_moment(const struct screen *screen, const char *text,
                      struct query_error *error)
{
    int64_t ms;

    *error = (struct query_error){0};
    if (!*text || (moment_parse(text, screen_now(screen), &ms) &&
                   ms <= screen_now(screen)))
        return true;
    if (moment_parse(text, screen_now(screen), &ms))
        return err_set(&error->err, "that is still to come");
    return err_set(&error->err, "a time: " MOMENT_WORDS);
}

/* What is wrong matches nothing and hides nothing: the rows are those of the
 * filter there was before. The past is not read anew for that. */
static void try_filter(struct screen *screen, const char *text)
{
    const char *began = prompt_began(screen->prompt);
    struct query_error error, none;
    bool fits = perform_filter(screen, text, &error);

    prompt_judge(screen->prompt, fits ? NULL : &error);
    if (!fits && !stream_is_past(screen->panes[PANE_STREAM]) &&
        strcmp(screen_filter_text(screen), began))
        perform_set_filter(screen, began, &none);
}

/* Every change of the text is tried at once. */
static void try_prompt(struct screen *screen)
{
    struct prompt *prompt = screen->prompt;
    const char *text = prompt_text(prompt);
    struct query_error error;

    if (prompt_kind(prompt) == PROMPT_FIND)
        screen_find(screen, text);
    else if (prompt_kind(prompt) == PROMPT_TIME)
        prompt_judge(prompt, is_moment(screen, text, &error) ? NULL : &error);
    else if (prompt_kind(prompt) == PROMPT_FILTER)
        try_filter(screen, text);
}

static void leave_prompt(struct screen *screen, enum prompt_kind kind)
{
    struct query_error error;

    if (kind == PROMPT_FILTER)
        perform_filter(screen, "", &error);
    else if (kind == PROMPT_FIND)
        screen_find(screen, NULL);
}

static void enter_prompt(struct screen *screen, enum prompt_kind kind,
                         const char *text)
{
    if (kind == PROMPT_COMMAND && *text) {
        hold_begin(screen);
        perform_run(screen, text);
        hold_end(screen);
    } else if (kind == PROMPT_FIND && *text) {
        perform_run(screen, "find-next");
    } else if (kind == PROMPT_TIME && *text) {
        perform_go_to_time(screen, text);
    }
}

void screen_prompt(struct screen *screen, const struct key *key)
{
    struct prompt *prompt = screen->prompt;
    enum prompt_kind kind = prompt_kind(prompt);
    enum prompt_end end = prompt_key(prompt, key);

    screen_dirty(screen);
    if (end == PROMPT_CHANGED)
        try_prompt(screen);
    if (end == PROMPT_OPEN || end == PROMPT_CHANGED)
        return;
    screen->prompt = NULL;
    if (end == PROMPT_ENTERED)
        enter_prompt(screen, kind, prompt_text(prompt));
    else
        leave_prompt(screen, kind);
    prompt_free(prompt);
}
