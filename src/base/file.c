/* Reading a small file in one go: configuration, themes, the book, the event
 * catalogue. Not for journals or anything that grows. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/banned.h"

static bool read_all(FILE *file, const char *path, size_t max, struct buf *buf,
                     struct err *err)
{
    char chunk[4096];
    size_t got;

    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        if (!buf_add(buf, chunk, got))
            return err_set(err, "%s: more than %zu bytes", path, max);
    if (ferror(file))
        return err_errno(err, "%s", path);
    return true;
}

static atomic_bool waits_for_none;

void file_wait_for_none(void)
{
    waits_for_none = true;
}

bool file_is_regular(const char *path, struct err *err)
{
    struct stat info;

    return stat(path, &info) || S_ISREG(info.st_mode) ||
           err_set(err, "%s: not a regular file", path);
}

char *file_slurp(const char *path, size_t max, size_t *len, struct err *err)
{
    struct buf buf;
    char *text = NULL;
    FILE *file;

    *len = 0;
    if (waits_for_none && !file_is_regular(path, err))
        return NULL;
    file = fopen(path, "rb");
    if (!file) {
        err_errno(err, "%s", path);
        return NULL;
    }
    buf_init(&buf, max);
    if (read_all(file, path, max, &buf, err)) {
        *len = buf.len;
        text = buf_take(&buf);
    }
    buf_free(&buf);
    fclose(file);
    return text;
}

#define LOOK_MS 50 /* so soon is it noticed that nobody wants it any more */

/* False when nobody waits for the rest. */
static bool await_bytes(int fd, const atomic_bool *abandoned)
{
    struct pollfd file = {.fd = fd, .events = POLLIN};

    do {
        if (atomic_load(abandoned))
            return false;
    } while (!poll(&file, 1, LOOK_MS));
    return true;
}

static bool read_fd(int fd, const char *path, size_t max, struct buf *buf,
                    const atomic_bool *abandoned, struct err *err)
{
    char chunk[65536];
    ssize_t got;

    for (;;) {
        if (!await_bytes(fd, abandoned))
            return err_set(err, "%s: given up", path);
        got = read(fd, chunk, sizeof chunk);
        if (!got)
            return true;
        if (got > 0 && !buf_add(buf, chunk, (size_t)got))
            return err_set(err, "%s: more than %zu bytes", path, max);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return err_errno(err, "%s", path);
    }
}

char *file_slurp_unless(const char *path, size_t max, size_t *len,
                        const atomic_bool *abandoned, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct buf buf;
    char *text = NULL;

    *len = 0;
    if (fd < 0) {
        err_errno(err, "%s", path);
        return NULL;
    }
    buf_init(&buf, max);
    if (read_fd(fd, path, max, &buf, abandoned, err)) {
        *len = buf.len;
        text = buf_take(&buf);
    }
    buf_free(&buf);
    close(fd);
    return text;
}

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

char *file_name_with(const char *path, const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *name = xmalloc(size);

    snprintf(name, size, "%s%s", path, suffix);
    return name;
}

struct timespec file_changed(const struct stat *info)
{
#ifdef __APPLE__
    return (struct timespec){.tv_sec = info->st_mtime,
                             .tv_nsec = info->st_mtimensec};
#else
    return info->st_mtim;
#endif
}
