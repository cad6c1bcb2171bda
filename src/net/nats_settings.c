/* What a user set of NATS, and the lists of what is to be published. Needs no
 * libnats. */
#include "net/nats.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* A subject is words and dots; where all of a stream begin must have no
 * wildcards. */
static bool check_subjects(const char *text, struct err *err)
{
    size_t len = strlen(text);
    bool ok = len && len <= LIMIT_NATS_SUBJECTS && *text != '.' &&
              *text != '$' && text[len - 1] != '.' && !strstr(text, "..") &&
              strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                           "XYZ0123456789-_.") == len;

    return ok || err_set(err,
                         "subjects in [nats]: \"%.60s\" is none: letters, "
                         "digits, - and _, dots between",
                         text);
}

static const char *path(const struct config *config, enum option_id id)
{
    const char *text = config_text(config, id);

    return text && *text ? text : NULL;
}

/* libnats would wait for a pipe, and nobody could end that. */
static bool is_file(const char *path, struct err *err)
{
    return !path || file_is_regular(path, err);
}

bool nats_settings_read(struct nats_settings *out, const struct config *config,
                        const char *url, struct err *err)
{
    *out = (struct nats_settings){
        .credentials = path(config, OPTION_nats_credentials),
        .ca = path(config, OPTION_nats_ca),
        .cert = path(config, OPTION_nats_cert),
        .key = path(config, OPTION_nats_key),
        .subjects = config_text(config, OPTION_nats_subjects),
        .replicas = (int)config_number(config, OPTION_nats_replicas),
        .max_age_ms = config_number(config, OPTION_nats_max_age),
        .max_bytes = config_number(config, OPTION_nats_max_bytes)};
    if (!nats_available(err) || !check_subjects(out->subjects, err))
        return false;
    if ((out->cert != NULL) != (out->key != NULL))
        return err_set(err, "[nats]: cert and key belong together");
    if (!is_file(out->credentials, err) || !is_file(out->ca, err) ||
        !is_file(out->cert, err) || !is_file(out->key, err))
        return false;
    return nats_url_read(url, config_flag(config, OPTION_nats_allow_plain),
                         &out->url, err);
}

void nats_settings_free(struct nats_settings *settings)
{
    nats_url_free(&settings->url);
}

struct nats_item *nats_batch_add(struct nats_batch *batch)
{
    if (batch->count == batch->room) {
        batch->room = batch->room ? batch->room * 2 : 64;
        batch->items =
            xreallocarray(batch->items, batch->room, sizeof *batch->items);
    }
    batch->items[batch->count] = (struct nats_item){.seq = 0};
    return &batch->items[batch->count++];
}

void nats_batch_clear(struct nats_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        free(batch->items[i].subject);
        free(batch->items[i].id);
        free(batch->items[i].data);
    }
    free(batch->items);
    batch->items = NULL;
    batch->count = batch->room = 0;
}

void nats_message_free(struct nats_message *message)
{
    free(message->data);
    message->data = NULL;
}
