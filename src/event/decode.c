/* A body of any shape → events: checking it, dropping what must not be kept,
 * parsing, and taking it apart into elements. What one element means is
 * extract.c's affair. */
#include "event/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "event/extract.h"
#include "event/form.h"
#include "event/json_tree.h"
#include "event/shapes.h"

#include "base/banned.h"

/* JSON in a string in JSON: taken out this often. */
#define MAX_WRAPS 3
/* Objects given as text in objects given as text are read this deep. */
#define MAX_UNFOLDED 3
/* Lists in lists are walked this deep; what is deeper is one event. */
#define MAX_LISTS 3

/* One body on its way through. */
struct job {
    struct extraction extract;
    struct event *events; /* malloc'ed until the end */
    size_t count, room, bytes;
    struct decoded *decoded;
};

/* ---- events ---- */

static void count_event(struct decoded *decoded, const struct event *event)
{
    decoded->events++;
    decoded->unlisted += event->account.id && !event->account.listed;
    decoded->hidden += event->hidden != HIDDEN_NO;
    decoded->unknown += (event->flags & EVENT_UNKNOWN) != 0;
    decoded->shapeless += (event->flags & EVENT_SHAPELESS) != 0;
    decoded->unrendered += (event->flags & EVENT_UNRENDERED) != 0;
}

static bool add_event(struct job *job, struct shape *shape, struct slice raw,
                      struct err *err)
{
    struct event *event;

    if (job->count == LIMIT_EVENTS_PER_BODY)
        return err_set(err, "more than %d events in one body",
                       LIMIT_EVENTS_PER_BODY);
    if (job->count == job->room) {
        job->room = job->room ? job->room * 2 : 4;
        job->events =
            xreallocarray(job->events, job->room, sizeof *job->events);
    }
    event = &job->events[job->count];
    *event = (struct event){.raw = arena_strndup(job->extract.arena, raw.at,
                                                 raw.len),
                            .raw_len = raw.len,
                            .source = job->extract.arrival->source,
                            .fold = FOLD_SAME,
                            .sentence = ""};
    job->extract.index = job->count;
    extract_event(&job->extract, shape, event);
    count_event(job->decoded, event);
    job->count++;
    job->bytes += raw.len;
    return true;
}

/* ---- bodies ---- */

static bool take_text(struct job *job, struct slice text, int wraps,
                      struct err *err);
static bool take_value(struct job *job, const cJSON *node, int lists,
                       int wraps, struct err *err);

static bool take_list(struct job *job, const cJSON *list, int lists, int wraps,
                      struct err *err)
{
    const cJSON *child = list->child;

    job->extract.many = true;
    for (; child; child = child->next)
        if (!take_value(job, child, lists + 1, wraps, err))
            return false;
    return true;
}

/* JSON that stands in a string is taken for what it says. */
static bool is_wrapped(const char *text, int wraps)
{
    return text && wraps < MAX_WRAPS && slice_holds_json(text, strlen(text));
}

static bool take_value(struct job *job, const cJSON *node, int lists,
                       int wraps, struct err *err)
{
    const char *inner = cJSON_IsString(node) ? node->valuestring : NULL;
    struct shape shape;

    if (cJSON_IsArray(node) && lists < MAX_LISTS)
        return take_list(job, node, lists, wraps, err);
    if (inner && is_wrapped(inner, wraps))
        return take_text(job, (struct slice){inner, strlen(inner)}, wraps + 1,
                         err);
    shape_unfold((cJSON *)(uintptr_t)node, MAX_UNFOLDED, job->extract.trees);
    shape = shape_of(job->extract.decoder->paths, node);
    if (cJSON_IsArray(shape.root) && lists < MAX_LISTS)
        return take_list(job, shape.root, lists, wraps, err);
    if (cJSON_IsArray(shape.root)) /* lists in lists in lists */
        shape = (struct shape){.extra = shape.extra, .root = node};
    inner = shape_wrapped(&shape);
    if (inner && is_wrapped(inner, wraps))
        return take_text(job, (struct slice){inner, strlen(inner)}, wraps + 1,
                         err);
    return add_event(job, &shape, json_raw(node), err);
}

/* Drops what must go from text, whose tree is root, and takes the rest. */
static bool take_tree(struct job *job, const cJSON *root, struct slice text,
                      int wraps, struct err *err)
{
    const struct redaction *redaction = job->extract.decoder->redaction;
    struct buf kept;
    bool taken;

    buf_init(&kept, 4 * text.len + 1);
    if (redaction && redaction_concerns(redaction, root) &&
        redaction_apply(redaction, text, &kept))
        root = json_tree((struct slice){kept.data, kept.len},
                         job->extract.trees, err);
    taken = root && take_value(job, root, 0, wraps, err);
    buf_free(&kept);
    return taken;
}

static bool take_text(struct job *job, struct slice text, int wraps,
                      struct err *err)
{
    const cJSON *root = json_tree(text, job->extract.trees, err);

    return root && take_tree(job, root, text, wraps, err);
}

/* ---- JSON lines ---- */

/* Takes one line off rest; false at the end. Blank lines are skipped. */
static bool next_line(struct slice *rest, struct slice *line, size_t *number)
{
    do {
        const char *stop;
        size_t len;

        if (!rest->len)
            return false;
        stop = memchr(rest->at, '\n', rest->len);
        len = stop ? (size_t)(stop - rest->at) + 1 : rest->len;
        *line = (struct slice){rest->at, len};
        *rest = (struct slice){rest->at + len, rest->len - len};
        ++*number;
    } while (!slice_kind(*line));
    return true;
}

static bool is_lines(struct slice body)
{
    struct slice line;
    size_t number = 0;

    return next_line(&body, &line, &number) && body.len &&
           strchr("{[", slice_kind(line)) &&
           slice_check(line.at, line.len, NULL);
}

static bool take_lines(struct job *job, struct slice body, struct err *err)
{
    const cJSON *root;
    struct slice line;
    struct err what;
    size_t number = 0;

    job->extract.many = true;
    while (next_line(&body, &line, &number)) {
        root = json_tree(line, job->extract.trees, &what);
        if (!root)
            return err_set(err, "line %zu: %s", number, what.text);
        if (!take_tree(job, root, line, 0, err))
            return false;
    }
    return true;
}

static bool take_form(struct job *job, struct slice body, struct err *err)
{
    const cJSON *root;
    struct slice text;
    struct buf json;
    struct err what;
    bool taken;

    buf_init(&json, 6 * body.len + 64);
    form_to_json(body.at, body.len, &json);
    text = (struct slice){json.data, json.len};
    root = json_tree(text, job->extract.trees, &what);
    taken = root ? take_tree(job, root, text, 0, err)
                 : err_set(err, "in the form: %s", what.text);
    buf_free(&json);
    return taken;
}

static bool take_body(struct job *job, struct slice body, struct err *err)
{
    const cJSON *root;

    if (form_expected(job->extract.arrival->content_type, body.at, body.len))
        return take_form(job, body, err);
    root = json_tree(body, job->extract.trees, err);
    if (root)
        return take_tree(job, root, body, 0, err);
    return is_lines(body) && take_lines(job, body, err);
}

bool decode_body(const struct decoder *decoder, const struct arrival *arrival,
                 const char *body, size_t len, struct event_batch *batch,
                 struct decoded *decoded, struct err *err)
{
    struct arena trees = ARENA_INIT;
    struct job job = {.extract = {.decoder = decoder,
                                  .arrival = arrival,
                                  .arena = &batch->arena,
                                  .trees = &trees},
                      .decoded = decoded};
    bool taken;

    *decoded = (struct decoded){0};
    taken = take_body(&job, (struct slice){body, len}, err);
    arena_free(&trees);
    if (!taken) {
        *decoded = (struct decoded){0};
        arena_free(&batch->arena);
    } else if (job.count) {
        batch->events =
            arena_alloc(&batch->arena, job.count * sizeof *job.events);
        memcpy(batch->events, job.events, job.count * sizeof *job.events);
        batch->count = job.count;
        batch->bytes = job.bytes;
    }
    free(job.events);
    return taken;
}
