/* rows and the query for events: what is asked of PostHog, and what its rows
 * become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "event/decode.h"
#include "posthog/rows.h"
#include "posthog/event_query.h"

#include "base/banned.h"

#define PROJECT "https://us.posthog.com/project/2"
#define UUID_A "01a09f5c-bc50-7c2c-b1f2-6b2c73669af4"
#define UUID_B "01a09f5c-bc50-7c2c-b1f2-6b2c73669af5"
#define ALDER "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8"
#define MS "1789373163942" /* 2026-09-14T08:06:03.942Z */

#define COLUMNS                                                               \
    "\"columns\":[\"event_ms\",\"event_uuid\",\"event_name\","                \
    "\"event_distinct_id\",\"event_properties\",\"event_person\","            \
    "\"event_person_properties\"]"

struct read {
    struct row_bodies bodies;
    struct row_page page;
    struct err err;
    bool ok;
};

static struct read read_answer(const char *answer)
{
    struct read read = {.err = {""}};

    row_bodies_init(&read.bodies, MIB);
    read.ok = rows_to_bodies(answer, strlen(answer), PROJECT, &read.bodies,
                             &read.page, &read.err);
    return read;
}

/* Decodes the first body like the webhook's; the caller frees the batch. */
static struct event_batch *decoded(const struct read *read)
{
    struct catalog *catalog = catalog_new();
    struct redaction *redaction = redaction_new_prompts("");
    struct decoder decoder = {.catalog = catalog, .redaction = redaction};
    struct arrival arrival = {.source = SOURCE_POSTHOG,
                              .received_at = INT64_C(1795000000000),
                              .follow_clock = true};
    struct event_batch *batch = event_batch_new();
    struct decoded counts;
    struct err err = {""};
    size_t len;
    const char *body = row_body(&read->bodies, 0, &len);

    assert_true(
        decode_body(&decoder, &arrival, body, len, batch, &counts, &err));
    redaction_free(redaction);
    catalog_free(catalog);
    return batch;
}

static void a_row_becomes_an_event_like_a_webhooks(void **state)
{
    struct read read = read_answer(
        "{" COLUMNS ",\"results\":[[" MS ",\"" UUID_A "\",\"chat with ai\","
        "\"d 1\",\"{\\\"prompt\\\":\\\"private\\\",\\\"$group_0\\\":\\\"" ALDER
        "\\\",\\\"n\\\":12345678901234567890}\",\"p1\","
        "\"{\\\"email\\\":\\\"maya@alderfinch.example\\\"}\"]]}");
    struct event_batch *batch;
    const struct event *event;

    (void)state;
    assert_string_equal(read.err.text, "");
    assert_true(read.ok);
    assert_non_null(strstr(read.bodies.text.data, ":12345678901234567890"));
    assert_non_null(strstr(read.bodies.text.data,
                           ",\"url\":\"" PROJECT "/person/d%201\"}"));
    batch = decoded(&read);
    assert_int_equal(batch->count, 1);
    event = batch->events;
    assert_string_equal(event->name, "chat with ai");
    assert_string_equal(event->account.id, ALDER);
    assert_string_equal(event->person.email, "maya@alderfinch.example");
    assert_string_equal(event->links.person, PROJECT "/person/d%201");
    assert_true(event->has_uuid);
    assert_true(event->occurred_at == INT64_C(1789373163942));
    assert_true(event->received_at == event->occurred_at);
    assert_int_equal(event->flags & EVENT_CLOCK_OFF, 0);
    assert_null(strstr(event->raw, "private"));
    event_batch_free(batch);
    row_bodies_free(&read.bodies);
}

static void the_last_good_row_is_the_place(void **state)
{
    struct read read =
        read_answer("{" COLUMNS ",\"results\":["
                    "[\"" MS "\",\"" UUID_A "\",\"a\",\"d\",{},null,null],"
                    "[" MS ",\"" UUID_A "\",\"a\",\"\",{},null,null],"
                    "[" MS ",\"" UUID_B "\",\"b\",null,\"[1]\",null,\"\"],"
                    "[" MS ",\"no uuid\",\"c\",\"d\",\"{}\",null,null],"
                    "[" MS ",\"" UUID_A "\"],\"row\"]}");
    struct event_batch *batch;

    (void)state;
    assert_true(read.ok);
    assert_int_equal(read.page.rows, 6);
    assert_int_equal(read.page.skipped, 3);
    assert_string_equal(read.page.last.uuid, UUID_B);
    assert_true(read.page.last.ms == INT64_C(1789373163942));
    batch = decoded(&read);
    assert_int_equal(batch->count, 3);
    assert_string_equal(batch->events[0].links.person, PROJECT "/person/d");
    for (int i = 1; i < 3; i++) /* they are of nobody */
        assert_null(batch->events[i].links.person);
    event_batch_free(batch);
    row_bodies_free(&read.bodies);
}

static void properties_too_deep_are_left_out(void **state)
{
    struct buf answer;
    struct event_batch *batch;
    struct read read;

    (void)state;
    buf_init(&answer, MIB);
    buf_adds(&answer, "{" COLUMNS ",\"results\":[[" MS ",\"" UUID_A
                      "\",\"a\",\"d\",\"{\\\"a\\\":");
    for (int i = 0; i < LIMIT_JSON_DEPTH - 2; i++)
        buf_addc(&answer, '[');
    for (int i = 0; i < LIMIT_JSON_DEPTH - 2; i++)
        buf_addc(&answer, ']');
    buf_adds(&answer, "}\",null,null]]}");
    read = read_answer(answer.data);
    assert_true(read.ok);
    batch = decoded(&read);
    assert_int_equal(batch->count, 1);
    event_batch_free(batch);
    row_bodies_free(&read.bodies);
    buf_free(&answer);
}

/* Rows whose properties have `bytes` of text each. */
static void add_rows(struct buf *answer, int count, size_t bytes)
{
    for (int i = 0; i < count; i++) {
        buf_addf(answer, ",[" MS ",\"" UUID_A "\",\"a\",\"d\",{\"t\":\"");
        for (size_t at = 0; at < bytes; at++)
            buf_addc(answer, 'x');
        buf_adds(answer, "\"},null,null]");
    }
}

static size_t events_in(const struct read *read, size_t which)
{
    struct read one = *read;
    struct event_batch *batch;
    size_t len, count;
    const char *body = row_body(&read->bodies, which, &len);

    row_bodies_init(&one.bodies, MIB);
    buf_add(&one.bodies.text, body, len);
    one.bodies.ends = &len;
    one.bodies.count = 1;
    batch = decoded(&one);
    count = batch->count;
    event_batch_free(batch);
    buf_free(&one.bodies.text);
    return count;
}

static void a_page_is_bodies_that_are_small(void **state)
{
    static const size_t sizes[] = {ROW_BODY_ROWS, 37, 1, 1, 5};
    struct buf answer;
    struct read read;
    size_t len;

    (void)state;
    buf_init(&answer, MIB);
    buf_adds(&answer, "{" COLUMNS ",\"results\":[[]");
    add_rows(&answer, ROW_BODY_ROWS + 37, 1);
    add_rows(&answer, 2, ROW_BODY_BYTES);
    add_rows(&answer, 5, 1);
    buf_adds(&answer, "]}");
    read = read_answer(answer.data);
    assert_true(read.ok);
    assert_int_equal(read.page.rows, ROW_BODY_ROWS + 37 + 2 + 5 + 1);
    assert_int_equal(read.bodies.count, sizeof sizes / sizeof *sizes);
    for (size_t i = 0; i < read.bodies.count; i++) {
        assert_int_equal(events_in(&read, i), sizes[i]);
        row_body(&read.bodies, i, &len);
        assert_true(len <= ROW_BODY_BYTES + 1 || sizes[i] == 1);
    }
    row_bodies_free(&read.bodies);
    buf_free(&answer);
}

static void a_page_without_a_row_has_no_body(void **state)
{
    struct read read = read_answer("{" COLUMNS ",\"results\":[]}");

    (void)state;
    assert_true(read.ok);
    assert_int_equal(read.bodies.count, 0);
    row_bodies_free(&read.bodies);
}

static void refuse(const char *answer, const char *why)
{
    struct read read = read_answer(answer);

    assert_false(read.ok);
    assert_non_null(strstr(read.err.text, why));
    row_bodies_free(&read.bodies);
}

static void answers_that_are_no_table_are_errors(void **state)
{
    (void)state;
    refuse("nonsense", "JSON");
    refuse("{}", "no columns");
    refuse("{" COLUMNS "}", "no results");
    refuse("{\"columns\":[\"event_uuid\"],\"results\":[]}",
           "no column event_name");
    refuse("{\"query_status\":{\"error\":true},\"results\":[]}",
           "does not say why");
}

static void read_fixture(const char *name, const char *why)
{
    const char *tree = getenv("TESTS_SRC");
    struct err err = {""};
    char path[1024];
    char *text;
    size_t len;

    snprintf(path, sizeof path, "%s/tests/fixtures/api/%s", tree ? tree : ".",
             name);
    text = file_slurp(path, MIB, &len, &err);
    assert_string_equal(err.text, "");
    refuse(text, why);
    free(text);
}

static void what_posthog_says_is_passed_on(void **state)
{
    (void)state;
    read_fixture("query_200_error_field.json",
                 "Unknown table vitally_csm_managed_accounts");
    read_fixture("query_200_missing_column.json", "no column event_uuid");
    read_fixture("query_poll_200.json", "no column event_uuid");
}

static void a_finished_background_query_is_read(void **state)
{
    struct read read = read_answer(
        "{\"query_status\":{\"complete\":true,\"error\":false,\"results\":"
        "{" COLUMNS ",\"results\":[[" MS ",\"" UUID_A
        "\",\"a\",\"d\",\"{}\",null,null]]}}}");

    (void)state;
    assert_true(read.ok);
    assert_int_equal(read.page.rows, 1);
    row_bodies_free(&read.bodies);
}

/* ---- the query ---- */

static struct book *book_of(const char *rows)
{
    struct err err = {""};
    struct buf text;
    struct book *book;

    buf_init(&text, MIB);
    buf_addf(&text, "organization_id,organization_name\n%s", rows);
    book = book_read("accounts.csv", text.data, text.len, NULL, &err);
    assert_string_equal(err.text, "");
    buf_free(&text);
    return book;
}

static void a_page_asks_by_key_for_the_book_and_the_catalogue(void **state)
{
    struct book *book = book_of(ALDER ",Alder & Finch Labs\n");
    struct catalog *catalog = catalog_new();
    struct row_place after = {.ms = INT64_C(1789373163942), .uuid = UUID_A};
    struct err err = {""};
    struct event_query query;
    struct buf sql;

    (void)state;
    assert_true(event_query_open(
        &query, &(struct decoder){.book = book, .catalog = catalog}, 0, &err));
    assert_int_equal(query.accounts, 1);
    buf_init(&sql, MIB);
    event_query_page(&query, &after, after.ms + 1000, &sql);
    assert_non_null(strstr(sql.data, "IN ('" ALDER "')"));
    assert_non_null(strstr(sql.data, "event = 'insight created'"));
    assert_non_null(strstr(sql.data, "event = '$pageview' AND toString("
                                     "properties.`$current_url`) ILIKE "
                                     "'%docs%'"));
    assert_non_null(strstr(sql.data, "'2026-09-14T08:06:03.942Z'"));
    assert_non_null(strstr(sql.data, "event_uuid > '" UUID_A "'"));
    assert_string_equal(strstr(sql.data, " ORDER BY "),
                        " ORDER BY event_ms, event_uuid");
    assert_null(strstr(sql.data, "OFFSET"));
    assert_null(strstr(sql.data, "event = '$pageview')"));
    buf_free(&sql);
    event_query_close(&query);
    catalog_free(catalog);
    book_free(book);
}

static void what_would_need_quoting_is_left_out(void **state)
{
    static const char events[] = "[odd]\nnames = it's\ncategory = ai\n";
    struct book *book =
        book_of("o(1),Borealis Freight\n" ALDER ",Alder & Finch Labs\n");
    struct catalog *catalog = catalog_new();
    struct err err = {""};
    struct event_query query;

    (void)state;
    assert_true(
        catalog_read(catalog, "events.ini", events, sizeof events - 1, &err));
    assert_true(event_query_open(
        &query, &(struct decoder){.book = book, .catalog = catalog}, 0, &err));
    assert_int_equal(query.left_out, 2);
    assert_int_equal(query.accounts, 1);
    assert_null(strstr(query.where.data, "o(1"));
    assert_null(strstr(query.where.data, "it's"));
    event_query_close(&query);
    catalog_free(catalog);
    book_free(book);
}

static void a_property_that_would_end_its_quotes_is_left_out(void **state)
{
    static const char *const properties[] = {"`plan", "pl`an", "plan`",
                                             "`) OR (`x", "'plan"};
    struct err err = {""};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof properties / sizeof *properties; i++) {
        struct book *book = book_of(ALDER ",Alder & Finch Labs\n");
        struct catalog *catalog = catalog_new();
        struct event_query query;
        char events[128];
        int len = snprintf(events, sizeof events,
                           "[odd]\nnames = oddity, %s = scale\n"
                           "category = ai\n",
                           properties[i]);

        assert_true(
            catalog_read(catalog, "events.ini", events, (size_t)len, &err));
        assert_true(event_query_open(&query,
                                     &(struct decoder){.book = book,
                                                       .catalog = catalog},
                                     0, &err));
        assert_int_equal(query.left_out, 1);
        assert_null(strstr(query.where.data, "oddity"));
        event_query_close(&query);
        catalog_free(catalog);
        book_free(book);
    }
}

static void no_account_is_never_everybody(void **state)
{
    struct catalog *catalog = catalog_new();
    struct book *book = book_of("o(1),Borealis Freight\n");
    struct err err = {""};
    struct event_query query;

    (void)state;
    assert_false(event_query_open(
        &query, &(struct decoder){.book = book, .catalog = catalog}, 0, &err));
    assert_non_null(strstr(err.text, "no account in the book"));
    assert_false(event_query_open(&query,
                                  &(struct decoder){.catalog = catalog}, 0,
                                  &err));
    book_free(book);
    catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_becomes_an_event_like_a_webhooks),
        cmocka_unit_test(the_last_good_row_is_the_place),
        cmocka_unit_test(properties_too_deep_are_left_out),
        cmocka_unit_test(answers_that_are_no_table_are_errors),
        cmocka_unit_test(what_posthog_says_is_passed_on),
        cmocka_unit_test(a_finished_background_query_is_read),
        cmocka_unit_test(a_page_asks_by_key_for_the_book_and_the_catalogue),
        cmocka_unit_test(what_would_need_quoting_is_left_out),
        cmocka_unit_test(a_property_that_would_end_its_quotes_is_left_out),
        cmocka_unit_test(a_page_is_bodies_that_are_small),
        cmocka_unit_test(a_page_without_a_row_has_no_body),
        cmocka_unit_test(no_account_is_never_everybody),
    };

    return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
