/* Why PostHog did not do what it was asked, in words that say what to do.
 * Source of the bodies: PostHog's API documentation and the tests of its
 * exceptions ("type", "code", "detail", "attr"). */
#include "posthog/internal.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/banned.h"

/* "API key missing required scope 'query:read'" */
static bool refuse_scope(const struct posthog *posthog, const char *detail,
                         struct err *err)
{
    const char *from = strchr(detail, '\'');
    int len = from ? (int)strcspn(from + 1, "'") : 0;

    if (!from)
        return err_set(err, "PostHog: %s", detail);
    return err_set(err,
                   "the API key lacks the scope %.*s: add it at "
                   "%s/settings/user-api-keys",
                   len, from + 1, posthog->host);
}

static bool refuse_key(const struct posthog *posthog, struct err *err)
{
    bool us = strstr(posthog->host, "us.posthog.com") != NULL;
    bool eu = strstr(posthog->host, "eu.posthog.com") != NULL;

    return err_set(err,
                   "%s does not know this API key: it is mistyped, deleted%s",
                   posthog->host,
                   us   ? ", or the project is in the other region "
                          "(--posthog-host eu)"
                   : eu ? ", or the project is in the other region "
                          "(--posthog-host us)"
                        : "");
}

static bool names_add_on(const char *detail)
{
    return strstr(detail, "add-on") || strstr(detail, "addon") ||
           strstr(detail, "data pipelines");
}

static bool refuse_forbidden(const struct posthog *posthog, const char *detail,
                             struct err *err)
{
    if (strstr(detail, "scope"))
        return refuse_scope(posthog, detail, err);
    return err_set(err, "PostHog does not allow it: %s", detail);
}

static bool refuse_other(const struct posthog *posthog, int status,
                         const cJSON *answer, struct err *err)
{
    const char *detail = posthog_text(answer, "detail");
    const char *attr = posthog_text(answer, "attr");

    if (*detail)
        return err_set(err, "PostHog refuses%s%s: %s", *attr ? " " : "", attr,
                       detail);
    return err_set(err, "%s answers %d", posthog->host, status);
}

bool refusal_explain(const struct posthog *posthog, int status,
                     const cJSON *answer, struct err *err)
{
    const char *detail = posthog_text(answer, "detail");

    if (status == 401)
        return refuse_key(posthog, err);
    if (status == 402 || names_add_on(detail))
        return err_set(err,
                       "webhook destinations need PostHog's data pipelines "
                       "add-on, which this organisation has not got; without "
                       "it, --source posthog asks by query: %s",
                       detail);
    if (status == 403)
        return refuse_forbidden(posthog, detail, err);
    if (status == 404)
        return err_set(err,
                       "%s has no such thing, or the key may not see it: is "
                       "project %s the right one?",
                       posthog->host,
                       posthog->project ? posthog->project : "-");
    if (status == 409)
        return err_set(err, "somebody else changed it in the meantime: look "
                            "at it and try again");
    if (status >= 300 && status < 400)
        return err_set(err, "%s sends elsewhere: is the address right?",
                       posthog->host);
    return refuse_other(posthog, status, answer, err);
}
