/* What a terminal answers when it is asked for the colour behind its text. */
#ifndef TELLTALE_BACKGROUND_H
#define TELLTALE_BACKGROUND_H

#include <stdbool.h>

/* "11;rgb:ffff/ffff/ffff", or rgba, of the operating system command. *light:
 * it is more so than a middle grey, as the eye weighs the parts. False: it is
 * another answer. */
bool background_parse(const char *answer, bool *light);

#endif
