/* The owner's answers: JSON with "ok", and "error" where that is false. */
#include "command/owner_ask.h"

#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/interrupt.h"
#include "journal/owner.h"
#include "net/control.h"
#include "base/banned.h"

#define PATIENCE_US 5000000
#define LOOK_MS 50

/* An owner that is about to listen is waited for; a command that writes by
 * itself, like an import, never does. */
static bool ask(const char *journal, const char *line, struct buf *reply,
                struct err *err)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    int64_t until_us = clock_mono_us() + PATIENCE_US;
    long pid;

    for (;;) {
        if (control_ask(journal, line, reply, err))
            return true;
        pid = owner_find(journal);
        if (err->text[0])
            return false;
        if (!pid)
            return err_set(err, "telltale has stopped meanwhile: ask again");
        if (interrupt_came() || clock_mono_us() >= until_us)
            return err_set(err,
                           "%s belongs to process %ld, which is asked "
                           "nothing: wait for its end",
                           journal, pid);
        nanosleep(&pause, NULL);
    }
}

cJSON *owner_ask(const char *journal, const char *line, struct err *err)
{
    struct buf reply;
    cJSON *answer = NULL;
    const char *why;

    buf_init(&reply, 64 * KIB);
    if (!ask(journal, line, &reply, err)) {
        buf_free(&reply);
        return NULL;
    }
    answer = cJSON_Parse(reply.data);
    buf_free(&reply);
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok")))
        return answer;
    why = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(answer, "error"));
    err_set(err, "%s", why ? why : "the telltale that runs does not know how");
    cJSON_Delete(answer);
    return NULL;
}

cJSON *owner_request(const char *journal, cJSON *request, struct err *err)
{
    char *line = cJSON_PrintUnformatted(request);
    cJSON *answer = owner_ask(journal, line, err);

    cJSON_free(line);
    cJSON_Delete(request);
    return answer;
}

bool owner_tell(const char *journal, cJSON *request, struct err *err)
{
    cJSON *answer = owner_request(journal, request, err);

    cJSON_Delete(answer);
    return answer != NULL;
}

uint64_t owner_number(const cJSON *answer, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(answer, name);

    return cJSON_IsNumber(value) && value->valuedouble > 0
               ? (uint64_t)value->valuedouble
               : 0;
}
