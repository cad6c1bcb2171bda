/* `telltale check`: looks over what the configuration names and the machine
 * it runs on, and says what is so, the worst first; what is wrong starts with
 * "!". With --events, the names
 * of events that no row of the catalogue knows; with --mirror, a test to one
 * of the mirrors; with --posthog, what PostHog has; with --journal, what can
 * be saved of a damaged one. */
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "app/address.h"
#include "app/decode_context.h"
#include "app/rule.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/limits.h"
#include "base/mem.h"
#include "command/check_events.h"
#include "command/check_journal.h"
#include "command/check_mirror.h"
#include "command/check_place.h"
#include "command/check_posthog.h"
#include "command/findings.h"
#include "config/option.h"
#include "config/secret.h"
#include "config/viewers.h"
#include "journal/exports.h"
#include "journal/reader.h"
#include "mirror/settings.h"
#include "net/control.h"
#include "posthog/destination.h"
#include "base/banned.h"

struct check {
    const struct config *config;
    struct decode_context decode;
    struct findings *findings;
};

static void wrong(struct check *check, const char *about, const char *text)
{
    finding_add(check->findings, FINDING_WRONG, about, "%s", text);
}

static void check_settings(struct check *check)
{
    const char *path = config_text(check->config, OPTION_config);
    struct buf unknown;

    finding_add(check->findings, FINDING_FACT, "settings", "%s%s",
                path ? path : "-",
                path && !access(path, F_OK) ? "" : " (not there)");
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (config_is_default(check->config, (enum option_id)id) ||
            id == OPTION_config)
            continue;
        finding_more(check->findings, "%s = %s  (%s)", options[id].key,
                     options[id].type == CONFIG_SECRET
                         ? "********"
                         : config_text(check->config, (enum option_id)id),
                     config_origin(check->config, (enum option_id)id));
    }
    buf_init(&unknown, 64 * KIB);
    config_unknown_environment(&unknown);
    if (unknown.len)
        finding_add(check->findings, FINDING_NOTE, "settings",
                    "variables that mean nothing here: %s", unknown.data);
    buf_free(&unknown);
}

static void check_privacy(const struct check *check)
{
    const char *prompts = config_text(check->config, OPTION_prompts);

    if (strcmp(prompts, "drop"))
        finding_add(
            check->findings, FINDING_NOTE, "privacy",
            "prompts   what people ask an AI, and its answers, are kept "
            "in the journal%s ([privacy] prompts = %s)",
            strcmp(prompts, "show") ? ", not shown" : " and shown", prompts);
}

/* What a start would refuse. */
static void check_listen(struct check *check)
{
    struct err err = {""};

    if (!address_judge(check->config,
                       config_text(check->config, OPTION_listen), &err))
        wrong(check, "listen", err.text);
}

/* Its length without the slashes at its end. */
static size_t trimmed(const char *url)
{
    size_t len = strlen(url);

    while (len && url[len - 1] == '/')
        len--;
    return len;
}

/* What PostHog is to call, without the secret: people show to others what
 * this prints. */
static void check_address(const struct check *check)
{
    static const char whole[] = "/hook/…  (whole on the board: \":address\")";
    const char *public = config_text(check->config, OPTION_public_url);
    const char *listen = config_text(check->config, OPTION_listen);
    bool tls = config_text(check->config, OPTION_tls_cert) != NULL;

    if (public)
        finding_add(check->findings, FINDING_FACT, "address", "%.*s%s",
                    (int)trimmed(public), public, whole);
    else
        finding_add(check->findings, FINDING_FACT, "address",
                    "http%s://%.*s%s", tls ? "s" : "",
                    (int)strcspn(listen, ", \t"), listen, whole);
}

static void check_mirrors(struct check *check)
{
    struct mirror_list list = {NULL, 0};
    struct err err = {""};

    if (!mirror_list_load(&list, check->config, &err))
        wrong(check, "mirror", err.text);
    for (size_t i = 0; i < list.count; i++)
        finding_add(check->findings, FINDING_FACT, "mirror",
                    "%s, %s: --mirror %s sends a test", list.mirrors[i].name,
                    list.mirrors[i].type->name, list.mirrors[i].name);
    mirror_list_free(&list);
}

/* What can be told and to whom; a mirror that a rule names must be there. */
static void check_rules(struct check *check)
{
    struct rule_list list = {NULL, 0};
    struct mirror_list mirrors = {NULL, 0};
    struct err err = {""};

    if (!rule_list_load(&list, check->config, &err))
        wrong(check, "rule", err.text);
    mirror_list_load(&mirrors, check->config, NULL);
    for (size_t i = 0; i < list.count; i++) {
        const struct rule *rule = &list.rules[i];
        size_t k = 0;

        finding_add(check->findings, FINDING_FACT, "rule", "%s: %s",
                    rule->name, query_text(rule->query));
        while (rule->mirror && k < mirrors.count &&
               strcmp(mirrors.mirrors[k].name, rule->mirror))
            k++;
        if (rule->mirror && k == mirrors.count) {
            err_set(&err, "[rule %s] there is no mirror %.40s", rule->name,
                    rule->mirror);
            wrong(check, "rule", err.text);
        }
    }
    rule_list_free(&list);
    mirror_list_free(&mirrors);
}

/* Those with names; who has a token of the settings has none. */
static void check_viewers(struct check *check)
{
    const char *path = config_text(check->config, OPTION_viewers);
    struct viewers viewers = {.named = NULL};
    struct err err = {""};

    if (path && !viewers_read(&viewers, path, &err))
        wrong(check, "viewers", err.text);
    else if (viewers.count)
        finding_add(check->findings, FINDING_FACT, "viewers",
                    "%zu: telltale viewers lists them", viewers.count);
    viewers_free(&viewers);
}

/* A file of secrets that others may read, or that holds none, is refused by a
 * start; one that is not there yet is no fault of the defaults. */
static void check_secret(struct check *check, enum option_id id)
{
    const char *path = config_text(check->config, id);
    struct err err = {""};
    char *secret;

    if (!path || (access(path, F_OK) && config_is_default(check->config, id)))
        return;
    secret = secret_from_file(path, &err);
    if (!secret)
        wrong(check, "secrets", err.text);
    secret_free(secret);
}

static void check_secrets(struct check *check)
{
    check_secret(check, OPTION_token_file);
    check_secret(check, OPTION_viewer_token_file);
    check_secret(check, OPTION_signing_secret_file);
    check_secret(check, OPTION_posthog_api_key_file);
}

static void check_book(struct check *check, const struct err *no_book)
{
    const struct book_report *report = &check->decode.report;
    size_t told = report->bad_rows + report->duplicates;

    finding_add(check->findings, FINDING_FACT, "book", "%s: %zu accounts",
                config_text(check->config, OPTION_accounts)
                    ? config_text(check->config, OPTION_accounts)
                    : "-",
                book_count(check->decode.book));
    if (report->duplicates)
        finding_add(check->findings, FINDING_NOTE, "book",
                    "%zu duplicate rows, the first of each counts",
                    report->duplicates);
    if (*no_book->text)
        wrong(check, "book", no_book->text);
    for (size_t i = 0; i < report->problem_count; i++)
        wrong(check, "book", report->problems[i]);
    if (told > report->problem_count)
        wrong(check, "book", "and more: telltale accounts check shows all");
}

/* What PostHog can tell no account of, however it is asked. */
static void check_unheard(const struct check *check)
{
    struct buf text;

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
        wrong(check, "owner", silence);
    not_read = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "not_read"));
    if (not_read) {
        buf_clear(&reply);
        buf_addf(&reply, "it has not read the book again: %s", not_read);
        wrong(check, "book", reply.data);
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
    char at[CLOCK_ISO_SIZE];
    struct err err;

    if (!exports_each(reader_db(reader), add_export, &exports, &err) ||
        !exports.count)
        return;
    clock_format_iso(exports.at, at);
    finding_add(
        check->findings, FINDING_FACT, "exports",
        "%zu, the last of %.10s by %s: telltale export --list shows them",
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
        wrong(check, "journal", err.text);
    tell_exports(check, reader);
    check_times(path, check->findings);
}

static void check_journal(struct check *check, bool salvage,
                          struct buf *sections)
{
    const char *path = config_text(check->config, OPTION_journal);
    struct journal_reader *reader;
    struct err err = {""};

    finding_add(check->findings, FINDING_FACT, "journal", "%s",
                path ? path : "-");
    if (!path) {
        wrong(check, "journal", "no home directory: set HOME or --journal");
        return;
    }
    check_files(path, salvage, check->findings);
    if (access(path, F_OK)) {
        finding_more(check->findings,
                     "not there yet: the first start makes it");
        return;
    }
    reader = reader_open(path, &err);
    if (!reader) {
        wrong(check, "journal", err.text);
        return;
    }
    look_into(check, reader, path);
    if (sections && !check_events(reader, check->decode.catalog,
                                  config_text(check->config, OPTION_events),
                                  check->findings, sections, &err))
        wrong(check, "events", err.text);
    reader_close(reader);
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

static void check_all(struct check *check, struct command_context *context,
                      const struct err *no_book)
{
    bool events = command_flag(context, ARG_check_events);
    struct buf sections;

    buf_init(&sections, MIB);
    check_settings(check);
    check_listen(check);
    check_address(check);
    check_book(check, no_book);
    check_unheard(check);
    check_privacy(check);
    check_mirrors(check);
    check_rules(check);
    check_secrets(check);
    check_viewers(check);
    check_journal(check, command_flag(context, ARG_check_salvage),
                  events ? &sections : NULL);
    if (command_flag(context, ARG_check_posthog))
        check_posthog(check->config, check->findings);
    check_place(check->config, context->display, check->findings);
    print(check, &sections);
    buf_free(&sections);
}

int command_check(struct command_context *context)
{
    struct check check = {.config = context->config};
    const char *mirror, *zone, *path;
    struct err err = {""}, no_book;
    bool done;

    if (!command_words(context, NULL, NULL))
        return EXIT_USAGE;
    mirror = command_value(context, ARG_check_mirror);
    zone = command_value(context, ARG_check_zone);
    path = config_text(context->config, OPTION_journal);
    if (zone)
        return check_move_zone(path, zone);
    if (command_flag(context, ARG_check_trust_clock))
        return check_trust_clock(path);
    if (mirror)
        return check_mirror(context->config, mirror,
                            command_flag(context, ARG_check_dry_run));
    if (!decode_context_open_bookless(&check.decode, context->config, &no_book,
                                      &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    check.findings = findings_new();
    check_all(&check, context, &no_book);
    decode_context_close(&check.decode);
    done = !findings_are_wrong(check.findings);
    findings_free(check.findings);
    return done ? EXIT_DONE : EXIT_FAILED;
}
