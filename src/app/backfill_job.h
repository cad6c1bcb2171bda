/* What the program asks of the service "backfill"; self is NULL when PostHog
 * is not asked. */
#ifndef TELLTALE_BACKFILL_JOB_H
#define TELLTALE_BACKFILL_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;

/* Fetches the past, beside everything else. False with err: nothing to ask
 * for, or one is under way already. self is not NULL. */
bool backfill_job_begin(void *self, int64_t since_ms, int64_t until_ms,
                        struct err *err);
void backfill_job_stop(void *self);
/* Accounts and names that are not asked for. */
size_t backfill_job_left_out(const void *self);
/* How far it is, for a reply. */
void backfill_job_progress(const void *self, struct cJSON *reply);

#endif
