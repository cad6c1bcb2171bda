/* The ring is in order of time, but for what was long on its way: that stands
 * where it came. So it is looked through from the event outwards, as long as
 * the day is the same by which records stand, for those of the day. */
#include "ui/pane/same_day.h"

#include "base/clock.h"
#include "base/limits.h"
#include "ui/pane/row.h"
#include "base/banned.h"

struct search {
    const struct record *of;
    int32_t day;
    size_t left; /* records to be looked at */
};

/* By the id, or where there is none by the address. */
static bool is_same_person(const struct record *a, const struct record *b)
{
    if (a->row.person_id)
        return a->row.person_id == b->row.person_id;
    return a->row.email && a->row.email == b->row.email;
}

static void take(struct same_day *day, const struct ring *ring, size_t index,
                 int64_t at)
{
    if (!day->all || at > day->upto)
        day->upto = at;
    if (!day->all || at < day->from)
        day->from = at;
    day->all++;
    if (day->count < SAME_DAY_SHOWN)
        day->numbers[day->count++] = ring_number(ring, index);
}

static int32_t place_day(const struct record *record)
{
    return clock_day(row_place(record));
}

/* False: from there on all are of another day. */
static bool look(struct same_day *day, const struct ring *ring, size_t index,
                 struct search *search)
{
    const struct record *record = ring_at(ring, index);
    int64_t at = row_time(record);

    if (!search->left || place_day(record) < search->day)
        return false;
    search->left--;
    if (record != search->of && !record->row.hidden &&
        clock_day(at) == search->day && is_same_person(search->of, record))
        take(day, ring, index, at);
    return true;
}

void same_day_load(struct same_day *day, const struct ring *ring,
                   uint64_t number)
{
    struct search search = {.of = ring_get(ring, number),
                            .left = LIMIT_SAME_DAY};
    size_t index = ring_index(ring, number), last = index;

    *day = (struct same_day){.count = 0};
    if (!search.of || (!search.of->row.person_id && !search.of->row.email))
        return;
    search.day = clock_day(row_time(search.of));
    while (last + 1 < ring_count(ring) &&
           place_day(ring_at(ring, last + 1)) == place_day(search.of) &&
           last - index < LIMIT_SAME_DAY)
        last++;
    for (size_t i = last + 1; i-- > 0;)
        if (!look(day, ring, i, &search))
            return;
}
