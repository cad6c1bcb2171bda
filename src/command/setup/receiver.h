/* A receiver for as long as setup needs one, when no other telltale runs: a
 * child process that does what `telltale serve` does, but prints nothing,
 * sends nothing on and does not ask PostHog. It cannot outlive us: it ends
 * in order when we do, whatever ends us, and a signal that ends us waits
 * until it has. */
#ifndef TELLTALE_RECEIVER_H
#define TELLTALE_RECEIVER_H

#include "base/err.h"
#include "command/command.h"

struct receiver {
    long pid; /* 0: none */
    int fd;
    char address[64]; /* "127.0.0.1:8420", once it has begun */
};

/* Forks the child, which waits for receiver_begin(): to be called before
 * this process has threads. There is one at a time. False with err. */
bool receiver_fork(struct receiver *receiver, struct command_context *context,
                   struct err *err);
/* Returns when it listens; else an exit code, after an error was printed. */
int receiver_begin(struct receiver *receiver);
/* Stops it in order and waits until it has ended. May be called at any time,
 * and again. */
void receiver_end(struct receiver *receiver);

#endif
