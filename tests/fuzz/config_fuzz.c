/* Any text as config.ini: read or refused with one line, never worse. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ignore(void *ctx, const char *name, const char *key,
                   const char *value, const char *where, struct err *err)
{
    (void)ctx;
    (void)err;
    return name && key && value && where;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {""};
    struct config *config;

    if (size > LIMIT_CONFIG_FILE)
        return 0;
    config = config_read("config.ini", (const char *)data, size, &err);
    if (!config && !err.text[0])
        abort();
    if (config && (!config_section(config, "keys", ignore, NULL, &err) ||
                   config_number(config, OPTION_max_connections) < 16))
        abort();
    config_free(config);
    return 0;
}
