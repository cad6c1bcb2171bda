/* What the tests of the journal stand on: a journal in a folder of its own,
 * something that stands in for the loop, and events to put into it. */
#ifndef TELLTALE_JOURNAL_RIG_H
#define TELLTALE_JOURNAL_RIG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/forget.h"
#include "journal/journal.h"

#define NOW INT64_C(1789373163942) /* 2026-09-14T08:06:03.942Z */
#define DAY_MS INT64_C(86400000)

/* The loop is a counter that the journal's threads raise. */
struct rig {
    char dir[64], path[128];
    struct journal *journal;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    unsigned wakes;
};

/* For cmocka: *state is a struct rig with an open journal. */
int rig_setup(void **state);
int rig_teardown(void **state);
#define RIG_CASE(test)                                                        \
    cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
void rig_open(struct rig *rig);
void rig_close(struct rig *rig);
/* Drains until *flag is true; a hang is stopped by whoever runs the tests. */
void rig_drain_until(struct rig *rig, const bool *flag);

/* An event as it might come; with_uuid() and numbered() make it another. */
struct event sample(const char *name);
struct uuid numbered(uint32_t number);
struct event with_uuid(const char *name, uint32_t number);
struct event_batch *batch_of(const struct event *events, size_t count);
/* count events with uuids, a minute apart, in one batch. */
void rig_fill(struct rig *rig, uint32_t count);

/* What became of an append: of the first 16 events. */
struct outcome {
    bool done, ok;
    size_t fresh, duplicates, forgotten;
    uint64_t seqs[16], token; /* of the batch as it came back */
    unsigned flags[16];
    struct uuid uuids[16];
};
append_done note_outcome; /* ctx: a struct outcome */
struct outcome rig_append(struct rig *rig, const struct event *events,
                          size_t count);
uint64_t append_one(struct rig *rig, struct event event);

/* Asks the file itself, by another connection. */
struct journal_reader *rig_reader(struct rig *rig);
int64_t ask(struct rig *rig, const char *sql);

/* A writer job that runs SQL. */
struct sql_job {
    const char *sql;
    bool fail, done, ok;
    struct err err;
};
writer_job run_sql;
job_done note_job;
void change(struct rig *rig, const char *sql);

/* For journal_forget(), which must work. ctx: a bool that becomes true. */
forget_done note_forgotten;

#endif
