/* When it happened: what senders write, as clock_parse() reads it. */
#include "event/extract_internal.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"

#include "base/banned.h"

/* "… 19:00:00 +0000", "… Z" and "… UTC" as clock_parse() knows them. */
static size_t join_zone(char *text, size_t len)
{
    size_t zone = len;

    if (len > 4 && (!strcasecmp(text + len - 4, " UTC") ||
                    !strcasecmp(text + len - 4, " GMT")))
        len -= 3;
    else if (len > 2 && text[len - 2] == ' ' && strchr("zZ", text[len - 1]))
        len--;
    if (len < zone) {
        text[len - 1] = 'Z';
        return len;
    }
    while (zone && strchr("0123456789:", text[zone - 1]))
        zone--;
    if (zone < 11 || !strchr("+-", text[zone - 1]) || text[zone - 2] != ' ')
        return len;
    memmove(text + zone - 2, text + zone - 1, len - zone + 1);
    return len - 1;
}

/* Seconds or milliseconds with a fraction, as PostHog's $time is:
 * clock_parse() reads only whole ones. */
static int64_t parse_number(const char *text, size_t whole)
{
    int64_t ms = clock_parse(text, whole);

    for (int i = 1, unit = 100; whole == 10 && i <= 3; i++, unit /= 10) {
        char c = text[whole + (size_t)i];

        if (c < '0' || c > '9')
            break;
        ms += (c - '0') * unit;
    }
    return ms;
}

static int64_t parse_time(const char *text)
{
    size_t len = strlen(text);
    size_t whole = strspn(text, "0123456789");
    char joined[64];

    if (text[whole] == '.' && (whole == 10 || whole == 13) &&
        whole + 1 + strspn(text + whole + 1, "0123456789") == len)
        return parse_number(text, whole);
    if (len >= sizeof joined)
        return CLOCK_NONE;
    memcpy(joined, text, len + 1);
    return clock_parse(joined, join_zone(joined, len));
}

void extract_time(const struct extraction *extract, struct shape *shape,
                  struct event *event)
{
    const char *text = extract_text(extract, shape, PAYLOAD_TIMESTAMP);
    int64_t at = text ? parse_time(text) : extract->arrival->received_at;

    event->received_at = extract->arrival->received_at;
    if (at == CLOCK_NONE) {
        at = event->received_at;
        event->flags |= EVENT_CLOCK_OFF;
    } else if (extract->arrival->follow_clock) {
        event->received_at = at;
    }
    event->occurred_at = at;
    if (event_time(event) != at)
        event->flags |= EVENT_CLOCK_OFF;
}
