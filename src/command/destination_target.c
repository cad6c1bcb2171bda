/* From settings to the plan of a destination, applying it and trying it out,
 * with words for the person at the terminal. */
#include "command/destination_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "app/plan.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "command/command.h"
#include "command/posthog.h"
#include "journal/owner.h"
#include "journal/reader.h"
#include "posthog/api_blocking.h"
#include "base/banned.h"

#define ARRIVAL_MS 30000
#define LOOK_MS 100

bool destination_target_open(struct destination_target *target,
                             const struct config *config, struct err *err)
{
    memset(target, 0, sizeof *target);
    if (!tokens_load(&target->tokens, config, false, err))
        return false;
    if (!decode_context_open(&target->decode, config, NULL, err)) {
        tokens_free(&target->tokens);
        return false;
    }
    buf_init(&target->name, 4 * KIB);
    buf_init(&target->url, 8 * KIB);
    if (plan_make(&target->plan, config, &target->decode, &target->tokens,
                  &target->name, &target->url, err) &&
        destination_plan_valid(&target->plan, err))
        return true;
    destination_target_close(target);
    return false;
}

void destination_target_close(struct destination_target *target)
{
    decode_context_close(&target->decode);
    tokens_free(&target->tokens);
    buf_free(&target->name);
    buf_free(&target->url);
}

struct steps {
    bool dry;
};

static void say_step(void *ctx, const char *name, enum apply_step step,
                     const char *difference)
{
    static const char *const done[] = {"is as it should be", "created",
                                       "updated", "deleted"};
    static const char *const would[] = {"is as it should be",
                                        "would be created", "would be updated",
                                        "would be deleted"};
    const struct steps *steps = ctx;

    fputs(difference, stdout);
    printf("destination \"%s\" %s\n", name, (steps->dry ? would : done)[step]);
}

bool destination_target_change(const struct destination_target *target,
                               struct posthog *posthog, unsigned mode,
                               apply_done *done, void *ctx, struct err *err)
{
    struct apply *apply = apply_new(&target->plan, mode, done, ctx, err);
    struct api_sequence sequence;
    bool changed = false;

    if (apply) {
        sequence = apply_sequence(apply);
        changed = posthog_run(posthog, &sequence, err);
    }
    apply_free(apply);
    return changed;
}

int destination_target_apply(const struct destination_target *target,
                             struct posthog *posthog, unsigned mode)
{
    struct steps steps = {mode & APPLY_DRY};
    struct err err = {""};

    if (!destination_target_change(target, posthog, mode, say_step, &steps,
                                   &err))
        return posthog_failed(posthog, &err);
    return EXIT_DONE;
}

void destination_target_say_unheard(const struct destination_target *target,
                                    FILE *to)
{
    struct buf text;

    buf_init(&text, 64 * KIB);
    destination_unheard(target->plan.catalog, target->plan.teams, &text);
    fputs(text.data, to);
    buf_free(&text);
}

/* Looks through what came after the seq for the event. */
static bool arrived(struct journal_reader *reader, uint64_t *after,
                    const struct uuid *uuid)
{
    struct reader_range range = {.after = *after, .no_bodies = true};
    struct event_batch *batch = event_batch_new();
    bool more, found = false;

    if (reader_page(reader, &range, batch, &more, NULL))
        for (size_t i = 0; i < batch->count; i++) {
            *after = batch->events[i].seq;
            found =
                found || (batch->events[i].has_uuid &&
                          !memcmp(&batch->events[i].uuid, uuid, sizeof *uuid));
        }
    event_batch_free(batch);
    return found;
}

static int await_arrival(struct journal_reader *reader, uint64_t after,
                         const struct uuid *uuid)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    int64_t end_us = clock_mono_us() + ARRIVAL_MS * 1000;

    while (clock_mono_us() < end_us) {
        if (arrived(reader, &after, uuid)) {
            printf("the test has arrived: it is the event of \"telltale "
                   "test\" (telltale forget telltale-test deletes it)\n");
            return EXIT_DONE;
        }
        nanosleep(&pause, NULL);
    }
    return command_fail(EXIT_FAILED,
                        "PostHog got an answer, but nothing arrived here: "
                        "does the public URL lead to this machine?");
}

/* Sends it to the first destination of ours. */
static bool send_test(struct destination_target *target,
                      struct posthog *posthog, const struct uuid *uuid,
                      struct err *err)
{
    cJSON *ours = destination_find(posthog, target->plan.name, err);
    const cJSON *first = cJSON_GetArrayItem(ours, 0);
    char text[UUID_TEXT_SIZE];
    bool ok;

    uuid_format(uuid, text);
    ok = ours &&
         (first || err_set(err,
                           "there is no destination \"%s\": telltale "
                           "destination create",
                           target->plan.name)) &&
         destination_test(posthog, &target->plan, first, text, err);
    cJSON_Delete(ours);
    return ok;
}

int destination_target_test(struct destination_target *target,
                            struct posthog *posthog,
                            const struct config *config)
{
    const char *path = config_text(config, OPTION_journal);
    struct uuid uuid = uuid_random();
    struct journal_reader *reader;
    struct err err = {""};
    uint64_t after = 0;
    int code;

    if (!path || !owner_find(path))
        return command_fail(EXIT_FAILED,
                            "nothing receives: start telltale, then telltale "
                            "destination test");
    reader = reader_open(path, &err);
    if (!reader)
        return command_fail(EXIT_FAILED, "%s", err.text);
    if (!reader_last_seq(reader, &after, &err) ||
        !send_test(target, posthog, &uuid, &err))
        code = posthog_failed(posthog, &err);
    else
        code = await_arrival(reader, after, &uuid);
    reader_close(reader);
    return code;
}
