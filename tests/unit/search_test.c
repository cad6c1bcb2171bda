/* Our destinations among those of a project, from answers of PostHog's list;
 * and what is then asked to make them what they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "posthog/apply.h"
#include "posthog/search.h"

#define WEBHOOK "\"template\":{\"id\":\"template-webhook\"},"
#define INPUTS "\"inputs\":{}"

/* The path that is asked for next; NULL: nothing more. */
static const char *next_path(const struct api_sequence *sequence)
{
    static struct question question;
    struct err err = {""};

    if (!sequence->next(sequence->ctx, &question, &err)) {
        assert_string_equal(err.text, "");
        return NULL;
    }
    return question.path;
}

static bool tell(const struct api_sequence *sequence, const char *text)
{
    cJSON *answer = cJSON_Parse(text);
    struct err err = {""};
    bool taken;

    assert_non_null(answer);
    taken = sequence->take(sequence->ctx, answer, &err);
    cJSON_Delete(answer);
    return taken;
}

/* A search whose first page is asked for. */
static struct api_sequence begin(struct search *search)
{
    struct api_sequence sequence;

    search_open(search, "Stream");
    sequence = search_sequence(search);
    assert_non_null(strstr(next_path(&sequence), "type=destination"));
    return sequence;
}

static void only_ours_are_found_in_order(void **state)
{
    struct search search;
    struct api_sequence sequence = begin(&search);

    (void)state;
    assert_true(tell(
        &sequence,
        "{\"next\":null,\"results\":["
        "{\"id\":\"c\",\"name\":\"Stream 3\"," WEBHOOK INPUTS "},"
        "{\"id\":\"x\",\"name\":\"Stream of somebody\"," WEBHOOK INPUTS "},"
        "{\"id\":\"y\",\"name\":\"Stream 1\"," WEBHOOK INPUTS "},"
        "{\"id\":\"z\",\"name\":\"Stream 02\"," WEBHOOK INPUTS "},"
        "{\"id\":\"s\",\"name\":\"Stream 2\",\"template\":{\"id\":"
        "\"template-slack\"}," INPUTS "},"
        "{\"id\":\"d\",\"name\":\"Stream\",\"deleted\":true," WEBHOOK INPUTS
        "},"
        "{\"id\":\"a\",\"name\":\"Stream\"," WEBHOOK INPUTS "},"
        "{\"id\":\"e\",\"name\":\"Stream\"," WEBHOOK INPUTS "}]}"));
    assert_null(next_path(&sequence));
    assert_int_equal(cJSON_GetArraySize(search.found), 2);
    assert_string_equal(cJSON_GetObjectItem(search_called(&search, "Stream"),
                                            "id")
                            ->valuestring,
                        "a");
    assert_null(search_called(&search, "Stream 2"));
    assert_int_equal(search_part_of(&search,
                                    cJSON_GetArrayItem(search.found, 1)),
                     2);
    search_close(&search);
}

static void pages_are_followed_on_our_host_and_end(void **state)
{
    struct search search;
    struct api_sequence sequence = begin(&search);

    (void)state;
    tell(&sequence, "{\"next\":\"https://elsewhere.example/api/projects/2/"
                    "hog_functions/?offset=100\",\"results\":[]}");
    assert_string_equal(next_path(&sequence),
                        "/api/projects/2/hog_functions/?offset=100");
    tell(&sequence, "{\"next\":\"https://elsewhere.example/api/projects/2/"
                    "hog_functions/?offset=100\",\"results\":[]}");
    assert_null(next_path(&sequence));
    search_close(&search);
    sequence = begin(&search);
    tell(&sequence, "{\"next\":\"https://elsewhere.example/posthog/api/"
                    "projects/2/hog_functions/?offset=100\",\"results\":[]}");
    assert_string_equal(next_path(&sequence),
                        "/api/projects/2/hog_functions/?offset=100");
    search_close(&search);
    sequence = begin(&search);
    tell(&sequence, "{\"next\":\"https://elsewhere.example/login?next=/api/"
                    "\",\"results\":[]}");
    assert_null(next_path(&sequence));
    search_close(&search);
}

static void what_the_list_leaves_out_is_asked_for(void **state)
{
    struct search search;
    struct api_sequence sequence = begin(&search);

    (void)state;
    tell(&sequence, "{\"next\":null,\"results\":["
                    "{\"id\":\"a\",\"name\":\"Stream\"},"
                    "{\"id\":\"b\",\"name\":\"Stream 2\"," INPUTS "},"
                    "{\"id\":\"c\",\"name\":\"Stream 3\"}]}");
    assert_string_equal(next_path(&sequence), "/hog_functions/a/");
    assert_true(
        tell(&sequence, "{\"id\":\"a\",\"name\":\"Stream\"," INPUTS "}"));
    assert_string_equal(next_path(&sequence), "/hog_functions/c/");
    assert_false(tell(&sequence, "{\"id\":\"c\",\"name\":\"Stream 3\"}"));
    search_close(&search);
}

/* Making them so. */

struct steps {
    char text[256];
};

static void note(void *ctx, const char *name, enum apply_step step,
                 const char *difference)
{
    static const char *const words[] = {"same", "created", "updated",
                                        "deleted"};
    struct steps *steps = ctx;
    size_t len = strlen(steps->text);

    (void)difference;
    snprintf(steps->text + len, sizeof steps->text - len, "%s %s, ", name,
             words[step]);
}

struct rig {
    struct catalog *catalog;
    struct book *book;
    struct destination_plan plan;
    struct steps steps;
    struct apply *apply;
    struct api_sequence sequence;
};

static void rig_open(struct rig *rig, unsigned mode)
{
    static const char csv[] =
        "organization_id,organization_name\n"
        "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder & Finch Labs\n";
    struct err err = {""};

    memset(rig, 0, sizeof *rig);
    rig->catalog = catalog_new();
    rig->book = book_read("book", csv, strlen(csv), NULL, NULL);
    rig->plan = (struct destination_plan){.name = "Stream",
                                          .url = "https://x.example/hook",
                                          .token = "t",
                                          .catalog = rig->catalog,
                                          .book = rig->book};
    rig->apply = apply_new(&rig->plan, mode, note, &rig->steps, &err);
    assert_non_null(rig->apply);
    rig->sequence = apply_sequence(rig->apply);
    assert_non_null(next_path(&rig->sequence));
}

static void rig_close(struct rig *rig)
{
    apply_free(rig->apply);
    book_free(rig->book);
    catalog_free(rig->catalog);
}

/* What PostHog would list: two as they should be, and a part too many. */
static void list_three(struct rig *rig)
{
    cJSON *page = cJSON_CreateObject(), *function, *results;
    char *text;

    results = cJSON_AddArrayToObject(page, "results");
    for (size_t i = 0; i < 3; i++) {
        static const char *const ids[] = {"first", "docs", "second"};

        function = destination_body(&rig->plan, i % 2);
        cJSON_AddStringToObject(function, "id", ids[i]);
        if (i == 2)
            cJSON_ReplaceItemInObjectCaseSensitive(function, "name",
                                                   cJSON_CreateString(
                                                       "Stream 2"));
        cJSON_AddItemToArray(results, function);
    }
    text = cJSON_PrintUnformatted(page);
    assert_true(tell(&rig->sequence, text));
    cJSON_free(text);
    cJSON_Delete(page);
}

static void a_part_too_many_is_deleted(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig, 0);
    list_three(&rig);
    assert_string_equal(next_path(&rig.sequence), "/hog_functions/second/");
    tell(&rig.sequence, "{}");
    assert_null(next_path(&rig.sequence));
    assert_string_equal(rig.steps.text, "Stream docs same, Stream same, "
                                        "Stream 2 deleted, ");
    rig_close(&rig);
}

static void dry_nothing_is_asked_for_but_the_list(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig, APPLY_DRY | APPLY_ALWAYS);
    list_three(&rig);
    assert_null(next_path(&rig.sequence));
    assert_string_equal(rig.steps.text, "Stream docs updated, Stream updated, "
                                        "Stream 2 deleted, ");
    rig_close(&rig);
}

static void none_is_made_where_only_existing_ones_count(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig, APPLY_EXISTING);
    tell(&rig.sequence, "{\"results\":[]}");
    assert_null(next_path(&rig.sequence));
    assert_string_equal(rig.steps.text, "");
    rig_close(&rig);
    rig_open(&rig, 0);
    tell(&rig.sequence, "{\"results\":[]}");
    for (int i = 0; i < 2; i++) {
        assert_string_equal(next_path(&rig.sequence), "/hog_functions/");
        tell(&rig.sequence, "{}");
    }
    assert_null(next_path(&rig.sequence));
    assert_string_equal(rig.steps.text,
                        "Stream docs created, Stream created, ");
    rig_close(&rig);
}

/* Somebody is just making them, or took the first one off. */
static void none_is_made_beside_the_others_of_none(void **state)
{
    struct rig rig;
    cJSON *page = cJSON_CreateObject(), *docs;
    char *text;

    (void)state;
    rig_open(&rig, APPLY_EXISTING);
    docs = destination_body(&rig.plan, 1);
    cJSON_AddStringToObject(docs, "id", "docs");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(page, "results"), docs);
    text = cJSON_PrintUnformatted(page);
    tell(&rig.sequence, text);
    assert_null(next_path(&rig.sequence));
    assert_string_equal(rig.steps.text, "");
    cJSON_free(text);
    cJSON_Delete(page);
    rig_close(&rig);
}

static void an_empty_book_makes_no_plan(void **state)
{
    struct destination_plan plan = {.name = "Stream",
                                    .url = "https://x.example/hook"};
    struct err err = {""};

    (void)state;
    plan.catalog = catalog_new();
    assert_null(apply_new(&plan, 0, note, NULL, &err));
    assert_non_null(strstr(err.text, "everybody"));
    catalog_free((struct catalog *)(uintptr_t)plan.catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_ours_are_found_in_order),
        cmocka_unit_test(pages_are_followed_on_our_host_and_end),
        cmocka_unit_test(what_the_list_leaves_out_is_asked_for),
        cmocka_unit_test(a_part_too_many_is_deleted),
        cmocka_unit_test(dry_nothing_is_asked_for_but_the_list),
        cmocka_unit_test(none_is_made_where_only_existing_ones_count),
        cmocka_unit_test(none_is_made_beside_the_others_of_none),
        cmocka_unit_test(an_empty_book_makes_no_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
