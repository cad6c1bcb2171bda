/* GET /healthz. 200 while events can be kept, 503 while they cannot: what
 * stands in front (a tunnel, a proxy, a watchdog) acts on the number. */
#include "serve/health.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config.h"
#include "serve/access.h"
#include "base/banned.h"

struct health {
    const struct journal *journal;
    const struct secret_set *viewer;
    struct server *server;
};

struct health *health_new(const struct journal *journal,
                          const struct secret_set *viewer)
{
    struct health *health = xcalloc(1, sizeof *health);

    health->journal = journal;
    health->viewer = viewer;
    return health;
}

void health_free(struct health *health)
{
    free(health);
}

void health_set_server(struct health *health, struct server *server)
{
    health->server = server;
}

/* note is not NULL for those who may know more. */
static enum admission health_admit(void *ctx, const struct request *request,
                                   struct answer *answer, void **note)
{
    struct health *health = ctx;

    (void)answer;
    *note = access_granted(health->viewer, request) ? health : NULL;
    return *note ? ADMIT : ADMIT_ANON;
}

static void add_journal(cJSON *root, const struct health *health)
{
    struct journal_stats stats = journal_stats(health->journal);
    const char *trouble = journal_trouble(health->journal);
    cJSON *journal = cJSON_AddObjectToObject(root, "journal");
    char id[UUID_TEXT_SIZE];

    uuid_format(journal_id(health->journal), id);
    cJSON_AddStringToObject(journal, "id", id);
    cJSON_AddNumberToObject(journal, "last_seq", (double)stats.last_seq);
    cJSON_AddNumberToObject(journal, "events", (double)stats.events);
    cJSON_AddNumberToObject(journal, "duplicates", (double)stats.duplicates);
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

static void health_complete(void *ctx, struct request_id id, const char *peer,
                            void *note, char *body, size_t len)
{
    struct health *health = ctx;
    bool well = !journal_trouble(health->journal);
    struct answer answer = {.status = well ? 200 : 503};
    cJSON *root = cJSON_CreateObject();
    char *text;

    (void)peer;
    (void)body;
    (void)len;
    cJSON_AddBoolToObject(root, "ok", well);
    if (note) {
        cJSON_AddStringToObject(root, "version", PACKAGE_VERSION);
        add_journal(root, health);
        add_server(root, health);
    }
    text = cJSON_PrintUnformatted(root);
    answer.body = text;
    answer.len = strlen(text);
    if (!well)
        answer.headers = "Retry-After: 5\r\n";
    server_answer(health->server, id, &answer);
    cJSON_free(text);
    cJSON_Delete(root);
}

struct route health_route(struct health *health)
{
    static const struct route_ops ops = {.admit = health_admit,
                                         .complete = health_complete};

    return (struct route){"GET", "/healthz", &ops, health};
}
