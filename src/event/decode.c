/* A body of any shape → events: checking it, dropping what must not be kept,
 * parsing, and taking it apart into elements. What one element means is
 * fill.c's affair. */
#include "event/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "event/fill.h"
#include "event/form.h"
#include "event/json_arena.h"
#include "event/shapes.h"

#include "base/banned.h"

/* JSON in a string in JSON: taken out this often. */
#define MAX_WRAPS 3
/* Lists in lists are walked this deep; what is deeper is one event. */
#define MAX_LISTS 3

/* One body on its way through. */
struct job {
    struct filling fill;
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
    *event = (struct event){.raw = raw.at,
                            .raw_len = raw.len,
                            .source = job->fill.arrival->source,
                            .fold = FOLD_SAME,
                            .sentence = ""};
    job->fill.index = job->count;
    fill_event(&job->fill, shape, event);
    count_event(job->decoded, event);
    job->count++;
    job->bytes += raw.len;
    return true;
}

/* ---- bodies ---- */

static bool take_text(struct job *job, struct slice text, int wraps,
                      struct err *err);
static bool take_value(struct job *job, const cJSON *node, struct slice raw,
                       int lists, int wraps, struct err *err);

static bool take_list(struct job *job, const cJSON *list, struct slice raw,
                      int lists, int wraps, struct err *err)
{
    const cJSON *child = list->child;
    const char *cursor = NULL;
    struct slice key, value;

    job->fill.many = true;
    for (; child && slice_next(raw, &cursor, &key, &value);
         child = child->next)
        if (!take_value(job, child, value, lists + 1, wraps, err))
            return false;
    return true;
}

/* JSON that stands in a string is taken for what it says. */
static bool is_wrapped(const char *text, int wraps)
{
    return text && wraps < MAX_WRAPS && slice_holds_json(text, strlen(text));
}

static bool take_value(struct job *job, const cJSON *node, struct slice raw,
                       int lists, int wraps, struct err *err)
{
    const char *inner = cJSON_IsString(node) ? node->valuestring : NULL;
    struct shape shape;

    if (cJSON_IsArray(node) && lists < MAX_LISTS)
        return take_list(job, node, raw, lists, wraps, err);
    if (is_wrapped(inner, wraps))
        return take_text(job, (struct slice){inner, strlen(inner)}, wraps + 1,
                         err);
    raw.at = arena_strndup(job->fill.arena, raw.at, raw.len);
    shape = shape_of(job->fill.decoder->paths, node, raw);
    if (cJSON_IsArray(shape.root) && lists < MAX_LISTS)
        return take_list(job, shape.root, shape.root_raw, lists, wraps, err);
    if (cJSON_IsArray(shape.root)) /* lists in lists in lists */
        shape = (struct shape){.extra = shape.extra,
                               .root = node,
                               .root_raw = raw};
    inner = shape_wrapped(&shape);
    if (is_wrapped(inner, wraps))
        return take_text(job, (struct slice){inner, strlen(inner)}, wraps + 1,
                         err);
    return add_event(job, &shape, raw, err);
}

/* Text that passed slice_check(): drop, parse, take. */
static bool take_text(struct job *job, struct slice text, int wraps,
                      struct err *err)
{
    const struct redaction *redaction = job->fill.decoder->redaction;
    struct buf kept;
    char *defused;
    cJSON *root;
    bool taken;

    buf_init(&kept, 4 * text.len + 1);
    if (redaction && redaction_apply(redaction, text, &kept))
        text = (struct slice){kept.data, kept.len};
    defused = xmalloc(text.len + 1);
    slice_defuse(text.at, text.len, defused);
    defused[text.len] = '\0';
    root = cJSON_ParseWithLength(defused, text.len + 1);
    taken = root ? take_value(job, root, slice_trim(text.at, text.len), 0,
                              wraps, err)
                 : err_set(err, "not JSON: nested too deep");
    free(defused); /* root goes with its arena */
    buf_free(&kept);
    return taken;
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
    struct slice line;
    struct err what;
    size_t number = 0;

    job->fill.many = true;
    while (next_line(&body, &line, &number)) {
        if (!slice_check(line.at, line.len, &what))
            return err_set(err, "line %zu: %s", number, what.text);
        if (!take_text(job, line, 0, err))
            return false;
    }
    return true;
}

static bool take_form(struct job *job, struct slice body, struct err *err)
{
    struct buf json;
    struct err what;
    bool taken;

    buf_init(&json, 6 * body.len + 64);
    form_to_json(body.at, body.len, &json);
    taken = slice_check(json.data, json.len, &what);
    if (!taken)
        err_set(err, "in the form: %s", what.text);
    taken =
        taken && take_text(job, (struct slice){json.data, json.len}, 0, err);
    buf_free(&json);
    return taken;
}

static bool take_body(struct job *job, struct slice body, struct err *err)
{
    if (form_expected(job->fill.arrival->content_type, body.at, body.len))
        return take_form(job, body, err);
    if (slice_check(body.at, body.len, err))
        return take_text(job, body, 0, err);
    return is_lines(body) && take_lines(job, body, err);
}

bool decode_body(const struct decoder *decoder, const struct arrival *arrival,
                 const char *body, size_t len, struct event_batch *batch,
                 struct decoded *decoded, struct err *err)
{
    struct job job = {.fill = {.decoder = decoder,
                               .arrival = arrival,
                               .arena = &batch->arena},
                      .decoded = decoded};
    struct arena json = ARENA_INIT;
    bool taken;

    *decoded = (struct decoded){0};
    json_arena_begin(&json);
    taken = take_body(&job, (struct slice){body, len}, err);
    json_arena_end();
    arena_free(&json);
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
