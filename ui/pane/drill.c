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

/* A row is one account's, perhaps one person's: who was asked for before is
 * not asked for besides. So it is with a category, if the row is of one. */
static void add_filter(struct buf *out, const struct query *filter,
                       const struct drill *drill)
{
    const char *const instead[] = {"account", "person",
                                   drill->category != INBOX_NO_CATEGORY
                                       ? "category"
                                       : NULL,
                                   NULL};

    query_add_without(out, filter, instead);
    if (out->len)
        buf_addc(out, ' ');
    drill_query(out, drill);
}

void drill_into(struct screen *screen, const struct drill *drill)
{
    struct query_error error;
    struct buf text;

    buf_init(&text, LIMIT_TEXT * 4);
    add_filter(&text, view_query(screen_view(screen)), drill);
    if (screen_filter(screen, text.data, &error))
        screen_focus_stream(screen);
    else
        screen_message(screen, "%s", error.err.text);
    buf_free(&text);
}
