/* Private to net/: what the loop lends to the files of this room that talk
 * to libwebsockets themselves. */
#ifndef TELLTALE_NET_LWS_H
#define TELLTALE_NET_LWS_H

#include <libwebsockets.h>

#include "net/loop.h"

/* One read of a socket: also the size of a TLS record, so that none stays
 * behind in the TLS layer while reading is paused. */
#define LOOP_READ_BYTES (16 * 1024)

struct lws_context *loop_context(struct loop *loop);
/* A callback of lws ran in this turn. */
void loop_was_busy(struct loop *loop);

#endif
