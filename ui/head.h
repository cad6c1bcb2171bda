/* The rows that never move: title, categories, status. */
#ifndef TELLTALE_HEAD_H
#define TELLTALE_HEAD_H

#include <stdbool.h>

#include "event/event.h"

struct screen;

void head_title(const struct screen *screen);
void head_categories(const struct screen *screen);
/* The category at that cell of its row; false: none. */
bool head_category_at(const struct screen *screen, int x,
                      enum category *category);
void head_status(const struct screen *screen);

#endif
