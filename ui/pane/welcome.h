/* What stands in the stream until the first event: how to begin. */
#ifndef TELLTALE_WELCOME_H
#define TELLTALE_WELCOME_H

#include "ui/term/draw.h"

struct screen;

void welcome_draw(const struct screen *screen, struct draw *draw,
                  struct rect rect);

#endif
