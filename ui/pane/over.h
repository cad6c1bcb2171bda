/* Panes that an action lays over the screen: what a row of ui/actions.def
 * names by OVER(make) is declared here. What is made is the caller's, to show
 * by screen_show(). */
#ifndef TELLTALE_OVER_H
#define TELLTALE_OVER_H

struct pane;
struct screen;

#define OVER(make) struct pane *make(struct screen *screen);
#define SCREEN(call)
#define TEXT(call)
#define EVENT(call)
#define PANE
#define ACTION(id, command, keys, where, group, handler, brief, help) handler
#include "ui/actions.def"
#undef ACTION
#undef OVER
#undef SCREEN
#undef TEXT
#undef EVENT
#undef PANE

#endif
