/* `telltale check`: looks over what the configuration names and the machine
 * it runs on, and says what is so, the worst first; what is wrong starts with
 * "!". With --events, the names
 * of events that no row of the catalogue knows; with --mirror, a test to one
 * of the mirrors; with --posthog, what PostHog has; with --journal, what can
 * be saved of a damaged one. */
#include "command/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "command/check_events.h"
#include "command/check_journal.h"
#include "command/check_mirror.h"
#include "command/check_place.h"
#include "command/check_posthog.h"
#include "command/command.h"
#include "journal/exports.h"
#include "journal/reader.h"
#include "net/control.h"
#include "posthog/destination.h"
#include "base/banned.h"

/* ---- the book ---- */

static void tell_book(const struct check *check)
{
    const char *path = config_text(check->config, OPTION_accounts);
    size_t count = book_count(check->decode.book);

    if (count)
        finding_add(check->findings, FINDING_FACT, "book", "%s: %zu account%s",
                    path, count, count == 1 ? "" : "s");
    else
        finding_add(check->findings, FINDING_NOTE, "book",
                    "no accounts are known, so all events stand under \"no "
                    "account\": telltale setup finds yours, or put a CSV "
                    "with the column organization_id at %s",
                    path ? path : "a place that --accounts names");
}

static void check_book(struct check *check, const struct err *no_book)
{
    const struct book_report *report = &check->decode.report;
    size_t told = report->bad_rows + report->duplicates;

    if (!*no_book->text)
        tell_book(check);
    if (report->duplicates)
        finding_add(check->findings, FINDING_NOTE, "book",
                    "%zu duplicate rows, the first of each counts",
                    report->duplicates);
    if (*no_book->text)
        finding_wrong(check->findings, "book", no_book->text);
    for (size_t i = 0; i < report->problem_count; i++)
        finding_wrong(check->findings, "book", report->problems[i]);
    if (told > report->problem_count)
        finding_wrong(check->findings, "book",
                      "and more: telltale accounts check shows all");
}

/* What PostHog can tell no account of, however it is asked: of use to who
 * asks it. */
static void check_unheard(const struct check *check)
{
    struct buf text;

    if (!config_text(check->config, OPTION_posthog_project))
        return;

    buf_init(&text, 64 * KIB);
    destination_unheard(check->decode.catalog, check->decode.teams, &text);
    findings_add_lines(check->findings, "events", text.data);
    buf_free(&text);
    if (teams_count(check->decode.teams))
        finding_add(check->findings, FINDING_FACT, "projects",
                    "%zu, with the account each belongs to",
                    teams_count(check->decode.teams));
}

/* What PostHog showed after it had been asked, since the owner began. */
static void tell_late(struct check *check, const cJSON *answer)
{
    const cJSON *late = cJSON_GetObjectItemCaseSensitive(answer, "late");
    const char *since = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "late_since"));

    if (cJSON_IsNumber(late) && since)
        finding_add(check->findings, FINDING_NOTE, "owner",
                    "%.0f %s late since it began: PostHog did not show what "
                    "happened at %s when it was asked",
                    late->valuedouble,
                    late->valuedouble > 1 ? "events came" : "event came",
                    since);
}

/* "watch, process 1234", from the owner's own answer. */
static void check_owner(struct check *check, const char *path)
{
    const char *silence;
    struct buf reply;
    cJSON *answer;
    const cJSON *pid;
    const char *command, *not_read;

    buf_init(&reply, 64 * KIB);
    control_ask(path, "{\"do\":\"ping\"}", &reply, NULL);
    answer = cJSON_Parse(reply.data);
    pid = cJSON_GetObjectItemCaseSensitive(answer, "pid");
    command = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "command"));
    if (cJSON_IsNumber(pid) && command)
        finding_add(check->findings, FINDING_FACT, "owner",
                    "telltale %s, process %.0f", command, pid->valuedouble);
    else
        finding_add(check->findings, FINDING_FACT, "owner",
                    "none: nothing receives now");
    tell_late(check, answer);
    silence = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "silence"));
    if (silence)
        finding_wrong(check->findings, "owner", silence);
    not_read = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "not_read"));
    if (not_read) {
        buf_clear(&reply);
        buf_addf(&reply, "it has not read the book again: %s", not_read);
        finding_wrong(check->findings, "book", reply.data);
    }
    cJSON_Delete(answer);
    buf_free(&reply);
}

static void tell_totals(struct check *check,
                        const struct reader_totals *totals)
{
    char first[CLOCK_ISO_SIZE] = "-", last[CLOCK_ISO_SIZE] = "-";

    if (totals->events) {
        clock_format_iso(totals->first_ms, first);
        clock_format_iso(totals->last_ms, last);
    }
    finding_add(check->findings, FINDING_FACT, "kept",
                "%llu %s, %llu %s, %llu %s, %llu hidden, %llu refused, "
                "%llu forgotten",
                (unsigned long long)totals->events,
                totals->events == 1 ? "event" : "events",
                (unsigned long long)totals->accounts,
                totals->accounts == 1 ? "account" : "accounts",
                (unsigned long long)totals->persons,
                totals->persons == 1 ? "person" : "people",
                (unsigned long long)totals->hidden,
                (unsigned long long)totals->rejects,
                (unsigned long long)totals->forgotten);
    finding_more(check->findings, "from %s to %s", first, last);
}

struct exports {
    size_t count;
    int64_t at; /* of the last one */
    char who[64];
};

static bool add_export(void *ctx, const struct export_note *note)
{
    struct exports *exports = ctx;

    exports->count++;
    exports->at = note->at;
    snprintf(exports->who, sizeof exports->who, "%.*s",
             (int)strcspn(note->target, ","), note->target);
    return true;
}

/* Who has a copy. */
static void tell_exports(struct check *check, struct journal_reader *reader)
{
    struct exports exports = {0};
    char at[CLOCK_DATE_SIZE];
    struct err err;

    if (!exports_each(reader_db(reader), add_export, &exports, &err) ||
        !exports.count)
        return;
    clock_date(exports.at, at);
    finding_add(check->findings, FINDING_FACT, "exports",
                "%zu, the last of %s by %s: telltale export --list shows them",
                exports.count, at, exports.who);
}

/* Of one that can be read. */
static void look_into(struct check *check, struct journal_reader *reader,
                      const char *path)
{
    struct reader_totals totals;
    struct err err = {""};

    check_owner(check, path);
    if (reader_totals(reader, &totals, &err))
        tell_totals(check, &totals);
    else
        finding_wrong(check->findings, "journal", err.text);
    tell_exports(check, reader);
    check_times(path, check->findings);
}

/* Opens it; NULL: there is none that can be read. */
static struct journal_reader *check_journal(struct check *check, bool salvage)
{
    const char *path = config_text(check->config, OPTION_journal);
    struct journal_reader *reader;
    struct err err = {""};

    finding_add(check->findings, FINDING_FACT, "journal", "%s",
                path ? path : "-");
    if (!path) {
        finding_wrong(check->findings, "journal",
                      "no home directory: set HOME or --journal");
        return NULL;
    }
    check_files(path, salvage, check->findings);
    if (access(path, F_OK)) {
        finding_more(check->findings,
                     "not there yet: the first start makes it");
        return NULL;
    }
    reader = reader_open(path, &err);
    if (reader)
        look_into(check, reader, path);
    else
        finding_wrong(check->findings, "journal", err.text);
    return reader;
}

/* What was found, then (for people) what to paste. */
static void print(const struct check *check, const struct buf *sections)
{
    struct buf out;

    buf_init(&out, LIMIT_FINDINGS_TEXT);
    if (config_flag(check->config, OPTION_json)) {
        findings_json(check->findings, &out);
    } else {
        findings_text(check->findings, &out);
        buf_add(&out, sections->data, sections->len);
    }
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
}

/* Names of events; what of them can be pasted goes to sections. */
static void check_names(struct check *check, struct journal_reader *reader,
                        struct buf *sections)
{
    struct err err = {""};

    if (!check_events(reader, check->decode.catalog,
                      config_text(check->config, OPTION_events),
                      check->findings, sections, &err))
        finding_wrong(check->findings, "events", err.text);
}

/* no_rest: why catalogue and book are not there. */
static void check_all(struct check *check, struct command_context *context,
                      const struct err *no_book, const struct err *no_rest)
{
    struct journal_reader *reader;
    struct buf sections;

    buf_init(&sections, MIB);
    check_settings(check);
    if (*no_rest->text)
        finding_wrong(check->findings, "settings", no_rest->text);
    else
        check_book(check, no_book);
    check_unheard(check);
    reader = check_journal(check, command_flag(context, ARG_check_salvage));
    check_queries(check, reader);
    if (reader && command_flag(context, ARG_check_events))
        check_names(check, reader, &sections);
    if (command_flag(context, ARG_check_posthog) && !*no_rest->text)
        check_posthog(check->config, check->findings);
    check_place(check->config, context->display, check->findings);
    check_screen(check, context->display);
    print(check, &sections);
    if (reader)
        reader_close(reader);
    buf_free(&sections);
}

static int look_over(struct command_context *context)
{
    struct check check = {.config = context->config};
    struct err no_rest = {""}, no_book = {""};
    int code = EXIT_DONE;

    if (!decode_context_open_bookless(&check.decode, context->config, &no_book,
                                      &no_rest))
        check.decode.catalog = catalog_new();
    check.findings = findings_new();
    check_all(&check, context, &no_book, &no_rest);
    decode_context_close(&check.decode);
    if (findings_are_wrong(check.findings))
        code = *no_rest.text ? EXIT_CONFIG : EXIT_FAILED;
    findings_free(check.findings);
    return code;
}

int command_check(struct command_context *context)
{
    const char *mirror, *zone, *path;

    if (!command_words(context, NULL, NULL))
        return EXIT_USAGE;
    mirror = command_value(context, ARG_check_mirror);
    zone = command_value(context, ARG_check_zone);
    path = config_text(context->config, OPTION_journal);
    if (zone && !*zone)
        return command_fail(EXIT_USAGE, "check --zone needs the name of a "
                                        "time zone, like Europe/Berlin");
    if (zone)
        return check_move_zone(path, zone);
    if (command_flag(context, ARG_check_trust_clock))
        return check_trust_clock(path);
    if (mirror)
        return check_mirror(context->config, mirror,
                            command_flag(context, ARG_check_dry_run));
    return look_over(context);
}

int check_unreadable(const struct err *why, bool json)
{
    struct findings *findings = findings_new();
    struct buf out;

    finding_add(findings, FINDING_WRONG, "settings", "%s", why->text);
    finding_add(findings, FINDING_NOTE, "settings",
                "nothing else was looked at: mend that, then ask again");
    buf_init(&out, LIMIT_FINDINGS_TEXT);
    if (json)
        findings_json(findings, &out);
    else
        findings_text(findings, &out);
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
    findings_free(findings);
    return EXIT_CONFIG;
}
