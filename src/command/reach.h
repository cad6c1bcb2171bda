/* Whether the public address leads to a telltale. */
#ifndef TELLTALE_REACH_H
#define TELLTALE_REACH_H

#include <stdbool.h>

#include "base/err.h"

/* Asks url (the public URL as set, with or without the hook) for /healthz
 * while a telltale receives; blocks for at most 10 s. False with what came
 * instead and what to do; PostHog may reach what this machine cannot. listens
 * is where the address should lead ("127.0.0.1:8420"). */
bool reach_test(const char *url, const char *listens, struct err *err);

#endif
