/* One question to PostHog, and all it takes to get its answer: asking again
 * when its gateway stumbles, waiting when it says so (429), looking whether a
 * query that it does in the background is done. An inquiry sends nothing
 * itself: who holds it does, and tells it what came. So the same rules serve
 * those who may block (api.h) and those who have a loop (asker.h). */
#ifndef TELLTALE_INQUIRY_H
#define TELLTALE_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/client.h"
#include "posthog/api.h"

struct cJSON;

struct question {
    const char *method; /* "GET", "POST" or "PATCH" */
    /* "/api/users/@me/", or, without "/api/" in front, what follows
     * "/api/projects/N": "/hog_functions/". */
    const char *path;
    const struct cJSON *body; /* NULL: none */
    /* In place of all of these, HogQL; see posthog_query() for what it must
     * and must not have in it. */
    const char *sql;
};

/* Its fields are its own. */
struct inquiry {
    const struct posthog *posthog;
    const char *method;
    struct buf path, body, looking_at; /* the last: of a running query */
    bool has_body, is_query, harmless, patient, throttled;
    int attempts;
    int64_t give_up_us; /* on a running query; 0: none runs */
    unsigned wait_ms;
    int status;
    struct cJSON *answer;
    const char *raw;
    size_t raw_len;
};

/* Copies the question; posthog is borrowed. A patient one waits however long
 * PostHog asks it to; another fails when that is a quarter of an hour or
 * more, which a person should know first. False with err, and nothing to
 * close, when no project is known for what lies below one. */
bool inquiry_open(struct inquiry *inquiry, const struct posthog *posthog,
                  const struct question *question, bool patient,
                  struct err *err);
void inquiry_close(struct inquiry *inquiry);

/* Hands put the request to send now; it lives for that call only. */
void inquiry_put(const struct inquiry *inquiry,
                 void (*put)(void *ctx, const struct client_request *request),
                 void *ctx);

enum inquiry_step {
    INQUIRY_ANSWERED,
    INQUIRY_AGAIN, /* put it again after inquiry_wait_ms() */
    INQUIRY_FAILED /* err says why */
};
/* What came. A request that changes something is never asked for twice,
 * unless it certainly was not acted on. */
enum inquiry_step inquiry_take(struct inquiry *inquiry,
                               const struct client_answer *came,
                               struct err *err);
unsigned inquiry_wait_ms(const struct inquiry *inquiry);
/* True when that wait is one that PostHog asked for. */
bool inquiry_throttled(const struct inquiry *inquiry);

/* The answer, JSON; of a query the object with "columns" and "results". The
 * inquiry's, until it is closed. */
const struct cJSON *inquiry_answer(const struct inquiry *inquiry);
/* The same, which is the caller's then. */
struct cJSON *inquiry_release(struct inquiry *inquiry);
/* The bytes as they came, with what stands around a query's rows: for those
 * to whom numbers must stay as written. They live as long as what was taken
 * last. */
const char *inquiry_raw(const struct inquiry *inquiry, size_t *len);
/* Of the last answer; 0 when none came. */
int inquiry_status(const struct inquiry *inquiry);

#endif
