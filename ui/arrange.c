/* The file has a word and a value a line: "columns panes", "left 4". */
#include "ui/arrange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/path.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define EXTRA_MOST 400 /* cells that a pane was made wider */

static const char *const names[ARRANGE_COUNT] = {"all", "accounts", "panes",
                                                 "stream"};
static char *file, *written;

const char *arrangement_name(enum arrangement arrangement)
{
    return names[arrangement];
}

bool arrangement_parse(const char *name, enum arrangement *out)
{
    for (int i = 0; i < ARRANGE_COUNT; i++)
        if (!strcmp(name, names[i])) {
            *out = (enum arrangement)i;
            return true;
        }
    return false;
}

static void add_all(const struct screen *screen, struct buf *out)
{
    buf_addf(out, "columns %s\nleft %d\nright %d\nzoom %s\n",
             names[screen->arrangement], screen->left_extra,
             screen->right_extra, screen->zoom ? "yes" : "no");
}

static int cells(const char *value)
{
    long number = strtol(value, NULL, 10);

    return number > EXTRA_MOST    ? EXTRA_MOST
           : number < -EXTRA_MOST ? -EXTRA_MOST
                                  : (int)number;
}

static void take_line(struct screen *screen, char *line)
{
    char *value = strchr(line, ' ');

    if (!value)
        return;
    *value++ = '\0';
    if (!strcmp(line, "columns"))
        arrangement_parse(value, &screen->arrangement);
    else if (!strcmp(line, "left"))
        screen->left_extra = cells(value);
    else if (!strcmp(line, "right"))
        screen->right_extra = cells(value);
    else if (!strcmp(line, "zoom"))
        screen->zoom = !strcmp(value, "yes");
}

void arrange_open(struct screen *screen, const char *journal)
{
    char *text, *line, *rest = NULL;
    struct buf name;
    struct err err;
    size_t len;

    arrange_close();
    if (!journal)
        return;
    buf_init(&name, 8 * KIB);
    buf_addf(&name, "%s.layout", journal);
    file = xstrdup(name.data);
    buf_free(&name);
    text = file_slurp(file, 4 * KIB, &len, &err);
    written = text ? xstrdup(text) : NULL;
    for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        take_line(screen, line);
    free(text);
}

void arrange_save(const struct screen *screen)
{
    struct buf text;

    if (!file)
        return;
    buf_init(&text, 4 * KIB);
    add_all(screen, &text);
    if ((!written || strcmp(written, text.data)) &&
        path_replace(file, text.data, text.len)) {
        free(written);
        written = xstrdup(text.data);
    }
    buf_free(&text);
}

void arrange_close(void)
{
    free(file);
    free(written);
    file = written = NULL;
}
