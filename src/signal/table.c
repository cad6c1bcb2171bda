/* The table signals, in SQL. */
#include "signal/table.h"

#include <string.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "journal/db.h"

#include "base/banned.h"

static const char *const states[STATE_COUNT] = {"new", "seen", "snoozed",
                                                "done", "withdrawn"};

const char *signal_state_name(enum signal_state state)
{
    return states[state];
}

static enum signal_state state_of(const char *text)
{
    for (int i = 0; text && i < STATE_COUNT; i++)
        if (!strcmp(states[i], text))
            return (enum signal_state)i;
    return STATE_NEW;
}

static bool one_number(struct sqlite3 *db, const char *sql, int64_t id,
                       int64_t now, int64_t *number, struct err *err)
{
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    bool ok;

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, id);
    sqlite3_bind_int64(row, 2, now);
    ok = sqlite3_step(row) == SQLITE_ROW;
    if (ok)
        *number = sqlite3_column_int64(row, 0);
    else
        db_fail(db, err, "signals");
    sqlite3_finalize(row);
    return ok;
}

/* ---- concluding ---- */

#define SAME                                                                  \
    "kind = ?1 AND account = coalesce((SELECT id FROM accounts WHERE key = "  \
    "?2), 0) AND seq = ?3 AND category = ?4"

static bool run(sqlite3_stmt *statement, struct err *err)
{
    bool ok = db_run(statement, err);

    sqlite3_finalize(statement);
    return ok;
}

static void bind_same(sqlite3_stmt *statement, const struct signal *signal)
{
    db_bind_text(statement, 1, signal_name(signal->kind));
    db_bind_text(statement, 2, signal->account);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)signal->seq);
    sqlite3_bind_int(statement, 4, signal->category);
}

static bool withdraw(struct sqlite3 *db, const struct signal *signal,
                     struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db,
                   "UPDATE signals SET state = 'withdrawn' WHERE " SAME
                   " AND state <> 'done'",
                   false, err);

    if (!statement)
        return false;
    bind_same(statement, signal);
    return run(statement, err);
}

static void add_evidence(struct buf *out, const struct signal *signal)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < signal->evidence_count; i++)
        buf_addf(out, "%s%llu", i ? "," : "",
                 (unsigned long long)signal->evidence[i]);
    buf_addc(out, ']');
}

static bool add_numbers(struct sqlite3 *db, const struct signal *signal,
                        struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db, "INSERT INTO signal_numbers VALUES (?1, ?2)", false,
                   err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, sqlite3_last_insert_rowid(db));
    db_bind_text(statement, 2, signal->numbers ? signal->numbers : "{}");
    return run(statement, err);
}

static bool add(struct sqlite3 *db, const struct signal *signal,
                struct err *err)
{
    static const char sql[] =
        "INSERT INTO signals (kind, account, person, category, seq, fired_at, "
        "tone, sentence, opener, evidence, state, cooldown, updated) "
        "SELECT ?1, coalesce((SELECT id FROM accounts WHERE key = ?2), 0), "
        "coalesce((SELECT p.id FROM persons p JOIN accounts a ON a.id = "
        "p.account WHERE a.key = ?2 AND p.key = ?5), 0), ?4, ?3, ?6, ?7, ?8, "
        "?9, ?10, 'new', ?11, ?6 "
        "WHERE NOT EXISTS (SELECT 1 FROM signals WHERE " SAME ")";
    sqlite3_stmt *statement = db_prepare(db, sql, false, err);
    struct buf evidence;
    bool ok;

    if (!statement)
        return false;
    buf_init(&evidence, KIB);
    add_evidence(&evidence, signal);
    bind_same(statement, signal);
    db_bind_text(statement, 5, signal->person);
    sqlite3_bind_int64(statement, 6, signal->fired_at);
    sqlite3_bind_int(statement, 7, (int)signal->tone);
    db_bind_text(statement, 8, signal->sentence);
    db_bind_text(statement, 9, signal->opener);
    db_bind_text(statement, 10, evidence.data);
    sqlite3_bind_int64(statement, 11, signal->cooldown);
    ok = run(statement, err);
    buf_free(&evidence);
    return ok && (!sqlite3_changes(db) || add_numbers(db, signal, err));
}

bool table_conclude(struct sqlite3 *db, const struct signal *signal,
                    struct err *err)
{
    return signal->withdrawn ? withdraw(db, signal, err)
                             : add(db, signal, err);
}

/* When a tick was, as far as one reading of a clock is believed: what is more
 * than a day from the tick before it, the next one has to say too. */
static bool tick_time(struct sqlite3 *db, uint64_t tick, int64_t *at,
                      struct err *err)
{
    static const char sql[] =
        "SELECT coalesce(min((SELECT at FROM ticks WHERE seq = ?1), (SELECT "
        "at FROM ticks WHERE seq < ?1 ORDER BY seq DESC LIMIT 1) + ?2), 0)";

    return one_number(db, sql, (int64_t)tick, CLOCK_LONGEST_DAY_MS, at, err);
}

/* A snooze counts from its end, and whatever the user says from then. */
bool table_let_go(struct sqlite3 *db, uint64_t tick, int stays, size_t *gone,
                  struct err *err)
{
    static const char sql[] =
        "UPDATE signals SET state = 'withdrawn' WHERE kind = ?1 AND state IN "
        "('new', 'seen', 'snoozed') AND max(updated, coalesce(until, 0)) < ?2";
    int64_t at;

    if (!tick_time(db, tick, &at, err))
        return false;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        enum signal_kind kind = (enum signal_kind)i;
        int own = signal_stays(kind);
        int64_t days = own && own < stays ? own : stays;
        sqlite3_stmt *statement = db_prepare(db, sql, false, err);

        if (!statement)
            return false;
        db_bind_text(statement, 1, signal_name(kind));
        sqlite3_bind_int64(statement, 2, at - days * CLOCK_DAY_MS);
        if (!run(statement, err))
            return false;
        *gone += (size_t)sqlite3_changes(db);
    }
    return true;
}

bool table_remember(struct sqlite3 *db, const char *key,
                    const struct buf *state, struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db, "UPDATE signal_memory SET state = ?2 WHERE key = ?1",
                   false, err);
    bool ok;

    for (int i = 0; i < 2; i++) {
        if (!statement)
            return false;
        db_bind_text(statement, 1, key);
        sqlite3_bind_blob(statement, 2, state->data, (int)state->len,
                          SQLITE_STATIC);
        ok = run(statement, err);
        if (!ok || sqlite3_changes(db))
            break;
        statement = db_prepare(
            db, "INSERT INTO signal_memory (key, state) VALUES (?1, ?2)",
            false, err);
    }
    return ok;
}

/* ---- what the user says ---- */

bool table_change(struct sqlite3 *db, const struct signal_change *change,
                  struct err *err)
{
    sqlite3_stmt *statement =
        db_prepare(db,
                   change->noted
                       ? "UPDATE signals SET note = ?2, updated = ?5 "
                         "WHERE id = ?1"
                       : "UPDATE signals SET state = ?3, until = ?4, "
                         "updated = ?5 WHERE id = ?1",
                   false, err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, change->id);
    db_bind_text(statement, 2, change->note);
    db_bind_text(statement, 3, states[change->state]);
    if (!change->noted && change->state == STATE_SNOOZED)
        sqlite3_bind_int64(statement, 4, change->until);
    sqlite3_bind_int64(statement, 5, change->at);
    if (!run(statement, err))
        return false;
    return sqlite3_changes(db) ||
           err_set(err,
                   "there is no signal %lld: telltale signals --all "
                   "lists them",
                   (long long)change->id);
}

/* ---- verbs ---- */

static const char *const verbs[STATE_COUNT] = {[STATE_NEW] = "new",
                                               [STATE_SEEN] = "seen",
                                               [STATE_SNOOZED] = "snooze",
                                               [STATE_DONE] = "done"};

const char *signal_change_verb(const struct signal_change *change)
{
    return change->noted ? "note" : verbs[change->state];
}

bool signal_change_read(const char *verb, struct signal_change *change)
{
    change->noted = !strcmp(verb, "note");
    for (int i = 0; i < STATE_COUNT && !change->noted; i++)
        if (verbs[i] && !strcmp(verb, verbs[i])) {
            change->state = (enum signal_state)i;
            return true;
        }
    return change->noted;
}

/* ---- what it is about ---- */

static const char *member_text(struct slice object, const char *path,
                               struct arena *arena)
{
    struct slice value;
    const char *text = NULL;
    struct buf plain;

    buf_init(&plain, LIMIT_TEXT);
    if (slice_path(object, path, &value) && slice_string(value, &plain))
        text = arena_strndup(arena, plain.data, plain.len);
    buf_free(&plain);
    return text;
}

bool signal_about_read(struct slice json, struct arena *arena,
                       struct signal_about *out)
{
    const char *kind = member_text(json, "kind", arena);
    const char *category = member_text(json, "category", arena);
    enum category known;

    *out =
        (struct signal_about){.account =
                                  member_text(json, "account.id", arena),
                              .person = member_text(json, "person.id", arena),
                              .category = SIGNAL_NO_CATEGORY};
    if (!kind || !signal_parse(kind, &out->kind))
        return false;
    if (!category)
        return true;
    if (!category_parse(category, &known))
        return false;
    out->category = (int)known;
    return true;
}

bool table_find(struct sqlite3 *db, const struct signal_about *about,
                int64_t *id, struct err *err)
{
    static const char sql[] =
        "SELECT max(s.id) FROM signals s "
        "LEFT JOIN accounts a ON a.id = s.account "
        "LEFT JOIN persons p ON p.id = s.person WHERE s.kind = ?1 AND "
        "a.key IS ?2 AND p.key IS ?3 AND s.category = ?4";
    sqlite3_stmt *row = db_prepare(db, sql, false, err);
    int code;

    if (!row)
        return false;
    db_bind_text(row, 1, signal_name(about->kind));
    db_bind_text(row, 2, about->account);
    db_bind_text(row, 3, about->person);
    sqlite3_bind_int(row, 4, about->category);
    code = sqlite3_step(row);
    *id = code == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_finalize(row);
    return code == SQLITE_ROW || code == SQLITE_DONE ||
           db_fail(db, err, "signals");
}

/* ---- reading ---- */

enum column {
    ID,
    KIND,
    SEQ,
    FIRED_AT,
    CATEGORY,
    TONE,
    SENTENCE,
    OPENER,
    EVIDENCE,
    STATE,
    UNTIL,
    NOTE,
    UPDATED,
    NUMBERS,
    ACCOUNT_ID,
    ACCOUNT_NAME,
    PERSON_KEY,
    PERSON_EMAIL,
    PERSON_NAME,
    LISTED
};

static const char *text(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

static bool take_row(sqlite3_stmt *row, int64_t now, struct signal_row *out)
{
    if (!text(row, KIND) || !signal_parse(text(row, KIND), &out->kind))
        return false;
    out->id = sqlite3_column_int64(row, ID);
    out->seq = (uint64_t)sqlite3_column_int64(row, SEQ);
    out->fired_at = sqlite3_column_int64(row, FIRED_AT);
    out->category = sqlite3_column_int(row, CATEGORY);
    if (out->category < 0 || out->category >= CATEGORY_COUNT)
        out->category = SIGNAL_NO_CATEGORY;
    out->tone = (enum tone)(sqlite3_column_int(row, TONE) & 3);
    out->sentence = text(row, SENTENCE);
    out->opener = text(row, OPENER);
    out->evidence = text(row, EVIDENCE);
    out->state = state_of(text(row, STATE));
    out->until = sqlite3_column_int64(row, UNTIL);
    out->note = text(row, NOTE);
    out->updated = sqlite3_column_int64(row, UPDATED);
    out->numbers = text(row, NUMBERS);
    out->account_id = text(row, ACCOUNT_ID);
    out->account_name = text(row, ACCOUNT_NAME);
    out->person_id = text(row, PERSON_KEY);
    out->person_email = text(row, PERSON_EMAIL);
    out->person_name = text(row, PERSON_NAME);
    out->listed = sqlite3_column_int(row, LISTED);
    if (out->state == STATE_SNOOZED && out->until <= now)
        out->state = STATE_NEW;
    return true;
}

static bool is_wanted(const struct signal_filter *filter,
                      const struct signal_row *row)
{
    if (!filter->all && row->state != STATE_NEW && row->state != STATE_SEEN)
        return false;
    if (!filter->account)
        return true;
    return (row->account_id && !strcmp(row->account_id, filter->account)) ||
           (row->account_name &&
            text_contains_folded(row->account_name, filter->account));
}

#define ROWS                                                                  \
    "SELECT s.id, s.kind, s.seq, s.fired_at, s.category, s.tone, "            \
    "s.sentence, "                                                            \
    "s.opener, s.evidence, s.state, s.until, s.note, s.updated, n.numbers, "  \
    "a.key, a.name, p.key, p.email, p.name, a.listed FROM signals s "         \
    "LEFT JOIN signal_numbers n ON n.signal = s.id "                          \
    "LEFT JOIN accounts a ON a.id = s.account "                               \
    "LEFT JOIN persons p ON p.id = s.person "

/* ?1 of the SQL is `id`, ?2 `upto`. */
static bool each_row(struct sqlite3 *db, const char *sql, int64_t id,
                     int64_t upto, const struct signal_filter *filter,
                     bool (*each)(void *ctx, const struct signal_row *row),
                     void *ctx, struct err *err)
{
    sqlite3_stmt *rows = db_prepare(db, sql, false, err);
    bool more = true;
    int code = SQLITE_DONE;

    if (!rows)
        return false;
    sqlite3_bind_int64(rows, 1, id);
    sqlite3_bind_int64(rows, 2, upto);
    while (more && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        struct signal_row row = {0};

        if (take_row(rows, filter->now, &row) && is_wanted(filter, &row))
            more = each(ctx, &row);
    }
    sqlite3_finalize(rows);
    return !more || code == SQLITE_DONE || db_fail(db, err, "signals");
}

bool table_each(struct sqlite3 *db, const struct signal_filter *filter,
                bool (*each)(void *ctx, const struct signal_row *row),
                void *ctx, struct err *err)
{
    static const char sql[] =
        ROWS "WHERE ?1 IN (0, s.id) ORDER BY s.tone < 2, s.tone DESC, "
             "s.fired_at DESC, s.id DESC";

    return each_row(db, sql, filter->id, 0, filter, each, ctx, err);
}

bool table_each_after(struct sqlite3 *db, int64_t after, int64_t now,
                      bool (*each)(void *ctx, const struct signal_row *row),
                      void *ctx, struct err *err)
{
    static const char sql[] = ROWS "WHERE s.id > ?1 ORDER BY s.id";
    struct signal_filter filter = {.all = true, .now = now};

    return each_row(db, sql, after, 0, &filter, each, ctx, err);
}

bool table_each_within(struct sqlite3 *db, uint64_t after, uint64_t upto,
                       bool (*each)(void *ctx, const struct signal_row *row),
                       void *ctx, struct err *err)
{
    static const char sql[] =
        ROWS "WHERE s.seq > ?1 AND s.seq <= ?2 ORDER BY s.seq, s.id";
    struct signal_filter filter = {.all = true};

    return each_row(db, sql, (int64_t)after, (int64_t)upto, &filter, each, ctx,
                    err);
}

bool table_is_open(struct sqlite3 *db, int64_t id, int64_t now, bool *open,
                   struct err *err)
{
    static const char sql[] =
        "SELECT count(*) FROM signals WHERE id = ?1 AND (state IN ('new', "
        "'seen') OR (state = 'snoozed' AND until <= ?2))";
    int64_t count = 0;
    bool ok = one_number(db, sql, id, now, &count, err);

    *open = count > 0;
    return ok;
}

bool table_newest(struct sqlite3 *db, int64_t *id, struct err *err)
{
    return one_number(db, "SELECT coalesce(max(id), 0) FROM signals", 0, 0, id,
                      err);
}

/* ---- the one JSON form ---- */

static void add_text(cJSON *object, const char *name, const char *value)
{
    if (value)
        cJSON_AddStringToObject(object, name, value);
    else
        cJSON_AddNullToObject(object, name);
}

static void add_time(cJSON *object, const char *name, int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];

    clock_format_iso(ms, iso);
    add_text(object, name, ms ? iso : NULL);
}

static void add_raw(cJSON *object, const char *name, const char *json,
                    const char *otherwise)
{
    cJSON_AddRawToObject(object, name, json ? json : otherwise);
}

static void add_who(cJSON *object, const struct signal_row *row)
{
    cJSON *account = cJSON_AddObjectToObject(object, "account"), *person;

    add_text(account, "id", row->account_id);
    add_text(account, "name", row->account_name);
    if (!row->person_id) {
        cJSON_AddNullToObject(object, "person");
        return;
    }
    person = cJSON_AddObjectToObject(object, "person");
    add_text(person, "id", row->person_id);
    add_text(person, "email", row->person_email);
    add_text(person, "name", row->person_name);
}

bool signal_to_json(struct buf *out, const struct signal_row *row)
{
    cJSON *object = cJSON_CreateObject();
    char *printed;

    cJSON_AddNumberToObject(object, "id", (double)row->id);
    add_text(object, "kind", signal_name(row->kind));
    add_who(object, row);
    add_text(object, "category",
             row->category == SIGNAL_NO_CATEGORY
                 ? NULL
                 : category_name((enum category)row->category));
    add_time(object, "fired_at", row->fired_at);
    cJSON_AddNumberToObject(object, "seq", (double)row->seq);
    add_text(object, "tone", tone_name(row->tone));
    add_text(object, "sentence", row->sentence);
    add_raw(object, "numbers", row->numbers, "{}");
    add_raw(object, "evidence", row->evidence, "[]");
    add_text(object, "opener", row->opener);
    add_text(object, "state", signal_state_name(row->state));
    add_time(object, "until", row->state == STATE_SNOOZED ? row->until : 0);
    add_text(object, "note", row->note);
    printed = cJSON_PrintUnformatted(object);
    buf_adds(out, printed);
    cJSON_free(printed);
    cJSON_Delete(object);
    return buf_ok(out);
}
