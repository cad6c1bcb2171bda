/* Sorting and printing for the benchmarks, and nothing else. */
#include "figure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

void figure(double value, const char *unit, const char *name, ...)
{
    char text[128];
    va_list words;

    va_start(words, name);
    vsnprintf(text, sizeof text, name, words);
    va_end(words);
    printf("# figure {\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"}\n",
           text, value, unit);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static size_t place(size_t count, double share)
{
    return (size_t)(share * (double)(count - 1));
}

double figure_part(double *values, size_t count, double share)
{
    qsort(values, count, sizeof *values, by_value);
    return count ? values[place(count, share)] : 0;
}

int64_t figure_time(int64_t *times, size_t count, double share)
{
    qsort(times, count, sizeof *times, by_time);
    return count ? times[place(count, share)] : 0;
}
