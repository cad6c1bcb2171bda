/* Pages, cells, records. Nothing here trusts a number that it read: every
 * offset is checked against its page, every page against the file, and a
 * chain of pages ends after as many as its length needs. */
#include "journal/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

#define LOG_HEADER 32
#define FRAME_HEADER 24

enum { INDEX_INNER = 2, TABLE_INNER = 5, INDEX_LEAF = 10, TABLE_LEAF = 13 };

struct file {
    int fd, log; /* log: -1 where there is none */
    size_t page_size;
    uint32_t count;  /* of pages */
    int64_t *newest; /* by page: where it is in the log; 0: in the file */
    unsigned char *page, *other;
    struct buf payload;
    struct pages_report *report;
};

static uint32_t big(const unsigned char *bytes, int len)
{
    uint32_t number = 0;

    while (len--)
        number = number << 8 | *bytes++;
    return number;
}

static uint32_t number_at(const unsigned char *bytes, bool is_big)
{
    return is_big ? big(bytes, 4)
                  : (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
                        (uint32_t)bytes[1] << 8 | bytes[0];
}

/* ---- the file and its log ---- */

static bool read_at(int fd, void *out, size_t len, int64_t at)
{
    return pread(fd, out, len, at) == (ssize_t)len;
}

static bool is_page_size(uint32_t size)
{
    return size >= 512 && size <= 65536 && !(size & (size - 1));
}

/* From the head of the file or of the log, whichever is there. */
static size_t find_page_size(const struct file *file)
{
    unsigned char head[LOG_HEADER];
    uint32_t size;

    if (read_at(file->fd, head, sizeof head, 0) &&
        !memcmp(head, "SQLite format 3", 16)) {
        size = big(head + 16, 2) == 1 ? 65536 : big(head + 16, 2);
        if (is_page_size(size))
            return size;
    }
    if (file->log >= 0 && read_at(file->log, head, sizeof head, 0) &&
        is_page_size(big(head + 8, 4)))
        return big(head + 8, 4);
    return 4096;
}

static void add_up(const unsigned char *bytes, size_t len, bool is_big,
                   uint32_t sum[2])
{
    for (size_t i = 0; i < len; i += 8) {
        sum[0] += number_at(bytes + i, is_big) + sum[1];
        sum[1] += number_at(bytes + i + 4, is_big) + sum[0];
    }
}

static void note_page(struct file *file, uint32_t number, int64_t at)
{
    /* No journal grows by so much in one log. */
    if (!number || number > file->count + LIMIT_WAL_FILE)
        return;
    if (number > file->count) {
        file->newest = xreallocarray(file->newest, number + (size_t)1,
                                     sizeof *file->newest);
        memset(file->newest + file->count + 1, 0,
               (number - file->count) * sizeof *file->newest);
        file->count = number;
    }
    file->newest[number] = at;
}

/* ---- the log ---- */

/* A walk over the frames of the log's last beginning. The sum that a frame
 * starts with stands in the one before it, so each is judged for itself: one
 * that was overwritten does not take those after it along. */
struct walk {
    int64_t at;
    unsigned char salt[8], frame[FRAME_HEADER];
    uint32_t sum[2];
    bool is_big, good;
};

static bool begin_walk(const struct file *file, struct walk *walk)
{
    unsigned char header[LOG_HEADER];

    *walk = (struct walk){.at = LOG_HEADER -
                                (int64_t)(FRAME_HEADER + file->page_size)};
    if (file->log < 0 || !read_at(file->log, header, sizeof header, 0))
        return false;
    walk->is_big = header[3] & 1;
    add_up(header, 24, walk->is_big, walk->sum);
    memcpy(walk->salt, header + 16, sizeof walk->salt);
    if (big(header + 24, 4) == walk->sum[0] &&
        big(header + 28, 4) == walk->sum[1])
        return true;
    /* Without its header: the frames know their salt, too, and SQLite sums up
     * in the order of the machine's bytes. */
    walk->is_big = !*(const unsigned char *)&(const uint16_t){1};
    return read_at(file->log, walk->salt, sizeof walk->salt, LOG_HEADER + 8);
}

static bool next_frame(struct file *file, struct walk *walk)
{
    walk->at += (int64_t)(FRAME_HEADER + file->page_size);
    if (!read_at(file->log, walk->frame, FRAME_HEADER, walk->at) ||
        !read_at(file->log, file->page, file->page_size,
                 walk->at + FRAME_HEADER) ||
        memcmp(walk->frame + 8, walk->salt, sizeof walk->salt))
        return false;
    add_up(walk->frame, 8, walk->is_big, walk->sum);
    add_up(file->page, file->page_size, walk->is_big, walk->sum);
    walk->good = big(walk->frame + 16, 4) == walk->sum[0] &&
                 big(walk->frame + 20, 4) == walk->sum[1];
    walk->sum[0] = big(walk->frame + 16, 4);
    walk->sum[1] = big(walk->frame + 20, 4);
    return true;
}

static bool is_commit(const struct walk *walk)
{
    return walk->good && big(walk->frame + 4, 4);
}

/* Up to the last commit. */
static void read_log(struct file *file)
{
    int64_t last = 0;
    struct walk walk;

    if (!begin_walk(file, &walk))
        return;
    while (next_frame(file, &walk))
        if (is_commit(&walk))
            last = walk.at;
    begin_walk(file, &walk);
    while (next_frame(file, &walk) && walk.at <= last)
        if (walk.good)
            note_page(file, big(walk.frame, 4), walk.at + FRAME_HEADER);
}

static bool read_page(const struct file *file, uint32_t number,
                      unsigned char *out)
{
    if (!number || number > file->count)
        return false;
    if (file->newest[number])
        return read_at(file->log, out, file->page_size, file->newest[number]);
    return read_at(file->fd, out, file->page_size,
                   (int64_t)(number - 1) * (int64_t)file->page_size);
}

/* ---- records ---- */

/* A number of up to nine bytes; 0 when it does not fit. */
static size_t read_varint(const unsigned char *bytes, size_t len,
                          uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len && i < 8; i++) {
        *out = *out << 7 | (bytes[i] & 0x7f);
        if (!(bytes[i] & 0x80))
            return i + 1;
    }
    if (len < 9)
        return 0;
    *out = *out << 8 | bytes[8];
    return 9;
}

static int64_t read_integer(const unsigned char *bytes, size_t len)
{
    uint64_t number = len && bytes[0] & 0x80 ? UINT64_MAX : 0;

    for (size_t i = 0; i < len; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

/* Of the type code, in bytes; false: a code that is none of ours. */
static bool read_value(uint64_t type, const unsigned char *bytes, size_t left,
                       struct pages_value *value)
{
    static const unsigned char lengths[] = {0, 1, 2, 3, 4, 6, 8};

    *value = (struct pages_value){.kind = PAGES_INTEGER, .bytes = bytes};
    if (type == 0)
        value->kind = PAGES_NULL;
    else if (type <= 6)
        value->len = lengths[type];
    else if (type == 8 || type == 9)
        value->number = (int64_t)type - 8;
    else if (type < 12)
        return false; /* 7: a broken number; 10, 11: reserved */
    else {
        value->kind = type & 1 ? PAGES_TEXT : PAGES_BLOB;
        if ((type - 12) / 2 > left)
            return false;
        value->len = (size_t)(type - 12) / 2;
    }
    if (value->len > left)
        return false;
    if (value->kind == PAGES_INTEGER && value->len)
        value->number = read_integer(bytes, value->len);
    return true;
}

static bool read_record(const unsigned char *bytes, size_t len,
                        struct row *row)
{
    uint64_t header, type;
    size_t at = read_varint(bytes, len, &header), body;

    if (!at || header > len)
        return false;
    body = (size_t)header;
    for (row->count = 0; at < header; row->count++) {
        size_t used = read_varint(bytes + at, (size_t)header - at, &type);
        struct pages_value *value = &row->values[row->count];

        if (!used || row->count == PAGES_COLUMNS ||
            !read_value(type, bytes + body, len - body, value))
            return false;
        at += used;
        body += value->len;
    }
    return row->count && body == len;
}

/* ---- cells ---- */

/* How much of a payload lies in the page itself. */
static size_t local_size(const struct file *file, uint64_t size, bool table)
{
    size_t usable = file->page_size;
    size_t most = table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
    size_t least = (usable - 12) * 32 / 255 - 23, some;

    if (size <= most)
        return (size_t)size;
    some = least + (size_t)((size - least) % (usable - 4));
    return some <= most ? some : least;
}

/* The payload at bytes, left of which are in the page; goes on in others. */
static bool gather(struct file *file, const unsigned char *bytes, size_t left,
                   uint64_t size, bool table)
{
    size_t local = local_size(file, size, table);
    uint32_t next;

    buf_clear(&file->payload);
    if (size > LIMIT_SALVAGED_ROW || local > left ||
        (local < size && local + 4 > left))
        return false;
    buf_add(&file->payload, bytes, local);
    next = local < size ? big(bytes + local, 4) : 0;
    while (file->payload.len < size) {
        size_t part = (size_t)size - file->payload.len;

        if (part > file->page_size - 4)
            part = file->page_size - 4;
        if (!read_page(file, next, file->other))
            return false;
        buf_add(&file->payload, file->other + 4, part);
        next = big(file->other, 4);
    }
    return buf_ok(&file->payload);
}

static bool read_cell(struct file *file, int kind, size_t at, struct row *row)
{
    const unsigned char *page = file->page;
    uint64_t size, rowid = 0;
    size_t used;

    if (kind == INDEX_INNER)
        at += 4;
    if (at >= file->page_size)
        return false;
    used = read_varint(page + at, file->page_size - at, &size);
    at += used;
    row->keyed = kind == TABLE_LEAF;
    if (used && row->keyed) {
        used = read_varint(page + at, file->page_size - at, &rowid);
        at += used;
    }
    row->rowid = (int64_t)rowid;
    return used &&
           gather(file, page + at, file->page_size - at, size, row->keyed) &&
           read_record((const unsigned char *)file->payload.data,
                       file->payload.len, row);
}

static bool take_page(struct file *file, uint32_t number,
                      bool (*take)(void *ctx, const struct row *row,
                                   struct err *err),
                      void *ctx, struct err *err)
{
    size_t start = number == 1 ? 100 : 0;
    const unsigned char *head = file->page + start;
    int kind = head[0];
    size_t cells = big(head + 3, 2);
    size_t list = start + (kind == INDEX_INNER ? 12 : 8);

    if (kind != TABLE_LEAF && kind != INDEX_LEAF && kind != INDEX_INNER)
        return true;
    for (size_t i = 0; i < cells && list + 2 * i + 2 <= file->page_size; i++) {
        struct row row;

        if (!read_cell(file, kind, big(file->page + list + 2 * i, 2), &row))
            file->report->torn++;
        else if (!take(ctx, &row, err))
            return false;
    }
    return true;
}

/* ---- all of it ---- */

/* Journals are of auto_vacuum incremental: these pages say who points to
 * each of the next ones. */
static bool is_map(const struct file *file, uint32_t number)
{
    return number >= 2 && !((number - 2) % (file->page_size / 5 + 1));
}

static bool open_file(struct file *file, const char *path, struct err *err)
{
    struct stat info;
    struct buf log;

    buf_init(&log, strlen(path) + sizeof "-wal");
    buf_adds(&log, path);
    buf_adds(&log, "-wal");
    file->log = open(log.data, O_RDONLY | O_CLOEXEC);
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    buf_free(&log);
    if (file->fd < 0 && (errno != ENOENT || file->log < 0))
        return err_errno(err, "cannot read %s", path);
    if (file->fd < 0)
        info.st_size = 0; /* the log alone */
    else if (fstat(file->fd, &info))
        return err_errno(err, "cannot read %s", path);
    file->page_size = find_page_size(file);
    file->count = (uint32_t)((size_t)info.st_size / file->page_size);
    file->newest = xcalloc(file->count + (size_t)1, sizeof *file->newest);
    file->page = xcalloc(1, file->page_size);
    file->other = xcalloc(1, file->page_size);
    read_log(file);
    return true;
}

static void close_file(struct file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->log >= 0)
        close(file->log);
    free(file->newest);
    free(file->page);
    free(file->other);
    buf_free(&file->payload);
}

bool pages_log_is_torn(const char *path)
{
    struct file file = {.fd = -1, .log = -1};
    unsigned commits = 0;
    bool torn = false;
    struct walk walk;

    buf_init(&file.payload, 1);
    if (open_file(&file, path, NULL) && begin_walk(&file, &walk))
        while (next_frame(&file, &walk)) {
            torn = torn || !walk.good;
            commits += torn && is_commit(&walk);
        }
    close_file(&file);
    return commits > 1;
}

bool pages_rows(const char *path,
                bool (*take)(void *ctx, const struct row *row,
                             struct err *err),
                void *ctx, struct pages_report *report, struct err *err)
{
    struct file file = {.fd = -1, .log = -1, .report = report};
    bool ok;

    *report = (struct pages_report){0};
    buf_init(&file.payload, LIMIT_SALVAGED_ROW);
    ok = open_file(&file, path, err);
    for (uint32_t i = 1; ok && i <= file.count; i++) {
        report->pages++;
        if (!is_map(&file, i) && read_page(&file, i, file.page))
            ok = take_page(&file, i, take, ctx, err);
    }
    close_file(&file);
    return ok;
}
