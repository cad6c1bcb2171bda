/* Signals → planned messages. A signal is told to the query as an event that
 * has its account, person, category, tone, sentence and time. */
#include "mirror/signal_page.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "journal/cursor.h"
#include "journal/db.h"
#include "mirror/message.h"
#include "signal/table.h"

#include "base/banned.h"

#define PAGE_SIGNALS 100

/* "signals to NAME": a mirror's name is no longer than INI keys are. */
static void reader_name(const struct mirror_settings *settings, char *out,
                        size_t size)
{
    snprintf(out, size, "signals to %s", settings->name);
}
#define READER_NAME 96

/* ---- opening ---- */

static bool drop_cursor(sqlite3 *db, const char *reader, struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db, "DELETE FROM cursors WHERE reader = ?1", false, err);
    bool ok;

    if (!statement)
        return false;
    db_bind_text(statement, 1, reader);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool signal_page_open(const struct mirror_settings *settings,
                      struct sqlite3 *db, struct err *err)
{
    char reader[READER_NAME];
    int64_t newest = 0;
    uint64_t seq;

    reader_name(settings, reader, sizeof reader);
    if (!query_asks_signals(settings->query))
        return drop_cursor(db, reader, err);
    if (!table_newest(db, &newest, err))
        return false;
    seq = (uint64_t)newest;
    if (!cursor_open(db, reader, &seq, err))
        return false;
    /* A journal that was mended may have lost some. */
    return seq <= (uint64_t)newest ||
           cursor_move(db, reader, seq, (uint64_t)newest, err);
}

/* ---- planning ---- */

static struct event event_of(const struct signal_row *row)
{
    return (struct event){.seq = row->seq,
                          .name = signal_name(row->kind),
                          .category = row->category == SIGNAL_NO_CATEGORY
                                          ? CATEGORY_OTHER
                                          : (enum category)row->category,
                          .tone = row->tone,
                          .sentence = row->sentence,
                          .fold = FOLD_SAME,
                          .occurred_at = row->fired_at,
                          .received_at = row->fired_at,
                          .account = {row->account_id, row->account_name,
                                      row->listed},
                          .person = {row->person_id, row->person_email,
                                     row->person_name},
                          .signals = 1u << row->kind,
                          .raw = "{}",
                          .raw_len = 2};
}

static void add_message(struct buf *out,
                        const struct mirror_settings *settings,
                        const struct signal_row *row,
                        const struct event *event)
{
    struct message *message;

    if (!settings->type->merges) {
        buf_addc(out, '[');
        settings->type->add_signal(out, row, settings);
        buf_addc(out, ']');
        return;
    }
    message = message_new();
    message_add_signal(message, event, signal_title(row->kind), row->opener,
                       &settings->redaction);
    message_to_json(out, message);
    message_free(message);
}

/* It waits for no window and no cool-down: there are few. *bucket NULL: the
 * digest has it. */
static int64_t choose(const struct mirror_settings *settings,
                      const struct event *event, int64_t now,
                      const char **bucket)
{
    int64_t due = now;

    *bucket = BUCKET_SIGNAL;
    if (settings->bypass && query_match(settings->bypass, event, now))
        *bucket = BUCKET_SIGNAL_NOW;
    else if (settings->digest_at >= 0)
        *bucket = NULL;
    else
        mirror_quiet(settings, now, &due);
    return due;
}

/* A digest tells it with all else: a message that only names it. */
static void add_to_digest(struct outbox_plan *plan,
                          const struct signal_row *row)
{
    struct message *message = message_new();
    struct buf text;

    message_note_signal(message, row->id);
    buf_init(&text, MIB);
    message_to_json(&text, message);
    message_free(message);
    plan->planned =
        xreallocarray(plan->planned, plan->count + 1, sizeof *plan->planned);
    plan->planned[plan->count++] =
        (struct planned){.bucket = xstrdup(BUCKET_DIGEST),
                         .message = buf_take(&text),
                         .events = 1,
                         .first_seq = row->seq,
                         .last_seq = row->seq,
                         .due = mirror_digest_time(plan->mirror, plan->now)};
    buf_free(&text);
}

static void plan_signal(struct outbox_plan *plan, const struct signal_row *row,
                        const struct event *event, const char *prefix,
                        int64_t due)
{
    struct buf bucket, message;

    if (!prefix) {
        add_to_digest(plan, row);
        return;
    }
    buf_init(&bucket, KIB);
    buf_init(&message, MIB);
    buf_addf(&bucket, "%s%lld", prefix, (long long)row->id);
    add_message(&message, plan->mirror, row, event);
    plan->planned =
        xreallocarray(plan->planned, plan->count + 1, sizeof *plan->planned);
    plan->planned[plan->count++] =
        (struct planned){.bucket = buf_take(&bucket),
                         .message = buf_take(&message),
                         .events = 1,
                         .first_seq = row->seq,
                         .last_seq = row->seq,
                         .due = due};
    buf_free(&bucket);
    buf_free(&message);
}

void signal_plan_now(struct outbox_plan *plan, const struct signal_row *row)
{
    struct event event = event_of(row);

    plan_signal(plan, row, &event, BUCKET_SIGNAL_NOW, plan->now);
}

struct reading {
    struct signal_page *page;
    struct outbox_plan *plan;
};

static bool take_row(void *ctx, const struct signal_row *row)
{
    struct reading *reading = ctx;
    struct signal_page *page = reading->page;
    struct outbox_plan *plan = reading->plan;
    struct event event = event_of(row);
    const char *prefix;
    int64_t due;

    if (page->read == PAGE_SIGNALS) {
        page->more = true;
        return false;
    }
    page->read++;
    page->to = (uint64_t)row->id;
    if ((row->state != STATE_NEW && row->state != STATE_SEEN) ||
        !query_match(plan->mirror->query, &event, plan->now))
        return true;
    if (plan->now - row->fired_at > SIGNAL_NEWS_MS) {
        page->old++;
        return true;
    }
    due = choose(plan->mirror, &event, plan->now, &prefix);
    plan_signal(plan, row, &event, prefix, due);
    return true;
}

bool signal_page_read(struct signal_page *page, struct outbox_plan *plan,
                      struct sqlite3 *db, struct err *err)
{
    struct reading reading = {page, plan};
    char reader[READER_NAME];

    *page = (struct signal_page){0};
    if (!query_asks_signals(plan->mirror->query))
        return true;
    reader_name(plan->mirror, reader, sizeof reader);
    if (!cursor_find(db, reader, &page->from, err))
        return false;
    page->to = page->from;
    return table_each_after(db, (int64_t)page->from, plan->now, take_row,
                            &reading, err);
}

/* ---- writing ---- */

static bool count_old(sqlite3 *db, unsigned old, struct err *err)
{
    static const char sql[] =
        "INSERT INTO counters (name, value) VALUES ('signals not sent', ?1) "
        "ON CONFLICT DO UPDATE SET value = value + ?1";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, old);
    ok = db_run(statement, err);
    sqlite3_finalize(statement);
    return ok;
}

bool signal_page_write(const struct signal_page *page,
                       const struct mirror_settings *settings,
                       struct sqlite3 *db, struct err *err)
{
    char reader[READER_NAME];

    if (page->to == page->from)
        return true;
    reader_name(settings, reader, sizeof reader);
    return cursor_move(db, reader, page->from, page->to, err) &&
           (!page->old || count_old(db, page->old, err));
}
