/* Finding out the name of the local time zone, which POSIX gives no call
 * for, and setting it. */
#include "journal/zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#include "base/banned.h"

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

void zone_adopt(const char *zone)
{
    const char *set = getenv("TZ");

    if (!set || strcmp(set, zone))
        setenv("TZ", zone, 1);
    tzset();
}
