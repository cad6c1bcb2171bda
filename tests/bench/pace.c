/* Posts to a telltale that runs, at a steady pace, and says how long the
 * answers took, counted from when each request was due: one who is held up
 * holds up those behind it, and that is part of it. For answers.py.
 *
 *     pace PORT TOKEN RATE SECONDS [FIRST]
 *
 * Prints one line of JSON; asserts nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "figure.h"
#include "poster.h"
#include "base/banned.h"

static double ms(int64_t us)
{
    return (double)us / 1000;
}

int main(int argc, char **argv)
{
    struct poster *poster;
    int64_t *took;

    if (argc < 5) {
        fprintf(stderr, "usage: pace PORT TOKEN RATE SECONDS [FIRST]\n");
        return 2;
    }
    poster = poster_start((int)strtol(argv[1], NULL, 10), argv[2],
                          argc > 5 ? strtoul(argv[5], NULL, 10) : 0,
                          (int)strtol(argv[3], NULL, 10),
                          (int)strtol(argv[4], NULL, 10));
    poster_wait(poster);
    took = poster->answer_us;
    for (size_t i = 0; i < poster->sent; i++)
        took[i] += poster->at[i] - poster->start -
                   (int64_t)i * INT64_C(1000000) / poster->rate;
    printf("{\"sent\": %zu, \"kept\": %zu, \"pace\": %.0f, \"share\": %.3f, "
           "\"p50\": %.2f, \"p99\": %.2f, \"p99.9\": %.2f, \"max\": %.2f}\n",
           poster->sent, poster->answered - poster->refused,
           poster_pace(poster), poster_share(poster),
           ms(figure_time(took, poster->sent, .5)),
           ms(figure_time(took, poster->sent, .99)),
           ms(figure_time(took, poster->sent, .999)),
           ms(figure_time(took, poster->sent, 1)));
    poster_free(poster);
    return 0;
}
