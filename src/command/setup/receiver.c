/* The child of setup that receives. Parent and child share one socket: a
 * byte tells the child to begin, a line tells the parent where it listens,
 * and its end tells the child to stop. */
#include "command/setup/receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "command/watch.h"
#include "base/banned.h"

/* The child. */

struct child {
    int fd;
    struct app *app;
    struct loop_fd *watched;
};

static void on_parent_gone(void *ctx)
{
    struct child *child = ctx;

    app_stop(child->app, EXIT_DONE);
}

static void on_opened(void *ctx, struct app *app)
{
    struct child *child = ctx;
    char line[128];
    int len = snprintf(line, sizeof line, "%s\n", app_listening(app));

    child->app = app;
    child->watched = loop_watch(app_loop(app), child->fd, on_parent_gone, NULL,
                                child, NULL);
    if (!child->watched || write(child->fd, line, (size_t)len) != len)
        app_stop(app, EXIT_FAILED);
}

static void on_closing(void *ctx)
{
    struct child *child = ctx;

    if (child->watched)
        loop_unwatch(child->watched);
}

static ssize_t read_some(int fd, char *out, size_t size)
{
    ssize_t got;

    do
        got = read(fd, out, size);
    while (got < 0 && errno == EINTR);
    return got;
}

/* What setup was told meanwhile it has written where a receiver looks: book
 * and token; the settings are as they were at the fork. */
static int receive(int fd, struct command_context *context)
{
    struct child child = {.fd = fd};
    struct command_context own = {.config = context->config,
                                  .command = context->command};
    struct watch_options options = {.hidden = true,
                                    .on_open = on_opened,
                                    .on_close = on_closing,
                                    .ctx = &child};
    char byte;

    if (read_some(fd, &byte, 1) != 1)
        return EXIT_DONE;
    config_set(own.config, OPTION_no_mirrors, "yes", "setup", NULL);
    config_set(own.config, OPTION_source, "webhook", "setup", NULL);
    if (!config_text(own.config, OPTION_log))
        log_set_level(LOG_ERROR);
    return watch_receive(&own, &options);
}

/* The parent. */

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define DEADLY (sizeof deadly / sizeof *deadly)

static volatile sig_atomic_t child_pid; /* 0: none */
static struct sigaction before[DEADLY];

/* A child that is stopped goes on, or it would not hear of its end. */
static void on_deadly(int signal)
{
    pid_t pid = child_pid;

    if (pid && !kill(pid, SIGTERM) && !kill(pid, SIGCONT))
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    raise(signal); /* the handler is reset: this ends us once we return */
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_deadly,
                               .sa_flags = (int)SA_RESETHAND};

    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < DEADLY; i++)
        if (!sigaction(deadly[i], NULL, &before[i]) &&
            before[i].sa_handler != SIG_IGN)
            sigaction(deadly[i], &action, NULL);
}

static void release_signals(void)
{
    for (size_t i = 0; i < DEADLY; i++)
        sigaction(deadly[i], &before[i], NULL);
}

/* Both ends are closed where other programs are started. */
static bool open_pair(int ends[2], struct err *err)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        return err_errno(err, "cannot make a socket");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

bool receiver_fork(struct receiver *receiver, struct command_context *context,
                   struct err *err)
{
    int ends[2];
    pid_t pid;

    *receiver = (struct receiver){.fd = -1};
    if (!open_pair(ends, err))
        return false;
    fflush(stdout); /* or both print what waits there */
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        _exit(receive(ends[1], context));
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return err_errno(err, "cannot start a process");
    }
    child_pid = pid;
    receiver->pid = pid;
    receiver->fd = ends[0];
    catch_signals();
    return true;
}

/* Closes our end and waits for the child's: how it ended. */
static int await_end(struct receiver *receiver)
{
    sigset_t all, mask;
    int status = 0;

    close(receiver->fd);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &mask);
    while (waitpid((pid_t)receiver->pid, &status, 0) < 0 && errno == EINTR)
        ;
    child_pid = 0;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    release_signals();
    *receiver = (struct receiver){.fd = -1};
    return status;
}

/* It said what is wrong, unless it could not. */
static int refuse(struct receiver *receiver)
{
    int status = await_end(receiver);

    if (WIFEXITED(status) && WEXITSTATUS(status))
        return WEXITSTATUS(status);
    return command_fail(EXIT_FAILED, "the receiver ended before it listened");
}

int receiver_begin(struct receiver *receiver)
{
    size_t len = 0;
    ssize_t got = write(receiver->fd, "b", 1);

    while (got > 0 && len + 1 < sizeof receiver->address &&
           !memchr(receiver->address, '\n', len)) {
        got = read_some(receiver->fd, receiver->address + len,
                        sizeof receiver->address - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    receiver->address[len] = '\0';
    if (got <= 0)
        return refuse(receiver);
    receiver->address[strcspn(receiver->address, "\n")] = '\0';
    return EXIT_DONE;
}

void receiver_end(struct receiver *receiver)
{
    if (receiver->pid)
        await_end(receiver);
}
