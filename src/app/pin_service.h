/* What the program asks of the service "pins". */
#ifndef TELLTALE_PIN_SERVICE_H
#define TELLTALE_PIN_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct display_pin;

/* As display_host says. */
size_t pin_service_count(const void *self);
bool pin_service_at(const void *self, size_t index, struct display_pin *out);
bool pin_service_set(void *self, uint64_t seq, const char *note);
void pin_service_remove(void *self, uint64_t seq);
/* Somebody else changed them. self may be NULL. */
void pin_service_reread(void *self);

#endif
