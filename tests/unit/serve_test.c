/* serve: who is let in, and what is answered, with the server's side played
 * here: requests are tables of words, answers are kept. The journal and its
 * reader's thread are real. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "config.h"
#include "serve/access.h"
#include "serve/events.h"
#include "serve/health.h"
#include "serve/metrics.h"
#include "serve/report.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

/* ---- the server's side ---- */

#define ANSWERS 8
static struct given {
    int status;
    char *body, *headers, *content_type;
    bool done;
} answers[ANSWERS];

static char *copy_of(const char *text, size_t len)
{
    char *out = malloc(len + 1);

    if (len)
        memcpy(out, text, len);
    out[len] = '\0';
    return out;
}

/* The answer to request N goes into answers[N]. */
void server_answer(struct server *server, struct request_id id,
                   const struct answer *answer)
{
    struct given *given = &answers[id.slot];
    const char *headers = answer->headers ? answer->headers : "";
    const char *type = answer->content_type ? answer->content_type : "";

    assert_non_null(server);
    assert_false(given->done);
    given->status = answer->status;
    given->body = copy_of(answer->body, answer->len);
    given->headers = copy_of(headers, strlen(headers));
    given->content_type = copy_of(type, strlen(type));
    given->done = true;
}

void answer_copy(struct answer *answer, const char *text)
{
    answer->copy = copy_of(text, strlen(text));
    answer->body = answer->copy;
    answer->len = strlen(text);
}

void answer_free(struct answer *answer)
{
    free(answer->copy);
    answer->copy = NULL;
}

/* What serves adds its one route. */
static struct route added;
void server_route(struct server *server, const struct route *route)
{
    assert_non_null(server);
    assert_string_equal(route->methods, "GET");
    added = *route;
}

static void forget_answers(void)
{
    for (size_t i = 0; i < ANSWERS; i++) {
        free(answers[i].body);
        free(answers[i].headers);
        free(answers[i].content_type);
        answers[i] = (struct given){0};
    }
}

struct server_stats server_stats(const struct server *server)
{
    assert_non_null(server);
    return (struct server_stats){.requests = 11,
                                 .answered = 10,
                                 .refused = 9,
                                 .lost = 8,
                                 .timeouts = 7,
                                 .evicted = 6,
                                 .connections = 5,
                                 .waiting = 4,
                                 .in_flight = 3,
                                 .unsent = 2};
}

/* Names and values in turn, ended by NULL; parameters are named "?NAME". */
static bool look_up(const char *const *words, const char *prefix,
                    const char *name, char *out, size_t size)
{
    for (; words && *words; words += 2)
        if (!strncmp(*words, prefix, strlen(prefix)) &&
            !strcmp(*words + strlen(prefix), name) &&
            strlen(words[1]) < size) {
            snprintf(out, size, "%s", words[1]);
            return true;
        }
    return false;
}

bool request_header(const struct request *request, const char *name, char *out,
                    size_t size)
{
    return look_up(request->impl, "", name, out, size);
}

bool request_param(const struct request *request, const char *name, char *out,
                   size_t size)
{
    return look_up(request->impl, "?", name, out, size);
}

bool request_has_header(const struct request *request, const char *name)
{
    char out[8 * KIB];

    return look_up(request->impl, "", name, out, sizeof out);
}

bool request_has_param(const struct request *request, const char *name)
{
    char out[8 * KIB];

    return look_up(request->impl, "?", name, out, sizeof out);
}

/* An answer that goes on is only begun, and seen to be let go once. */
static struct stream begun;
bool server_stream(struct server *server, struct request_id id,
                   const struct stream *stream)
{
    assert_non_null(server);
    assert_false(answers[id.slot].done);
    answers[id.slot].status = 200;
    answers[id.slot].done = true;
    begun = *stream;
    return true;
}

void server_stream_send(struct server *server, struct request_id id,
                        const char *data, size_t len)
{
    assert_non_null(server);
    assert_non_null(data);
    assert_true(len > 0);
    assert_true(answers[id.slot].done);
}

size_t server_stream_waiting(const struct server *server, struct request_id id)
{
    assert_non_null(server);
    assert_true(answers[id.slot].done);
    return 0;
}

void server_stream_end(struct server *server, struct request_id id)
{
    assert_non_null(server);
    assert_true(answers[id.slot].done);
    begun.gone = NULL;
}

void server_stream_break(struct server *server, struct request_id id)
{
    server_stream_end(server, id);
}

static struct server *const server = (struct server *)answers;

/* ---- who may ---- */

static struct viewers viewers;

static bool granted(const char *name, const char *value)
{
    const char *words[] = {name, value, NULL};
    struct request request = {.impl = words};

    return access_granted(&viewers, &request, NULL);
}

static void the_token_is_taken_from_two_headers(void **state)
{
    (void)state;
    assert_true(granted("authorization", "Bearer only-to-look"));
    assert_true(granted("authorization", "bearer only-to-look"));
    assert_true(granted("x-telltale-token", "only-to-look"));
    assert_false(granted("authorization", "Bearer only-to-loo"));
    assert_false(granted("authorization", "Bearer  only-to-look"));
    assert_false(granted("authorization", "Basic only-to-look"));
    assert_false(granted("authorization", "only-to-look"));
    assert_false(granted("x-telltale-token", "Bearer only-to-look"));
    assert_false(granted("x-telltale-token", ""));
    assert_false(granted("x-other", "only-to-look"));
}

static void a_wrong_bearer_does_not_hide_a_right_token(void **state)
{
    const char *words[] = {"authorization", "Bearer of-the-proxy",
                           "x-telltale-token", "only-to-look", NULL};
    struct request request = {.impl = words};

    (void)state;
    assert_true(access_granted(&viewers, &request, NULL));
}

static void without_a_token_nobody_gets_in_and_is_told_why(void **state)
{
    static const struct viewers none;
    const char *words[] = {"x-telltale-token", "", NULL};
    struct request request = {.impl = words};
    struct answer answer = {0};

    (void)state;
    assert_false(access_granted(&none, &request, NULL));
    access_refuse(&none, &answer);
    assert_int_equal(answer.status, 401);
    assert_non_null(strstr(answer.body, "telltale viewers add"));
    assert_int_equal(answer.len, strlen(answer.body));
    access_refuse(&viewers, &answer);
    assert_non_null(strstr(answer.body, "the viewer token is needed"));
    assert_string_equal(answer.headers, "WWW-Authenticate: Bearer\r\n");
}

/* ---- health and metrics ---- */

static struct lag lag;
static const struct loop_turns turns = {.counts = {3, 2},
                                        .count = 6,
                                        .sum_us = 5003200,
                                        .max_us = 5001000};

static void fill(void *ctx, struct figures *out)
{
    assert_ptr_equal(ctx, &lag);
    assert_true(out->last_event_ms == CLOCK_NONE);
    *out = (struct figures){.events = 101,
                            .duplicates = 102,
                            .not_json = 103,
                            .unauthorised = 104,
                            .unavailable = 105,
                            .lag = &lag,
                            .turns = &turns,
                            .last_event_ms = NOW,
                            .silence = "quiet",
                            .habit_hours = 106,
                            .ring_bytes = 3,
                            .forgotten = 107,
                            .mirror_count = 2,
                            .mirrors = {{.name = "team",
                                         .type = "slack",
                                         .state = "ok",
                                         .trouble = "",
                                         .on = true,
                                         .sent = 201,
                                         .events = 202,
                                         .waiting = 203,
                                         .parked = 204,
                                         .pruned = 205},
                                        {.name = "other",
                                         .type = "json",
                                         .state = "off",
                                         .trouble = "410",
                                         .on = false}}};
}

static void get(const char *const *words, uint32_t slot)
{
    struct request request = {.impl = (void *)(uintptr_t)words};
    struct request_id id = {slot, 1};
    struct answer answer = {0};
    char body[] = "";
    void *note = NULL;

    if (added.ops->admit(added.ctx, &request, &answer, &note) == ADMIT_ANSWER)
        server_answer(server, id, &answer);
    else
        added.ops->complete(added.ctx, id, "127.0.0.1", note, body, 0);
    answer_free(&answer);
}

static const char *const let_in[] = {"x-telltale-token", "only-to-look", NULL};

static void has(const char *part)
{
    if (!strstr(answers[0].body, part))
        fail_msg("not in the answer: %s\n%s", part, answers[0].body);
}

static void anybody_is_told_that_it_is_well_and_no_more(void **state)
{
    struct rig *rig = *state;
    struct figures_source source = {rig->journal, &viewers, fill, &lag};
    struct health *health = health_new(&source);

    health_serve(health, server);
    get(NULL, 0);
    assert_int_equal(answers[0].status, 200);
    assert_string_equal(answers[0].body, "{\"ok\":true}");
    assert_string_equal(answers[0].headers, "");
    health_free(health);
}

static void who_has_the_token_is_told_everything(void **state)
{
    struct rig *rig = *state;
    struct figures_source source = {rig->journal, &viewers, fill, &lag};
    struct health *health = health_new(&source);

    append_one(rig, sample("a"));
    health_serve(health, server);
    get(let_in, 0);
    has("{\"ok\":true,\"version\":\"" PACKAGE_VERSION "\",");
    has("\"source\":{\"events\":101,\"duplicates\":102,"
        "\"forgotten\":107,\"not_json\":103,"
        "\"unauthorised\":104,\"unavailable\":105,"
        "\"last_event_at\":\"2026-09-14T08:06:03.942Z\","
        "\"silence\":\"quiet\",\"late\":0,\"late_since\":null}");
    has("\"lag\":{\"events\":2,\"p50_ms\":40,\"p99_ms\":5000}");
    has("\"last_seq\":1,\"events\":1,\"duplicates\":0,"
        "\"forgotten\":0,\"rejects\":0,"
        "\"commits\":");
    has("\"trouble\":null}");
    has("\"server\":{\"requests\":11,\"answered\":10,\"refused\":9,"
        "\"lost\":8,\"timeouts\":7,\"connections\":5,\"bytes_in_flight\":3,"
        "\"bytes_unsent\":2,\"evicted\":6}");
    has("{\"name\":\"team\",\"type\":\"slack\",\"state\":\"ok\","
        "\"messages\":201,\"events\":202,\"waiting\":203,\"parked\":204,"
        "\"pruned\":205,\"trouble\":null}");
    has("\"state\":\"off\",\"messages\":0,\"events\":0,\"waiting\":0,"
        "\"parked\":0,\"pruned\":0,\"trouble\":\"410\"}]}");
    health_free(health);
}

static void metrics_are_for_the_token_and_say_the_same(void **state)
{
    struct rig *rig = *state;
    struct figures_source source = {rig->journal, &viewers, fill, &lag};
    struct metrics *metrics = metrics_new(&source);

    metrics_serve(metrics, server);
    get(NULL, 1);
    assert_int_equal(answers[1].status, 401);
    append_one(rig, sample("a"));
    get(let_in, 0);
    assert_int_equal(answers[0].status, 200);
    assert_string_equal(answers[0].content_type,
                        "text/plain; version=0.0.4; charset=utf-8");
    has("telltale_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
    has("# TYPE telltale_events_total counter\ntelltale_events_total 101\n");
    has("telltale_duplicates_total 102\n");
    has("telltale_refused_total{reason=\"not_json\"} 103\n");
    has("telltale_refused_total{reason=\"secret\"} 104\n");
    has("telltale_refused_total{reason=\"journal\"} 105\n");
    has("telltale_refused_total{reason=\"http\"} 9\n");
    has("telltale_arrival_lag_seconds_bucket{le=\"+Inf\"} 2\n");
    has("telltale_arrival_lag_seconds_sum 5.040\n");
    has("telltale_arrival_lag_seconds_count 2\n");
    has("telltale_loop_turn_seconds_bucket{le=\"0.000100\"} 3\n");
    has("telltale_loop_turn_seconds_bucket{le=\"1.000000\"} 5\n");
    has("telltale_loop_turn_seconds_bucket{le=\"+Inf\"} 6\n");
    has("telltale_loop_turn_seconds_sum 5.003200\n");
    has("telltale_loop_turn_max_seconds 5.001000\n");
    has("telltale_last_event_timestamp_seconds 1789373163.942\n");
    has("telltale_silence 1\n");
    has("telltale_habit_hours 106\n");
    has("telltale_journal_up 1\n");
    has("telltale_journal_last_seq 1\n");
    has("telltale_http_timeouts_total 7\n");
    has("telltale_http_evicted_total 6\n");
    has("telltale_http_lost_total 8\n");
    has("telltale_http_connections 5\n");
    has("telltale_http_waiting 4\n");
    has("telltale_http_in_flight_bytes 3\n");
    has("telltale_http_unsent_bytes 2\n");
    has("telltale_memory_ring_bytes 3\n");
    has("telltale_memory_journal_bytes ");
    has("telltale_mirror_up{mirror=\"team\",type=\"slack\"} 1\n");
    has("telltale_mirror_up{mirror=\"other\",type=\"json\"} 0\n");
    has("telltale_mirror_messages_total{mirror=\"team\",type=\"slack\"} 201");
    has("telltale_mirror_events_total{mirror=\"team\",type=\"slack\"} 202\n");
    has("telltale_mirror_waiting_events{mirror=\"team\",type=\"slack\"} 203");
    has("telltale_mirror_parked_events{mirror=\"team\",type=\"slack\"} 204\n");
    has("telltale_mirror_pruned_events_total{mirror=\"team\","
        "type=\"slack\"} 205\n");
    metrics_free(metrics);
}

/* ---- events ---- */

/* One more GET /events; waits for its answer. */
static struct given *ask_events(struct rig *rig, const char *const *params)
{
    const char *words[12] = {"x-telltale-token", "only-to-look"};
    struct events *events = events_new(rig->journal, &viewers, NULL);

    for (size_t i = 0; params && params[i]; i++)
        words[i + 2] = params[i];
    events_serve(events, server);
    forget_answers();
    get(words, 0);
    rig_drain_until(rig, &answers[0].done);
    events_free(events);
    return &answers[0];
}

#define ASK(rig, ...) ask_events(rig, (const char *const[]){__VA_ARGS__, NULL})

/* The seqs of the lines of an answer, as "1 2 3". */
static const char *seqs(const struct given *given)
{
    static char out[128];
    size_t len = 0;

    out[0] = '\0';
    for (const char *line = given->body; *line && len < sizeof out - 8;
         line = strchr(line, '\n') + 1) {
        const char *seq = strstr(line, "\"seq\":");

        assert_non_null(seq);
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%ld",
                                len ? " " : "", strtol(seq + 6, NULL, 10));
    }
    return out;
}

static size_t lines(const struct given *given)
{
    size_t count = 0;

    for (const char *at = given->body; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void expect_refused(struct rig *rig, const char *name,
                           const char *value, const char *why)
{
    struct given *given = ASK(rig, name, value);

    assert_int_equal(given->status, 400);
    if (!strstr(given->body, why))
        fail_msg("%s=%s: %s", name, value, given->body);
}

static void events_are_for_the_token(void **state)
{
    struct rig *rig = *state;
    struct events *events = events_new(rig->journal, &viewers, NULL);

    events_serve(events, server);
    get(NULL, 0);
    assert_int_equal(answers[0].status, 401);
    events_free(events);
}

static void parameters_are_numbers_within_their_range(void **state)
{
    static const char *const names[] = {"?after", "?before", "?limit"};
    struct rig *rig = *state;

    for (size_t i = 0; i < 3; i++) {
        expect_refused(rig, names[i], "", "are numbers");
        expect_refused(rig, names[i], "1x", "are numbers");
        expect_refused(rig, names[i], "-1", "are numbers");
        expect_refused(rig, names[i], "1234567890123456789", "are numbers");
    }
    expect_refused(rig, "?limit", "0", "from 1 to 10000");
    expect_refused(rig, "?limit", "10001", "from 1 to 10000");
    assert_int_equal(ASK(rig, "?limit", "10000")->status, 200);
    assert_int_equal(ASK(rig, "?limit", "1")->status, 200);
    assert_int_equal(ASK(rig, "?before", "123456789012345678")->status, 200);
}

/* The column is the person's: the first is 1. */
static void a_query_that_is_none_is_explained(void **state)
{
    struct rig *rig = *state;

    expect_refused(rig, "?q", "(", "q, column ");
    expect_refused(rig, "?q", "colour:red", "q, column 1: ");
}

static void the_newest_hundred_come_oldest_first(void **state)
{
    struct rig *rig = *state;
    struct given *given;

    rig_fill(rig, 250);
    given = ask_events(rig, NULL);
    assert_int_equal(given->status, 200);
    assert_string_equal(given->content_type, "application/x-ndjson");
    assert_int_equal(lines(given), 100);
    assert_string_equal(given->headers, "X-Telltale-Next: before=151\r\n");
    given = ASK(rig, "?limit", "3");
    assert_string_equal(seqs(given), "248 249 250");
    given = ASK(rig, "?limit", "3", "?before", "248");
    assert_string_equal(seqs(given), "245 246 247");
    assert_string_equal(given->headers, "X-Telltale-Next: before=245\r\n");
    given = ASK(rig, "?limit", "3", "?before", "3");
    assert_string_equal(seqs(given), "1 2");
    assert_string_equal(given->headers, "");
}

static void after_a_number_come_those_that_follow(void **state)
{
    struct rig *rig = *state;
    struct given *given;

    rig_fill(rig, 6);
    given = ASK(rig, "?limit", "2", "?after", "1");
    assert_string_equal(seqs(given), "2 3");
    assert_string_equal(given->headers, "X-Telltale-Next: after=3\r\n");
    given = ASK(rig, "?limit", "3", "?after", "3");
    assert_string_equal(seqs(given), "4 5 6");
    given = ASK(rig, "?after", "6");
    assert_string_equal(given->body, "");
    assert_string_equal(given->headers, "");
}

/* Two that match, more than a page apart. */
static void a_search_goes_on_over_pages(void **state)
{
    struct rig *rig = *state;
    struct given *given;

    append_one(rig, with_uuid("wanted", 9000));
    rig_fill(rig, 3 * LIMIT_PAGE_ROWS);
    append_one(rig, with_uuid("wanted", 9001));
    given = ASK(rig, "?q", "event:wanted", "?limit", "2");
    assert_int_equal(given->status, 200);
    assert_string_equal(seqs(given), "1 1502");
    given = ASK(rig, "?q", "event:wanted", "?after", "1");
    assert_string_equal(seqs(given), "1502");
    assert_string_equal(given->headers, "");
    given = ASK(rig, "?q", "event:unknown");
    assert_string_equal(given->body, "");
    assert_string_equal(given->headers, "");
}

/* What does not fit is not lost: the next answer begins with it. */
static void an_answer_that_is_full_says_where_to_go_on(void **state)
{
    struct rig *rig = *state;
    size_t size = LIMIT_EVENTS_ANSWER / 5 * 2;
    char *raw = malloc(size + 1);
    struct event event = sample("large");
    struct given *given;

    memset(raw, ' ', size);
    memcpy(raw, "{\"event\":\"large\",\"properties\":{\"pad\":\"", 37);
    memset(raw + 37, 'x', size - 40);
    memcpy(raw + size - 3, "\"}}", 3);
    raw[size] = '\0';
    event.raw = raw;
    event.raw_len = size;
    event.props_at = 30;
    event.props_len = size - 31;
    for (int i = 0; i < 3; i++)
        append_one(rig, event);
    given = ASK(rig, "?after", "0");
    assert_string_equal(seqs(given), "1 2");
    assert_string_equal(given->headers, "X-Telltale-Next: after=2\r\n");
    given = ASK(rig, "?after", "2");
    assert_string_equal(seqs(given), "3");
    assert_string_equal(given->headers, "");
    given = ask_events(rig, NULL);
    assert_string_equal(seqs(given), "2 3");
    assert_string_equal(given->headers, "X-Telltale-Next: before=2\r\n");
    free(raw);
}

/* The reader's thread has something else to do until it is let go. */
static atomic_bool let_go;
static enum reader_step hold_reader(void *ctx, struct journal_reader *reader,
                                    struct err *err)
{
    (void)ctx;
    (void)reader;
    (void)err;
    while (!let_go)
        sched_yield();
    return READER_DONE;
}

/* 1.5 s is what a search may take: those at the reader say how far they
 * came, the one that waits behind them is told to come again. */
static void a_search_out_of_time_says_so(void **state)
{
    const char *words[] = {"x-telltale-token", "only-to-look", "?q",
                           "event:none", NULL};
    struct rig *rig = *state;
    struct events *events = events_new(rig->journal, &viewers, NULL);
    const struct timespec little = {0, 10000000};
    struct sql_job held = {.sql = NULL};
    int64_t began;

    rig_fill(rig, 2 * LIMIT_PAGE_ROWS);
    events_serve(events, server);
    let_go = false;
    journal_read(rig->journal, hold_reader, note_job, &held);
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++)
        get(words, i);
    began = clock_mono_us();
    while (clock_mono_us() < began + 1600000)
        nanosleep(&little, NULL);
    let_go = true;
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++)
        rig_drain_until(rig, &answers[i].done);
    for (uint32_t i = 0; i < LIMIT_SEARCHES; i++) {
        assert_int_equal(answers[i].status, 200);
        assert_string_equal(answers[i].body, "");
        assert_string_equal(answers[i].headers,
                            "X-Telltale-Next: before=501\r\n");
    }
    assert_int_equal(answers[LIMIT_SEARCHES].status, 503);
    assert_string_equal(answers[LIMIT_SEARCHES].headers, "Retry-After: 1\r\n");
    events_free(events);
}

/* One more than are read at once, and time enough. */
static void searches_wait_for_their_turn(void **state)
{
    const char *words[] = {"x-telltale-token", "only-to-look", NULL};
    struct rig *rig = *state;
    struct events *events = events_new(rig->journal, &viewers, NULL);

    rig_fill(rig, 3);
    events_serve(events, server);
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++)
        get(words, i);
    for (uint32_t i = 0; i <= LIMIT_SEARCHES; i++) {
        rig_drain_until(rig, &answers[i].done);
        assert_string_equal(seqs(&answers[i]), "1 2 3");
    }
    events_free(events);
}

/* ---- reports ---- */

/* One more GET /report; waits for its answer. */
static struct given *ask_report(struct rig *rig, const char *name,
                                const char *value)
{
    const char *words[] = {"x-telltale-token", "only-to-look", name, value,
                           NULL};
    struct reports *reports = reports_new(rig->journal, &viewers, NULL);

    reports_serve(reports, server);
    forget_answers();
    get(words, 0);
    rig_drain_until(rig, &answers[0].done);
    if (answers[0].status == 200)
        while (begun.gone)
            journal_drain(rig->journal);
    reports_free(reports);
    return &answers[0];
}

static void what_a_report_is_asked_in_vain_is_explained(void **state)
{
    char long_word[80];
    struct rig *rig = *state;

    memset(long_word, '1', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    assert_int_equal(ask_report(rig, "?since", "2d")->status, 200);
    assert_int_equal(ask_report(rig, "?since", "some time")->status, 400);
    assert_int_equal(ask_report(rig, "?since", long_word)->status, 400);
    assert_int_equal(ask_report(rig, "?format", long_word)->status, 400);
    assert_int_equal(ask_report(rig, "?account", "nobody")->status, 404);
}

/* That nobody has the account would be a lie. */
static void a_journal_that_cannot_be_read_is_no_unknown_account(void **state)
{
    struct rig *rig = *state;

    change(rig, "ALTER TABLE accounts RENAME TO gone");
    assert_int_equal(ask_report(rig, "?account", "nobody")->status, 500);
    assert_int_equal(ask_report(rig, "?since", "2d")->status, 500);
    change(rig, "ALTER TABLE gone RENAME TO accounts");
}

/* The stop comes between the first read and the loop's hearing of it. */
static void a_report_asked_for_at_the_end_is_to_be_asked_again(void **state)
{
    struct rig *rig = *state;
    struct reports *reports = reports_new(rig->journal, &viewers, NULL);
    unsigned woken;

    reports_serve(reports, server);
    pthread_mutex_lock(&rig->mutex);
    woken = rig->wakes;
    pthread_mutex_unlock(&rig->mutex);
    get(let_in, 0);
    pthread_mutex_lock(&rig->mutex);
    while (rig->wakes == woken)
        pthread_cond_wait(&rig->woken, &rig->mutex);
    pthread_mutex_unlock(&rig->mutex);
    reports_stop(reports);
    rig_drain_until(rig, &answers[0].done);
    assert_int_equal(answers[0].status, 503);
    reports_free(reports);
}

static int setup(void **state)
{
    forget_answers();
    return rig_setup(state);
}

static int teardown(void **state)
{
    forget_answers();
    return rig_teardown(state);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_token_is_taken_from_two_headers),
        cmocka_unit_test(a_wrong_bearer_does_not_hide_a_right_token),
        cmocka_unit_test(without_a_token_nobody_gets_in_and_is_told_why),
        CASE(anybody_is_told_that_it_is_well_and_no_more),
        CASE(who_has_the_token_is_told_everything),
        CASE(metrics_are_for_the_token_and_say_the_same),
        CASE(events_are_for_the_token),
        CASE(parameters_are_numbers_within_their_range),
        CASE(a_query_that_is_none_is_explained),
        CASE(the_newest_hundred_come_oldest_first),
        CASE(after_a_number_come_those_that_follow),
        CASE(a_search_goes_on_over_pages),
        CASE(an_answer_that_is_full_says_where_to_go_on),
        CASE(a_search_out_of_time_says_so),
        CASE(searches_wait_for_their_turn),
        CASE(what_a_report_is_asked_in_vain_is_explained),
        CASE(a_journal_that_cannot_be_read_is_no_unknown_account),
        CASE(a_report_asked_for_at_the_end_is_to_be_asked_again),
    };
    struct err err;
    int failed;

    lag_add(&lag, 40);
    lag_add(&lag, 5000);
    if (!secret_set_add(&viewers.tokens, "only-to-look", &err))
        return 1;
    failed = cmocka_run_group_tests_name("serve", tests, NULL, NULL);
    viewers_free(&viewers);
    return failed;
}
