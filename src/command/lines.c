/* Standard output beside a receiver. A file is written at once; a terminal
 * is opened a second time, so that making it non-blocking does not outlive
 * us in the shell; a pipe is written in pieces that poll() promises to fit. */
#include "command/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/banned.h"

#define LEAVE_US INT64_C(1000000)

struct lines {
    struct loop_fd *watched; /* NULL: a file, written at once */
    struct buf waiting, line;
    int fd;
    bool own_fd;
    bool in_pieces;  /* a pipe: at most PIPE_BUF at once */
    bool failed;     /* nobody reads */
    bool in_trouble; /* the last write failed */
    bool torn;       /* what was written ends within a line */
    bool ends_first; /* what waits begins with the end of that line */
    uint64_t left_out;
    void (*closed)(void *ctx);
    void *ctx;
};

/* Nobody reads any more. */
static void fail(struct lines *lines)
{
    if (lines->failed)
        return;
    lines->failed = true;
    buf_clear(&lines->waiting);
    lines->closed(lines->ctx);
}

static uint64_t count_lines(const struct buf *text)
{
    const char *at = text->data, *end = text->data + text->len;
    uint64_t count = 0;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        count++;
        at++;
    }
    return count;
}

/* A full disk, say: what waits is left out, what comes is tried again. A line
 * of which a part was written is ended before the next one. */
static void leave_out(struct lines *lines)
{
    if (!lines->in_trouble)
        log_line(LOG_ERROR,
                 "standard output cannot be written: %s. Lines are left out, "
                 "events are kept",
                 strerror(errno));
    lines->left_out += count_lines(&lines->waiting) - lines->ends_first;
    lines->in_trouble = true;
    lines->ends_first = lines->torn;
    buf_clear(&lines->waiting);
    if (lines->torn)
        buf_addc(&lines->waiting, '\n');
}

static void note_written(struct lines *lines, size_t len)
{
    if (lines->in_trouble)
        log_line(LOG_NOTE, "standard output takes lines again");
    lines->torn = lines->waiting.data[len - 1] != '\n';
    lines->in_trouble = lines->ends_first = false;
    buf_consume(&lines->waiting, len);
}

static bool is_ready(const struct lines *lines, int wait_ms)
{
    struct pollfd poller = {.fd = lines->fd, .events = POLLOUT};

    return poll(&poller, 1, wait_ms) > 0;
}

/* Writes until nothing waits or the other side takes no more. */
static void write_on(struct lines *lines)
{
    while (lines->waiting.len && !lines->failed) {
        size_t size = lines->waiting.len;
        ssize_t n;

        if (lines->in_pieces && size > PIPE_BUF)
            size = PIPE_BUF;
        if (lines->in_pieces && !is_ready(lines, 0))
            return;
        n = write(lines->fd, lines->waiting.data, size);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0 && errno != EINTR) {
            if (errno == EPIPE)
                fail(lines);
            else
                leave_out(lines);
            return;
        }
        if (n > 0)
            note_written(lines, (size_t)n);
    }
}

static void on_writable(void *ctx)
{
    lines_flush(ctx);
}

void lines_flush(struct lines *lines)
{
    write_on(lines);
    if (lines->waiting.len && lines->watched)
        loop_fd_want_write(lines->watched);
}

/* A terminal of our own to write to; false: use standard output itself. */
static bool open_terminal(struct lines *lines)
{
    const char *name = isatty(STDOUT_FILENO) ? ttyname(STDOUT_FILENO) : NULL;
    int fd =
        name ? open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;

    if (fd < 0)
        return false;
    lines->fd = fd;
    lines->own_fd = true;
    return true;
}

struct lines *lines_new(struct loop *loop, void (*closed)(void *ctx),
                        void *ctx, struct err *err)
{
    struct lines *lines = xcalloc(1, sizeof *lines);
    struct stat st;

    lines->closed = closed;
    lines->ctx = ctx;
    lines->fd = STDOUT_FILENO;
    buf_init(&lines->waiting, LIMIT_LINES_WAITING);
    buf_init(&lines->line, LIMIT_LINE);
    if (!open_terminal(lines)) {
        lines->in_pieces = true;
        if (!fstat(STDOUT_FILENO, &st) &&
            (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))) {
            lines->in_pieces = false;
            return lines;
        }
    }
    lines->watched =
        loop_watch(loop, lines->fd, NULL, on_writable, lines, err);
    if (!lines->watched) {
        lines_free(lines);
        return NULL;
    }
    return lines;
}

void lines_free(struct lines *lines)
{
    int64_t until = clock_mono_us() + LEAVE_US;

    while (lines->waiting.len && !lines->failed && clock_mono_us() < until)
        if (is_ready(lines, 100))
            write_on(lines);
    if (lines->watched)
        loop_unwatch(lines->watched);
    if (lines->own_fd)
        close(lines->fd);
    buf_free(&lines->waiting);
    buf_free(&lines->line);
    free(lines);
}

struct buf *lines_begin(struct lines *lines)
{
    buf_clear(&lines->line);
    return &lines->line;
}

void lines_end(struct lines *lines)
{
    size_t before = lines->waiting.len;

    if (lines->failed)
        return;
    if (buf_ok(&lines->line) &&
        buf_add(&lines->waiting, lines->line.data, lines->line.len))
        return;
    lines->waiting.overflow = false;
    buf_truncate(&lines->waiting, before);
    lines->left_out++;
}

uint64_t lines_left_out(const struct lines *lines)
{
    return lines->left_out;
}
