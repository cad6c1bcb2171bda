/* What is read of the past before it is known whether there is a link to the
 * telltale that has it: it waits here, and the screen says so. */
#include "app/internal.h"

#include <stdlib.h>

#include "app/link_service.h"
#include "base/mem.h"
#include "base/banned.h"

struct past_wait {
    struct past_wait *next;
    void (*go_on)(void *ctx);
    void (*drop)(void *ctx);
    void *ctx;
};

void past_wait(struct app *app, void (*go_on)(void *ctx),
               void (*drop)(void *ctx), void *ctx)
{
    struct past_wait *wait = xcalloc(1, sizeof *wait);

    *wait = (struct past_wait){app->past_waits, go_on, drop, ctx};
    app->past_waits = wait;
    past_wait_end(app); /* it may have come up just before */
    app_changed(app);
}

bool past_is_waiting(const struct app *app)
{
    return app->past_waits != NULL;
}

/* Those that are there now: they may come again. */
static struct past_wait *take_all(struct app *app)
{
    struct past_wait *all = app->past_waits;

    app->past_waits = NULL;
    return all;
}

void past_wait_end(struct app *app)
{
    struct past_wait *wait;

    if (app->stopping || link_service_begins(app->services[SERVICE_link]))
        return;
    wait = take_all(app);
    while (wait) {
        struct past_wait *next = wait->next;

        wait->go_on(wait->ctx);
        free(wait);
        wait = next;
    }
}

void past_wait_drop(struct app *app)
{
    struct past_wait *wait = take_all(app);

    while (wait) {
        struct past_wait *next = wait->next;

        wait->drop(wait->ctx);
        free(wait);
        wait = next;
    }
}
