/* Lives through made-up worlds, shows them to the signals as events and
 * ticks, and prints how much of the truth they told:
 *
 *   tests/sim/sim [-b BOOKS] [-h HEIGHT] [-g HEIGHT] SEED...
 *
 * One table a seed, then one of all. Without seeds it makes up three. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "cost.h"
#include "score.h"
#include "signal/signal.h"

#include "base/banned.h"

#define DAY_MS INT64_C(86400000)

struct run {
    struct signal_settings settings;
    struct engine *engine;
    struct world *world;
    struct score *scores[2];
    uint64_t seq;
    int64_t us, tick_us;
    uint64_t events, ticks;
};

static struct event event_of(const struct run *run,
                             const struct happening *what, uint64_t seq,
                             char *person, size_t size)
{
    static const char *const docs[CATEGORY_COUNT] = {
        [CATEGORY_AI] = "https://docs.example/docs/llm-analytics",
        [CATEGORY_FLAGS] = "https://docs.example/docs/feature-flags/x",
        [CATEGORY_ANALYTICS] = "https://docs.example/docs/product-analytics",
        [CATEGORY_REPLAY] = "https://docs.example/docs/session-replay",
        [CATEGORY_SURVEYS] = "https://docs.example/docs/surveys",
        [CATEGORY_PIPELINES] = "https://docs.example/docs/cdp",
        [CATEGORY_ERRORS] = "https://docs.example/docs/error-tracking",
        [CATEGORY_ENGAGEMENT] = "https://docs.example/docs/toolbar",
        [CATEGORY_TEAM] = "https://docs.example/docs/settings",
    };

    snprintf(person, size, "p-%d-%d", what->firm, what->person);
    return (struct event){.seq = seq,
                          .name = what->docs ? "$pageview" : "did",
                          .category = what->docs
                                          ? CATEGORY_ENGAGEMENT
                                          : (enum category)what->category,
                          .tone = what->made ? TONE_GOOD : TONE_INFO,
                          .sentence = "did something",
                          .occurred_at = what->at,
                          .received_at = what->at + 1200,
                          .account = {.id = run->world->firms[what->firm].id,
                                      .listed = true},
                          .person = {.id = person},
                          .url = what->docs ? docs[what->category] : NULL};
}

static int person_of(const char *person)
{
    const char *last = person ? strrchr(person, '-') : NULL;

    return last ? (int)strtol(last + 1, NULL, 10) : -1;
}

static void take(struct run *run, int day)
{
    size_t count;
    const struct signal *signals = engine_signals(run->engine, &count);

    for (size_t i = 0; i < count; i++) {
        struct said said = {.kind = signal_name(signals[i].kind),
                            .firm =
                                (int)strtol(signals[i].account + 24, NULL, 10),
                            .person = person_of(signals[i].person),
                            .category = signals[i].category,
                            .day = day,
                            .at = signals[i].fired_at - 1200};

        for (int j = 0; j < 2 && !signals[i].withdrawn; j++)
            score_said(run->scores[j], run->world, &said);
    }
    engine_clear(run->engine);
}

/* Of this process: the machine may have other things to do. */
static int64_t cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void live(struct run *run, int day)
{
    int64_t midnight = (WORLD_FIRST_DAY + day + 1) * DAY_MS, began;
    char person[32];

    world_live(run->world, day);
    for (int j = 0; j < 2; j++)
        score_day(run->scores[j], run->world, day);
    began = cpu_us();
    for (size_t i = 0; i < run->world->count; i++) {
        struct event event = event_of(run, &run->world->list[i], ++run->seq,
                                      person, sizeof person);

        engine_event(run->engine, &event);
        take(run, day);
    }
    run->us += cpu_us() - began;
    run->events += run->world->count;
    began = cpu_us();
    engine_tick(run->engine, ++run->seq, midnight);
    run->tick_us += cpu_us() - began;
    run->ticks++;
    take(run, day);
}

static void live_through(struct run *run, uint64_t seed)
{
    run->world = world_new(seed);
    run->engine = engine_new(&run->settings);
    for (int day = 0; day < WORLD_DAYS; day++)
        live(run, day);
    for (int j = 0; j < 2; j++)
        score_world(run->scores[j], run->world);
    engine_free(run->engine);
    world_free(run->world);
}

static int usage(void)
{
    fprintf(stderr, "sim [-b BOOKS] [-h HEIGHT] [-g HEIGHT] SEED...\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct run run = {0};
    int books = 60, option;
    uint64_t made_up[3];
    char title[64];

    setenv("TZ", "UTC0", 1);
    tzset();
    signal_settings_init(&run.settings);
    while ((option = getopt(argc, argv, "b:h:g:")) != -1)
        switch (option) {
        case 'b':
            books = (int)strtol(optarg, NULL, 10);
            break;
        case 'h':
            run.settings.quiet_height = strtod(optarg, NULL);
            break;
        case 'g':
            run.settings.growing_height = strtod(optarg, NULL);
            break;
        default:
            return usage();
        }
    random_bytes(made_up, sizeof made_up);
    run.scores[1] = score_new();
    for (int i = 0; i < (optind < argc ? argc - optind : 3); i++) {
        uint64_t seed = optind < argc ? strtoull(argv[optind + i], NULL, 10)
                                      : made_up[i] % 1000000;

        run.scores[0] = score_new();
        for (int book = 0; book < books; book++)
            live_through(&run, seed * 1000 + (uint64_t)book);
        snprintf(title, sizeof title, "seed %" PRIu64, seed);
        score_print(run.scores[0], title);
        score_free(run.scores[0]);
    }
    score_print(run.scores[1], "all seeds");
    score_free(run.scores[1]);
    printf("%.2f us an event, %.2f ms a tick of %d accounts\n",
           (double)run.us / (double)run.events,
           (double)run.tick_us / (double)run.ticks / 1000, WORLD_ACCOUNTS);
    cost_print();
    return 0;
}
