/* The screen, as main.c sees it: a table of calls to hand to the commands
 * that draw. Nothing else of ui/ is visible from outside. */
#ifndef TELLTALE_UI_H
#define TELLTALE_UI_H

#include "live/display.h"

const struct display_ops *ui_display(void);

#endif
