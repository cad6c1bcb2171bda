/* client: a body that is taken as it comes, and one that is far too large. The
 * other side is a thread with a socket. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/limits.h"
#include "net/client.h"

#include "base/banned.h"

#define PATIENCE_US INT64_C(30000000)

/* Answers one request with a piece, and with another whenever it is told to;
 * goes away when told so by a closed pipe. */
struct other_side {
    int listener, told[2];
    pthread_t thread;
    char url[64];
    size_t large; /* instead: so many bytes, as far as they are wanted */
    bool stalls;  /* behind these, until it is told to go away */
};

static void send_large(int client, size_t left)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    static const char zeros[64 * KIB];
    ssize_t sent = send(client, head, sizeof head - 1, MSG_NOSIGNAL);

    for (; sent > 0 && left; left -= (size_t)sent)
        sent = send(client, zeros, left < sizeof zeros ? left : sizeof zeros,
                    MSG_NOSIGNAL);
}

static void *serve(void *ctx)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\npiece";
    struct other_side *other = ctx;
    int client = accept(other->listener, NULL, NULL);
    char bytes[4096];

    if (other->large && read(client, bytes, sizeof bytes) > 0) {
        send_large(client, other->large);
        if (other->stalls && read(other->told[0], bytes, 1) == 1)
            abort();
    } else if (read(client, bytes, sizeof bytes) > 0 &&
               write(client, head, sizeof head - 1) > 0)
        while (read(other->told[0], bytes, 1) == 1)
            if (write(client, "piece", 5) != 5)
                break;
    close(client);
    return NULL;
}

static void other_open(struct other_side *other)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    other->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(other->listener, (struct sockaddr *)&address, len),
                     0);
    assert_int_equal(listen(other->listener, 1), 0);
    getsockname(other->listener, (struct sockaddr *)&address, &len);
    snprintf(other->url, sizeof other->url, "http://127.0.0.1:%u/",
             (unsigned)ntohs(address.sin_port));
    assert_int_equal(pipe(other->told), 0);
    pthread_create(&other->thread, NULL, serve, other);
}

static void other_close(struct other_side *other)
{
    close(other->told[1]);
    pthread_join(other->thread, NULL);
    close(other->told[0]);
    close(other->listener);
}

static struct play {
    struct loop *loop;
    struct client *client;
    struct loop_timer *timer;
    struct other_side other;
    uint64_t id;
    int taken; /* pieces that were offered */
    bool done, besides, begun;
} play;

static enum client_taken pause_then_end(void *ctx, const char *data,
                                        size_t len)
{
    (void)ctx;
    assert_memory_equal(data, "piece", len < 5 ? len : 5);
    if (++play.taken > 1)
        return CLIENT_END;
    loop_timer_set(play.timer, 0);
    return CLIENT_PAUSE;
}

static void done(void *ctx, const struct client_answer *answer)
{
    (void)ctx;
    assert_int_equal(answer->outcome, CLIENT_DOUBT);
    play.done = true;
    loop_stop(play.loop);
}

/* What comes after the end must not be offered any more. */
static void resume(void *ctx)
{
    (void)ctx;
    client_resume(play.client, play.id);
    assert_int_equal(write(play.other.told[1], "x", 1), 1);
}

static void what_is_refused_after_a_pause_ends_the_transfer(void **state)
{
    struct client_request request = {.allow_http = true,
                                     .take = pause_then_end};
    struct err err;

    (void)state;
    other_open(&play.other);
    play.loop = loop_new(&err);
    play.client = client_new(play.loop);
    play.timer = loop_timer_new(play.loop, resume, NULL);
    request.url = play.other.url;
    play.id = client_send(play.client, &request, done, NULL);
    loop_run(play.loop);
    assert_true(play.done);
    assert_int_equal(play.taken, 2);
    other_close(&play.other);
    client_free(play.client);
    loop_timer_free(play.timer);
    loop_free(play.loop);
}

/* ---- who waits may leave ---- */

static bool leave_once_begun(void *ctx, bool begun)
{
    (void)ctx;
    play.begun = play.begun || begun;
    return !begun;
}

static void left(void *ctx, const struct client_answer *answer)
{
    (void)ctx;
    assert_int_equal(answer->outcome, CLIENT_DOUBT);
    assert_string_equal(answer->error, "127.0.0.1: no answer in time");
    play.done = true;
}

static void who_waits_is_asked_and_may_leave(void **state)
{
    struct client_request request = {.allow_http = true,
                                     .timeout_ms = 60000,
                                     .waiting = leave_once_begun};

    (void)state;
    play = (struct play){.done = false};
    other_open(&play.other);
    request.url = play.other.url;
    client_perform(&request, left, NULL);
    assert_true(play.begun);
    assert_true(play.done);
    other_close(&play.other);
}

/* ---- asking while something is handed on ---- */

static void besides_done(void *ctx, const struct client_answer *answer)
{
    (void)ctx;
    assert_int_equal(answer->outcome, CLIENT_UNSENT);
    play.besides = true;
    loop_stop(play.loop);
}

static enum client_taken ask_besides(void *ctx, const char *data, size_t len)
{
    /* Nobody listens there. */
    struct client_request besides = {.url = "http://127.0.0.1:1/",
                                     .allow_http = true};

    (void)ctx;
    (void)data;
    (void)len;
    if (!play.taken++)
        client_send(play.client, &besides, besides_done, NULL);
    return CLIENT_GO_ON;
}

static void it_takes_too_long(void *ctx)
{
    (void)ctx;
    loop_stop(play.loop);
}

static void what_is_sent_while_something_is_handed_on_is_done(void **state)
{
    struct client_request request = {.allow_http = true, .take = ask_besides};
    struct err err;

    (void)state;
    play = (struct play){.taken = 0};
    other_open(&play.other);
    play.loop = loop_new(&err);
    play.client = client_new(play.loop);
    play.timer = loop_timer_new(play.loop, it_takes_too_long, NULL);
    loop_timer_set(play.timer, PATIENCE_US);
    request.url = play.other.url;
    play.id = client_send(play.client, &request, done, NULL);
    loop_run(play.loop);
    assert_true(play.besides);
    client_cancel(play.client, play.id);
    other_close(&play.other);
    client_free(play.client);
    loop_timer_free(play.timer);
    loop_free(play.loop);
}

/* ---- what is far too large ---- */

static enum client_outcome outcome;
static bool too_long;

static void note_cut(void *ctx, const struct client_answer *answer)
{
    static const char zeros[10];

    (void)ctx;
    outcome = answer->outcome;
    too_long = answer->too_long;
    if (outcome != CLIENT_ANSWERED)
        return;
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->len, sizeof zeros);
    assert_memory_equal(answer->body, zeros, sizeof zeros);
}

static enum client_outcome ask_for(size_t large)
{
    struct client_request request = {.allow_http = true, .max_answer = 10};

    play = (struct play){.other = {.large = large}};
    other_open(&play.other);
    request.url = play.other.url;
    client_perform(&request, note_cut, NULL);
    other_close(&play.other);
    return outcome;
}

static void an_answer_is_cut_and_one_without_end_is_none(void **state)
{
    (void)state;
    assert_int_equal(ask_for(10), CLIENT_ANSWERED);
    assert_false(too_long);
    assert_int_equal(ask_for(11), CLIENT_ANSWERED);
    assert_true(too_long);
    assert_int_equal(ask_for(10 + 64 * MIB), CLIENT_ANSWERED);
    assert_true(too_long);
    assert_int_equal(ask_for(11 + 64 * MIB), CLIENT_DOUBT);
    assert_true(too_long);
}

/* What would come no sooner the next time. */
static void much_that_is_not_whole_in_time_is_too_long(void **state)
{
    static const size_t sizes[] = {100, 2 * MIB};
    struct client_request request = {.allow_http = true,
                                     .max_answer = 4 * MIB,
                                     .timeout_ms = 500};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        play = (struct play){.other = {.large = sizes[i], .stalls = true}};
        other_open(&play.other);
        request.url = play.other.url;
        client_perform(&request, note_cut, NULL);
        other_close(&play.other);
        assert_int_equal(outcome, CLIENT_DOUBT);
        assert_int_equal(too_long, i == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_after_a_pause_ends_the_transfer),
        cmocka_unit_test(who_waits_is_asked_and_may_leave),
        cmocka_unit_test(what_is_sent_while_something_is_handed_on_is_done),
        cmocka_unit_test(an_answer_is_cut_and_one_without_end_is_none),
        cmocka_unit_test(much_that_is_not_whole_in_time_is_too_long),
    };

    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
