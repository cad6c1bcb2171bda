/* Lists of numbers as people, CRMs and spreadsheets write them. */
#include "event/book_team.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define DIGITS "0123456789"
#define ID_DIGITS 15
#define SEPARATORS " \t\r\n,;|/[]\"'"

/* A comma that may part thousands: 1 to 3 digits, then threes. Returns what it
 * takes, 0: it does not. */
static size_t thousands(const char *text)
{
    size_t len = strspn(text, DIGITS), first = len;

    if (len < 1 || len > 3)
        return 0;
    while (text[len] == ',' && strspn(text + len + 1, DIGITS) == 3)
        len += 4;
    return len > first && text[len] != ',' ? len : 0;
}

/* "71", "#71" and "71.0"; 0 where it is none. */
static int64_t number_of(const char *text, size_t len)
{
    size_t digits;

    if (len && *text == '#') {
        text++;
        len--;
    }
    digits = strspn(text, DIGITS);
    if (digits > len)
        digits = len;
    if (!digits || digits > ID_DIGITS)
        return 0;
    if (digits < len && text[digits] == '.' &&
        strspn(text + digits + 1, "0") >= len - digits - 1)
        len = digits;
    return digits == len ? strtoll(text, NULL, 10) : 0;
}

static void copy_word(char word[TEAM_WORD_SIZE], const char *text, size_t len)
{
    if (len > TEAM_WORD_SIZE - 1)
        len = TEAM_WORD_SIZE - 1;
    memcpy(word, text, len);
    word[len] = '\0';
}

enum team_word team_next(const char **at, int64_t *number,
                         char word[TEAM_WORD_SIZE])
{
    const char *from = *at + strspn(*at, SEPARATORS);
    size_t vague = thousands(from);
    size_t len = vague ? vague : strcspn(from, SEPARATORS);

    *at = from + len;
    if (!len)
        return TEAM_END;
    copy_word(word, from, len);
    if (vague)
        return TEAM_VAGUE;
    *number = number_of(from, len);
    return *number ? TEAM_NUMBER : TEAM_WRONG;
}
