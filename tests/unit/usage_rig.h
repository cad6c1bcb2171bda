/* What the tests of usage and of who works share: a day, a moment, and
 * something that somebody did. */
#ifndef TELLTALE_USAGE_RIG_H
#define TELLTALE_USAGE_RIG_H

#include "live/usage.h"

#define TODAY INT32_C(20000)
#define NOW INT64_C(1789373163942) /* 2026-09-14T08:06:03.942Z */

/* One event of theirs, so many days before TODAY. */
struct usage_count usage_one(uint32_t account, uint32_t person, int back);

#endif
