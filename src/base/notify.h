/* What a service manager (systemd) is told: that we are ready, that we stop,
 * and that the loop still turns. A datagram to the socket that the variable
 * NOTIFY_SOCKET names, as sd_notify(3) has it, without its library. Without
 * the variable nothing happens. */
#ifndef TELLTALE_NOTIFY_H
#define TELLTALE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Takes NOTIFY_SOCKET and WATCHDOG_USEC out of the environment, so that no
 * child speaks for us. Once, at the start. */
void notify_open(void);
/* "READY=1", "STOPPING=1", … False: nobody listens, or it is not taken. */
bool notify_send(const char *state);
/* How often at least it wants to hear "WATCHDOG=1"; 0: it does not. */
int64_t notify_watchdog_us(void);

#endif
