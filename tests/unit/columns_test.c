/* How columns of a table share the room there is, and which go without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/pane/columns.h"

#include "base/banned.h"

enum { SMALL, MIDDLE, WIDE, COLUMNS };

static const struct column_need needs[COLUMNS] = {
    [SMALL] = {.least = 4, .most = 4, .leaves = 2},
    [MIDDLE] = {.least = 5, .most = 10, .share = 1},
    [WIDE] = {.least = 6, .most = COLUMN_ANY, .share = 1, .leaves = 1}};

/* The cells of each, and where those begin that are there. */
static void fits(int cells, const int (*want)[2])
{
    struct column columns[COLUMNS] = {{.name = "small"}};

    columns_fit(columns, needs, COLUMNS, cells);
    for (int i = 0; i < COLUMNS; i++) {
        assert_int_equal(columns[i].cells, want[i][0]);
        if (columns[i].cells)
            assert_int_equal(columns[i].at, want[i][1]);
    }
}

static void what_is_left_is_shared_up_to_the_most(void **state)
{
    (void)state;
    fits(18, (const int[][2]){{4, 1}, {5, 6}, {6, 12}});
    fits(28, (const int[][2]){{4, 1}, {10, 6}, {11, 17}});
    fits(30, (const int[][2]){{4, 1}, {10, 6}, {13, 17}});
}

static void without_room_they_leave_in_their_order_also_the_first(void **state)
{
    (void)state;
    fits(17, (const int[][2]){{4, 1}, {10, 6}, {0, 0}});
    fits(11, (const int[][2]){{4, 1}, {5, 6}, {0, 0}});
    fits(10, (const int[][2]){{0, 0}, {9, 1}, {0, 0}});
    fits(3, (const int[][2]){{0, 0}, {5, 1}, {0, 0}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_shared_up_to_the_most),
        cmocka_unit_test(
            without_room_they_leave_in_their_order_also_the_first),
    };

    return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
