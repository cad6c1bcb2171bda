/* confine.c's second half. */
#ifndef TELLTALE_CONFINE_CALLS_H
#define TELLTALE_CONFINE_CALLS_H

#include <stdbool.h>

#include "base/err.h"

/* *done false: this kernel, or this processor, has no such filter. */
bool confine_calls(bool *done, struct err *err);

#endif
