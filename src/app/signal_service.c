/* The service "signals": concludes from the journal who to call, and when.
 * How is signal/'s. */
#include <stdlib.h>

#include "app/service.h"
#include "base/log.h"
#include "base/mem.h"
#include "signal/follow.h"
#include "signal/settings.h"

#include "base/banned.h"

struct signal_service {
    const struct service_host *host;
    struct signal_settings settings;
    struct signals *signals; /* NULL until opened */
    struct loop_timer *timer;
    char *trouble; /* why nothing is concluded at present, or NULL */
};

static void *signal_service_new(const struct service_host *host,
                                struct err *err)
{
    struct signal_service *service = xcalloc(1, sizeof *service);

    service->host = host;
    if (signal_settings_load(&service->settings, host->config, err))
        return service;
    free(service);
    return NULL;
}

static void on_timer(void *ctx)
{
    signals_wake(((struct signal_service *)ctx)->signals);
}

static void arm(void *ctx, int64_t us)
{
    struct signal_service *service = ctx;

    if (us < 0)
        loop_timer_cancel(service->timer);
    else
        loop_timer_set(service->timer, us);
}

static void on_done(void *ctx, bool ok, size_t concluded,
                    const struct err *err)
{
    struct signal_service *service = ctx;

    if (!ok && !err)
        return;
    if (!ok)
        log_line(LOG_WARN, "no signals at present: %s", err->text);
    if (concluded)
        service->host->concluded(service->host->app);
    if (ok)
        service->host->signals_at(service->host->app,
                                  signals_seq(service->signals));
    if (!ok != !!service->trouble)
        service->host->changed(service->host->app);
    free(service->trouble);
    service->trouble = ok ? NULL : xstrdup(err->text);
}

static bool signal_service_open(void *self, struct err *err)
{
    struct signal_service *service = self;
    struct signals_options options = {.journal = service->host->journal,
                                      .settings = &service->settings,
                                      .arm = arm,
                                      .on_done = on_done,
                                      .ctx = service};

    (void)err;
    service->settings.zone = journal_days(service->host->journal);
    service->timer = loop_timer_new(service->host->loop, on_timer, service);
    service->signals = signals_new(&options);
    return true;
}

static void signal_service_committed(void *self, uint64_t last_seq)
{
    signals_committed(((struct signal_service *)self)->signals, last_seq);
}

static void signal_service_stop(void *self)
{
    struct signal_service *service = self;

    if (service->signals)
        signals_stop(service->signals);
}

static bool signal_service_busy(const void *self)
{
    return signals_busy(((const struct signal_service *)self)->signals);
}

static void signal_service_free(void *self)
{
    struct signal_service *service = self;

    signals_free(service->signals);
    if (service->timer)
        loop_timer_free(service->timer);
    signal_settings_clear(&service->settings);
    free(service->trouble);
    free(service);
}

const struct service service_signals = {.new = signal_service_new,
                                        .open = signal_service_open,
                                        .committed = signal_service_committed,
                                        .stop = signal_service_stop,
                                        .busy = signal_service_busy,
                                        .free = signal_service_free};
