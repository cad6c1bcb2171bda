/* From settings to the plan of a destination. */
#include "app/plan.h"

#include "app/address.h"
#include "base/banned.h"

void plan_name(const struct config *config, struct buf *name)
{
    const char *given = config_text(config, OPTION_posthog_destination);
    const char *owner = config_text(config, OPTION_posthog_owner);

    buf_adds(name, given ? given : "Customer activity stream");
    if (!given && owner)
        buf_addf(name, " (%s)", owner);
}

/* The hook below the public URL; the token travels in a header. */
static bool make_url(const struct config *config, struct buf *out,
                     struct err *err)
{
    const char *url = config_text(config, OPTION_public_url);
    size_t len = url ? address_base(url) : 0;

    if (!len)
        return err_set(err, "where does PostHog reach this receiver? "
                            "--public-url https://...");
    return buf_add(out, url, len) && buf_adds(out, "/hook");
}

static const char *first_of(const struct secret_set *set)
{
    return set->count ? set->secrets[0] : NULL;
}

int group_index(const struct config *config)
{
    const char *index = config_text(config, OPTION_posthog_group_index);

    return index ? *index - '0' : 0;
}

bool plan_make(struct destination_plan *plan, const struct config *config,
               const struct decode_context *context,
               const struct tokens *tokens, struct buf *name, struct buf *url,
               struct err *err)
{
    plan_name(config, name);
    if (!make_url(config, url, err))
        return false;
    *plan = (struct destination_plan){
        .name = name->data,
        .url = url->data,
        .token = first_of(&tokens->hook),
        .signing_secret = first_of(&tokens->signing),
        .group_index = group_index(config),
        .teams = context->teams,
        .catalog = context->catalog,
        .book = context->book,
    };
    return true;
}
