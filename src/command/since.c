/* "--since 09:00": what a user means by a time, in the zone of the machine.
 * The filter's since: means the same. */
#include "command/since.h"

#include <string.h>

#include "base/clock.h"
#include "base/banned.h"

bool since_parse(const char *text, int64_t now_ms, int64_t *ms)
{
    int64_t length;

    if (clock_parse_length(text, &length)) {
        *ms = now_ms - length;
        return true;
    }
    if (clock_parse_time(text, &length)) {
        *ms = clock_last_time(now_ms, length);
        return true;
    }
    if (clock_parse_local(text, ms))
        return true;
    *ms = clock_parse(text, strlen(text));
    return *ms != CLOCK_NONE;
}
