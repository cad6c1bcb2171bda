/* The projects that a column of the book names. Private to the files of the
 * book. */
#ifndef TELLTALE_BOOK_TEAM_H
#define TELLTALE_BOOK_TEAM_H

#include <stdint.h>

enum team_word {
    TEAM_END,
    TEAM_NUMBER,
    TEAM_WRONG, /* no project's number */
    TEAM_VAGUE, /* "12,345": one number or two */
};

#define TEAM_WORD_SIZE 32

/* The next of a list: "71", "71, 72", "[71;72]", a spreadsheet's "71.0". *at
 * is moved behind it; number is set for TEAM_NUMBER, word, cut to its size,
 * for all but TEAM_END. */
enum team_word team_next(const char **at, int64_t *number,
                         char word[TEAM_WORD_SIZE]);

#endif
