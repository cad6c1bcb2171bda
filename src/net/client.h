/* The HTTP client: libcurl behind a small interface. Everything that leaves
 * the machine goes through here: TLS verified, no redirects followed, https
 * only unless a request allows http, proxies from the environment, answers
 * bounded in size and time. A URL may be a secret: it is never logged, and
 * errors name only its host. */
#ifndef TELLTALE_CLIENT_H
#define TELLTALE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/loop.h"

/* What becomes of a piece of a body that is taken as it comes. */
enum client_taken {
    CLIENT_GO_ON,
    CLIENT_PAUSE, /* not taken: it comes again after client_resume() */
    CLIENT_END,   /* enough: done() follows, in doubt */
};

struct client_request {
    const char *method; /* NULL: POST with a body, GET without */
    const char *url;
    const char *const *headers; /* "Name: value", NULL-terminated, or NULL */
    const char *body;           /* NULL: none */
    size_t len;
    bool allow_http;     /* plain http, for loopback and tests */
    unsigned timeout_ms; /* whole exchange; 0: 10,000 */
    size_t max_answer;   /* bytes; 0: 1 MiB */
    /* NULL, or: the body of a 200 goes there as it comes and never ends by
     * itself; only to connect has a limit. Not for client_perform(). The call
     * may send, but neither cancel nor resume. */
    enum client_taken (*take)(void *ctx, const char *data, size_t len);
    /* NULL, or: called once a second or more often until the end; begun: an
     * answer has. False leaves it: done() follows, in doubt. */
    bool (*waiting)(void *ctx, bool begun);
};

enum client_outcome {
    CLIENT_ANSWERED, /* a status came; body may be cut at max_answer: up to
                        64 MiB more are read away */
    CLIENT_UNSENT,   /* failed before the request left: nothing arrived */
    CLIENT_DOUBT,    /* failed after (part of) the request left: the other
                        side may have acted on it */
};

struct client_answer {
    enum client_outcome outcome;
    int status;             /* of CLIENT_ANSWERED, else 0 */
    int64_t retry_after_ms; /* Retry-After as seconds or date; −1: none */
    const char *body;       /* NUL-terminated; "" when none */
    size_t len;
    bool too_long; /* longer than max_answer: cut, or in doubt; or much of it
                      had come, and not all, when its time was over */
    const char *error; /* one line, "" when answered; names the host,
                               never the path */
};

struct client;
typedef void client_done(void *ctx, const struct client_answer *answer);

/* One connection pool, driven by the loop: by its sockets, and by a timer when
 * a transfer waits for a time. */
struct client *client_new(struct loop *loop);
/* Aborts what runs without calling done. */
void client_free(struct client *client);

/* Starts a transfer; everything in request is copied. done is called once,
 * from a later turn of the loop; the answer lives for that call. Returns an
 * id for client_cancel(), never 0. A bad URL is CLIENT_UNSENT. */
uint64_t client_send(struct client *client,
                     const struct client_request *request, client_done *done,
                     void *ctx);
/* Aborts it without calling done. */
void client_cancel(struct client *client, uint64_t id);

/* Goes on with one that was paused. */
void client_resume(struct client *client, uint64_t id);

/* The same, blocking, for commands without a loop. */
void client_perform(const struct client_request *request, client_done *done,
                    void *ctx);

#endif
