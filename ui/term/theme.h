/* Themes: what a role looks like. Code names roles, never colours. A theme
 * is a file of `role = [foreground] [on background] [attributes]`, compiled
 * in and overridable; its colours are brought down to what the terminal has:
 * 24 bit, 256, 16, 8 or none. */
#ifndef TELLTALE_THEME_H
#define TELLTALE_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "event/category.h"

enum role {
    ROLE_TEXT,
    ROLE_DIM,
    ROLE_TITLE,
    ROLE_TAB,
    ROLE_TAB_ON,
    ROLE_BORDER,
    ROLE_BORDER_FOCUS,
    ROLE_KEY,
    ROLE_CURSOR,
    ROLE_GOOD,
    ROLE_INFO,
    ROLE_WARN,
    ROLE_BAD,
    ROLE_UNREAD,
    ROLE_MATCH,
    ROLE_ACCOUNT_0, /* … 7: hash of the account's id */
    ROLE_ACCOUNT_7 = ROLE_ACCOUNT_0 + 7,
    ROLE_CATEGORY_0, /* + enum category */
    ROLE_CATEGORY_LAST = ROLE_CATEGORY_0 + CATEGORY_COUNT - 1,
    ROLE_REPLAY,
    ROLE_REPLAY_WAIT,
    ROLE_LINK,
    ROLE_SPARK,
    ROLE_SHARE,
    ROLE_HEAT_1,
    ROLE_HEAT_2,
    ROLE_HEAT_3,
    ROLE_HEAT_4,
    ROLE_STATUS,
    ROLE_MODE,
    ROLE_PROMPT,
    ROLE_ERROR,
    ROLE_POPUP,
    ROLE_COUNT
};
#define ROLE_CATEGORY(category) ((enum role)(ROLE_CATEGORY_0 + (category)))

struct theme;

/* The terminal's background is light: what the theme has for that, its
 * section [light], stands in front of the roles. */
void theme_on_light(struct theme *theme);
/* The names of the built-in ones, in order; NULL: no more. Caller frees. */
char *theme_builtin(size_t index);
/* "account.3": what a role is called in a theme's file. Valid until the next
 * call. */
const char *theme_role_name(enum role role);
/* By name (the user's themes directory first, then the built-in ones) or,
 * with a '/' in it, by path. err is "file:line: what". */
struct theme *theme_load(const char *name, struct err *err);
struct theme *theme_read(const char *name, const char *text, size_t len,
                         struct err *err);
void theme_free(struct theme *theme);
const char *theme_name(const struct theme *theme);
/* The name after the given one, round the built-in ones (`t`); the caller
 * frees it. */
char *theme_next(const char *name);

/* A colour as written: THEME_DEFAULT, THEME_PALETTE | 0…255, or 0xRRGGBB. */
#define THEME_DEFAULT UINT32_C(0xfe000000)
#define THEME_PALETTE UINT32_C(0xff000000)
struct theme_style {
    uint32_t fg, bg;
    bool bold, dim, italic, underline, reverse;
};
struct theme_style theme_style(const struct theme *theme, enum role role);

/* Brought down to what a terminal has (colors as terminfo says; 0: none). */
int theme_nearest(uint32_t colour, int colors);

/* Role of an account's name. */
enum role theme_account(const char *account_id);
enum role theme_tone(enum tone tone);

#endif
