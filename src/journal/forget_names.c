/* Forgetting names where they stand by themselves: in the dictionaries, and
 * in what was refused. */
#include "journal/forgetting.h"

#include <stdio.h>

#include "base/banned.h"

#define DICTIONARY_ROWS 1000
#define REJECT_ROWS 8
#define BY_ID "id > ?3 AND id <= ?4 AND "
/* Another row may have the text already that is left. */
#define APART(column, table)                                                  \
    "trace_blot(" column ") || CASE WHEN EXISTS (SELECT 1 FROM " table        \
    " o WHERE o." column " = trace_blot(" table "." column                    \
    ")) THEN ' ' || id ELSE '' END"

static const struct {
    const char *table, *texts, *sql;
} dictionaries[] = {
    {"texts", "text",
     "UPDATE texts SET text = " APART("text", "texts") " WHERE " BY_ID
                                                       "trace_in(text)"},
    {"identities",
     "account_key, account_name, person_name, person_link, person_id",
     "UPDATE identities SET digest = randomblob(16), account_key = "
     "trace_blot(account_key), account_name = trace_blot(account_name), "
     "person_name = trace_blot(person_name), person_link = "
     "trace_blot(person_link), person_id = trace_blot(person_id) WHERE " BY_ID
     "NOT id_set_has(?2, id) AND (trace_in(account_key) OR "
     "trace_in(account_name) OR trace_in(person_name) OR "
     "trace_in(person_link) OR trace_in(person_id))"},
    {"accounts", "name",
     "UPDATE accounts SET name = trace_blot(name) WHERE " BY_ID
     "trace_in(name)"},
    {"accounts", "key",
     "UPDATE accounts SET key = " APART("key", "accounts") " WHERE " BY_ID
                                                           "key <> lower(?1) "
                                                           "AND trace_in("
                                                           "key)"},
    {"persons", "email, name",
     "UPDATE persons SET email = NULL, name = NULL WHERE " BY_ID
     "NOT id_set_has(?9, id) AND (trace_in(email) OR trace_in(name))"},
    /* Who goes by their name, but is not known to be them. */
    {"persons", "key",
     "UPDATE persons SET key = trace_blot(key) || ' ' || id WHERE " BY_ID
     "NOT id_set_has(?9, id) AND trace_in(key)"},
};
#define DICTIONARIES (sizeof dictionaries / sizeof *dictionaries)

bool forget_look_at_names(struct forgetting *job, sqlite3 *db, struct err *err)
{
    char rows[256];

    snprintf(rows, sizeof rows,
             "SELECT id, 0, 1, NULL, %s FROM %s WHERE id > ?3 ORDER BY id "
             "LIMIT %d",
             dictionaries[job->part].texts, dictionaries[job->part].table,
             DICTIONARY_ROWS);
    return forgetting_look(job, db, rows, false, err);
}

static bool blot_name(struct forgetting *job, sqlite3 *db,
                      const struct forget_found *found, struct err *err)
{
    return forgetting_run_row(job, db, dictionaries[job->part].sql, found->row,
                              NULL, err);
}

bool forget_names(struct forgetting *job, sqlite3 *db, struct err *err)
{
    bool all;

    if (!forgetting_write(job, db, blot_name, &all, err))
        return false;
    job->looked = !all;
    if (all) {
        job->row = job->to;
        job->part += !job->to;
    }
    job->again = job->part < DICTIONARIES;
    return true;
}

/* ---- what was refused ---- */

bool forget_look_at_rejects(struct forgetting *job, sqlite3 *db,
                            struct err *err)
{
    char rows[256];

    snprintf(rows, sizeof rows,
             "SELECT id, length(body), 1, NULL, body, why, content_type, "
             "webhook_id FROM rejects LEFT JOIN reject_headers ON reject = id "
             "WHERE id > ?3 ORDER BY id LIMIT %d",
             REJECT_ROWS);
    return forgetting_look(job, db, rows, true, err);
}

/* The row may be another one by now. */
static bool delete_reject(struct forgetting *job, sqlite3 *db,
                          const struct forget_found *found, struct err *err)
{
    return forgetting_run_row(
        job, db,
        "DELETE FROM rejects WHERE " BY_ID
        "(trace_hint(body) OR trace_hint(why) OR EXISTS (SELECT 1 FROM "
        "reject_headers h WHERE h.reject = rejects.id AND "
        "(trace_hint(content_type) OR trace_hint(webhook_id)))) "
        "AND " ROOM_UNTIL("at"),
        found->row, &job->slice.rejects, err);
}

bool forget_rejects(struct forgetting *job, sqlite3 *db, struct err *err)
{
    bool all;

    if (!forgetting_write(job, db, delete_reject, &all, err))
        return false;
    job->looked = !all;
    if (all)
        job->row = job->to;
    job->again = !all || job->to;
    return true;
}
