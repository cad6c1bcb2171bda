/* The stream: made with limits, or looked at. One that was made otherwise is
 * left as it is: whoever made it meant something by it. */
#include "net/nats_link.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

#include "base/banned.h"

#define NS_IN_MS INT64_C(1000000)

/* Everything below `subjects` is in it. */
static bool has_subjects(const jsStreamConfig *config, const char *subjects)
{
    size_t len = strlen(subjects);

    for (int i = 0; i < config->SubjectsLen; i++) {
        const char *have = config->Subjects[i];
        size_t size = strlen(have);

        if (!strcmp(have, ">"))
            return true;
        /* "a.>" has all of "a" and of "a.b" */
        if (size > 2 && !strcmp(have + size - 2, ".>") && size - 2 <= len &&
            !strncmp(have, subjects, size - 2) &&
            (!subjects[size - 2] || subjects[size - 2] == '.'))
            return true;
    }
    return false;
}

/* What cannot be lived with, or NULL. */
static const char *judge(const jsStreamConfig *config,
                         const struct nats_settings *settings)
{
    if (!has_subjects(config, settings->subjects))
        return "its subjects are others ([nats] subjects)";
    if (config->Storage != js_FileStorage)
        return "it is kept in memory only";
    if (config->Retention != js_LimitsPolicy)
        return "it forgets what was read: its retention must be limits";
    if (config->Discard != js_DiscardOld)
        return "it refuses what is new when it is full: discard must be old";
    if (config->MaxAge <= 0)
        return "it keeps for ever: it needs a max age";
    if (config->NoAck)
        return "it acknowledges nothing";
    return NULL;
}

static natsStatus make(struct nats_link *link, jsStreamInfo **info,
                       jsErrCode *code)
{
    const struct nats_settings *settings = link->settings;
    char all[LIMIT_NATS_SUBJECTS + 3];
    const char *subjects[] = {all};
    jsStreamConfig config;

    snprintf(all, sizeof all, "%s.>", settings->subjects);
    jsStreamConfig_Init(&config);
    config.Name = settings->url.stream;
    config.Description = "events of telltale";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    config.Retention = js_LimitsPolicy;
    config.Discard = js_DiscardOld;
    config.MaxAge = settings->max_age_ms * NS_IN_MS;
    config.MaxBytes = settings->max_bytes;
    config.Replicas = settings->replicas;
    config.Duplicates =
        (settings->max_age_ms < LIMIT_NATS_TWICE_MS ? settings->max_age_ms
                                                    : LIMIT_NATS_TWICE_MS) *
        NS_IN_MS;
    return js_AddStream(info, link->js, &config, NULL, code);
}

/* False: the link has failed. */
static bool found(struct nats_link *link, natsStatus status, jsErrCode code)
{
    const char *name = link->settings->url.stream;
    const char *more = nats_GetLastError(NULL);
    const char *where = more ? strstr(more, "): ") : NULL;

    if (status == NATS_OK)
        return true;
    if (where) /* in libnats */
        more = where + 3;
    pthread_mutex_lock(&link->lock);
    if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr)
        nats_link_fail(link, false,
                       "there is no stream %s yet: the first that publishes "
                       "makes it",
                       name);
    else if (code == JSNotEnabledErr || code == JSNotEnabledForAccountErr ||
             code == JSClusterNotAvailErr || !code)
        nats_link_fail(link, false, "%s", nats_link_words(status, code));
    else
        nats_link_fail(link, true, "the stream %s cannot be had: %.200s", name,
                       more ? more : natsStatus_GetText(status));
    pthread_mutex_unlock(&link->lock);
    return false;
}

/* Somebody else may have made it at the same time: then it is there. */
static natsStatus look(struct nats_link *link, bool may_make,
                       jsStreamInfo **info, jsErrCode *code)
{
    const char *name = link->settings->url.stream;
    natsStatus status = js_GetStreamInfo(info, link->js, name, NULL, code);

    if (!may_make ||
        (status != NATS_NOT_FOUND && *code != JSStreamNotFoundErr))
        return status;
    *code = 0;
    status = make(link, info, code);
    if (*code != JSStreamNameExistErr)
        return status;
    *code = 0;
    return js_GetStreamInfo(info, link->js, name, NULL, code);
}

bool nats_stream_open(struct nats_link *link, bool may_make,
                      struct nats_message *hello)
{
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status = look(link, may_make, &info, &code);
    const char *wrong;

    if (!found(link, status, code))
        return false;
    wrong = judge(info->Config, link->settings);
    if (wrong) {
        pthread_mutex_lock(&link->lock);
        nats_link_fail(link, true, "the stream %s is not one for telltale: %s",
                       link->settings->url.stream, wrong);
        pthread_mutex_unlock(&link->lock);
    } else if (hello) {
        *hello = (struct nats_message){.is_hello = true,
                                       .created = info->Created,
                                       .first = info->State.FirstSeq,
                                       .last = info->State.LastSeq};
    }
    jsStreamInfo_Destroy(info);
    return !wrong;
}
