/* The loop over libwebsockets' own poll loop: watched descriptors, timers,
 * signals and wake-ups. It knows nothing of HTTP; net/server adopts its
 * sockets into the same context.
 *
 * libwebsockets closes what it was given, so it gets duplicates; a watched
 * descriptor may be let go from inside its own callback. */
#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/lws.h"

#include "base/banned.h"

#define MAX_SIGNALS 12
/* Room for the connections of a busy receiver; lws keeps tables of this
 * size, so an unlimited number of descriptors would cost megabytes. */
#define DESCRIPTORS 8192

struct wake {
    void (*call)(void *ctx);
    void *ctx;
};

struct signal_watch {
    int number;
    void (*call)(void *ctx, int number);
    void *ctx;
    struct sigaction old;
};

struct loop {
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct loop_fd *current; /* whose callback runs; NULL once let go */
    struct loop_fd *again;   /* asked to write from inside their calls */
    struct loop_timer *timers;
    lws_sorted_usec_list_t alarm; /* ends lws's wait when a timer is due */
    bool stop, ending;
    bool busy;        /* something happened in this turn */
    int64_t began_us; /* … and this is when it began */
    struct loop_turns turns;
    struct wake turn_end;
    struct wake *wakes; /* call is NULL where one was taken off */
    size_t wake_count;
    struct signal_watch signals[MAX_SIGNALS];
    unsigned signal_count;
    struct loop_fd *signal_fd;
};

struct loop_fd {
    struct loop *loop;
    struct loop_fd *next_again;
    bool is_again;
    struct lws *wsi; /* NULL once lws closed it */
    void (*readable)(void *ctx);
    void (*writable)(void *ctx);
    void *ctx;
};

struct loop_timer {
    struct loop_timer *prev, *next;
    int64_t due_us; /* 0: off */
    struct loop *loop;
    void (*call)(void *ctx);
    void *ctx;
};

/* Written to by the signal handler: both ends belong to the one loop that
 * watches signals. */
static int signal_pipe[2] = {-1, -1};

static void log_from_lws(int level, const char *line)
{
    size_t len = strcspn(line, "\n");

    log_limited(level == LLL_ERR ? LOG_WARN : LOG_NOTE, "lws: %.*s", (int)len,
                line);
}

/* lws sizes its tables by the limit on open files: a small one is raised as
 * far as we may, a huge one lowered for this process. */
static void set_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur =
        limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    if (setrlimit(RLIMIT_NOFILE, &limit))
        log_line(LOG_WARN, "cannot set the limit on open files: %s",
                 strerror(errno));
}

/* Calls one of watched's two functions; true if it let itself go. */
static bool call_watched(struct loop_fd *watched, void (*call)(void *ctx))
{
    struct loop *loop = watched->loop;
    bool gone;

    if (!call)
        return false;
    loop->current = watched;
    call(watched->ctx);
    gone = !loop->current;
    loop->current = NULL;
    return gone;
}

/* lws closed it (the other end hung up): the owner reads or writes once
 * more, finds the end and lets go. */
static void watched_closed(struct loop_fd *watched)
{
    watched->wsi = NULL;
    if (!watched->loop->ending)
        call_watched(watched, watched->readable ? watched->readable
                                                : watched->writable);
}

/* A call may set others, or take some off. */
static void run_wakes(struct loop *loop)
{
    for (size_t i = 0; i < loop->wake_count; i++)
        if (loop->wakes[i].call)
            loop->wakes[i].call(loop->wakes[i].ctx);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t len)
{
    struct loop_fd *watched;

    (void)user;
    (void)in;
    (void)len;
    loop_was_busy(lws_context_user(lws_get_context(wsi)));
    switch (reason) {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        run_wakes(lws_context_user(lws_get_context(wsi)));
        return 0;
    case LWS_CALLBACK_RAW_RX_FILE:
        watched = lws_get_opaque_user_data(wsi);
        return !watched || call_watched(watched, watched->readable) ? -1 : 0;
    case LWS_CALLBACK_RAW_WRITEABLE_FILE:
        watched = lws_get_opaque_user_data(wsi);
        return !watched || call_watched(watched, watched->writable) ? -1 : 0;
    case LWS_CALLBACK_RAW_CLOSE_FILE:
        watched = lws_get_opaque_user_data(wsi);
        if (watched)
            watched_closed(watched);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "fd", .callback = on_event},
    {.name = NULL},
};

struct loop *loop_new(struct err *err)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    struct lws_context_creation_info info = {0};

    set_descriptor_limit();
    signal(SIGPIPE, SIG_IGN);
    lws_set_log_level(LLL_ERR | LLL_WARN, log_from_lws);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols;
    /* Nothing goes out through this context's own vhost: reading the system's
     * certificates here would cost every start 60 ms. */
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    info.pt_serv_buf_size = LOOP_READ_BYTES + LWS_PRE;
    info.user = loop;
    loop->context = lws_create_context(&info);
    if (loop->context)
        loop->vhost = lws_create_vhost(loop->context, &info);
    if (!loop->vhost) {
        err_set(err, "cannot start the event loop (libwebsockets)");
        loop_free(loop);
        return NULL;
    }
    return loop;
}

struct lws_context *loop_context(struct loop *loop)
{
    return loop->context;
}

void loop_was_busy(struct loop *loop)
{
    if (!loop->busy)
        loop->began_us = clock_mono_us();
    loop->busy = true;
}

const int64_t loop_turn_bounds[LOOP_TURN_BUCKETS] = {100,   500,    1000,
                                                     2000,  5000,   10000,
                                                     25000, 100000, 1000000};

static void count_turn(struct loop *loop)
{
    int64_t took = clock_mono_us() - loop->began_us;
    struct loop_turns *turns = &loop->turns;

    for (size_t i = 0; i < LOOP_TURN_BUCKETS; i++)
        if (took <= loop_turn_bounds[i]) {
            turns->counts[i]++;
            break;
        }
    turns->count++;
    turns->sum_us += took;
    if (took > turns->max_us)
        turns->max_us = took;
}

const struct loop_turns *loop_turns(const struct loop *loop)
{
    return &loop->turns;
}

/* Off, and out of the loop's list: it may outlive the loop. */
static void forget_timer(struct loop_timer *timer)
{
    loop_timer_cancel(timer);
    if (timer->prev)
        timer->prev->next = timer->next;
    else
        /* Whoever calls has seen that there is a loop. */
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        timer->loop->timers = timer->next;
    if (timer->next)
        timer->next->prev = timer->prev;
    timer->prev = timer->next = NULL;
    timer->loop = NULL;
}

static void restore_signals(struct loop *loop)
{
    for (unsigned i = 0; i < loop->signal_count; i++)
        sigaction(loop->signals[i].number, &loop->signals[i].old, NULL);
    if (!loop->signal_fd)
        return;
    loop_unwatch(loop->signal_fd);
    close(signal_pipe[0]);
    close(signal_pipe[1]);
    signal_pipe[0] = signal_pipe[1] = -1;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    restore_signals(loop);
    loop->ending = true;
    while (loop->timers)
        forget_timer(loop->timers);
    if (loop->context)
        lws_context_destroy(loop->context);
    free(loop->wakes);
    free(loop);
}

/* The timer that is due first; NULL when none is set. */
static struct loop_timer *next_timer(const struct loop *loop)
{
    struct loop_timer *next = NULL, *at;

    for (at = loop->timers; at; at = at->next)
        if (at->due_us && (!next || at->due_us < next->due_us))
            next = at;
    return next;
}

/* Timers run after lws, not in it: lws reckons its wait from before their
 * calls, so one that sets a timer would wait once more as long as it took,
 * and what it began would not see the end of the turn until then. */
static void run_timers(struct loop *loop)
{
    int64_t now = clock_mono_us();
    struct loop_timer *timer;

    while ((timer = next_timer(loop)) && timer->due_us <= now) {
        timer->due_us = 0;
        loop_was_busy(loop);
        timer->call(timer->ctx);
    }
}

/* A timer is due: set again at once, lws does not wait. */
static void on_alarm(lws_sorted_usec_list_t *sul)
{
    struct loop *loop = lws_container_of(sul, struct loop, alarm);

    lws_sul_schedule(loop->context, 0, sul, on_alarm, 1);
}

static void set_alarm(struct loop *loop)
{
    const struct loop_timer *timer = next_timer(loop);
    int64_t wait;

    if (!timer) {
        lws_sul_cancel(&loop->alarm);
        return;
    }
    wait = timer->due_us - clock_mono_us(); /* lws takes 0 for "off" */
    lws_sul_schedule(loop->context, 0, &loop->alarm, on_alarm,
                     wait > 0 ? wait : 1);
}

/* lws waits in whole milliseconds and spins for the rest before a timer:
 * when nothing else goes on, that rest is slept instead. */
static void sleep_rest(const struct loop *loop)
{
    const struct loop_timer *timer = next_timer(loop);
    int64_t rest = timer ? timer->due_us - clock_mono_us() : 0;
    struct timespec pause = {0};

    if (rest <= 0 || rest >= 1000)
        return;
    pause.tv_nsec = (long)rest * 1000;
    nanosleep(&pause, NULL);
}

static void want_again(struct loop *loop)
{
    struct loop_fd *watched;

    while ((watched = loop->again)) {
        loop->again = watched->next_again;
        watched->is_again = false;
        loop_fd_want_write(watched);
    }
}

void loop_run(struct loop *loop)
{
    loop->stop = false;
    while (!loop->stop) {
        loop->busy = false;
        set_alarm(loop);
        if (lws_service(loop->context, 0) < 0)
            return;
        want_again(loop);
        run_timers(loop);
        if (loop->turn_end.call)
            loop->turn_end.call(loop->turn_end.ctx);
        if (loop->busy)
            count_turn(loop);
        else
            sleep_rest(loop);
    }
}

void loop_stop(struct loop *loop)
{
    loop->stop = true;
    lws_cancel_service(loop->context);
}

void loop_on_turn_end(struct loop *loop, void (*call)(void *ctx), void *ctx)
{
    loop->turn_end = (struct wake){call, ctx};
}

void loop_on_wake(struct loop *loop, void (*call)(void *ctx), void *ctx)
{
    size_t at = 0;

    while (at < loop->wake_count && loop->wakes[at].call)
        at++;
    if (at == loop->wake_count)
        loop->wakes = xreallocarray(loop->wakes, ++loop->wake_count,
                                    sizeof *loop->wakes);
    loop->wakes[at] = (struct wake){call, ctx};
}

void loop_off_wake(struct loop *loop, void (*call)(void *ctx), void *ctx)
{
    for (size_t i = 0; i < loop->wake_count; i++)
        if (loop->wakes[i].call == call && loop->wakes[i].ctx == ctx)
            loop->wakes[i].call = NULL;
}

void loop_wake(void *loop)
{
    lws_cancel_service(((struct loop *)loop)->context);
}

/* Async-signal-safe; when the pipe is full so many signals wait that one
 * more says nothing new. */
static void catch_signal(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t written = write(signal_pipe[1], &byte, 1);

    (void)written;
    errno = saved;
}

static void dispatch_signals(void *ctx)
{
    struct loop *loop = ctx;
    unsigned char numbers[32];
    ssize_t got = read(signal_pipe[0], numbers, sizeof numbers);

    for (ssize_t i = 0; i < got; i++)
        for (unsigned k = 0; k < loop->signal_count; k++)
            if (loop->signals[k].number == numbers[i])
                loop->signals[k].call(loop->signals[k].ctx, numbers[i]);
}

static bool open_signal_pipe(struct loop *loop, struct err *err)
{
    if (pipe(signal_pipe))
        return err_errno(err, "pipe");
    for (int i = 0; i < 2; i++) {
        fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    }
    loop->signal_fd =
        loop_watch(loop, signal_pipe[0], dispatch_signals, NULL, loop, err);
    return loop->signal_fd;
}

bool loop_on_signal(struct loop *loop, int number,
                    void (*call)(void *ctx, int number), void *ctx,
                    struct err *err)
{
    struct signal_watch *watch = &loop->signals[loop->signal_count];
    struct sigaction action = {.sa_handler = catch_signal,
                               .sa_flags = SA_RESTART};

    if (loop->signal_count == MAX_SIGNALS)
        abort();
    if (!loop->signal_fd && !open_signal_pipe(loop, err))
        return false;
    sigemptyset(&action.sa_mask);
    *watch = (struct signal_watch){.number = number, .call = call, .ctx = ctx};
    if (sigaction(number, &action, &watch->old))
        return err_errno(err, "signal %d", number);
    loop->signal_count++;
    return true;
}

struct loop_fd *loop_watch(struct loop *loop, int fd,
                           void (*readable)(void *ctx),
                           void (*writable)(void *ctx), void *ctx,
                           struct err *err)
{
    struct loop_fd *watched = xcalloc(1, sizeof *watched);
    lws_adopt_desc_t adopt = {.vh = loop->vhost,
                              .type = LWS_ADOPT_RAW_FILE_DESC,
                              .vh_prot_name = protocols[0].name,
                              .opaque = watched};
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    *watched = (struct loop_fd){.loop = loop,
                                .readable = readable,
                                .writable = writable,
                                .ctx = ctx};
    if (copy < 0) {
        free(watched);
        err_errno(err, "cannot watch a descriptor");
        return NULL;
    }
    adopt.fd.filefd = copy;
    watched->wsi = lws_adopt_descriptor_vhost_via_info(&adopt);
    if (!watched->wsi) {
        close(copy);
        free(watched);
        err_set(err, "cannot watch a descriptor: too many are open");
        return NULL;
    }
    if (!readable)
        lws_rx_flow_control(watched->wsi, 0);
    return watched;
}

/* lws waits no longer for a descriptor to take bytes once its call came
 * back: what was asked for in between would be forgotten, so it is asked for
 * at the end of the turn. */
void loop_fd_want_write(struct loop_fd *watched)
{
    struct loop *loop = watched->loop;

    if (loop->current != watched) {
        if (watched->wsi)
            lws_callback_on_writable(watched->wsi);
    } else if (!watched->is_again) {
        watched->is_again = true;
        watched->next_again = loop->again;
        loop->again = watched;
    }
}

bool loop_fd_is_over(const struct loop_fd *watched)
{
    return !watched->wsi;
}

static void forget_again(struct loop_fd *watched)
{
    struct loop_fd **at = &watched->loop->again;

    if (!watched->is_again)
        return;
    while (*at != watched)
        at = &(*at)->next_again;
    *at = watched->next_again;
}

void loop_unwatch(struct loop_fd *watched)
{
    struct loop *loop;

    if (!watched)
        return;
    loop = watched->loop;
    forget_again(watched);
    if (watched->wsi) {
        lws_set_opaque_user_data(watched->wsi, NULL);
        if (loop->current != watched)
            lws_set_timeout(watched->wsi, PENDING_TIMEOUT_CLOSE_SEND,
                            LWS_TO_KILL_SYNC);
    }
    if (loop->current == watched)
        loop->current = NULL;
    free(watched);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*call)(void *ctx),
                                  void *ctx)
{
    struct loop_timer *timer = xcalloc(1, sizeof *timer);

    timer->loop = loop;
    timer->call = call;
    timer->ctx = ctx;
    timer->next = loop->timers;
    if (timer->next)
        timer->next->prev = timer;
    loop->timers = timer;
    return timer;
}

/* Never due at once: what sets itself again lets the turn end. */
void loop_timer_set(struct loop_timer *timer, int64_t delay_us)
{
    timer->due_us = clock_mono_us() + (delay_us > 0 ? delay_us : 1);
    set_alarm(timer->loop);
}

void loop_timer_cancel(struct loop_timer *timer)
{
    timer->due_us = 0;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (!timer)
        return;
    if (timer->loop)
        forget_timer(timer);
    free(timer);
}
