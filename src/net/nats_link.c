/* A connection to NATS that is made anew whenever it breaks, by a thread that
 * may wait for it. libnats could connect again by itself, but keeps what was
 * sent meanwhile and sends it later, behind what was lost: so it is not asked
 * to, and each session begins from what is known to be kept. */
#include "net/nats_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/uuid.h"

#include "base/banned.h"

#define CONNECT_MS 2000
#define ASK_MS 3000
#define WRITE_MS 5000 /* that a server, or the way to it, takes nothing */
#define PING_MS 60000 /* beats and answers tell sooner that it is dead */
#define STEP_MIN_MS 250
#define STEP_MAX_MS 8000
#define REFUSED_MS 30000 /* it will be refused again */
#define END_MS 10000     /* that libnats may keep the thread */
#define LOOK_MS 5

bool nats_available(struct err *err)
{
    (void)err;
    return true;
}

/* ---- waiting ---- */

static void make_pipe(int poke[2])
{
    if (pipe(poke)) {
        perror("pipe");
        abort();
    }
    for (int i = 0; i < 2; i++) {
        fcntl(poke[i], F_SETFD, FD_CLOEXEC);
        fcntl(poke[i], F_SETFL, O_NONBLOCK);
    }
}

void nats_link_poke(struct nats_link *link)
{
    /* A full pipe has been poked. */
    if (write(link->poke[1], "", 1) < 0)
        return;
}

bool nats_link_wait(struct nats_link *link, int64_t ms)
{
    struct pollfd ready = {.fd = link->poke[0], .events = POLLIN};
    int64_t until = clock_mono_us() / 1000 + ms;
    char bytes[64];
    int count;

    do {
        int64_t left = ms < 0 ? -1 : until - clock_mono_us() / 1000;

        if (ms >= 0 && left < 0)
            left = 0;
        count = poll(&ready, 1, left > 1000000 ? 1000000 : (int)left);
    } while (count < 0 && errno == EINTR);
    while (read(link->poke[0], bytes, sizeof bytes) > 0)
        continue;
    return count != 0;
}

bool nats_link_is_over(struct nats_link *link)
{
    bool over;

    pthread_mutex_lock(&link->lock);
    over = link->stopping || link->session.failed;
    pthread_mutex_unlock(&link->lock);
    return over;
}

/* ---- what is said of it ---- */

static void set_state(struct nats_link *link, enum nats_state state)
{
    if (state == NATS_UP)
        link->status.since_ms = 0;
    else if (!link->status.since_ms)
        link->status.since_ms = clock_now_ms();
    link->status.state = state;
}

void nats_link_fail(struct nats_link *link, bool refused, const char *format,
                    ...)
{
    va_list args;

    if (link->session.failed)
        return; /* what came first is the reason */
    link->session.failed = true;
    va_start(args, format);
    vsnprintf(link->status.why.text, sizeof link->status.why.text, format,
              args);
    va_end(args);
    link->status.refused = refused;
    set_state(link, NATS_DOWN);
    pthread_cond_broadcast(&link->room);
    nats_link_poke(link);
    link->wake(link->wake_ctx);
}

void nats_link_up(struct nats_link *link)
{
    pthread_mutex_lock(&link->lock);
    if (!link->session.failed) {
        set_state(link, NATS_UP);
        link->status.refused = false;
        link->status.why.text[0] = '\0';
    }
    pthread_mutex_unlock(&link->lock);
    link->wake(link->wake_ctx);
}

const char *nats_link_words(natsStatus status, jsErrCode code)
{
    if (code == JSNotEnabledErr || code == JSNotEnabledForAccountErr)
        return "JetStream is not enabled there";
    if (code == JSClusterNotAvailErr || status == NATS_NO_RESPONDERS)
        return "JetStream does not answer there: not enabled, or too few of "
               "its servers are up";
    switch (status) {
    case NATS_NO_SERVER:
        return "no server answers";
    case NATS_CONNECTION_AUTH_FAILED:
        return "it does not take the name, password, token or credentials";
    case NATS_SECURE_CONNECTION_REQUIRED:
        return "it wants TLS: tls:// in the address";
    case NATS_SECURE_CONNECTION_WANTED:
        return "it has no TLS";
    case NATS_NOT_PERMITTED:
        return "it is not permitted";
    case NATS_MISSED_HEARTBEAT:
        return "nothing was heard of it for too long";
    case NATS_TIMEOUT:
        return "it does not answer in time";
    default:
        return natsStatus_GetText(status);
    }
}

/* ---- the connection ---- */

static void on_closed(natsConnection *conn, void *ctx)
{
    struct nats_link *link = ctx;
    const char *why = NULL;

    if (natsConnection_GetLastError(conn, &why) == NATS_OK)
        why = NULL;
    pthread_mutex_lock(&link->lock);
    nats_link_fail(link, false, "the connection ended%s%.200s",
                   why && *why ? ": " : "", why && *why ? why : "");
    nats_session_closed(&link->session);
    pthread_cond_broadcast(&link->room);
    pthread_mutex_unlock(&link->lock);
}

/* What it says of a subscription: beats that were missed, say. */
static void on_error(natsConnection *conn, natsSubscription *sub,
                     natsStatus status, void *ctx)
{
    struct nats_link *link = ctx;

    (void)conn;
    (void)sub;
    pthread_mutex_lock(&link->lock);
    nats_link_fail(link, status == NATS_NOT_PERMITTED, "%s",
                   nats_link_words(status, 0));
    pthread_mutex_unlock(&link->lock);
}

static natsStatus set_secrets(const struct nats_settings *settings,
                              natsOptions *options)
{
    const struct nats_url *url = &settings->url;
    natsStatus status = NATS_OK;

    if (url->user)
        status = natsOptions_SetUserInfo(options, url->user, url->password);
    if (status == NATS_OK && url->token)
        status = natsOptions_SetToken(options, url->token);
    if (status == NATS_OK && settings->credentials)
        status = natsOptions_SetUserCredentialsFromFiles(options,
                                                         settings->credentials,
                                                         NULL);
    return status;
}

/* A server that wants TLS gets it, asked for or not. */
static natsStatus set_tls(const struct nats_settings *settings,
                          natsOptions *options)
{
    natsStatus status = NATS_OK;

    if (settings->url.tls)
        status = natsOptions_SetSecure(options, true);
    if (status == NATS_OK && settings->ca)
        status = natsOptions_LoadCATrustedCertificates(options, settings->ca);
    if (status == NATS_OK && settings->cert)
        status = natsOptions_LoadCertificatesChain(options, settings->cert,
                                                   settings->key);
    return status;
}

static natsStatus set_options(struct nats_link *link, natsOptions *options)
{
    const struct nats_url *url = &link->settings->url;
    const char *servers[NATS_URL_SERVERS];
    natsStatus status;

    for (size_t i = 0; i < url->count; i++)
        servers[i] = url->servers[i];
    status = natsOptions_SetServers(options, servers, (int)url->count);
    if (status == NATS_OK)
        status = natsOptions_SetName(options, "telltale");
    if (status == NATS_OK)
        status = natsOptions_SetAllowReconnect(options, false);
    if (status == NATS_OK)
        status = natsOptions_SetTimeout(options, CONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline(options, WRITE_MS);
    if (status == NATS_OK)
        status = natsOptions_SetPingInterval(options, PING_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxPingsOut(options, 1);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB(options, on_closed, link);
    if (status == NATS_OK)
        status = natsOptions_SetErrorHandler(options, on_error, link);
    if (status == NATS_OK)
        status = set_secrets(link->settings, options);
    return status == NATS_OK ? set_tls(link->settings, options) : status;
}

/* "SSL handshake error: 62:hostname mismatch:expected=a:cert=/CN=b" */
static void say_tls(struct nats_link *link, const char *more)
{
    static const char before[] = "handshake error: ";
    const char *why = more ? strstr(more, before) : NULL;

    why = why ? why + strlen(before) : more ? more : "no reason given";
    nats_link_fail(link, true, "%s: %.200s",
                   strstr(why, ":cert=") ? "its certificate is not trusted"
                                         : "TLS does not come about",
                   why + strspn(why, "0123456789:"));
}

static void say_failed(struct nats_link *link, natsStatus status)
{
    bool refused = status == NATS_CONNECTION_AUTH_FAILED ||
                   status == NATS_SECURE_CONNECTION_REQUIRED ||
                   status == NATS_SECURE_CONNECTION_WANTED;

    pthread_mutex_lock(&link->lock);
    if (status == NATS_SSL_ERROR)
        say_tls(link, nats_GetLastError(NULL));
    else
        nats_link_fail(link, refused, "%s", nats_link_words(status, 0));
    pthread_mutex_unlock(&link->lock);
}

static natsStatus connect_now(struct nats_link *link)
{
    natsOptions *options = NULL;
    natsStatus status = natsOptions_Create(&options);

    if (status == NATS_OK)
        status = set_options(link, options);
    if (status == NATS_OK)
        status = natsConnection_Connect(&link->conn, options);
    natsOptions_Destroy(options);
    return status;
}

bool nats_link_open(struct nats_link *link)
{
    natsStatus status;
    jsOptions options;

    jsOptions_Init(&options);
    options.Wait = ASK_MS;
    pthread_mutex_lock(&link->lock);
    nats_session_open(&link->session);
    if (!link->status.since_ms)
        set_state(link, NATS_CONNECTS);
    pthread_mutex_unlock(&link->lock);
    status = connect_now(link);
    if (status == NATS_OK) {
        pthread_mutex_lock(&link->lock);
        nats_session_connected(&link->session);
        pthread_mutex_unlock(&link->lock);
        status = natsConnection_JetStream(&link->js, link->conn, &options);
    }
    if (status != NATS_OK)
        say_failed(link, status);
    return status == NATS_OK && !nats_link_is_over(link);
}

static void on_unsubscribed(void *ctx)
{
    struct nats_link *link = ctx;

    pthread_mutex_lock(&link->lock);
    nats_session_unsubscribed(&link->session);
    pthread_cond_broadcast(&link->room);
    pthread_mutex_unlock(&link->lock);
}

/* It may be over before libnats can be asked to say when it is: then that call
 * fails, or on_unsubscribed() is called before it has returned. */
bool nats_link_subscribed(struct nats_link *link, natsStatus status,
                          jsErrCode code)
{
    if (status == NATS_OK) {
        pthread_mutex_lock(&link->lock);
        nats_session_subscribed(&link->session);
        pthread_mutex_unlock(&link->lock);
        status =
            natsSubscription_SetOnCompleteCB(link->sub, on_unsubscribed, link);
        if (status != NATS_OK)
            on_unsubscribed(link);
    }
    pthread_mutex_lock(&link->lock);
    if (status != NATS_OK)
        nats_link_fail(link, status == NATS_NOT_PERMITTED, "%s",
                       nats_link_words(status, code));
    pthread_mutex_unlock(&link->lock);
    return status == NATS_OK;
}

void nats_link_close(struct nats_link *link)
{
    jsCtx_Destroy(link->js);
    link->js = NULL;
    if (link->conn)
        natsConnection_Close(link->conn);
    pthread_mutex_lock(&link->lock);
    link->session.failed = true; /* if it was not: it is over */
    pthread_cond_broadcast(&link->room);
    while (!nats_session_is_done(&link->session))
        pthread_cond_wait(&link->room, &link->lock);
    pthread_mutex_unlock(&link->lock);
    natsSubscription_Destroy(link->sub);
    link->sub = NULL;
    natsConnection_Destroy(link->conn);
    link->conn = NULL;
}

static int64_t with_jitter(int64_t ms)
{
    unsigned char random;

    random_bytes(&random, 1);
    return ms * 3 / 4 + ms / 2 * random / 255;
}

void nats_link_rest(struct nats_link *link)
{
    int64_t ms = link->step_ms < STEP_MIN_MS ? STEP_MIN_MS : link->step_ms;
    int64_t until;
    bool refused, stopping;

    pthread_mutex_lock(&link->lock);
    refused = link->status.refused;
    stopping = link->stopping;
    pthread_mutex_unlock(&link->lock);
    link->step_ms = ms * 2 < STEP_MAX_MS ? ms * 2 : STEP_MAX_MS;
    until = clock_mono_us() / 1000 + with_jitter(refused ? REFUSED_MS : ms);
    while (!stopping && clock_mono_us() / 1000 < until) {
        nats_link_wait(link, until - clock_mono_us() / 1000);
        pthread_mutex_lock(&link->lock);
        stopping = link->stopping;
        pthread_mutex_unlock(&link->lock);
    }
}

bool nats_link_ended(struct nats_link *link)
{
    bool ended;

    pthread_mutex_lock(&link->lock);
    ended = link->ended = link->stopping;
    pthread_mutex_unlock(&link->lock);
    return ended;
}

/* ---- from the loop ---- */

/* Signals are the loop's: they are blocked for the threads made here, those of
 * libnats among them. */
void nats_link_start(struct nats_link *link,
                     const struct nats_settings *settings,
                     void (*wake)(void *ctx), void *wake_ctx,
                     void *(*run)(void *ctx), void *ctx)
{
    struct err err;

    link->settings = settings;
    link->wake = wake;
    link->wake_ctx = wake_ctx;
    make_pipe(link->poke);
    pthread_mutex_init(&link->lock, NULL);
    pthread_cond_init(&link->room, NULL);
    link->status.since_ms = clock_now_ms();
    if (!thread_start(&link->thread, run, ctx, &err)) {
        log_line(LOG_ERROR, "NATS: %s", err.text);
        abort();
    }
}

void nats_link_status(struct nats_link *link, struct nats_status *out)
{
    pthread_mutex_lock(&link->lock);
    *out = link->status;
    pthread_mutex_unlock(&link->lock);
}

void nats_link_stop(struct nats_link *link)
{
    pthread_mutex_lock(&link->lock);
    link->stopping = true;
    pthread_cond_broadcast(&link->room);
    pthread_mutex_unlock(&link->lock);
    nats_link_poke(link);
}

bool nats_link_busy(struct nats_link *link)
{
    bool busy;

    pthread_mutex_lock(&link->lock);
    busy = !link->ended;
    pthread_mutex_unlock(&link->lock);
    return busy;
}

static void wake_nobody(void *ctx)
{
    (void)ctx;
}

/* Up to 3.7 libnats waits without end for a server that greets and then says
 * nothing, and a name may take the system long to look up. */
static bool ends_in_time(struct nats_link *link)
{
    struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    int64_t until = clock_mono_us() + END_MS * 1000;

    while (nats_link_busy(link)) {
        if (clock_mono_us() >= until)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

bool nats_link_end(struct nats_link *link)
{
    nats_link_stop(link);
    if (!ends_in_time(link)) {
        pthread_mutex_lock(&link->lock);
        link->wake = wake_nobody;
        pthread_mutex_unlock(&link->lock);
        pthread_detach(link->thread);
        return false;
    }
    pthread_join(link->thread, NULL);
    pthread_mutex_destroy(&link->lock);
    pthread_cond_destroy(&link->room);
    close(link->poke[0]);
    close(link->poke[1]);
    return true;
}
