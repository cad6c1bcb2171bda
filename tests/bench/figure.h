/* Figures: printed for people by each bench, and once more as a line that
 * tests/bench/figures.py reads and puts into a table. */
#ifndef TELLTALE_FIGURE_H
#define TELLTALE_FIGURE_H

#include <stddef.h>
#include <stdint.h>

/* # figure {"name":"follow.watch.share.1000","value":0.031,"unit":"cores"} */
void figure(double value, const char *unit, const char *name, ...)
    __attribute__((format(printf, 3, 4)));

/* Sorts them. The value below which that share of all lies; 0 of none. */
double figure_part(double *values, size_t count, double share);
#define figure_median(values, count) figure_part(values, count, .5)
int64_t figure_time(int64_t *times, size_t count, double share);

#endif
