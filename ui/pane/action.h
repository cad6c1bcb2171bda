/* Actions: the table of actions.def, as numbers, rows and bindings. */
#ifndef TELLTALE_ACTION_H
#define TELLTALE_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum action {
#define ACTION(id, ...) ACTION_##id,
#include "ui/actions.def"
#undef ACTION
    ACTION_COUNT
};
/* Where a key is bound: on a screen, in an event's detail, in a list over
 * them. */
enum action_where {
    WHERE_LIVE = 1,
    WHERE_DETAIL = 2,
    WHERE_LIST = 4,
    WHERE_SIGNALS = 8,
    WHERE_ACCOUNTS = 16,
    WHERE_PEOPLE = 32,
    WHERE_COVERAGE = 64,
    WHERE_SORTED = WHERE_ACCOUNTS | WHERE_PEOPLE,
    WHERE_BOARD = WHERE_LIVE | WHERE_SORTED, /* what has the category row */
    WHERE_FINDS = WHERE_LIVE | WHERE_DETAIL | WHERE_LIST,
    WHERE_EVENTS = WHERE_FINDS | WHERE_SIGNALS | WHERE_ACCOUNTS,
    WHERE_ANY = 127
};
enum action_group {
    GROUP_MOVE,
    GROUP_CHOOSE,
    GROUP_OPEN,
    GROUP_ORDER,
    GROUP_SCREEN,
    GROUP_COUNT
};

struct action_row {
    const char *id;      /* "page_up" */
    const char *command; /* "page-up", "filter TEXT", "link #" */
    const char *keys;    /* defaults */
    enum action_where where;
    enum action_group group;
    const char *brief; /* help row, or NULL: joins the row above */
    const char *help;
};
const struct action_row *action_row(enum action action);
const char *action_group_title(enum action_group group);
/* "Live", "Event", "List", "Signals" …: of one place. */
const char *action_where_title(enum action_where where);

/* A command line → action and its argument (inside text, or ""). False with
 * err: "No command “folow”. Nearest: follow." */
bool action_parse(const char *text, enum action *action, const char **arg,
                  struct err *err);

/* Which command a key runs, per place. Defaults from the table; [keys] of
 * the configuration on top. */
struct keymap;
struct keymap *keymap_new(void);
void keymap_free(struct keymap *map);
/* An empty command unbinds. False with err for a key or command that is
 * none. */
bool keymap_bind(struct keymap *map, const char *key, const char *command,
                 struct err *err);
/* The command line for a key (the `#` filled in), or NULL. Valid until the
 * next call. */
const char *keymap_find(struct keymap *map, enum action_where where,
                        uint32_t code);
/* The keys an action has now, blanks between, for the help screen. */
struct buf;
void keymap_keys(const struct keymap *map, enum action action,
                 struct buf *out);

#endif
