/* Judging what only an event's body can tell: a property by its name or a
 * dotted path, an amount of money, any text at all. The raw text is gone
 * through where it stands; no tree is made of it. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/slice.h"
#include "query/term.h"

#include "base/banned.h"

#define BYTES_A_STEP 8 /* of a body that is passed over */

/* What properties call the money of an event. */
static const char *const amounts[] = {"amount", "amount_usd", "total_usd",
                                      "amount_paid", "amount_due"};

static struct slice properties_of(const struct event *event)
{
    return (struct slice){event->raw + event->props_at, event->props_len};
}

/* Passing over a body costs, too: false when the row has no more. */
static bool spend(struct meter *meter, size_t bytes)
{
    size_t steps = bytes / BYTES_A_STEP + 1;

    if (steps > meter->row_left)
        steps = meter->row_left;
    meter->row_left -= steps;
    meter->steps += steps;
    meter->hit |= !meter->row_left;
    return meter->row_left > 0;
}

static bool is_null(struct slice value)
{
    return slice_kind(value) == 'n';
}

/* As text: of a string what it says, of anything else its JSON. */
static bool add_text(struct buf *out, struct slice value)
{
    struct buf said;
    bool ok;

    if (slice_kind(value) != '"')
        return slice_compact(out, value);
    buf_init(&said, value.len + 1);
    ok = slice_string(value, &said) &&
         text_sanitise(out, said.data, said.len, 3 * said.len);
    buf_free(&said);
    return ok;
}

static bool any_value_holds(const struct term *term, const char *text,
                            struct meter *meter)
{
    size_t i;

    for (i = 0; i < term->count; i++)
        if (query_value_judge(&term->values[i], text, meter) == VERDICT_YES)
            return true;
    return false;
}

static bool compares(enum op op, double is, double wanted)
{
    switch (op) {
    case OP_LESS:
        return is < wanted;
    case OP_LESS_IS:
        return is <= wanted;
    case OP_MORE:
        return is > wanted;
    case OP_MORE_IS:
        return is >= wanted;
    default:
        return is == wanted;
    }
}

static bool scalar_holds(const struct term *term, struct slice value,
                         struct meter *meter)
{
    struct buf text;
    bool holds, compared = term->field->kind == QUERY_FIELD_AMOUNT ||
                           (term->op >= OP_LESS && term->op <= OP_MORE_IS);
    double number;

    buf_init(&text, 3 * value.len + 16);
    add_text(&text, value);
    if (compared)
        holds = term_read_number(text.data, &number) &&
                compares(term->op, number, term->number);
    else
        holds = any_value_holds(term, text.data, meter);
    buf_free(&text);
    return holds;
}

/* Of a list, any of its members will do; and the whole of it. */
static bool value_satisfies(const struct term *term, struct slice value,
                            struct meter *meter)
{
    const char *cursor = NULL;
    struct slice key, member;

    if (slice_kind(value) == '[')
        while (slice_next(value, &cursor, &key, &member))
            if (scalar_holds(term, member, meter))
                return true;
    return scalar_holds(term, value, meter);
}

static bool property_matches(const struct term *term,
                             const struct event *event, struct meter *meter)
{
    struct slice all = properties_of(event), value;

    if (!spend(meter, all.len))
        return false;
    if (!all.len || !slice_path(all, term->property, &value) || is_null(value))
        return any_value_holds(term, NULL, meter);
    return value_satisfies(term, value, meter);
}

static bool amount_matches(const struct term *term, const struct event *event,
                           struct meter *meter)
{
    struct slice all = properties_of(event), value;
    size_t i;

    for (i = 0; all.len && i < sizeof amounts / sizeof *amounts; i++)
        if (spend(meter, all.len) && slice_member(all, amounts[i], &value) &&
            value_satisfies(term, value, meter))
            return true;
    return false;
}

/* What strings say, at any depth; and the text as it came, for the names of
 * properties and for numbers. */
static bool body_matches(const struct term *term, const struct event *event,
                         struct meter *meter)
{
    struct slice all = {event->raw, event->raw_len}, found;
    const char *cursor = NULL;
    bool holds = false;
    struct buf text;

    buf_init(&text, 3 * all.len + 16);
    while (!holds && spend(meter, 0) &&
           slice_next_string(all, &cursor, &found)) {
        buf_clear(&text);
        holds =
            add_text(&text, found) && any_value_holds(term, text.data, meter);
    }
    buf_free(&text);
    return holds || any_value_holds(term, event->raw, meter);
}

bool deep_matches(const struct term *term, const struct event *event,
                  struct meter *meter)
{
    bool matches, before = meter->hit;

    if (!event->raw)
        return false;
    meter->hit = false;
    switch (term->field->kind) {
    case QUERY_FIELD_PROPERTY:
        matches = property_matches(term, event, meter);
        break;
    case QUERY_FIELD_AMOUNT:
        matches = amount_matches(term, event, meter);
        break;
    default:
        matches = body_matches(term, event, meter);
        break;
    }
    if (!matches && meter->hit)
        return false; /* nobody knows */
    meter->hit = before;
    return matches != (term->op == OP_IS_NOT);
}
