/* TAP, for the screen tests. */
#ifndef TELLTALE_TAP_H
#define TELLTALE_TAP_H

#include <stdbool.h>

/* One case, as a sentence. */
void ok(bool good, const char *sentence);
/* A line of diagnosis. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The plan; what main() returns. */
int done(void);

#endif
