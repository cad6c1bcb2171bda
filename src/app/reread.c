/* What is read again while telltale runs: the book and the catalogue, secrets,
 * who may look, the certificate. What cannot be read leaves the old one in
 * force, and is told. */
#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>

#include "app/internal.h"

#include "app/address.h"
#include "app/book_watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "base/banned.h"

/* The book. */

/* What bodies are decoded with may only change while none is. */
bool app_may_swap(void *ctx)
{
    struct app *app = ctx;

    return !app->webhook || !webhook_hold(app->webhook, true);
}

bool app_take_fresh(void *ctx, struct decode_fresh *fresh, struct book **old,
                    struct err *err)
{
    struct app *app = ctx;
    struct err why = {""};
    bool ok;

    if (app->webhook)
        webhook_pause(app->webhook);
    ok = decode_context_take(&app->decode, fresh, old, &why);
    if (app->webhook)
        webhook_hold(app->webhook, false);

    free(app->book_trouble);
    app->book_trouble = ok ? NULL : xstrdup(why.text);
    if (ok) {
        services_reread(app->services);
        app->host.catalog = app->decode.catalog;
        log_line(LOG_NOTE, "read again: %zu accounts",
                 book_count(app->decode.book));
    } else {
        log_line(LOG_WARN, "not read again: %s", why.text);
        err_set(err, "%s", why.text);
    }
    app_changed(app);
    return ok;
}

/* Secrets, and the addresses that carry one. */

/* Where a service writes to is kept and read by others. */
static bool is_token_shown(const struct app *app)
{
    return app->empty && app->tokens.ours &&
           (!app->options.hangup_reads || isatty(STDERR_FILENO));
}

void app_make_urls(struct app *app)
{
    if (!app->server)
        return;
    free(app->hook_url);
    free(app->public_hook_url);
    free(app->shown_hook_url);
    app->hook_url = address_hook_url(app, false);
    app->public_hook_url = address_public_url(app);
    app->shown_hook_url = address_hook_url(app, !is_token_shown(app));
}

void app_reload_tokens(struct app *app)
{
    struct err err = {""};

    if (app->options.demo || app->options.attach)
        return;
    if (!tokens_reload(&app->tokens, app->config, &err)) {
        log_line(LOG_WARN, "secrets are not read again, the old ones hold: %s",
                 err.text);
        return;
    }
    app_make_urls(app);
    feed_recheck(app->feed);
    app_changed(app);
}

bool app_reload_viewers(struct app *app, struct err *err)
{
    const char *path = config_text(app->config, OPTION_viewers);

    if (app->options.demo || app->options.attach || !path)
        return true;
    if (!viewers_read(&app->tokens.viewers, path, err))
        return false;
    feed_recheck(app->feed);
    return true;
}

static void reload_tls(struct app *app)
{
    struct err err = {""};

    if (app->server &&
        !server_reload_tls(app->server,
                           config_text(app->config, OPTION_tls_cert),
                           config_text(app->config, OPTION_tls_key), &err))
        log_line(LOG_WARN,
                 "the certificate is not read again, the old one holds: %s",
                 err.text);
}

/* With Type=notify-reload the manager waits for READY, which is said when the
 * book is read. */
static void tell_reloading(struct app *app)
{
    char state[64];

    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)clock_mono_us());
    app->reloading = notify_send(state);
}

void app_reread(struct app *app)
{
    struct err err = {""};

    if (!log_reopen(&err))
        log_line(LOG_WARN, "%s: lines go on to the old file", err.text);
    tell_reloading(app);
    app_reload_tokens(app);
    reload_tls(app);
    book_watch_reread(app->services[SERVICE_book]);
}
