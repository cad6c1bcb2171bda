/* Paths: home, "~", parents, temporary names. Knows no option and no file
 * format. */
#define _XOPEN_SOURCE 700 /* realpath() */

#include "config/path.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/config.h"
#include "base/banned.h"

#define LINKS_MAX 40 /* in a row: as the kernel has it */

static char *joined(const char *directory, const char *name)
{
    struct buf out;

    buf_init(&out, strlen(directory) + 1 + strlen(name));
    buf_addf(&out, "%s/%s", directory, name);
    return buf_take(&out);
}

char *path_home(void)
{
    const char *home = getenv("HOME");
    struct passwd entry, *found = NULL;
    char space[4096];

    if (home && home[0] == '/')
        return xstrdup(home);
    if (getpwuid_r(getuid(), &entry, space, sizeof space, &found) || !found)
        return NULL;
    return found->pw_dir[0] == '/' ? xstrdup(found->pw_dir) : NULL;
}

char *path_expand(const char *path)
{
    char *home, *result;

    if (path[0] != '~' || (path[1] && path[1] != '/'))
        return xstrdup(path);
    home = path_home();
    if (!home)
        return NULL;
    result = path[1] ? joined(home, path + 2) : xstrdup(home);
    free(home);
    return result;
}

char *path_beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    char *directory, *result;

    if (name[0] == '/' || !slash)
        return xstrdup(name);
    directory = xstrndup(file, (size_t)(slash - file));
    result = joined(directory, name);
    free(directory);
    return result;
}

/* The directory resolved, the file's own name kept. */
static char *real_place(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *given =
        slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
    char *real = realpath(given, NULL), *result;

    result =
        real ? joined(strcmp(real, "/") ? real : "", slash ? slash + 1 : path)
             : xstrdup(path);
    free(given);
    free(real);
    return result;
}

char *path_real(const char *path)
{
    char *real = realpath(path, NULL), *at, *next;
    char target[4096];

    if (real)
        return real;
    at = real_place(path);
    for (int links = 0; links < LINKS_MAX; links++) {
        ssize_t len = readlink(at, target, sizeof target - 1);

        if (len < 0)
            break;
        target[len] = '\0';
        next = path_beside(at, target);
        free(at);
        at = real_place(next);
        free(next);
    }
    return at;
}

char *path_temporary(const char *path)
{
    struct buf out;

    buf_init(&out, strlen(path) + 32);
    buf_addf(&out, "%s.%ld.tmp", path, (long)getpid());
    return buf_take(&out);
}

int path_create(const char *path)
{
    if (unlink(path) && errno != ENOENT)
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

bool path_make_parents(const char *path, struct err *err)
{
    char *copy = xstrdup(path);
    bool ok = true;

    for (char *slash = strchr(copy + 1, '/'); slash && ok;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) && errno != EEXIST)
            ok = err_errno(err, "cannot make %s", copy);
        *slash = '/';
    }
    free(copy);
    return ok;
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

bool path_replace(const char *path, const char *text, size_t len)
{
    char *temporary = path_temporary(path);
    int fd = path_create(temporary);
    bool ok = fd >= 0 && write_all(fd, text, len);

    if (fd >= 0)
        ok = !close(fd) && ok && !rename(temporary, path);
    if (!ok)
        unlink(temporary);
    free(temporary);
    return ok;
}

/* What root puts into the directory of a service's user is read by that user:
 * it is theirs, like what they put there themselves. False: it stays root's. */
static bool give_to_user_of(const char *directory, int fd)
{
    struct stat st;

    return !geteuid() && !stat(directory, &st) &&
           !fchown(fd, st.st_uid, st.st_gid);
}

bool config_write_file(const char *path, const char *text, size_t len,
                       struct err *err)
{
    char *temporary = path_temporary(path),
         *directory = path_beside(path, ".");
    int fd = path_create(temporary);
    bool ok;

    if (fd >= 0)
        (void)give_to_user_of(directory, fd);
    ok = fd >= 0 && write_all(fd, text, len) && !fsync(fd) &&
         !rename(temporary, path);
    if (!ok) {
        err_errno(err, "%s", path);
        unlink(temporary);
    }
    if (fd >= 0)
        close(fd);
    free(directory);
    free(temporary);
    return ok;
}
