/* GET /healthz. 200 while events can be kept, 503 while they cannot: what
 * stands in front (a tunnel, a proxy, a watchdog) acts on the number. */
#include "serve/health.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config.h"
#include "serve/access.h"
#include "base/banned.h"

struct health {
    struct figures_source source;
    struct server *server;
};

struct health *health_new(const struct figures_source *source)
{
    struct health *health = xcalloc(1, sizeof *health);

    health->source = *source;
    return health;
}

void health_free(struct health *health)
{
    free(health);
}

/* note is not NULL for those who may know more. */
static enum admission health_admit(void *ctx, const struct request *request,
                                   struct answer *answer, void **note)
{
    struct health *health = ctx;

    (void)answer;
    *note =
        access_granted(health->source.viewers, request, NULL) ? health : NULL;
    return *note ? ADMIT : ADMIT_ANON;
}

static void add_journal(cJSON *root, const struct health *health)
{
    struct journal_stats stats = journal_stats(health->source.journal);
    const char *trouble = journal_trouble(health->source.journal);
    cJSON *journal = cJSON_AddObjectToObject(root, "journal");
    char id[UUID_TEXT_SIZE];

    uuid_format(journal_id(health->source.journal), id);
    cJSON_AddStringToObject(journal, "id", id);
    cJSON_AddNumberToObject(journal, "last_seq", (double)stats.last_seq);
    cJSON_AddNumberToObject(journal, "events", (double)stats.events);
    cJSON_AddNumberToObject(journal, "duplicates", (double)stats.duplicates);
    cJSON_AddNumberToObject(journal, "forgotten", (double)stats.forgotten);
    cJSON_AddNumberToObject(journal, "rejects", (double)stats.rejects);
    cJSON_AddNumberToObject(journal, "commits", (double)stats.commits);
    cJSON_AddNumberToObject(journal, "waiting", (double)stats.waiting);
    cJSON_AddNumberToObject(journal, "commit_ms_max",
                            (double)stats.commit_us_max / 1000.0);
    if (trouble)
        cJSON_AddStringToObject(journal, "trouble", trouble);
    else
        cJSON_AddNullToObject(journal, "trouble");
}

static void add_server(cJSON *root, const struct health *health)
{
    struct server_stats stats = server_stats(health->server);
    cJSON *server = cJSON_AddObjectToObject(root, "server");

    cJSON_AddNumberToObject(server, "requests", (double)stats.requests);
    cJSON_AddNumberToObject(server, "answered", (double)stats.answered);
    cJSON_AddNumberToObject(server, "refused", (double)stats.refused);
    cJSON_AddNumberToObject(server, "lost", (double)stats.lost);
    cJSON_AddNumberToObject(server, "timeouts", (double)stats.timeouts);
    cJSON_AddNumberToObject(server, "connections", stats.connections);
    cJSON_AddNumberToObject(server, "bytes_in_flight",
                            (double)stats.in_flight);
    cJSON_AddNumberToObject(server, "bytes_unsent", (double)stats.unsent);
    cJSON_AddNumberToObject(server, "evicted", (double)stats.evicted);
}

static void add_text(cJSON *root, const char *name, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(root, name, text);
    else
        cJSON_AddNullToObject(root, name);
}

static void add_source(cJSON *root, const struct figures *figures)
{
    cJSON *source = cJSON_AddObjectToObject(root, "source");
    cJSON *lag = cJSON_AddObjectToObject(root, "lag");
    char last[CLOCK_ISO_SIZE] = "", since[CLOCK_ISO_SIZE] = "";

    cJSON_AddNumberToObject(source, "events", (double)figures->events);
    cJSON_AddNumberToObject(source, "duplicates", (double)figures->duplicates);
    cJSON_AddNumberToObject(source, "forgotten", (double)figures->forgotten);
    cJSON_AddNumberToObject(source, "not_json", (double)figures->not_json);
    cJSON_AddNumberToObject(source, "unauthorised",
                            (double)figures->unauthorised);
    cJSON_AddNumberToObject(source, "unavailable",
                            (double)figures->unavailable);
    if (figures->last_event_ms != CLOCK_NONE)
        clock_format_iso(figures->last_event_ms, last);
    add_text(source, "last_event_at", last);
    add_text(source, "silence", figures->silence);
    cJSON_AddNumberToObject(source, "late", (double)figures->late);
    if (figures->late)
        clock_format_iso(figures->late_since_ms, since);
    add_text(source, "late_since", since);
    cJSON_AddNumberToObject(lag, "events", (double)figures->lag->count);
    cJSON_AddNumberToObject(lag, "p50_ms",
                            (double)lag_percentile(figures->lag, 50));
    cJSON_AddNumberToObject(lag, "p99_ms",
                            (double)lag_percentile(figures->lag, 99));
}

static void add_mirrors(cJSON *root, const struct figures *figures)
{
    cJSON *list = cJSON_AddArrayToObject(root, "mirrors");

    for (size_t i = 0; i < figures->mirror_count; i++) {
        const struct figures_mirror *mirror = &figures->mirrors[i];
        cJSON *one = cJSON_CreateObject();

        cJSON_AddStringToObject(one, "name", mirror->name);
        cJSON_AddStringToObject(one, "type", mirror->type);
        cJSON_AddStringToObject(one, "state", mirror->state);
        cJSON_AddNumberToObject(one, "messages", (double)mirror->sent);
        cJSON_AddNumberToObject(one, "events", (double)mirror->events);
        cJSON_AddNumberToObject(one, "waiting", (double)mirror->waiting);
        cJSON_AddNumberToObject(one, "parked", (double)mirror->parked);
        cJSON_AddNumberToObject(one, "pruned", (double)mirror->pruned);
        cJSON_AddNumberToObject(one, "unread", (double)mirror->unread);
        add_text(one, "trouble", mirror->trouble);
        cJSON_AddItemToArray(list, one);
    }
}

/* What only those are told who carry the token. */
static void add_figures(cJSON *root, const struct health *health)
{
    struct figures figures = {.last_event_ms = CLOCK_NONE,
                              .late_since_ms = CLOCK_NONE};

    health->source.fill(health->source.ctx, &figures);
    cJSON_AddStringToObject(root, "version", PACKAGE_VERSION);
    add_source(root, &figures);
    add_journal(root, health);
    add_server(root, health);
    add_mirrors(root, &figures);
}

static void health_complete(void *ctx, struct request_id id, const char *peer,
                            void *note, char *body, size_t len)
{
    struct health *health = ctx;
    bool well = !journal_trouble(health->source.journal);
    struct answer answer = {.status = well ? 200 : 503};
    cJSON *root = cJSON_CreateObject();
    char *text;

    (void)peer;
    (void)body;
    (void)len;
    cJSON_AddBoolToObject(root, "ok", well);
    if (note)
        add_figures(root, health);
    text = cJSON_PrintUnformatted(root);
    answer.body = text;
    answer.len = strlen(text);
    if (!well)
        answer.headers = "Retry-After: 5\r\n";
    server_answer(health->server, id, &answer);
    cJSON_free(text);
    cJSON_Delete(root);
}

void health_serve(struct health *health, struct server *server)
{
    static const struct route_ops ops = {.admit = health_admit,
                                         .on_complete = health_complete};
    struct route route = {.methods = "GET",
                          .path = "/healthz",
                          .ops = &ops,
                          .ctx = health};

    health->server = server;
    server_route(server, &route);
}
