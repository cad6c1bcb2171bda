/* INI text in any state: every setting has a name and a line that exists,
 * every refusal says where. */
#include <string.h>

#include "base/ini.h"
#include "base/limits.h"
#include "fuzz.h"
#include "base/banned.h"

static bool look(void *ctx, const struct ini_entry *entry, struct err *err)
{
    const unsigned *lines = ctx;

    (void)err;
    REQUIRE(*entry->key);
    REQUIRE(strlen(entry->key) < 50 && strlen(entry->section) < 50);
    REQUIRE(entry->line >= 1 && entry->line <= *lines);
    REQUIRE(entry->section_line < entry->line);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {{0}};
    unsigned lines = 1;

    if (size > LIMIT_CONFIG_FILE)
        return 0;
    for (size_t i = 0; i < size; i++) /* CR LF, LF or CR ends a line */
        lines += data[i] == '\r' ||
                 (data[i] == '\n' && (!i || data[i - 1] != '\r'));
    if (!ini_read("x.ini", (const char *)data, size, look, &lines, &err))
        REQUIRE(strncmp(err.text, "x.ini:", 6) == 0);
    return 0;
}
