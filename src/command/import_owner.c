/* An import by the telltale that owns the journal: it is handed the lines
 * over its control socket, some at a time, and never more than it keeps up
 * with. The answers are those of app/import_service.c. */
#include "command/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cjson/cJSON.h>
#include <openssl/rand.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "command/owner_ask.h"

#include "base/banned.h"

#define CHUNK (48 * KIB)
#define CHUNK_LINES 100
#define LINE_MAX_SIZE (400 * KIB) /* escaped, it has to fit into a request */
#define LOOK_MS 5
#define ID_BITS 52 /* numbers of JSON are exact so far */

/* Where a line of the chunk is from. */
struct place {
    const char *file;
    uint64_t number;
};

struct owner_import {
    struct import *import;
    int64_t id;
    struct buf lines;
    struct place places[CHUNK_LINES];
    int count;
};

static void *owner_open(struct import *import, struct err *err)
{
    struct owner_import *owner;
    uint64_t id;

    if (RAND_bytes((unsigned char *)&id, sizeof id) != 1) {
        err_set(err, "no random numbers");
        return NULL;
    }
    owner = xcalloc(1, sizeof *owner);
    owner->import = import;
    owner->id = (int64_t)(id >> (64 - ID_BITS)) | 1;
    buf_init(&owner->lines, CHUNK + LINE_MAX_SIZE + 1);
    return owner;
}

static void owner_free(void *self)
{
    struct owner_import *owner = self;

    buf_free(&owner->lines);
    free(owner);
}

static cJSON *ask(const struct owner_import *owner, const char *what,
                  const char *lines, struct err *err)
{
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "do", what);
    cJSON_AddNumberToObject(request, "id", (double)owner->id);
    if (lines)
        cJSON_AddStringToObject(request, "lines", lines);
    return owner_request(owner->import->path, request, err);
}

static void say_wrong(struct owner_import *owner, const cJSON *answer)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "wrong");
    const cJSON *each;

    cJSON_ArrayForEach(each, list)
    {
        uint64_t at = owner_number(each, "at");
        const char *why = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(each, "why"));

        if (at < (uint64_t)owner->count && why)
            import_wrong(owner->import, owner->places[at].file,
                         owner->places[at].number, why);
    }
}

/* Until fewer events than that wait to be kept. */
static bool wait_for(struct owner_import *owner, bool all, struct err *err)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    struct import_counts *counts = &owner->import->counts;
    bool waits = true;

    while (waits) {
        cJSON *answer = ask(owner, "import progress", NULL, err);

        if (!answer)
            return false;
        counts->fresh = owner_number(answer, "fresh");
        counts->duplicates = owner_number(answer, "duplicates");
        counts->forgotten = owner_number(answer, "forgotten");
        counts->old_ticks = owner_number(answer, "ticks");
        waits = cJSON_IsTrue(
            cJSON_GetObjectItemCaseSensitive(answer,
                                             all ? "waiting" : "busy"));
        cJSON_Delete(answer);
        if (waits)
            nanosleep(&pause, NULL);
    }
    return true;
}

static bool send(struct owner_import *owner, struct err *err)
{
    cJSON *answer;
    bool busy;

    if (!owner->count)
        return true;
    answer = ask(owner, "import", owner->lines.data, err);
    if (!answer)
        return false;
    say_wrong(owner, answer);
    busy = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "busy"));
    cJSON_Delete(answer);
    buf_clear(&owner->lines);
    owner->count = 0;
    return !busy || wait_for(owner, false, err);
}

static bool owner_line(void *self, const char *file, uint64_t line,
                       const char *text, size_t len, struct err *err)
{
    struct owner_import *owner = self;

    if (len > LINE_MAX_SIZE) {
        import_wrong(owner->import, file, line,
                     "too long to be handed over: stop the telltale that "
                     "runs, import, start it again");
        return true;
    }
    if (memchr(text, '\0', len)) {
        import_wrong(owner->import, file, line, "it holds a NUL byte");
        return true;
    }
    owner->places[owner->count++] = (struct place){file, line};
    buf_add(&owner->lines, text, len);
    buf_addc(&owner->lines, '\n');
    if (owner->count < CHUNK_LINES && owner->lines.len < CHUNK)
        return true;
    return send(owner, err);
}

static bool owner_finish(void *self, struct err *err)
{
    struct owner_import *owner = self;
    cJSON *answer;

    if (!send(owner, err) || !wait_for(owner, true, err))
        return false;
    answer = ask(owner, "import end", NULL, err);
    cJSON_Delete(answer);
    return answer != NULL;
}

const struct import_sink import_owner = {.open = owner_open,
                                         .line = owner_line,
                                         .finish = owner_finish,
                                         .free = owner_free};
