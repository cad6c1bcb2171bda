/* Reading rules, and judging a page of events by them. */
#include "app/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/day_minute.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "live/display.h"

#include "base/banned.h"

#define COOLDOWN_MAX CLOCK_DAY_MS
#define NAME_MAX_BYTES 40

/* ---- settings ---- */

static bool take_query(struct rule *rule, const char *value, struct err *err)
{
    struct query_error error;
    struct query *query = query_parse(value, &error);

    if (!query)
        return err_set(err, "query, column %d: %s", error.column + 1,
                       error.err.text);
    if (query_asks_book(query)) {
        query_free(query);
        return err_set(err, "a rule does not know owners and segments: name "
                            "the accounts, like account:borealis");
    }
    query_free(rule->query);
    rule->query = query;
    return true;
}

static const struct way {
    const char *word;
    enum display_alert how;
} ways[] = {{"bell", ALERT_BELL},
            {"notify", ALERT_NOTIFY},
            {"title", ALERT_TITLE},
            {"highlight", ALERT_HIGHLIGHT}};
#define WAYS (sizeof ways / sizeof *ways)

static bool take_way(struct rule *rule, const char *word, struct err *err)
{
    for (size_t i = 0; i < WAYS; i++)
        if (!strcmp(ways[i].word, word)) {
            rule->how |= ways[i].how;
            return true;
        }
    return err_set(err,
                   "do is bell, notify, title, highlight or mirror NAME, "
                   "several with blanks between; not %.40s",
                   word);
}

static bool take_ways(struct rule *rule, const char *value, struct err *err)
{
    char word[64];

    while (*(value += strspn(value, " ,"))) {
        size_t len = strcspn(value, " ,");
        bool was_mirror = rule->mirror && !*rule->mirror;

        snprintf(word, sizeof word, "%.*s", (int)len, value);
        value += len;
        if (was_mirror) {
            free(rule->mirror);
            rule->mirror = xstrdup(word);
        } else if (!strcmp(word, "mirror")) {
            free(rule->mirror);
            rule->mirror = xstrdup("");
        } else if (!take_way(rule, word, err)) {
            return false;
        }
    }
    return !rule->mirror || *rule->mirror ||
           err_set(err, "do: which mirror? as in do = mirror slack");
}

static bool take_hours(struct rule *rule, const char *value, struct err *err)
{
    const char *at = value;

    return (day_minute(&at, &rule->quiet_from) && *at++ == '-' &&
            day_minute(&at, &rule->quiet_to) && !*at &&
            rule->quiet_from != rule->quiet_to) ||
           err_set(err, "quiet_hours is like 19:00-08:00");
}

static bool take_cooldown(struct rule *rule, const char *value,
                          struct err *err)
{
    return (clock_parse_length(value, &rule->cooldown_ms) &&
            rule->cooldown_ms >= 0 && rule->cooldown_ms <= COOLDOWN_MAX) ||
           err_set(err, "per_account_cooldown is a time up to 24h, like 30m");
}

static bool take_value(struct rule *rule, const char *key, const char *value,
                       struct err *err)
{
    if (!strcmp(key, "query"))
        return take_query(rule, value, err);
    if (!strcmp(key, "do"))
        return take_ways(rule, value, err);
    if (!strcmp(key, "quiet_hours"))
        return take_hours(rule, value, err);
    if (!strcmp(key, "per_account_cooldown"))
        return take_cooldown(rule, value, err);
    return err_set(err,
                   "there is no %.40s; there are query, do, quiet_hours "
                   "and per_account_cooldown",
                   key);
}

static struct rule *find_or_add(struct rule_list *list, const char *name)
{
    struct rule *rule;

    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->rules[i].name, name))
            return &list->rules[i];
    if (list->count == LIMIT_RULES)
        return NULL;
    list->rules =
        xreallocarray(list->rules, list->count + 1, sizeof *list->rules);
    rule = &list->rules[list->count++];
    *rule = (struct rule){.name = xstrdup(name), .quiet_from = -1};
    return rule;
}

static bool take_key(void *ctx, const char *name, const char *key,
                     const char *value, const char *where, struct err *err)
{
    struct rule *rule;
    struct err why;

    if (strlen(name) > NAME_MAX_BYTES)
        return err_set(err, "%s: the name of a rule has up to %d bytes", where,
                       NAME_MAX_BYTES);
    rule = find_or_add(ctx, name);
    if (!rule)
        return err_set(err, "%s: more than %d rules", where, LIMIT_RULES);
    return take_value(rule, key, value, &why) ||
           err_set(err, "%s: [rule %s] %s", where, name, why.text);
}

static bool check(const struct rule *rule, struct err *err)
{
    if (!rule->query || query_is_empty(rule->query))
        return err_set(err, "[rule %s] needs a query: what is to be told?",
                       rule->name);
    if (rule->how & ALERT_HIGHLIGHT && query_deep(rule->query))
        return err_set(err,
                       "[rule %s] do = highlight goes by what rows show: no "
                       "prop., amount or body",
                       rule->name);
    return rule->how || rule->mirror ||
           err_set(err,
                   "[rule %s] needs do = bell, notify, title, highlight or "
                   "mirror NAME",
                   rule->name);
}

bool rule_list_load(struct rule_list *list, const struct config *config,
                    struct err *err)
{
    bool ok;

    *list = (struct rule_list){NULL, 0};
    ok = config_section(config, "rule", take_key, list, err);
    for (size_t i = 0; ok && i < list->count; i++)
        ok = check(&list->rules[i], err);
    if (!ok)
        rule_list_free(list);
    return ok;
}

void rule_list_free(struct rule_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->rules[i].name);
        free(list->rules[i].mirror);
        query_free(list->rules[i].query);
    }
    free(list->rules);
    *list = (struct rule_list){NULL, 0};
}

/* ---- judging ---- */

static int minute_of_day(int64_t ms)
{
    struct tm tm = {0};

    clock_local(ms, &tm);
    return tm.tm_hour * 60 + tm.tm_min;
}

static bool is_quiet(const struct rule *rule, int64_t ms)
{
    int minute = minute_of_day(ms);

    if (rule->quiet_from < 0)
        return false;
    if (rule->quiet_from < rule->quiet_to)
        return minute >= rule->quiet_from && minute < rule->quiet_to;
    return minute >= rule->quiet_from || minute < rule->quiet_to;
}

static struct rule_told *find_told(struct rule_memory *memory, size_t rule,
                                   const char *account)
{
    for (size_t i = 0; i < memory->count; i++)
        if (memory->told[i].rule == rule &&
            !strcmp(memory->told[i].account, account))
            return &memory->told[i];
    return NULL;
}

static void forget_oldest(struct rule_memory *memory)
{
    size_t oldest = 0;

    for (size_t i = 1; i < memory->count; i++)
        if (memory->told[i].at < memory->told[oldest].at)
            oldest = i;
    free(memory->told[oldest].account);
    memory->told[oldest] = memory->told[--memory->count];
}

static void remember(struct rule_memory *memory, size_t rule,
                     const char *account, int64_t at)
{
    if (memory->count == LIMIT_COOLDOWNS)
        forget_oldest(memory);
    if (memory->count == memory->cap) {
        memory->cap = memory->cap ? 2 * memory->cap : 32;
        memory->told =
            xreallocarray(memory->told, memory->cap, sizeof *memory->told);
    }
    memory->told[memory->count++] =
        (struct rule_told){rule, xstrdup(account), at};
}

void rule_memory_free(struct rule_memory *memory)
{
    while (memory->count)
        free(memory->told[--memory->count].account);
    free(memory->told);
    *memory = (struct rule_memory){NULL, 0, 0};
}

/* Was the account told of a little while ago? If not, it is now. */
static bool rests(const struct rule_list *list, struct rule_memory *memory,
                  size_t index, const struct event *event)
{
    const struct rule *rule = &list->rules[index];
    const char *account = event->account.id ? event->account.id : "";
    struct rule_told *told;
    int64_t age; /* below 0 where the clock was set back */

    if (!rule->cooldown_ms)
        return false;
    told = find_told(memory, index, account);
    if (!told) {
        remember(memory, index, account, event->received_at);
        return false;
    }
    age = event->received_at - told->at;
    if (age < rule->cooldown_ms && age > -rule->cooldown_ms)
        return true;
    told->at = event->received_at;
    return false;
}

static bool fires(const struct rule_list *list, struct rule_memory *memory,
                  size_t index, const struct event *event)
{
    const struct rule *rule = &list->rules[index];

    return !(event->flags & EVENT_BACKFILLED) &&
           (event->hidden == HIDDEN_NO || query_asks_hidden(rule->query)) &&
           query_match(rule->query, event, event->received_at) &&
           !is_quiet(rule, event->received_at) &&
           !rests(list, memory, index, event);
}

static void say(const struct event *event, char out[RULE_TEXT])
{
    struct arena arena = ARENA_INIT;
    struct buf text, cut;

    buf_init(&text, 16 * KIB);
    if (event->account.name)
        buf_addf(&text, "%s · ", event->account.name);
    buf_addf(&text, "%s %s", event_person_label(event, &arena),
             event->sentence);
    buf_init(&cut, RULE_TEXT);
    text_sanitise(&cut, text.data, text.len, RULE_TEXT - 1);
    snprintf(out, RULE_TEXT, "%s", cut.data);
    buf_free(&cut);
    buf_free(&text);
    arena_free(&arena);
}

bool rule_tells(const struct rule *rule)
{
    return rule->mirror || rule->how & ~(unsigned)ALERT_HIGHLIGHT;
}

size_t rule_judge(const struct rule_list *list, struct rule_memory *memory,
                  const struct event *events, size_t count,
                  struct rule_firing *firings)
{
    size_t fired = 0;

    for (size_t rule = 0; rule < list->count; rule++) {
        struct rule_firing *firing = &firings[fired];

        *firing = (struct rule_firing){.rule = rule};
        if (!rule_tells(&list->rules[rule]))
            continue;
        for (size_t i = 0; i < count; i++) {
            if (!fires(list, memory, rule, &events[i]))
                continue;
            if (!firing->which)
                firing->which = xcalloc(count, sizeof *firing->which);
            firing->which[firing->events++] = i;
        }
        if (!firing->events)
            continue;
        say(&events[firing->which[firing->events - 1]], firing->text);
        fired++;
    }
    return fired;
}

void rule_firings_free(struct rule_firing *firings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(firings[i].which);
}
