/* The figures behind /healthz and /metrics, gathered when somebody asks. */
#include "app/internal.h"

#include "app/board.h"
#include "app/mirror_service.h"
#include "app/polling_service.h"
#include "app/publish_service.h"
#include "app/retention.h"
#include "app/silence.h"
#include "app/stream_service.h"
#include "base/banned.h"

static void fill_mirrors(const struct app *app, struct figures *out)
{
    const struct mirrors *mirrors =
        mirror_service_mirrors(app->services[SERVICE_mirrors]);
    size_t count = mirrors ? mirrors_count(mirrors) : 0;

    for (size_t i = 0; i < count && i < FIGURES_MIRRORS; i++) {
        struct mirror_status status = mirrors_status(mirrors, i);

        out->mirrors[out->mirror_count++] = (struct figures_mirror){
            .name = status.name,
            .type = status.type,
            .state = mirror_state_word(&status),
            .trouble = status.trouble,
            .on = status.state == MIRROR_ON,
            .sent = status.sent,
            .events = status.events,
            .waiting = status.waiting,
            .parked = status.parked,
            .pruned = status.pruned,
            .unread = status.unread,
        };
    }
}

void app_figures(void *ctx, struct figures *out)
{
    struct app *app = ctx;
    const void *silence = app->services[SERVICE_silence];
    const struct board *board = app->services[SERVICE_board];
    struct webhook_stats hook = webhook_stats(app->webhook);

    out->events = hook.events;
    out->duplicates = hook.duplicates;
    out->forgotten = hook.forgotten;
    out->not_json = hook.not_json;
    out->unauthorised = hook.unauthorised;
    out->unavailable = hook.unavailable;
    out->lag = &app->lag;
    out->turns = loop_turns(app->loop);
    out->last_event_ms = silence_heard_at(silence);
    out->habit_hours = silence_habit_hours(silence);
    if (board)
        out->ring_bytes = ring_bytes(board->ring);
    out->late = polling_service_late(app->services[SERVICE_polling],
                                     &out->late_since_ms);
    out->deleted =
        retention_deleted(app->services[SERVICE_retention], &out->unread);
    buf_clear(&app->silence_text);
    if (silence_text(silence, &app->silence_text))
        out->silence = app->silence_text.data;
    fill_mirrors(app, out);
    publish_service_figures(app->services[SERVICE_publish], &out->publish);
    stream_service_figures(app->services[SERVICE_stream], &out->stream);
}
