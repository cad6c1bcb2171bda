/* Telling somebody who looks elsewhere: the bell, a notification of the
 * desktop, the window's title. No sequence is universal: which one a terminal
 * takes is told by its environment; where that is not known, it is the bell. */
#ifndef TELLTALE_ALERT_H
#define TELLTALE_ALERT_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends the notification as this terminal takes it. Text is cleaned: it
 * cannot end the sequence. */
void alert_notify(struct buf *out, const char *title, const char *text);
void alert_bell(struct buf *out);
/* The window's title with so many news; 0: without. */
void alert_title(struct buf *out, unsigned news);

#endif
