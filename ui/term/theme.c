/* Themes: reading them, and bringing colours down to what a terminal has.
 * What curses makes of them is draw.c's business. */
#include "ui/term/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/ini.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/config.h"
#include "base/banned.h"

/* The files of themes/, compiled in (base/embed.sh). */
extern const struct embedded builtin_themes[];

struct theme {
    char *name;
    struct theme_style styles[ROLE_COUNT], light[ROLE_COUNT];
    bool given[ROLE_COUNT], given_light[ROLE_COUNT];
};

static const struct {
    const char *name;
    enum role role;
} role_names[] = {
    {"text", ROLE_TEXT},
    {"dim", ROLE_DIM},
    {"title", ROLE_TITLE},
    {"tab", ROLE_TAB},
    {"tab.on", ROLE_TAB_ON},
    {"border", ROLE_BORDER},
    {"border.focus", ROLE_BORDER_FOCUS},
    {"key", ROLE_KEY},
    {"cursor", ROLE_CURSOR},
    {"good", ROLE_GOOD},
    {"info", ROLE_INFO},
    {"warn", ROLE_WARN},
    {"bad", ROLE_BAD},
    {"unread", ROLE_UNREAD},
    {"match", ROLE_MATCH},
    {"replay", ROLE_REPLAY},
    {"replay.wait", ROLE_REPLAY_WAIT},
    {"link", ROLE_LINK},
    {"spark", ROLE_SPARK},
    {"share", ROLE_SHARE},
    {"heat.1", ROLE_HEAT_1},
    {"heat.2", ROLE_HEAT_2},
    {"heat.3", ROLE_HEAT_3},
    {"heat.4", ROLE_HEAT_4},
    {"status", ROLE_STATUS},
    {"mode", ROLE_MODE},
    {"prompt", ROLE_PROMPT},
    {"error", ROLE_ERROR},
    {"popup", ROLE_POPUP},
};

/* The sixteen, as most terminals show them; index is the palette's. */
static const struct {
    const char *name;
    uint32_t rgb;
} sixteen[] = {
    {"black", 0x000000},        {"red", 0xcd3131},
    {"green", 0x0dbc79},        {"yellow", 0xc5a332},
    {"blue", 0x2472c8},         {"magenta", 0xbc3fbc},
    {"cyan", 0x11a8cd},         {"white", 0xcccccc},
    {"bright-black", 0x666666}, {"bright-red", 0xf14c4c},
    {"bright-green", 0x23d18b}, {"bright-yellow", 0xf5f543},
    {"bright-blue", 0x3b8eea},  {"bright-magenta", 0xd670d6},
    {"bright-cyan", 0x29b8db},  {"bright-white", 0xffffff},
};

static bool parse_colour(const char *word, uint32_t *out)
{
    size_t len = strlen(word);
    unsigned long value;
    char *end;

    if (!strcmp(word, "default")) {
        *out = THEME_DEFAULT;
        return true;
    }
    for (size_t i = 0; i < sizeof sixteen / sizeof *sixteen; i++)
        if (!strcmp(word, sixteen[i].name)) {
            *out = THEME_PALETTE | (uint32_t)i;
            return true;
        }
    if (strspn(word, "0123456789abcdefABCDEF") != len || !len)
        return false;
    value = strtoul(word, &end, len == 6 ? 16 : 10);
    if (*end || (len != 6 && value > 255))
        return false;
    *out = (uint32_t)value | (len == 6 ? 0 : THEME_PALETTE);
    return true;
}

static bool *attribute(struct theme_style *style, const char *word)
{
    if (!strcmp(word, "bold"))
        return &style->bold;
    if (!strcmp(word, "dim"))
        return &style->dim;
    if (!strcmp(word, "italic"))
        return &style->italic;
    if (!strcmp(word, "underline"))
        return &style->underline;
    return strcmp(word, "reverse") ? NULL : &style->reverse;
}

static bool parse_word(struct theme_style *style, const char *word,
                       bool *background)
{
    bool *flag = attribute(style, word);

    if (flag)
        *flag = true;
    else if (!strcmp(word, "on"))
        *background = true;
    else if (!parse_colour(word, *background ? &style->bg : &style->fg))
        return false;
    return true;
}

static bool parse_style(const char *value, struct theme_style *style,
                        const char *where, struct err *err)
{
    char word[32];
    bool background = false;

    *style = (struct theme_style){.fg = THEME_DEFAULT, .bg = THEME_DEFAULT};
    while (*(value += strspn(value, " \t"))) {
        size_t len = strcspn(value, " \t");

        if (len >= sizeof word)
            return err_set(err, "%s: \"%.40s\" is no colour", where, value);
        memcpy(word, value, len);
        word[len] = '\0';
        if (!parse_word(style, word, &background))
            return err_set(err, "%s: \"%s\" is no colour or attribute", where,
                           word);
        value += len;
    }
    return true;
}

static bool parse_role(const char *name, enum role *out)
{
    enum category category;

    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++)
        if (!strcmp(name, role_names[i].name)) {
            *out = role_names[i].role;
            return true;
        }
    if (!strncmp(name, "account.", 8) && name[8] >= '0' && name[8] <= '7' &&
        !name[9]) {
        *out = (enum role)(ROLE_ACCOUNT_0 + (name[8] - '0'));
        return true;
    }
    if (!strncmp(name, "category.", 9) &&
        category_parse(name + 9, &category)) {
        *out = ROLE_CATEGORY(category);
        return true;
    }
    return false;
}

static bool take_entry(void *ctx, const struct ini_entry *entry,
                       struct err *err)
{
    struct theme *theme = ctx;
    enum role role;
    bool light;

    if (!strcmp(entry->section, "theme")) {
        if (strcmp(entry->key, "name"))
            return err_set(err, "%s: unknown key \"%s\"; there is \"name\"",
                           entry->where, entry->key);
        return true;
    }
    light = !strcmp(entry->section, "light");
    if (!light && strcmp(entry->section, "roles"))
        return err_set(err,
                       "%s: a theme has [theme], [roles] and [light] only",
                       entry->where);
    if (!parse_role(entry->key, &role))
        return err_set(err, "%s: no role is called \"%s\"", entry->where,
                       entry->key);
    (light ? theme->given_light : theme->given)[role] = true;
    return parse_style(entry->value,
                       light ? &theme->light[role] : &theme->styles[role],
                       entry->where, err);
}

/* What a theme leaves out looks like text; a background of text is
 * everybody's who has none. */
static void fill_gaps(struct theme *theme)
{
    const struct theme_style *text = &theme->styles[ROLE_TEXT];

    for (int i = 0; i < ROLE_COUNT; i++) {
        if (!theme->given[i])
            theme->styles[i] = *text;
        if (theme->styles[i].bg == THEME_DEFAULT)
            theme->styles[i].bg = text->bg;
        if (theme->styles[i].fg == THEME_DEFAULT)
            theme->styles[i].fg = text->fg;
    }
}

static struct theme *theme_blank(const char *name)
{
    struct theme *theme = xcalloc(1, sizeof *theme);

    theme->name = xstrdup(name);
    for (int i = 0; i < ROLE_COUNT; i++)
        theme->styles[i].fg = theme->styles[i].bg = THEME_DEFAULT;
    return theme;
}

static struct theme *finish(struct theme *theme, bool read)
{
    if (!read) {
        theme_free(theme);
        return NULL;
    }
    fill_gaps(theme);
    return theme;
}

struct theme *theme_read(const char *name, const char *text, size_t len,
                         struct err *err)
{
    struct theme *theme = theme_blank(name);

    return finish(theme, ini_read(name, text, len, take_entry, theme, err));
}

static struct theme *load_file(const char *name, const char *path,
                               struct err *err)
{
    struct theme *theme = theme_blank(name);

    return finish(theme, ini_load(path, take_entry, theme, err));
}

/* The file in the user's themes directory, or NULL if there is none. */
static char *user_file(const char *name)
{
    struct buf path;
    char *full;

    buf_init(&path, 512);
    buf_addf(&path, "themes/%s.theme", name);
    full = config_dir_file(path.data);
    buf_free(&path);
    if (full && access(full, R_OK) < 0) {
        free(full);
        return NULL;
    }
    return full;
}

/* The file is NAME.theme. */
static bool is_called(const struct embedded *file, const char *name)
{
    size_t len = strlen(name);

    return !strncmp(file->name, name, len) &&
           !strcmp(file->name + len, ".theme");
}

static void no_theme(const char *name, struct err *err)
{
    struct buf names;

    buf_init(&names, 512);
    for (const struct embedded *file = builtin_themes; file->name; file++)
        buf_addf(&names, "%s%.*s", names.len ? ", " : "",
                 (int)strcspn(file->name, "."), file->name);
    err_set(err, "No theme \"%.60s\". There are %s.", name, names.data);
    buf_free(&names);
}

struct theme *theme_load(const char *name, struct err *err)
{
    struct theme *theme;
    char *path;

    if (strchr(name, '/'))
        return load_file(name, name, err);
    path = user_file(name);
    if (path) {
        theme = load_file(name, path, err);
        free(path);
        return theme;
    }
    for (const struct embedded *file = builtin_themes; file->name; file++)
        if (is_called(file, name))
            return theme_read(name, file->text, file->len, err);
    no_theme(name, err);
    return NULL;
}

void theme_free(struct theme *theme)
{
    if (!theme)
        return;
    free(theme->name);
    free(theme);
}

const char *theme_name(const struct theme *theme)
{
    return theme->name;
}

void theme_on_light(struct theme *theme)
{
    for (int i = 0; i < ROLE_COUNT; i++)
        if (theme->given_light[i])
            theme->styles[i] = theme->light[i];
}

char *theme_builtin(size_t index)
{
    for (const struct embedded *file = builtin_themes; file->name; file++)
        if (!index--)
            return xstrndup(file->name, strcspn(file->name, "."));
    return NULL;
}

const char *theme_role_name(enum role role)
{
    static char name[32];

    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++)
        if (role_names[i].role == role)
            return role_names[i].name;
    if (role <= ROLE_ACCOUNT_7)
        snprintf(name, sizeof name, "account.%d", (int)role - ROLE_ACCOUNT_0);
    else
        snprintf(name, sizeof name, "category.%s",
                 category_name((enum category)(role - ROLE_CATEGORY_0)));
    return name;
}

char *theme_next(const char *name)
{
    const struct embedded *file = builtin_themes;

    while (file->name && !is_called(file, name))
        file++;
    if (!file->name || !(++file)->name)
        file = builtin_themes;
    /* The first of them is there. */
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
    return xstrndup(file->name, strcspn(file->name, "."));
}

struct theme_style theme_style(const struct theme *theme, enum role role)
{
    return theme->styles[role];
}

static unsigned square(int a, int b)
{
    return (unsigned)((a - b) * (a - b));
}

static unsigned apart(uint32_t a, uint32_t b)
{
    return 2 * square((int)(a >> 16 & 255), (int)(b >> 16 & 255)) +
           4 * square((int)(a >> 8 & 255), (int)(b >> 8 & 255)) +
           3 * square((int)(a & 255), (int)(b & 255));
}

/* The colour of a palette index above the sixteen: a cube of six steps, then
 * 24 greys (xterm's). */
static uint32_t palette_rgb(unsigned index)
{
    static const uint32_t steps[] = {0, 95, 135, 175, 215, 255};

    if (index < 16)
        return sixteen[index].rgb;
    if (index >= 232)
        return (8 + 10 * (index - 232)) * UINT32_C(0x010101);
    index -= 16;
    return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 |
           steps[index % 6];
}

int theme_nearest(uint32_t colour, int colors)
{
    unsigned first = colors >= 256 ? 16 : 0;
    unsigned end = colors >= 256 ? 256 : (unsigned)colors;
    unsigned least = UINT32_MAX;
    int best = 0;

    if (colour == THEME_DEFAULT || colors < 8)
        return -1;
    if (colour >= THEME_PALETTE) {
        if ((int)(colour & 255) < colors)
            return (int)(colour & 255);
        if ((colour & 255) < 16)
            return (int)(colour & 7);
        colour = palette_rgb(colour & 255);
    }
    for (unsigned i = first; i < end; i++) {
        unsigned far = apart(colour, palette_rgb(i));

        if (far < least) {
            least = far;
            best = (int)i;
        }
    }
    return best;
}

/* FNV-1a: stable across runs and machines, so an account keeps its colour. */
enum role theme_account(const char *account_id)
{
    uint32_t hash = 2166136261u;

    if (!account_id)
        return ROLE_DIM;
    for (const char *at = account_id; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    return (enum role)(ROLE_ACCOUNT_0 + (hash >> 16) % 8);
}

enum role theme_tone(enum tone tone)
{
    static const enum role roles[] = {
        [TONE_INFO] = ROLE_INFO,
        [TONE_GOOD] = ROLE_GOOD,
        [TONE_WARN] = ROLE_WARN,
        [TONE_BAD] = ROLE_BAD,
    };

    return roles[tone];
}
