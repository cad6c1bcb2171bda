/* Large books, of which only the size matters: everybody comes on every other
 * workday. */
#include "cost.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "signal/signal.h"

#include "base/banned.h"

#define DAY_MS INT64_C(86400000)
#define FIRST_DAY 20584 /* a Monday */
#define DAYS_LIVED 70
#define TIMED 7 /* the last ones */

struct book {
    struct engine *engine;
    int accounts, people; /* 0: of a book's sizes, by account */
    uint64_t seq;
};

static int people_of(const struct book *book, int account)
{
    static const int sizes[] = {4, 8, 15, 30, 60};

    return book->people ? book->people : sizes[account % 5];
}

static void come(struct book *book, int account, int person, int day)
{
    char id[40], key[32];
    int64_t at = (FIRST_DAY + day) * DAY_MS + 9 * 3600000 + person;

    snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", account);
    snprintf(key, sizeof key, "p-%d-%d", account, person);
    engine_event(book->engine,
                 &(struct event){.seq = ++book->seq,
                                 .name = "did",
                                 .category = CATEGORY_ANALYTICS,
                                 .sentence = "did something",
                                 .occurred_at = at,
                                 .received_at = at + 1200,
                                 .account = {.id = id, .listed = true},
                                 .person = {.id = key}});
}

static void live(struct book *book, int day)
{
    for (int i = 0; day % 7 < 5 && i < book->accounts; i++)
        for (int j = day % 2; j < people_of(book, i); j += 2)
            come(book, i, j, day);
    engine_clear(book->engine);
}

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static void measure(int accounts, int people, double *most, size_t *bytes)
{
    struct signal_settings settings;
    struct book book = {.accounts = accounts, .people = people};

    signal_settings_init(&settings);
    book.engine = engine_new(&settings);
    *most = 0;
    for (int day = 0; day < DAYS_LIVED; day++) {
        double began;

        live(&book, day);
        began = cpu_ms();
        engine_tick(book.engine, ++book.seq, (FIRST_DAY + day + 1) * DAY_MS);
        began = cpu_ms() - began;
        engine_clear(book.engine);
        if (day >= DAYS_LIVED - TIMED && began > *most)
            *most = began;
    }
    *bytes = engine_bytes(book.engine);
    engine_free(book.engine);
}

void cost_print(void)
{
    double most;
    size_t bytes;

    measure(100, 1000, &most, &bytes);
    printf("%.2f MB for 100 accounts of 1,000 people\n", (double)bytes / 1e6);
    measure(300, 0, &most, &bytes);
    printf("%.2f ms, at most, a tick of 300 accounts of 4 to 60 people\n",
           most);
    measure(300, 1000, &most, &bytes);
    printf("%.2f ms, at most, a tick of 300 accounts of 1,000 people\n", most);
}
