/* 128-bit identifiers: PostHog's event ids, the journal's own id. */
#ifndef TELLTALE_UUID_H
#define TELLTALE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuid {
    uint8_t bytes[16];
};

/* 36 characters, any case, dashes where they belong; else false. */
bool uuid_parse(const char *text, size_t len, struct uuid *out);
#define UUID_TEXT_SIZE 37
void uuid_format(const struct uuid *uuid, char out[UUID_TEXT_SIZE]);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
/* From the system's random source; ends the program if there is none. */
void random_bytes(void *out, size_t len);
struct uuid uuid_random(void);           /* version 4 */
struct uuid uuid_timed(int64_t wall_ms); /* version 7, RFC 9562 */

#endif
