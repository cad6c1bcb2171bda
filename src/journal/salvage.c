/* Telling by its columns which table a row is of, and inserting it there. */
#include "journal/salvage.h"

#include <string.h>

#include "journal/db.h"
#include "journal/pages.h"

#include "base/banned.h"

#define ROWS_A_COMMIT 500

/* Columns: n the rowid, i a number, t text, b bytes, x text or bytes; in
 * capitals where it may be NULL; a what an act is about. */
static const struct shape {
    const char *insert, *columns;
} shapes[] = {
    {"INSERT OR IGNORE INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
     "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
     "nBTIIiiiiiiiiiIITTTTT"},
    {"INSERT OR IGNORE INTO bodies VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
     "niIiiix"},
    {"INSERT OR IGNORE INTO texts VALUES (?1, ?2)", "nt"},
    {"INSERT OR IGNORE INTO origins VALUES (?1, ?2)", "nb"},
    {"INSERT OR IGNORE INTO accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
     "?9)",
     "ntTiIIIIi"},
    {"INSERT OR IGNORE INTO persons VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
     "?9)",
     "nitTTIIII"},
    {"INSERT OR IGNORE INTO identities VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
     "?8, ?9, ?10, ?11)",
     "nbiiTTiTTTT"},
    {"INSERT OR IGNORE INTO ticks VALUES (?1, ?2)", "ni"},
    {"INSERT OR IGNORE INTO rejects VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
     "niitTib"},
    {"INSERT OR IGNORE INTO reject_headers VALUES (?1, ?2, ?3)", "nTT"},
    {"INSERT OR IGNORE INTO daily VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "iiiiii"},
    {"INSERT OR IGNORE INTO cursors VALUES (?1, ?2, ?3, ?4, ?5)", "tbiTi"},
    {"INSERT OR IGNORE INTO mirrors VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
     "?9, ?10)",
     "ttTiiiiIIi"},
    {"INSERT OR IGNORE INTO outbox VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
     "?9, ?10, ?11, ?12, ?13)",
     "nttttiiiiiTIi"},
    {"INSERT OR IGNORE INTO forgotten VALUES (?1, ?2, ?3)", "bti"},
    {"INSERT OR IGNORE INTO pins VALUES (?1, ?2, ?3)", "niT"},
    /* What waits there to be told is not known, so nothing of it does. */
    {"INSERT OR IGNORE INTO acts VALUES (?1, ?2, ?3, ?4, ?5)", "natti"},
    {"INSERT OR IGNORE INTO notes SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?2 IN "
     "('account', 'person', 'event', 'signal')",
     "nttti"},
    {"INSERT OR IGNORE INTO signals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
     "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
     "ntiiiiiitTttIITi"},
    {"INSERT OR IGNORE INTO replays VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
     "ttiiII"},
    {"INSERT OR IGNORE INTO exports VALUES (?1, ?2, ?3, ?4, ?5)", "niTti"},
};
enum { EVENTS, BODIES, REST, SHAPES = sizeof shapes / sizeof *shapes };

static bool is_subject(const struct pages_value *value)
{
    static const char *const begins[] = {"state ", "note ", "pin ", "read ",
                                         "about "};

    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (value->kind == PAGES_TEXT && value->len > strlen(begins[i]) &&
            !memcmp(value->bytes, begins[i], strlen(begins[i])))
            return true;
    return false;
}

static bool fits(char letter, const struct pages_value *value)
{
    bool may_be_null = letter < 'a' || letter == 'n';

    if (value->kind == PAGES_NULL)
        return may_be_null;
    switch (letter | 0x20) {
    case 'i':
        return value->kind == PAGES_INTEGER;
    case 't':
        return value->kind == PAGES_TEXT;
    case 'b':
        return value->kind == PAGES_BLOB;
    case 'x':
        return value->kind != PAGES_INTEGER;
    case 'a':
        return is_subject(value);
    default:
        return false;
    }
}

static bool has_shape(const struct row *row, const char *columns)
{
    if (strlen(columns) != row->count || row->keyed != (*columns == 'n'))
        return false;
    for (size_t i = 0; i < row->count; i++)
        if (!fits(columns[i], &row->values[i]))
            return false;
    return true;
}

/* SHAPES: of no table that is salvaged. */
static size_t shape_of(const struct row *row)
{
    size_t shape = 0;

    while (shape < SHAPES && !has_shape(row, shapes[shape].columns))
        shape++;
    return shape;
}

/* ---- inserting ---- */

struct salvage {
    sqlite3 *db;
    sqlite3_stmt *inserts[SHAPES];
    size_t from, to; /* shapes that are wanted */
    size_t waiting;  /* rows since the last commit */
    struct salvage_report *report;
};

static void bind(sqlite3_stmt *insert, const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct pages_value *value = &row->values[i];
        int at = (int)i + 1;

        if (value->kind == PAGES_INTEGER)
            sqlite3_bind_int64(insert, at, value->number);
        else if (value->kind == PAGES_TEXT)
            sqlite3_bind_text64(insert, at, (const char *)value->bytes,
                                value->len, SQLITE_STATIC, SQLITE_UTF8);
        else if (value->kind == PAGES_BLOB)
            sqlite3_bind_blob64(insert, at, value->bytes, value->len,
                                SQLITE_STATIC);
        else
            sqlite3_bind_null(insert, at);
    }
    if (row->keyed)
        sqlite3_bind_int64(insert, 1, row->rowid);
}

static void count(struct salvage *salvage, size_t shape)
{
    if (shape == EVENTS)
        salvage->report->events++;
    else if (shape == BODIES)
        salvage->report->bodies++;
    else
        salvage->report->others++;
}

static bool is_word(const struct pages_value *value, const char *word)
{
    return value->kind == PAGES_TEXT && value->len == strlen(word) &&
           !memcmp(value->bytes, word, value->len);
}

/* A row of sqlite_sequence. */
static void note_sequence(struct salvage_report *report, const struct row *row)
{
    if (row->keyed && row->count == 2 && is_word(&row->values[0], "acts") &&
        row->values[1].kind == PAGES_INTEGER &&
        row->values[1].number > report->acts)
        report->acts = row->values[1].number;
}

static bool take_row(void *ctx, const struct row *row, struct err *err)
{
    struct salvage *salvage = ctx;
    size_t shape = shape_of(row);
    sqlite3_stmt *insert;

    note_sequence(salvage->report, row);
    if (shape < salvage->from || shape >= salvage->to)
        return true;
    insert = salvage->inserts[shape];
    bind(insert, row);
    if (!db_run(insert, err))
        return false;
    if (sqlite3_changes(salvage->db))
        count(salvage, shape);
    if (++salvage->waiting % ROWS_A_COMMIT || salvage->to > REST)
        return true;
    return db_exec(salvage->db, "COMMIT; BEGIN IMMEDIATE", err);
}

static bool prepare(struct salvage *salvage, struct err *err)
{
    for (size_t i = salvage->from; i < salvage->to; i++) {
        salvage->inserts[i] =
            db_prepare(salvage->db, shapes[i].insert, false, err);
        if (!salvage->inserts[i])
            return false;
    }
    return db_exec(salvage->db, "BEGIN IMMEDIATE", err);
}

static bool run(struct salvage *salvage, const char *damaged, const char *last,
                struct err *err)
{
    struct pages_report pages = {0};
    bool ok = prepare(salvage, err) &&
              pages_rows(damaged, take_row, salvage, &pages, err) &&
              db_exec(salvage->db, last, err) &&
              db_exec(salvage->db, "COMMIT", err);

    salvage->report->torn = pages.torn;
    for (size_t i = 0; i < SHAPES; i++)
        sqlite3_finalize(salvage->inserts[i]);
    if (!ok && !sqlite3_get_autocommit(salvage->db))
        sqlite3_exec(salvage->db, "ROLLBACK", NULL, NULL, NULL);
    return ok;
}

bool salvage_rest(sqlite3 *db, const char *damaged,
                  struct salvage_report *report, struct err *err)
{
    /* Of a signal that is lost: its id may be another's. */
    static const char last[] =
        "DELETE FROM acts WHERE (subject GLOB 'state *' OR subject GLOB "
        "'note *') AND CAST(substr(subject, instr(subject, ' ')) AS INTEGER) "
        "NOT IN (SELECT id FROM signals)";
    struct salvage salvage = {.db = db,
                              .from = REST,
                              .to = SHAPES,
                              .report = report};

    return run(&salvage, damaged, last, err);
}

bool salvage_events(sqlite3 *db, const char *damaged,
                    struct salvage_report *report, struct err *err)
{
    /* A body that lost its event is nobody's. */
    static const char last[] =
        "DELETE FROM bodies WHERE seq NOT IN (SELECT seq FROM events);"
        "DELETE FROM hours;"
        "INSERT INTO hours (hour, events, hidden, first_seq, first_at, "
        "last_at) SELECT received_at / 3600000, count(*), sum(hidden > 0), "
        "min(seq), min(received_at), max(received_at) FROM events GROUP BY "
        "1;";
    struct salvage salvage = {.db = db,
                              .from = EVENTS,
                              .to = REST,
                              .report = report};

    return run(&salvage, damaged, last, err);
}

/* ---- facts ---- */

static void take_uuid(const struct pages_value *value, bool *has,
                      struct uuid *out)
{
    if (value->kind != PAGES_BLOB || value->len != sizeof out->bytes)
        return;
    memcpy(out->bytes, value->bytes, sizeof out->bytes);
    *has = true;
}

/* A row of meta, which has the shape of an index's, too. */
static void note_meta(struct salvage_facts *facts, const struct row *row)
{
    const struct pages_value *key = &row->values[0], *value = &row->values[1];

    if (is_word(key, "id"))
        take_uuid(value, &facts->has_id, &facts->id);
    else if (is_word(key, "salt"))
        take_uuid(value, &facts->has_salt, &facts->salt);
    else if (is_word(key, "zone") && value->kind == PAGES_TEXT &&
             value->len < sizeof facts->zone) {
        memcpy(facts->zone, value->bytes, value->len);
        facts->zone[value->len] = '\0';
    }
}

static bool note_row(void *ctx, const struct row *row, struct err *err)
{
    struct salvage_facts *facts = ctx;
    size_t shape = shape_of(row);

    (void)err;
    if (!row->keyed && row->count == 2)
        note_meta(facts, row);
    if (shape == EVENTS || shape == BODIES) {
        facts->is_journal = true;
        if (row->rowid > 0 && (uint64_t)row->rowid > facts->seq)
            facts->seq = (uint64_t)row->rowid;
    }
    return true;
}

bool salvage_facts(const char *damaged, struct salvage_facts *facts,
                   struct err *err)
{
    struct pages_report pages;

    *facts = (struct salvage_facts){.is_journal = false};
    if (!pages_rows(damaged, note_row, facts, &pages, err))
        return false;
    facts->is_journal =
        facts->is_journal || (facts->has_id && facts->has_salt);
    return true;
}
