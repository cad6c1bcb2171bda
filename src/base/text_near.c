/* Nearest names, for what was mistyped: one row of Levenshtein's table at a
 * time, bytes and not graphemes, since the names are telltale's own. */
#include "base/text_near.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/banned.h"

static char plain_letter(char c)
{
    return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

size_t text_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[LIMIT_NEAR_NAME + 1];

    if (a_len > LIMIT_NEAR_NAME || b_len > LIMIT_NEAR_NAME)
        return LIMIT_NEAR_NAME;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change =
                corner + (plain_letter(a[i - 1]) != plain_letter(b[j - 1]));

            corner = row[j];
            row[j] = least_of(change, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[b_len];
}

const char *text_nearest(const char *word, const char *const *names)
{
    size_t len = strlen(word), best = len / 3 + 1;
    const char *nearest = NULL;

    for (; *names; names++) {
        size_t away = text_distance(word, len, *names, strlen(*names));

        if (away < best || (away == best && !nearest)) {
            best = away;
            nearest = *names;
        }
    }
    return nearest;
}
