/* What the screen asks of the service "recordings"; self is NULL when PostHog
 * is not asked. */
#ifndef TELLTALE_RECORDING_SERVICE_H
#define TELLTALE_RECORDING_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

/* As display_host.ask_recording. */
bool recording_service_ask(void *self, uint64_t seq, const char *project_url,
                           const char *session_id, int64_t moment_ms);

#endif
