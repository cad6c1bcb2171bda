/* Lines for the operator. One line, one write, so that lines of several
 * processes on one file stay whole; the database of events is elsewhere. What
 * takes no line, like a pipe that nobody reads or a terminal that is held, is
 * not waited for: the line is left out, and counted. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

#include "base/banned.h"

#define LINE_MAX_BYTES 1024
#define LIMITED_EVERY_US 1000000

static int file = -1;
static char *file_path;    /* of file */
static int terminal = -1;  /* standard error's, opened for us alone */
static atomic_uint untold; /* lines that nothing took */
static atomic_bool torn;   /* what was written ends within a line */
static enum log_level shown = LOG_NOTE;
static bool quiet_tty;

static const char *const words[] = {"error", "warning", "note", "debug"};

/* Other threads may be writing lines: the number of the file stays. */
static int take_place(int fd)
{
    if (dup2(fd, file) >= 0)
        fcntl(file, F_SETFD, FD_CLOEXEC);
    close(fd);
    return file;
}

/* Only one of our own may be non-blocking: standard error outlives us in the
 * shell. */
static void open_terminal(void)
{
    char name[PATH_MAX] = "";

    if (terminal < 0 && isatty(STDERR_FILENO) &&
        !ttyname_r(STDERR_FILENO, name, sizeof name))
        terminal = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static int open_file(const char *path, struct err *err)
{
    int fd =
        open(path,
             O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
             S_IRUSR | S_IWUSR);

    if (fd < 0 && errno == ENXIO)
        err_set(err, "%s cannot be written: nobody reads it", path);
    else if (fd < 0)
        err_errno(err, "%s cannot be written", path);
    return fd;
}

bool log_open(const char *path, struct err *err)
{
    char *copy = NULL;
    int fd = path ? open_file(path, err) : -1;

    if (path && fd < 0)
        return false;
    if (path)
        copy = xstrdup(path); /* it may be file_path, which goes */
    if (file >= 0 && fd >= 0)
        fd = take_place(fd);
    else
        log_close();
    free(file_path);
    file = fd;
    file_path = copy;
    if (!path)
        open_terminal();
    return true;
}

bool log_reopen(struct err *err)
{
    return file < 0 || log_open(file_path, err);
}

void log_set_level(enum log_level level)
{
    shown = level;
}

void log_set_quiet_tty(bool quiet)
{
    quiet_tty = quiet;
}

void log_close(void)
{
    if (file >= 0)
        close(file);
    if (terminal >= 0)
        close(terminal);
    file = terminal = -1;
    free(file_path);
    file_path = NULL;
}

/* Of a pipe poll() promises so many bytes, and no more. */
static bool takes_bytes(int fd)
{
    struct pollfd output = {.fd = fd, .events = POLLOUT};

    return poll(&output, 1, 0) > 0;
}

/* A log that cannot be written is nobody's to tell: give up on the line. False
 * when it would have to be waited for. */
static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n;

        if (!takes_bytes(fd))
            return false;
        n = write(fd, bytes, len < PIPE_BUF ? len : PIPE_BUF);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 || errno != EAGAIN;
        torn = bytes[n - 1] != '\n';
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* False when it was left out. */
static bool put_line(enum log_level level, const char *text)
{
    struct buf line;
    char when[CLOCK_ISO_SIZE];
    int fd = file >= 0 ? file : terminal >= 0 ? terminal : STDERR_FILENO;
    bool taken;

    buf_init(&line, 4 * LINE_MAX_BYTES);
    if (torn)
        buf_addc(&line, '\n');
    if (file >= 0) {
        clock_format_iso(clock_now_ms(), when);
        buf_addf(&line, "%s %s: ", when, words[level]);
    } else {
        buf_addf(&line, "telltale: %s%s",
                 level == LOG_ERROR || level == LOG_NOTE ? "" : words[level],
                 level == LOG_ERROR || level == LOG_NOTE ? "" : ": ");
    }
    text_sanitise(&line, text, strlen(text), LINE_MAX_BYTES);
    buf_addc(&line, '\n');
    taken = write_all(fd, line.data, line.len);
    buf_free(&line);
    return taken;
}

static void write_line(enum log_level level, const char *text)
{
    unsigned missed = atomic_exchange(&untold, 0);
    char note[64];

    snprintf(note, sizeof note, "%u %s left out here: nobody read on", missed,
             missed == 1 ? "line was" : "lines were");
    if (missed && !put_line(LOG_WARN, note))
        untold += missed;
    if (!put_line(level, text))
        untold++;
}

static bool wanted(enum log_level level)
{
    return level <= shown && !(file < 0 && quiet_tty && isatty(STDERR_FILENO));
}

void log_line(enum log_level level, const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    va_list args;

    if (!wanted(level))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    write_line(level, text);
}

void log_line_limited(struct log_limit *limit, enum log_level level,
                      const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    int64_t now = clock_mono_us();
    size_t used;
    va_list args;

    if (!wanted(level))
        return;
    if (now < limit->next_us) {
        limit->left_out++;
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    used = strlen(text);
    if (limit->left_out)
        snprintf(text + used, sizeof text - used, " (%u more like it)",
                 limit->left_out);
    limit->next_us = now + LIMITED_EVERY_US;
    limit->left_out = 0;
    write_line(level, text);
}
