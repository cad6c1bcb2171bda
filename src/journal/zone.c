/* Finding out the name of the local time zone, which POSIX gives no call for,
 * and the days of another one: the C library knows one zone at a time, so
 * the beginnings of its days are asked for once and kept. */
#include "journal/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "base/banned.h"

#define YEAR 366

char *zone_name(void)
{
    static const char marker[] = "zoneinfo/";
    const char *set = getenv("TZ");
    char link[1024];
    ssize_t len;
    char *found;

    if (set && *set)
        return xstrdup(set);
    len = readlink("/etc/localtime", link, sizeof link - 1);
    if (len > 0) {
        link[len] = '\0';
        found = strstr(link, marker);
        if (found && found[sizeof marker - 1])
            return xstrdup(found + sizeof marker - 1);
    }
    /* A copy of a zone's file has no name: then the file is the zone. */
    return xstrdup(access("/etc/localtime", R_OK) ? "UTC" : ":/etc/localtime");
}

/* ---- known or not ---- */

static bool is_file_of(const char *folder, const char *zone)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, zone);
    return !access(path, R_OK);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3": a name of three letters or more, or one in
 * <>, then hours. */
static bool is_rule(const char *zone)
{
    size_t name = *zone == '<' ? strcspn(zone, ">") : 0;

    if (*zone == '<')
        zone += name + (zone[name] == '>');
    else
        for (; (*zone | 0x20) >= 'a' && (*zone | 0x20) <= 'z'; zone++)
            name++;
    zone += *zone == '+' || *zone == '-';
    return name >= 3 && *zone >= '0' && *zone <= '9';
}

bool zone_is_known(const char *zone)
{
    static const char *const folders[] = {"/usr/share/zoneinfo",
                                          "/usr/lib/zoneinfo",
                                          "/usr/share/lib/zoneinfo",
                                          "/etc/zoneinfo"};
    const char *own = getenv("TZDIR");

    if (*zone == ':')
        zone++;
    if (!strcmp(zone, "UTC") || !strcmp(zone, "GMT") || is_rule(zone))
        return true;
    if (!*zone || strstr(zone, ".."))
        return false;
    if (*zone == '/')
        return !access(zone, R_OK);
    if (own && *own && is_file_of(own, zone))
        return true;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (is_file_of(folders[i], zone))
            return true;
    return false;
}

/* ---- the days of another one ---- */

/* 1995 to 2060; days beyond have the hours of the nearest one inside. */
#define FIRST_DAY 9131
#define LAST_DAY 32872

struct zone_days {
    int64_t starts[LAST_DAY - FIRST_DAY + 1];
};

static void set_zone(const char *zone)
{
    if (zone)
        setenv("TZ", zone, 1);
    else
        unsetenv("TZ");
    tzset();
}

/* Around now, which is when days are counted. */
static bool are_own(const struct zone_days *days)
{
    int32_t today = clock_day(clock_now_ms());

    for (int32_t day = today - YEAR; day < today + 2 * YEAR; day++)
        if (zone_day_start(days, day) != clock_day_start(day))
            return false;
    return true;
}

struct zone_days *zone_days_new(const char *zone)
{
    const char *set = getenv("TZ");
    char *before;
    struct zone_days *days;

    if (!zone_is_known(zone) || (set && !strcmp(set, zone)))
        return NULL;
    before = set ? xstrdup(set) : NULL;
    days = xcalloc(1, sizeof *days);
    set_zone(zone);
    for (int32_t day = FIRST_DAY; day <= LAST_DAY; day++)
        days->starts[day - FIRST_DAY] = clock_day_start(day);
    set_zone(before);
    free(before);
    if (!are_own(days))
        return days;
    free(days);
    return NULL;
}

void zone_days_free(struct zone_days *days)
{
    free(days);
}

int64_t zone_day_start(const struct zone_days *days, int32_t day)
{
    int32_t near = day;

    if (!days)
        return clock_day_start(day);
    if (near < FIRST_DAY)
        near = FIRST_DAY;
    else if (near > LAST_DAY)
        near = LAST_DAY;
    return days->starts[near - FIRST_DAY] +
           (int64_t)(day - near) * CLOCK_DAY_MS;
}

int32_t zone_day(const struct zone_days *days, int64_t ms)
{
    int32_t day;

    if (!days)
        return clock_day(ms);
    /* No zone is a day or more away from UTC. */
    day = (int32_t)(ms / CLOCK_DAY_MS) + 1;
    while (zone_day_start(days, day) > ms)
        day--;
    return day;
}
