/* Blocks for as long as tmux takes to answer, two seconds at most: for
 * commands, not for the loop. */
#include "ui/term/tmux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/banned.h"

#define PATIENCE_US INT64_C(2000000)

extern char **environ;

/* tmux, its standard output going to *out; false when it cannot start. */
static bool start(const char *name, pid_t *pid, int *out)
{
    char *option = xstrdup(name);
    char *words[] = {(char[]){"tmux"}, (char[]){"show-options"},
                     (char[]){"-sv"}, option, NULL};
    posix_spawn_file_actions_t files;
    int ends[2], failed;

    if (pipe(ends)) {
        free(option);
        return false;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    failed = posix_spawnp(pid, words[0], &files, NULL, words, environ);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    if (failed)
        close(ends[0]);
    *out = ends[0];
    free(option);
    return !failed;
}

/* All that comes until its end, what fits of it. False: no end in time. */
static bool read_all(int fd, char *value, size_t size)
{
    int64_t end = clock_mono_us() + PATIENCE_US;
    size_t len = 0;
    char bytes[64];

    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left = end - clock_mono_us();
        ssize_t got;

        if (left <= 0 || poll(&ready, 1, (int)(left / 1000)) == 0)
            return false;
        got = read(fd, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        for (ssize_t i = 0; i < got && len + 1 < size; i++)
            value[len++] = bytes[i];
    }
    value[len] = '\0';
    return true;
}

bool tmux_option(const char *name, char *value, size_t size)
{
    int out = -1, status = 0;
    bool answered;
    pid_t pid;

    if (!start(name, &pid, &out))
        return false;
    answered = read_all(out, value, size);
    close(out);
    if (!answered)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!answered || !WIFEXITED(status) || WEXITSTATUS(status))
        return false;
    value[strcspn(value, "\n")] = '\0';
    return *value;
}
