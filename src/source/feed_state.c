/* The link's state: up, lost, given up, tried again; and that others are told.
 * Who asks and what comes is feed.c's and feed_take.c's. */
#include "source/feed_state.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"

#include "base/banned.h"

#define RETRY_MAX_US INT64_C(60000000)
#define REFUSED_US INT64_C(60000000) /* it will be refused again */

void feed_changed(struct feed_source *source)
{
    source->options.changed(source->options.ctx);
}

static int64_t with_jitter(int64_t us)
{
    unsigned char random;

    random_bytes(&random, 1);
    return us * 3 / 4 + us / 2 * random / 255;
}

void feed_tick(struct feed_source *source, int64_t us)
{
    loop_timer_set(source->timer, us);
}

bool feed_there(const struct feed_source *source, struct uuid *there)
{
    static const struct uuid none;

    *there = source->there;
    return !uuid_equal(there, &none);
}

/* It brought something that is kept, or lasted longer than it was waited for.
 * One that only says hello is tried again later each time, too. */
static bool was_good(const struct feed_source *source)
{
    return source->link == LINK_UP &&
           (source->kept > source->asked ||
            clock_mono_us() - source->up_us > source->step_us);
}

/* The link is down; it is tried again. */
void feed_link_lost(struct feed_source *source)
{
    int64_t wait;

    if (was_good(source))
        source->step_us = FEED_RETRY_US;
    wait = source->refused ? REFUSED_US : source->step_us;
    if (source->request)
        client_cancel(source->options.client, source->request);
    source->request = 0;
    source->fork = (struct feed_fork){0};
    if (source->stopped)
        return;
    feed_look_link(&source->look, false);
    feed_tells_link(&source->tells, false, false);
    source->options.looked(source->options.ctx, NULL, NULL);
    if (!source->lost_ms) {
        source->lost_ms = clock_now_ms();
        log_line(LOG_WARN, "no link to %s: %s", source->host,
                 source->why.text);
    }
    source->link = LINK_DOWN;
    source->retry_us = clock_mono_us() + with_jitter(wait);
    source->step_us = source->step_us * 2 < RETRY_MAX_US ? source->step_us * 2
                                                         : RETRY_MAX_US;
    feed_tick(source, FEED_LOOK_US);
    feed_changed(source);
}

void feed_link_up(struct feed_source *source)
{
    if (source->lost_ms)
        log_line(LOG_NOTE, "the link to %s is back", source->host);
    source->link = LINK_UP;
    source->others = 0;
    source->lost_ms = 0;
    source->up_us = clock_mono_us();
    err_set(&source->why, "%s", "");
    feed_changed(source);
}

void feed_give_up(struct feed_source *source, bool refused, const char *why)
{
    source->refused = refused;
    err_set(&source->why, "%s", why);
}

void feed_retry(struct feed_source *source)
{
    source->refused = false;
    source->step_us = FEED_RETRY_US;
    source->retry_us = clock_mono_us();
    if (source->link == LINK_DOWN && !source->stopped)
        feed_tick(source, 0);
}
