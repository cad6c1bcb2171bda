/* `telltale import`: what `telltale export` wrote, into this journal. What is
 * there already is not kept twice, so that an import that was cut short is
 * simply made again. */
#include "command/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/import_file.h"
#include "command/interrupt.h"
#include "command/progress.h"
#include "journal/owner.h"

#include "base/banned.h"

#define LOOK_EVERY 256 /* lines between looks at the clock */
#define DRAW_US INT64_C(100000)

/* ---- what is said ---- */

struct show {
    struct import *import;
    int64_t began_us, drawn_us;
    uint64_t lines; /* of all files */
};

static void draw(struct show *show, const struct import_file *file)
{
    int64_t now = clock_mono_us();
    double done = file->size ? (double)file->read / (double)file->size : 0;
    struct buf text;

    if (!show->import->terminal || now - show->drawn_us < DRAW_US)
        return;
    show->drawn_us = now;
    buf_init(&text, KIB);
    if (file->size)
        progress_bar(&text, done > 1 ? 1 : done);
    buf_addf(&text, "%" PRIu64 " lines", show->lines);
    if (file->size)
        progress_left(&text, now - show->began_us, done > 1 ? 1 : done);
    fprintf(stderr, "\r%s\033[K", text.data);
    fflush(stderr);
    buf_free(&text);
}

static void put_count(uint64_t count, const char *one, const char *many)
{
    if (count)
        printf(", %" PRIu64 " %s", count, count == 1 ? one : many);
}

static void print_result(const struct show *show)
{
    const struct import_counts *counts = &show->import->counts;
    double seconds = (double)(clock_mono_us() - show->began_us) / 1e6;
    uint64_t events = counts->fresh + counts->duplicates + counts->forgotten;

    import_clear_line(show->import);
    printf("%" PRIu64 " %s kept", counts->fresh,
           counts->fresh == 1 ? "event" : "events");
    put_count(counts->duplicates, "was there already", "were there already");
    put_count(counts->forgotten, "is of somebody forgotten",
              "are of people forgotten");
    put_count(counts->skipped, "line skipped", "lines skipped");
    put_count(counts->ticks, "tick", "ticks");
    put_count(counts->old_ticks, "tick of the past left out",
              "ticks of the past left out");
    if (seconds > 0)
        printf("; %.0f events/s", (double)events / seconds);
    putchar('\n');
}

/* ---- the work ---- */

static bool take_file(struct show *show, const struct import_sink *sink,
                      void *self, struct import_file *file, struct err *err)
{
    const char *text;
    size_t len;

    while (!interrupt_came()) {
        switch (import_file_next(file, &text, &len, err)) {
        case IMPORT_LINE:
            if (!sink->line(self, file->name, file->line, text, len, err))
                return false;
            break;
        case IMPORT_LONG:
            import_wrong(show->import, file->name, file->line,
                         "the line is too long");
            break;
        case IMPORT_END:
        case IMPORT_STOPPED:
            return true;
        case IMPORT_FAILED:
            return false;
        }
        if (++show->lines % LOOK_EVERY == 0)
            draw(show, file);
    }
    return true;
}

static bool take_files(struct show *show, const struct import_sink *sink,
                       void *self, char **names, int count, struct err *err)
{
    bool ok = true;

    for (int i = 0; ok && i < count && !interrupt_came(); i++) {
        struct import_file file;

        show->began_us = clock_mono_us();
        ok = import_file_open(&file, names[i], err) &&
             take_file(show, sink, self, &file, err);
        import_file_close(&file);
    }
    return ok;
}

/* What was read before something failed is kept all the same. */
static int run(struct import *import, char **names, int count)
{
    const struct import_sink *sink =
        owner_find(import->path) ? &import_owner : &import_here;
    struct show show = {.import = import};
    struct err err = {""}, last = {""};
    int64_t began = clock_mono_us();
    void *self = sink->open(import, &err);
    bool ok;

    if (!self)
        return command_fail(EXIT_FAILED, "%s", err.text);
    interrupt_catch();
    ok = take_files(&show, sink, self, names, count, &err);
    if (!sink->finish(self, &last)) {
        err = ok ? last : err;
        ok = false;
    }
    sink->free(self);
    show.began_us = began;
    print_result(&show);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (interrupt_came())
        return command_fail(EXIT_INTERRUPTED,
                            "stopped: run it again to go on from there");
    return import->counts.skipped ? EXIT_FAILED : EXIT_DONE;
}

/* A name that is wrong is said before anything is kept. */
static bool check_names(char **names, int count, struct err *err)
{
    for (int i = 0; i < count; i++) {
        if (!*names[i])
            return err_set(err, "the name of a file is empty: telltale import "
                                "FILE, or - for standard input");
        if (strcmp(names[i], "-") != 0 && access(names[i], R_OK))
            return err_errno(err, "%s", names[i]);
    }
    return true;
}

int command_import(struct command_context *context)
{
    struct import import = {.config = context->config,
                            .path =
                                config_text(context->config, OPTION_journal),
                            .terminal = isatty(STDERR_FILENO)};
    struct buf words;
    struct err err;
    char **names;
    int count;
    bool ok;

    buf_init(&words, 64 * KIB);
    ok = command_words(context, NULL, &words);
    buf_free(&words);
    names = command_each(context, &count);
    if (!ok)
        return EXIT_USAGE;
    if (!count)
        return command_fail(EXIT_USAGE, "import what? telltale import FILE, "
                                        "or - for standard input");
    if (!import.path)
        return command_fail(EXIT_CONFIG, "no home directory for the journal: "
                                         "set HOME or --journal");
    if (!check_names(names, count, &err))
        return command_fail(EXIT_FAILED, "%s", err.text);
    return run(&import, names, count);
}
