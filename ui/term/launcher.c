/* Starting the browser and the clipboard programs by posix_spawn. Knows no
 * links and no screen: what may be opened is decided before. */
#include "ui/term/launcher.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#include "base/banned.h"

#define MAX_WORDS 16
#define MAX_CHILDREN 16

extern char **environ;

static pid_t children[MAX_CHILDREN];
static size_t child_count;
static pid_t clip; /* the last clipboard program; 0: none */
static enum launcher_end clip_end;

/* True if name is an executable in PATH; the path goes into out. */
static bool find_program(const char *name, char *out, size_t size)
{
    const char *path = getenv("PATH");

    if (strchr(name, '/'))
        return snprintf(out, size, "%s", name) < (int)size &&
               !access(name, X_OK);
    while (path && *path) {
        size_t len = strcspn(path, ":");

        if (len &&
            snprintf(out, size, "%.*s/%s", (int)len, path, name) < (int)size &&
            !access(out, X_OK))
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

static bool set(const char *name)
{
    const char *value = getenv(name);

    return value && *value;
}

/* The first of names that is there. */
static const char *first_program(const char *const *names)
{
    char path[4096];

    for (; *names; names++)
        if (find_program(*names, path, sizeof path))
            return *names;
    return NULL;
}

static const char *desktop_opener(void)
{
    static const char *const names[] = {"xdg-open", "open", "wslview", NULL};

    return first_program(names);
}

bool launcher_has_browser(const char *configured)
{
    if (configured && *configured)
        return true;
    if ((set("SSH_CONNECTION") || set("SSH_TTY")) && !set("DISPLAY") &&
        !set("WAYLAND_DISPLAY"))
        return false;
    return desktop_opener() != NULL;
}

void launcher_reap(void)
{
    size_t kept = 0;
    int status;

    for (size_t i = 0; i < child_count; i++) {
        pid_t ended = waitpid(children[i], &status, WNOHANG);

        if (ended == 0)
            children[kept++] = children[i];
        else if (children[i] == clip)
            clip_end = ended > 0 && WIFEXITED(status) && !WEXITSTATUS(status)
                           ? LAUNCHER_DONE
                           : LAUNCHER_FAILED;
    }
    child_count = kept;
}

enum launcher_end launcher_clipped(void)
{
    launcher_reap();
    return clip_end;
}

/* Its own process group: ^C in our terminal is not meant for it. */
static bool spawn(char *const *words, int input, struct err *err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    char path[4096];
    pid_t pid;
    int failed;

    launcher_reap();
    if (child_count == MAX_CHILDREN)
        return err_set(err, "%d programs started here still run",
                       MAX_CHILDREN);
    if (!find_program(words[0], path, sizeof path))
        return err_set(err, "no program %s", words[0]);
    posix_spawn_file_actions_init(&files);
    if (input >= 0)
        posix_spawn_file_actions_adddup2(&files, input, 0);
    else
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    failed = posix_spawn(&pid, path, &files, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (failed)
        return err_set(err, "%s: %s", words[0], strerror(failed));
    children[child_count++] = pid;
    return true;
}

/* Splits command in place at blanks; returns how many words. */
static size_t split_words(char *command, char **words, size_t most)
{
    size_t count = 0;

    while (count < most) {
        command += strspn(command, " \t");
        if (!*command)
            break;
        words[count++] = command;
        command += strcspn(command, " \t");
        if (*command)
            *command++ = '\0';
    }
    return count;
}

bool launcher_browse(const char *configured, const char *url, struct err *err)
{
    const char *name =
        configured && *configured ? configured : desktop_opener();
    char *words[MAX_WORDS + 2];
    char *command, *address;
    size_t count;
    bool ok;

    if (!name)
        return err_set(err, "no browser: set browser in [links]");
    command = xstrdup(name);
    address = xstrdup(url);
    count = split_words(command, words, MAX_WORDS);
    words[count] = address;
    words[count + 1] = NULL;
    ok = count ? spawn(words, -1, err)
               : err_set(err, "browser in [links] names no program");
    free(address);
    free(command);
    return ok;
}

static const char *desktop_clipboard(void)
{
    static const char *const wayland[] = {"wl-copy", NULL};
    static const char *const x11[] = {"xclip", "xsel", NULL};
    static const char *const mac[] = {"pbcopy", NULL};
    const char *found = NULL;

    if (set("SSH_CONNECTION") || set("SSH_TTY"))
        return NULL;
    if (set("WAYLAND_DISPLAY"))
        found = first_program(wayland);
    if (!found && set("DISPLAY"))
        found = first_program(x11);
    return found ? found : first_program(mac);
}

const char *launcher_clipboard(void)
{
    static const char *const tmux[] = {"tmux", NULL};
    const char *found = desktop_clipboard();

    return found || !set("TMUX") ? found : first_program(tmux);
}

/* The text as an unlinked file: unlike a pipe it never blocks. */
static int file_of(const char *text, size_t len)
{
    char path[] = "/tmp/telltale-clip-XXXXXX";
    int fd = mkstemp(path);

    if (fd < 0)
        return -1;
    unlink(path);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (write(fd, text, len) == (ssize_t)len && !lseek(fd, 0, SEEK_SET))
        return fd;
    close(fd);
    return -1;
}

/* How each is told to take its standard input. tmux hands it on to the
 * clipboard of the terminal it is shown in (-w). */
static const struct clip_words {
    const char *program, *words[3];
} clip_words[] = {
    {"xclip", {"-selection", "clipboard", NULL}},
    {"xsel", {"--clipboard", "--input", NULL}},
    {"tmux", {"load-buffer", "-w", "-"}},
};

bool launcher_clip(const char *program, const char *text, size_t len,
                   struct err *err)
{
    char *words[5] = {xstrdup(program)};
    int fd = file_of(text, len);
    bool ok;

    for (size_t i = 0; i < sizeof clip_words / sizeof *clip_words; i++)
        for (size_t k = 0; k < 3 && !strcmp(clip_words[i].program, program);
             k++)
            words[k + 1] = clip_words[i].words[k]
                               ? xstrdup(clip_words[i].words[k])
                               : NULL;
    ok = fd >= 0 ? spawn(words, fd, err)
                 : err_errno(err, "cannot write a file in /tmp");
    if (ok) {
        clip = children[child_count - 1];
        clip_end = LAUNCHER_RUNS;
    }
    if (fd >= 0)
        close(fd);
    for (size_t k = 0; k < 5; k++)
        free(words[k]);
    return ok;
}
