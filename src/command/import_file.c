/* Reading ahead, and finding newlines. */
#include "command/import_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "command/interrupt.h"

#include "base/banned.h"

#define PIECE (256 * KIB)

bool import_file_open(struct import_file *file, const char *name,
                      struct err *err)
{
    struct stat info;

    *file = (struct import_file){.name = name, .fd = STDIN_FILENO};
    buf_init(&file->bytes, LIMIT_IMPORT_LINE + PIECE);
    if (strcmp(name, "-") != 0)
        file->fd = open(name, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0 || fstat(file->fd, &info))
        return err_errno(err, "%s", name);
    if (S_ISDIR(info.st_mode))
        return err_set(err, "%s: is a folder", name);
    if (S_ISREG(info.st_mode))
        file->size = (uint64_t)info.st_size;
    return true;
}

void import_file_close(struct import_file *file)
{
    if (file->fd > STDIN_FILENO)
        close(file->fd);
    buf_free(&file->bytes);
}

static bool read_more(struct import_file *file, struct err *err)
{
    char *room;
    ssize_t got;

    buf_consume(&file->bytes, file->at);
    file->at = 0;
    room = buf_room(&file->bytes, PIECE);
    do
        got = read(file->fd, room, PIECE);
    while (got < 0 && errno == EINTR && !interrupt_came());
    if (got < 0)
        return err_errno(err, "%s", file->name);
    buf_grew(&file->bytes, room + got);
    file->read += (uint64_t)got;
    file->ended = !got;
    return true;
}

static enum import_step read_failed(void)
{
    return interrupt_came() ? IMPORT_STOPPED : IMPORT_FAILED;
}

/* Forgets what is there of a line that is too long, and the rest of it. */
static enum import_step skip_rest(struct import_file *file, struct err *err)
{
    const char *newline = NULL;

    while (!newline && !file->ended) {
        file->at = file->bytes.len;
        if (!read_more(file, err))
            return read_failed();
        newline = memchr(file->bytes.data, '\n', file->bytes.len);
    }
    file->at =
        newline ? (size_t)(newline - file->bytes.data) + 1 : file->bytes.len;
    return IMPORT_LONG;
}

enum import_step import_file_next(struct import_file *file, const char **text,
                                  size_t *len, struct err *err)
{
    size_t looked = 0;

    for (;;) {
        const char *begin = file->bytes.data + file->at;
        size_t there = file->bytes.len - file->at;
        const char *newline =
            there > looked ? memchr(begin + looked, '\n', there - looked)
                           : NULL;

        *text = begin;
        *len = newline ? (size_t)(newline - begin) : there;
        if (newline || (file->ended && there)) {
            file->line++;
            file->at += *len + (newline != NULL);
            return IMPORT_LINE;
        }
        if (file->ended)
            return IMPORT_END;
        if (there > LIMIT_IMPORT_LINE) {
            file->line++;
            return skip_rest(file, err);
        }
        looked = there;
        if (!read_more(file, err))
            return read_failed();
    }
}
