/* Checks, decodes and cuts one body, on whatever thread it is called. What is
 * answered is webhook.c. */
#include "source/body_work.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

bool body_work_is_signed(const struct body_work *work)
{
    const struct hook_note *note = work->note;

    return !note->verify ||
           (work->signing &&
            secret_verify(work->signing, note->id, note->timestamp,
                          note->signature, work->body, work->len,
                          work->received_at));
}

static bool decode(struct body_work *work)
{
    const struct hook_note *note = work->note;
    struct decoded decoded = {0};
    struct arrival arrival = {
        .source = SOURCE_WEBHOOK,
        .received_at = work->received_at,
        .content_type = *note->content_type ? note->content_type : NULL,
        .webhook_id = *note->id ? note->id : NULL,
        .follow_clock = work->follow_clock,
    };

    work->batch = event_batch_new();
    if (decode_body(work->decoder, &arrival, work->body, work->len,
                    work->batch, &decoded, &work->err))
        return true;
    event_batch_free(work->batch);
    work->batch = NULL;
    return false;
}

/* Of a body that is refused no more than its beginning is kept. */
static size_t harmless(const struct body_work *work)
{
    size_t len = work->len < LIMIT_REJECT_BODY ? work->len : LIMIT_REJECT_BODY;
    size_t cut = redaction_cut(work->decoder->redaction, work->body, len);

    return cut < len ? cut : work->len;
}

void body_work_do(struct body_work *work)
{
    work->err.text[0] = '\0';
    if (!body_work_is_signed(work)) {
        work->fate = BODY_STRANGER;
    } else if (decode(work)) {
        work->fate = BODY_TAKEN;
    } else {
        work->fate = BODY_REFUSED;
        work->kept = harmless(work);
    }
}

struct body_work *body_work_own(const struct body_work *work,
                                struct buf *bytes, const char *peer,
                                uint64_t token)
{
    struct body_work *own = xmalloc(sizeof *own);
    struct err err;

    *own = *work;
    own->bytes = *bytes;
    own->body = own->bytes.data;
    own->peer = xstrdup(peer);
    own->token = token;
    own->secrets = (struct secret_set){.count = 0};
    for (size_t i = 0;
         work->note->verify && work->signing && i < work->signing->count; i++)
        secret_set_add(&own->secrets, work->signing->secrets[i], &err);
    own->signing = &own->secrets;
    return own;
}

void body_work_free(struct body_work *work)
{
    event_batch_free(work->batch);
    secret_set_free(&work->secrets);
    buf_free(&work->bytes);
    free(work->peer);
    free(work->note);
    free(work);
}
