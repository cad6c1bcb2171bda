/* Times and identifiers as strangers write them: whatever is read can be
 * written, and reads back as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int64_t when = clock_parse(text, size);
    struct uuid uuid, again;

    if (when != CLOCK_NONE) {
        char iso[CLOCK_ISO_SIZE];

        clock_format_iso(when, iso);
        if (clock_parse(iso, strlen(iso)) != when)
            abort();
    }
    if (uuid_parse(text, size, &uuid)) {
        char out[UUID_TEXT_SIZE];

        uuid_format(&uuid, out);
        if (!uuid_parse(out, strlen(out), &again) ||
            !uuid_equal(&uuid, &again))
            abort();
    }
    return 0;
}
