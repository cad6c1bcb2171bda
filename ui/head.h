/* The rows that never move: title, categories, status. */
#ifndef TELLTALE_HEAD_H
#define TELLTALE_HEAD_H

#include <stdbool.h>

#include "event/event.h"
#include "ui/screen_internal.h"

#define HEAD_SHORT 60 /* cells; below: no tabs, and few words */

void head_title(const struct screen *screen);
/* The screen whose name is at that cell of the title; false: none. */
bool head_tab_at(const struct screen *screen, int x, enum tab *tab);
void head_categories(const struct screen *screen);
/* The category at that cell of its row; false: none. */
bool head_category_at(const struct screen *screen, int x,
                      enum category *category);
void head_status(const struct screen *screen);

#endif
