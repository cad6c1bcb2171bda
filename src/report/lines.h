/* The report as headings and lines, for formats that are read from top to
 * bottom: what they say is the same, how it is marked is theirs. Private to
 * src/report. */
#ifndef TELLTALE_REPORT_LINES_H
#define TELLTALE_REPORT_LINES_H

#include "report/report.h"

struct report_markup {
    /* Appends text so that the format shows it as it is. */
    void (*escape)(struct buf *out, const char *text);
    void (*link)(struct buf *out, const char *url, const char *title);
    const char *title[2], *summary[2]; /* before and behind */
    const char *account[4];            /* before the name, behind it, behind
                                             the bars, behind all lines */
    const char *item[2], *label[2];    /* around a line, and its label */
    int label_width;                   /* at least; 0: as it is */
    /* Appends bars for the days, or NULL. */
    void (*bars)(struct buf *out, const struct report *report,
                 const struct report_account *account);
};
bool report_lines(struct buf *out, const struct report *report,
                  const struct report_markup *markup);
/* One of ▁ to █ a day, a blank where there was nothing: of at most 62 days. */
void report_spark(struct buf *out, const struct report *report,
                  const struct report_account *account);

#endif
