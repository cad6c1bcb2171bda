/* The lock beside a journal. It is advice among telltales: it does not keep
 * other programs from the database, which has locks of its own. */
#include "journal/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "config/path.h"

#include "base/banned.h"

struct owner {
    int fd;
};

/* Beside the file itself: a journal has one owner by whatever name. */
static char *lock_path(const char *journal_path)
{
    char *real = path_real(journal_path);
    size_t size = strlen(real) + sizeof ".lock";
    char *path = xmalloc(size);

    snprintf(path, size, "%s.lock", real);
    free(real);
    return path;
}

static bool try_lock(int fd)
{
    while (flock(fd, LOCK_EX | LOCK_NB))
        if (errno != EINTR)
            return false;
    return true;
}

/* Reads "PID TIME" into pid and since, which holds CLOCK_ISO_SIZE bytes. */
static void read_owner(int fd, long *pid, char *since)
{
    char text[64] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    char *end;

    *since = '\0';
    *pid = 0;
    if (got <= 0)
        return;
    *pid = strtol(text, &end, 10);
    if (*end == ' ')
        snprintf(since, CLOCK_ISO_SIZE, "%s", end + 1);
    since[strcspn(since, "\n")] = '\0';
}

static bool write_owner(int fd)
{
    char since[CLOCK_ISO_SIZE], text[64];
    int len;

    clock_format_iso(clock_now_ms(), since);
    len = snprintf(text, sizeof text, "%ld %s\n", (long)getpid(), since);
    return !ftruncate(fd, 0) && pwrite(fd, text, (size_t)len, 0) == len;
}

static bool refused(int fd, const char *journal_path, long *pid,
                    struct err *err)
{
    char since[CLOCK_ISO_SIZE];
    long other;

    read_owner(fd, &other, since);
    if (pid)
        *pid = other;
    if (*since)
        return err_set(err, "%s is owned by telltale, pid %ld (since %s)",
                       journal_path, other, since);
    return err_set(err, "%s is owned by another telltale", journal_path);
}

struct owner *owner_take(const char *journal_path, long *pid, struct err *err)
{
    char *path = lock_path(journal_path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct owner *owner = NULL;

    if (pid)
        *pid = 0;
    if (fd < 0)
        err_errno(err, "cannot open %s", path);
    else if (!try_lock(fd) && errno == EWOULDBLOCK)
        refused(fd, journal_path, pid, err);
    else if (!try_lock(fd))
        err_errno(err, "cannot lock %s", path);
    else if (!write_owner(fd))
        err_errno(err, "cannot write %s", path);
    else
        owner = xmalloc(sizeof *owner);
    free(path);
    if (owner)
        owner->fd = fd;
    else if (fd >= 0)
        close(fd);
    return owner;
}

void owner_release(struct owner *owner)
{
    if (!owner)
        return;
    /* What it says is no longer true; should this fail, the lock itself is
     * what counts. */
    if (ftruncate(owner->fd, 0))
        errno = 0;
    close(owner->fd);
    free(owner);
}

long owner_find(const char *journal_path)
{
    char *path = lock_path(journal_path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char since[CLOCK_ISO_SIZE];
    long pid = 0;

    free(path);
    if (fd < 0)
        return 0;
    if (!try_lock(fd))
        read_owner(fd, &pid, since);
    close(fd);
    return pid;
}
