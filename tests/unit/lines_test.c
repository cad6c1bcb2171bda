/* command/lines: standard output that takes only a part, or no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command/lines.h"

#include "base/banned.h"

struct place {
    char path[64];
    int fd, before; /* the file; what was standard output */
    struct rlimit size;
    struct lines *lines;
    unsigned closed;
};

static void on_closed(void *ctx)
{
    struct place *place = ctx;

    place->closed++;
}

/* Standard output is fd from here on. */
static struct lines *open_lines(struct place *place, int fd)
{
    struct err err = {""};

    fflush(stdout);
    place->before = dup(STDOUT_FILENO);
    assert_int_not_equal(place->before, -1);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    place->lines = lines_new(NULL, on_closed, place, &err);
    return place->lines;
}

static void close_lines(struct place *place)
{
    lines_free(place->lines);
    dup2(place->before, STDOUT_FILENO);
    close(place->before);
}

static void add(struct place *place, const char *line)
{
    buf_adds(lines_begin(place->lines), line);
    lines_end(place->lines);
    lines_flush(place->lines);
}

/* As a disk that is full once so much was written. */
static void allow(const struct place *place, rlim_t bytes)
{
    struct rlimit size = {bytes, place->size.rlim_max};

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &size), 0);
}

static void holds(const struct place *place, const char *text)
{
    char found[64] = "";

    assert_true(pread(place->fd, found, sizeof found - 1, 0) >= 0);
    assert_string_equal(found, text);
}

static int set_up(void **state)
{
    static struct place place;

    place = (struct place){.path = "/tmp/telltale-lines-XXXXXX"};
    place.fd = mkstemp(place.path);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &place.size);
    *state = &place;
    return place.fd < 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    setrlimit(RLIMIT_FSIZE, &place->size);
    close(place->fd);
    return unlink(place->path);
}

static void lines_go_into_a_file_at_once(void **state)
{
    struct place *place = *state;
    uint64_t left_out;

    open_lines(place, place->fd);
    add(place, "one\n");
    add(place, "two\n");
    left_out = lines_left_out(place->lines);
    close_lines(place);
    holds(place, "one\ntwo\n");
    assert_int_equal(left_out, 0);
    assert_int_equal(place->closed, 0);
}

static void
what_a_full_disk_does_not_take_is_left_out_and_counted(void **state)
{
    struct place *place = *state;
    uint64_t left_out[3];

    open_lines(place, place->fd);
    allow(place, 6);
    add(place, "one\ntwo\n"); /* of "two" there is a part */
    left_out[0] = lines_left_out(place->lines);
    add(place, "three\n");
    left_out[1] = lines_left_out(place->lines);
    allow(place, place->size.rlim_cur);
    add(place, "four\n");
    left_out[2] = lines_left_out(place->lines);
    close_lines(place);
    holds(place, "one\ntw\nfour\n");
    assert_int_equal(left_out[0], 1);
    assert_int_equal(left_out[1], 2);
    assert_int_equal(left_out[2], 2);
    assert_int_equal(place->closed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_go_into_a_file_at_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            what_a_full_disk_does_not_take_is_left_out_and_counted, set_up,
            tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
