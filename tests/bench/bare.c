/* What the libraries and the disk take alone, for the body that
 * tests/bench/ingest.py sends: zstd, the rows of an event in SQLite, a sync.
 * No code of telltale's but its tables and its dictionary is measured: what
 * it takes beyond this is its own. Prints, asserts nothing. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>
#include <zstd.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "figure.h"

#include "base/banned.h"

#define ROUNDS 9
#define TURNS 2000
#define EVENTS 40000
#define SYNCS 300
#define LOG_PAGES 4000 /* copied into the database past that many */

extern const struct embedded schema_files[], body_dictionary[];

struct bare {
    char dir[256], path[300];
    char *body, *packed;
    size_t len, packed_len;
    sqlite3 *db;
    sqlite3_stmt *event, *raw, *begin, *commit;
    uint64_t number;
};

static double cpu_us(void)
{
    struct timespec spent;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
}

static void die(const char *what)
{
    fprintf(stderr, "bare: %s\n", what);
    exit(1);
}

/* ---- zstd ---- */

static void measure_zstd(struct bare *bare)
{
    ZSTD_CDict *dict =
        ZSTD_createCDict(body_dictionary[0].text, body_dictionary[0].len, 1);
    ZSTD_CCtx *packer = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(bare->len);
    double cost[ROUNDS], median;

    bare->packed = xmalloc(room);
    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_us();

        for (int turn = 0; turn < TURNS; turn++)
            bare->packed_len =
                ZSTD_compress_usingCDict(packer, bare->packed, room,
                                         bare->body, bare->len, dict);
        cost[round] = (cpu_us() - start) / TURNS;
    }
    median = figure_median(cost, ROUNDS);
    printf("zstd alone             %6.2f us (%zu bytes to %zu)\n", median,
           bare->len, bare->packed_len);
    figure(median, "us", "bare.zstd");
    ZSTD_freeCCtx(packer);
    ZSTD_freeCDict(dict);
}

/* ---- SQLite ---- */

static void run(struct bare *bare, const char *sql)
{
    if (sqlite3_exec(bare->db, sql, NULL, NULL, NULL))
        die(sqlite3_errmsg(bare->db));
}

static sqlite3_stmt *prepare(struct bare *bare, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(bare->db, sql, -1, &statement, NULL))
        die(sqlite3_errmsg(bare->db));
    return statement;
}

static void step(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        die(sqlite3_errmsg(sqlite3_db_handle(statement)));
    sqlite3_reset(statement);
}

static void open_db(struct bare *bare, bool full)
{
    if (sqlite3_open(bare->path, &bare->db))
        die("cannot open a database");
    run(bare, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;"
              "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384");
    run(bare, schema_files[0].text);
    run(bare, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    bare->event = prepare(
        bare, "INSERT INTO events (seq, uuid, occurred_at, received_at, name, "
              "category, tone, hidden, source, flags, who, fold, project, "
              "sentence, url) VALUES (?1, ?2, ?3, ?3, 1, 1, 1, 0, 0, 0, 1, "
              "2, 3, 'created an insight · trends', "
              "'https://us.posthog.com/project/2/insights/x')");
    bare->raw =
        prepare(bare,
                "INSERT INTO bodies (seq, encoding, dict, size, props_at, "
                "props_len, raw) VALUES (?1, 1, 1, 2537, 100, 2000, ?2)");
    bare->begin = prepare(bare, "BEGIN IMMEDIATE");
    bare->commit = prepare(bare, "COMMIT");
}

static void close_db(struct bare *bare)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[320];

    sqlite3_finalize(bare->event);
    sqlite3_finalize(bare->raw);
    sqlite3_finalize(bare->begin);
    sqlite3_finalize(bare->commit);
    sqlite3_close(bare->db);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, sizeof name, "%s%s", bare->path, suffixes[i]);
        unlink(name);
    }
}

static void add_event(struct bare *bare)
{
    int64_t now = 1789373163942 + (int64_t)++bare->number;
    unsigned char uuid[16] = {0};

    for (int i = 0; i < 8; i++)
        uuid[i] = (unsigned char)(bare->number >> (56 - 8 * i));
    sqlite3_bind_int64(bare->event, 1, (sqlite3_int64)bare->number);
    sqlite3_bind_blob(bare->event, 2, uuid, sizeof uuid, SQLITE_STATIC);
    sqlite3_bind_int64(bare->event, 3, now);
    step(bare->event);
    sqlite3_bind_int64(bare->raw, 1, (sqlite3_int64)bare->number);
    sqlite3_bind_blob(bare->raw, 2, bare->packed, (int)bare->packed_len,
                      SQLITE_STATIC);
    step(bare->raw);
}

static int copy_log(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)ctx;
    if (pages > LOG_PAGES)
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                  NULL);
    return SQLITE_OK;
}

/* Processor time and the clock's, of an event in groups of that size. */
static void measure_sqlite(struct bare *bare, int group, bool full)
{
    double start, cpu;
    int64_t wall;

    open_db(bare, full);
    sqlite3_wal_hook(bare->db, copy_log, NULL);
    start = cpu_us();
    wall = clock_mono_us();
    for (int done = 0; done < EVENTS; done += group) {
        step(bare->begin);
        for (int i = 0; i < group; i++)
            add_event(bare);
        step(bare->commit);
    }
    cpu = (cpu_us() - start) / EVENTS;
    wall = clock_mono_us() - wall;
    printf("SQLite, groups of %-4d %6.2f us of a processor, %.2f by the "
           "clock, %s\n",
           group, cpu, (double)wall / EVENTS, full ? "synced" : "not synced");
    figure(cpu, "us", "bare.sqlite.%s.%d", full ? "full" : "off", group);
    figure((double)wall / EVENTS, "us", "bare.sqlite.wall.%s.%d",
           full ? "full" : "off", group);
    close_db(bare);
}

/* ---- the disk ---- */

/* So many bytes over what is there already, as the log is written. */
static void measure_sync(struct bare *bare, size_t bytes)
{
    int fd = open(bare->path, O_RDWR | O_CREAT, 0600);
    char *block = xcalloc(1, bytes);
    int64_t took[SYNCS], median;

    if (fd < 0)
        die("cannot open a file");
    for (int i = 0; i < SYNCS; i++)
        if (pwrite(fd, block, bytes, (off_t)(bytes * (size_t)i)) < 0)
            die("cannot write");
    fsync(fd);
    for (int i = 0; i < SYNCS; i++) {
        int64_t start = clock_mono_us();

        if (pwrite(fd, block, bytes, (off_t)(bytes * (size_t)i)) < 0)
            die("cannot write");
        if (fdatasync(fd))
            die("cannot sync");
        took[i] = clock_mono_us() - start;
    }
    median = figure_time(took, SYNCS, .5);
    printf("%6zu bytes written and synced: %lld us\n", bytes,
           (long long)median);
    figure((double)median, "us", "bare.sync.%zu", bytes / KIB);
    close(fd);
    free(block);
    unlink(bare->path);
}

int main(void)
{
    static struct bare bare;
    const char *tmp = getenv("TMPDIR"), *src = getenv("TESTS_SRC");
    struct err err = {""};
    char name[1024];

    snprintf(bare.dir, sizeof bare.dir, "%s/telltale-bench-XXXXXX",
             tmp ? tmp : "/tmp");
    if (!mkdtemp(bare.dir))
        die("cannot make a folder");
    snprintf(bare.path, sizeof bare.path, "%s/bare.db", bare.dir);
    snprintf(name, sizeof name,
             "%s/tests/fixtures/01_product_analytics_insight_created.json",
             src ? src : ".");
    bare.body = file_slurp(name, LIMIT_BODY, &bare.len, &err);
    if (!bare.body)
        die(err.text);
    measure_zstd(&bare);
    measure_sqlite(&bare, 8, false);
    measure_sqlite(&bare, 32, false);
    measure_sqlite(&bare, 8, true);
    measure_sqlite(&bare, 32, true);
    measure_sync(&bare, 4 * KIB);
    measure_sync(&bare, 64 * KIB);
    rmdir(bare.dir);
    free(bare.body);
    free(bare.packed);
    return 0;
}
