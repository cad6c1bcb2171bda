/* The server's side of what serves, played: requests are tables of words,
 * answers are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/journal_rig.h"
#include "tests/unit/serve_rig.h"

#include "base/banned.h"

struct served served_answers[SERVED_ANSWERS];

static char *copy_of(const char *text, size_t len)
{
    char *out = malloc(len + 1);

    if (len)
        memcpy(out, text, len);
    out[len] = '\0';
    return out;
}

/* The answer to request N goes into served_answers[N]. */
void server_answer(struct server *server, struct request_id id,
                   const struct answer *answer)
{
    struct served *served = &served_answers[id.slot];
    const char *headers = answer->headers ? answer->headers : "";
    const char *type = answer->content_type ? answer->content_type : "";

    assert_non_null(server);
    assert_false(served->done);
    served->status = answer->status;
    served->body = copy_of(answer->body, answer->len);
    served->headers = copy_of(headers, strlen(headers));
    served->content_type = copy_of(type, strlen(type));
    served->done = true;
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
struct route served_route;
void server_route(struct server *server, const struct route *route)
{
    assert_non_null(server);
    assert_string_equal(route->methods, "GET");
    served_route = *route;
}

void served_forget(void)
{
    for (size_t i = 0; i < SERVED_ANSWERS; i++) {
        free(served_answers[i].body);
        free(served_answers[i].headers);
        free(served_answers[i].content_type);
        served_answers[i] = (struct served){0};
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

/* An answer that goes on is only served_stream, and seen to be let go once. */
struct stream served_stream;
bool server_stream(struct server *server, struct request_id id,
                   const struct stream *stream)
{
    assert_non_null(server);
    assert_false(served_answers[id.slot].done);
    served_answers[id.slot].status = 200;
    served_answers[id.slot].done = true;
    served_stream = *stream;
    return true;
}

void server_stream_send(struct server *server, struct request_id id,
                        const char *data, size_t len)
{
    assert_non_null(server);
    assert_non_null(data);
    assert_true(len > 0);
    assert_true(served_answers[id.slot].done);
}

struct stuck served_stuck;
size_t server_stream_waiting(const struct server *server, struct request_id id)
{
    assert_non_null(server);
    assert_true(served_answers[id.slot].done);
    served_stuck.seen = true;
    return served_stuck.on;
}

void server_stream_end(struct server *server, struct request_id id)
{
    assert_non_null(server);
    assert_true(served_answers[id.slot].done);
    served_stream.on_gone = NULL;
}

void server_stream_break(struct server *server, struct request_id id)
{
    server_stream_end(server, id);
}

void serve_get(const char *const *words, uint32_t slot)
{
    struct request request = {.impl = (void *)(uintptr_t)words};
    struct request_id id = {slot, 1};
    struct answer answer = {0};
    char body[] = "";
    void *note = NULL;

    if (served_route.ops->admit(served_route.ctx, &request, &answer, &note) ==
        ADMIT_ANSWER)
        server_answer(SERVED, id, &answer);
    else
        served_route.ops->on_complete(served_route.ctx, id, "127.0.0.1", note,
                                      body, 0);
    answer_free(&answer);
}

const char *const serve_let_in[] = {"x-telltale-token", "only-to-look", NULL};

int serve_setup(void **state)
{
    served_forget();
    return rig_setup(state);
}

int serve_teardown(void **state)
{
    served_forget();
    return rig_teardown(state);
}
