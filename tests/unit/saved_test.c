/* What a board keeps beside the journal: lines that were typed, and views. */
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

#include "ui/history.h"
#include "ui/pane/saved.h"

static const char *kept(const char *ending)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/kept.db%s", getenv("TESTS_BUILD"), ending);
    return path;
}

static void what_was_typed_survives_a_restart(void **state)
{
    (void)state;
    unlink(kept(".history"));
    history_open(kept(""));
    assert_int_equal(history_count(0), 0);
    history_add(0, "category:billing");
    history_add(0, "acme \"two words\"");
    history_add(0, "acme \"two words\""); /* once */
    history_add(1, "ruth");
    history_close();
    history_open(kept(""));
    assert_int_equal(history_count(0), 2);
    assert_string_equal(history_back(0, 1), "acme \"two words\"");
    assert_string_equal(history_back(0, 2), "category:billing");
    assert_string_equal(history_back(1, 1), "ruth");
    assert_int_equal(history_count(2), 0);
    history_forget();
    history_close();
    history_open(kept(""));
    assert_int_equal(history_count(0), 0);
    history_close();
}

static void only_so_much_of_it_is_kept(void **state)
{
    char line[32];
    int i;

    (void)state;
    history_open(kept(""));
    for (i = 0; i < HISTORY_LINES + 5; i++) {
        snprintf(line, sizeof line, "line %d", i);
        history_add(2, line);
    }
    assert_int_equal(history_count(2), HISTORY_LINES);
    assert_string_equal(history_back(2, HISTORY_LINES), "line 5");
    history_forget();
    history_close();
}

static void put(const char *name, const char *query, const char *why)
{
    struct err err = {""};

    if (saved_put(name, query, 7, &err) != !why)
        fail_msg("%s: %s", name, err.text);
    if (why && !strstr(err.text, why))
        fail_msg("%s: %s", name, err.text);
}

static void views_survive_a_restart(void **state)
{
    (void)state;
    unlink(kept(".views"));
    saved_open(kept(""));
    assert_int_equal(saved_count(), 1);
    assert_string_equal(saved_at(0)->name, "All");
    put("Money", "category:billing", NULL);
    put("Needs a call", "tone:bad | signal:quiet", NULL);
    put("money", "category:billing tone:bad", NULL); /* the same one */
    saved_set_pane(2, true);
    saved_mark_read(0, 40);
    saved_mark_read(0, 39); /* never back */
    saved_open(kept(""));
    assert_int_equal(saved_count(), 3);
    assert_int_equal(saved_at(0)->read_seq, 40);
    assert_string_equal(saved_at(1)->name, "Money");
    assert_string_equal(saved_at(1)->query, "category:billing tone:bad");
    assert_int_equal(saved_at(1)->read_seq, 7);
    assert_false(saved_at(1)->has_pane);
    assert_true(saved_at(2)->has_pane);
    saved_remove(0); /* All stays */
    saved_remove(1);
    saved_open(kept(""));
    assert_int_equal(saved_count(), 2);
    assert_string_equal(saved_at(1)->name, "Needs a call");
    saved_close();
}

static void what_cannot_be_a_view_is_refused(void **state)
{
    char name[24];
    int i;

    (void)state;
    saved_open(NULL);
    put("", "flag", "A name is needed");
    put("all", "flag", "another name");
    put("Empty", "", "no filter to save");
    put("A name that goes on and on and on and on and on", "x", "up to 40");
    for (i = 1; i < SAVED_MAX; i++) {
        snprintf(name, sizeof name, "view %d", i % 100);
        put(name, "flag", NULL);
    }
    put("one more", "flag", "31 views, which is all there may be");
    saved_close();
}

/* Lines that are no views are left out, and what is foreign is cleaned. */
static void a_file_of_views_may_be_damaged(void **state)
{
    FILE *file = fopen(kept(".views"), "w");

    (void)state;
    assert_non_null(file);
    fputs("nonsense\n-\t5\tBad query\tamount>lots\n-\t5\t\tflag\n"
          "pane\t5\tGo\033[2Jod\tflag\n-\t6\tGood\n-\t9\tAll\tx\n",
          file);
    fclose(file);
    saved_open(kept(""));
    assert_int_equal(saved_count(), 2);
    assert_int_equal(saved_at(0)->read_seq, 9);
    assert_string_equal(saved_at(0)->query, "");
    assert_null(strchr(saved_at(1)->name, '\033'));
    saved_close();
    unlink(kept(".views"));
}

static void a_view_that_cannot_be_written_says_so(void **state)
{
    (void)state;
    unlink(kept(".views"));
    assert_int_equal(mkdir(kept(".views"), 0700), 0);
    saved_open(kept(""));
    put("Money", "category:billing", "Not saved in ");
    assert_int_equal(saved_count(), 2);
    saved_close();
    assert_int_equal(rmdir(kept(".views")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_typed_survives_a_restart),
        cmocka_unit_test(only_so_much_of_it_is_kept),
        cmocka_unit_test(views_survive_a_restart),
        cmocka_unit_test(what_cannot_be_a_view_is_refused),
        cmocka_unit_test(a_file_of_views_may_be_damaged),
        cmocka_unit_test(a_view_that_cannot_be_written_says_so),
    };

    return cmocka_run_group_tests_name("saved", tests, NULL, NULL);
}
