/* Lines for the operator. One line, one write, so that lines of several
 * processes on one file stay whole; the database of events is elsewhere. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
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
static char *file_path; /* of file */
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

bool log_open(const char *path, struct err *err)
{
    char *copy = NULL;
    int fd = -1;

    if (path) {
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
                  S_IRUSR | S_IWUSR);
        if (fd < 0)
            return err_errno(err, "%s cannot be written", path);
    }
    if (path)
        copy = xstrdup(path); /* it may be file_path, which goes */
    if (file >= 0 && fd >= 0)
        fd = take_place(fd);
    else
        log_close();
    free(file_path);
    file = fd;
    file_path = copy;
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
    file = -1;
    free(file_path);
    file_path = NULL;
}

/* A log that cannot be written is nobody's to tell: give up on the line. */
static void write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void write_line(enum log_level level, const char *text)
{
    struct buf line;
    char when[CLOCK_ISO_SIZE];

    buf_init(&line, 4 * LINE_MAX_BYTES);
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
    write_all(file >= 0 ? file : STDERR_FILENO, line.data, line.len);
    buf_free(&line);
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
