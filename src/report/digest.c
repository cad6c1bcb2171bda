/* From chosen events: those of the hours first, then those of the same hours
 * a week before, what was used before, and the signals. */
#include "report/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/intern.h"
#include "base/limits.h"
#include "journal/db.h"
#include "report/gathering.h"

#include "base/banned.h"

#define DAYS_MAX 64 /* the bits of a doer's days */

/* A person of an account. */
struct doing {
    struct doer did;
    uint64_t days; /* a bit a day */
    const char *name;
};
struct crowd {
    struct intern *ids; /* "place of the account, person" */
    struct doing *list; /* by number of that */
    size_t cap;
};

enum phase { PHASE_NOW, PHASE_BEFORE, PHASE_PAST, PHASE_SIGNALS };

struct digest {
    struct report report;
    struct digest_choice choice;
    struct account_index index;
    struct crowd now, before;
    size_t cap; /* of the accounts */
    enum phase phase;
    bool begun;                /* the phase */
    struct reader_range range; /* of it */
    int32_t past;              /* the next day of it */
    int64_t before_ms;         /* how long before what is compared was */
};

/* So many that what is compared with had ended when the hours began. */
static unsigned weeks_before(const struct digest_choice *choice)
{
    int64_t ms = choice->to_ms - choice->from_ms;

    return ms > CLOCK_WEEK_MS
               ? (unsigned)((ms + CLOCK_WEEK_MS - 1) / CLOCK_WEEK_MS)
               : 1;
}

struct digest *digest_new(const struct digest_choice *choice)
{
    struct digest *digest = xcalloc(1, sizeof *digest);
    struct report *report = &digest->report;

    digest->choice = *choice;
    report->from_ms = choice->from_ms;
    report->to_ms = choice->to_ms;
    report->first_day = zone_day(choice->days, choice->from_ms);
    report->last_day = zone_day(choice->days, choice->to_ms);
    if (report->last_day - report->first_day >= DAYS_MAX)
        report->first_day = report->last_day - DAYS_MAX + 1;
    report->day_count = (unsigned)(report->last_day - report->first_day) + 1;
    report->weeks_before = weeks_before(choice);
    digest->before_ms = report->weeks_before * CLOCK_WEEK_MS;
    digest->now.ids = intern_new();
    digest->before.ids = intern_new();
    return digest;
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    intern_free(digest->now.ids);
    intern_free(digest->before.ids);
    free(digest->now.list);
    free(digest->before.list);
    account_index_free(&digest->index);
    report_free(&digest->report);
    free(digest);
}

const struct report *digest_report(const struct digest *digest)
{
    return &digest->report;
}

/* ---- who did what ---- */

static size_t account_place(struct digest *digest, const char *id,
                            const char *name, bool listed)
{
    struct report *report = &digest->report;
    const char *key = id ? id : "";
    size_t bytes = report->day_count * sizeof *report->accounts->days;
    struct report_account *found =
        account_index_find(&digest->index, report, key);
    struct report_account account = {.listed = listed};

    if (found)
        return (size_t)(found - report->accounts);
    account.id = arena_strdup(&report->arena, key);
    account.name = arena_strdup(&report->arena, id ? name : "No account");
    account.days = memset(arena_alloc(&report->arena, bytes), 0, bytes);
    if (report->count == digest->cap) {
        digest->cap = digest->cap ? 2 * digest->cap : 32;
        report->accounts =
            xreallocarray(report->accounts, digest->cap, sizeof account);
    }
    account_index_add(&digest->index, key, report->count);
    report->accounts[report->count] = account;
    return report->count++;
}

static struct doing *doing_of(struct crowd *crowd, size_t account,
                              const char *person)
{
    uint32_t at;
    struct buf key;

    buf_init(&key, 64 * KIB);
    buf_addf(&key, "%zu %s", account, person);
    at = intern_take(crowd->ids, key.data);
    buf_free(&key);
    if (at >= crowd->cap) {
        size_t cap = 2 * (size_t)at + 32;

        crowd->list = xreallocarray(crowd->list, cap, sizeof *crowd->list);
        memset(crowd->list + crowd->cap, 0,
               (cap - crowd->cap) * sizeof *crowd->list);
        crowd->cap = cap;
    }
    crowd->list[at].did.account = (int64_t)account;
    crowd->list[at].did.person = at;
    return &crowd->list[at];
}

static const char *shown_person(struct digest *digest,
                                const struct event *event, struct arena *arena)
{
    const struct digest_choice *choice = &digest->choice;

    return choice->person ? choice->person(choice->ctx, event, arena) : NULL;
}

static void count_person(struct digest *digest, const struct event *event,
                         size_t account, unsigned day, const char *name)
{
    bool now = digest->phase == PHASE_NOW;
    const struct event_person *person = &event->person;
    const char *key = person->id      ? person->id
                      : person->email ? person->email
                                      : person->name;
    struct doing *doing;

    if (!key)
        return;
    doing = doing_of(now ? &digest->now : &digest->before, account, key);
    doing->did.events++;
    doing->days |= UINT64_C(1) << day;
    if (now && name && !doing->name)
        doing->name = arena_strdup(&digest->report.arena, name);
}

static void count_event(struct report_span *span, enum category category)
{
    span->events++;
    span->categories[category]++;
}

/* Of what was before, days are counted from its own first one. */
static unsigned day_of(const struct digest *digest, int64_t ms)
{
    const struct report *report = &digest->report;
    int32_t first = report->first_day, day = zone_day(digest->choice.days, ms);

    if (digest->phase == PHASE_BEFORE)
        first -= (int32_t)(7 * report->weeks_before);
    if (day < first)
        return 0;
    return day - first >= (int32_t)report->day_count ? report->day_count - 1
                                                     : (unsigned)(day - first);
}

static void take_event(struct digest *digest, struct event *event,
                       struct arena *arena)
{
    struct report *report = &digest->report;
    bool now = digest->phase == PHASE_NOW;
    unsigned day = day_of(digest, event_time(event));
    const char *name = now ? shown_person(digest, event, arena) : NULL;
    size_t place = account_place(digest, event->account.id,
                                 event->account.name, event->account.listed);
    struct report_account *account = &report->accounts[place];

    count_event(now ? &report->now : &report->before, event->category);
    count_event(now ? &account->now : &account->before, event->category);
    count_person(digest, event, place, day, name);
    if (!now) {
        account->had |= 1U << event->category;
        return;
    }
    account->days[day]++;
    if (event_time(event) > account->last_at)
        account->last_at = event_time(event);
    report_take_event(account, event, name);
}

static void sum_crowd(struct digest *digest, const struct crowd *crowd,
                      bool now)
{
    struct report *report = &digest->report;
    struct report_span *whole = now ? &report->now : &report->before;

    for (size_t i = 0; i < crowd->cap; i++) {
        struct doing *doing = &crowd->list[i];
        struct report_account *account;
        struct report_span *span;

        if (!doing->did.events)
            continue;
        account = &report->accounts[doing->did.account];
        span = now ? &account->now : &account->before;
        doing->did.days = (unsigned)__builtin_popcountll(doing->days);
        span->people++;
        span->person_days += doing->did.days;
        whole->people++;
        whole->person_days += doing->did.days;
    }
}

static int compare_doers(const void *left, const void *right)
{
    const struct doer *a = left, *b = right;

    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    return a->person < b->person ? -1 : a->person > b->person;
}

static const char *name_of(void *ctx, int64_t person)
{
    const struct digest *digest = ctx;

    return digest->now.list[person].name;
}

static void name_people(struct digest *digest)
{
    const struct crowd *crowd = &digest->now;
    struct doer *dids = xreallocarray(NULL, crowd->cap + 1, sizeof *dids);
    size_t count = 0;

    for (size_t i = 0; i < crowd->cap; i++)
        if (crowd->list[i].did.events)
            dids[count++] = crowd->list[i].did;
    qsort(dids, count, sizeof *dids, compare_doers);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i; next < count && dids[next].account == dids[i].account;
             next++)
            ;
        report_take_people(&digest->report.accounts[dids[i].account], &dids[i],
                           next - i, digest->choice.person ? name_of : NULL,
                           digest);
    }
    free(dids);
}

/* ---- reading, a slice at a time ---- */

static enum reader_step next_phase(struct digest *digest)
{
    digest->phase++;
    digest->begun = false;
    return READER_AGAIN;
}

/* True: the page has what is beyond. */
static bool take_page(struct digest *digest, struct event_batch *batch)
{
    const struct digest_choice *choice = &digest->choice;
    int64_t from = choice->from_ms - digest->before_ms,
            to = choice->to_ms - digest->before_ms;
    bool now = digest->phase == PHASE_NOW;

    for (size_t i = 0; i < batch->count; i++) {
        struct event *event = &batch->events[i];
        int64_t at = event_time(event);

        if (now ? event->seq > choice->last_seq
                : event->received_at > to &&
                      !(event->flags & EVENT_BACKFILLED))
            return true;
        if ((now || (at > from && at <= to)) &&
            choice->event(choice->ctx, event, &batch->arena))
            take_event(digest, event, &batch->arena);
    }
    return false;
}

static bool begin_events(struct digest *digest, struct journal_reader *reader,
                         struct err *err)
{
    digest->begun = true;
    digest->range = (struct reader_range){.no_bodies = !digest->choice.bodies};
    if (digest->phase == PHASE_BEFORE)
        return reader_since(reader, digest->choice.from_ms - digest->before_ms,
                            &digest->range.after, err);
    if (digest->choice.first_seq)
        digest->range.after = digest->choice.first_seq - 1;
    return true;
}

static enum reader_step read_events(struct digest *digest,
                                    struct journal_reader *reader,
                                    struct err *err)
{
    struct event_batch *batch;
    bool more, ok;

    if (digest->phase == PHASE_NOW && !digest->choice.last_seq)
        return next_phase(digest);
    if (!digest->begun && !begin_events(digest, reader, err))
        return READER_FAILED;
    batch = event_batch_new();
    ok = reader_page(reader, &digest->range, batch, &more, err);
    if (ok) {
        more = !take_page(digest, batch) && more && batch->count;
        if (batch->count)
            digest->range.after = batch->events[batch->count - 1].seq;
    }
    event_batch_free(batch);
    if (!ok)
        return READER_FAILED;
    return more ? READER_AGAIN : next_phase(digest);
}

static bool begin_past(struct digest *digest, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *row =
        db_prepare(db, "SELECT min(day) FROM daily", false, err);

    if (!row)
        return false;
    digest->begun = true;
    digest->past = digest->report.first_day;
    if (sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_type(row, 0) == SQLITE_INTEGER)
        digest->past = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    return true;
}

static void take_past(struct digest *digest, sqlite3_stmt *row)
{
    const char *key = (const char *)sqlite3_column_text(row, 0);
    struct report_account *account =
        account_index_find(&digest->index, &digest->report, key);
    int category = sqlite3_column_int(row, 1);

    if (account && category >= 0 && category < CATEGORY_COUNT)
        account->had |= 1U << category;
}

/* Which categories were used before. */
static enum reader_step read_past(struct digest *digest, sqlite3 *db,
                                  struct err *err)
{
    static const char sql[] =
        "SELECT DISTINCT a.key, d.category FROM daily d JOIN accounts a ON "
        "a.id = d.account WHERE d.day >= ?1 AND d.day < ?2 AND d.count > 0";
    int32_t end = digest->report.first_day;
    sqlite3_stmt *row;
    int result;

    if (!digest->begun && !begin_past(digest, db, err))
        return READER_FAILED;
    if (digest->past >= end)
        return next_phase(digest);
    row = db_prepare(db, sql, false, err);
    if (!row)
        return READER_FAILED;
    if (end > digest->past + PAST_DAYS)
        end = digest->past + PAST_DAYS;
    sqlite3_bind_int(row, 1, digest->past);
    sqlite3_bind_int(row, 2, end);
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
        take_past(digest, row);
    if (result != SQLITE_DONE)
        db_fail(db, err, "the sums of the days");
    sqlite3_finalize(row);
    digest->past = end;
    return result == SQLITE_DONE ? READER_AGAIN : READER_FAILED;
}

static bool take_signal(void *ctx, const struct signal_row *row)
{
    struct digest *digest = ctx;
    struct event event = {
        .person = {row->person_id, row->person_email, row->person_name}};
    struct arena arena = ARENA_INIT;
    size_t place;

    if (!digest->choice.signal(digest->choice.ctx, row))
        return true;
    place =
        account_place(digest, row->account_id, row->account_name, row->listed);
    report_take_signal(&digest->report, &digest->report.accounts[place], row,
                       row->person_id ? shown_person(digest, &event, &arena)
                                      : NULL);
    arena_free(&arena);
    return true;
}

static enum reader_step read_signals(struct digest *digest, sqlite3 *db,
                                     struct err *err)
{
    struct signal_filter filter = {.now = digest->choice.now_ms};

    if (!table_each(db, &filter, take_signal, digest, err))
        return READER_FAILED;
    sum_crowd(digest, &digest->now, true);
    sum_crowd(digest, &digest->before, false);
    name_people(digest);
    report_order(&digest->report);
    return READER_DONE;
}

enum reader_step digest_step(struct digest *digest,
                             struct journal_reader *reader, struct err *err)
{
    switch (digest->phase) {
    case PHASE_NOW:
    case PHASE_BEFORE:
        return read_events(digest, reader, err);
    case PHASE_PAST:
        return read_past(digest, reader_db(reader), err);
    case PHASE_SIGNALS:
        break;
    }
    return read_signals(digest, reader_db(reader), err);
}
