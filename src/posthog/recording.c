/* Asking for recordings: a queue, and one question at a time. Source of what
 * the answers mean: PostHog's session_recording_api.py. */
#include "posthog/recording.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "posthog/api_async.h"

#include "base/banned.h"

/* What happens last in a session may end its recording a little earlier. */
#define SLACK_MS 3000
/* A recording is "ongoing" for so long after some of it came last. */
#define ONGOING_MS (5 * 60 * 1000)

struct wanted {
    uint64_t id;
    int64_t moment_ms;
    char session_id[LIMIT_SESSION_ID + 1];
};

struct recordings {
    struct api_async *async;
    recording_told *told;
    void *ctx;
    bool stopped;
    bool asking; /* for the first of the queue */
    struct wanted queue[RECORDINGS_MAX];
    size_t first, count;
};

/* When the moment is no older than that, one that is not ongoing may only be
 * what was recorded before a pause. An older PostHog answers null. */
static bool is_over(const cJSON *recording, int64_t moment_ms, int64_t now_ms)
{
    const cJSON *ongoing =
        cJSON_GetObjectItemCaseSensitive(recording, "ongoing");

    return cJSON_IsFalse(ongoing) && now_ms - moment_ms >= ONGOING_MS;
}

enum recording recording_read(const cJSON *recording, int64_t moment_ms,
                              int64_t now_ms)
{
    const char *text = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(recording, "end_time"));
    int64_t end = text ? clock_parse(text, strlen(text)) : CLOCK_NONE;

    if (end != CLOCK_NONE && end >= moment_ms - SLACK_MS)
        return RECORDING_READY;
    return is_over(recording, moment_ms, now_ms) ? RECORDING_READY
                                                 : RECORDING_SHORT;
}

static struct wanted *first_of(struct recordings *recordings)
{
    return &recordings->queue[recordings->first];
}

/* It is off the queue when it is told: told may put it there again. */
static void tell_first(struct recordings *recordings, enum recording recording,
                       const char *why)
{
    uint64_t id = first_of(recordings)->id;

    recordings->first = (recordings->first + 1) % RECORDINGS_MAX;
    recordings->count--;
    recordings->told(recordings->ctx, id, recording, why);
}

/* What keeps us from asking for one keeps us from asking for all. */
static void tell_all(struct recordings *recordings, const struct err *err)
{
    for (size_t left = recordings->count; left && recordings->count; left--)
        tell_first(recordings, RECORDING_UNKNOWN, err->text);
}

static void ask_first(struct recordings *recordings);

/* What is told may ask, but does not begin to: we do, when all are told. */
static void on_answer(void *ctx, const struct api_request *request,
                      const struct err *err)
{
    struct recordings *recordings = ctx;

    if (request)
        tell_first(recordings,
                   recording_read(api_request_answer(request),
                                  first_of(recordings)->moment_ms,
                                  clock_now_ms()),
                   "");
    else if (api_async_status(recordings->async) == 404)
        tell_first(recordings, RECORDING_NONE, "");
    else
        tell_all(recordings, err);
    recordings->asking = false;
    ask_first(recordings);
}

static void ask_first(struct recordings *recordings)
{
    struct question question = {.method = "GET"};
    struct buf path;

    if (recordings->asking || !recordings->count)
        return;
    recordings->asking = true;
    buf_init(&path, KIB);
    buf_addf(&path, "/session_recordings/%s/",
             first_of(recordings)->session_id);
    question.path = path.data;
    api_async_send(recordings->async, &question, on_answer, recordings);
    buf_free(&path);
}

/* By the time PostHog lets us ask again, a replay may be ready without. */
static void on_waiting(void *ctx, unsigned seconds)
{
    struct recordings *recordings = ctx;
    struct err err = {""};

    api_async_stop(recordings->async);
    err_set(&err, "PostHog asks to wait %u s", seconds);
    tell_all(recordings, &err);
    recordings->asking = false;
    ask_first(recordings);
}

struct recordings *recordings_new(struct loop *loop, struct client *client,
                                  const struct posthog *posthog,
                                  recording_told *told, void *ctx)
{
    struct recordings *recordings = xcalloc(1, sizeof *recordings);

    recordings->async = api_async_new(loop, client, posthog);
    api_async_on_waiting(recordings->async, on_waiting, recordings);
    recordings->told = told;
    recordings->ctx = ctx;
    return recordings;
}

bool recordings_ask(struct recordings *recordings, uint64_t id,
                    const char *session_id, int64_t moment_ms)
{
    size_t len = strlen(session_id);
    struct wanted *wanted;

    if (recordings->stopped || recordings->count == RECORDINGS_MAX ||
        !links_session_valid(session_id, len))
        return false;
    wanted = &recordings->queue[(recordings->first + recordings->count++) %
                                RECORDINGS_MAX];
    wanted->id = id;
    wanted->moment_ms = moment_ms;
    memcpy(wanted->session_id, session_id, len + 1);
    ask_first(recordings);
    return true;
}

void recordings_stop(struct recordings *recordings)
{
    recordings->stopped = true;
    recordings->count = 0;
    api_async_stop(recordings->async);
}

void recordings_free(struct recordings *recordings)
{
    if (!recordings)
        return;
    api_async_free(recordings->async);
    free(recordings);
}
