/* Settings from three places, by one table: this file knows where a value
 * may come from and which one wins; value.c knows the types, base/ini the
 * file format, and those who ask know what a setting means. */
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ini.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text_near.h"
#include "config/option.h"
#include "config/path.h"
#include "base/banned.h"

/* Sections that others read, and whether each has a name of its own. */
static const struct {
    const char *name;
    bool named;
} lists[] = {
    {"keys", false}, {"mirror", true}, {"payload", false},
    {"rule", true},  {"areas", false},
};
#define LISTS (sizeof lists / sizeof *lists)

enum rank { RANK_DEFAULT, RANK_FILE, RANK_ENVIRONMENT, RANK_FLAG };

struct setting {
    struct config_value value;
    enum rank rank;
    char *origin; /* NULL: the default */
};

struct line {
    char *section, *name, *key, *value, *where;
};

struct config {
    struct setting settings[OPTION_COUNT];
    struct line *lines;
    size_t line_count, line_cap;
};

/* Checks text always; keeps it only when nothing stronger was set. */
static bool setting_put(struct config *config, enum option_id id,
                        enum rank rank, const char *origin, const char *text,
                        struct err *err)
{
    const struct option *option = &options[id];
    struct setting *setting = &config->settings[id];
    struct config_value value = {0};
    struct err why = {""};

    if (!value_read(option->type, option->argument, text, &value, &why))
        return err_set(err, "%s: %s%s%s", origin,
                       rank == RANK_FILE ? option->key : "",
                       rank == RANK_FILE ? ": " : "", why.text);
    if (rank < setting->rank) {
        value_clear(&value);
        return true;
    }
    value_clear(&setting->value);
    free(setting->origin);
    setting->value = value;
    setting->rank = rank;
    setting->origin = xstrdup(origin);
    return true;
}

static char *xdg_file(const char *variable, const char *fallback,
                      const char *name)
{
    const char *directory = getenv(variable);
    char *home = NULL, *result = NULL;
    struct buf out;

    buf_init(&out, 64 * KIB);
    if (directory && directory[0] == '/')
        buf_addf(&out, "%s/telltale/%s", directory, name);
    else if ((home = path_home()))
        buf_addf(&out, "%s/%s/telltale/%s", home, fallback, name);
    if (out.len)
        result = buf_take(&out);
    buf_free(&out);
    free(home);
    return result;
}

char *config_dir_file(const char *name)
{
    return xdg_file("XDG_CONFIG_HOME", ".config", name);
}

static char *state_dir_file(const char *name)
{
    return xdg_file("XDG_STATE_HOME", ".local/state", name);
}

bool config_set(struct config *config, enum option_id id, const char *text,
                const char *origin, struct err *err)
{
    return setting_put(config, id, RANK_FLAG, origin, text, err);
}

static void put_default(struct config *config, enum option_id id)
{
    const struct option *option = &options[id];
    const char *text = option->standard;
    char *made = NULL;

    if (text && !strncmp(text, "@config/", 8))
        text = made = config_dir_file(text + 8);
    else if (text && !strncmp(text, "@state/", 7))
        text = made = state_dir_file(text + 7);
    if (text)
        value_read(option->type, option->argument, text,
                   &config->settings[id].value, NULL);
    free(made);
}

static struct config *config_new(void)
{
    struct config *config = xcalloc(1, sizeof *config);

    for (int id = 0; id < OPTION_COUNT; id++)
        put_default(config, (enum option_id)id);
    return config;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        value_clear(&config->settings[i].value);
        free(config->settings[i].origin);
    }
    for (size_t i = 0; i < config->line_count; i++) {
        struct line *line = &config->lines[i];

        free(line->section);
        free(line->name);
        free(line->key);
        free(line->value);
        free(line->where);
    }
    free(config->lines);
    free(config);
}

/* The file. */

/* A key of a list given twice: one of the two would win without a word. */
static bool refuse_again(const struct config *config, size_t section,
                         const char *name, const struct ini_entry *entry,
                         struct err *err)
{
    for (size_t i = 0; i < config->line_count; i++) {
        const struct line *line = &config->lines[i];

        if (!strcmp(line->section, lists[section].name) &&
            !strcmp(line->name, name) && !strcmp(line->key, entry->key))
            return err_set(err, "%s: %s was set before, at %s", entry->where,
                           entry->key, line->where);
    }
    return true;
}

static void keep_line(struct config *config, size_t section, const char *name,
                      const struct ini_entry *entry)
{
    struct line *line;

    if (config->line_count == config->line_cap) {
        config->line_cap = config->line_cap ? config->line_cap * 2 : 16;
        config->lines = xreallocarray(config->lines, config->line_cap,
                                      sizeof *config->lines);
    }
    line = &config->lines[config->line_count++];
    line->section = xstrdup(lists[section].name);
    line->name = xstrdup(name);
    line->key = xstrdup(entry->key);
    line->value = xstrdup(entry->value);
    line->where = xstrdup(entry->where);
}

/* Which list section "mirror slack" is; *name is "slack". LISTS: none. */
static size_t list_of(const char *section, const char **name)
{
    size_t len = strcspn(section, " \t");

    *name = section + len + strspn(section + len, " \t");
    for (size_t i = 0; i < LISTS; i++)
        if (strlen(lists[i].name) == len &&
            !strncmp(lists[i].name, section, len))
            return i;
    return LISTS;
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (!strcmp(options[i].section, name))
            return true;
    return false;
}

static bool refuse_section(const struct ini_entry *entry, struct err *err)
{
    const char *names[OPTION_COUNT + LISTS + 1], *nearest;
    size_t count = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[count++] = options[i].section;
    for (size_t i = 0; i < LISTS; i++)
        names[count++] = lists[i].name;
    names[count] = NULL;
    nearest = text_nearest(entry->section, names);
    return err_set(err, "%s: no section [%s]%s%s%s", entry->where,
                   entry->section, nearest ? "; nearest: [" : "",
                   nearest ? nearest : "", nearest ? "]" : "");
}

/* A key that is no setting of its section: names the nearest one there, or
 * the section it belongs to. */
static bool refuse_key(const struct ini_entry *entry, const char *section,
                       struct err *err)
{
    const char *names[OPTION_COUNT + 1], *nearest;
    size_t count = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (value_same_name(options[i].key, entry->key))
            return err_set(err, "%s: %s belongs in [%s]", entry->where,
                           entry->key, options[i].section);
        if (!strcmp(options[i].section, section))
            names[count++] = options[i].key;
    }
    names[count] = NULL;
    nearest = text_nearest(entry->key, names);
    return err_set(err, "%s: no setting %s in [%s]%s%s", entry->where,
                   entry->key, section, nearest ? "; nearest: " : "",
                   nearest ? nearest : "");
}

char *config_beside(const char *where, const char *name)
{
    char *file, *result;

    if (*name == '~')
        return xstrdup(name);
    file = xstrndup(where, (size_t)(strrchr(where, ':') - where));
    result = path_beside(file, name);
    free(file);
    return result;
}

static bool take_setting(struct config *config, enum option_id id,
                         const struct ini_entry *entry, struct err *err)
{
    char *beside = NULL;
    bool ok;

    if (options[id].type == CONFIG_SECRET)
        return err_set(err,
                       "%s: a secret does not belong here; use %s_file "
                       "or %s_command",
                       entry->where, options[id].key, options[id].key);
    if (id == OPTION_config)
        return err_set(err, "%s: one file cannot name another", entry->where);
    if (config->settings[id].rank == RANK_FILE)
        return err_set(err, "%s: %s was set before, at %s", entry->where,
                       entry->key, config->settings[id].origin);
    if (*entry->value && (options[id].type == CONFIG_PATH ||
                          (id == OPTION_theme && strchr(entry->value, '/'))))
        beside = config_beside(entry->where, entry->value);
    ok = setting_put(config, id, RANK_FILE, entry->where,
                     beside ? beside : entry->value, err);
    free(beside);
    return ok;
}

static bool take_entry(void *ctx, const struct ini_entry *entry,
                       struct err *err)
{
    struct config *config = ctx;
    const char *section = *entry->section ? entry->section : "main", *name;
    size_t list = list_of(section, &name);

    if (list < LISTS) {
        if (lists[list].named != (*name != '\0'))
            return err_set(err, "%s: write [%s%s]", entry->where,
                           lists[list].name, lists[list].named ? " NAME" : "");
        if (!refuse_again(config, list, name, entry, err))
            return false;
        keep_line(config, list, name, entry);
        return true;
    }
    if (!is_section(section))
        return refuse_section(entry, err);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (!strcmp(options[i].section, section) &&
            value_same_name(options[i].key, entry->key))
            return take_setting(config, (enum option_id)i, entry, err);
    return refuse_key(entry, section, err);
}

struct config *config_read(const char *name, const char *text, size_t len,
                           struct err *err)
{
    struct config *config = config_new();

    if (ini_read(name, text, len, take_entry, config, err))
        return config;
    config_free(config);
    return NULL;
}

/* Reads the file that --config, the environment or custom names. */
static bool take_file(struct config *config, struct err *err)
{
    const char *path = config_text(config, OPTION_config);
    bool standard = config_is_default(config, OPTION_config);

    if (!path || (standard && access(path, F_OK) && errno == ENOENT))
        return true;
    return ini_load(path, take_entry, config, err);
}

/* Environment and flags. */

static bool take_environment(struct config *config, struct err *err)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        char name[OPTION_NAME_SIZE];
        const char *text;

        option_variable((enum option_id)i, name);
        text = getenv(name);
        if (!text || !*text)
            continue;
        if (!setting_put(config, (enum option_id)i, RANK_ENVIRONMENT, name,
                         text, err))
            return false;
        if (options[i].type == CONFIG_SECRET)
            unsetenv(name);
    }
    return true;
}

/* Takes the flag at argv[at]; *used says how many words it was, 0 when it is
 * somebody else's. */
static bool take_flag(struct config *config, char **argv, int at, int *used,
                      struct err *err)
{
    const char *value;
    char name[OPTION_NAME_SIZE];
    enum option_id id = option_by_flag(argv[at], &value);

    *used = 0;
    if (id == OPTION_COUNT)
        return true;
    option_flag(id, name);
    if (options[id].type == CONFIG_SECRET)
        return err_set(err,
                       "%s: a secret on the command line is seen by "
                       "everybody; use %s-file",
                       name, name);
    *used = 1;
    if (!value && options[id].type == CONFIG_FLAG)
        value = "yes";
    if (!value) {
        *used = 2;
        value = argv[at + 1];
    }
    if (!value)
        return err_set(err, "%s needs a value: %s", name,
                       options[id].argument);
    return setting_put(config, id, RANK_FLAG, name, value, err);
}

static bool take_flags(struct config *config, int *argc, char **argv,
                       struct err *err)
{
    int kept = 1, at = 1, used;

    while (at < *argc && strcmp(argv[at], "--")) {
        if (!take_flag(config, argv, at, &used, err))
            return false;
        if (!used)
            argv[kept++] = argv[at++];
        at += used;
    }
    while (at < *argc)
        argv[kept++] = argv[at++];
    argv[kept] = NULL;
    *argc = kept;
    return true;
}

struct config *config_load(int *argc, char **argv, int *exit_code,
                           struct err *err)
{
    struct config *config = config_new();

    *exit_code = EXIT_USAGE;
    if (take_flags(config, argc, argv, err)) {
        *exit_code = EXIT_CONFIG;
        if (take_environment(config, err) && take_file(config, err))
            return config;
    }
    config_free(config);
    return NULL;
}

/* Asking. */

static void expect_type(enum option_id id, bool right)
{
    if (right)
        return;
    fprintf(stderr, "telltale: bug: setting %s read as the wrong type\n",
            options[id].key);
    abort();
}

const char *config_text(const struct config *config, enum option_id id)
{
    return config->settings[id].value.text;
}

int64_t config_number(const struct config *config, enum option_id id)
{
    enum config_type type = options[id].type;

    expect_type(id, type == CONFIG_NUMBER || type == CONFIG_SIZE ||
                        type == CONFIG_LENGTH);
    return config->settings[id].value.number;
}

bool config_flag(const struct config *config, enum option_id id)
{
    expect_type(id, options[id].type == CONFIG_FLAG);
    return config->settings[id].value.number != 0;
}

const char *const *config_list(const struct config *config, enum option_id id)
{
    expect_type(id, value_is_list(options[id].type));
    return (const char *const *)config->settings[id].value.words;
}

const char *config_by_name(const struct config *config, const char *name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *text = config->settings[i].value.text;

        if (options[i].type != CONFIG_SECRET &&
            value_same_name(options[i].key, name))
            return text ? text : "";
    }
    return NULL;
}

const char *config_origin(const struct config *config, enum option_id id)
{
    const char *origin = config->settings[id].origin;

    return origin ? origin : "default";
}

bool config_is_default(const struct config *config, enum option_id id)
{
    return config->settings[id].rank == RANK_DEFAULT;
}

bool config_section(const struct config *config, const char *section,
                    config_each *each, void *ctx, struct err *err)
{
    for (size_t i = 0; i < config->line_count; i++) {
        const struct line *line = &config->lines[i];

        if (!strcmp(line->section, section) &&
            !each(ctx, line->name, line->key, line->value, line->where, err))
            return false;
    }
    return true;
}
