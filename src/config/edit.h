/* Changing a settings file a person may have written: one line is replaced
 * or added, all others stay as they are, comments too. */
#ifndef TELLTALE_EDIT_H
#define TELLTALE_EDIT_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"

/* Makes the option's line in the text of a settings file say value, and
 * replaces text by the result. Values are wrapped at 100 columns. */
void edit_setting(struct buf *text, enum option_id id, const char *value);
/* The option's own text in the file; *changed stays as it is when the file
 * says value already. */
void edit_put(struct buf *text, const struct config *config, enum option_id id,
              bool *changed);

#endif
