/* Acknowledged means kept: a process that appends is killed again and again
 * at random moments; afterwards everything it acknowledged is there, once,
 * under the seq it said. The argument, or $KILLS, is how many kills (20). */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/mem.h"
#include "journal/journal.h"

#include "base/banned.h"

#define AGAIN 40   /* events that the next process sends once more */
#define KEYLESS 10 /* every so many events there is one without a key */

/* One acknowledgement, as it goes through the pipe: less than PIPE_BUF, so
 * it arrives whole or not at all. */
struct ack {
    uint64_t number; /* of the event; also its uuid */
    uint64_t seq;
};

/* ---- the process that is killed ---- */

struct child {
    struct journal *journal;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool awake;
    int out;
    uint64_t next;
    size_t in_flight;
};

static void wake(void *ctx)
{
    struct child *child = ctx;

    pthread_mutex_lock(&child->mutex);
    child->awake = true;
    pthread_cond_signal(&child->woken);
    pthread_mutex_unlock(&child->mutex);
}

static struct uuid uuid_of(uint64_t number)
{
    struct uuid uuid = {{1}};

    for (int i = 0; i < 8; i++)
        uuid.bytes[8 + i] = (uint8_t)(number >> (56 - 8 * i));
    return uuid;
}

/* A batch comes back with what is fresh first, so its place tells nothing. */
static uint64_t number_of(const struct event *event)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | event->uuid.bytes[8 + i];
    return number;
}

static void acknowledge(void *ctx, uint64_t token,
                        struct append_result *result)
{
    struct child *child = ctx;

    (void)token;
    if (!result->ok)
        _exit(3);
    for (size_t i = 0; i < result->batch->count; i++) {
        const struct event *event = &result->batch->events[i];
        struct ack ack = {.number = number_of(event), .seq = event->seq};

        if (write(child->out, &ack, sizeof ack) != sizeof ack)
            _exit(4);
    }
    child->in_flight--;
    event_batch_free(result->batch);
}

static void send_batch(struct child *child)
{
    static char raw[2000];
    struct event_batch *batch = event_batch_new();
    size_t count = 1 + child->next % 7;

    memset(raw, 'x', sizeof raw - 1);
    batch->events = arena_alloc(&batch->arena, count * sizeof *batch->events);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = child->next + i;

        batch->events[i] =
            (struct event){.has_uuid = number % KEYLESS != 0,
                           .uuid = uuid_of(number),
                           .name = "feature flag created",
                           .category = CATEGORY_FLAGS,
                           .occurred_at = 1789373163942,
                           .received_at = 1789373163942,
                           .person = {.id = number % 2 ? "p1" : "p2"},
                           .account = {.id = "01abc"},
                           .raw = raw,
                           .raw_len = number % sizeof raw};
    }
    batch->count = count;
    child->in_flight++;
    journal_append(child->journal, batch, acknowledge, child, 0);
    child->next += count;
}

static _Noreturn void run_child(const char *path, int out, uint64_t first)
{
    struct child child = {.out = out, .next = first};
    struct journal_options options = {.path = path,
                                      .wake = wake,
                                      .wake_ctx = &child};
    struct err err = {""};

    pthread_mutex_init(&child.mutex, NULL);
    pthread_cond_init(&child.woken, NULL);
    child.journal = journal_open(&options, NULL, &err);
    if (!child.journal) {
        fprintf(stderr, "%s\n", err.text);
        _exit(2);
    }
    for (;;) {
        while (child.in_flight < 20)
            send_batch(&child);
        pthread_mutex_lock(&child.mutex);
        while (!child.awake)
            pthread_cond_wait(&child.woken, &child.mutex);
        child.awake = false;
        pthread_mutex_unlock(&child.mutex);
        journal_drain(child.journal);
    }
}

/* ---- the process that kills ---- */

struct ledger {
    uint64_t *seqs; /* by number; 0: never acknowledged */
    size_t room;
    uint64_t top; /* highest number acknowledged */
    uint64_t acked, wrong;
};

static void note(struct ledger *ledger, const struct ack *ack)
{
    if (ack->number >= ledger->room) {
        size_t room = (size_t)ack->number * 2 + 1024;

        ledger->seqs = xreallocarray(ledger->seqs, room, sizeof *ledger->seqs);
        memset(ledger->seqs + ledger->room, 0,
               (room - ledger->room) * sizeof *ledger->seqs);
        ledger->room = room;
    }
    /* Sent again after a kill: the same seq, unless it has no key. */
    if (ledger->seqs[ack->number] && ack->number % KEYLESS &&
        ledger->seqs[ack->number] != ack->seq)
        ledger->wrong++;
    ledger->seqs[ack->number] = ack->seq;
    ledger->acked++;
    if (ack->number > ledger->top)
        ledger->top = ack->number;
}

/* Lets a child run for a random while after its first answer (early: after
 * its start), kills it, and takes what it had said. False if it ended by
 * itself. */
static bool run_once(const char *path, struct ledger *ledger, bool early)
{
    uint64_t first = ledger->top > AGAIN ? ledger->top - AGAIN : 1;
    int64_t until = early ? clock_mono_us() + rand() % 8000 : INT64_MAX;
    struct ack ack;
    int ends[2], status;
    pid_t child;

    if (pipe(ends) || (child = fork()) < 0) {
        perror("cannot start a process");
        exit(1);
    }
    if (!child) {
        close(ends[0]);
        run_child(path, ends[1], first);
    }
    close(ends[1]);
    while (clock_mono_us() < until) {
        struct pollfd ready = {.fd = ends[0], .events = POLLIN};

        if (poll(&ready, 1, 1) != 1)
            continue;
        if (read(ends[0], &ack, sizeof ack) != sizeof ack)
            break;
        note(ledger, &ack);
        if (until == INT64_MAX)
            until = clock_mono_us() + rand() % 60000;
    }
    kill(child, SIGKILL);
    while (read(ends[0], &ack, sizeof ack) == sizeof ack)
        note(ledger, &ack);
    close(ends[0]);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static int64_t ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;

    if (!sqlite3_prepare_v2(db, sql, -1, &statement, NULL) &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* How many acknowledged events are not there under their seq. */
static uint64_t count_lost(sqlite3 *db, const struct ledger *ledger)
{
    sqlite3_stmt *find = NULL;
    uint64_t lost = 0;

    sqlite3_prepare_v2(db, "SELECT uuid FROM events WHERE seq = ?", -1, &find,
                       NULL);
    for (uint64_t number = 1; number <= ledger->top; number++) {
        struct uuid uuid = uuid_of(number);
        bool keyed = number % KEYLESS != 0;

        if (!ledger->seqs[number])
            continue;
        sqlite3_bind_int64(find, 1, (int64_t)ledger->seqs[number]);
        if (sqlite3_step(find) != SQLITE_ROW ||
            (keyed && (sqlite3_column_bytes(find, 0) != 16 ||
                       memcmp(sqlite3_column_blob(find, 0), uuid.bytes,
                              sizeof uuid.bytes))))
            lost++;
        sqlite3_reset(find);
    }
    sqlite3_finalize(find);
    return lost;
}

static int cases;
static bool failed;

static void check(bool ok, const char *what)
{
    printf("%s %d - %s\n", ok ? "ok" : "not ok", ++cases, what);
    failed = failed || !ok;
}

/* Events with a key whose seq was told at least once. */
static uint64_t count_acknowledged(const struct ledger *ledger)
{
    uint64_t count = 0;

    for (uint64_t number = 1; number <= ledger->top; number++)
        count += number % KEYLESS && ledger->seqs[number];
    return count;
}

/* For the table of ./dev faults: each event once, however often it was sent,
 * so those that have a key to be known by. What was sent is as much as is
 * known of it: a child that is killed does not tell. */
static void print_row(sqlite3 *db, const struct ledger *ledger, int killed,
                      uint64_t lost)
{
    uint64_t sent = ledger->top - ledger->top / KEYLESS;
    int64_t kept =
        ask(db, "SELECT count(DISTINCT uuid) FROM events WHERE uuid IS NOT "
                "NULL");

    printf("# row {\"kind\": \"fault\", \"case\": \"%d kill -9 of a "
           "journal\", \"sent\": %" PRIu64 ", \"acknowledged\": %" PRIu64
           ", \"kept\": %" PRId64 ", \"doubled\": %" PRId64
           ", \"lost\": %" PRIu64 "}\n",
           killed, kept > (int64_t)sent ? (uint64_t)kept : sent,
           count_acknowledged(ledger), kept,
           ask(db, "SELECT count(*) - count(DISTINCT uuid) FROM events "
                   "WHERE uuid IS NOT NULL"),
           lost);
}

static void judge(const char *path, const struct ledger *ledger, int kills,
                  int killed)
{
    struct err err = {""};
    struct journal_reader *reader = reader_open(path, &err);
    sqlite3 *db = reader ? reader_db(reader) : NULL;
    uint64_t lost = db ? count_lost(db, ledger) : ledger->acked;

    if (!reader)
        printf("# %s\n", err.text);
    printf("# %d kills, %" PRIu64 " acknowledged, %" PRId64 " kept, %" PRIu64
           " lost\n",
           killed, ledger->acked, ask(db, "SELECT count(*) FROM events"),
           lost);
    print_row(db, ledger, killed, lost);
    check(killed == kills, "every process ran until it was killed");
    check(ledger->acked && !lost,
          "what was acknowledged is kept under its seq");
    check(!ledger->wrong, "what was sent again has the seq of the first");
    check(ask(db, "SELECT count(*) = count(DISTINCT uuid) FROM events "
                  "WHERE uuid IS NOT NULL") == 1,
          "nothing with a key is there twice");
    check(ask(db, "SELECT value >= (SELECT max(seq) FROM events) FROM meta "
                  "WHERE key = 'seq'") == 1,
          "the high-water mark is above every seq");
    check(ask(db, "SELECT (SELECT sum(count) FROM daily) = count(*) AND "
                  "(SELECT sum(events) FROM hours) = count(*) AND "
                  "(SELECT count(*) FROM bodies) = count(*) FROM events") == 1,
          "sums and bodies agree with the events");
    check(ask(db, "SELECT count(*) FROM pragma_integrity_check WHERE "
                  "integrity_check = 'ok'") == 1,
          "the database is whole");
    reader_close(reader);
}

int main(int argc, char **argv)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    const char *wanted = argc > 1 ? argv[1] : getenv("KILLS");
    int kills = wanted ? (int)strtol(wanted, NULL, 10) : 20, killed = 0;
    char dir[] = "/tmp/telltale-kill-XXXXXX", path[64], name[80];
    struct ledger ledger = {.seqs = NULL};

    if (!mkdtemp(dir)) {
        perror(dir);
        return 1;
    }
    snprintf(path, sizeof path, "%s/journal.db", dir);
    srand((unsigned)getpid());
    for (int i = 0; i < kills; i++)
        killed += run_once(path, &ledger, i % 4 == 0);
    judge(path, &ledger, kills, killed);
    printf("1..%d\n", cases);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    rmdir(dir);
    free(ledger.seqs);
    return failed;
}
