/* From the journal: the sums of each day, who is behind them, the events that
 * are worth a line, and the signals. A read goes over one day of sums or one
 * page of events. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/text.h"
#include "journal/db.h"
#include "report/gathering.h"

#include "base/banned.h"

#define LONGEST_DAYS 366

/* By account and person, ascending. */
struct doers {
    struct doer *list;
    size_t count;
};

enum part { ACCOUNTS, DAYS, PASTS, PEOPLE, EVENTS, SIGNALS, WHOLE };

struct gathering {
    struct report *report;
    struct journal_reader *reader; /* with db and err: of this step */
    sqlite3 *db;
    struct err *err;
    const struct report_options *options;
    struct account_index index;
    struct doers now, before;
    enum part part;            /* what is gathered next */
    int32_t day;               /* of DAYS and PASTS: from which on */
    struct reader_range range; /* of EVENTS */
};

/* ---- accounts ---- */

static struct report_account *find_account(struct report *report, int64_t row)
{
    size_t low = 0, high = report->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (report->accounts[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < report->count && report->accounts[low].row == row
               ? &report->accounts[low]
               : NULL;
}

static const char *column(struct report *report, sqlite3_stmt *row, int at)
{
    return arena_strdup(&report->arena,
                        (const char *)sqlite3_column_text(row, at));
}

static bool is_asked_for(const struct report_options *options,
                         const struct report_account *account)
{
    return !options->account || !strcmp(options->account, account->id) ||
           (account->name &&
            text_contains_folded(account->name, options->account));
}

static void add_account(struct gathering *all, sqlite3_stmt *row, size_t *cap)
{
    struct report *report = all->report;
    struct report_account account = {.row = sqlite3_column_int64(row, 0),
                                     .id = column(report, row, 1),
                                     .name = column(report, row, 2),
                                     .listed = sqlite3_column_int(row, 3),
                                     .last_at = sqlite3_column_int64(row, 4)};
    size_t bytes = report->day_count * sizeof *account.days;

    if (!is_asked_for(all->options, &account))
        return;
    account.days = memset(arena_alloc(&report->arena, bytes), 0, bytes);
    if (report->count == *cap) {
        *cap = *cap ? 2 * *cap : 32;
        report->accounts =
            xreallocarray(report->accounts, *cap, sizeof account);
    }
    report->accounts[report->count++] = account;
}

/* As for the signals: where a book is there, only its accounts count. */
static void leave_unlisted(struct report *report)
{
    size_t listed = 0;

    for (size_t i = 0; i < report->count; i++)
        if (report->accounts[i].listed)
            report->accounts[listed++] = report->accounts[i];
    if (listed)
        report->count = listed;
}

static bool finish(struct gathering *all, sqlite3_stmt *row, int result)
{
    if (result != SQLITE_DONE)
        db_fail(all->db, all->err, "the journal");
    sqlite3_finalize(row);
    return result == SQLITE_DONE;
}

static bool read_accounts(struct gathering *all)
{
    sqlite3_stmt *row = db_prepare(
        all->db,
        "SELECT id, key, name, listed, last_at FROM accounts ORDER BY id",
        false, all->err);
    size_t cap = 0;
    int result;

    if (!row)
        return false;
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
        add_account(all, row, &cap);
    if (!finish(all, row, result))
        return false;
    leave_unlisted(all->report);
    for (size_t i = 0; i < all->report->count; i++)
        account_index_add(&all->index, all->report->accounts[i].id, i);
    all->report->nobody = !all->report->count && all->options->account;
    return !all->report->nobody ||
           err_set(all->err, "no account is called that: telltale accounts "
                             "list prints them");
}

/* ---- sums ---- */

static void add_category(struct gathering *all, bool now, int32_t day,
                         const struct doer *did, int category)
{
    struct report *report = all->report;
    struct report_account *account = find_account(report, did->account);
    struct report_span *span, *whole = now ? &report->now : &report->before;

    if (!account || category < 0 || category >= CATEGORY_COUNT)
        return;
    span = now ? &account->now : &account->before;
    span->events += did->events;
    span->categories[category] += did->events;
    whole->events += did->events;
    whole->categories[category] += did->events;
    if (now)
        account->days[day - report->first_day] += did->events;
    else
        account->had |= 1U << category;
}

/* Sums up rows of one day that are of the same person. */
static void add_doer(struct doers *today, const struct doer *did)
{
    struct doer *last = today->count ? &today->list[today->count - 1] : NULL;

    if (last && last->account == did->account && last->person == did->person) {
        last->events += did->events;
        return;
    }
    if (!(today->count & (today->count - 1)))
        today->list =
            xreallocarray(today->list, today->count ? 2 * today->count : 1,
                          sizeof *today->list);
    /* There is room: none is a power of two, too. */
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
    today->list[today->count++] = *did;
}

static int compare_doers(const struct doer *a, const struct doer *b)
{
    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    return a->person < b->person ? -1 : a->person > b->person;
}

/* Both are in order; what comes out is, too. */
static void merge_doers(struct doers *sum, struct doers *today)
{
    size_t a = 0, b = 0, count = 0;
    struct doer *all =
        xreallocarray(NULL, sum->count + today->count + 1, sizeof *all);

    while (a < sum->count || b < today->count) {
        int order = a == sum->count ? 1
                    : b == today->count
                        ? -1
                        : compare_doers(&sum->list[a], &today->list[b]);

        all[count] = order <= 0 ? sum->list[a] : today->list[b];
        if (!order) {
            all[count].events += today->list[b].events;
            all[count].days += today->list[b].days;
        }
        a += order <= 0;
        b += order >= 0;
        count++;
    }
    free(sum->list);
    *sum = (struct doers){all, count};
}

static bool read_day(struct gathering *all, sqlite3_stmt *row, int32_t day)
{
    bool now = day >= all->report->first_day;
    struct doers today = {NULL, 0};
    int result;

    sqlite3_bind_int(row, 1, day);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        struct doer did = {sqlite3_column_int64(row, 0),
                           sqlite3_column_int64(row, 1),
                           (uint64_t)sqlite3_column_int64(row, 3), 1};

        add_category(all, now, day, &did, sqlite3_column_int(row, 2));
        if (did.person)
            add_doer(&today, &did);
    }
    sqlite3_reset(row);
    merge_doers(now ? &all->now : &all->before, &today);
    free(today.list);
    return result == SQLITE_DONE ||
           db_fail(all->db, all->err, "the sums of the days");
}

/* A day, and the one that it is compared with. */
static bool read_days(struct gathering *all, bool *more)
{
    static const char sql[] =
        "SELECT account, person, category, count FROM daily WHERE day = ? AND "
        "account > 0 AND count > 0 ORDER BY account, person, category";
    const struct report *report = all->report;
    int32_t before = report->weeks_before ? 7 * (int32_t)report->weeks_before
                                          : (int32_t)report->day_count;
    sqlite3_stmt *row = db_prepare(all->db, sql, false, all->err);
    bool ok = row && read_day(all, row, all->day - before) &&
              read_day(all, row, all->day);

    sqlite3_finalize(row);
    *more = ok && ++all->day <= report->last_day;
    return ok;
}

/* Which categories were used before all that: a first use is news only once
 * there is a past. */
static bool read_past(struct gathering *all, sqlite3_stmt *row, int32_t from,
                      int32_t upto)
{
    int result;

    sqlite3_bind_int(row, 1, from);
    sqlite3_bind_int(row, 2, upto);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        struct report_account *account =
            find_account(all->report, sqlite3_column_int64(row, 0));
        int category = sqlite3_column_int(row, 1);

        if (account && category >= 0 && category < CATEGORY_COUNT)
            account->had |= 1U << category;
    }
    sqlite3_reset(row);
    return result == SQLITE_DONE ||
           db_fail(all->db, all->err, "the sums of the days");
}

static bool first_day_of_all(struct gathering *all, int32_t *day)
{
    sqlite3_stmt *row =
        db_prepare(all->db, "SELECT min(day) FROM daily", false, all->err);

    if (!row)
        return false;
    *day = all->report->first_day;
    if (sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_type(row, 0) == SQLITE_INTEGER)
        *day = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    return true;
}

static bool read_pasts(struct gathering *all, bool *more)
{
    static const char sql[] = "SELECT DISTINCT account, category FROM daily "
                              "WHERE day >= ? AND day < ? AND count > 0";
    int32_t end = all->report->first_day, upto;
    sqlite3_stmt *row;
    bool ok;

    *more = all->day < end;
    if (!*more)
        return true;
    upto = all->day + PAST_DAYS < end ? all->day + PAST_DAYS : end;
    row = db_prepare(all->db, sql, false, all->err);
    ok = row && read_past(all, row, all->day, upto);
    sqlite3_finalize(row);
    all->day = upto;
    return ok;
}

/* ---- people ---- */

static const char *person_name(void *ctx, int64_t id)
{
    struct gathering *all = ctx;
    sqlite3_stmt *row = db_prepare(
        all->db, "SELECT coalesce(name, email, key) FROM persons WHERE id = ?",
        false, all->err);
    const char *name = NULL;

    if (!row)
        return NULL;
    sqlite3_bind_int64(row, 1, id);
    if (sqlite3_step(row) == SQLITE_ROW)
        name = column(all->report, row, 0);
    sqlite3_finalize(row);
    return name;
}

/* People and person-days, of the period and of the one before. */
static void sum_doers(struct gathering *all, const struct doers *doers,
                      bool now)
{
    struct report *report = all->report;
    struct report_span *whole = now ? &report->now : &report->before;

    for (size_t i = 0, next; i < doers->count; i = next) {
        struct report_account *account =
            find_account(report, doers->list[i].account);
        struct report_span span = {0};

        for (next = i; next < doers->count &&
                       doers->list[next].account == doers->list[i].account;
             next++) {
            span.people++;
            span.person_days += doers->list[next].days;
        }
        if (!account)
            continue;
        (now ? &account->now : &account->before)->people = span.people;
        (now ? &account->now : &account->before)->person_days =
            span.person_days;
        whole->people += span.people;
        whole->person_days += span.person_days;
        if (now)
            report_take_people(account, &doers->list[i], next - i, person_name,
                               all);
    }
}

/* ---- events ---- */

static void take_page(struct gathering *all, struct event_batch *batch)
{
    struct report *report = all->report;

    for (size_t i = 0; i < batch->count; i++) {
        struct event *event = &batch->events[i];
        struct report_account *account =
            account_index_find(&all->index, report, event->account.id);
        int32_t day = zone_day(all->options->days, event_time(event));

        if (!account || event->hidden != HIDDEN_NO ||
            day < report->first_day || day > report->last_day)
            continue;
        redaction_conceal(all->options->conceal, event, &batch->arena);
        report_take_event(account, event,
                          event_person_label(event, &batch->arena));
    }
}

static bool read_events(struct gathering *all, bool *more)
{
    struct event_batch *batch = event_batch_new();
    bool ok = reader_page(all->reader, &all->range, batch, more, all->err);

    if (ok)
        take_page(all, batch);
    *more = ok && *more && batch->count;
    if (batch->count)
        all->range.after = batch->events[batch->count - 1].seq;
    event_batch_free(batch);
    return ok;
}

/* ---- signals ---- */

/* Those that wait, and what was concluded in the period. */
static bool take_signal(void *ctx, const struct signal_row *row)
{
    struct gathering *all = ctx;
    const struct report *report = all->report;
    struct report_account *account =
        account_index_find(&all->index, report, row->account_id);
    int32_t day = zone_day(all->options->days, row->fired_at);

    if (account && row->state != STATE_WITHDRAWN && day <= report->last_day &&
        (row->state == STATE_NEW || row->state == STATE_SEEN ||
         day >= report->first_day))
        report_take_signal(all->report, account, row,
                           row->person_name    ? row->person_name
                           : row->person_email ? row->person_email
                                               : row->person_id);
    return true;
}

static bool read_signals(struct gathering *all)
{
    struct signal_filter filter = {.all = true, .now = all->options->now_ms};

    return table_each(all->db, &filter, take_signal, all, all->err);
}

/* ---- the whole ---- */

int64_t report_since(int64_t now_ms, int64_t length)
{
    return now_ms - length + 1;
}

/* A length ends today: 7d are today and the six days before. */
static bool set_days(struct gathering *all)
{
    struct report *report = all->report;
    const struct report_options *options = all->options;

    report->first_day = zone_day(options->days, options->since_ms);
    if (zone_day_start(options->days, report->first_day) < options->since_ms)
        report->first_day++;
    report->last_day = zone_day(options->days, options->now_ms);
    if (report->first_day > report->last_day)
        report->first_day = report->last_day;
    report->day_count = (unsigned)(report->last_day - report->first_day) + 1;
    /* Mondays are no Sundays. */
    report->weeks_before = report->day_count < 7;
    report->alone = options->account != NULL;
    return report->day_count <= LONGEST_DAYS ||
           err_set(all->err, "a report is of %d days at most", LONGEST_DAYS);
}

/* What a part begins with. */
static bool begin_part(struct gathering *all)
{
    const struct report *report = all->report;
    int64_t since;

    switch (all->part) {
    case DAYS:
        all->day = report->first_day;
        return true;
    case PASTS:
        return first_day_of_all(all, &all->day);
    case EVENTS:
        all->range = (struct reader_range){.no_bodies = true};
        since = zone_day_start(all->options->days, report->first_day);
        return reader_since(all->reader, since, &all->range.after, all->err);
    default:
        return true;
    }
}

static void read_people(struct gathering *all)
{
    sum_doers(all, &all->now, true);
    sum_doers(all, &all->before, false);
}

/* A read of the part; more: it is not all of it. */
static bool read_part(struct gathering *all, bool *more)
{
    *more = false;
    switch (all->part) {
    case ACCOUNTS:
        return read_accounts(all);
    case DAYS:
        return read_days(all, more);
    case PASTS:
        return read_pasts(all, more);
    case PEOPLE:
        read_people(all);
        return true;
    case EVENTS:
        return read_events(all, more);
    case SIGNALS:
        return read_signals(all);
    default:
        report_order(all->report);
        return true;
    }
}

struct gathering *gathering_new(struct report *report,
                                const struct report_options *options,
                                struct err *err)
{
    struct gathering *all = xcalloc(1, sizeof *all);

    *report = (struct report){.count = 0};
    all->report = report;
    all->options = options;
    all->err = err;
    if (set_days(all))
        return all;
    gathering_free(all);
    return NULL;
}

void gathering_free(struct gathering *all)
{
    if (!all)
        return;
    free(all->now.list);
    free(all->before.list);
    account_index_free(&all->index);
    free(all);
}

bool gathering_step(struct gathering *all, struct journal_reader *reader,
                    bool *more, struct err *err)
{
    all->reader = reader;
    all->db = reader_db(reader);
    all->err = err;
    if (!read_part(all, more))
        return false;
    if (*more || all->part == WHOLE)
        return true;
    all->part++;
    *more = true;
    return begin_part(all);
}

bool report_gather(struct report *report, struct journal_reader *reader,
                   const struct report_options *options, struct err *err)
{
    struct gathering *all = gathering_new(report, options, err);
    bool ok = all != NULL, more = true;

    while (ok && more)
        ok = gathering_step(all, reader, &more, err);
    gathering_free(all);
    return ok;
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        report_drop_events(&report->accounts[i]);
    free(report->accounts);
    arena_free(&report->arena);
}
