/* Fills the journal from a file or from PostHog; a stream is tail_stream.c.
 * Printing is tail.c. */
#include "command/tail_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/backfill_run.h"
#include "command/command.h"
#include "command/import.h"
#include "command/import_file.h"
#include "command/interrupt.h"
#include "command/temp_journal.h"
#include "net/nats_url.h"

#include "base/banned.h"

#define FILE_WORD "file://"

const char *tail_source_asked(const struct config *config)
{
    return strcmp(config_origin(config, OPTION_source), "--source")
               ? NULL
               : config_text(config, OPTION_source);
}

/* ---- a file ---- */

static bool take_file(struct import *import, void *sink, const char *name,
                      struct err *err)
{
    struct import_file file;
    bool ok = import_file_open(&file, name, err), more = ok;
    const char *text;
    size_t len;

    while (ok && more && !interrupt_came())
        switch (import_file_next(&file, &text, &len, err)) {
        case IMPORT_LINE:
            ok = import_here.line(sink, file.name, file.line, text, len, err);
            break;
        case IMPORT_LONG:
            import_wrong(import, file.name, file.line, "the line is too long");
            break;
        case IMPORT_END:
        case IMPORT_STOPPED:
            more = false;
            break;
        case IMPORT_FAILED:
            ok = false;
        }
    import_file_close(&file);
    return ok && import_here.finish(sink, err);
}

static int fill_from_file(const struct tail_source *source, const char *path)
{
    struct import import = {.config = source->config, .path = path};
    struct err err = {""};
    void *sink = import_here.open(&import, &err);
    bool ok = sink && take_file(&import, sink,
                                source->where + strlen(FILE_WORD), &err);

    if (sink)
        import_here.free(sink);
    if (interrupt_came())
        return EXIT_INTERRUPTED;
    return ok ? EXIT_DONE : command_fail(EXIT_FAILED, "%s", err.text);
}

/* ---- all of them ---- */

static int fill(const struct tail_source *source, const char *path)
{
    struct backfill_span span = {.until_ms = clock_now_ms(), .aside = true};

    if (!strncmp(source->where, FILE_WORD, strlen(FILE_WORD)))
        return fill_from_file(source, path);
    span.since_ms =
        source->since_ms ? source->since_ms : span.until_ms - CLOCK_HOUR_MS;
    return backfill_here(source->config, &span);
}

static int run(const struct tail_source *source, const char *path)
{
    struct err err = {""};
    int code;

    if (nats_url_is(source->where))
        return tail_stream(source, path);
    code = fill(source, path);
    if (code != EXIT_DONE || source->settled(source->ctx, path, &err))
        return code;
    if (interrupt_came())
        return EXIT_INTERRUPTED;
    return *err.text ? command_fail(EXIT_FAILED, "%s", err.text) : EXIT_DONE;
}

int tail_source(const struct tail_source *source)
{
    struct err err = {""};
    char *directory, *path;
    int code;

    if (source->follow && !nats_url_is(source->where))
        return command_fail(EXIT_USAGE,
                            "--source %s does not go on: -f is for a stream, "
                            "or for an address in place of --source",
                            source->where);
    interrupt_catch(); /* what is in the folder does not stay */
    directory = temp_journal_make("tail", &err);
    if (!directory)
        return command_fail(EXIT_FAILED, "%s", err.text);
    path = temp_journal_path(directory);
    code = config_set(source->config, OPTION_journal, path, "tail", &err)
               ? run(source, path)
               : command_fail(EXIT_FAILED, "%s", err.text);
    temp_journal_remove(directory);
    free(path);
    free(directory);
    return code;
}
