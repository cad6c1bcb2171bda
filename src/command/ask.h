/* Questions to the person at the terminal. Whatever ends one (^C, ^Z, a
 * hangup), the terminal echoes again, and the signal then does what it would
 * have done. */
#ifndef TELLTALE_ASK_H
#define TELLTALE_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* True when there is somebody to ask: input and output are terminals. */
bool ask_possible(void);
/* Prints "prompt [standard]: " and reads a line, without the blanks around
 * it; an empty one is the standard, which may be NULL. hidden keeps it off
 * the screen. False at the end of input; out is then "". */
bool ask_line(const char *prompt, const char *standard, bool hidden, char *out,
              size_t size);
/* Prints "prompt [yes]: " and waits for yes, no or an empty line, which is
 * yes. The end of input is no. */
bool ask_yes(const char *prompt);

#endif
