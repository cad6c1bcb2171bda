/* Running sums for the account list, the category line and the title, kept
 * up event by event. Events may be added in any order: the journal fills the
 * ring backwards. It holds no events and no queries. */
#include "live/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "live/tally_list.h"

#include "base/banned.h"

#define BAR_MS (600 * 1000) /* a step of the last hour */
#define RATE_MS (30 * 1000) /* a step of the last 5 minutes */
#define RATE_STEPS 10
#define AHEAD_MS BAR_MS /* so far ahead of ours a clock may be */

struct tally {
    struct tally_list list;
    const struct ring *ring;
    int64_t now;
    int64_t bar;  /* now, in steps since 1970 */
    int64_t rate; /* the same */
    int32_t day;
    int64_t day_start, day_end; /* ms */
    unsigned rates[RATE_STEPS]; /* by step modulo RATE_STEPS */
    unsigned today, categories[CATEGORY_COUNT];
    int64_t last_at;
};

static void set_day(struct tally *tally, int32_t day)
{
    tally->day = day;
    tally->day_start = clock_day_start(day);
    tally->day_end = clock_day_start(day + 1);
}

static void tally_start(struct tally *tally, int64_t now_ms)
{
    tally->now = now_ms;
    tally->bar = now_ms / BAR_MS;
    tally->rate = now_ms / RATE_MS;
    set_day(tally, clock_day(now_ms));
}

struct tally *tally_new(void)
{
    struct tally *tally = xcalloc(1, sizeof *tally);

    tally_list_open(&tally->list);
    tally->last_at = CLOCK_NONE;
    tally_start(tally, clock_now_ms());
    return tally;
}

void tally_set_ring(struct tally *tally, const struct ring *ring)
{
    tally->ring = ring;
}

void tally_free(struct tally *tally)
{
    if (!tally)
        return;
    tally_list_close(&tally->list);
    free(tally);
}

/* --- time -------------------------------------------------------------- */

static bool shift_bars(struct tally *tally, int64_t steps)
{
    bool changed = false;
    size_t i, k;

    for (i = 0; i < tally->list.count; i++) {
        unsigned *bars = tally->list.rows[i]->account.bars;

        for (k = 0; k < TALLY_BARS; k++) {
            changed |= bars[k] != 0;
            bars[k] = steps < TALLY_BARS && k + (size_t)steps < TALLY_BARS
                          ? bars[k + (size_t)steps]
                          : 0;
        }
    }
    return changed;
}

static bool shift_rates(struct tally *tally, int64_t now)
{
    bool changed = false;
    int64_t step;

    if (now - tally->rate > RATE_STEPS)
        tally->rate = now - RATE_STEPS;
    for (step = tally->rate + 1; step <= now; step++) {
        changed |= tally->rates[step % RATE_STEPS] != 0;
        tally->rates[step % RATE_STEPS] = 0;
    }
    tally->rate = now;
    return changed;
}

static bool begin_day(struct tally *tally, int32_t day)
{
    bool changed = tally->today > 0;

    set_day(tally, day);
    tally->today = 0;
    memset(tally->categories, 0, sizeof tally->categories);
    return changed;
}

static bool advance(struct tally *tally, int64_t now_ms)
{
    bool changed = false;

    if (now_ms > tally->now)
        tally->now = now_ms;
    if (now_ms / BAR_MS > tally->bar) {
        changed |= shift_bars(tally, now_ms / BAR_MS - tally->bar);
        tally->bar = now_ms / BAR_MS;
    }
    if (now_ms / RATE_MS > tally->rate)
        changed |= shift_rates(tally, now_ms / RATE_MS);
    if (now_ms >= tally->day_end && clock_day(now_ms) > tally->day)
        changed |= begin_day(tally, clock_day(now_ms));
    return changed;
}

static bool any_bar(const struct tally *tally)
{
    size_t i, k;

    for (i = 0; i < tally->list.count; i++)
        for (k = 0; k < TALLY_BARS; k++)
            if (tally->list.rows[i]->account.bars[k])
                return true;
    return false;
}

int64_t tally_next_tick(const struct tally *tally, int64_t now_ms)
{
    if (tally_rate_x10(tally, now_ms))
        return (now_ms / RATE_MS + 1) * RATE_MS;
    if (any_bar(tally))
        return (now_ms / BAR_MS + 1) * BAR_MS;
    if (tally->today)
        return clock_day_start(clock_day(now_ms) + 1);
    return CLOCK_NONE;
}

/* --- adding ------------------------------------------------------------ */

/* What the sums need of an event. */
struct deed {
    int64_t at, received_at;
    enum category category;
    bool hidden, past;
};

static bool is_ahead(const struct tally *tally, int64_t at)
{
    return at > tally->now + AHEAD_MS;
}

/* Later, and not what a wrong clock wrote; CLOCK_NONE is before all. */
static bool is_later(const struct tally *tally, int64_t at, int64_t than)
{
    if (than == CLOCK_NONE)
        return true;
    if (is_ahead(tally, at) != is_ahead(tally, than))
        return is_ahead(tally, than);
    return at > than;
}

static void add_time(struct tally *tally, struct tally_row *row, int64_t at)
{
    int64_t ago = tally->bar - at / BAR_MS;

    if (is_ahead(tally, at))
        return;
    /* a clock a little ahead of ours is now */
    if (ago < 0)
        ago = 0;
    if (ago < TALLY_BARS)
        row->account.bars[TALLY_BARS - 1 - ago]++;
}

static void add_rate(struct tally *tally, const struct deed *deed)
{
    int64_t step = deed->received_at / RATE_MS;

    if (deed->past || is_ahead(tally, deed->received_at))
        return;
    if (step > tally->rate)
        step = tally->rate;
    if (step > tally->rate - RATE_STEPS)
        tally->rates[step % RATE_STEPS]++;
}

/* The account's last event is the one that stands last in the order of time
 * (struct reader_walk): with events of the past about, not the highest seq. */
static void note_last(struct tally_row *row, const struct event *event)
{
    bool past = event->flags & EVENT_BACKFILLED;
    bool later = event->seq > row->account.last_seq;

    if ((past || row->last_past) && event->received_at != row->last_received)
        later = event->received_at > row->last_received;
    if (!later && row->account.last_seq)
        return;
    row->account.last_seq = event->seq;
    row->last_received = event->received_at;
    row->last_past = past;
}

/* By its date, but for what a clock a little ahead dates tomorrow. */
static bool is_today(const struct tally *tally, int64_t at)
{
    return at >= tally->day_start &&
           (at < tally->day_end || !is_ahead(tally, at));
}

static void add_sums(struct tally *tally, const struct deed *deed)
{
    bool today = is_today(tally, deed->at);

    if (deed->hidden)
        return;
    if (today) {
        tally->today++;
        tally->categories[deed->category]++;
    }
    if (is_later(tally, deed->received_at, tally->last_at))
        tally->last_at = deed->received_at;
    add_rate(tally, deed);
}

/* An unlisted account is called by its id until an event brings its name. */
static void learn_name(struct tally *tally, struct tally_row *row,
                       const char *name)
{
    if (row->account.listed || !row->id || !name ||
        strcmp(row->name, row->id) != 0)
        return;
    tally_list_count_unlisted(&tally->list, row, false);
    tally_row_rename(row, name);
    tally_list_count_unlisted(&tally->list, row, true);
    tally->list.changes++;
}

static void add_to_account(struct tally *tally, const struct event *event,
                           bool live, int64_t at)
{
    const struct event_account *account = &event->account;
    struct tally_row *row = tally_list_find(&tally->list, account->id);

    if (!row)
        row = tally_list_add(&tally->list, account->id, account->name, false);
    learn_name(tally, row, account->name);
    add_time(tally, row, at);
    if (live && !(event->flags & EVENT_BACKFILLED) &&
        event->seq > row->account.seen_seq)
        row->account.unread++;
    if (is_later(tally, at, row->account.last_at))
        row->account.last_at = at;
    note_last(row, event);
    tally_list_settle(&tally->list, row);
}

void tally_add(struct tally *tally, const struct event *event, bool live)
{
    struct deed deed = {event_time(event), event->received_at, event->category,
                        event->hidden != HIDDEN_NO,
                        event->flags & EVENT_BACKFILLED};

    advance(tally, clock_now_ms());
    if (event_is_test(event->person.id))
        return;
    add_sums(tally, &deed);
    if (!deed.hidden)
        add_to_account(tally, event, live, deed.at);
}

/* --- a clock that goes back -------------------------------------------- */

static bool is_back(const struct tally *tally, int64_t now_ms)
{
    return now_ms / BAR_MS < tally->bar || now_ms / RATE_MS < tally->rate ||
           now_ms < tally->day_start;
}

static void forget_sums(struct tally *tally)
{
    size_t i;

    tally->today = 0;
    memset(tally->categories, 0, sizeof tally->categories);
    memset(tally->rates, 0, sizeof tally->rates);
    if (tally->last_at != CLOCK_NONE && is_ahead(tally, tally->last_at))
        tally->last_at = CLOCK_NONE;
    for (i = 0; i < tally->list.count; i++)
        memset(tally->list.rows[i]->account.bars, 0,
               sizeof tally->list.rows[i]->account.bars);
}

static void add_record(struct tally *tally, const struct record *record)
{
    const struct query_row *row = &record->row;
    struct deed deed = {record->flags & EVENT_CLOCK_OFF ? row->received_at
                                                        : row->occurred_at,
                        row->received_at, (enum category)row->category,
                        row->hidden != HIDDEN_NO,
                        record->flags & EVENT_BACKFILLED};
    struct tally_row *account;

    if (event_is_test(ring_text(tally->ring, row->person_id)))
        return;
    add_sums(tally, &deed);
    account = deed.hidden
                  ? NULL
                  : tally_list_find(&tally->list,
                                    ring_text(tally->ring, row->account_id));
    if (!account)
        return;
    add_time(tally, account, deed.at);
    if (is_later(tally, deed.at, account->account.last_at))
        account->account.last_at = deed.at;
}

/* What was counted by the wrong time is counted by the right one, as far as
 * it is still in memory. */
static void recount(struct tally *tally, int64_t now_ms)
{
    size_t count = tally->ring ? ring_count(tally->ring) : 0;
    size_t i;

    tally_start(tally, now_ms);
    forget_sums(tally);
    for (i = 0; i < count; i++)
        add_record(tally, ring_at(tally->ring, i));
    if (tally->list.count)
        tally_list_sort(&tally->list);
}

bool tally_tick(struct tally *tally, int64_t now_ms)
{
    if (!is_back(tally, now_ms))
        return advance(tally, now_ms);
    recount(tally, now_ms);
    return true;
}

static bool has_record(const struct tally *tally, const char *id)
{
    size_t count = tally->ring ? ring_count(tally->ring) : 0;

    for (size_t i = 0; i < count; i++) {
        const char *other =
            ring_text(tally->ring, ring_at(tally->ring, i)->row.account_id);

        if (other && !strcmp(other, id))
            return true;
    }
    return false;
}

void tally_recount(struct tally *tally)
{
    recount(tally, tally->now);
    for (size_t i = tally->list.count; i-- > 0;) {
        const struct tally_account *account = &tally->list.rows[i]->account;

        if (account->id && !account->listed && !has_record(tally, account->id))
            tally_list_remove(&tally->list, i);
    }
}

/* --- the book ---------------------------------------------------------- */

static void list(struct tally *tally, const struct account *account,
                 size_t place)
{
    struct tally_row *row = tally_list_find(&tally->list, account->id);

    if (!row) {
        row = tally_list_add(&tally->list, account->id, account->name, true);
    } else if (!row->account.listed) {
        row->account.listed = true;
        if (row->id)
            tally_list_count_unlisted(&tally->list, row, false);
    }
    tally_row_rename(row, account->name);
    row->book_place = place;
}

void tally_set_book(struct tally *tally, const struct book *book)
{
    size_t i;

    for (i = 0; i < book_count(book); i++)
        list(tally, book_at(book, i), i);
    /* from the end: a row that goes moves only those already seen */
    for (i = tally->list.count; i-- > 0;) {
        struct tally_row *row = tally->list.rows[i];

        if (!row->account.listed || book_find(book, row->id))
            continue;
        if (row->account.last_at == CLOCK_NONE) {
            tally_list_remove(&tally->list, i);
        } else {
            row->account.listed = false;
            tally_list_count_unlisted(&tally->list, row, true);
        }
    }
    if (tally->list.count)
        tally_list_sort(&tally->list);
}

/* --- reading ----------------------------------------------------------- */

unsigned tally_changes(const struct tally *tally)
{
    return tally->list.changes;
}

size_t tally_accounts(const struct tally *tally)
{
    return tally->list.count;
}

const struct tally_account *tally_account(const struct tally *tally,
                                          size_t index)
{
    return index < tally->list.count ? &tally->list.rows[index]->account
                                     : NULL;
}

const struct tally_account *tally_find(const struct tally *tally,
                                       const char *account_id)
{
    const struct tally_row *row = tally_list_find(&tally->list, account_id);

    return row ? &row->account : NULL;
}

static void mark_read(struct tally_row *row)
{
    row->account.seen_seq = row->account.last_seq;
    row->account.unread = 0;
}

void tally_mark_read(struct tally *tally, const char *account_id)
{
    struct tally_row *row = tally_list_find(&tally->list, account_id);

    if (row)
        mark_read(row);
}

void tally_mark_all_read(struct tally *tally)
{
    size_t i;

    for (i = 0; i < tally->list.count; i++)
        mark_read(tally->list.rows[i]);
}

unsigned tally_today(const struct tally *tally)
{
    return tally->today;
}

unsigned tally_category(const struct tally *tally, enum category category)
{
    return tally->categories[category];
}

unsigned tally_rate_x10(const struct tally *tally, int64_t now_ms)
{
    unsigned sum = 0;
    int64_t now = now_ms / RATE_MS, step;

    for (step = tally->rate; step > tally->rate - RATE_STEPS; step--)
        if (step > now - RATE_STEPS)
            sum += tally->rates[step % RATE_STEPS];
    /* ten times a fifth of the sum */
    return sum * 2;
}

int64_t tally_last_at(const struct tally *tally)
{
    return tally->last_at;
}
