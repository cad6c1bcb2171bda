/* What the program asks of the service "rejects". */
#ifndef TELLTALE_REJECT_SERVICE_H
#define TELLTALE_REJECT_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct display_reject;

/* Decodes them again. False with err: that is being done. */
bool reject_service_retry(void *self, struct err *err);
/* How far it is, for a reply. */
void reject_service_progress(const void *self, struct cJSON *reply);

/* As display_host says. */
uint64_t reject_service_kept(const void *self);
size_t reject_service_count(void *self);
bool reject_service_at(void *self, size_t index, struct display_reject *out);
const char *reject_service_body(void *self, int64_t id, size_t *len);

#endif
