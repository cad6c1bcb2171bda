/* The settings of the signals, out of the options and the section [areas]. */
#include "signal/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "signal/area.h"

#include "base/banned.h"

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
    if (at >= LIMIT_HOLIDAYS)
        return err_set(err, "more than %d dates", LIMIT_HOLIDAYS);
    day = (int32_t)(ms / CLOCK_DAY_MS);
    days = xreallocarray(days, at + 1, sizeof *days);
    for (; at > 0 && days[at - 1] > day; at--)
        days[at] = days[at - 1];
    days[at] = day;
    settings->holidays = days;
    settings->holiday_count++;
    return true;
}

static bool take_holidays(struct signal_settings *settings,
                          const struct config *config, struct err *err)
{
    const char *const *words = config_list(config, OPTION_signals_holidays);
    struct err why = {""};

    for (; words && *words; words++)
        if (!take_holiday(settings, *words, &why))
            return err_set(err, "%s: [signals] holidays: %s",
                           config_origin(config, OPTION_signals_holidays),
                           why.text);
    return true;
}

static void take_off(struct signal_settings *settings,
                     const struct config *config)
{
    const char *const *words = config_list(config, OPTION_signals_off);
    enum signal_kind kind;

    for (; words && *words; words++)
        if (signal_parse(*words, &kind))
            settings->off[kind] = true;
}

static bool take_length(const struct config *config, enum option_id id,
                        int *seconds, struct err *err)
{
    int64_t ms = config_number(config, id);

    if (ms < 1000 || ms > 60 * CLOCK_DAY_MS)
        return err_set(err, "%s: [signals] a time is 1s to 60d",
                       config_origin(config, id));
    *seconds = (int)(ms / 1000);
    return true;
}

static bool take_lengths(struct signal_settings *settings,
                         const struct config *config, struct err *err)
{
    const struct {
        enum option_id id;
        int *seconds;
    } lengths[] = {
        {OPTION_signals_docs_within, &settings->docs_within_s},
        {OPTION_signals_burst_within, &settings->burst_within_s},
        {OPTION_signals_again_after, &settings->again_after_s},
        {OPTION_signals_stuck_within, &settings->stuck_within_s},
        {OPTION_signals_visits_within, &settings->visits_within_s},
    };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (!take_length(config, lengths[i].id, lengths[i].seconds, err))
            return false;
    return true;
}

static void take_numbers(struct signal_settings *settings,
                         const struct config *config)
{
    const struct {
        enum option_id id;
        int *number;
    } numbers[] = {
        {OPTION_signals_learning_days, &settings->learning_days},
        {OPTION_signals_burst_events, &settings->burst_events},
        {OPTION_signals_seldom_days, &settings->seldom_days},
        {OPTION_signals_champion_share, &settings->champion_share},
        {OPTION_signals_champion_days, &settings->champion_days},
        {OPTION_signals_one_person_share, &settings->one_person_share},
        {OPTION_signals_away_days, &settings->away_days},
        {OPTION_signals_nobody_days, &settings->nobody_days},
        {OPTION_signals_quiet_rest, &settings->quiet_rest},
        {OPTION_signals_quiet_learning, &settings->quiet_learning},
        {OPTION_signals_growing_learning, &settings->growing_learning},
        {OPTION_signals_champion_learning, &settings->champion_learning},
        {OPTION_signals_new_people, &settings->new_people},
        {OPTION_signals_stays, &settings->stays},
        {OPTION_signals_new_within, &settings->new_within},
        {OPTION_signals_billing_rest, &settings->billing_rest},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i].number = (int)config_number(config, numbers[i].id);
    settings->quiet_height =
        (double)config_number(config, OPTION_signals_quiet_height) / 10;
    settings->growing_height =
        (double)config_number(config, OPTION_signals_growing_height) / 10;
}

static bool each_area(void *ctx, const char *name, const char *key,
                      const char *value, const char *where, struct err *err)
{
    struct err why = {""};

    (void)name;
    return areas_set(ctx, key, value, &why) ||
           err_set(err, "%s: [areas] %s: %s", where, key, why.text);
}

static bool take_areas(struct signal_settings *settings,
                       const struct config *config, struct err *err)
{
    struct areas *areas = areas_new();

    settings->areas = areas;
    return config_section(config, "areas", each_area, areas, err);
}

bool signal_settings_load(struct signal_settings *settings,
                          const struct config *config, struct err *err)
{
    signal_settings_init(settings);
    take_numbers(settings, config);
    take_off(settings, config);
    if (take_lengths(settings, config, err) &&
        take_holidays(settings, config, err) &&
        take_areas(settings, config, err))
        return true;
    signal_settings_clear(settings);
    return false;
}

void signal_settings_clear(struct signal_settings *settings)
{
    free((int32_t *)settings->holidays);
    areas_free((struct areas *)settings->areas);
    settings->holidays = NULL;
    settings->areas = NULL;
    settings->holiday_count = 0;
}
