/* Commands that print a secret: they are run without a shell, for so long and
 * no longer, or only looked for. No message of this file quotes what one
 * printed. */
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/banned.h"

extern char **environ;

/* Splits command at blanks, in place; at most size - 1 words. */
static size_t split_words(char *command, char **words, size_t size)
{
    size_t count = 0;
    char *at = command;

    while (count < size - 1) {
        at += strspn(at, " \t");
        if (!*at)
            break;
        words[count++] = at;
        at += strcspn(at, " \t");
        if (*at)
            *at++ = '\0';
    }
    words[count] = NULL;
    return count;
}

/* Starts words with its standard output going to *out. */
static bool spawn(char **words, int *out, pid_t *pid, struct err *err)
{
    posix_spawn_file_actions_t actions;
    int ends[2], failure;

    if (pipe(ends))
        return err_errno(err, "%s", words[0]);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    failure = posix_spawnp(pid, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failure) {
        close(ends[0]);
        errno = failure;
        return err_errno(err, "%s", words[0]);
    }
    *out = ends[0];
    return true;
}

/* Poll's time-out until a moment of clock_mono_us(). */
static int ms_until(int64_t deadline_us)
{
    int64_t left = deadline_us - clock_mono_us();

    return left > 0 ? (int)((left + 999) / 1000) : 0;
}

/* read_all() of what a program prints. *late: it did not end in time. */
static bool read_printed(int fd, char *out, size_t size, int64_t deadline_us,
                         bool *late)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    size_t used = 0;

    while (used < size) {
        int came = poll(&ready, 1, ms_until(deadline_us));
        ssize_t n;

        *late = came == 0;
        if (came < 0 && errno == EINTR)
            continue;
        n = came > 0 ? read(fd, out + used, size - used) : -1;
        if (n <= 0) {
            out[used] = '\0';
            return n == 0;
        }
        used += (size_t)n;
    }
    return false;
}

/* Whoever has closed its output has all but ended: asked often at first. */
static bool ends_in_time(pid_t pid, int *status, int64_t deadline_us)
{
    struct timespec pause = {.tv_nsec = 1000000};
    pid_t ended;

    for (;;) {
        ended = waitpid(pid, status, WNOHANG);
        if (ended && (ended > 0 || errno != EINTR))
            return true;
        if (!ms_until(deadline_us))
            return false;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 50000000)
            pause.tv_nsec *= 2;
    }
}

static void kill_late(pid_t pid, int *status)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
}

/* The first line of what words print, into text. */
static bool run(char **words, unsigned limit_ms, char *text, size_t size,
                struct err *err)
{
    int64_t deadline_us = clock_mono_us() + INT64_C(1000) * limit_ms;
    int out = -1, status = 0;
    bool complete, late = false;
    pid_t pid = -1;

    if (!spawn(words, &out, &pid, err))
        return false;
    complete = read_printed(out, text, size, deadline_us, &late);
    close(out);
    if (late || !ends_in_time(pid, &status, deadline_us)) {
        kill_late(pid, &status);
        return err_set(err, "%s did not end within %g s", words[0],
                       limit_ms / 1000.0);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return err_set(err, "%s failed: no secret from it", words[0]);
    return (complete && secret_first_line(text)) ||
           err_set(err, "%s printed no secret on its first line", words[0]);
}

char *secret_from_command(const char *setting, const char *command,
                          unsigned limit_ms, struct err *err)
{
    char *copy = xstrdup(command), *words[64], *result = NULL;
    char text[SECRET_SIZE] = "";
    struct err why;

    if (!split_words(copy, words, 64))
        err_set(err, "%s: the command for a secret is empty", setting);
    else if (!run(words, limit_ms, text, sizeof text, &why))
        err_set(err, "%s: %s", setting, why.text);
    else
        result = xstrdup(text);
    OPENSSL_cleanse(text, sizeof text);
    free(copy);
    return result;
}

static bool is_program(const char *path)
{
    struct stat st;

    if (stat(path, &st))
        return false;
    errno = EACCES;
    return S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* As posix_spawnp() looks for it; errno says why it is not found. */
static bool find_program(const char *name)
{
    const char *folders = getenv("PATH");
    bool found = false, refused = false;
    struct buf path;

    if (strchr(name, '/') || !folders)
        return !folders || is_program(name);
    buf_init(&path, 64 * KIB);
    for (size_t len; !found; folders += len + 1) {
        len = strcspn(folders, ":");
        buf_clear(&path);
        buf_add(&path, folders, len);
        buf_addf(&path, "%s%s", len ? "/" : "", name);
        found = buf_ok(&path) && is_program(path.data);
        refused |= !found && errno == EACCES;
        if (!folders[len])
            break;
    }
    buf_free(&path);
    errno = refused ? EACCES : ENOENT;
    return found;
}

bool secret_command_check(const char *setting, const char *command,
                          struct err *err)
{
    char *copy = xstrdup(command), *words[64];
    bool ok =
        split_words(copy, words, 64)
            ? find_program(words[0]) ||
                  err_errno(err, "%s: %s", setting, words[0])
            : err_set(err, "%s: the command for a secret is empty", setting);

    free(copy);
    return ok;
}
