/* OSC 99 is kitty's, 9 iTerm2's, 777 that of urxvt, foot, WezTerm, Ghostty and
 * the VTE terminals. tmux and screen hand on none of them, but the bell. */
#include "ui/term/alert.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#include "base/banned.h"

#define TEXT_MAX 240

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value && *value;
}

static bool is_one_of(const char *name, const char *const *words)
{
    const char *value = getenv(name);

    for (; value && *words; words++)
        if (strstr(value, *words))
            return true;
    return false;
}

enum terminal { TERMINAL_OTHER, TERMINAL_99, TERMINAL_9, TERMINAL_777 };

static enum terminal terminal(void)
{
    static const char *const iterm[] = {"iTerm", NULL};
    static const char *const programs[] = {"WezTerm", "ghostty", NULL};
    static const char *const terms[] = {"rxvt-unicode", "foot", "ghostty",
                                        NULL};
    static const char *const kitty[] = {"kitty", NULL};

    if (is_set("TMUX") || is_set("STY"))
        return TERMINAL_OTHER;
    if (is_set("KITTY_WINDOW_ID") || is_one_of("TERM", kitty))
        return TERMINAL_99;
    if (is_one_of("TERM_PROGRAM", iterm))
        return TERMINAL_9;
    if (is_one_of("TERM_PROGRAM", programs) || is_one_of("TERM", terms) ||
        is_set("VTE_VERSION"))
        return TERMINAL_777;
    return TERMINAL_OTHER;
}

/* A ; would end a part of the sequence. */
static void add_clean(struct buf *out, const char *text)
{
    struct buf clean;

    buf_init(&clean, TEXT_MAX + 1);
    text_sanitise(&clean, text, strlen(text), TEXT_MAX);
    for (size_t i = 0; i < clean.len; i++)
        buf_addc(out, clean.data[i] == ';' ? ',' : clean.data[i]);
    buf_free(&clean);
}

static void add_both(struct buf *out, const char *begin, const char *title,
                     const char *between, const char *text)
{
    buf_adds(out, begin);
    add_clean(out, title);
    buf_adds(out, between);
    add_clean(out, text);
    buf_adds(out, "\033\\");
}

void alert_notify(struct buf *out, const char *title, const char *text)
{
    switch (terminal()) {
    case TERMINAL_99:
        add_both(out, "\033]99;;", title, ": ", text);
        break;
    case TERMINAL_9:
        add_both(out, "\033]9;", title, ": ", text);
        break;
    case TERMINAL_777:
        add_both(out, "\033]777;notify;", title, ";", text);
        break;
    case TERMINAL_OTHER:
        alert_bell(out);
        break;
    }
}

void alert_bell(struct buf *out)
{
    buf_addc(out, '\a');
}

void alert_title(struct buf *out, unsigned news)
{
    if (news)
        buf_addf(out, "\033]2;(%u) telltale\033\\", news);
    else
        buf_adds(out, "\033]2;telltale\033\\");
}
