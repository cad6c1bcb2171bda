/* What was typed by strangers must stay text when somebody opens the table
 * (https://owasp.org/www-community/attacks/CSV_Injection). */
#include "command/export_csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "event/category.h"

#include "base/banned.h"

bool export_csv_cell(struct buf *out, const char *text)
{
    bool formula, quoted;

    if (!text)
        return buf_ok(out);
    formula = *text && strchr("=+-@\t\r\n", *text);
    quoted = formula || text[strcspn(text, ",;\"\t\r\n")];
    if (quoted)
        buf_addc(out, '"');
    if (formula)
        buf_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buf_addc(out, '"');
        buf_addc(out, *text);
    }
    if (quoted)
        buf_addc(out, '"');
    return buf_ok(out);
}

bool export_csv_header(struct buf *out)
{
    return buf_adds(
        out, "seq,uuid,event,category,tone,sentence,occurred_at,received_at,"
             "account_id,account_name,listed,person_id,person_email,"
             "person_name,hidden,url,session_id,replay,person_link,"
             "event_link,source,origin_id,origin_seq,properties\r\n");
}

static void put(struct buf *out, const char *text)
{
    buf_addc(out, ',');
    export_csv_cell(out, text);
}

static void put_time(struct buf *out, int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];

    clock_format_iso(ms, iso);
    put(out, iso);
}

static void put_origin(struct buf *out, const struct event *event,
                       const struct uuid *journal_id)
{
    const struct uuid *id = event->has_origin ? &event->origin_id : journal_id;
    char text[UUID_TEXT_SIZE];

    uuid_format(id, text);
    put(out, text);
    buf_addf(out, ",%" PRIu64,
             event->has_origin ? event->origin_seq : event->seq);
}

static void put_properties(struct buf *out, const struct event *event)
{
    struct buf json;

    buf_init(&json, out->max);
    event_properties(&json, event);
    put(out, json.data);
    buf_free(&json);
}

bool export_csv_row(struct buf *out, const struct event *event,
                    const struct uuid *journal_id)
{
    char uuid[UUID_TEXT_SIZE];

    uuid_format(&event->uuid, uuid);
    buf_addf(out, "%" PRIu64, event->seq);
    put(out, event->has_uuid ? uuid : NULL);
    put(out, event->name);
    put(out, category_name(event->category));
    put(out, tone_name(event->tone));
    put(out, event->sentence);
    put_time(out, event->occurred_at);
    put_time(out, event->received_at);
    put(out, event->account.id);
    put(out, event->account.name);
    put(out, event->account.listed ? "yes" : "no");
    put(out, event->person.id);
    put(out, event->person.email);
    put(out, event->person.name);
    put(out, hidden_name(event->hidden));
    put(out, event->url);
    put(out, event->session_id);
    put(out, event->links.replay);
    put(out, event->links.person);
    put(out, event->links.event);
    put(out, source_name(event->source));
    put_origin(out, event, journal_id);
    put_properties(out, event);
    return buf_adds(out, "\r\n");
}
