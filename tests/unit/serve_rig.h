/* The server's side of what serves, for tests: what is asked is a table of
 * words, and what is answered is kept. */
#ifndef TELLTALE_SERVE_RIG_H
#define TELLTALE_SERVE_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "net/server.h"

#define SERVED_ANSWERS 8
/* The answer to request N goes into served_answers[N]. */
extern struct served {
    int status;
    char *body, *headers, *content_type;
    bool done;
} served_answers[SERVED_ANSWERS];
/* What serves adds its one route. */
extern struct route served_route;
/* An answer that goes on is only begun, and seen to be let go once. */
extern struct stream served_stream;
/* While its socket takes no more; seen once somebody asked. */
extern struct stuck {
    bool on, seen;
} served_stuck;
/* The server to serve by. */
#define SERVED ((struct server *)served_answers)

void served_forget(void);
/* Asks the route: names and values in turn, ended by NULL; parameters are
 * named "?NAME". */
void serve_get(const char *const *words, uint32_t slot);
/* The words of who has the token "only-to-look", which a test must let in. */
extern const char *const serve_let_in[];

/* A journal (journal_rig.h), and no answers. */
int serve_setup(void **state);
int serve_teardown(void **state);

#endif
