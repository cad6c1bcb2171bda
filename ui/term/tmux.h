/* Asking the tmux that is around us. */
#ifndef TELLTALE_TMUX_H
#define TELLTALE_TMUX_H

#include <stdbool.h>
#include <stddef.h>

/* The value of a server option ("escape-time") as tmux prints it, cut to
 * size. False when tmux does not say: none around us, no such option, no
 * answer within two seconds. */
bool tmux_option(const char *name, char *value, size_t size);

#endif
