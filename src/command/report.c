/* `telltale report`: some days of the book, or of one account, on a page: for
 * a stand-up, the weekly review, or before a call. */
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/decode_context.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "command/since.h"
#include "journal/db.h"
#include "journal/reader.h"
#include "journal/zone.h"
#include "report/report.h"

#include "base/banned.h"

#define DEFAULT_SINCE "7d"
#define PAGE_MAX (64 * MIB)

static const struct {
    const char *name;
    bool (*write)(struct buf *out, const struct report *report);
} formats[] = {{"text", report_text},
               {"md", report_markdown},
               {"html", report_html},
               {"json", report_json}};
#define FORMAT_COUNT (sizeof formats / sizeof *formats)

static int print(const struct report *report, size_t format)
{
    struct buf page;
    bool ok;

    buf_init(&page, PAGE_MAX);
    ok = formats[format].write(&page, report) &&
         fwrite(page.data, 1, page.len, stdout) == page.len;
    buf_free(&page);
    return ok ? EXIT_DONE
              : command_fail(EXIT_FAILED, "the report cannot be "
                                          "written");
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
                size_t format)
{
    struct zone_days *days = NULL;
    struct report report = {.count = 0};
    struct err err = {""};
    struct journal_reader *reader = reader_open(path, &err);
    bool ok = reader && open_days(reader, &days, &err);
    int code;

    options->days = days;
    ok = ok && report_gather(&report, reader, options, &err);
    code = ok ? print(&report, format)
              : command_fail(EXIT_FAILED, "%s", err.text);
    report_free(&report);
    zone_days_free(days);
    if (reader)
        reader_close(reader);
    return code;
}

static bool read_words(struct command_context *context,
                       struct report_options *options, size_t *format)
{
    const char *since, *name;

    if (!command_words(context, NULL, NULL))
        return false;
    since = command_value(context, ARG_report_since);
    name = command_value(context, ARG_report_format);
    options->now_ms = clock_now_ms();
    *format = 0;
    while (name && *format < FORMAT_COUNT &&
           strcmp(formats[*format].name, name) != 0)
        ++*format;
    if (*format == FORMAT_COUNT) {
        command_fail(EXIT_USAGE,
                     "--format %s: text, md, html or json is needed", name);
        return false;
    }
    if (since_parse(since ? since : DEFAULT_SINCE, options->now_ms,
                    &options->since_ms))
        return true;
    command_fail(EXIT_USAGE, "--since %s: no time, like 7d or 2026-09-14",
                 since);
    return false;
}

int command_report(struct command_context *context)
{
    const char *path = config_text(context->config, OPTION_journal);
    struct report_options options = {.account = NULL};
    struct decode_context decode;
    struct err err = {""}, no_book;
    const char *account;
    char *folded = NULL;
    size_t format;
    int code;

    if (!read_words(context, &options, &format))
        return EXIT_USAGE;
    if (!path)
        return command_fail(EXIT_CONFIG, "no home directory for the journal: "
                                         "set HOME or --journal");
    if (!decode_context_open_bookless(&decode, context->config, &no_book,
                                      &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    account = command_value(context, ARG_report_account);
    if (account)
        options.account = folded = text_fold(account);
    options.conceal = decode.conceal;
    code = make(path, &options, format);
    decode_context_close(&decode);
    free(folded);
    return code;
}
