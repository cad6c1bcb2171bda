/* The files of `telltale setup`: each is some of its steps. */
#ifndef TELLTALE_SETUP_H
#define TELLTALE_SETUP_H

#include "command/setup/setup_step.h"

/* setup_key.c: PostHog opened with a key that it knows and that has all
 * scopes, the project, and both kept. Nothing is written before. */
setup_step setup_key;
/* Keeps a key that PostHog has taken, 0600, for the next time. */
setup_step setup_keep_key;
/* setup_book.c */
setup_step setup_book;
/* setup_destination.c: a public URL that was given is held to what one that
 * is typed in is; then the address, the destination, and the test. */
setup_step setup_check_address;
setup_step setup_destination;
/* There is no public address: PostHog is asked instead. */
bool setup_is_polled(const struct setup *setup);

#endif
