/* The board with the fixtures' morning. Which files there are is said here,
 * so that a new fixture does not change every golden screen. */
#include "stage.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tap.h"
#include "base/banned.h"

#define ARGS_MAX 256
#define NOW "TELLTALE_CLOCK=2026-09-14T10:48:50Z"

const char *stage_path(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    const char *root = getenv("TESTS_SRC");
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", root ? root : ".", name);
    return path;
}

static const char *board_path(void)
{
    static char path[512];
    const char *root = getenv("TESTS_BUILD");

    snprintf(path, sizeof path, "%s/tests/screen/board", root ? root : ".");
    return path;
}

struct args {
    const char *list[ARGS_MAX];
    size_t count;
};

static void add(struct args *args, const char *text)
{
    if (args->count < ARGS_MAX - 1)
        args->list[args->count++] = xstrdup(text);
}

static void add_files(struct args *args, const char *pattern)
{
    glob_t found;

    if (glob(stage_path(pattern), 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            add(args, found.gl_pathv[i]);
    globfree(&found);
}

static void add_bodies(struct args *args, enum bodies bodies)
{
    add(args, "--");
    if (bodies == BODIES_NONE)
        return;
    add_files(args, "tests/fixtures/[0-4][0-9]_*.json");
    add_files(args, "tests/fixtures/50_*.json");
    add_files(args, "tests/fixtures/hard_cjk_wide.json");
    if (bodies == BODIES_HOSTILE)
        add_files(args, "tests/fixtures/hard_[ad-z]*.json");
}

static bool has_frame(struct term *term, const void *frames)
{
    return term->frames > *(const unsigned long *)frames;
}

static void free_args(struct args *args)
{
    for (size_t i = 0; i < args->count; i++)
        free((char *)args->list[i]);
}

struct term *stage_start(int rows, int cols, enum bodies bodies,
                         const char *const *settings, const char *const *extra)
{
    static const unsigned long none = 0;
    const char *environment[16] = {NOW};
    struct args args = {{0}, 0};
    struct term *term;
    char accounts[600], signals[600], usage[600];
    int n = 1;

    for (; extra && *extra && n < 15; extra++)
        environment[n++] = *extra;
    snprintf(accounts, sizeof accounts, "accounts=%s",
             stage_path("tests/fixtures/accounts.csv"));
    snprintf(signals, sizeof signals, "signals=%s",
             stage_path("tests/screen/signals.tsv"));
    snprintf(usage, sizeof usage, "usage=%s",
             stage_path("tests/screen/usage.tsv"));
    add(&args, board_path());
    if (bodies != BODIES_NONE)
        add(&args, accounts);
    if (bodies == BODIES_MORNING) {
        add(&args, signals);
        add(&args, usage);
    }
    for (; settings && *settings; settings++)
        add(&args, *settings);
    add_bodies(&args, bodies);
    term = term_start(rows, cols, args.list, environment);
    free_args(&args);
    term_wait(term, has_frame, &none);
    return term;
}

void stage_keys(struct term *term, const char *const *keys)
{
    for (; keys && *keys; keys++) {
        unsigned long frames = term->frames;

        term_type(term, *keys);
        term_wait(term, has_frame, &frames);
    }
}

static void tell(struct term *term, const char *word, const char *file)
{
    unsigned long frames = term->frames;
    char line[600];

    snprintf(line, sizeof line, "%s %s", word, stage_path(file));
    term_tell(term, line);
    term_wait(term, has_frame, &frames);
}

static bool is_still(struct term *term, const void *stills)
{
    return term->stills > *(const unsigned long *)stills;
}

bool stage_between(struct term *term, const char *line, const char *key)
{
    unsigned long stills = term->stills, frames = term->frames;

    term_tell(term, "hold");
    term_tell(term, line);
    term_tell(term, "still");
    if (!term_wait(term, is_still, &stills))
        return false;
    term_type(term, key);
    return term_wait(term, has_frame, &frames);
}

void stage_body(struct term *term, const char *file)
{
    tell(term, "body", file);
}

void stage_past(struct term *term, const char *file)
{
    tell(term, "past", file);
}

void stage_case(struct term *term, bool good, const char *sentence)
{
    struct buf text;

    buf_init(&text, MIB);
    term_text(term, &text);
    for (char *at = text.data; !good && *at; at += strcspn(at, "\n") + 1)
        note("|%.*s|", (int)strcspn(at, "\n"), at);
    buf_free(&text);
    ok(good, sentence);
    term_free(term);
}
