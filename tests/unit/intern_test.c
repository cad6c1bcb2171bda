/* intern: texts kept once, by number; and the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/intern.h"
#include "base/log.h"

#include "base/banned.h"

static void equal_texts_share_a_number(void **state)
{
    struct intern *pool = intern_new();
    uint32_t one = intern_take(pool, "Borealis");

    (void)state;
    assert_int_equal(intern_take(pool, NULL), 0);
    assert_null(intern_text(pool, 0));
    assert_int_equal(intern_take(pool, "Borealis"), one);
    assert_int_not_equal(intern_take(pool, "Cobalt"), one);
    assert_int_not_equal(intern_take(pool, ""), 0);
    assert_int_equal(intern_find(pool, "Borealis"), one);
    assert_int_equal(intern_find(pool, "Dunes"), 0);
    assert_int_equal(intern_find(pool, NULL), 0);
    assert_string_equal(intern_text(pool, one), "Borealis");
    assert_int_equal(intern_limit(pool), 4);
    intern_free(pool);
}

static void the_last_release_frees_and_changes_the_stamp(void **state)
{
    struct intern *pool = intern_new();
    uint32_t id = intern_take(pool, "first");
    uint32_t stamp = intern_stamp(pool, id);
    size_t bytes = intern_bytes(pool);

    (void)state;
    intern_take(pool, "first");
    intern_release(pool, id);
    assert_string_equal(intern_text(pool, id), "first");
    intern_release(pool, id);
    assert_int_equal(intern_find(pool, "first"), 0);
    assert_true(intern_bytes(pool) < bytes);
    assert_int_equal(intern_take(pool, "second"), id);
    assert_int_not_equal(intern_stamp(pool, id), stamp);
    assert_int_not_equal(intern_stamp(pool, id), 0);
    intern_release(pool, 0);
    intern_free(pool);
}

/* Against a plain array as the model, with many takes and releases. */
static void a_hundred_thousand_random_steps_keep_it_right(void **state)
{
    enum { TEXTS = 500, STEPS = 100000 };
    static uint32_t ids[TEXTS], refs[TEXTS];
    struct intern *pool = intern_new();
    uint32_t random = 1;
    char text[32];
    int step;

    (void)state;
    for (step = 0; step < STEPS; step++) {
        uint32_t which;

        random = random * 1664525 + 1013904223;
        which = (random >> 8) % TEXTS;
        snprintf(text, sizeof text, "text number %u", (unsigned)which);
        if (random >> 31) {
            uint32_t id = intern_take(pool, text);

            if (refs[which]++)
                assert_int_equal(id, ids[which]);
            ids[which] = id;
        } else if (refs[which]) {
            intern_release(pool, ids[which]);
            refs[which]--;
        }
        assert_int_equal(intern_find(pool, text),
                         refs[which] ? ids[which] : 0);
    }
    assert_true(intern_limit(pool) <= TEXTS + 1);
    intern_free(pool);
}

static char *read_file(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "r");
    size_t n;

    assert_non_null(file);
    n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

static void log_lines_are_private_whole_and_harmless(void **state)
{
    char path[] = "/tmp/telltale-log-XXXXXX";
    struct stat info;
    struct err err;
    const char *text;
    int i, fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_true(log_open(path, &err));
    log_line(LOG_ERROR, "from %s", "a\033[2Jstranger\n");
    log_line(LOG_DEBUG, "not shown");
    for (i = 0; i < 50; i++)
        log_limited(LOG_WARN, "again");
    log_close();
    text = read_file(path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_non_null(strstr(text, "error: from a\xef\xbf\xbd[2Jstranger \n"));
    assert_null(strstr(text, "not shown"));
    assert_non_null(strstr(text, "warning: again\n"));
    assert_null(strchr(text, '\033'));
    unlink(path);
    assert_false(log_open("/dev/null/x.log", &err));
    assert_non_null(strstr(err.text, "/dev/null/x.log"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_share_a_number),
        cmocka_unit_test(the_last_release_frees_and_changes_the_stamp),
        cmocka_unit_test(a_hundred_thousand_random_steps_keep_it_right),
        cmocka_unit_test(log_lines_are_private_whole_and_harmless),
    };

    return cmocka_run_group_tests_name("intern", tests, NULL, NULL);
}
