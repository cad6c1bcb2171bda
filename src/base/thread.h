/* Threads beside the loop's. */
#ifndef TELLTALE_THREAD_H
#define TELLTALE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/err.h"

/* As pthread_create(), in a thread that takes no signals: they are for the
 * loop. False with err. */
bool thread_start(pthread_t *thread, void *(*run)(void *), void *arg,
                  struct err *err);

#endif
