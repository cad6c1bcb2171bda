/* The table of what runs (services.def), walked. self[] holds what new()
 * gave for each row: NULL where it is not wanted. */
#ifndef TELLTALE_SERVICES_H
#define TELLTALE_SERVICES_H

#include "app/service.h"

/* Reads every service's settings. False with err: as configured, one cannot
 * be; services_free() then frees the others. */
bool services_new(void *self[SERVICES], const struct service_host *host,
                  struct err *err);
/* In order; false with err from the first that fails. */
bool services_open(void *const self[SERVICES], struct err *err);

void services_kept(void *const self[SERVICES],
                   const struct event_batch *batch);
void services_past(void *const self[SERVICES],
                   const struct event_batch *batch);
void services_past_complete(void *const self[SERVICES], uint64_t last_seq,
                            size_t events);
void services_committed(void *const self[SERVICES], uint64_t last_seq);
void services_woken(void *const self[SERVICES]);
void services_reread(void *const self[SERVICES]);
void services_tell(void *const self[SERVICES], struct problems *problems);
/* Backwards. */
void services_stop(void *const self[SERVICES]);
bool services_busy(void *const self[SERVICES]);
/* Backwards, after the journal is closed; clears self[]. */
void services_free(void *self[SERVICES]);

#endif
