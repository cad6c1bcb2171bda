/* Reading a small file in one go: configuration, themes, the book, the event
 * catalogue. Not for journals or anything that grows. */
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
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

char *file_slurp(const char *path, size_t max, size_t *len, struct err *err)
{
    FILE *file = fopen(path, "rb");
    struct buf buf;
    char *text = NULL;

    *len = 0;
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

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
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
