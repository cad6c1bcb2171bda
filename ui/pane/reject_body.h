/* What is kept of one body that was refused. */
#ifndef TELLTALE_REJECT_BODY_H
#define TELLTALE_REJECT_BODY_H

struct display_reject;
struct pane;
struct screen;

/* The texts of reject are copied. */
struct pane *reject_body_pane(struct screen *screen,
                              const struct display_reject *reject);

#endif
