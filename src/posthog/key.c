/* The facts about a key, as PostHog tells them. What is done about what is
 * missing is the callers' affair. */
#include "posthog/key.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "posthog/api_blocking.h"

#include "base/banned.h"

#define LABEL_MAX 100 /* bytes of it that are shown */

/* What setup, destination and backfill ask for. */
static const char *const needed[] = {"user:read", "query:read",
                                     "hog_function:read",
                                     "hog_function:write"};
#define NEEDED (sizeof needed / sizeof *needed)

bool key_read(struct key_facts *facts, struct cJSON *answer)
{
    facts->answer = NULL;
    if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(answer, "scopes")))
        facts->answer = answer;
    else
        cJSON_Delete(answer);
    return facts->answer != NULL;
}

enum key_state key_ask(struct posthog *posthog, struct key_facts *facts,
                       struct err *err)
{
    cJSON *answer =
        posthog_request(posthog, "GET", "/api/personal_api_keys/@current/",
                        NULL, err);

    if (!answer) {
        facts->answer = NULL;
        return posthog_status(posthog) == 401 ? KEY_UNKNOWN : KEY_UNTOLD;
    }
    if (key_read(facts, answer))
        return KEY_TOLD;
    err_set(err, "%s says nothing about the API key", posthog_host(posthog));
    return KEY_UNTOLD;
}

void key_free(struct key_facts *facts)
{
    cJSON_Delete(facts->answer);
    facts->answer = NULL;
}

void key_label(const struct key_facts *facts, struct buf *out)
{
    const char *label = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(facts->answer, "label"));

    if (!label || !*label)
        return;
    buf_addc(out, '"');
    text_sanitise(out, label, strlen(label), LABEL_MAX);
    buf_adds(out, "\" ");
}

/* "x:write" for "x:read". */
static bool includes(const char *has, const char *scope)
{
    size_t object = strcspn(scope, ":");

    if (!strcmp(has, scope) || !strcmp(has, "*"))
        return true;
    return !strcmp(scope + object, ":read") && !strncmp(has, scope, object) &&
           !strcmp(has + object, ":write");
}

bool key_has(const struct key_facts *facts, const char *scope)
{
    const cJSON *scopes =
        cJSON_GetObjectItemCaseSensitive(facts->answer, "scopes");
    const cJSON *has;

    cJSON_ArrayForEach(has, scopes)
    {
        if (cJSON_IsString(has) && includes(has->valuestring, scope))
            return true;
    }
    return false;
}

size_t key_missing(const struct key_facts *facts, struct buf *out)
{
    const char *missing[NEEDED];
    size_t count = 0;

    for (size_t i = 0; i < NEEDED; i++)
        if (!key_has(facts, needed[i]))
            missing[count++] = needed[i];
    for (size_t i = 0; i < count; i++)
        buf_addf(out, "%s%s",
                 i == 0          ? ""
                 : i + 1 < count ? ", "
                                 : " and ",
                 missing[i]);
    return count;
}

/* None: it is not limited. */
static const cJSON *projects(const struct key_facts *facts)
{
    return cJSON_GetObjectItemCaseSensitive(facts->answer, "scoped_teams");
}

bool key_allows(const struct key_facts *facts, const char *project)
{
    double number = strtod(project, NULL);
    const cJSON *team;

    cJSON_ArrayForEach(team, projects(facts))
    {
        if (cJSON_IsNumber(team) && team->valuedouble == number)
            return true;
    }
    return !cJSON_GetArraySize(projects(facts));
}

size_t key_projects(const struct key_facts *facts, struct buf *out)
{
    const cJSON *team;
    size_t count = 0;

    cJSON_ArrayForEach(team, projects(facts))
    {
        buf_addf(out, "%s%.0f", count ? ", " : "", team->valuedouble);
        count++;
    }
    return count;
}

const char *key_next_host(const char *host)
{
    return strcmp(host, "us") == 0 ? "eu" : NULL;
}
