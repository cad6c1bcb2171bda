/* Keys → command strings → actions. The prompt comes first while it is open,
 * then the pane with the focus, then the bindings. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "ui/head.h"
#include "ui/history.h"
#include "ui/screen_internal.h"
#include "ui/term/alert.h"
#include "base/banned.h"

#define WHEEL_ROWS 3

/* A table, what stands beside the panes and what lies over them are none of
 * these, and leave it where it is. */
static void focus_pane(struct screen *screen, const struct pane *pane)
{
    for (size_t i = 0; i < screen->pane_count; i++)
        if (screen->panes[i] == pane)
            screen_focus(screen, i);
}

static void wheel(struct screen *screen, const struct key *key)
{
    struct pane *pane = layout_pane_at(screen, key->y, key->x);
    enum action action =
        key->code == KEY_CODE_WHEEL_UP ? ACTION_up : ACTION_down;

    if (!pane || !pane->ops->action)
        return;
    for (int i = 0; i < WHEEL_ROWS; i++)
        pane->ops->action(pane, action, "");
    screen_dirty(screen);
}

/* A click on a category is its key. */
static bool click_category(struct screen *screen, const struct key *key)
{
    enum category category;
    char command[32];

    if (key->y != 1 || !screen->layout.category_row || screen->over_count ||
        screen_top(screen)->ops->head ||
        !head_category_at(screen, key->x, &category))
        return false;
    snprintf(command, sizeof command, "category %s", category_name(category));
    screen_run(screen, command);
    return true;
}

/* So is one on a screen's name. */
static bool click_tab(struct screen *screen, const struct key *key)
{
    enum tab tab;

    if (key->y != 0 || !head_tab_at(screen, key->x, &tab))
        return false;
    tabs_go(screen, tab);
    return true;
}

static void click(struct screen *screen, const struct key *key)
{
    struct pane *pane = layout_pane_at(screen, key->y, key->x);

    if (click_tab(screen, key) || click_category(screen, key) ||
        layout_grab(screen, key->y, key->x) || !pane)
        return;
    focus_pane(screen, pane);
    if (pane->ops->click)
        pane->ops->click(pane, key->y - pane->rect.y, key->x - pane->rect.x);
    screen_dirty(screen);
}

static void tell_no_key(struct screen *screen, const struct key *key)
{
    char name[16];
    struct buf safe;

    if (key->code == KEY_CODE_PASTE) {
        screen_message(screen, "Nothing takes text here. f filters, / finds.");
        return;
    }
    key_name(key->code, name);
    buf_init(&safe, 64);
    text_sanitise(&safe, name, strlen(name), 32);
    screen_message(screen, "%s is no key here. ? lists them.", safe.data);
    buf_free(&safe);
}

static void run_key(struct screen *screen, const struct key *key)
{
    struct pane *top = screen_top(screen);
    const char *command;

    if (top->ops->key && top->ops->key(top, key)) {
        screen_dirty(screen);
        return;
    }
    command = keymap_find(screen->map, top->where, key->code);
    if (command)
        screen_run(screen, command);
    else
        tell_no_key(screen, key);
}

/* Asked once, at the start; an answer that comes later than that is somebody
 * else's. */
static void take_background(struct screen *screen, bool light)
{
    struct err err;

    if (clock_mono_us() > screen->asked_until)
        return;
    screen->asked_until = 0;
    screen->light = light;
    if (light)
        screen_use_theme(screen, theme_name(screen->theme), &err);
}

static void take_key(struct screen *screen, const struct key *key)
{
    switch (key->code) {
    case KEY_CODE_UNKNOWN:
        return;
    case KEY_CODE_BACKGROUND:
        take_background(screen, key->x != 0);
        return;
    case KEY_CODE_DRAG:
        layout_drag(screen, key->x);
        return;
    case KEY_CODE_RELEASE:
        if (screen->dragged)
            arrange_save(screen);
        screen->dragged = 0;
        return;
    case KEY_CODE_WHEEL_UP:
    case KEY_CODE_WHEEL_DOWN:
        wheel(screen, key);
        return;
    default:
        break;
    }
    screen->message_until = 0;
    screen_dirty(screen);
    if (screen->prompt) {
        screen_prompt(screen, key);
    } else if (key->code == KEY_CODE_CLICK) {
        click(screen, key);
    } else {
        run_key(screen, key);
    }
}

/* Somebody is here: the title counts anew. */
static void forget_news(struct screen *screen)
{
    struct buf bytes;

    if (!screen->news)
        return;
    screen->news = 0;
    buf_init(&bytes, 256);
    alert_title(&bytes, 0);
    screen_send(screen, bytes.data, bytes.len);
    buf_free(&bytes);
}

/* What the user has seen by now: "new since" counts from here once they were
 * away for a while (screen_life.c). */
static void note_presence(struct screen *screen)
{
    forget_news(screen);
    screen->last_key = clock_mono_us();
    screen->last_key_at = screen_now(screen);
    screen->last_key_number = ring_newest(screen->host->ring);
    history_look(screen->last_key_at);
}

void input_take(struct screen *screen, bool late)
{
    struct key key;
    bool any = false;
    int64_t wait;

    for (; !screen->quitting && keys_next(screen->keys, late, &key);
         late = false) {
        take_key(screen, &key);
        any |= key.code != KEY_CODE_UNKNOWN && key.code != KEY_CODE_BACKGROUND;
    }
    if (any)
        note_presence(screen);
    wait = keys_wait_us(screen->keys);
    screen->esc_due = wait ? clock_mono_us() + wait : 0;
}

/* The rest may be there and not yet read, if it was we who were slow. */
void input_late(struct screen *screen)
{
    struct buf *bytes = keys_buffer(screen->keys);
    size_t before = bytes->len;

    tty_read(screen->tty, bytes);
    input_take(screen, bytes->len == before);
}
