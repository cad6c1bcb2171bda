/* thread: why none could be started. There is none here: this program has a
 * pthread_create() of its own, which says what it is told to. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/thread.h"

#include "base/banned.h"

static int answer;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *arg)
{
    (void)thread;
    (void)attributes;
    (void)run;
    (void)arg;
    return answer;
}

static void *run_nothing(void *arg)
{
    return arg;
}

static void why_a_thread_cannot_be_started_is_told(void **state)
{
    struct err err = {""};
    pthread_t thread;

    (void)state;
    answer = 0;
    assert_true(thread_start(&thread, run_nothing, NULL, &err));
    answer = EAGAIN;
    errno = ENOENT;
    assert_false(thread_start(&thread, run_nothing, NULL, &err));
    assert_non_null(strstr(err.text, "cannot start a thread"));
    assert_non_null(strstr(err.text, strerror(EAGAIN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(why_a_thread_cannot_be_started_is_told),
    };

    return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
