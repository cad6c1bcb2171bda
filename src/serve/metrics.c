/* The counters in Prometheus' text format 0.0.4: each family is a HELP and a
 * TYPE line and its samples. Numbers are written from integers, since printf
 * writes fractions as the user's language does. */
#include "serve/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config.h"
#include "serve/access.h"
#include "base/banned.h"

struct metrics {
    struct figures_source source;
    struct server *server;
};

struct metrics *metrics_new(const struct figures_source *source)
{
    struct metrics *metrics = xcalloc(1, sizeof *metrics);

    metrics->source = *source;
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    free(metrics);
}

void metrics_label(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n') {
            buf_adds(out, "\\n");
            continue;
        }
        if (*text == '"' || *text == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *text);
    }
}

static void family(struct buf *out, const char *name, const char *type,
                   const char *help)
{
    buf_addf(out, "# HELP telltale_%s %s\n# TYPE telltale_%s %s\n", name, help,
             name, type);
}

static void sample(struct buf *out, const char *name, uint64_t value)
{
    buf_addf(out, "telltale_%s %llu\n", name, (unsigned long long)value);
}

static void counter(struct buf *out, const char *name, const char *help,
                    uint64_t value)
{
    family(out, name, "counter", help);
    sample(out, name, value);
}

static void gauge(struct buf *out, const char *name, const char *help,
                  uint64_t value)
{
    family(out, name, "gauge", help);
    sample(out, name, value);
}

/* Thousandths as seconds: 1234 is 1.234. */
static void add_seconds(struct buf *out, int64_t ms)
{
    buf_addf(out, "%lld.%03lld", (long long)(ms / 1000),
             (long long)(ms % 1000));
}

static void add_build(struct buf *out)
{
    family(out, "build_info", "gauge", "The version that runs.");
    buf_adds(out, "telltale_build_info{version=\"");
    metrics_label(out, PACKAGE_VERSION);
    buf_adds(out, "\"} 1\n");
}

static void add_refused(struct buf *out, const struct figures *figures,
                        uint64_t by_rules)
{
    const struct {
        const char *reason;
        uint64_t count;
    } reasons[] = {{"not_json", figures->not_json},
                   {"secret", figures->unauthorised},
                   {"journal", figures->unavailable},
                   {"http", by_rules}};

    family(out, "refused_total", "counter", "Requests refused, by reason.");
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        buf_addf(out, "telltale_refused_total{reason=\"%s\"} %llu\n",
                 reasons[i].reason, (unsigned long long)reasons[i].count);
}

static void add_lag(struct buf *out, const struct lag *lag)
{
    const char *name = "arrival_lag_seconds";
    uint64_t sum = 0;

    family(out, name, "histogram", "From capture to arrival.");
    for (size_t i = 0; i < LAG_BUCKETS; i++) {
        sum += lag->counts[i];
        buf_addf(out, "telltale_%s_bucket{le=\"", name);
        add_seconds(out, lag_bounds[i]);
        buf_addf(out, "\"} %llu\n", (unsigned long long)sum);
    }
    buf_addf(out, "telltale_%s_bucket{le=\"+Inf\"} %llu\n", name,
             (unsigned long long)lag->count);
    buf_addf(out, "telltale_%s_sum ", name);
    add_seconds(out, lag->sum_ms);
    buf_addf(out, "\ntelltale_%s_count %llu\n", name,
             (unsigned long long)lag->count);
}

/* Millionths as seconds. */
static void add_micros(struct buf *out, int64_t us)
{
    buf_addf(out, "%lld.%06lld", (long long)(us / 1000000),
             (long long)(us % 1000000));
}

static void add_turns(struct buf *out, const struct loop_turns *turns)
{
    const char *name = "loop_turn_seconds";
    uint64_t sum = 0;

    family(out, name, "histogram",
           "How long the loop was busy at a time, and answered nothing else.");
    for (size_t i = 0; i < LOOP_TURN_BUCKETS; i++) {
        sum += turns->counts[i];
        buf_addf(out, "telltale_%s_bucket{le=\"", name);
        add_micros(out, loop_turn_bounds[i]);
        buf_addf(out, "\"} %llu\n", (unsigned long long)sum);
    }
    buf_addf(out, "telltale_%s_bucket{le=\"+Inf\"} %llu\n", name,
             (unsigned long long)turns->count);
    buf_addf(out, "telltale_%s_sum ", name);
    add_micros(out, turns->sum_us);
    buf_addf(out, "\ntelltale_%s_count %llu\n", name,
             (unsigned long long)turns->count);
    family(out, "loop_turn_max_seconds", "gauge", "The longest of those.");
    buf_adds(out, "telltale_loop_turn_max_seconds ");
    add_micros(out, turns->max_us);
    buf_addc(out, '\n');
}

static void add_source(struct buf *out, const struct figures *figures,
                       uint64_t by_rules)
{
    counter(out, "events_total", "Events kept.", figures->events);
    counter(out, "duplicates_total", "Events that were kept already.",
            figures->duplicates);
    counter(out, "forgotten_total",
            "Events not kept, of somebody who is to be forgotten.",
            figures->forgotten);
    counter(out, "late_total",
            "Events that PostHog showed after it had been asked for them.",
            figures->late);
    counter(out, "deleted_total", "Events deleted by age or size.",
            figures->deleted);
    counter(out, "deleted_unread_total",
            "Of those, not read yet by a mirror, a rule or the signals.",
            figures->unread);
    add_refused(out, figures, by_rules);
    add_lag(out, figures->lag);
    if (figures->last_event_ms != CLOCK_NONE) {
        family(out, "last_event_timestamp_seconds", "gauge",
               "When the newest event arrived.");
        buf_adds(out, "telltale_last_event_timestamp_seconds ");
        add_seconds(out, figures->last_event_ms);
        buf_addc(out, '\n');
    }
    gauge(out, "silence", "1 while no event comes where some are usual.",
          figures->silence != NULL);
    gauge(out, "habit_hours", "Hours of the week of which it is known.",
          figures->habit_hours);
}

static void add_journal(struct buf *out, const struct journal *journal)
{
    struct journal_stats stats = journal_stats(journal);

    gauge(out, "journal_up", "1 while events can be kept.",
          !journal_trouble(journal));
    gauge(out, "journal_last_seq", "The number of the newest event.",
          stats.last_seq);
    counter(out, "journal_commits_total", "Transactions.", stats.commits);
    counter(out, "journal_rejects_total", "Refused bodies and requests noted.",
            stats.rejects);
    gauge(out, "journal_waiting_events", "Events not yet committed.",
          stats.waiting);
    gauge(out, "journal_waiting_bytes", "Bytes of those.",
          stats.waiting_bytes);
    family(out, "journal_commit_seconds_max", "gauge", "The longest commit.");
    buf_adds(out, "telltale_journal_commit_seconds_max ");
    add_seconds(out, stats.commit_us_max / 1000);
    buf_addc(out, '\n');
}

/* The rest is the program, its libraries and what is on its way. */
static void add_memory(struct buf *out, const struct figures *figures,
                       const struct journal *journal)
{
    gauge(out, "memory_ring_bytes", "Events for the screen, with their texts.",
          figures->ring_bytes);
    gauge(out, "memory_journal_bytes", "SQLite's: pages in memory, mostly.",
          journal_stats(journal).memory);
}

static void add_server(struct buf *out, const struct server_stats *stats)
{
    counter(out, "http_requests_total", "Requests with a whole head.",
            stats->requests);
    counter(out, "http_answers_total", "Answers.", stats->answered);
    counter(out, "http_timeouts_total", "Connections out of time.",
            stats->timeouts);
    counter(out, "http_evicted_total", "Connections that made way for others.",
            stats->evicted);
    counter(out, "http_lost_total", "Answers to clients that were gone.",
            stats->lost);
    gauge(out, "http_connections", "Open connections.", stats->connections);
    gauge(out, "http_waiting", "Requests that wait for their answer.",
          stats->waiting);
    gauge(out, "http_streams", "Feeds that somebody looks at.",
          stats->streams);
    gauge(out, "http_in_flight_bytes", "Bodies in memory.", stats->in_flight);
    gauge(out, "http_unsent_bytes", "Answers that nobody has read yet.",
          stats->unsent);
}

static void mirror_sample(struct buf *out, const char *name,
                          const struct figures_mirror *mirror, uint64_t value)
{
    buf_addf(out, "telltale_%s{mirror=\"", name);
    metrics_label(out, mirror->name);
    buf_adds(out, "\",type=\"");
    metrics_label(out, mirror->type);
    buf_addf(out, "\"} %llu\n", (unsigned long long)value);
}

static uint64_t mirror_value(const struct figures_mirror *mirror, size_t which)
{
    const uint64_t values[] = {mirror->on && !*mirror->trouble,
                               mirror->sent,
                               mirror->events,
                               mirror->waiting,
                               mirror->parked,
                               mirror->pruned,
                               mirror->unread};

    return values[which];
}

static void add_mirrors(struct buf *out, const struct figures *figures)
{
    static const struct {
        const char *name, *type, *help;
    } families[] = {
        {"mirror_up", "gauge", "1 while it is on and the last send went."},
        {"mirror_messages_total", "counter", "Messages sent, ever."},
        {"mirror_events_total", "counter", "Events in them, ever."},
        {"mirror_waiting_events", "gauge", "Events in its outbox."},
        {"mirror_parked_events", "gauge", "Events given up until told."},
        {"mirror_pruned_events_total", "counter", "Deleted unsent, ever."},
        {"mirror_unread_events", "gauge", "Not looked at: it is not on."},
    };

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (figures->mirror_count)
            family(out, families[i].name, families[i].type, families[i].help);
        for (size_t j = 0; j < figures->mirror_count; j++)
            mirror_sample(out, families[i].name, &figures->mirrors[j],
                          mirror_value(&figures->mirrors[j], i));
    }
}

static void add_publish(struct buf *out, const struct figures_publish *publish)
{
    if (!publish->on)
        return;
    gauge(out, "publish_up", "1 while there is a link to NATS to publish by.",
          publish->up);
    counter(out, "publish_events_total", "Events acknowledged by NATS.",
            publish->events);
    counter(out, "publish_already_total",
            "Events of those that the stream had already.", publish->already);
    counter(out, "publish_again_total", "Events sent more than once.",
            publish->again);
    counter(out, "publish_cut_total",
            "Events too large for a message: sent without properties.",
            publish->cut);
    counter(out, "publish_left_out_total",
            "Events too large all the same: not sent.", publish->left_out);
    gauge(out, "publish_waiting_events",
          "Events that NATS has not acknowledged yet, about.",
          publish->waiting);
}

static void add_stream(struct buf *out, const struct figures_stream *stream)
{
    if (!stream->on)
        return;
    gauge(out, "stream_up", "1 while what others publish to NATS comes.",
          stream->up);
    counter(out, "stream_events_total",
            "Events that came by NATS, new or not.", stream->events);
    counter(out, "stream_left_out_total",
            "Messages that were nothing to keep.", stream->left_out);
    counter(out, "stream_gaps_total", "Gaps in what receivers published.",
            stream->missing);
}

static enum admission metrics_admit(void *ctx, const struct request *request,
                                    struct answer *answer, void **note)
{
    struct metrics *metrics = ctx;

    (void)note;
    if (access_granted(metrics->source.viewers, request, NULL))
        return ADMIT;
    access_refuse(metrics->source.viewers, answer);
    return ADMIT_ANSWER;
}

static void metrics_complete(void *ctx, struct request_id id, const char *peer,
                             void *note, char *body, size_t len)
{
    struct metrics *metrics = ctx;
    struct server_stats stats = server_stats(metrics->server);
    struct figures figures = {.last_event_ms = CLOCK_NONE,
                              .late_since_ms = CLOCK_NONE};
    struct answer answer = {.status = 200,
                            .content_type =
                                "text/plain; version=0.0.4; charset=utf-8"};
    struct buf out;

    (void)peer;
    (void)note;
    (void)body;
    (void)len;
    metrics->source.fill(metrics->source.ctx, &figures);
    buf_init(&out, MIB);
    add_build(&out);
    add_source(&out, &figures, stats.refused);
    add_journal(&out, metrics->source.journal);
    add_memory(&out, &figures, metrics->source.journal);
    add_server(&out, &stats);
    add_turns(&out, figures.turns);
    add_mirrors(&out, &figures);
    add_publish(&out, &figures.publish);
    add_stream(&out, &figures.stream);
    answer.body = out.data;
    answer.len = out.len;
    server_answer(metrics->server, id, &answer);
    buf_free(&out);
}

void metrics_serve(struct metrics *metrics, struct server *server)
{
    static const struct route_ops ops = {.admit = metrics_admit,
                                         .on_complete = metrics_complete};
    struct route route = {.methods = "GET",
                          .path = "/metrics",
                          .ops = &ops,
                          .ctx = metrics};

    metrics->server = server;
    server_route(server, &route);
}
