/* A theme in any state: read, or refused with its line; every colour of it
 * can be brought down to what a terminal has. */
#include <string.h>

#include "base/limits.h"
#include "fuzz.h"
#include "ui/term/theme.h"
#include "base/banned.h"

static void bring_down(uint32_t colour)
{
    static const int terminals[] = {0, 8, 16, 88, 256};

    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
        int nearest = theme_nearest(colour, terminals[i]);

        REQUIRE(nearest >= -1 && nearest < 256);
        REQUIRE(nearest < terminals[i] || nearest == -1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {{0}};
    struct theme *theme;

    if (size > LIMIT_CONFIG_FILE)
        return 0;
    theme = theme_read("x.theme", (const char *)data, size, &err);
    if (!theme) {
        REQUIRE(strncmp(err.text, "x.theme:", 8) == 0);
        return 0;
    }
    for (int role = 0; role < ROLE_COUNT; role++) {
        bring_down(theme_style(theme, (enum role)role).fg);
        bring_down(theme_style(theme, (enum role)role).bg);
    }
    theme_free(theme);
    return 0;
}
