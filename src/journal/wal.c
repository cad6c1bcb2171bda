/* Reading the log by its format. Judges nothing: guard.c does. */
#include "journal/wal.h"

#include <stdint.h>
#include <string.h>

#include "base/banned.h"

#define LOG_HEADER 32
#define FRAME_HEADER 24
#define PAGE_SIZE_MAX 65536
#define SALT 16 /* where it stands in the log's header */
#define FRAME_SALT 8
#define INDEX_PAGE 32768
#define INDEX_VERSION 3007000
/* Whoever begins the log anew changes its index first. To be met while doing
 * so as often as this in a row, somebody would have to do nothing else. */
#define LOOKS_MAX 8

/* ---- the log ---- */

static bool read_log(const struct wal *wal, void *out, size_t len,
                     sqlite3_int64 at)
{
    sqlite3_file *log = NULL;

    return !sqlite3_file_control(wal->db, "main", SQLITE_FCNTL_JOURNAL_POINTER,
                                 &log) &&
           log && log->pMethods &&
           !log->pMethods->xRead(log, out, (int)len, at);
}

static uint32_t number_at(const unsigned char *bytes, bool big)
{
    return big ? (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                     (uint32_t)bytes[2] << 8 | bytes[3]
               : (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
                     (uint32_t)bytes[1] << 8 | bytes[0];
}

/* The sum of https://www.sqlite.org/walformat.html#checksum_algorithm */
static void add_up(const unsigned char *bytes, size_t len, bool big,
                   uint32_t sum[2])
{
    for (size_t i = 0; i < len; i += 8) {
        sum[0] += number_at(bytes + i, big) + sum[1];
        sum[1] += number_at(bytes + i + 4, big) + sum[0];
    }
}

static bool sums_to(const unsigned char *stored, const uint32_t sum[2])
{
    return number_at(stored, true) == sum[0] &&
           number_at(stored + 4, true) == sum[1];
}

static bool read_header(const struct wal *wal,
                        unsigned char header[LOG_HEADER], bool *big,
                        uint32_t sum[2])
{
    uint32_t magic;

    if (!read_log(wal, header, LOG_HEADER, 0))
        return false;
    magic = number_at(header, true);
    *big = magic & 1;
    sum[0] = sum[1] = 0;
    add_up(header, 24, *big, sum);
    return (magic | 1) == 0x377f0683 &&
           number_at(header + 8, true) == wal->page_size &&
           sums_to(header + 24, sum);
}

static sqlite3_int64 frame_at(const struct wal *wal, size_t number)
{
    return LOG_HEADER +
           (sqlite3_int64)(number * (FRAME_HEADER + wal->page_size));
}

/* The header, then each frame, with the salt that it left in *salt. */
static bool is_whole(const struct wal *wal, size_t frames,
                     unsigned char salt[WAL_SALT_SIZE])
{
    unsigned char header[LOG_HEADER], frame[FRAME_HEADER + PAGE_SIZE_MAX];
    size_t len = FRAME_HEADER + wal->page_size;
    uint32_t sum[2];
    bool big;

    if (!read_header(wal, header, &big, sum))
        return false;
    memcpy(salt, header + SALT, WAL_SALT_SIZE);
    for (size_t i = 0; i < frames; i++) {
        if (!read_log(wal, frame, len, frame_at(wal, i)))
            return false;
        add_up(frame, 8, big, sum);
        add_up(frame + FRAME_HEADER, wal->page_size, big, sum);
        if (memcmp(frame + FRAME_SALT, salt, WAL_SALT_SIZE) ||
            !sums_to(frame + 16, sum))
            return false;
    }
    return true;
}

bool wal_is_whole(const struct wal *wal, size_t frames)
{
    unsigned char salt[WAL_SALT_SIZE];

    return is_whole(wal, frames, salt);
}

bool wal_has_ends(struct wal *wal, size_t frames)
{
    unsigned char header[LOG_HEADER], frame[FRAME_HEADER];
    uint32_t sum[2];
    bool big;

    if (!read_header(wal, header, &big, sum) ||
        !read_log(wal, frame, sizeof frame, frame_at(wal, frames - 1)) ||
        memcmp(frame + FRAME_SALT, header + SALT, WAL_SALT_SIZE) ||
        !number_at(frame + 4, true))
        return false;
    memcpy(wal->salt, header + SALT, WAL_SALT_SIZE);
    return true;
}

/* ---- its index ---- */

/* https://www.sqlite.org/walformat.html#the_wal_index_header; it stands there
 * twice, the second is written first. */
struct index_header {
    uint32_t version, unused, changes;
    uint8_t is_ready, big_sums;
    uint16_t page_size;
    uint32_t frames, pages, frame_sum[2];
    unsigned char salt[WAL_SALT_SIZE];
    uint32_t sum[2];
};

_Static_assert(sizeof(struct index_header) == 48, "SQLite's format");

/* False: it cannot be read, or somebody writes it just now. */
static bool read_index(const struct wal *wal, struct index_header *out)
{
    struct index_header again;
    sqlite3_file *file = NULL;
    void volatile *page = NULL;

    if (sqlite3_file_control(wal->db, "main", SQLITE_FCNTL_FILE_POINTER,
                             &file) ||
        !file || !file->pMethods || file->pMethods->iVersion < 2 ||
        file->pMethods->xShmMap(file, 0, INDEX_PAGE, 0, &page) || !page)
        return false;
    memcpy(out, (const void *)page, sizeof *out);
    file->pMethods->xShmBarrier(file);
    memcpy(&again, (const char *)page + sizeof *out, sizeof again);
    return !memcmp(out, &again, sizeof again) && out->is_ready &&
           out->version == INDEX_VERSION;
}

static bool is_as(const struct wal *wal, const struct index_header *index)
{
    unsigned char salt[WAL_SALT_SIZE];

    return !index->frames || (is_whole(wal, index->frames, salt) &&
                              !memcmp(salt, index->salt, WAL_SALT_SIZE));
}

bool wal_is_as_indexed(struct wal *wal, size_t *frames)
{
    for (int i = 0; i < LOOKS_MAX; i++) {
        struct index_header index;

        if (!read_index(wal, &index))
            continue;
        if (!memcmp(index.salt, wal->salt, WAL_SALT_SIZE) &&
            index.frames < *frames)
            return false;
        if (is_as(wal, &index)) {
            memcpy(wal->salt, index.salt, WAL_SALT_SIZE);
            *frames = index.frames;
            return true;
        }
    }
    return false;
}
