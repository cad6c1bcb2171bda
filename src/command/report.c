/* `telltale report`: some days of the book, or of one account, on a page: for
 * a stand-up, the weekly review, or before a call. */
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/decode_context.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/moment.h"
#include "base/text.h"
#include "command/there.h"
#include "event/url.h"
#include "journal/db.h"
#include "journal/reader.h"
#include "journal/zone.h"
#include "report/report.h"

#include "base/banned.h"

#define DEFAULT_SINCE "7d"
/* Much has to be read there of many days, with others in between. */
#define PATIENCE_MS 600000

static int print(const struct buf *page)
{
    struct err err;
    bool gone;

    if (fwrite(page->data, 1, page->len, stdout) == page->len &&
        !fflush(stdout))
        return EXIT_DONE;
    command_unwritten(&gone, &err);
    return gone ? EXIT_DONE : command_fail(EXIT_FAILED, "%s", err.text);
}

static int write_page(const struct report *report,
                      const struct report_format *format)
{
    struct buf page;
    int code;

    buf_init(&page, LIMIT_REPORT_PAGE);
    code = format->write(&page, report)
               ? print(&page)
               : command_fail(EXIT_FAILED, "the report is too large");
    buf_free(&page);
    return code;
}

/* The days of the journal, where those of the process are others. */
static bool open_days(struct journal_reader *reader, struct zone_days **days,
                      struct err *err)
{
    char *zone = db_meta_text(reader_db(reader), "zone", err);
    char *ours = zone_name();

    if (zone && strcmp(zone, ours) != 0)
        *days = zone_days_new(zone);
    free(ours);
    free(zone);
    return zone != NULL;
}

static int make(const char *path, struct report_options *options,
                const struct report_format *format)
{
    struct zone_days *days = NULL;
    struct report report = {.count = 0};
    struct err err = {""};
    struct journal_reader *reader = reader_open(path, &err);
    bool ok = reader && open_days(reader, &days, &err);
    int code;

    options->days = days;
    ok = ok && report_gather(&report, reader, options, &err);
    code = ok ? write_page(&report, format)
              : command_fail(EXIT_FAILED, "%s", err.text);
    report_free(&report);
    zone_days_free(days);
    if (reader)
        reader_close(reader);
    return code;
}

struct words {
    struct report_options options;
    const struct report_format *format;
    const char *account; /* as it was given, or NULL */
    struct buf text;     /* an address, or nothing */
    bool there;
};

static bool refuse(const char *option, const char *value, const char *what)
{
    command_fail(EXIT_USAGE, "--%s %s: %s", option, value, what);
    return false;
}

static bool read_place(struct words *words)
{
    const char *rest = "";

    words->there = there_is(words->text.data, &rest);
    if (!*rest && (words->there || !words->text.len))
        return true;
    command_fail(EXIT_USAGE, "report takes no word \"%s\"",
                 words->there ? rest : words->text.data);
    return false;
}

static bool read_since(const char *since, struct report_options *options)
{
    int64_t length;

    if (!moment_parse_length(since, &length))
        return moment_parse(since, options->now_ms, &options->since_ms);
    options->since_ms = report_since(options->now_ms, length);
    return true;
}

static bool read_words(struct command_context *context, struct words *words)
{
    const char *since, *name;

    if (!command_words(context, NULL, &words->text) || !read_place(words))
        return false;
    since = command_value(context, ARG_report_since);
    name = command_value(context, ARG_report_format);
    words->account = command_value(context, ARG_report_account);
    words->options.now_ms = clock_now_ms();
    words->format = report_format_find(name ? name : "text");
    if (!words->format)
        return refuse("format", name, "text, md, html or json is needed");
    return read_since(since ? since : DEFAULT_SINCE, &words->options) ||
           refuse("since", since, "no time, like 7d or 2026-09-14");
}

static int run_here(struct command_context *context, struct words *words)
{
    const char *path = config_text(context->config, OPTION_journal);
    struct decode_context decode;
    struct err err = {""}, no_book;
    char *folded = NULL;
    int code;

    if (!path)
        return command_fail(EXIT_CONFIG, "no home directory for the journal: "
                                         "set HOME or --journal");
    if (!decode_context_open_bookless(&decode, context->config, &no_book,
                                      &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    if (words->account)
        words->options.account = folded = text_fold(words->account);
    words->options.conceal = decode.conceal;
    code = make(path, &words->options, words->format);
    decode_context_close(&decode);
    free(folded);
    return code;
}

/* ---- there ---- */

static void add_target(struct buf *out, const struct words *words)
{
    char since[CLOCK_ISO_SIZE];

    clock_format_iso(words->options.since_ms, since);
    buf_addf(out, "/report?format=%s&since=", words->format->name);
    url_escape(out, since);
    if (words->account) {
        buf_adds(out, "&account=");
        url_escape(out, words->account);
    }
}

/* A page of another's, made harmless line by line. */
static int print_foreign(const struct buf *page)
{
    const char *at = page->data, *end = at + page->len;
    struct buf clean;
    int code;

    buf_init(&clean, 4 * LIMIT_REPORT_PAGE);
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);

        text_sanitise(&clean, at, len, 4 * len);
        if (stop)
            buf_addc(&clean, '\n');
        at += len + (stop != NULL);
    }
    code = print(&clean);
    buf_free(&clean);
    return code;
}

static int run_there(struct command_context *context,
                     const struct words *words)
{
    struct there there;
    struct buf target, page;
    struct err err = {""};
    int code = there_open(&there, context->config, words->text.data);

    if (code != EXIT_DONE)
        return code;
    buf_init(&target, 64 * KIB);
    buf_init(&page, LIMIT_REPORT_PAGE);
    add_target(&target, words);
    code = there_ask_long(&there, target.data, "the report", PATIENCE_MS,
                          &page, &err);
    code = code == EXIT_DONE ? print_foreign(&page)
                             : there_fail(&there, code, &err);
    buf_free(&target);
    buf_free(&page);
    there_close(&there);
    return code;
}

int command_report(struct command_context *context)
{
    struct words words = {.account = NULL};
    int code = EXIT_USAGE;

    buf_init(&words.text, 64 * KIB);
    buf_adds(&words.text, "");
    if (read_words(context, &words))
        code = words.there ? run_there(context, &words)
                           : run_here(context, &words);
    buf_free(&words.text);
    return code;
}
