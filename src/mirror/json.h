/* Events for anything with a URL: Zapier, Relay.app, a webhook of one's own.
 * The body is one event in the one JSON form, or an array of them. */
#ifndef TELLTALE_MIRROR_JSON_H
#define TELLTALE_MIRROR_JSON_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "event/event.h"
#include "mirror/settings.h"

/* Appends the event, redacted as the mirror wants, with a comma in front if
 * out holds one already. */
bool json_add(struct buf *out, const struct event *event,
              const struct mirror_settings *settings,
              const struct uuid *journal_id);
/* The body to send for what the outbox keeps: "[{…}]" becomes "{…}". */
bool json_render(struct buf *out, const char *message);

#endif
