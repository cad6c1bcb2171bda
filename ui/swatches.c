/* Themes as lines of names in their own looks. */
#include "ui/swatches.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "config/config.h"
#include "ui/term/theme.h"

#include "base/banned.h"

#define WIDTH 78
#define INDENT 2
#define TRUE_COLOURS (1 << 24)

int swatches_colours(void)
{
    const char *none = getenv("NO_COLOR"), *deep = getenv("COLORTERM");
    const char *term = getenv("TERM");

    if (!isatty(STDOUT_FILENO) || !term || !strcmp(term, "dumb") ||
        (none && *none))
        return 0;
    if (deep && (!strcmp(deep, "truecolor") || !strcmp(deep, "24bit")))
        return TRUE_COLOURS;
    return strstr(term, "256") ? 256 : 8;
}

/* ";38;5;110": what ground (38, or 48 behind the text) is to be. */
static void add_colour(struct buf *out, int ground, uint32_t colour,
                       int colours)
{
    int nearest;

    if (colours == TRUE_COLOURS && colour < THEME_DEFAULT) {
        buf_addf(out, ";%d;2;%u;%u;%u", ground, (unsigned)(colour >> 16 & 255),
                 (unsigned)(colour >> 8 & 255), (unsigned)(colour & 255));
        return;
    }
    nearest = theme_nearest(colour, colours < 256 ? colours : 256);
    if (nearest >= 0 && colours < 256)
        buf_addf(out, ";%d", ground - 8 + nearest);
    else if (nearest >= 0)
        buf_addf(out, ";%d;5;%d", ground, nearest);
}

static void add_look(struct buf *out, struct theme_style style, int colours)
{
    const struct {
        bool on;
        int code;
    } attributes[] = {{style.bold, 1},
                      {style.dim, 2},
                      {style.italic, 3},
                      {style.underline, 4},
                      {style.reverse, 7}};

    buf_adds(out, "\033[0");
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (attributes[i].on)
            buf_addf(out, ";%d", attributes[i].code);
    add_colour(out, 38, style.fg, colours);
    add_colour(out, 48, style.bg, colours);
    buf_addc(out, 'm');
}

static void add_role(struct buf *out, const struct theme *theme,
                     enum role role, int colours)
{
    if (colours)
        add_look(out, theme_style(theme, role), colours);
    buf_adds(out, theme_role_name(role));
    if (colours)
        buf_adds(out, "\033[0m");
}

static void add_roles(struct buf *out, const struct theme *theme, int colours)
{
    int x = WIDTH;

    for (int i = 0; i < ROLE_COUNT; i++) {
        int cells = text_width(theme_role_name((enum role)i)) + 1;

        if (x + cells > WIDTH) {
            buf_addf(out, "\n%*s", INDENT, "");
            x = INDENT;
        }
        add_role(out, theme, (enum role)i, colours);
        buf_addc(out, ' ');
        x += cells;
    }
    buf_adds(out, "\n\n");
}

static void add_theme(struct buf *out, const char *name, bool in_use,
                      int colours)
{
    struct err err;
    struct theme *theme = theme_load(name, &err);

    text_sanitise(out, name, strlen(name), LIMIT_TEXT);
    if (!theme) {
        buf_addf(out, ": %s\n\n", err.text);
        return;
    }
    buf_adds(out, in_use ? "  (in use)" : "");
    add_roles(out, theme, colours);
    theme_free(theme);
}

void swatches_write(struct buf *out, const char *in_use, int colours)
{
    bool known = false;
    char *name;

    for (size_t i = 0; (name = theme_builtin(i)); i++) {
        bool used = !strcmp(name, in_use);

        add_theme(out, name, used, colours);
        known |= used;
        free(name);
    }
    if (!known)
        add_theme(out, in_use, true, colours);
}

/* ---- can they be used ---- */

struct examination {
    void (*say)(void *ctx, char mark, const char *text);
    void *ctx;
    const char *in_use;
    bool broken; /* that one; it was said */
    size_t own;
};

/* One of the user's files. */
static void examine_file(struct examination *of, const char *path)
{
    struct err err;
    struct theme *theme = theme_load(path, &err);
    const char *name = file_base(path);
    bool used = !strncmp(name, of->in_use, strlen(of->in_use)) &&
                !strcmp(name + strlen(of->in_use), ".theme");

    of->own++;
    of->broken |= used && !theme;
    if (!theme)
        of->say(of->ctx, used ? '!' : '~', err.text);
    theme_free(theme);
}

/* The user's, whatever is in use: `t` does not come by them. */
static void examine_own(struct examination *of)
{
    char *pattern = config_dir_file("themes/*.theme");
    glob_t found;

    if (pattern && !glob(pattern, 0, NULL, &found)) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            examine_file(of, found.gl_pathv[i]);
        globfree(&found);
    }
    free(pattern);
}

void swatches_examine(const char *in_use,
                      void (*say)(void *ctx, char mark, const char *text),
                      void *ctx)
{
    struct examination of = {.say = say, .ctx = ctx, .in_use = in_use};
    struct theme *theme;
    struct err err;
    struct buf line;

    examine_own(&of);
    theme = theme_load(in_use, &err);
    buf_init(&line, 1024);
    buf_addf(&line, "%.80s", in_use);
    if (of.own)
        buf_addf(&line, "; %zu of your own in the settings' folder themes/",
                 of.own);
    if (theme)
        say(ctx, ' ', line.data);
    else if (!of.broken)
        say(ctx, '!', err.text);
    buf_free(&line);
    theme_free(theme);
}
