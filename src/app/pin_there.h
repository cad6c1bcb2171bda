/* Pins of events that only the telltale has to which this board is attached.
 * Their seq is that one's, with PAST_THERE. */
#ifndef TELLTALE_PIN_THERE_H
#define TELLTALE_PIN_THERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct display_pin;
struct forget_goes;
struct pin_place;

/* Of these, and of these and the journal's together, the newest first. */
size_t pin_there_count(const struct app *app);
bool pin_there_at(struct app *app, size_t index, struct display_pin *out);

/* Asks for it there; whoever looks at the screen is told what came of it.
 * False: there are too many. */
bool pin_there_set(struct app *app, uint64_t seq, const char *note);
void pin_there_remove(struct app *app, uint64_t seq);
/* Others did, to an event that our journal has not. */
void pin_there_told(struct app *app, const struct pin_place *place,
                    const char *note, bool on);
/* What goes is to show no more. */
void pin_there_hide(struct app *app, const struct forget_goes *goes);
/* With past_there_drop(). */
void pin_there_drop(struct app *app);

#endif
