/* confine: a process that has locked itself in, tried from within. Each case
 * runs in a child of its own, since there is no way back. */
#define _DEFAULT_SOURCE /* chroot() */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/confine.h"

static char place[64], inside[96], readable[96], outside[96];

static void write_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0 && write(fd, "x", 1) == 1);
    close(fd);
}

static int make_place(void **state)
{
    char path[128];

    (void)state;
    snprintf(place, sizeof place, "/tmp/telltale-test-XXXXXX");
    if (!mkdtemp(place))
        return -1;
    snprintf(inside, sizeof inside, "%s/inside", place);
    snprintf(readable, sizeof readable, "%s/readable", place);
    snprintf(outside, sizeof outside, "%s/outside", place);
    if (mkdir(inside, 0700) || mkdir(readable, 0700) || mkdir(outside, 0700))
        return -1;
    snprintf(path, sizeof path, "%s/file", readable);
    write_file(path);
    snprintf(path, sizeof path, "%s/file", outside);
    write_file(path);
    return 0;
}

static int remove_place(void **state)
{
    static const char *const files[] = {"inside/new", "inside/sub/new",
                                        "readable/file", "outside/file"};
    static const char *const folders[] = {"inside/sub", "inside", "readable",
                                          "outside"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", place, files[i]);
        unlink(path);
    }
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", place, folders[i]);
        rmdir(path);
    }
    return rmdir(place);
}

#define GAVE_UP_FILES 1
#define GAVE_UP_CALLS 2

/* What a child that is locked in, and then does it, gives back. */
static int within(int (*act)(void))
{
    const char *const reads[] = {readable, NULL};
    const char *const writes[] = {inside, "/nonexistent", NULL};
    const struct confine_paths paths = {reads, writes};
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct confined done;
        struct err err = {""};

        if (!confine(&paths, &done, &err)) {
            fprintf(stderr, "# %s\n", err.text);
            _exit(100);
        }
        if (!act)
            _exit((done.files ? GAVE_UP_FILES : 0) |
                  (done.calls ? GAVE_UP_CALLS : 0));
        errno = 0;
        _exit(act());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* A kernel without it cannot show it. */
static void needs(int what)
{
    if (!(within(NULL) & what))
        skip();
}

static int try_open(const char *folder, const char *name, int flags)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return open(path, flags, 0600) < 0 ? errno : 0;
}

static int read_outside(void)
{
    return try_open(outside, "file", O_RDONLY);
}

static int read_passwords(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int read_others(void)
{
    return open("/proc/1/environ", O_RDONLY) < 0 ? errno : 0;
}

static int write_outside(void)
{
    return try_open(outside, "new", O_WRONLY | O_CREAT);
}

static int write_readable(void)
{
    return try_open(readable, "file", O_WRONLY);
}

static int remove_outside(void)
{
    char path[128];

    snprintf(path, sizeof path, "%s/file", outside);
    return unlink(path) ? errno : 0;
}

static int read_readable(void)
{
    return try_open(readable, "file", O_RDONLY);
}

static int write_inside(void)
{
    char folder[128], from[160], to[128];
    int code = try_open(inside, "new", O_RDWR | O_CREAT);

    snprintf(folder, sizeof folder, "%s/sub", inside);
    if (code || mkdir(folder, 0700))
        return code ? code : errno;
    code = try_open(folder, "new", O_RDWR | O_CREAT | O_TRUNC);
    snprintf(from, sizeof from, "%s/new", folder);
    snprintf(to, sizeof to, "%s/new", inside);
    return code ? code : rename(from, to) ? errno : 0;
}

static int run_a_program(void)
{
    static char word[] = "true";
    char *const words[] = {word, NULL};

    execv("/bin/true", words);
    return errno;
}

static int start_a_process(void)
{
    pid_t child = fork();

    if (!child)
        _exit(0);
    return child < 0 ? errno : 0;
}

static int take_another_root(void)
{
    return chroot(inside) ? errno : 0;
}

static int become_another(void)
{
    return setuid(12345) ? errno : 0;
}

static void *nothing(void *ctx)
{
    return ctx;
}

static int start_a_thread(void)
{
    pthread_t thread;
    int code = pthread_create(&thread, NULL, nothing, NULL);

    return code ? code : pthread_join(thread, NULL);
}

static void *read_outside_there(void *ctx)
{
    *(int *)ctx = read_outside();
    return NULL;
}

static int read_outside_on_a_thread(void)
{
    pthread_t thread;
    int code = -1;

    if (pthread_create(&thread, NULL, read_outside_there, &code))
        return 99;
    pthread_join(thread, NULL);
    return code;
}

static void what_is_outside_cannot_be_opened(void **unused)
{
    (void)unused;
    needs(GAVE_UP_FILES);
    assert_int_equal(within(read_outside), EACCES);
    assert_int_equal(within(read_passwords), EACCES);
    assert_int_equal(within(read_others), EACCES);
    assert_int_equal(within(write_outside), EACCES);
    assert_int_equal(within(remove_outside), EACCES);
    assert_int_equal(within(read_outside_on_a_thread), EACCES);
}

static void what_may_be_read_cannot_be_written(void **unused)
{
    (void)unused;
    needs(GAVE_UP_FILES);
    assert_int_equal(within(read_readable), 0);
    assert_int_equal(within(write_readable), EACCES);
}

static void below_what_may_be_written_everything_goes(void **unused)
{
    (void)unused;
    assert_int_equal(within(write_inside), 0);
}

static void no_program_and_no_process_can_be_started(void **unused)
{
    (void)unused;
    needs(GAVE_UP_CALLS);
    assert_int_equal(within(run_a_program), EPERM);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
    assert_int_equal(within(start_a_process), EPERM);
#else
    (void)start_a_process; /* a sanitizer starts its own */
#endif
    assert_int_equal(within(take_another_root), EPERM);
    assert_int_equal(within(become_another), EPERM);
}

static void threads_can(void **unused)
{
    (void)unused;
    assert_int_equal(within(start_a_thread), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_outside_cannot_be_opened),
        cmocka_unit_test(what_may_be_read_cannot_be_written),
        cmocka_unit_test(below_what_may_be_written_everything_goes),
        cmocka_unit_test(no_program_and_no_process_can_be_started),
        cmocka_unit_test(threads_can),
    };

    return cmocka_run_group_tests(tests, make_place, remove_place);
}
