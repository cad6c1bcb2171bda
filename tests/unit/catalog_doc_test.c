/* doc/events.md is made here, of catalog.ini and the bodies in tests/fixtures:
 * each event of PostHog's handbook page and every other that has a row, what
 * it is called and what a person reads. TELLTALE_UPDATE=1 writes the page
 * anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "event/decode.h"
#include "base/banned.h"

#define MARK "the row that is asked for"
#define SENTENCES 2 /* shown of each row, at most */

static struct event_batch *bodies;
static struct catalog *catalog;
static struct buf page;

static char *read_file(const char *folder, const char *name, size_t *len)
{
    char path[1024];
    struct err err = {{0}};
    char *text;

    snprintf(path, sizeof path, "%s/%s/%s", getenv("TESTS_SRC"), folder, name);
    text = file_slurp(path, LIMIT_CSV_FILE, len, &err);
    if (!text)
        fail_msg("%s", err.text);
    return text;
}

static void add_body(const struct decoder *decoder, const char *name)
{
    const struct arrival arrival = {.received_at = INT64_C(1789383000000)};
    struct err err = {{0}};
    struct decoded decoded;
    struct event_batch *batch = event_batch_new();
    size_t len;
    char *body = read_file("tests/fixtures", name, &len);
    struct event *all;

    if (!decode_body(decoder, &arrival, body, len, batch, &decoded, &err))
        fail_msg("%s: %s", name, err.text);
    all = arena_alloc(&bodies->arena,
                      (bodies->count + batch->count) * sizeof *all);
    if (bodies->count > 0)
        memcpy(all, bodies->events, bodies->count * sizeof *all);
    for (size_t i = 0; i < batch->count; i++) {
        struct event *event = &all[bodies->count + i];

        *event = (struct event){
            .name = arena_strdup(&bodies->arena, batch->events[i].name),
            .url = arena_strdup(&bodies->arena, batch->events[i].url),
            .raw =
                arena_strndup(&bodies->arena,
                              batch->events[i].raw + batch->events[i].props_at,
                              batch->events[i].props_len),
            .raw_len = batch->events[i].props_len,
        };
    }
    bodies->events = all;
    bodies->count += batch->count;
    event_batch_free(batch);
    free(body);
}

/* The bodies of the manifest that are plain events, then the rest. */
static int begin(void **state)
{
    static const struct link_policy links = {NULL, NULL};
    struct decoder decoder = {.links = &links};
    size_t len;
    char *manifest = read_file("tests/fixtures", "manifest.tsv", &len);

    (void)state;
    catalog = catalog_new();
    decoder.catalog = catalog;
    bodies = event_batch_new();
    buf_init(&page, MIB);
    for (char *line = manifest; line;) {
        char *next = strchr(line, '\n');
        size_t name = strcspn(line, "\t");

        if (strncmp(line + name, "\tevent\t", 7) == 0) {
            line[name] = '\0';
            add_body(&decoder, line);
        }
        line = next ? next + 1 : NULL;
    }
    add_body(&decoder, "more_events.ndjson");
    add_body(&decoder, "newer_events.ndjson");
    free(manifest);
    return 0;
}

static int end(void **state)
{
    (void)state;
    event_batch_free(bodies);
    catalog_free(catalog);
    buf_free(&page);
    return 0;
}

/* The sentence in arena; without changing the event. */
static const char *sentence_of(const struct catalog *from,
                               const struct event *event, struct arena *arena)
{
    struct event copy = *event;
    struct slice raw = {event->raw, event->raw_len};
    cJSON *props = cJSON_Parse(event->raw);

    catalog_apply(from, &copy, props, raw, arena);
    cJSON_Delete(props);
    return copy.sentence;
}

/* A catalogue in which this row, and no other, says MARK. */
static struct catalog *marked(const char *id)
{
    struct catalog *copy = catalog_new();
    char ini[256];
    struct err err = {{0}};

    snprintf(ini, sizeof ini, "[%s]\nsentence = " MARK "\n", id);
    if (!catalog_read(copy, "mark", ini, strlen(ini), &err))
        fail_msg("%s", err.text);
    return copy;
}

/* Appends up to SENTENCES different ones that a row says of the bodies. */
static size_t add_sentences(const char *id)
{
    struct catalog *mark = marked(id);
    struct arena arena = ARENA_INIT;
    const char *said[SENTENCES];
    size_t count = 0;

    for (size_t i = 0; i < bodies->count && count < SENTENCES; i++) {
        const struct event *event = &bodies->events[i];
        bool known = false;

        if (strcmp(sentence_of(mark, event, &arena), MARK) != 0)
            continue;
        said[count] = sentence_of(catalog, event, &arena);
        for (size_t k = 0; k < count; k++)
            known = known || strcmp(said[k], said[count]) == 0;
        if (known)
            continue;
        buf_addf(&page, "%s%s", count ? "<br>" : "", said[count]);
        count++;
    }
    arena_free(&arena);
    catalog_free(mark);
    return count;
}

static size_t add_row(const struct catalog_row *row)
{
    size_t count;

    buf_adds(&page, "| ");
    if (row->title)
        buf_addf(&page, "%s | ", row->title);
    for (const char *const *name = row->names; *name; name++)
        buf_addf(&page, "%s`%s`", name == row->names ? "" : ", ", *name);
    if (row->condition)
        buf_addf(&page, " where `%s`", row->condition);
    buf_addf(&page, " | %s | %s | ", category_title(row->category),
             tone_name(row->tone));
    count = add_sentences(row->id);
    buf_adds(&page, " |\n");
    return count;
}

/* All rows of one phrase; how many there are. */
static size_t add_phrase(const char *phrase)
{
    size_t count = 0;

    for (size_t i = 0; i < catalog_rows(catalog); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        if (!row.title || text_casecmp(row.title, phrase) != 0)
            continue;
        if (add_row(&row) == 0)
            fail_msg("no body in tests/fixtures fits row [%s]", row.id);
        count++;
    }
    return count;
}

static void every_other_row_has_a_sentence(void **state)
{
    (void)state;
    buf_adds(&page, "\nNot on that page, and told all the same:\n\n"
                    "| event names | category | tone | reads |\n"
                    "|---|---|---|---|\n");
    for (size_t i = 0; i < catalog_rows(catalog); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        if (!row.title && add_row(&row) == 0)
            fail_msg("no body in tests/fixtures fits row [%s]", row.id);
    }
}

static void every_event_of_the_handbook_has_a_row_and_a_sentence(void **state)
{
    size_t len;
    char *phrases = read_file("tests/fixtures", "handbook_events.txt", &len);

    (void)state;
    buf_adds(&page,
             "# What each event says\n\n"
             "Each event of PostHog's handbook page on user event streams, "
             "the names it arrives under,\nand the sentence a person reads "
             "after the name of who did it. Made by\n"
             "`tests/unit/catalog_doc_test` from `src/event/catalog.ini` and "
             "the bodies in `tests/fixtures`.\n\n"
             "| in the handbook | event names | category | tone | reads |\n"
             "|---|---|---|---|---|\n");
    for (char *line = phrases; *line;) {
        size_t cut = strcspn(line, "\n");
        bool last = !line[cut];

        line[cut] = '\0';
        if (*line && add_phrase(line) == 0)
            fail_msg("no row has the title \"%s\"", line);
        line += cut + !last;
    }
    free(phrases);
}

static void the_page_is_the_one_in_the_tree(void **state)
{
    char path[1024];
    size_t len;
    char *committed;
    FILE *file;

    (void)state;
    assert_true(buf_ok(&page));
    if (getenv("TELLTALE_UPDATE")) {
        snprintf(path, sizeof path, "%s/doc/events.md", getenv("TESTS_SRC"));
        file = fopen(path, "w");
        assert_non_null(file);
        fwrite(page.data, 1, page.len, file);
        assert_int_equal(fclose(file), 0);
    }
    committed = read_file("doc", "events.md", &len);
    if (strcmp(committed, page.data) != 0)
        fail_msg("doc/events.md is old: run this test with TELLTALE_UPDATE=1");
    free(committed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_of_the_handbook_has_a_row_and_a_sentence),
        cmocka_unit_test(every_other_row_has_a_sentence),
        cmocka_unit_test(the_page_is_the_one_in_the_tree),
    };

    return cmocka_run_group_tests_name("catalog_doc", tests, begin, end);
}
