/* How a mirror fares: its state, what is wrong with it, and what the screen
 * shows of both. */
#include "mirror/internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

#include "base/banned.h"

void mirror_changed(struct mirror *mirror)
{
    const struct mirrors_options *options = &mirror->all->options;

    if (options->on_change)
        options->on_change(options->ctx);
}

void mirror_trouble(struct mirror *mirror, const char *text)
{
    if (!*mirror->trouble)
        mirror->trouble_since = clock_now_ms();
    snprintf(mirror->trouble, sizeof mirror->trouble, "%s", text);
    log_limited(LOG_WARN, "mirror %s: %s", mirror->settings->name, text);
}

void mirror_say_off(const struct mirror *mirror)
{
    const char *name = mirror->settings->name;

    log_line(LOG_WARN,
             "mirror %s is off: once it is mended, telltale mirrors resume %s",
             name, name);
}

size_t mirrors_count(const struct mirrors *mirrors)
{
    return mirrors->count;
}

struct mirror_status mirrors_status(const struct mirrors *mirrors,
                                    size_t index)
{
    const struct mirror *mirror = &mirrors->mirrors[index];

    return (struct mirror_status){.name = mirror->settings->name,
                                  .type = mirror->settings->type->name,
                                  .state = mirror->state,
                                  .sent = mirror->sent,
                                  .events = mirror->events,
                                  .waiting = mirror->waiting,
                                  .parked = mirror->parked,
                                  .pruned = mirror->pruned,
                                  .unread = mirror->unread,
                                  .trouble = mirror->trouble,
                                  .trouble_since = mirror->trouble_since,
                                  .next_try = mirror->next_try};
}

const char *mirror_state_word(const struct mirror_status *status)
{
    if (status->state == MIRROR_OFF)
        return "off";
    if (status->state == MIRROR_PAUSED)
        return "paused";
    if (!*status->trouble)
        return "ok";
    /* What was refused is put aside: nothing is being retried. */
    return status->parked && status->next_try == CLOCK_NONE ? "parked"
                                                            : "retrying";
}

static const char *state_word(const struct mirrors *mirrors,
                              const struct mirror *mirror)
{
    struct mirror_status status =
        mirrors_status(mirrors, (size_t)(mirror - mirrors->mirrors));

    return mirror_state_word(&status);
}

/* Off is worse than retrying, retrying than paused. */
static int badness(const struct mirror *mirror)
{
    if (mirror->state == MIRROR_OFF)
        return 3;
    if (*mirror->trouble && mirror->state == MIRROR_ON)
        return 2;
    return mirror->state == MIRROR_PAUSED;
}

static const struct mirror *worst(const struct mirrors *mirrors)
{
    const struct mirror *found = &mirrors->mirrors[0];

    for (size_t i = 1; i < mirrors->count; i++)
        if (badness(&mirrors->mirrors[i]) > badness(found))
            found = &mirrors->mirrors[i];
    return found;
}

/* Those beside the worst that are as little well as to be told of. */
static size_t others_in_trouble(const struct mirrors *mirrors)
{
    size_t count = 0;

    for (size_t i = 0; i < mirrors->count; i++)
        count += badness(&mirrors->mirrors[i]) > 1;
    return count > 1 ? count - 1 : 0;
}

bool mirrors_summary(const struct mirrors *mirrors, struct buf *out)
{
    const struct mirror *mirror;
    size_t others;

    if (!mirrors->count) {
        buf_adds(out, "no mirror");
        return false;
    }
    mirror = worst(mirrors);
    if (mirrors->count > 1 && !badness(mirror))
        buf_addf(out, "%zu mirrors ok", mirrors->count);
    else
        buf_addf(out, "%s %s", mirror->settings->name,
                 state_word(mirrors, mirror));
    others = others_in_trouble(mirrors);
    if (others)
        buf_addf(out, " +%zu", others);
    return badness(mirror) > 1;
}

/* "10:31" today, "13 Sep 10:31" before. */
static void add_since(struct buf *out, int64_t since, int64_t now)
{
    struct tm tm;
    char text[32];

    if (!clock_local(since, &tm))
        return;
    strftime(text, sizeof text,
             now - since < 20 * CLOCK_HOUR_MS ? "%H:%M" : "%d %b %H:%M", &tm);
    buf_addf(out, " since %s", text);
}

static void add_count(struct buf *out, uint64_t count, const char *what)
{
    if (count)
        buf_addf(out, " %llu %s.", (unsigned long long)count, what);
}

bool mirrors_problem(const struct mirrors *mirrors, int64_t now_ms,
                     struct buf *out)
{
    const struct mirror *mirror = mirrors->count ? worst(mirrors) : NULL;

    if (!mirror || badness(mirror) < 2)
        return false;
    if (mirror->state == MIRROR_OFF) {
        buf_addf(out, "%s is off: %s. Fix it, then p in :mirrors.",
                 mirror->settings->name, mirror->trouble);
        return true;
    }
    buf_addf(out, "%s: %s", mirror->settings->name, mirror->trouble);
    add_since(out, mirror->trouble_since, now_ms);
    buf_addf(out, ". %llu wait%s", (unsigned long long)mirror->waiting,
             mirror->pruned ? "" : ", none lost");
    if (mirror->next_try != CLOCK_NONE && mirror->next_try > now_ms)
        buf_addf(out, ", next try in %lld s",
                 (long long)(mirror->next_try - now_ms + 999) / 1000);
    buf_addc(out, '.');
    add_count(out, mirror->parked, "parked");
    add_count(out, mirror->pruned, "deleted unsent");
    buf_adds(out, " :mirrors");
    return true;
}
