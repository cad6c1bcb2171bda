/* The keys of [signals]. */
#include "signal/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#include "base/banned.h"

#define DAY_MS INT64_C(86400000)

typedef bool take_word(struct signal_settings *settings, const char *word,
                       struct err *err);

/* Dates are days of the calendar, whatever the zone. */
static bool take_holiday(struct signal_settings *settings, const char *word,
                         struct err *err)
{
    char iso[80];
    int64_t ms;
    int32_t *days = (int32_t *)settings->holidays, day;
    size_t at = settings->holiday_count;

    snprintf(iso, sizeof iso, "%sT00:00:00Z", word);
    ms = strlen(word) == 10 ? clock_parse(iso, strlen(iso)) : CLOCK_NONE;
    if (ms == CLOCK_NONE)
        return err_set(err, "\"%s\" is no date, like 2026-12-25", word);
    day = (int32_t)(ms / DAY_MS);
    days = xreallocarray(days, at + 1, sizeof *days);
    for (; at > 0 && days[at - 1] > day; at--)
        days[at] = days[at - 1];
    days[at] = day;
    settings->holidays = days;
    settings->holiday_count++;
    return true;
}

static bool take_off(struct signal_settings *settings, const char *word,
                     struct err *err)
{
    enum signal_kind kind;

    if (!signal_parse(word, &kind))
        return err_set(err, "\"%s\" is no kind of signal", word);
    settings->off[kind] = true;
    return true;
}

static bool take_words(struct signal_settings *settings, const char *value,
                       take_word *take, struct err *err)
{
    char word[64];

    while (*(value += strspn(value, " ,\t"))) {
        size_t len = strcspn(value, " ,\t");

        snprintf(word, sizeof word, "%.*s", (int)len, value);
        if (!take(settings, word, err))
            return false;
        value += len;
    }
    return true;
}

static bool take_number(const char *value, int least, int most, int *out,
                        struct err *err)
{
    char *end;
    long number = strtol(value, &end, 10);

    if (end == value || *end || number < least || number > most)
        return err_set(err, "\"%s\" is no number from %d to %d", value, least,
                       most);
    *out = (int)number;
    return true;
}

static bool take_key(struct signal_settings *settings, const char *key,
                     const char *value, struct err *err)
{
    if (!strcmp(key, "holidays"))
        return take_words(settings, value, take_holiday, err);
    if (!strcmp(key, "off"))
        return take_words(settings, value, take_off, err);
    if (!strcmp(key, "learning_days"))
        return take_number(value, 1, 365, &settings->learning_days, err);
    if (!strcmp(key, "champion_share"))
        return take_number(value, 10, 100, &settings->champion_share, err);
    if (!strcmp(key, "one_person_share"))
        return take_number(value, 20, 100, &settings->one_person_share, err);
    return err_set(err, "no such key; there are holidays, off, "
                        "learning_days, champion_share, one_person_share");
}

static bool each_key(void *ctx, const char *name, const char *key,
                     const char *value, const char *where, struct err *err)
{
    struct err why = {""};

    (void)name;
    return take_key(ctx, key, value, &why) ||
           err_set(err, "%s: [signals] %s: %s", where, key, why.text);
}

bool signal_settings_load(struct signal_settings *settings,
                          const struct config *config, struct err *err)
{
    signal_settings_init(settings);
    if (config_section(config, "signals", each_key, settings, err))
        return true;
    signal_settings_clear(settings);
    return false;
}

void signal_settings_clear(struct signal_settings *settings)
{
    free((int32_t *)settings->holidays);
    settings->holidays = NULL;
    settings->holiday_count = 0;
}
