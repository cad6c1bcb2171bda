/* Reading a time of the day. */
#include "base/day_minute.h"

#include <stdio.h>

#include "base/banned.h"

bool day_minute(const char **text, int *minute)
{
    int hours, minutes, used = 0;

    if (sscanf(*text, "%2d:%2d%n", &hours, &minutes, &used) < 2 || !used ||
        hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *minute = hours * 60 + minutes;
    *text += used;
    return true;
}
