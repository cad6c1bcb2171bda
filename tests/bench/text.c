/* How fast the sanitiser is, in MB of input a second, for several kinds of
 * text. Prints; asserts nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "figure.h"

#include "base/banned.h"

#define SIZE (1 << 20)
#define ROUNDS 9

/* Of a processor: what else runs does not count. */
static double cpu_us(clock_t start)
{
    return (double)(clock() - start + 1) * 1e6 / CLOCKS_PER_SEC;
}

static void measure(const char *kind, const char *sample)
{
    struct buf in, out;
    double rates[ROUNDS], median;
    int round, turn;

    buf_init(&in, SIZE);
    buf_init(&out, 4 * SIZE);
    while (in.len + strlen(sample) <= SIZE)
        buf_adds(&in, sample);
    for (round = 0; round < ROUNDS; round++) {
        clock_t start = clock();

        for (turn = 0; turn < 20; turn++) {
            buf_clear(&out);
            text_sanitise(&out, in.data, in.len, 4 * SIZE);
        }
        rates[round] = 20.0 * (double)in.len / cpu_us(start);
    }
    median = figure_median(rates, ROUNDS);
    printf("sanitise %-9s %6.0f MB/s (median of %d; worst %.0f)\n", kind,
           median, ROUNDS, rates[0]);
    figure(median, "MB/s", "text.%s", kind);
    buf_free(&in);
    buf_free(&out);
}

int main(void)
{
    measure("ascii", "Tomas Herrera created a feature flag, 3 variants. ");
    measure("accented",
            "Beatriz Éluard a lu les créations d’Émeraude Études ");
    measure("cyrillic", "Мария Иванова создала флаг, 3 варианта. ");
    measure("indic", "मारिया ने एक झंडा बनाया ");
    measure("cjk", "株式会社ひばり不動産の佐藤健さんがダッシュボードを");
    measure("emoji",
            "🎉🚀👩‍👩‍👧❤️👩🏽‍💻🇫🇷 ok ");
    measure("hostile", "\033[31m\xe2\x80\xae\xc2\x9b\xff\xcc\x81 x");
    return 0;
}
