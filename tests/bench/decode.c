/* What an event of about 2 KB costs on its way from bytes to a record, step
 * by step. Prints microseconds of processor time per event; asserts nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "event/decode.h"
#include "event/json_tree.h"
#include "event/slice.h"
#include "figure.h"

#include "base/banned.h"

#define TURNS 2000
#define ROUNDS 9

struct sample {
    char *body;
    size_t len;
    struct decoder decoder;
    bool noted; /* its figures go into the table */
};

static void run_check(const struct sample *sample)
{
    if (!slice_check(sample->body, sample->len, NULL))
        abort();
}

static void run_redact(const struct sample *sample)
{
    struct buf out;

    buf_init(&out, 4 * sample->len);
    redaction_apply(sample->decoder.redaction,
                    (struct slice){sample->body, sample->len}, &out);
    buf_free(&out);
}

static void run_tree(const struct sample *sample)
{
    struct arena arena = ARENA_INIT;

    json_tree((struct slice){sample->body, sample->len}, &arena, NULL);
    arena_free(&arena);
}

/* For comparison. */
static void run_cjson(const struct sample *sample)
{
    cJSON_Delete(cJSON_ParseWithLength(sample->body, sample->len + 1));
}

static void run_decode(const struct sample *sample)
{
    const struct arrival arrival = {.received_at = 1789373165000};
    struct event_batch *batch = event_batch_new();
    struct decoded decoded;

    if (!decode_body(&sample->decoder, &arrival, sample->body, sample->len,
                     batch, &decoded, NULL))
        abort();
    event_batch_free(batch);
}

static void run_json(const struct sample *sample)
{
    const struct arrival arrival = {.received_at = 1789373165000};
    struct event_batch *batch = event_batch_new();
    struct decoded decoded;
    struct buf out;

    buf_init(&out, LIMIT_BODY);
    decode_body(&sample->decoder, &arrival, sample->body, sample->len, batch,
                &decoded, NULL);
    event_to_json(&out, batch->events, NULL);
    buf_free(&out);
    event_batch_free(batch);
}

/* Of this process alone, whatever else the machine does. */
static double cpu_us(void)
{
    struct timespec spent;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
}

static void measure(const char *what, const char *name,
                    void (*run)(const struct sample *),
                    const struct sample *sample)
{
    double cost[ROUNDS], median;

    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_us();

        for (int turn = 0; turn < TURNS; turn++)
            run(sample);
        cost[round] = (cpu_us() - start) / TURNS;
    }
    median = figure_median(cost, ROUNDS);
    printf("%-22s %6.2f us (median of %d; best %.2f, worst %.2f)\n", what,
           median, ROUNDS, cost[0], cost[ROUNDS - 1]);
    if (sample->noted)
        figure(median, "us", "decode.%s", name);
}

static void measure_all(struct sample *sample, const char *name)
{
    const char *src = getenv("TESTS_SRC");
    struct err err;
    char path[1024];

    snprintf(path, sizeof path, "%s/tests/fixtures/%s", src ? src : ".", name);
    sample->body = file_slurp(path, LIMIT_BODY, &sample->len, &err);
    if (!sample->body) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    printf("%s, %zu bytes\n", name, sample->len);
    measure("slice_check", "check", run_check, sample);
    measure("redaction_apply", "redact", run_redact, sample);
    measure("json_tree", "tree", run_tree, sample);
    measure("cJSON parse and free", "cjson", run_cjson, sample);
    measure("decode_body, all told", "all", run_decode, sample);
    measure("and to its JSON form", "json", run_json, sample);
    free(sample->body);
}

int main(void)
{
    static const char book[] =
        "organization_id,organization_name\n"
        "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder & Finch Labs\n";
    struct catalog *catalog = catalog_new();
    struct redaction *redaction = redaction_new_prompts("");
    struct book *accounts =
        book_read("book", book, sizeof book - 1, NULL, NULL);
    struct sample sample = {.decoder = {.catalog = catalog,
                                        .book = accounts,
                                        .redaction = redaction}};

    sample.noted = true;
    measure_all(&sample, "01_product_analytics_insight_created.json");
    sample.noted = false;
    measure_all(&sample, "13_surveys_survey_launched.json");
    measure_all(&sample, "default_insight_created.json");
    book_free(accounts);
    redaction_free(redaction);
    catalog_free(catalog);
    return 0;
}
