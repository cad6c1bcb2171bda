/* Lines by kind, and their file: the kind's letter, a blank, the line. What
 * cannot be written is kept in memory; nobody is told, since nothing depends
 * on it. */
#include "ui/history.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/path.h"
#include "base/banned.h"

#define FILE_MAX_SIZE (2 * HISTORY_KINDS * HISTORY_LINES * LIMIT_PASTE)

#define LOOK_EVERY_US INT64_C(60000000)

static const char letters[] = "f/:T"; /* filter, find, command, time */

static struct list {
    char *lines[HISTORY_LINES];
    size_t count;
} lists[HISTORY_KINDS];
static char *file;
static int64_t looked = CLOCK_NONE, before = CLOCK_NONE; /* wall ms */
static int64_t look_written;                             /* monotonic */
static bool look_waits;                                  /* to be written */

static void drop_lines(void)
{
    for (size_t kind = 0; kind < HISTORY_KINDS; kind++) {
        while (lists[kind].count)
            free(lists[kind].lines[--lists[kind].count]);
    }
}

static bool append(struct list *list, const char *text)
{
    if (!*text || (list->count && !strcmp(list->lines[list->count - 1], text)))
        return false;
    if (list->count == HISTORY_LINES) {
        free(list->lines[0]);
        memmove(list->lines, list->lines + 1,
                (HISTORY_LINES - 1) * sizeof *list->lines);
        list->count--;
    }
    list->lines[list->count++] = xstrdup(text);
    return true;
}

/* A file that somebody wrote into is cleaned like everything foreign. */
static void take_line(const char *line)
{
    const char *letter = *line ? strchr(letters, *line) : NULL;
    struct buf text;

    if (*line == 'L' && line[1] == ' ')
        before = clock_parse(line + 2, strlen(line + 2));
    if (!letter || line[1] != ' ')
        return;
    buf_init(&text, LIMIT_PASTE);
    if (text_sanitise(&text, line + 2, strlen(line + 2), LIMIT_PASTE))
        append(&lists[letter - letters], text.data);
    buf_free(&text);
}

void history_open(const char *journal)
{
    struct err err;
    struct buf name;
    char *text, *line, *rest = NULL;
    size_t len;

    history_close();
    if (!journal)
        return;
    buf_init(&name, 8 * KIB);
    buf_addf(&name, "%s.history", journal);
    file = xstrdup(name.data);
    buf_free(&name);
    text = file_slurp(file, FILE_MAX_SIZE, &len, &err);
    for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        take_line(line);
    free(text);
}

static void save(void)
{
    char iso[CLOCK_ISO_SIZE];
    struct buf text;

    if (!file)
        return;
    buf_init(&text, FILE_MAX_SIZE);
    if (looked != CLOCK_NONE || before != CLOCK_NONE) {
        clock_format_iso(looked != CLOCK_NONE ? looked : before, iso);
        buf_addf(&text, "L %s\n", iso);
    }
    look_waits = false;
    look_written = clock_mono_us();
    for (size_t kind = 0; kind < HISTORY_KINDS; kind++)
        for (size_t i = 0; i < lists[kind].count; i++)
            buf_addf(&text, "%c %s\n", letters[kind], lists[kind].lines[i]);
    if (buf_ok(&text))
        path_replace(file, text.data, text.len);
    buf_free(&text);
}

void history_add(unsigned kind, const char *text)
{
    if (append(&lists[kind], text))
        save();
}

void history_forget(void)
{
    drop_lines();
    if (file)
        unlink(file);
}

void history_look(int64_t ms)
{
    looked = ms;
    look_waits = true;
    if (clock_mono_us() - look_written > LOOK_EVERY_US)
        save();
}

int64_t history_looked(void)
{
    return before;
}

void history_close(void)
{
    if (look_waits)
        save();
    looked = before = CLOCK_NONE;
    look_waits = false;
    look_written = 0;
    drop_lines();
    free(file);
    file = NULL;
}

size_t history_count(unsigned kind)
{
    return lists[kind].count;
}

const char *history_back(unsigned kind, size_t n)
{
    return lists[kind].lines[lists[kind].count - n];
}
