/* `telltale check`: looks over what the configuration names and says what is
 * so, line by line; what is wrong starts with "!". With --events, the names
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
#include "command/check_posthog.h"
#include "config/option.h"
#include "journal/exports.h"
#include "journal/reader.h"
#include "mirror/settings.h"
#include "net/control.h"
#include "posthog/destination.h"
#include "base/banned.h"

struct check {
    const struct config *config;
    struct decode_context decode;
    unsigned wrong; /* lines that start with "!" */
};

static void wrong(struct check *check, const char *text)
{
    check->wrong++;
    printf("! %s\n", text);
}

static void check_settings(struct check *check)
{
    const char *path = config_text(check->config, OPTION_config);
    struct buf unknown;

    printf("  settings  %s%s\n", path ? path : "-",
           path && !access(path, F_OK) ? "" : " (not there)");
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (config_is_default(check->config, (enum option_id)id) ||
            id == OPTION_config)
            continue;
        printf("            %s = %s  (%s)\n", options[id].key,
               options[id].type == CONFIG_SECRET
                   ? "********"
                   : config_text(check->config, (enum option_id)id),
               config_origin(check->config, (enum option_id)id));
    }
    buf_init(&unknown, 64 * KIB);
    config_unknown_environment(&unknown);
    if (unknown.len)
        printf("~ variables that mean nothing here: %s\n", unknown.data);
    buf_free(&unknown);
}

static void check_privacy(const struct check *check)
{
    const char *prompts = config_text(check->config, OPTION_prompts);

    if (strcmp(prompts, "drop"))
        printf("~ prompts   what people ask an AI, and its answers, are kept "
               "in the journal%s ([privacy] prompts = %s)\n",
               strcmp(prompts, "show") ? ", not shown" : " and shown",
               prompts);
}

/* What a start would refuse. */
static void check_listen(struct check *check)
{
    struct err err = {""};

    if (!address_judge(check->config,
                       config_text(check->config, OPTION_listen), &err))
        wrong(check, err.text);
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
    const char *public = config_text(check->config, OPTION_public_url);
    const char *listen = config_text(check->config, OPTION_listen);
    bool tls = config_text(check->config, OPTION_tls_cert) != NULL;

    if (public)
        printf("  address   %.*s/hook/…", (int)trimmed(public), public);
    else
        printf("  address   http%s://%.*s/hook/…", tls ? "s" : "",
               (int)strcspn(listen, ", \t"), listen);
    printf("  (whole on the board: \":address\")\n");
}

static void check_mirrors(struct check *check)
{
    struct mirror_list list = {NULL, 0};
    struct err err = {""};

    if (!mirror_list_load(&list, check->config, &err))
        wrong(check, err.text);
    for (size_t i = 0; i < list.count; i++)
        printf("  mirror    %s, %s: --mirror %s sends a test\n",
               list.mirrors[i].name, list.mirrors[i].type->name,
               list.mirrors[i].name);
    mirror_list_free(&list);
}

/* What can be told and to whom; a mirror that a rule names must be there. */
static void check_rules(struct check *check)
{
    struct rule_list list = {NULL, 0};
    struct mirror_list mirrors = {NULL, 0};
    struct err err = {""};

    if (!rule_list_load(&list, check->config, &err))
        wrong(check, err.text);
    mirror_list_load(&mirrors, check->config, NULL);
    for (size_t i = 0; i < list.count; i++) {
        const struct rule *rule = &list.rules[i];
        size_t k = 0;

        printf("  rule      %s: %s\n", rule->name, query_text(rule->query));
        while (rule->mirror && k < mirrors.count &&
               strcmp(mirrors.mirrors[k].name, rule->mirror))
            k++;
        if (rule->mirror && k == mirrors.count) {
            err_set(&err, "[rule %s] there is no mirror %.40s", rule->name,
                    rule->mirror);
            wrong(check, err.text);
        }
    }
    rule_list_free(&list);
    mirror_list_free(&mirrors);
}

static void check_book(struct check *check, const struct err *no_book)
{
    const struct book_report *report = &check->decode.report;
    size_t told = report->bad_rows + report->duplicates;

    printf("  book      %s: %zu accounts\n",
           config_text(check->config, OPTION_accounts)
               ? config_text(check->config, OPTION_accounts)
               : "-",
           book_count(check->decode.book));
    if (report->duplicates)
        printf("~ %zu duplicate rows, the first of each counts\n",
               report->duplicates);
    if (*no_book->text)
        wrong(check, no_book->text);
    for (size_t i = 0; i < report->problem_count; i++)
        wrong(check, report->problems[i]);
    if (told > report->problem_count)
        wrong(check, "and more: telltale accounts check shows all");
}

/* What PostHog can tell no account of, however it is asked. */
static void check_unheard(const struct check *check)
{
    struct buf text;

    buf_init(&text, 64 * KIB);
    destination_unheard(check->decode.catalog, check->decode.teams, &text);
    fputs(text.data, stdout);
    buf_free(&text);
    if (teams_count(check->decode.teams))
        printf("  projects  %zu, with the account each belongs to\n",
               teams_count(check->decode.teams));
}

/* What PostHog showed after it had been asked, since the owner began. */
static void print_late(const cJSON *answer)
{
    const cJSON *late = cJSON_GetObjectItemCaseSensitive(answer, "late");
    const char *since = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "late_since"));

    if (cJSON_IsNumber(late) && since)
        printf("~ %.0f %s late since it began: PostHog did not show what "
               "happened at %s when it was asked\n",
               late->valuedouble,
               late->valuedouble > 1 ? "events came" : "event came", since);
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
        printf("  owner     telltale %s, process %.0f\n", command,
               pid->valuedouble);
    else
        printf("  owner     none: nothing receives now\n");
    print_late(answer);
    silence = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "silence"));
    if (silence)
        wrong(check, silence);
    not_read = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "not_read"));
    if (not_read) {
        buf_clear(&reply);
        buf_addf(&reply, "it has not read the book again: %s", not_read);
        wrong(check, reply.data);
    }
    cJSON_Delete(answer);
    buf_free(&reply);
}

static void print_totals(const struct reader_totals *totals)
{
    char first[CLOCK_ISO_SIZE] = "-", last[CLOCK_ISO_SIZE] = "-";

    if (totals->events) {
        clock_format_iso(totals->first_ms, first);
        clock_format_iso(totals->last_ms, last);
    }
    printf("            %llu %s, %llu %s, %llu %s, %llu "
           "hidden, %llu refused, %llu forgotten\n"
           "            from %s to %s\n",
           (unsigned long long)totals->events,
           totals->events == 1 ? "event" : "events",
           (unsigned long long)totals->accounts,
           totals->accounts == 1 ? "account" : "accounts",
           (unsigned long long)totals->persons,
           totals->persons == 1 ? "person" : "people",
           (unsigned long long)totals->hidden,
           (unsigned long long)totals->rejects,
           (unsigned long long)totals->forgotten, first, last);
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
static void print_exports(struct journal_reader *reader)
{
    struct exports exports = {0};
    char at[CLOCK_ISO_SIZE];
    struct err err;

    if (!exports_each(reader_db(reader), add_export, &exports, &err) ||
        !exports.count)
        return;
    clock_format_iso(exports.at, at);
    printf("  exports   %zu, the last of %.10s by %s: telltale export --list "
           "shows them\n",
           exports.count, at, exports.who);
}

static void check_journal(struct check *check, bool events, bool salvage)
{
    const char *path = config_text(check->config, OPTION_journal);
    struct reader_totals totals;
    struct journal_reader *reader;
    struct err err = {""};

    printf("  journal   %s\n", path ? path : "-");
    if (!path) {
        wrong(check, "no home directory: set HOME or --journal");
        return;
    }
    check->wrong += check_files(path, salvage);
    if (access(path, F_OK)) {
        printf("            not there yet: the first start makes it\n");
        return;
    }
    reader = reader_open(path, &err);
    if (!reader) {
        wrong(check, err.text);
        return;
    }
    check_owner(check, path);
    if (reader_totals(reader, &totals, &err))
        print_totals(&totals);
    else
        wrong(check, err.text);
    print_exports(reader);
    check->wrong += check_times(path);
    if (events &&
        !check_events(reader, check->decode.catalog,
                      config_text(check->config, OPTION_events), &err))
        wrong(check, err.text);
    reader_close(reader);
}

int command_check(struct command_context *context)
{
    struct check check = {.config = context->config};
    const char *mirror, *zone, *path;
    struct err err = {""}, no_book;

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
    check_settings(&check);
    check_listen(&check);
    check_address(&check);
    check_book(&check, &no_book);
    check_unheard(&check);
    check_privacy(&check);
    check_mirrors(&check);
    check_rules(&check);
    check_journal(&check, command_flag(context, ARG_check_events),
                  command_flag(context, ARG_check_salvage));
    if (command_flag(context, ARG_check_posthog))
        check.wrong += check_posthog(context->config);
    decode_context_close(&check.decode);
    return check.wrong ? EXIT_FAILED : EXIT_DONE;
}
