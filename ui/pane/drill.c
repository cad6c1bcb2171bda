/* Filters of rows, and going where they show. */
#include "ui/pane/drill.h"

#include "base/limits.h"
#include "query/query.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

void drill_query(struct buf *out, const struct drill *drill)
{
    if (drill->id && *drill->id) {
        buf_adds(out, "account=");
        query_add_value(out, drill->name ? drill->name : drill->id);
    } else {
        buf_adds(out, "account:is_not_set");
    }
    if (drill->person) {
        buf_adds(out, " person=");
        query_add_value(out, drill->person);
    }
    if (drill->category != INBOX_NO_CATEGORY)
        buf_addf(out, " category=%s",
                 category_name((enum category)drill->category));
}

void drill_into(struct screen *screen, const struct drill *drill)
{
    struct query_error error;
    struct buf text;

    buf_init(&text, LIMIT_TEXT * 4);
    buf_adds(&text, screen_filter_text(screen));
    if (text.len && text.data[text.len - 1] != ' ')
        buf_addc(&text, ' ');
    drill_query(&text, drill);
    if (screen_filter(screen, text.data, &error))
        screen_focus_stream(screen);
    else
        screen_message(screen, "%s", error.err.text);
    buf_free(&text);
}
