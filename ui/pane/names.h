/* Names in few cells. */
#ifndef TELLTALE_NAMES_H
#define TELLTALE_NAMES_H

#include <stdbool.h>

#include "base/buf.h"
#include "live/ring.h"

/* An organisation: whole if it fits; else without its legal form; else as
 * many leading words as fit; else cut. An unlisted one stands in ( ). NULL
 * is "-". Here as below, a screen that is shared has numbers instead
 * (ui/pane/mask.h). */
void name_account(struct buf *out, const char *id, const char *name,
                  bool listed, int cells);
/* A person: leading words that fit, else cut. */
void name_person(struct buf *out, const char *id, const char *name, int cells);
/* Name, else the e-mail before the @, else the id; "-" for nobody. */
void name_of_person(struct buf *out, const struct ring *ring,
                    const struct record *record, int cells);
/* A sentence: whole; or its part before " · " when fewer than 8 cells of
 * the rest would show; or cut. */
void name_sentence(struct buf *out, const char *sentence, int cells);

#endif
