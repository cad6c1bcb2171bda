/* Who asks for what: mirrors, rules and saved views. A name of an event that
 * is mistyped matches nothing, and only here is it said. */
#include "command/check.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "app/rule.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/mirror_row.h"
#include "journal/reader.h"
#include "journal/views_file.h"
#include "mirror/settings.h"
#include "query/query.h"
#include "base/banned.h"

#define YOUNG_MS (7 * CLOCK_DAY_MS)

/* ---- names of events ---- */

/* Of the catalogue, and those that came. */
struct names {
    const char **list;
    size_t count, room;
    struct arena arena;
};

static void add_name(struct names *names, const char *name)
{
    if (names->count == names->room) {
        names->room = names->room ? 2 * names->room : 256;
        names->list = xrealloc(names->list, names->room * sizeof *names->list);
    }
    names->list[names->count++] = arena_strdup(&names->arena, name);
}

static void names_free(struct names *names)
{
    free(names->list);
    arena_free(&names->arena);
}

static void take_catalog(struct names *names, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog_rows(catalog); i++)
        for (const char *const *name = catalog_row(catalog, i).names; *name;
             name++)
            add_name(names, *name);
}

static void take_journal(struct names *names, struct journal_reader *reader)
{
    static const char sql[] = "SELECT t.text FROM (SELECT DISTINCT name FROM "
                              "events) e JOIN texts t ON t.id = e.name";
    sqlite3_stmt *rows = NULL;

    if (!reader || sqlite3_prepare_v2(reader_db(reader), sql, -1, &rows,
                                      NULL) != SQLITE_OK)
        return;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(rows, 0);

        if (name)
            add_name(names, name);
    }
    sqlite3_finalize(rows);
}

/* One query of all. The journal is read through only if the catalogue does
 * not know a name: it takes its time. */
struct asked {
    struct check *check;
    struct journal_reader *reader;
    struct names names;
    bool read_through;
    const char *kind, *who; /* "mirror", "slack" */
    bool tell;
    size_t unknown;
    size_t views; /* saved */
};

static void tell_unknown(void *ctx, const char *value)
{
    struct asked *asked = ctx;

    if (catalog_knows(asked->check->decode.catalog, value))
        return;
    asked->unknown++;
    if (asked->tell)
        finding_add(asked->check->findings, FINDING_NOTE, asked->kind,
                    "%s %.60s asks for event:\"%.80s\": no event came that "
                    "is called so, and the catalogue has none. Is it "
                    "mistyped?",
                    asked->kind, asked->who, value);
}

static void look_at_names(struct asked *asked, const struct query *query)
{
    query_names_without(query, asked->names.list, asked->names.count,
                        tell_unknown, asked);
}

static void judge_names(struct asked *asked, const char *kind, const char *who,
                        const struct query *query)
{
    asked->kind = kind;
    asked->who = who;
    asked->tell = false;
    asked->unknown = 0;
    look_at_names(asked, query);
    if (!asked->unknown)
        return;
    if (!asked->read_through)
        take_journal(&asked->names, asked->reader);
    asked->read_through = asked->tell = true;
    look_at_names(asked, query);
}

/* ---- mirrors ---- */

struct told {
    struct findings *findings;
    const char *type;
};

static void tell_ready(const struct told *told, const char *name)
{
    finding_add(told->findings, FINDING_FACT, "mirror",
                "%s, %s: --mirror %s sends a test", name, told->type, name);
}

static const char *events_wait(uint64_t count)
{
    return count == 1 ? "event waits" : "events wait";
}

static void tell_state(const struct told *told, const struct mirror_row *row)
{
    char unread[64] = "";

    if (row->unread)
        snprintf(unread, sizeof unread, ", %llu are not looked at",
                 (unsigned long long)row->unread);
    if (!strcmp(row->state, "off"))
        finding_add(told->findings, FINDING_WRONG, "mirror",
                    "%s is off, %llu %s%s: %s. Once it is mended: "
                    "telltale mirrors resume %s, or p on the board "
                    "(:mirrors)",
                    row->name, (unsigned long long)row->waiting,
                    events_wait(row->waiting), unread,
                    *row->reason ? row->reason : "it was refused", row->name);
    else if (!strcmp(row->state, "paused"))
        finding_add(told->findings, FINDING_NOTE, "mirror",
                    "%s is paused, %llu %s%s: telltale mirrors "
                    "resume %s, or p on the board (:mirrors)",
                    row->name, (unsigned long long)row->waiting,
                    events_wait(row->waiting), unread, row->name);
    else
        tell_ready(told, row->name);
}

static void tell_row(void *ctx, const struct mirror_row *row)
{
    const struct told *told = ctx;

    tell_state(told, row);
    if (row->waiting && !strcmp(row->state, "on"))
        finding_more(told->findings, "%llu %s to be sent",
                     (unsigned long long)row->waiting,
                     events_wait(row->waiting));
    if (row->parked)
        finding_add(told->findings, FINDING_NOTE, "mirror",
                    "%s could not send %llu event%s and gave up: telltale "
                    "mirrors resume %s, or p on the board (:mirrors), tries "
                    "again",
                    row->name, (unsigned long long)row->parked,
                    row->parked == 1 ? "" : "s", row->name);
}

static void tell_mirror(struct asked *asked,
                        const struct mirror_settings *mirror)
{
    struct told told = {asked->check->findings, mirror->type->name};
    struct err err;
    size_t count = 0;

    if (asked->reader && !mirror_rows(asked->reader, mirror->name, tell_row,
                                      &told, &count, &err))
        finding_wrong(told.findings, "mirror", err.text);
    else if (!count)
        tell_ready(&told, mirror->name);
}

static void check_mirrors(struct asked *asked, struct mirror_list *list)
{
    struct err err = {""};

    if (!mirror_list_load(list, asked->check->config, &err))
        finding_wrong(asked->check->findings, "mirror", err.text);
    for (size_t i = 0; i < list->count; i++) {
        tell_mirror(asked, &list->mirrors[i]);
        judge_names(asked, "mirror", list->mirrors[i].name,
                    list->mirrors[i].query);
    }
}

/* What waits for one that the settings have no longer waits for ever. */
static void check_orphans(struct asked *asked, const struct mirror_list *list)
{
    static const char sql[] = "SELECT mirror, sum(events) FROM outbox GROUP "
                              "BY mirror";
    sqlite3_stmt *rows = NULL;

    if (!asked->reader || sqlite3_prepare_v2(reader_db(asked->reader), sql, -1,
                                             &rows, NULL) != SQLITE_OK)
        return;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(rows, 0);
        uint64_t events = (uint64_t)sqlite3_column_int64(rows, 1);
        size_t i = 0;

        while (i < list->count && strcmp(list->mirrors[i].name, name))
            i++;
        if (i == list->count)
            finding_add(asked->check->findings, FINDING_NOTE, "mirror",
                        "%llu %s for [mirror %.60s], which the settings do "
                        "not have: sent once it is there again",
                        (unsigned long long)events, events_wait(events), name);
    }
    sqlite3_finalize(rows);
}

/* ---- rules ---- */

static bool has_mirror(const struct mirror_list *mirrors, const char *name)
{
    for (size_t i = 0; i < mirrors->count; i++)
        if (!strcmp(mirrors->mirrors[i].name, name))
            return true;
    return false;
}

/* What can be told and to whom; a mirror that a rule names must be there. */
static void check_rules(struct asked *asked, const struct mirror_list *mirrors)
{
    struct findings *findings = asked->check->findings;
    struct rule_list list = {NULL, 0};
    struct err err = {""};

    if (!rule_list_load(&list, asked->check->config, &err))
        finding_wrong(asked->check->findings, "rule", err.text);
    for (size_t i = 0; i < list.count; i++) {
        const struct rule *rule = &list.rules[i];

        finding_add(findings, FINDING_FACT, "rule", "%s: %s", rule->name,
                    query_text(rule->query));
        judge_names(asked, "rule", rule->name, rule->query);
        if (rule->mirror && !has_mirror(mirrors, rule->mirror))
            finding_add(findings, FINDING_WRONG, "rule",
                        "[rule %s] there is no mirror %.40s", rule->name,
                        rule->mirror);
    }
    rule_list_free(&list);
}

/* ---- saved views ---- */

static void check_view(void *ctx, const struct views_line *view)
{
    struct asked *asked = ctx;
    struct query_error error;
    struct query *query = query_parse(view->query, &error);

    asked->views++;
    if (query)
        judge_names(asked, "view", view->name, query);
    else
        finding_add(asked->check->findings, FINDING_NOTE, "view",
                    "the view %.60s is left out, %s: save it again (V)",
                    view->name, error.err.text);
    query_free(query);
}

static void check_views(struct asked *asked)
{
    const char *journal = config_text(asked->check->config, OPTION_journal);
    char *path;

    if (!journal)
        return;
    path = views_path(journal);
    views_each(path, check_view, asked);
    if (asked->views)
        finding_add(asked->check->findings, FINDING_FACT, "views",
                    "%zu saved, in %s", asked->views, path);
    free(path);
}

/* ---- events.ini ---- */

static bool ever_came(const struct names *names, const struct catalog_row *row)
{
    for (const char *const *name = row->names; *name; name++)
        for (size_t i = 0; i < names->count; i++)
            if (text_glob(*name, names->list[i]))
                return true;
    return false;
}

/* Rows of the user's own for names that never came, once there was time for
 * them to come. */
static void check_rows(struct asked *asked)
{
    const struct catalog *catalog = asked->check->decode.catalog;
    struct names came = {.arena = ARENA_INIT};
    struct reader_totals totals;
    struct err err;

    if (!asked->reader || !reader_totals(asked->reader, &totals, &err) ||
        !totals.events || clock_now_ms() - totals.first_ms < YOUNG_MS)
        return;
    for (size_t i = 0; i < catalog_rows(catalog); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        if (row.builtin)
            continue;
        if (!came.count)
            take_journal(&came, asked->reader);
        if (!ever_came(&came, &row))
            finding_add(asked->check->findings, FINDING_NOTE, "events",
                        "events.ini [%.60s]: no event came that is called "
                        "%.80s. Is it mistyped?",
                        row.id, *row.names ? *row.names : "so");
    }
    names_free(&came);
}

void check_queries(struct check *check, struct journal_reader *reader)
{
    struct asked asked = {.check = check,
                          .reader = reader,
                          .names = {.arena = ARENA_INIT}};
    struct mirror_list mirrors = {NULL, 0};

    take_catalog(&asked.names, check->decode.catalog);
    check_mirrors(&asked, &mirrors);
    check_orphans(&asked, &mirrors);
    check_rules(&asked, &mirrors);
    check_views(&asked);
    check_rows(&asked);
    mirror_list_free(&mirrors);
    names_free(&asked.names);
}
