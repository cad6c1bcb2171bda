/* The bar and the estimate. What is counted is the caller's. */
#include "command/progress.h"

#include "base/banned.h"

#define BAR_CELLS 24

void progress_bar(struct buf *out, double done)
{
    int full = (int)(done * BAR_CELLS);

    for (int i = 0; i < BAR_CELLS; i++)
        buf_adds(out, i < full ? "█" : "░");
    buf_addc(out, ' ');
}

void progress_left(struct buf *out, int64_t spent_us, double done)
{
    double seconds = done > 0 ? (double)spent_us / 1e6 * (1 - done) / done : 0;

    if (seconds >= 90)
        buf_addf(out, " · about %.0f min left", seconds / 60);
    else if (seconds >= 1)
        buf_addf(out, " · about %.0f s left", seconds);
}
