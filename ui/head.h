/* The rows that never move: title, categories, status. */
#ifndef TELLTALE_HEAD_H
#define TELLTALE_HEAD_H

struct screen;

void head_title(const struct screen *screen);
void head_categories(const struct screen *screen);
void head_status(const struct screen *screen);

#endif
