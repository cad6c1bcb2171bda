/* "--since 09:00": what a user means by a time, in the zone of the machine.
 * The screen's T and the filter's since: mean the same. */
#include "command/since.h"

#include "base/moment.h"
#include "base/banned.h"

bool since_parse(const char *text, int64_t now_ms, int64_t *ms)
{
    return moment_parse(text, now_ms, ms);
}
