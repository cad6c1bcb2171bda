/* Which addresses may be opened, and those made from ids. An address of the
 * payload is a stranger's word: it is used when scheme, host and characters
 * allow it, else one is made from the project's address. Nothing is opened
 * here. */
#include "event/links.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/url.h"

#include "base/banned.h"

/* Where PostHog Cloud is used with a browser. */
static const char *const cloud_hosts[] = {"us.posthog.com", "eu.posthog.com",
                                          "app.posthog.com"};

/* ---- which hosts ---- */

/* "host" allows any port, "host:port" that one, "*.host" what is below. */
static bool host_matches(const struct url_parts *address, const char *pattern)
{
    size_t len = strlen(pattern);
    size_t have = address->host_len;

    if (len > 2 && strncmp(pattern, "*.", 2) == 0)
        return have > len - 1 && strncasecmp(address->host + have - (len - 1),
                                             pattern + 1, len - 1) == 0;
    if (len == have)
        return strncasecmp(address->host, pattern, len) == 0;
    return len == address->full_len &&
           strncasecmp(address->host, pattern, len) == 0;
}

static bool host_listed(const struct link_policy *policy,
                        const struct url_parts *address)
{
    const char *const *hosts = policy ? policy->hosts : NULL;

    for (; hosts && *hosts; hosts++)
        if (host_matches(address, *hosts))
            return true;
    for (size_t i = 0; i < sizeof cloud_hosts / sizeof *cloud_hosts; i++)
        if (address->full_len == strlen(cloud_hosts[i]) &&
            host_matches(address, cloud_hosts[i]))
            return true;
    return false;
}

/* The same host and port. */
static bool host_same(const struct url_parts *address, const char *url)
{
    struct url_parts other;

    return url && url_split(url, &other) &&
           other.full_len == address->full_len &&
           strncasecmp(other.host, address->host, other.full_len) == 0;
}

static void tell_host(const char *url, char *host, size_t size)
{
    const char *at = url_after_scheme(url);
    struct buf clean;

    if (!host || !size)
        return;
    buf_init(&clean, size - 1);
    at = at ? at : url;
    text_sanitise(&clean, at, strcspn(at, "/?#\\"), size - 1);
    memcpy(host, clean.data, clean.len);
    host[clean.len] = '\0';
    buf_free(&clean);
}

bool links_allowed(const struct link_policy *policy, const char *project_url,
                   const char *url, char *host, size_t host_size)
{
    struct url_parts address;

    if (url_clean(url) && url_split(url, &address) &&
        (host_same(&address, project_url) ||
         (policy && host_same(&address, policy->project_url)) ||
         host_listed(policy, &address)))
        return true;
    tell_host(url, host, host_size);
    return false;
}

/* ---- the project ---- */

/* "https://host/project/2" of any address below it; NULL: there is none.
 * Older addresses say "projects". */
static const char *project_of(const char *url, struct arena *arena)
{
    struct url_parts address;
    const char *id;
    size_t len;

    if (!url || !url_split(url, &address))
        return NULL;
    if (strncmp(address.rest, "/project/", 9) == 0)
        id = address.rest + 9;
    else if (strncmp(address.rest, "/projects/", 10) == 0)
        id = address.rest + 10;
    else
        return NULL;
    len = strspn(id, "0123456789");
    if (!len || len > 20 || (id[len] && !strchr("/?#", id[len])))
        return NULL;
    return arena_strndup(arena, url, (size_t)(id + len - url));
}

/* What PostHog itself wrote comes first. The replay address is often put
 * together by hand and holds a property, so alone it is believed only for
 * hosts that are known without it; with a project in the configuration, so
 * is every other. */
static const char *find_project(const struct link_policy *policy,
                                const struct link_hints *hints,
                                struct arena *arena)
{
    const char *const urls[] = {hints->project_url, hints->source,
                                hints->event, hints->person, hints->replay};
    const char *own = policy ? policy->project_url : NULL;

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const char *found = project_of(urls[i], arena);

        if (found && ((!own && urls[i] != hints->replay) ||
                      links_allowed(policy, NULL, found, NULL, 0)))
            return found;
    }
    return project_of(own, arena);
}

/* ---- the links ---- */

bool links_session_valid(const char *id, size_t len)
{
    if (!len || len > LIMIT_SESSION_ID)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!url_alnum(id[i]) && id[i] != '-')
            return false;
    return true;
}

/* Pages of the replay view have names where sessions have ids: home, recent,
 * playlists, file, settings and what comes. Ids are long and have digits. */
static bool is_session(const char *id, size_t len)
{
    return len >= 8 && links_session_valid(id, len) &&
           strcspn(id, "0123456789") < len;
}

/* "…?sessionRecordingId=ID", in the query or behind the '#'. */
static size_t parameter_id(const char *url, const char **id)
{
    static const char *const names[] = {"sessionRecordingId", "session_id",
                                        "sessionId", "recordingId",
                                        "recording_id"};

    for (const char *at = strpbrk(url, "?#&"); at;
         at = strpbrk(at + 1, "?#&")) {
        const char *equals = at + 1 + strcspn(at + 1, "=?#&");
        size_t len = (size_t)(equals - at - 1);

        for (size_t i = 0; *equals == '=' && i < sizeof names / sizeof *names;
             i++) {
            if (strlen(names[i]) != len || strncmp(at + 1, names[i], len) != 0)
                continue;
            *id = equals + 1;
            len = strcspn(*id, "?#&/");
            return is_session(*id, len) ? len : 0;
        }
    }
    return 0;
}

/* A step of the path that is an id, behind where replays are. */
static size_t path_id(const char *url, const char **id)
{
    static const char *const places[] = {"/replay/",
                                         "/replays/",
                                         "/recordings/",
                                         "/recording/",
                                         "/session_recordings/",
                                         "/session-recordings/"};
    const char *at = NULL;

    for (size_t i = 0; !at && i < sizeof places / sizeof *places; i++) {
        at = strstr(url, places[i]);
        if (at)
            at += strlen(places[i]);
    }
    if (!at)
        return 0;
    *id = at;
    return is_session(at, strcspn(at, "/?#&")) ? strcspn(at, "/?#&") : 0;
}

/* The session of a replay's address; its length, 0: none. */
static size_t replay_id(const char *url, const char **id)
{
    size_t len = url ? parameter_id(url, id) : 0;

    return len || !url ? len : path_id(url, id);
}

static const char *keep(struct buf *url, struct arena *arena)
{
    const char *kept = NULL;

    if (buf_ok(url) && url->len && url_clean(url->data))
        kept = arena_strndup(arena, url->data, url->len);
    buf_free(url);
    return kept;
}

static const char *allowed_or_null(const struct link_policy *policy,
                                   const struct event *event, const char *url,
                                   struct arena *arena)
{
    if (!url || strlen(url) > LIMIT_TEXT ||
        !links_allowed(policy, event->project_url, url, NULL, 0))
        return NULL;
    return arena_strdup(arena, url);
}

static const char *make_replay(const struct link_policy *policy,
                               const struct link_hints *hints,
                               const struct event *event, struct arena *arena)
{
    const char *own, *id;
    struct buf url;
    char iso[CLOCK_ISO_SIZE];

    if (!event->session_id)
        return NULL;
    own = allowed_or_null(policy, event, hints->replay, arena);
    if (own && replay_id(own, &id) == strlen(event->session_id) &&
        strncmp(id, event->session_id, strlen(event->session_id)) == 0)
        return own;
    if (!event->project_url)
        return NULL;
    buf_init(&url, LIMIT_TEXT);
    clock_format_iso(event->occurred_at, iso);
    buf_addf(&url, "%s/replay/%s", event->project_url, event->session_id);
    if (!(event->flags & EVENT_CLOCK_OFF))
        buf_addf(&url, "?t=%s", iso);
    return keep(&url, arena);
}

static const char *make_person(const struct link_policy *policy,
                               const struct link_hints *hints,
                               const struct event *event, struct arena *arena)
{
    const char *own = allowed_or_null(policy, event, hints->person, arena);
    struct buf url;

    if (own || !event->project_url || !event->person.id)
        return own;
    buf_init(&url, LIMIT_TEXT);
    buf_addf(&url, "%s/person/", event->project_url);
    url_escape(&url, event->person.id);
    return keep(&url, arena);
}

static const char *make_event(const struct link_policy *policy,
                              const struct link_hints *hints,
                              const struct event *event, struct arena *arena)
{
    const char *own = allowed_or_null(policy, event, hints->event, arena);
    char uuid[UUID_TEXT_SIZE], iso[CLOCK_ISO_SIZE];
    struct buf url;

    if (own || !event->project_url || !event->has_uuid)
        return own;
    buf_init(&url, LIMIT_TEXT);
    uuid_format(&event->uuid, uuid);
    clock_format_iso(event->occurred_at, iso);
    buf_addf(&url, "%s/events/%s/", event->project_url, uuid);
    url_escape(&url, iso);
    return keep(&url, arena);
}

void links_fill(const struct link_policy *policy,
                const struct link_hints *hints, const char *session_id,
                struct event *event, struct arena *arena)
{
    const char *id = session_id;
    size_t len = id ? strlen(id) : replay_id(hints->replay, &id);

    event->session_id =
        links_session_valid(id, len) ? arena_strndup(arena, id, len) : NULL;
    event->project_url = find_project(policy, hints, arena);
    event->links.replay = make_replay(policy, hints, event, arena);
    event->links.person = make_person(policy, hints, event, arena);
    event->links.event = make_event(policy, hints, event, arena);
}

int64_t links_replay_age(int64_t occurred_at, int64_t received_at,
                         int64_t now_ms)
{
    return now_ms - (occurred_at < received_at ? occurred_at : received_at);
}

enum replay_state links_replay_state(const struct event *event, int64_t now_ms)
{
    if (!event->session_id)
        return REPLAY_NONE;
    return links_replay_age(event->occurred_at, event->received_at, now_ms) <
                   REPLAY_READY_MS
               ? REPLAY_YOUNG
               : REPLAY_READY;
}
