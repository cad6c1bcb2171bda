/* Signals are few and have up to eight events each: all of them are kept in
 * memory, in order of seq. Those that were withdrawn rest on nothing. */
#include "journal/evidence.h"

#include <stdlib.h>

#include "base/mem.h"
#include "event/signal_kind.h"

#include "base/banned.h"

#define PIECES_MAX                                                            \
    100000 /* the newest signals'; older ones' events are gone */

static void add(struct evidence *evidence, uint64_t seq, enum signal_kind kind)
{
    if (evidence->count == PIECES_MAX)
        return;
    if (evidence->count == evidence->cap) {
        evidence->cap = evidence->cap ? 2 * evidence->cap : 64;
        evidence->pieces = xreallocarray(evidence->pieces, evidence->cap,
                                         sizeof *evidence->pieces);
    }
    evidence->pieces[evidence->count++] =
        (struct evidence_piece){seq, 1u << kind};
}

/* "[790,801]" */
static void add_list(struct evidence *evidence, const char *list,
                     enum signal_kind kind)
{
    char *end;

    while (*list) {
        if (*list < '0' || *list > '9') {
            list++;
            continue;
        }
        add(evidence, strtoull(list, &end, 10), kind);
        list = end;
    }
}

static int by_seq(const void *a, const void *b)
{
    const struct evidence_piece *x = a, *y = b;

    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Each seq once, with all its signals. */
static void sort(struct evidence *evidence)
{
    struct evidence_piece *pieces = evidence->pieces;
    size_t kept = 0, i;

    if (!evidence->count)
        return;
    qsort(pieces, evidence->count, sizeof *pieces, by_seq);
    for (i = 1; i < evidence->count; i++) {
        if (pieces[i].seq == pieces[kept].seq)
            pieces[kept].signals |= pieces[i].signals;
        else
            pieces[++kept] = pieces[i];
    }
    evidence->count = kept + 1;
}

static void read_all(struct evidence *evidence, sqlite3 *db)
{
    static const char sql[] = "SELECT kind, evidence FROM signals "
                              "WHERE state <> 'withdrawn' ORDER BY id DESC";
    sqlite3_stmt *rows = NULL;
    enum signal_kind kind;

    evidence->count = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK)
        while (sqlite3_step(rows) == SQLITE_ROW)
            if (signal_parse((const char *)sqlite3_column_text(rows, 0),
                             &kind))
                add_list(evidence, (const char *)sqlite3_column_text(rows, 1),
                         kind);
    sqlite3_finalize(rows);
    sort(evidence);
}

void evidence_refresh(struct evidence *evidence, sqlite3 *db)
{
    static const char sql[] =
        "SELECT coalesce(max(id), 0), "
        "coalesce(sum(state = 'withdrawn'), 0) FROM signals";
    sqlite3_stmt *row = NULL;
    int64_t newest = evidence->newest, withdrawn = evidence->withdrawn;

    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW) {
        newest = sqlite3_column_int64(row, 0);
        withdrawn = sqlite3_column_int64(row, 1);
    }
    sqlite3_finalize(row);
    if (newest == evidence->newest && withdrawn == evidence->withdrawn)
        return;
    evidence->newest = newest;
    evidence->withdrawn = withdrawn;
    read_all(evidence, db);
}

static unsigned signals_on(const struct evidence *evidence, uint64_t seq)
{
    size_t low = 0, high = evidence->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (evidence->pieces[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < evidence->count && evidence->pieces[low].seq == seq
               ? evidence->pieces[low].signals
               : 0;
}

void evidence_mark(const struct evidence *evidence, struct event *events,
                   size_t count)
{
    for (size_t i = 0; evidence->count && i < count; i++)
        events[i].signals = signals_on(evidence, events[i].seq);
}

void evidence_free(struct evidence *evidence)
{
    free(evidence->pieces);
    *evidence = (struct evidence){.count = 0};
}
