/* From the journal: the sums of each day, who is behind them, the events that
 * are worth a line, and the signals. A read goes over one day of sums or one
 * page of events. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/mem.h"
#include "base/text.h"
#include "event/event.h"
#include "journal/db.h"
#include "signal/table.h"

#include "base/banned.h"

#define LONGEST_DAYS 366
#define DAYS_A_READ 14 /* of the past, for what was used before */

/* What a person did in the period: kept by account and person, ascending. */
struct doer {
    int64_t account, person;
    uint64_t events;
    unsigned days;
};
struct doers {
    struct doer *list;
    size_t count;
};

struct gathering {
    struct report *report;
    struct journal_reader *reader;
    sqlite3 *db;
    const struct report_options *options;
    struct doers now, before;
    struct err *err;
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
    return all->report->count || !all->options->account ||
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

static bool read_days(struct gathering *all)
{
    static const char sql[] =
        "SELECT account, person, category, count FROM daily WHERE day = ? AND "
        "account > 0 AND count > 0 ORDER BY account, person, category";
    const struct report *report = all->report;
    sqlite3_stmt *row = db_prepare(all->db, sql, true, all->err);
    bool ok = row != NULL;

    for (int32_t day = report->first_day - (int32_t)report->day_count;
         ok && day <= report->last_day; day++)
        ok = read_day(all, row, day);
    sqlite3_finalize(row);
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

static bool read_pasts(struct gathering *all)
{
    static const char sql[] = "SELECT DISTINCT account, category FROM daily "
                              "WHERE day >= ? AND day < ? AND count > 0";
    int32_t end = all->report->first_day, day;
    sqlite3_stmt *row;
    bool ok;

    if (!first_day_of_all(all, &day))
        return false;
    row = db_prepare(all->db, sql, true, all->err);
    ok = row != NULL;
    for (; ok && day < end; day += DAYS_A_READ)
        ok = read_past(all, row, day,
                       day + DAYS_A_READ < end ? day + DAYS_A_READ : end);
    sqlite3_finalize(row);
    return ok;
}

/* ---- people ---- */

static const char *person_name(struct gathering *all, int64_t id)
{
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

/* Keeps the three who did most, in order. */
static void rank_doer(const struct doer *top[REPORT_PEOPLE], size_t *count,
                      const struct doer *did)
{
    size_t at = *count;

    while (at > 0 && top[at - 1]->events < did->events)
        at--;
    if (at == REPORT_PEOPLE)
        return;
    if (*count < REPORT_PEOPLE)
        ++*count;
    memmove(&top[at + 1], &top[at], (*count - at - 1) * sizeof *top);
    top[at] = did;
}

static void name_people(struct gathering *all, struct report_account *account,
                        const struct doer *dids, size_t count)
{
    const struct doer *top[REPORT_PEOPLE + 1];

    for (size_t i = 0; i < count; i++)
        rank_doer(top, &account->person_count, &dids[i]);
    for (size_t i = 0; i < account->person_count; i++) {
        const char *name = person_name(all, top[i]->person);

        account->people[i] =
            (struct report_person){name ? name : "-", top[i]->events,
                                   top[i]->days};
    }
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
            name_people(all, account, &doers->list[i], next - i);
    }
}

/* ---- events ---- */

static int weight(enum tone tone)
{
    static const int weights[TONE_COUNT] = {
        [TONE_INFO] = 0, [TONE_GOOD] = 1, [TONE_WARN] = 2, [TONE_BAD] = 3};

    return weights[tone];
}

static bool comes_before(const struct report_event *a,
                         const struct report_event *b)
{
    return weight(a->tone) != weight(b->tone)
               ? weight(a->tone) > weight(b->tone)
               : a->at > b->at;
}

static bool says_the_same(const struct report_event *a,
                          const struct report_event *b)
{
    return !strcmp(a->sentence, b->sentence) && !strcmp(a->person, b->person);
}

/* Keeps the best max, each said once; true if it is one of them. */
static bool rank_event(struct report_event *list, size_t *count, size_t max,
                       const struct report_event *event,
                       bool (*same)(const struct report_event *a,
                                    const struct report_event *b))
{
    size_t at = *count;

    for (size_t i = 0; i < *count; i++)
        if (same(&list[i], event)) {
            if (!comes_before(event, &list[i]))
                return false;
            memmove(&list[i], &list[i + 1], (--*count - i) * sizeof *list);
            at = *count;
            break;
        }
    while (at > 0 && comes_before(event, &list[at - 1]))
        at--;
    if (at == max)
        return false;
    if (*count < max)
        ++*count;
    memmove(&list[at + 1], &list[at], (*count - at - 1) * sizeof *list);
    list[at] = *event;
    return true;
}

/* Links differ by the second at which they begin. */
static bool is_same_replay(const struct report_event *a,
                           const struct report_event *b)
{
    size_t len = strcspn(a->replay, "?");

    return !strncmp(a->replay, b->replay, len) &&
           (!b->replay[len] || b->replay[len] == '?');
}

static void keep_text(struct report *report, struct report_event *event)
{
    event->person = arena_strdup(&report->arena, event->person);
    event->sentence = arena_strdup(&report->arena, event->sentence);
    event->replay = arena_strdup(&report->arena, event->replay);
}

static void take_event(struct gathering *all, struct report_account *account,
                       const struct event *event, struct arena *arena)
{
    struct report_event line = {.at = event_time(event),
                                .tone = event->tone,
                                .person = event_person_label(event, arena),
                                .sentence = event->sentence,
                                .replay = event->links.replay};
    struct report_event kept = line;

    if (line.tone != TONE_INFO || line.replay)
        keep_text(all->report, &kept);
    if (line.tone != TONE_INFO)
        rank_event(account->events, &account->event_count, REPORT_EVENTS,
                   &kept, says_the_same);
    if (line.replay)
        rank_event(account->replays, &account->replay_count, REPORT_REPLAYS,
                   &kept, is_same_replay);
}

static struct report_account *account_of(struct report *report, const char *id)
{
    for (size_t i = 0; id && i < report->count; i++)
        if (!strcmp(report->accounts[i].id, id))
            return &report->accounts[i];
    return NULL;
}

static void take_page(struct gathering *all, struct event_batch *batch)
{
    const struct report *report = all->report;

    for (size_t i = 0; i < batch->count; i++) {
        struct event *event = &batch->events[i];
        struct report_account *account =
            account_of(all->report, event->account.id);
        int32_t day = zone_day(all->options->days, event_time(event));

        if (!account || event->hidden != HIDDEN_NO ||
            day < report->first_day || day > report->last_day)
            continue;
        redaction_conceal(all->options->conceal, event, &batch->arena);
        take_event(all, account, event, &batch->arena);
    }
}

static bool read_events(struct gathering *all)
{
    struct reader_range range = {.no_bodies = true};
    int64_t since = zone_day_start(all->options->days, all->report->first_day);
    bool more = true,
         ok = reader_since(all->reader, since, &range.after, all->err);

    while (ok && more) {
        struct event_batch *batch = event_batch_new();

        ok = reader_page(all->reader, &range, batch, &more, all->err);
        if (ok)
            take_page(all, batch);
        more = more && batch->count;
        if (batch->count)
            range.after = batch->events[batch->count - 1].seq;
        event_batch_free(batch);
    }
    return ok;
}

/* ---- signals ---- */

/* Those that wait, and what was concluded in the period. */
static bool take_signal(void *ctx, const struct signal_row *row)
{
    struct gathering *all = ctx;
    struct arena *arena = &all->report->arena;
    struct report_account *account = account_of(all->report, row->account_id);
    struct report_signal *signal, **end;
    int32_t day = zone_day(all->options->days, row->fired_at);

    if (!account || row->state == STATE_WITHDRAWN ||
        day > all->report->last_day ||
        (row->state != STATE_NEW && row->state != STATE_SEEN &&
         day < all->report->first_day))
        return true;
    signal = arena_alloc(arena, sizeof *signal);
    *signal = (struct report_signal){
        .tone = row->tone,
        .fired_at = row->fired_at,
        .title = signal_title(row->kind),
        .person = arena_strdup(arena, row->person_name    ? row->person_name
                                      : row->person_email ? row->person_email
                                                          : row->person_id),
        .sentence = arena_strdup(arena, row->sentence ? row->sentence : ""),
        .opener = arena_strdup(arena, row->opener)};
    for (end = &account->signals; *end; end = &(*end)->next)
        ;
    *end = signal;
    return true;
}

static bool read_signals(struct gathering *all)
{
    struct signal_filter filter = {.all = true, .now = all->options->now_ms};

    return table_each(all->db, &filter, take_signal, all, all->err);
}

/* ---- the whole ---- */

static uint64_t difference(const struct report_account *account)
{
    unsigned now = account->now.person_days,
             before = account->before.person_days;

    return now > before ? now - before : before - now;
}

/* What there is to say first: bad signals, then any, then what changed, then
 * what is used most. */
static int compare_accounts(const void *left, const void *right)
{
    const struct report_account *a = left, *b = right;
    int heavy_a = a->signals ? 1 + weight(a->signals->tone) : 0;
    int heavy_b = b->signals ? 1 + weight(b->signals->tone) : 0;

    if (heavy_a != heavy_b)
        return heavy_a > heavy_b ? -1 : 1;
    if (difference(a) != difference(b))
        return difference(a) > difference(b) ? -1 : 1;
    if (a->now.events != b->now.events)
        return a->now.events > b->now.events ? -1 : 1;
    return strcmp(report_name(a), report_name(b));
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
    report->alone = options->account != NULL;
    return report->day_count <= LONGEST_DAYS ||
           err_set(all->err, "a report is of %d days at most", LONGEST_DAYS);
}

bool report_gather(struct report *report, struct journal_reader *reader,
                   const struct report_options *options, struct err *err)
{
    struct gathering all = {.report = report,
                            .reader = reader,
                            .db = reader_db(reader),
                            .options = options,
                            .err = err};
    bool ok;

    *report = (struct report){.count = 0};
    ok = set_days(&all) && read_accounts(&all) && read_days(&all) &&
         read_pasts(&all);
    if (ok) {
        sum_doers(&all, &all.now, true);
        sum_doers(&all, &all.before, false);
        ok = read_events(&all) && read_signals(&all);
    }
    if (ok && report->count)
        qsort(report->accounts, report->count, sizeof *report->accounts,
              compare_accounts);
    free(all.now.list);
    free(all.before.list);
    return ok;
}

void report_free(struct report *report)
{
    free(report->accounts);
    arena_free(&report->arena);
}
