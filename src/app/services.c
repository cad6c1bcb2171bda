/* Calls every service that is there, in the order of services.def, and closes
 * in the other one. */
#include "app/services.h"

#include "base/banned.h"

#define SERVICE(name) &service_##name,
static const struct service *const table[SERVICES] = {
#include "app/services.def"
};
#undef SERVICE

/* Calls a function of every service that is there and has it. */
#define EACH(self, function, ...)                                             \
    for (int i = 0; i < SERVICES; i++)                                        \
        if (self[i] && table[i]->function)                                    \
    table[i]->function(self[i], __VA_ARGS__)

bool services_new(void *self[SERVICES], const struct service_host *host,
                  struct err *err)
{
    for (int i = 0; i < SERVICES; i++) {
        err->text[0] = '\0';
        self[i] = table[i]->new (host, err);
        if (!self[i] && err->text[0])
            return false;
    }
    return true;
}

bool services_open(void *const self[SERVICES], struct err *err)
{
    for (int i = 0; i < SERVICES; i++)
        if (self[i] && table[i]->open && !table[i]->open(self[i], err))
            return false;
    return true;
}

void services_kept(void *const self[SERVICES], const struct event_batch *batch)
{
    EACH(self, kept, batch);
}

void services_past(void *const self[SERVICES], const struct event_batch *batch)
{
    EACH(self, past, batch);
}

void services_past_complete(void *const self[SERVICES], uint64_t last_seq,
                            size_t events)
{
    EACH(self, past_complete, last_seq, events);
}

void services_committed(void *const self[SERVICES], uint64_t last_seq)
{
    EACH(self, committed, last_seq);
}

void services_woken(void *const self[SERVICES])
{
    for (int i = 0; i < SERVICES; i++)
        if (self[i] && table[i]->woken)
            table[i]->woken(self[i]);
}

void services_reread(void *const self[SERVICES])
{
    for (int i = 0; i < SERVICES; i++)
        if (self[i] && table[i]->reread)
            table[i]->reread(self[i]);
}

void services_tell(void *const self[SERVICES], struct problems *problems)
{
    EACH(self, tell, problems);
}

void services_stop(void *const self[SERVICES])
{
    for (int i = SERVICES; i--;)
        if (self[i] && table[i]->stop)
            table[i]->stop(self[i]);
}

bool services_busy(void *const self[SERVICES])
{
    for (int i = 0; i < SERVICES; i++)
        if (self[i] && table[i]->busy && table[i]->busy(self[i]))
            return true;
    return false;
}

void services_free(void *self[SERVICES])
{
    for (int i = SERVICES; i--;) {
        if (self[i])
            table[i]->free(self[i]);
        self[i] = NULL;
    }
}
