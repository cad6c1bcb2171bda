/* `telltale check`: looks over what the configuration names and says what is
 * so, line by line; what is wrong starts with "!". With --events, the names
 * of events that no row of the catalogue knows; with --mirror, a test to one
 * of the mirrors; with --posthog, what PostHog has. Changes nothing here. */
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "app/parts.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/limits.h"
#include "base/mem.h"
#include "command/check_mirror.h"
#include "command/check_posthog.h"
#include "config/option.h"
#include "journal/reader.h"
#include "mirror/settings.h"
#include "net/control.h"
#include "base/banned.h"

struct check {
    const struct config *config;
    struct parts parts;
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
               options[id].type == VALUE_SECRET
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

static void check_mirrors(struct check *check)
{
    struct mirror_list list = {NULL, 0};
    struct err err = {""};

    if (!mirror_list_load(&list, check->config, &err))
        wrong(check, err.text);
    for (size_t i = 0; i < list.count; i++)
        printf("  mirror    %s, %s: --mirror %s sends a test\n",
               list.mirrors[i].name,
               list.mirrors[i].type->name,
               list.mirrors[i].name);
    mirror_list_free(&list);
}

static void check_book(struct check *check)
{
    const struct book_report *report = &check->parts.report;

    printf("  book      %s: %zu accounts\n",
           config_text(check->config, OPTION_accounts)
               ? config_text(check->config, OPTION_accounts)
               : "-",
           book_count(check->parts.book));
    if (report->duplicates)
        printf("~ %zu duplicate rows, the first of each counts\n",
               report->duplicates);
    for (size_t i = 0; i < report->problem_count; i++)
        wrong(check, report->problems[i]);
}

/* "watch, process 1234", from the owner's own answer. */
static void check_owner(const char *path)
{
    struct buf reply;
    cJSON *answer;
    const cJSON *pid;
    const char *command;

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
    printf("            %llu events, %llu accounts, %llu people, %llu "
           "hidden, %llu refused\n"
           "            from %s to %s\n",
           (unsigned long long)totals->events,
           (unsigned long long)totals->accounts,
           (unsigned long long)totals->persons,
           (unsigned long long)totals->hidden,
           (unsigned long long)totals->rejects, first, last);
}

/* Names of events in the journal that the catalogue does not know. */
struct unknown_name {
    char *name;
    unsigned long long count;
};
struct unknown_names {
    struct unknown_name *names;
    size_t count, cap;
};

static void note_name(struct unknown_names *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->names[i].name, name)) {
            list->names[i].count++;
            return;
        }
    if (list->count == 1000)
        return;
    if (list->count == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 16;
        list->names =
            xreallocarray(list->names, list->cap, sizeof *list->names);
    }
    list->names[list->count++] = (struct unknown_name){xstrdup(name), 1};
}

static int by_count(const void *a, const void *b)
{
    const struct unknown_name *left = a, *right = b;

    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return strcmp(left->name, right->name);
}

static void print_names(struct unknown_names *list)
{
    if (list->count)
        qsort(list->names, list->count, sizeof *list->names, by_count);
    printf("  names     %zu that the catalogue does not know\n", list->count);
    for (size_t i = 0; i < list->count; i++) {
        printf("~ %8llu  %s\n", list->names[i].count, list->names[i].name);
        free(list->names[i].name);
    }
    free(list->names);
}

static bool check_names(struct check *check, struct journal_reader *reader,
                        struct err *err)
{
    struct unknown_names list = {NULL, 0, 0};
    struct reader_range range = {.no_bodies = true};
    bool more = true, ok = true;

    while (more && ok) {
        struct event_batch *batch = event_batch_new();

        ok = reader_page(reader, &range, batch, &more, err);
        for (size_t i = 0; ok && i < batch->count; i++) {
            range.after = batch->events[i].seq;
            if (!catalog_knows(check->parts.catalog, batch->events[i].name))
                note_name(&list, batch->events[i].name);
        }
        more = more && batch->count;
        event_batch_free(batch);
    }
    print_names(&list);
    return ok;
}

static void check_journal(struct check *check, bool events)
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
    if (access(path, F_OK)) {
        printf("            not there yet: the first start makes it\n");
        return;
    }
    reader = reader_open(path, &err);
    if (!reader) {
        wrong(check, err.text);
        return;
    }
    check_owner(path);
    if (reader_totals(reader, &totals, &err))
        print_totals(&totals);
    else
        wrong(check, err.text);
    if (events && !check_names(check, reader, &err))
        wrong(check, err.text);
    reader_close(reader);
}

int command_check(struct command_context *context)
{
    struct check check = {.config = context->config};
    bool events = false, dry = false, posthog = false;
    const char *mirror = NULL;
    struct command_option own[] = {
        {"--events", 0, &events, NULL},
        {"--mirror", 0, NULL, &mirror},
        {"--dry-run", 0, &dry, NULL},
        {"--posthog", 0, &posthog, NULL},
    };
    struct err err = {""};

    if (!command_words(context, own, sizeof own / sizeof *own, NULL))
        return EXIT_USAGE;
    if (mirror)
        return check_mirror(context->config, mirror, dry);
    if (!parts_open(&check.parts, context->config, NULL, &err))
        return command_fail(EXIT_CONFIG, "%s", err.text);
    check_settings(&check);
    check_book(&check);
    check_mirrors(&check);
    check_journal(&check, events);
    if (posthog)
        check.wrong += check_posthog(context->config);
    parts_close(&check.parts);
    return check.wrong ? EXIT_FAILED : EXIT_DONE;
}
