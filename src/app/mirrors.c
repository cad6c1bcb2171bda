/* The mirrors within the app: made from the configuration, and shown to the
 * screen. What they do is mirror/'s. */
#include "app/internal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/banned.h"

static void on_changed(void *ctx)
{
    app_changed(ctx);
}

void app_open_mirrors(struct app *app)
{
    struct mirrors_options options = {.loop = app->loop,
                                      .journal = app->journal,
                                      .list = &app->mirror_list,
                                      .changed = on_changed,
                                      .ctx = app};

    if (!app->mirror_list.count)
        return;
    options.client = app_client(app);
    app->mirrors = mirrors_new(&options);
}

/* The demo has a book of its own, and nobody wants that sent on. */
bool app_load_mirrors(struct app *app, struct err *err)
{
    if (app->options.demo || config_flag(app->config, OPTION_no_mirrors))
        return true;
    return mirror_list_load(&app->mirror_list, app->config, err);
}

bool host_mirror(void *ctx, size_t index, struct display_mirror *out)
{
    struct app *app = ctx;
    struct mirror_status status;

    if (!app->mirrors || index >= mirrors_count(app->mirrors))
        return false;
    status = mirrors_status(app->mirrors, index);
    *out = (struct display_mirror){.name = status.name,
                                   .type = status.type,
                                   .state = mirror_state_word(&status),
                                   .on = status.state == MIRROR_ON,
                                   .sent = status.events,
                                   .waiting = status.waiting,
                                   .parked = status.parked,
                                   .trouble = status.trouble,
                                   .next_try = status.next_try};
    return true;
}

void host_mirror_switch(void *ctx, size_t index)
{
    struct app *app = ctx;

    if (!app->mirrors || index >= mirrors_count(app->mirrors))
        return;
    if (mirrors_status(app->mirrors, index).state == MIRROR_ON)
        mirrors_pause(app->mirrors, index);
    else
        mirrors_resume(app->mirrors, index);
}

/* The event is read whole, then handed to every mirror that is on. */
static void send_found(void *ctx, const struct event *event)
{
    struct app *app = ctx;

    for (size_t i = 0; event && i < mirrors_count(app->mirrors); i++)
        if (mirrors_status(app->mirrors, i).state == MIRROR_ON)
            mirrors_send(app->mirrors, i, event);
}

size_t host_mirror_send(void *ctx, uint64_t seq)
{
    struct app *app = ctx;
    size_t on = 0;

    for (size_t i = 0; app->mirrors && i < mirrors_count(app->mirrors); i++)
        on += mirrors_status(app->mirrors, i).state == MIRROR_ON;
    if (on)
        host_fetch(app, seq, send_found, app);
    return on;
}
