/* `telltale export`: the journal, or what a filter lets through, written out
 * in the order in which it was kept: as lines that `telltale import` reads,
 * or as a table. It goes page by page, beside whoever owns the journal, and
 * is noted in it before the first line is out. */
#include "command/command.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <openssl/rand.h>
#include <sqlite3.h>

#include "app/decode_context.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/moment.h"
#include "base/text.h"
#include "command/export_csv.h"
#include "command/export_there.h"
#include "command/interrupt.h"
#include "command/owner_ask.h"
#include "command/there.h"
#include "event/archive.h"
#include "journal/db.h"
#include "journal/exports.h"
#include "journal/owner.h"
#include "journal/reader.h"
#include "query/query.h"

#include "base/banned.h"

#define ID_BITS 52 /* numbers of JSON are exact so far */

struct export
{
    const struct config *config;
    const char *path;
    struct journal_reader *reader;
    struct query *query;
    struct decode_context decode;
    sqlite3_stmt *ticks; /* NULL in a table, which has none */
    char *zone;
    struct buf line;
    int64_t since_ms; /* 0: not given */
    uint64_t cursor, upto;
    bool csv, quiet; /* quiet: standard output is gone */
    struct export_note note;
    char *target; /* the note's */
    uint64_t tick_count;
};

/* ---- the note ---- */

static bool note_by_owner(const char *path, const struct export_note *note,
                          struct err *err)
{
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "do", "export");
    cJSON_AddNumberToObject(request, "id", (double)note->id);
    cJSON_AddNumberToObject(request, "at", (double)note->at);
    if (note->query)
        cJSON_AddStringToObject(request, "query", note->query);
    cJSON_AddStringToObject(request, "target", note->target);
    cJSON_AddNumberToObject(request, "events", (double)note->events);
    return owner_tell(path, request, err);
}

static bool note_here(const char *path, const struct export_note *note,
                      struct err *err)
{
    long pid;
    struct owner *owner = owner_take(path, &pid, err);
    sqlite3 *db = owner ? db_open(path, err) : NULL;
    bool ok = db && exports_note(db, note, err);

    db_close(db);
    owner_release(owner);
    return ok;
}

static bool note_down(const struct export *export, struct err *err)
{
    struct err why = {""};
    bool ok = owner_find(export->path)
                  ? note_by_owner(export->path, &export->note, &why)
                  : note_here(export->path, &export->note, &why);

    return ok || err_set(err, "the export cannot be noted: %s", why.text);
}

/* "ada, csv". The caller frees it. */
static char *name_target(bool csv)
{
    const struct passwd *user = getpwuid(geteuid());
    struct buf out;

    buf_init(&out, 400);
    if (!user ||
        !text_sanitise(&out, user->pw_name, strlen(user->pw_name), 300))
        buf_addf(&out, "user %ld", (long)geteuid());
    buf_addf(&out, ", %s", csv ? "csv" : "jsonl");
    return buf_take(&out);
}

static bool begin_note(struct export *export, const char *query,
                       struct err *err)
{
    uint64_t id;

    export->target = name_target(export->csv);
    if (RAND_bytes((unsigned char *)&id, sizeof id) != 1)
        return err_set(err, "no random numbers");
    export->note = (struct export_note){.id = (int64_t)(id >> (64 - ID_BITS)),
                                        .at = clock_now_ms(),
                                        .query = *query ? query : NULL,
                                        .target = export->target};
    return note_down(export, err);
}

/* ---- one line ---- */

static bool put_line(struct export *export, struct err *err)
{
    const struct buf *line = &export->line;

    if (!buf_ok(line))
        return err_set(err, "an event is too large to be written");
    if (fwrite(line->data, 1, line->len, stdout) == line->len)
        return true;
    return command_unwritten(&export->quiet, err);
}

static bool put_event(struct export *export, const struct event *event,
                      struct err *err)
{
    const struct uuid *id = reader_journal_id(export->reader);
    struct arena arena = ARENA_INIT;
    struct event shown = *event;

    redaction_conceal(export->decode.conceal, &shown, &arena);
    buf_clear(&export->line);
    if (export->csv)
        export_csv_row(&export->line, &shown, id);
    else if (archive_event(&export->line, &shown, id))
        buf_addc(&export->line, '\n');
    arena_free(&arena);
    export->note.events++;
    return put_line(export, err);
}

/* Ticks up to and with that seq. */
static bool put_ticks(struct export *export, uint64_t upto, struct err *err)
{
    bool ok = true;
    int result;

    if (!export->ticks)
        return true;
    sqlite3_bind_int64(export->ticks, 1, (int64_t) export->cursor);
    sqlite3_bind_int64(export->ticks, 2, (int64_t)upto);
    while (ok && (result = sqlite3_step(export->ticks)) == SQLITE_ROW) {
        buf_clear(&export->line);
        archive_tick(&export->line,
                     (uint64_t)sqlite3_column_int64(export->ticks, 0),
                     sqlite3_column_int64(export->ticks, 1), export->zone);
        buf_addc(&export->line, '\n');
        export->tick_count++;
        ok = put_line(export, err);
    }
    if (ok && result != SQLITE_DONE)
        ok = db_fail(reader_db(export->reader), err, "the ticks");
    sqlite3_reset(export->ticks);
    return ok;
}

/* The filter sees an event as the screen does; what is written is how it was
 * kept. */
static bool is_wanted(struct export *export, const struct event *event,
                      struct arena *arena)
{
    uint64_t unjudged = query_unjudged(export->query);
    struct event labelled = *event;
    struct err err;

    if (event->received_at < export->since_ms)
        return false;
    if (query_is_empty(export->query))
        return true;
    decode_relabel(export->decode.book, &labelled, arena);
    if (query_match(export->query, &labelled, clock_now_ms()))
        return true;
    if (!unjudged && !query_explain_unjudged(export->query, &err))
        fprintf(stderr, "telltale: %s; such events are left out\n", err.text);
    return false;
}

/* ---- all of them ---- */

static bool put_page(struct export *export, struct event_batch *batch,
                     struct err *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct event *event = &batch->events[i];

        if (!put_ticks(export, event->seq, err) ||
            (is_wanted(export, event, &batch->arena) &&
             !put_event(export, event, err)))
            return false;
        export->cursor = event->seq;
    }
    return true;
}

static bool put_all(struct export *export, struct err *err)
{
    bool more = true;

    while (more && !interrupt_came()) {
        struct reader_range range = {.after = export->cursor,
                                     .before = export->upto + 1};
        struct event_batch *batch = event_batch_new();
        bool ok = reader_page(export->reader, &range, batch, &more, err) &&
                  put_page(export, batch, err);

        more = more && batch->count;
        event_batch_free(batch);
        if (!ok)
            return false;
    }
    return interrupt_came() || put_ticks(export, export->upto, err);
}

static bool open_journal(struct export *export, struct err *err)
{
    static const char ticks[] = "SELECT seq, at FROM ticks WHERE seq > ? AND "
                                "seq <= ? ORDER BY seq";
    struct err no_book;

    if (!decode_context_open_bookless(&export->decode, export->config,
                                      &no_book, err))
        return false;
    if (*no_book.text)
        fprintf(stderr, "telltale: without the book: %s\n", no_book.text);
    query_set_book(export->query, export->decode.book);
    export->reader = reader_open(export->path, err);
    if (!export->reader ||
        !reader_last_seq(export->reader, &export->upto, err))
        return false;
    export->zone = db_meta_text(reader_db(export->reader), "zone", err);
    if (!export->csv)
        export->ticks =
            db_prepare(reader_db(export->reader), ticks, true, err);
    return export->zone && (export->csv || export->ticks) &&
           (!export->since_ms || reader_since(export->reader, export->since_ms,
                                              &export->cursor, err));
}

static bool write_out(struct export *export, struct err *err)
{
    bool ok = true;

    if (export->csv) {
        export_csv_header(&export->line);
        ok = put_line(export, err);
    }
    ok = ok && put_all(export, err);
    if (ok && fflush(stdout))
        ok = command_unwritten(&export->quiet, err);
    return ok;
}

static void say(const struct export *export)
{
    fprintf(stderr, "telltale: %" PRIu64 " %s", export->note.events,
            export->note.events == 1 ? "event" : "events");
    if (!export->csv)
        fprintf(stderr, " and %" PRIu64 " %s", export->tick_count,
                export->tick_count == 1 ? "tick" : "ticks");
    fputs(" written, and noted in the journal\n", stderr);
}

/* How many is noted whatever happened. */
static int run(struct export *export, const char *query)
{
    struct err err = {""}, why = {""};
    bool ok = open_journal(export, &err) && begin_note(export, query, &err);
    int code = EXIT_DONE;

    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    interrupt_catch();
    ok = write_out(export, &err);
    if (!ok && !export->quiet)
        code = command_fail(EXIT_FAILED, "%s", err.text);
    if (export->note.events && !note_down(export, &why))
        code = command_fail(EXIT_FAILED, "%s", why.text);
    if (interrupt_came())
        return EXIT_INTERRUPTED;
    if (ok && code == EXIT_DONE)
        say(export);
    return query_unjudged(export->query) ? EXIT_FAILED : code;
}

/* ---- the list of exports ---- */

static bool print_note(void *ctx, const struct export_note *note)
{
    const char *query = note->query ? note->query : "everything";
    char at[CLOCK_ISO_SIZE];
    struct buf clean;

    clock_format_iso(note->at, at);
    buf_init(&clean, 4 * strlen(query));
    text_sanitise(&clean, query, strlen(query), clean.max);
    printf("%.16sZ  %s  %" PRIu64 " %s  %s\n", at, note->target, note->events,
           note->events == 1 ? "event" : "events", clean.data);
    buf_free(&clean);
    ++*(size_t *)ctx;
    return true;
}

static int list(const char *path)
{
    struct err err = {""};
    struct journal_reader *reader = reader_open(path, &err);
    size_t count = 0;
    bool ok =
        reader && exports_each(reader_db(reader), print_note, &count, &err);

    if (reader)
        reader_close(reader);
    if (!ok)
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (!count)
        puts("nothing was exported");
    return EXIT_DONE;
}

/* ---- words ---- */

static bool read_query(struct export *export, const char *text)
{
    struct query_error error = {.column = 0};

    export->query = query_parse(text, &error);
    return export->query || command_wrong_query(text, &error);
}

static bool read_format(struct export *export, const char *format)
{
    export->csv = !strcmp(format, "csv");
    if (export->csv || !strcmp(format, "jsonl"))
        return true;
    command_fail(EXIT_USAGE, "--format %s: jsonl or csv is needed", format);
    return false;
}

static bool read_since(struct export *export, const char *since)
{
    if (!since || moment_parse(since, clock_now_ms(), &export->since_ms))
        return true;
    command_fail(EXIT_USAGE,
                 "--since %s: no time, like 2h, 09:00 or 2026-09-14", since);
    return false;
}

static void close_all(struct export *export)
{
    sqlite3_finalize(export->ticks);
    if (export->reader)
        reader_close(export->reader);
    decode_context_close(&export->decode);
    query_free(export->query);
    free(export->zone);
    free(export->target);
    buf_free(&export->line);
}

struct words {
    struct buf text;
    bool there;        /* then text is an address */
    const char *query; /* a piece of text */
};

static bool read_words(struct export *export, struct command_context *context,
                       struct words *words)
{
    const char *format;

    if (!command_words(context, NULL, &words->text))
        return false;
    words->query = words->text.data;
    words->there = there_is(words->text.data, &words->query);
    format = command_value(context, ARG_export_format);
    return read_format(export, format ? format : "jsonl") &&
           read_since(export, command_value(context, ARG_export_since)) &&
           read_query(export, words->query);
}

static int run_there(const struct export *export, const char *url)
{
    struct export_there there = {.config = export->config,
                                 .url = url,
                                 .query = export->query,
                                 .since_ms = export->since_ms,
                                 .csv = export->csv};

    return export_there(&there);
}

static int run_here(struct export *export, struct command_context *context,
                    const char *query)
{
    if (!export->path)
        return command_fail(EXIT_CONFIG, "no home directory for the journal: "
                                         "set HOME or --journal");
    return command_flag(context, ARG_export_list) ? list(export->path)
                                                  : run(export, query);
}

int command_export(struct command_context *context)
{
    struct export export = {.config = context->config,
                            .path =
                                config_text(context->config, OPTION_journal)};
    struct words words;
    int code = EXIT_USAGE;

    buf_init(&words.text, 64 * KIB);
    buf_adds(&words.text, "");
    buf_init(&export.line, LIMIT_LINE);
    if (!read_words(&export, context, &words))
        code = EXIT_USAGE;
    else if (words.there && command_flag(context, ARG_export_list))
        command_fail(EXIT_USAGE, "--list: of exports there the journal there "
                                 "tells, on that machine");
    else if (words.there)
        code = run_there(&export, words.text.data);
    else
        code = run_here(&export, context, words.query);
    close_all(&export);
    buf_free(&words.text);
    return code;
}
