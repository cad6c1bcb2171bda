/* The journal: the durable, ordered record of events, in SQLite.
 *
 * Disks cannot be polled, so an open journal has three threads of its own: a
 * writer and a reader, each with its own connection, and a syncer, which waits
 * for the disk in place of the writer. They share nothing with the loop but a
 * queue in and a queue out: every function here is called from the loop's
 * thread and returns at once; results come later, from journal_drain(), on the
 * loop's thread. wake() is the only thing the threads call: it must be safe
 * from any thread (loop_wake()).
 *
 * One process owns a journal (a lock file beside it); others read it with
 * journal/reader.h and ask the owner for changes over its control socket. */
#ifndef TELLTALE_JOURNAL_H
#define TELLTALE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "event/event.h"
#include "journal/reader.h"

struct journal;

struct journal_room;

struct journal_options {
    const char *path;
    /* Who else keeps something in the file (room.h), ended by NULL; lives as
     * long as the journal. NULL: nobody, for who neither prunes nor forgets. */
    const struct journal_room *const *rooms;
    void (*wake)(void *ctx); /* called on the journal's threads */
    void *wake_ctx;
};

/* Takes the lock, opens or makes the database (0600, directory 0700), starts
 * the threads. NULL with err: "owned by telltale, pid 1234 (…)" sets
 * *owner_pid if given. Blocks: start-up only. */
struct journal *journal_open(const struct journal_options *options,
                             long *owner_pid, struct err *err);
/* Finishes what is queued, checkpoints, joins the threads, gives up the
 * lock. Completions not yet drained are dropped after their batches are
 * freed: drain first. */
void journal_close(struct journal *journal);

const struct uuid *journal_id(const struct journal *journal);
const char *journal_path(const struct journal *journal);
/* Those of the options; never NULL. May be asked on any thread. */
const struct journal_room *const *journal_rooms(const struct journal *journal);
/* Whose days are counted, and whether that is another zone than the one that
 * times are shown in. */
const char *journal_zone(const struct journal *journal);
bool journal_zone_differs(const struct journal *journal);
/* The days of that zone (zone.h); they live as long as the journal. */
struct zone_days;
const struct zone_days *journal_days(const struct journal *journal);

/* What became of an append. The batch comes back with seq, origin,
 * EVENT_DUPLICATE and EVENT_FORGOTTEN filled in, the fresh ones first; the
 * callee owns it. ok false: nothing of it is kept (disk full, locked);
 * journal_trouble() says why. */
struct append_result {
    bool ok;
    struct event_batch *batch;
    size_t fresh, duplicates;
    size_t forgotten; /* not kept: of somebody who is to be forgotten */
};
typedef void append_done(void *ctx, uint64_t token,
                         struct append_result *result);

/* Queues the batch: all of it is committed in one transaction (with others:
 * group commit), or none. Takes the batch over. done is called once, on the
 * loop's thread, with the token. */
void journal_append(struct journal *journal, struct event_batch *batch,
                    append_done *done, void *ctx, uint64_t token);

/* A request that was refused: LIMIT_REJECTS with a body are kept, as many
 * without. Copies. When more come than can be written, they are only counted.
 */
struct reject_from {
    const char *peer, *content_type, *webhook_id; /* each may be NULL */
};
void journal_reject(struct journal *journal, int status, const char *why,
                    const struct reject_from *from, const char *body,
                    size_t len);
/* "Time passed", between events; seq numbers are shared with events. */
void journal_tick(struct journal *journal, int64_t wall_ms);
/* The same, but only where the last tick is from before since_ms, or where
 * there were events and no tick yet. It stands before whatever is appended
 * after the call. */
void journal_tick_once(struct journal *journal, int64_t wall_ms,
                       int64_t since_ms);

/* Any other change, as it must be one transaction with others: called on the
 * WRITER's thread with its connection, inside the group's transaction (false
 * rolls back just this one, by savepoint); then done on the loop's thread,
 * unless NULL. This is how what belongs to other rooms (room.h), like outboxes
 * and signals, is written without this room knowing it. ctx must not be touched
 * by the loop until done. */
struct sqlite3;
typedef bool writer_job(void *ctx, struct sqlite3 *db, struct err *err);
typedef void job_done(void *ctx, bool ok, const struct err *err);
void journal_write(struct journal *journal, writer_job *job, job_done *done,
                   void *ctx);

/* The same for a ctx that nobody else knows: drop frees it when the journal
 * is closed before done could be called. */
void journal_write_owned(struct journal *journal, writer_job *job,
                         job_done *done, void *ctx, void (*drop)(void *ctx));

/* Whom a room tells that a change of its own is in the journal, or why it is
 * not; nobody is told once the journal is closed. */
struct kept_call {
    void (*done)(void *ctx, uint64_t token, bool ok, const struct err *err);
    void *ctx;
    uint64_t token;
};

/* Makes what was deleted unreadable: gives free pages back, copies the whole
 * log into the database and empties it. ok is false when a reader held the
 * log; it is copied at the next chance then. */
void journal_truncate(struct journal *journal, job_done *done, void *ctx);
void journal_truncate_owned(struct journal *journal, job_done *done, void *ctx,
                            void (*drop)(void *ctx));

/* A job on the READER's thread, outside any transaction: a slice of work
 * of at most a quarter of a second. Return READER_AGAIN to be called for
 * another slice (others come in between), READER_DONE or READER_FAILED. Jobs
 * queue behind each other; journal_cancel() stops a job between slices (done is
 * then called with ok false and err "cancelled"). Returns the job's id. */
enum reader_step { READER_DONE, READER_AGAIN, READER_FAILED };
typedef enum reader_step reader_job(void *ctx, struct journal_reader *reader,
                                    struct err *err);
uint64_t journal_read(struct journal *journal, reader_job *job, job_done *done,
                      void *ctx);
/* As journal_write_owned(). */
uint64_t journal_read_owned(struct journal *journal, reader_job *job,
                            job_done *done, void *ctx,
                            void (*drop)(void *ctx));
void journal_cancel(struct journal *journal, uint64_t job);

/* Delivers completions; call on the loop's thread after each wake. */
void journal_drain(struct journal *journal);

/* The names of the cursors that follow the journal in this process, for who
 * prunes: a follower (follower.h) gives its own, which is copied and stays
 * until the journal is closed. */
void journal_follow(struct journal *journal, const char *reader);
const char *const *journal_followers(const struct journal *journal,
                                     size_t *count);

/* Counters for the status line, health and tests. On the loop's thread. */
struct journal_stats {
    uint64_t last_seq; /* of the last committed event or tick */
    uint64_t events;   /* kept since this process started */
    uint64_t duplicates, forgotten, rejects, commits;
    uint64_t rejects_dropped; /* came too fast to be kept */
    uint64_t waiting;         /* events queued, not committed */
    size_t waiting_bytes;     /* of memory that those hold */
    int64_t commit_us_max;    /* longest commit so far */
    size_t memory;            /* SQLite's, all told: bytes */
};
struct journal_stats journal_stats(const struct journal *journal);
/* One line that says why commits fail at present, or NULL. */
const char *journal_trouble(const struct journal *journal);
/* One line on what was wrong with the files, and what was done, or NULL. It
 * stays until the next one. */
const char *journal_notice(const struct journal *journal);

#endif
