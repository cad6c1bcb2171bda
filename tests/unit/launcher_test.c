/* ui/term/launcher: programs that the terminal starts, played by scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ui/term/launcher.h"

#include "base/banned.h"

#define LONG_US 60000000

static char folder[] = "/tmp/telltale-programs-XXXXXX";

static const char *within(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(within(name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(within(name), mode), 0);
}

static enum launcher_end when_it_ends(void)
{
    int64_t until = clock_mono_us() + LONG_US;
    enum launcher_end end;

    while ((end = launcher_clipped()) == LAUNCHER_RUNS &&
           clock_mono_us() < until)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    return end;
}

static void a_text_reaches_the_clipboard_program(void **state)
{
    struct err err = {0};
    char got[64] = "";
    FILE *file;

    (void)state;
    put("xclip", "#!/bin/sh\necho \"$*\" >\"$0.got\"\ncat >>\"$0.got\"\n",
        0700);
    assert_true(launcher_clip("xclip", "maya@acme.test", 14, &err));
    assert_int_equal(when_it_ends(), LAUNCHER_DONE);
    file = fopen(within("xclip.got"), "r");
    assert_non_null(file);
    assert_int_equal(fread(got, 1, sizeof got - 1, file), 35);
    fclose(file);
    assert_string_equal(got, "-selection clipboard\nmaya@acme.test");
    unlink(within("xclip.got"));
}

/* How the one before it ended says nothing of the next. */
static void each_copy_is_known_by_its_own_end(void **state)
{
    struct err err = {0};

    (void)state;
    put("xsel", "#!/bin/sh\nexit 0\n", 0700);
    assert_true(launcher_clip("xsel", "a", 1, &err));
    assert_int_equal(when_it_ends(), LAUNCHER_DONE);
    put("xsel",
        "#!/bin/sh\nwhile [ ! -e \"$0.go\" ]; do sleep 0.01; done\n"
        "exit 1\n",
        0700);
    assert_true(launcher_clip("xsel", "b", 1, &err));
    assert_int_equal(launcher_clipped(), LAUNCHER_RUNS);
    put("xsel.go", "", 0600);
    assert_int_equal(when_it_ends(), LAUNCHER_FAILED);
    unlink(within("xsel.go"));
}

static void what_is_not_there_cannot_be_started(void **state)
{
    struct err err = {0};

    (void)state;
    assert_false(launcher_clip("wl-copy", "a", 1, &err));
    assert_string_equal(err.text, "no program wl-copy");
}

static int make_folder(void **state)
{
    static char path[512];

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s:/usr/bin:/bin", folder);
    return setenv("PATH", path, 1);
}

static int drop_folder(void **state)
{
    (void)state;
    unlink(within("xclip"));
    unlink(within("xsel"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_reaches_the_clipboard_program),
        cmocka_unit_test(each_copy_is_known_by_its_own_end),
        cmocka_unit_test(what_is_not_there_cannot_be_started),
    };

    return cmocka_run_group_tests_name("launcher", tests, make_folder,
                                       drop_folder);
}
