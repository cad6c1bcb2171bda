/* The lock beside a journal. It is advice among telltales: it does not keep
 * other programs from the database, which has locks of its own. */
#include "journal/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "config/path.h"

#include "base/banned.h"

struct owner {
    char *journal_path;
    int fd;
    struct stat seen; /* the lock's file */
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

enum taken { TAKEN, ANOTHERS, CANNOT };

/* The file's descriptor is *fd where it is taken. */
static enum taken take(const char *journal_path, int *fd, long *pid,
                       struct err *err)
{
    char *path = lock_path(journal_path);
    enum taken taken = CANNOT;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) {
        err_errno(err, "cannot open %s", path);
    } else if (!try_lock(*fd) && errno == EWOULDBLOCK) {
        refused(*fd, journal_path, pid, err);
        taken = ANOTHERS;
    } else if (!try_lock(*fd)) {
        err_errno(err, "cannot lock %s", path);
    } else if (!write_owner(*fd)) {
        err_errno(err, "cannot write %s", path);
    } else {
        taken = TAKEN;
    }
    if (taken != TAKEN && *fd >= 0)
        close(*fd);
    free(path);
    return taken;
}

struct owner *owner_take(const char *journal_path, long *pid, struct err *err)
{
    struct owner *owner;
    int fd;

    if (pid)
        *pid = 0;
    if (take(journal_path, &fd, pid, err) != TAKEN)
        return NULL;
    owner = xcalloc(1, sizeof *owner);
    owner->journal_path = xstrdup(journal_path);
    owner->fd = fd;
    fstat(fd, &owner->seen);
    return owner;
}

static bool is_in_place(const struct owner *owner)
{
    char *path = lock_path(owner->journal_path);
    struct stat now;
    bool same = !stat(path, &now) && now.st_ino == owner->seen.st_ino &&
                now.st_dev == owner->seen.st_dev;

    free(path);
    return same;
}

bool owner_keep(struct owner *owner, struct err *err)
{
    enum taken taken;
    struct err why;
    int fd;

    if (is_in_place(owner))
        return true;
    taken = take(owner->journal_path, &fd, NULL, &why);
    if (taken == TAKEN) {
        close(owner->fd);
        owner->fd = fd;
        fstat(fd, &owner->seen);
    }
    return taken != ANOTHERS ||
           err_set(err,
                   "%s, too, since its lock was deleted: stop one of "
                   "the two",
                   why.text);
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
    free(owner->journal_path);
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
