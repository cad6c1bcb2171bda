/* Why PostHog did not do what it was asked, in words that say what to do.
 * Source of the bodies: PostHog's API documentation and the tests of its
 * exceptions ("type", "code", "detail", "attr"). */
#include "posthog/internal.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"

#include "base/banned.h"

#define QUOTED_MAX 300 /* bytes of PostHog's */

/* What PostHog says may be what somebody else told it. */
static void clean(const char *text, struct buf *out)
{
    buf_init(out, 2 * QUOTED_MAX);
    text_sanitise(out, text, strlen(text), QUOTED_MAX);
}

bool refusal_quote(struct err *err, const char *what, const char *text)
{
    struct buf quoted;

    clean(text, &quoted);
    err_set(err, "%s: %s", what, quoted.data);
    buf_free(&quoted);
    return false;
}

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

/* Source of the words: what PostHog raises for ClickHouse's errors. */
bool posthog_is_too_much(const char *why)
{
    static const char *const words[] = {"execution time", "memory",
                                        "bytes to read", "more data than"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(why, words[i]))
            return true;
    return false;
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

/* A test that failed is answered so: {"status":"error","errors":[…]}. */
static const char *first_error(const cJSON *answer)
{
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(answer, "errors");
    const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(errors, 0));

    return text ? text : "";
}

static bool refuse_other(const struct posthog *posthog, int status,
                         const char *detail, const cJSON *answer,
                         struct err *err)
{
    struct buf attr;

    if (*first_error(answer))
        return refusal_quote(err, "PostHog could not do it",
                             first_error(answer));
    if (!*detail)
        return err_set(err, "%s answers %d", posthog->host, status);
    clean(posthog_text(answer, "attr"), &attr);
    err_set(err, "PostHog refuses%s%s: %s", attr.len ? " " : "", attr.data,
            detail);
    buf_free(&attr);
    return false;
}

/* "api_queries_quota_exceeded": what may be read by query in a month. */
static bool is_quota(const cJSON *answer)
{
    return strstr(posthog_text(answer, "code"), "quota") != NULL;
}

static bool explain(const struct posthog *posthog, int status,
                    const char *detail, const cJSON *answer, struct err *err)
{
    if (status == 401)
        return refuse_key(posthog, err);
    if (status == 402 && is_quota(answer))
        return err_set(err,
                       "PostHog answers this organisation no more for "
                       "now: %s",
                       detail);
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
    return refuse_other(posthog, status, detail, answer, err);
}

bool refusal_explain(const struct posthog *posthog, int status,
                     const cJSON *answer, struct err *err)
{
    struct buf detail;

    clean(posthog_text(answer, "detail"), &detail);
    explain(posthog, status, detail.data, answer, err);
    buf_free(&detail);
    return false;
}
