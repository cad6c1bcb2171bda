/* The report as one JSON object, for scripts. */
#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "report/report.h"

#include "base/banned.h"

static void add_text(cJSON *object, const char *key, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, key, text);
    else
        cJSON_AddNullToObject(object, key);
}

static void add_time(cJSON *object, const char *key, int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];

    clock_format_iso(ms, iso);
    cJSON_AddStringToObject(object, key, ms ? iso : "");
}

static void add_day(cJSON *object, const char *key, int32_t day)
{
    char iso[CLOCK_ISO_SIZE];

    clock_format_iso(day * CLOCK_DAY_MS, iso);
    iso[10] = '\0';
    cJSON_AddStringToObject(object, key, iso);
}

static void add_span(cJSON *object, const char *key,
                     const struct report_span *span)
{
    cJSON *out = cJSON_AddObjectToObject(object, key), *categories;

    cJSON_AddNumberToObject(out, "events", (double)span->events);
    cJSON_AddNumberToObject(out, "people", span->people);
    cJSON_AddNumberToObject(out, "person_days", span->person_days);
    categories = cJSON_AddObjectToObject(out, "categories");
    for (int i = 0; i < CATEGORY_COUNT; i++)
        if (span->categories[i])
            cJSON_AddNumberToObject(categories,
                                    category_name((enum category)i),
                                    (double)span->categories[i]);
}

/* The words of report_new() and report_fell(). */
static void
add_words(cJSON *object, const char *key, const struct report_account *account,
          void (*words)(struct buf *out, const struct report_account *account))
{
    struct buf text;

    buf_init(&text, KIB);
    words(&text, account);
    add_text(object, key, text.len ? text.data : NULL);
    buf_free(&text);
}

static void add_people(cJSON *object, const struct report_account *account)
{
    cJSON *list = cJSON_AddArrayToObject(object, "who");

    for (size_t i = 0; i < account->person_count; i++) {
        const struct report_person *person = &account->people[i];
        cJSON *each = cJSON_CreateObject();

        cJSON_AddStringToObject(each, "name", person->name);
        cJSON_AddNumberToObject(each, "share", report_share(account, person));
        cJSON_AddNumberToObject(each, "days", person->days);
        cJSON_AddItemToArray(list, each);
    }
}

static void add_events(cJSON *object, const char *key,
                       const struct report_event *events, size_t count)
{
    cJSON *list = cJSON_AddArrayToObject(object, key);

    for (size_t i = 0; i < count; i++) {
        cJSON *each = cJSON_CreateObject();

        add_time(each, "at", events[i].at);
        cJSON_AddStringToObject(each, "tone", tone_name(events[i].tone));
        add_text(each, "person", events[i].person);
        cJSON_AddStringToObject(each, "sentence", events[i].sentence);
        add_text(each, "replay", events[i].replay);
        cJSON_AddItemToArray(list, each);
    }
}

static void add_signals(cJSON *object, const struct report_account *account)
{
    const struct report_signal *signal = account->signals;
    cJSON *list = cJSON_AddArrayToObject(object, "signals");

    for (; signal; signal = signal->next) {
        cJSON *each = cJSON_CreateObject();

        cJSON_AddStringToObject(each, "signal", signal->title);
        cJSON_AddStringToObject(each, "tone", tone_name(signal->tone));
        add_time(each, "fired_at", signal->fired_at);
        add_text(each, "person", signal->person);
        cJSON_AddStringToObject(each, "sentence", signal->sentence);
        add_text(each, "ask", signal->opener);
        cJSON_AddItemToArray(list, each);
    }
}

static cJSON *account_object(const struct report *report,
                             const struct report_account *account)
{
    cJSON *out = cJSON_CreateObject(), *days;

    cJSON_AddStringToObject(out, "id", account->id);
    add_text(out, "name", account->name);
    add_time(out, "last_at", account->last_at);
    add_span(out, "now", &account->now);
    add_span(out, "before", &account->before);
    days = cJSON_AddArrayToObject(out, "days");
    for (unsigned i = 0; i < report->day_count; i++)
        cJSON_AddItemToArray(days,
                             cJSON_CreateNumber((double)account->days[i]));
    add_words(out, "new", account, report_new);
    add_words(out, "fell", account, report_fell);
    add_people(out, account);
    add_events(out, "what", account->events, account->event_count);
    add_events(out, "watch", account->replays, account->replay_count);
    add_signals(out, account);
    return out;
}

bool report_json(struct buf *out, const struct report *report)
{
    cJSON *object = cJSON_CreateObject(), *accounts;
    char *text;

    if (report->to_ms) {
        add_time(object, "since", report->from_ms);
        add_time(object, "until", report->to_ms);
    }
    add_day(object, "first_day", report->first_day);
    add_day(object, "last_day", report->last_day);
    add_span(object, "now", &report->now);
    add_span(object, "before", &report->before);
    accounts = cJSON_AddArrayToObject(object, "accounts");
    for (size_t i = 0; i < report->count; i++)
        cJSON_AddItemToArray(accounts,
                             account_object(report, &report->accounts[i]));
    text = cJSON_PrintUnformatted(object);
    buf_adds(out, text);
    buf_addc(out, '\n');
    cJSON_free(text);
    cJSON_Delete(object);
    return buf_ok(out);
}
