/* The action table as data, command lines, and which key runs which. It runs
 * nothing itself. */
#include "ui/pane/action.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/text_near.h"
#include "ui/term/keys.h"
#include "base/banned.h"

#define COMMAND_MAX 256

static const struct action_row rows[] = {
#define ACTION(id, command, keys, where, group, handler, brief, help)         \
    {#id, command, keys, WHERE_##where, GROUP_##group, brief, help},
#include "ui/actions.def"
#undef ACTION
};

const struct action_row *action_row(enum action action)
{
    return &rows[action];
}

const char *action_group_title(enum action_group group)
{
    static const char *const titles[] = {
        [GROUP_MOVE] = "Move",     [GROUP_CHOOSE] = "Choose",
        [GROUP_OPEN] = "Open",     [GROUP_ORDER] = "Keep in order",
        [GROUP_SCREEN] = "Screen",
    };

    return titles[group];
}

const char *action_where_title(enum action_where where)
{
    switch (where) {
    case WHERE_LIVE:
        return "Live";
    case WHERE_LIST:
        return "List";
    case WHERE_SIGNALS:
        return "Signals";
    case WHERE_ACCOUNTS:
        return "Accounts";
    case WHERE_PEOPLE:
        return "People";
    case WHERE_COVERAGE:
        return "Coverage";
    default:
        return "Event";
    }
}

/* Length of a command's own word: "filter" of "filter TEXT". */
static size_t word_length(const char *command)
{
    return strcspn(command, " ");
}

static bool no_command(const char *text, size_t len, struct err *err)
{
    const char *nearest = NULL;
    size_t least = len / 3; /* of every three letters, one may differ */

    for (size_t i = 0; i < ACTION_COUNT; i++) {
        size_t far = text_distance(text, len, rows[i].command,
                                   word_length(rows[i].command));

        if (far <= least && (!nearest || far < least)) {
            least = far;
            nearest = rows[i].command;
        }
    }
    if (nearest)
        return err_set(err, "No command \"%.*s\". Nearest: %.*s.", (int)len,
                       text, (int)word_length(nearest), nearest);
    return err_set(err, "No command \"%.*s\". ? lists them.", (int)len, text);
}

bool action_parse(const char *text, enum action *action, const char **arg,
                  struct err *err)
{
    size_t len;

    text += strspn(text, " ");
    len = word_length(text);
    *arg = text + len + strspn(text + len, " ");
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (word_length(rows[i].command) == len &&
            !strncmp(rows[i].command, text, len)) {
            *action = (enum action)i;
            return true;
        }
    }
    return no_command(text, len, err);
}

struct binding {
    uint32_t code;
    enum action_where where;
    char *command; /* NULL: unbound by the user */
};

struct keymap {
    struct binding *list;
    size_t count;
    char line[COMMAND_MAX];
};

static void bind(struct keymap *map, uint32_t code, enum action_where where,
                 const char *command)
{
    struct binding *binding;

    map->list = xreallocarray(map->list, map->count + 1, sizeof *map->list);
    binding = &map->list[map->count++];
    binding->code = code;
    binding->where = where;
    binding->command = command && *command ? xstrdup(command) : NULL;
}

/* The command a key runs by default: "find TEXT" is just "find". */
static char *bound_command(const struct action_row *row)
{
    size_t len = strlen(row->command);

    if (len > 5 && !strcmp(row->command + len - 5, " TEXT"))
        len -= 5;
    return xstrndup(row->command, len);
}

static void bind_row(struct keymap *map, const struct action_row *row)
{
    char *command = bound_command(row);
    const char *at = row->keys;

    while (*at) {
        size_t len = strcspn(at, " ");
        char name[16];

        snprintf(name, sizeof name, "%.*s", (int)len, at);
        bind(map, key_parse(name), row->where, command);
        at += len + strspn(at + len, " ");
    }
    free(command);
}

struct keymap *keymap_new(void)
{
    struct keymap *map = xcalloc(1, sizeof *map);

    for (size_t i = 0; i < ACTION_COUNT; i++)
        bind_row(map, &rows[i]);
    return map;
}

void keymap_free(struct keymap *map)
{
    for (size_t i = 0; i < map->count; i++)
        free(map->list[i].command);
    free(map->list);
    free(map);
}

bool keymap_bind(struct keymap *map, const char *key, const char *command,
                 struct err *err)
{
    uint32_t code = key_parse(key);
    enum action action;
    const char *arg;

    if (!code)
        return err_set(err, "no key is called \"%s\"", key);
    if (!*command) {
        bind(map, code, WHERE_ANY, NULL);
        return true;
    }
    if (!action_parse(command, &action, &arg, err))
        return false;
    bind(map, code, rows[action].where, command);
    return true;
}

static const struct binding *
find_binding(const struct keymap *map, enum action_where where, uint32_t code)
{
    for (size_t i = map->count; i-- > 0;)
        if (map->list[i].code == code && (map->list[i].where & where))
            return &map->list[i];
    return NULL;
}

const char *keymap_find(struct keymap *map, enum action_where where,
                        uint32_t code)
{
    const struct binding *binding = find_binding(map, where, code);
    size_t len;
    char name[16];

    if (!binding || !binding->command)
        return NULL;
    len = strlen(binding->command);
    if (len < 2 || strcmp(binding->command + len - 2, " #"))
        return binding->command;
    key_name(code, name);
    snprintf(map->line, sizeof map->line, "%.*s %s", (int)len - 2,
             binding->command, name);
    return map->line;
}

static bool runs(const struct binding *binding, enum action action)
{
    enum action other;
    const char *arg;
    struct err err;

    return binding->command &&
           action_parse(binding->command, &other, &arg, &err) &&
           other == action;
}

void keymap_keys(const struct keymap *map, enum action action, struct buf *out)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct binding *binding = &map->list[i];
        char name[16];

        if (!runs(binding, action) ||
            find_binding(map, binding->where, binding->code) != binding)
            continue;
        key_name(binding->code, name);
        if (out->len)
            buf_addc(out, ' ');
        buf_adds(out, name);
    }
}
