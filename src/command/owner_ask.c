/* The owner's answers: JSON with "ok", and "error" where that is false. */
#include "command/owner_ask.h"

#include "base/buf.h"
#include "base/limits.h"
#include "net/control.h"
#include "base/banned.h"

cJSON *owner_ask(const char *journal, const char *line, struct err *err)
{
    struct buf reply;
    cJSON *answer = NULL;
    const char *why;

    buf_init(&reply, 64 * KIB);
    if (!control_ask(journal, line, &reply, err)) {
        if (!err->text[0])
            err_set(err, "telltale has stopped meanwhile");
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
