/* What a query says of itself, without an event: what it asks for, what it
 * took, what could not be judged. */
#include "base/text.h"
#include "query/tree.h"

#include "base/banned.h"

void query_set_book(struct query *query, const struct book *book)
{
    query->book = book;
}

unsigned query_deep(const struct query *query)
{
    return query->deep;
}

uint64_t query_steps(const struct query *query)
{
    return query->meter->steps;
}

uint64_t query_unjudged(const struct query *query)
{
    return query->meter->unjudged;
}

bool query_explain_unjudged(const struct query *query, struct err *err)
{
    const struct query_value *value = query->meter->costly;
    bool regex = value && value->mode == QUERY_VALUE_REGEX;
    struct buf shown;

    if (!query->meter->unjudged)
        return true;
    if (!value)
        return err_set(err, "some events are too long to be looked through");
    buf_init(&shown, 256);
    text_cut(&shown, value->text, 40, "…");
    err_set(err, "%s%s%s is too costly: it takes too long on some texts",
            regex ? "/" : "", shown.data, regex ? "/" : "");
    buf_free(&shown);
    return false;
}

bool query_ages(const struct query *query)
{
    return query->ages;
}

bool query_asks_hidden(const struct query *query)
{
    return query->asks_hidden;
}

bool query_asks_signals(const struct query *query)
{
    return query->asks_signals;
}

bool query_asks_book(const struct query *query)
{
    return query->asks_book;
}
