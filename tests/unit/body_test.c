/* Bodies packed and unpacked, as SQL sees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "journal/body.h"

static int open_db(void **state)
{
    sqlite3 *db;
    struct err err;

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_true(body_register(db, &err));
    *state = db;
    return 0;
}

static int close_db(void **state)
{
    return sqlite3_close(*state) == SQLITE_OK ? 0 : -1;
}

/* The first value of a query whose ?1 is text; NULL for none. Lives until the
 * next call; NULL ends them. */
static const char *ask(sqlite3 *db, const char *sql, const char *text,
                       size_t len)
{
    static sqlite3_stmt *statement;

    sqlite3_finalize(statement);
    statement = NULL;
    if (!sql)
        return NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    if (text)
        sqlite3_bind_text64(statement, 1, text, len, SQLITE_STATIC,
                            SQLITE_UTF8);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    return (const char *)sqlite3_column_text(statement, 0);
}

#define THERE_AND_BACK                                                        \
    "SELECT body_text(1, length(CAST(?1 AS BLOB)), body_pack(?1))"
#define PACKED_SIZE "SELECT length(body_pack(?1))"

static void return_alike(sqlite3 *db, const char *text, size_t len)
{
    const char *back = ask(db, THERE_AND_BACK, text, len);

    assert_non_null(back);
    assert_string_equal(back, text);
}

static void what_is_packed_comes_back(void **state)
{
    static const char *const texts[] = {"", "{}", "{\"event\":\"売上\"}",
                                        "\x1b[31m \\ud83d \xc2\x9b"};
    char *large = calloc(1, 3 * MIB + 1);

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        return_alike(*state, texts[i], strlen(texts[i]));
    for (size_t i = 0; i < 3 * MIB; i++)
        large[i] = (char)('a' + i * i % 23);
    return_alike(*state, large, 3 * MIB);
    ask(*state, NULL, NULL, 0);
    free(large);
}

/* The point of it: what webhooks have in common costs nothing. */
static void a_webhook_takes_a_third_at_most(void **state)
{
    static const char *const names[] = {
        "01_product_analytics_insight_created.json",
        "32_billing_org_quota_limited_until.json",
        "default_feature_flag_created.json"};
    const char *source = getenv("TESTS_SRC");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf path;
        struct err err;
        size_t len;
        char *text;

        buf_init(&path, 4 * KIB);
        buf_addf(&path, "%s/tests/fixtures/%s", source ? source : ".",
                 names[i]);
        text = file_slurp(path.data, MIB, &len, &err);
        assert_non_null(text);
        assert_in_range(atoi(ask(*state, PACKED_SIZE, text, len)), 1, len / 3);
        return_alike(*state, text, len);
        ask(*state, NULL, NULL, 0);
        free(text);
        buf_free(&path);
    }
}

static void expect_nothing(sqlite3 *db, const char *sql)
{
    assert_null(ask(db, sql, "{\"event\":\"insight created\"}", 27));
}

static void damaged_bytes_are_no_text(void **state)
{
    expect_nothing(*state, "SELECT body_text(1, 26, body_pack(?1))");
    expect_nothing(*state, "SELECT body_text(1, 27, x'00112233')");
    expect_nothing(*state, "SELECT body_text(1, 27, substr(body_pack(?1), 1, "
                           "length(body_pack(?1)) - 1))");
    expect_nothing(*state, "SELECT body_text(1, 27, ?1)");
    expect_nothing(*state, "SELECT body_text(1, -1, body_pack(?1))");
    expect_nothing(*state, "SELECT body_text(7, 27, body_pack(?1))");
    expect_nothing(*state, "SELECT body_text(NULL, NULL, NULL)");
    expect_nothing(*state, "SELECT body_pack(NULL)");
    ask(*state, NULL, NULL, 0);
}

static void text_that_was_never_packed_is_read(void **state)
{
    assert_string_equal(ask(*state, "SELECT body_text(0, 2, ?1)", "{}", 2),
                        "{}");
    ask(*state, NULL, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_packed_comes_back, open_db,
                                        close_db),
        cmocka_unit_test_setup_teardown(a_webhook_takes_a_third_at_most,
                                        open_db, close_db),
        cmocka_unit_test_setup_teardown(damaged_bytes_are_no_text, open_db,
                                        close_db),
        cmocka_unit_test_setup_teardown(text_that_was_never_packed_is_read,
                                        open_db, close_db),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
