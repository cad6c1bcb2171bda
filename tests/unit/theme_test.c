/* What themes promise: text that can be read (WCAG 2.1, 1.4.3 and 1.4.11),
 * also in the selected row, on a light background, and by eyes that see fewer
 * colours (Machado, Oliveira and Fernandes 2009, at full severity). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "ui/term/draw.h"
#include "ui/term/theme.h"
#include "base/banned.h"

#define AA 4.5
#define AAA 7.0
#define GRAPHICS 3.0
#define WHITE 0xffffff

struct colour {
    double red, green, blue; /* linear */
};

static double linear(uint32_t byte)
{
    double value = (double)byte / 255;

    return value <= 0.04045 ? value / 12.92
                            : pow((value + 0.055) / 1.055, 2.4);
}

static struct colour colour_of(uint32_t rgb)
{
    return (struct colour){linear(rgb >> 16 & 255), linear(rgb >> 8 & 255),
                           linear(rgb & 255)};
}

static double luminance(struct colour colour)
{
    return 0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue;
}

static double contrast(uint32_t a, uint32_t b)
{
    double first = luminance(colour_of(a)) + 0.05;
    double second = luminance(colour_of(b)) + 0.05;

    return first > second ? first / second : second / first;
}

/* Of a palette's number from 16 on: those are everywhere the same. */
static uint32_t rgb_of(uint32_t colour)
{
    static const uint32_t steps[] = {0, 95, 135, 175, 215, 255};
    uint32_t index = colour & 255;

    if (colour < THEME_DEFAULT)
        return colour;
    assert_true(colour >= THEME_PALETTE && index >= 16);
    if (index >= 232)
        return (8 + 10 * (index - 232)) * UINT32_C(0x010101);
    index -= 16;
    return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 |
           steps[index % 6];
}

static bool is_line(enum role role)
{
    return role == ROLE_BORDER || role == ROLE_CURSOR ||
           (role >= ROLE_HEAT_1 && role <= ROLE_HEAT_4);
}

static bool is_drawing(enum role role)
{
    return role == ROLE_SPARK || role == ROLE_SHARE ||
           role == ROLE_BORDER_FOCUS;
}

static void reads(const struct theme *theme, enum role role, uint32_t behind,
                  double least)
{
    struct theme_style style = theme_style(theme, role);
    double is = contrast(rgb_of(style.fg), rgb_of(behind));

    if (is < least)
        fail_msg("%s: %s stands %.2f:1, not %.1f:1", theme_name(theme),
                 theme_role_name(role), is, least);
}

/* A role with a background of its own keeps it in the selected row. */
static void role_reads(const struct theme *theme, enum role role, double least)
{
    uint32_t text = theme_style(theme, ROLE_TEXT).bg;
    uint32_t own = theme_style(theme, role).bg;

    if (is_line(role))
        return;
    if (is_drawing(role))
        least = GRAPHICS;
    reads(theme, role, own, least);
    if (own == text)
        reads(theme, role, theme_style(theme, ROLE_CURSOR).bg, least);
}

static struct theme *loaded(const char *name)
{
    struct err err = {""};
    struct theme *theme = theme_load(name, &err);

    if (!theme)
        fail_msg("%s: %s", name, err.text);
    return theme;
}

static const char *const themes[] = {"terminal",     "night",
                                     "paper",        "high-contrast",
                                     "deuteranopia", "tritanopia",
                                     "mono",         NULL};

static void the_seven_are_there_in_order(void **state)
{
    char *name;
    size_t i;

    (void)state;
    for (i = 0; (name = theme_builtin(i)); i++) {
        assert_non_null(themes[i]);
        assert_string_equal(name, themes[i]);
        free(name);
    }
    assert_null(themes[i]);
}

static void every_text_of_a_theme_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 1; strcmp(themes[i], "mono") != 0; i++) {
        struct theme *theme = loaded(themes[i]);
        double least = strcmp(themes[i], "high-contrast") ? AA : AAA;

        for (int role = 0; role < ROLE_COUNT; role++)
            role_reads(theme, (enum role)role, least);
        theme_free(theme);
    }
}

static void the_default_can_be_read_on_white(void **state)
{
    struct theme *theme = loaded("terminal");

    (void)state;
    theme_on_light(theme);
    for (int i = 0; i < ROLE_COUNT; i++) {
        struct theme_style style = theme_style(theme, (enum role)i);

        if (style.fg == THEME_DEFAULT || is_line((enum role)i))
            continue;
        reads(theme, (enum role)i,
              style.bg == THEME_DEFAULT ? WHITE : style.bg,
              is_drawing((enum role)i) ? GRAPHICS : AA);
    }
    theme_free(theme);
}

static struct colour seen(struct colour colour, const double by[3][3])
{
    const double in[3] = {colour.red, colour.green, colour.blue};
    double out[3] = {0, 0, 0};

    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            out[i] += by[i][j] * in[j];
        out[i] = fmin(1, fmax(0, out[i]));
    }
    return (struct colour){out[0], out[1], out[2]};
}

static double root(double part)
{
    return part > 0.008856 ? cbrt(part) : 7.787 * part + 16.0 / 116;
}

/* CIE 1976 ΔE*ab; 2 can be told side by side, 20 across a screen. */
static double apart(struct colour a, struct colour b)
{
    double lab[2][3];

    for (int i = 0; i < 2; i++) {
        struct colour colour = i ? b : a;
        double x = root((0.4124 * colour.red + 0.3576 * colour.green +
                         0.1805 * colour.blue) /
                        0.95047);
        double y = root(luminance(colour));
        double z = root((0.0193 * colour.red + 0.1192 * colour.green +
                         0.9505 * colour.blue) /
                        1.08883);

        lab[i][0] = 116 * y - 16;
        lab[i][1] = 500 * (x - y);
        lab[i][2] = 200 * (y - z);
    }
    return sqrt(pow(lab[0][0] - lab[1][0], 2) + pow(lab[0][1] - lab[1][1], 2) +
                pow(lab[0][2] - lab[1][2], 2));
}

static void tones_differ(const char *name, const double by[3][3])
{
    static const enum role roles[] = {ROLE_INFO, ROLE_WARN, ROLE_BAD,
                                      ROLE_UNREAD};
    struct theme *theme = loaded(name);

    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++) {
            uint32_t a = theme_style(theme, roles[i]).fg;
            uint32_t b = theme_style(theme, roles[j]).fg;
            double far = apart(seen(colour_of(a), by), seen(colour_of(b), by));

            if (far < 20)
                fail_msg("%s: %s and %s are %.1f apart", name,
                         theme_role_name(roles[i]), theme_role_name(roles[j]),
                         far);
        }
    theme_free(theme);
}

static void tones_differ_to_the_eyes_a_theme_is_for(void **state)
{
    static const double deuteranopia[3][3] = {{0.367322, 0.860646, -0.227968},
                                              {0.280085, 0.672501, 0.047413},
                                              {-0.011820, 0.042940, 0.968881}};
    static const double protanopia[3][3] = {{0.152286, 1.052583, -0.204868},
                                            {0.114503, 0.786281, 0.099216},
                                            {-0.003882, -0.048116, 1.051998}};
    static const double tritanopia[3][3] = {{1.255528, -0.076749, -0.178779},
                                            {-0.078411, 0.930809, 0.147602},
                                            {0.004733, 0.691367, 0.303900}};

    (void)state;
    tones_differ("deuteranopia", deuteranopia);
    tones_differ("deuteranopia", protanopia);
    tones_differ("tritanopia", tritanopia);
}

static void mono_has_no_colour(void **state)
{
    struct theme *theme = loaded("mono");

    (void)state;
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_int_equal(theme_style(theme, (enum role)i).fg, THEME_DEFAULT);
        assert_int_equal(theme_style(theme, (enum role)i).bg, THEME_DEFAULT);
    }
    theme_free(theme);
}

static void the_list_of_roles_is_whole(void **state)
{
    struct err err = {""};
    char path[600], name[64], *text;
    size_t len;

    (void)state;
    snprintf(path, sizeof path, "%s/doc/themes.md", getenv("TESTS_SRC"));
    text = file_slurp(path, MIB, &len, &err);
    assert_non_null(text);
    for (int i = 0; i < ROLE_COUNT; i++) {
        const char *role = theme_role_name((enum role)i);

        /* "account.0 to account.7" */
        if ((i > ROLE_ACCOUNT_0 && i < ROLE_ACCOUNT_7) || i == ROLE_HEAT_2 ||
            i == ROLE_HEAT_3)
            continue;
        snprintf(name, sizeof name, "`%s`", role);
        if (!strstr(text, name))
            fail_msg("doc/themes.md does not list %s", role);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seven_are_there_in_order),
        cmocka_unit_test(every_text_of_a_theme_can_be_read),
        cmocka_unit_test(the_default_can_be_read_on_white),
        cmocka_unit_test(tones_differ_to_the_eyes_a_theme_is_for),
        cmocka_unit_test(mono_has_no_colour),
        cmocka_unit_test(the_list_of_roles_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
